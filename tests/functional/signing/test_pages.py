"""What everybody gets of the keys, and the commands of whoever runs the installation."""

from __future__ import annotations

from contextvars import Context
from typing import Any

import pytest
from click.testing import Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import SigningSettings
from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.signing.keys import in_force, public_keys, rotate
from maturity.signing.models import PURPOSES
from maturity.signing.statements import sign_document
from maturity.tenancy.service import ensure_platform
from maturity.transparency.checking import read_keys
from tests.factories.signing import SITE, a_signer

pytestmark = pytest.mark.database


@pytest.fixture
def made(session: Session, clock: FixedClock) -> dict[str, str]:
    """The name of the key in force of each purpose."""
    for purpose in PURPOSES:
        rotate(session, purpose, clock, SITE)
    found = {key.purpose: key.key_id for key in public_keys(session) if key.is_in_force}
    session.commit()
    return found


def run(app: Any, *arguments: str, **settings: Any) -> Result:
    found: Result = Context().run(app.test_cli_runner().invoke, args=["signing", *arguments], **settings)
    return found


def page_in(app: Any, lang: str) -> str:
    response = app.test_client().get(f"/signing-keys?lang={lang}", follow_redirects=True)
    return str(response.get_data(as_text=True))


@pytest.mark.parametrize(("lang", "said"), [("zh", "还没有密钥"), ("en", "No key yet")])
def test_before_the_first_signature_the_page_says_so(app: Any, lang: str, said: str) -> None:
    assert said in page_in(app, lang)


@pytest.mark.parametrize(("lang", "said"), [("zh", "证书签名"), ("en", "Signatures on certificates")])
def test_the_page_shows_every_key_with_its_state(
    app: Any, session: Session, clock: FixedClock, made: dict[str, str], lang: str, said: str
) -> None:
    old = made["document"]
    rotate(session, "document", clock, SITE)
    session.commit()
    page = page_in(app, lang)
    assert said in page
    assert all(f"<code>{name}</code>" in page for name in {*made.values(), old})
    assert {"zh": "已停用", "en": "Retired"}[lang] in page


def test_the_list_is_what_a_checker_reads_and_any_site_may_read_it(app: Any, made: dict[str, str]) -> None:
    response = app.test_client().get("/signing-keys.json")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.json["format"] == "maturity-signing-keys/1"
    assert {key["key_id"] for key in response.json["keys"]} >= set(made.values())
    assert set(read_keys(response.json)) == {made["log"], made["credential"]}
    assert "PRIVATE" not in response.get_data(as_text=True)


def test_certificates_keys_and_lists_are_downloaded(app: Any, made: dict[str, str]) -> None:
    client = app.test_client()
    root = x509.load_pem_x509_certificate(client.get(f"/signing-keys/{made['root']}.pem").data)
    leaf = x509.load_pem_x509_certificate(client.get(f"/signing-keys/{made['document']}.pem").data)
    leaf.verify_directly_issued_by(root)
    load_pem_public_key(client.get(f"/signing-keys/{made['log']}.pem").data)
    response = client.get(f"/signing-keys/{made['root']}.crl")
    assert response.mimetype == "application/pkix-crl"
    assert x509.load_der_x509_crl(response.data).is_signature_valid(root.public_key())  # type: ignore[arg-type]  # it signs lists


def test_the_certificate_names_the_list_where_it_is_served(app: Any, made: dict[str, str]) -> None:
    client = app.test_client()
    leaf = x509.load_pem_x509_certificate(client.get(f"/signing-keys/{made['document']}.pem").data)
    points = leaf.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    url = points[0].full_name[0].value  # type: ignore[index]  # it has one
    assert client.get(url.removeprefix(SITE)).status_code == 200


@pytest.mark.parametrize("address", ["/signing-keys/0000000000000000.pem", "/signing-keys/0000000000000000.crl"])
def test_an_unknown_key_is_not_there(app: Any, made: dict[str, str], address: str) -> None:
    assert app.test_client().get(address).status_code == 404


def test_only_an_authority_has_a_list(app: Any, made: dict[str, str]) -> None:
    assert app.test_client().get(f"/signing-keys/{made['document']}.crl").status_code == 404


# Commands


def test_the_command_lists_what_the_page_shows(app: Any, made: dict[str, str]) -> None:
    said = run(app, "list").output
    assert all(f"{name} {purpose} embedded" in said for purpose, name in made.items())


def test_the_command_rotates_and_says_so_in_the_operators_log(
    app: Any, session: Session, clock: FixedClock, made: dict[str, str]
) -> None:
    ensure_platform(session, clock)
    session.commit()
    result = run(app, "rotate", "document")
    assert result.exit_code == 0, result.output
    session.rollback()
    row = in_force(session, "document")
    assert row is not None
    assert row.key_id != made["document"]
    event = session.scalars(select(AuditEvent).where(AuditEvent.event == "operation.key_rotated")).one()
    assert event.details == {"key": row.key_id, "purpose": "document"}


def test_the_command_revokes_after_asking(app: Any, session: Session, clock: FixedClock, made: dict[str, str]) -> None:
    ensure_platform(session, clock)
    session.commit()
    assert run(app, "revoke", made["credential"], input="n\n").exit_code == 1
    result = run(app, "revoke", made["credential"], "--yes")
    assert result.exit_code == 0, result.output
    session.rollback()
    revoked = {key.key_id for key in public_keys(session) if key.revoked_at}
    assert revoked == {made["credential"]}
    assert f"{made['credential']} credential embedded" in run(app, "list").output
    assert "revoked" in run(app, "list").output
    sign_document(session, {"n": 1}, clock)
    assert in_force(session, "credential") is not None


def test_the_command_knows_no_such_key(app: Any, made: dict[str, str]) -> None:
    result = run(app, "revoke", "0000000000000000", "--yes")
    assert result.exit_code == 1
    assert "flask signing list" in result.output


def test_a_configured_key_is_not_rotated_by_the_command(
    app: Any, made: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    path = tmp_path / "key.p12"
    path.write_bytes(b"")
    monkeypatch.setitem(app.config, "SIGNING", SigningSettings(p12=path, p12_password="x"))
    result = run(app, "rotate", "document")
    assert result.exit_code == 1
    assert "configured key" in result.output


def test_the_command_says_when_the_configured_key_does_not_answer(
    app: Any, made: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    path = tmp_path / "key.p12"
    path.write_bytes(b"no key")
    monkeypatch.setitem(app.config, "SIGNING", SigningSettings(p12=path, p12_password="x"))
    result = run(app, "list")
    assert result.exit_code == 1
    assert "MATURITY_SIGNING_P12" in result.output


def test_a_signer_made_in_one_transaction_is_published_with_it(app: Any, session: Session, clock: FixedClock) -> None:
    signer = a_signer(session, clock)
    listed = app.test_client().get("/signing-keys.json").json["keys"]
    assert signer.key_id in {key["key_id"] for key in listed}
