"""Keys of an operator's own sign as ours do: from a file, from a security module, stamped by somebody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import ocsp
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext
from sqlalchemy.orm import Session

from maturity.clock import FixedClock, SystemClock
from maturity.signing.keys import KeyNotHere, in_force, public_keys, rotate
from maturity.signing.pades import NotSigned, prepare_signer
from maturity.verification.anchors import anchors_of
from maturity.verification.signatures import check_signature
from tests.factories.outer_authority import PASSWORD, OuterAuthority
from tests.factories.signing import SITE, a_pdf, a_signer, parts_of, run, signed_pdf
from tests.integration.signing.conftest import PIN, Module

pytestmark = [pytest.mark.database, pytest.mark.slow]
Configure = Callable[..., None]


def store_of(pdf: bytes) -> DocumentSecurityStore:
    found = DocumentSecurityStore.read_dss(PdfFileReader(BytesIO(pdf)))
    assert found is not None
    return found


def holds(session: Session, pdf: bytes) -> bool:
    found = check_signature(pdf, anchors_of(session), SystemClock().now())
    return (found.state, found.covers_all, found.is_stamped) == ("sound", True, True)


# A key in a file


def test_with_a_key_in_a_file_what_proves_it_is_fetched_and_put_into_the_file(
    session: Session, outer: OuterAuthority, configure: Configure
) -> None:
    """Certificates, OCSP, lists and stamps of an authority that is not ours."""
    configure(p12=outer.p12(), p12_password=PASSWORD, chain=outer.chain(), tsa_url=outer.tsa_url)
    pdf = signed_pdf(session, SystemClock())
    store = store_of(pdf)
    assert [one.get_object().data for one in store.ocsps]
    assert store.crls, "the list of the root, for the authority under it and the stamps"
    assert "/outer/ocsp/interm" in outer.asked
    assert holds(session, pdf)
    assert {key.source for key in public_keys(session)} == {"pkcs12", "remote"}


def test_the_answer_of_the_outer_authority_is_what_pyhanko_judges_by(
    session: Session, outer: OuterAuthority, configure: Configure
) -> None:
    """Revocation is required, nothing is fetched, and the root of that authority is all that is trusted."""
    configure(p12=outer.p12(), p12_password=PASSWORD, chain=outer.chain(), tsa_url=outer.tsa_url)
    pdf = signed_pdf(session, SystemClock())
    store = store_of(pdf)
    answers = [ocsp.OCSPResponse.load(one.get_object().data) for one in store.ocsps]
    lists = [one.get_object().data for one in store.crls]
    root = asn1.Certificate.load(outer.certificate("root").public_bytes(Encoding.DER))

    def judged(**known: list[object]) -> bool:
        others = [one.get_object().data for one in store.certs.values()]
        context = ValidationContext(
            [root], other_certs=map(asn1.Certificate.load, others), revocation_mode="require", **known
        )
        signature = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures[0]
        return bool(validate_pdf_signature(signature, context, context).bottom_line)

    assert judged(ocsps=answers, crls=lists)
    assert not judged(ocsps=[], crls=lists), "without the answer nobody knows whether the signer was revoked"


def test_with_a_key_in_a_file_our_own_authority_stamps_the_time(
    session: Session, outer: OuterAuthority, configure: Configure
) -> None:
    configure(p12=outer.p12(), p12_password=PASSWORD, chain=outer.chain())
    assert holds(session, signed_pdf(session, SystemClock()))
    assert {key.purpose: key.source for key in public_keys(session)} == {
        "document": "pkcs12",
        "timestamp": "embedded",
        "root": "embedded",
    }


def test_our_own_key_may_be_stamped_by_somebody_else(
    session: Session, outer: OuterAuthority, configure: Configure
) -> None:
    configure(chain=outer.chain(), tsa_url=outer.tsa_url)
    assert holds(session, signed_pdf(session, SystemClock()))


def test_only_the_configured_signer_is_believed_and_not_everybody_its_authority_knows(
    session: Session, outer: OuterAuthority, configure: Configure
) -> None:
    configure(p12=outer.p12(), p12_password=PASSWORD, chain=outer.chain())
    signed_pdf(session, SystemClock())
    trusted = {one.subject.native["common_name"] for one in anchors_of(session).trusted}
    assert "Outer root" not in trusted
    assert "Outer signer" in trusted


def test_going_over_to_a_configured_key_and_back_invalidates_nothing(
    session: Session, outer: OuterAuthority, configure: Configure
) -> None:
    first = signed_pdf(session, SystemClock())
    configure(p12=outer.p12(), p12_password=PASSWORD, chain=outer.chain())
    second = signed_pdf(session, SystemClock())
    configure()
    with pytest.raises(KeyNotHere, match="not configured"):
        prepare_signer(session, SystemClock(), SITE)
    rotate(session, "document", SystemClock(), SITE)
    third = signed_pdf(session, SystemClock())
    configure(p12=outer.p12(), p12_password=PASSWORD, chain=outer.chain())
    fourth = signed_pdf(session, SystemClock())
    assert all(holds(session, pdf) for pdf in (first, second, third, fourth))
    assert len(public_keys(session, "document")) == 3, "the key that came back is the same"


def test_a_wrong_password_names_the_setting_and_not_the_password(
    session: Session, outer: OuterAuthority, configure: Configure
) -> None:
    configure(p12=outer.p12(), p12_password="another one")
    with pytest.raises(KeyNotHere, match="MATURITY_SIGNING_P12") as found:
        prepare_signer(session, SystemClock(), SITE)
    assert "another one" not in str(found.value)


def test_an_authority_that_does_not_answer_signs_nothing(
    session: Session, outer: OuterAuthority, configure: Configure
) -> None:
    configure(chain=outer.chain(), tsa_url=f"{outer.url}/outer/tsa/nobody")
    with pytest.raises(KeyNotHere, match="MATURITY_SIGNING_TSA"):
        prepare_signer(session, SystemClock(), SITE)


def test_without_the_answers_that_its_certificate_names_nothing_is_signed(
    session: Session, outer: OuterAuthority, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(p12=outer.p12(), p12_password=PASSWORD, chain=outer.chain())
    signer = a_signer(session, SystemClock())

    def refuse(*_asked: object, **_settings: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr("requests.Session.request", refuse)
    monkeypatch.setattr("requests.sessions.Session.send", refuse)
    with pytest.raises(NotSigned):
        signer.sign(a_pdf(), reason="Certificate", location="Shanghai")


# A key in a security module


@pytest.mark.parametrize("label", ["curve", "rsa"])
def test_a_key_in_a_security_module_signs_without_leaving_it(
    session: Session, module: Module, configure: Configure, tmp_path: Path, label: str
) -> None:
    module.make_key(label)
    configure(**module.settings(label))
    pdf = signed_pdf(session, SystemClock())
    assert holds(session, pdf)
    row = in_force(session, "document")
    assert row is not None
    assert row.source == "pkcs11"
    signature, covered = parts_of(pdf, tmp_path)
    root = tmp_path / "root.pem"
    root.write_bytes(module.root.public_bytes(Encoding.PEM))
    signed = ("-inform", "DER", "-binary", "-in", signature, "-content", covered, "-out", "/dev/null")
    said = run("openssl", "cms", "-verify", "-purpose", "any", *signed, "-CAfile", root)
    assert "CMS Verification successful" in said
    path = tmp_path / "signed.pdf"
    path.write_bytes(pdf)
    assert "Signature is Valid." in run("pdfsig", "-nocert", path)


@pytest.mark.parametrize(("wrong", "value"), [("pkcs11_pin", "0000"), ("pkcs11_key", "nobody"), ("pkcs11_token", "no")])
def test_a_module_that_refuses_names_the_setting(
    session: Session, module: Module, configure: Configure, wrong: str, value: str
) -> None:
    configure(**(module.settings("curve") | {wrong: value}))
    with pytest.raises(KeyNotHere, match="MATURITY_SIGNING_PKCS11_MODULE") as found:
        prepare_signer(session, SystemClock(), SITE)
    assert PIN not in str(found.value)


def test_a_file_of_a_module_outlives_its_certificate(session: Session, module: Module, configure: Configure) -> None:
    module.make_key("later")
    configure(**module.settings("later"))
    clock = FixedClock(SystemClock().now())
    pdf = signed_pdf(session, clock)
    assert check_signature(pdf, anchors_of(session), clock.now() + timedelta(days=4000)).state == "sound"
