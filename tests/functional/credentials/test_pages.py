"""A certificate as a credential: what the holder hands on, what others check, and the lists everybody reads."""

from __future__ import annotations

import base64
import html
import json
import re
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier
from sqlalchemy.orm import Session

from maturity.certificates.models import Certificate
from maturity.clock import FixedClock
from maturity.credentials.models import Credential, CredentialPlace
from maturity.credentials.service import credential_for
from tests.factories.credentials import SITE, make_credential
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in

pytestmark = pytest.mark.database


@dataclass(frozen=True, slots=True)
class Held:
    tenant_id: uuid.UUID
    certificate_id: uuid.UUID
    owner: FlaskClient
    viewer: FlaskClient

    @property
    def page(self) -> str:
        return f"/t/{self.tenant_id}/certificates/{self.certificate_id}/credential"


@pytest.fixture
def held(app: Any, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Held:
    """A certificate, its owner and somebody who only looks, on a site with an address."""
    monkeypatch.setitem(app.config, "SITE_URL", SITE)
    owner, viewer = make_user(session), make_user(session)
    tenant = make_enterprise(session, owner, clock)
    add_member(session, tenant, viewer, "viewer", clock)
    certificate = make_credential(session, tenant, clock)
    found = tenant.id, certificate.id
    session.commit()
    clients = app.test_client(), app.test_client()
    for client, user in zip(clients, (owner, viewer), strict=True):
        sign_in(client, user)
    return Held(*found, *clients)


def presentation_of(page: str) -> str:
    found = re.search(r'id="credential-text"[^>]*>([^<]+)<', page)
    assert found is not None, page
    return html.unescape(found[1])


def text_of(response: Any) -> str:
    return str(response.get_data(as_text=True))


def check(app: Any, credential: str) -> Any:
    return app.test_client().post("/verify/credential", data={"credential": credential})


def test_the_level_is_shown_and_the_scores_are_hidden(app: Any, held: Held) -> None:
    page = text_of(held.owner.post(held.page, data={}))
    seen = text_of(check(app, presentation_of(page)))
    assert "真实有效" in seen
    assert not [hidden for hidden in ("71.25", "68.10", "91370200", "精工机床", "LH-") if hidden in seen]


def test_what_was_ticked_is_shown(app: Any, held: Held) -> None:
    page = text_of(held.owner.post(held.page, data={"shown": ["score", "holder"], "dimensions": ["S"]}))
    seen = text_of(check(app, presentation_of(page)))
    assert all(shown in seen for shown in ("71.25", "精工机床", "80.00"))
    assert not [hidden for hidden in ("68.10", "91370200", "LH-") if hidden in seen]


def test_an_unknown_choice_makes_no_credential(held: Held) -> None:
    response = held.owner.post(held.page, data={"shown": ["everything"]})
    assert response.status_code == 422
    assert "credential-text" not in text_of(response)


@pytest.mark.parametrize(
    ("status", "said"), [("valid", ""), ("suspended", "is suspended,"), ("withdrawn", "holds no longer,")]
)
def test_the_holder_is_told_what_a_credential_of_it_says(session: Session, held: Held, status: str, said: str) -> None:
    session.get_one(Certificate, held.certificate_id).status = status
    session.commit()
    page = held.owner.get(held.page).get_data(as_text=True)
    assert [text for text in ("is suspended,", "holds no longer,") if text in page] == ([said] if said else [])


def test_who_only_looks_hands_nothing_on(held: Held) -> None:
    assert held.viewer.get(held.page).status_code == 200
    assert held.viewer.post(held.page, data={}).status_code == 403
    assert held.viewer.get(f"{held.page}.jwt").mimetype == "application/vc+jwt"


def test_a_certificate_of_others_is_not_there(app: Any, session: Session, clock: FixedClock, held: Held) -> None:
    owner = make_user(session)
    other = make_enterprise(session, owner, clock, name="别家")
    where = other.id
    session.commit()
    client = app.test_client()
    sign_in(client, owner)
    assert client.get(f"/t/{where}/certificates/{held.certificate_id}/credential").status_code == 404
    assert client.get(held.page).status_code == 404


def test_the_badge_is_checked_here(app: Any, held: Held) -> None:
    badge = text_of(held.owner.get(f"{held.page}.jwt"))
    seen = text_of(check(app, badge))
    assert "真实有效" in seen
    assert "精工机床" in seen
    assert "71.25" not in seen


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("suspended", "已暂停"),
        ("withdrawn", "已撤销"),
        ("replaced", "已撤销"),
        ("expired", "到期"),
    ],
)
def test_what_became_of_the_certificate_is_told(app: Any, session: Session, held: Held, status: str, said: str) -> None:
    made = presentation_of(text_of(held.owner.post(held.page, data={})))
    session.get_one(Certificate, held.certificate_id).status = status
    session.commit()
    assert said in text_of(check(app, made))


@pytest.mark.parametrize("typed", ["", "nonsense", "a.b.c", "a.b.c~d~", "x" * 70_000, "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_credential_of_ours_is_refused_in_words(app: Any, held: Held, typed: str) -> None:
    response = check(app, typed)
    assert response.status_code == 422
    assert 'href="#credential"' in text_of(response)


def test_a_changed_credential_is_refused(app: Any, held: Held) -> None:
    made = presentation_of(text_of(held.owner.post(held.page, data={"shown": ["score"]})))
    response = check(app, made.replace(made[80:84], "AAAA", 1))
    assert response.status_code == 422


def test_others_check_the_badge_with_what_we_publish(app: Any, session: Session, held: Held) -> None:
    """Key and status are fetched from the site, as a verifier of somebody else does."""
    visitor = app.test_client()

    def download(url: str) -> bytes:
        assert url.startswith(SITE)
        response = visitor.get(url.removeprefix(SITE))
        assert response.status_code == 200, url
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in response.headers
        return bytes(response.data)

    badge = text_of(held.owner.get(f"{held.page}.jwt"))
    verifier = OB3Verifier.for_issuer_did("did:web:maturity.example", download=download)
    # The clock of the tests stands still at another day: dates are checked in tests/unit/credentials.
    payload = verifier._decode_payload(badge)
    credential = verifier._build_credential(payload)
    verifier.check_status(credential, verify_list=False, download=lambda url: _of_today(download(url)))
    session.get_one(Certificate, held.certificate_id).status = "suspended"
    session.commit()
    with pytest.raises(OB3VerificationError, match="suspension"):
        verifier.check_status(credential, verify_list=False, download=lambda url: _of_today(download(url)))


def _of_today(token: bytes) -> bytes:
    """The list as its bare content without its dates."""
    body = token.split(b".")[1]
    found = json.loads(base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4)))
    for name in ("validFrom", "validUntil", "nbf", "exp"):
        found.pop(name)
    return json.dumps(found).encode()


@pytest.mark.parametrize("address", ["/credentials/status/1/nothing", "/credentials/status/99/revocation"])
def test_a_list_that_is_not_there_is_not_found(app: Any, held: Held, address: str) -> None:
    assert app.test_client().get(address).status_code == 404


def test_places_are_drawn_and_never_shared(session: Session, clock: FixedClock, held: Held, monkeypatch: Any) -> None:
    """Where the lot falls on a place that is taken, it is drawn again."""
    taken = session.get_one(CredentialPlace, held.certificate_id).place
    lots = iter([taken, taken, 5])
    monkeypatch.setattr("maturity.credentials.service.secrets.randbelow", lambda _most: next(lots))
    tenant = make_enterprise(session, make_user(session), clock, name="另一家")
    other = make_credential(session, tenant, clock)
    assert session.get_one(CredentialPlace, other.id).place == 5


def test_a_credential_is_made_once(session: Session, clock: FixedClock, held: Held) -> None:
    before = session.get_one(Credential, held.certificate_id).badge
    certificate = session.get_one(Certificate, held.certificate_id)
    assert credential_for(session, certificate, clock, SITE) == before
