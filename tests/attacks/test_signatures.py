"""Attacks on signed files: what the site says of each, with a file of its own beside it that it calls sound."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.x509 import load_der_x509_certificate
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko_certvalidator import ValidationContext
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.signing import keys
from maturity.signing.authority import issue_leaf, issue_root
from maturity.signing.keys import ClockSetBack, in_force, rotate
from maturity.signing.pades import Signer, prepare_signer
from maturity.signing.stamping import LocalTimeStamper, asn1_certificate, signer_with
from maturity.verification.anchors import anchors_of
from maturity.verification.signatures import SignatureFinding, check_signature
from tests.factories.signing import SITE, a_pdf, a_signer, run, signed_pdf

pytestmark = [pytest.mark.database, pytest.mark.slow]
DAY = timedelta(days=1)
HOST = "maturity.example.cn"


def verdict(session: Session, pdf: bytes, clock: FixedClock) -> SignatureFinding:
    return check_signature(pdf, anchors_of(session), clock.now())


def is_believed(session: Session, pdf: bytes, clock: FixedClock) -> bool:
    found = verdict(session, pdf, clock)
    return found.state == "sound" and found.covers_all


@pytest.fixture
def ours(session: Session, clock: FixedClock) -> bytes:
    """A file of the site's own, which it believes."""
    pdf = signed_pdf(session, clock)
    assert is_believed(session, pdf, clock)
    return pdf


def other_authority(signer: Signer, clock: FixedClock) -> Signer:
    """An authority of the attacker's, named as ours is: it signs, stamps and vouches for itself."""
    root_key, key, stamp_key = (generate_private_key(SECP256R1()) for _ in range(3))
    root = issue_root(root_key, HOST, clock.now())
    made = {"root": root, "root_key": root_key, "name": HOST, "start": clock.now(), "list_url": None}
    leaf, stamps = issue_leaf(key, purpose="document", **made), issue_leaf(stamp_key, purpose="timestamp", **made)
    trusted = [asn1_certificate(root)]
    return replace(
        signer,
        open=lambda: nullcontext(signer_with(key, leaf, root)),
        stamper=lambda: LocalTimeStamper(signer_with(stamp_key, stamps, root), asn1_certificate(stamps).subject, clock),
        context=lambda: ValidationContext(trusted, moment=clock.now(), revocation_mode="soft-fail"),
    )


# Signatures of somebody else


def test_another_authority_of_the_same_name_is_not_ours(
    session: Session, clock: FixedClock, ours: bytes, tmp_path: Path
) -> None:
    forger = other_authority(a_signer(session, clock), clock)
    forged = forger.sign(a_pdf(), reason="Certificate", location="Shanghai")
    found = verdict(session, forged, clock)
    assert found.signer == verdict(session, ours, clock).signer, "the name is the same"
    assert (found.state, found.is_stamped) == ("foreign", False)
    path = tmp_path / "forged.pdf"
    path.write_bytes(forged)
    said = run("pdfsig", "-no-ocsp", path)
    assert "Signature is Valid." in said, "the mathematics holds, and that is all"
    assert "Certificate is Trusted." not in said


def test_an_ended_certificate_signs_nothing_that_is_believed_whatever_the_attackers_stamps_say(
    session: Session, clock: FixedClock, ours: bytes
) -> None:
    """The key of an old certificate came into other hands, with stamps of the attacker's that date it back."""
    stolen = a_signer(session, clock)
    forged = replace(stolen, stamper=other_authority(stolen, clock).stamper)
    everybody = [*stolen.context().path_builder.trust_manager.iter_certs()]
    lenient = replace(
        forged,
        context=lambda: ValidationContext(
            [*everybody, *(one for one in forged.stamper()._signer.cert_registry)],
            moment=clock.now(),
            revocation_mode="soft-fail",
        ),
    )
    pdf = lenient.sign(a_pdf(), reason="Certificate", location="Shanghai")
    clock.at += timedelta(days=4 * 365)
    found = verdict(session, pdf, clock)
    assert (found.state, found.is_stamped) == ("foreign", False)
    assert is_believed(session, ours, clock), "the stamps of our own carry ours"


def test_a_time_stamp_authority_signs_no_certificates(session: Session, clock: FixedClock, ours: bytes) -> None:
    """Ours cannot, for its certificate says what it is for."""
    stamps = keys.file_key(session, "timestamp", clock, SITE)
    signer = signer_with(stamps.key, stamps.certificate, stamps.root)
    forged = replace(a_signer(session, clock), open=lambda: nullcontext(signer)).sign(a_pdf(), reason="", location="")
    assert verdict(session, forged, clock).state == "foreign"


def test_an_outside_time_stamp_authority_is_believed_about_the_time_alone(
    session: Session, clock: FixedClock, ours: bytes
) -> None:
    """Its certificate is published, so that its stamps can be checked; it signs whatever anybody sends."""
    forger = other_authority(a_signer(session, clock), clock)
    with forger.open() as signer:
        held: Any = signer.signing_cert
    certificate = load_der_x509_certificate(held.dump())
    keys.adopt(session, "timestamp", "remote", certificate, clock)
    forged = forger.sign(a_pdf(), reason="Certificate", location="Shanghai")
    assert verdict(session, forged, clock).state == "foreign"
    assert is_believed(session, ours, clock)


# Changed after it was signed


def change_a_page(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    stream = generic.StreamObject(stream_data=b"q 0 0 0 rg 0 0 500 500 re f Q")
    writer.add_stream_to_page(0, writer.add_object(stream))
    return _written(writer)


def add_an_annotation(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    name = generic.pdf_name
    note = {
        name("/Type"): name("/Annot"),
        name("/Subtype"): name("/FreeText"),
        name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (10, 10, 300, 300))),
        name("/Contents"): generic.pdf_string("5"),
    }
    page["/Annots"].append(writer.add_object(generic.DictionaryObject(note)))
    writer.update_container(page["/Annots"])
    return _written(writer)


def add_an_attachment(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    names = generic.DictionaryObject({generic.pdf_name("/EmbeddedFiles"): generic.DictionaryObject()})
    writer.root["/Names"] = writer.add_object(names)
    writer.update_root()
    return _written(writer)


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def make_it_anew(pdf: bytes) -> bytes:
    """Opened and saved by another program, which keeps the signature's field."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        opened.save(out)
    return out.getvalue()


@pytest.mark.parametrize("change", [change_a_page, add_an_annotation, add_an_attachment, make_it_anew])
def test_what_was_changed_after_it_was_signed_is_not_believed(
    session: Session, clock: FixedClock, ours: bytes, change: Callable[[bytes], bytes]
) -> None:
    changed = change(ours)
    assert changed != ours
    assert PdfFileReader(BytesIO(changed), strict=False).embedded_regular_signatures, "the signature is still there"
    assert not is_believed(session, changed, clock)


@pytest.mark.parametrize("part", range(12))
def test_no_byte_can_be_flipped(session: Session, clock: FixedClock, ours: bytes, part: int) -> None:
    """Bytes all over what the signature covers; those of the signature itself are another matter."""
    first, length, second, rest = PdfFileReader(BytesIO(ours)).embedded_regular_signatures[0].byte_range
    covered = [*range(first + 20, first + length), *range(second, second + rest)]
    place = covered[len(covered) * part // 12]
    flipped = ours[:place] + bytes([ours[place] ^ 1]) + ours[place + 1 :]
    assert not is_believed(session, flipped, clock)


# A signature from elsewhere


def contents_of(pdf: bytes) -> tuple[int, int]:
    """Where the signature stands in the file, in hexadecimal."""
    first, length, second, _rest = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures[0].byte_range
    return first + length, second


def test_a_signature_of_another_file_does_not_fit(session: Session, clock: FixedClock, ours: bytes) -> None:
    other = signed_pdf(session, clock, "评估证书 Certificat5")
    (from_, to), (start, end) = contents_of(ours), contents_of(other)
    taken = ours[from_:to]
    assert len(taken) <= end - start + 64
    padded = taken[:-1].ljust(end - start - 1, b"0")[: end - start - 1] + b">"
    transplanted = other[:start] + padded + other[end:]
    assert len(transplanted) == len(other)
    assert verdict(session, transplanted, clock).state == "broken"


def test_what_was_added_to_one_file_by_signing_does_not_sign_another(
    session: Session, clock: FixedClock, ours: bytes
) -> None:
    added = ours[len(a_pdf()) :]
    assert not is_believed(session, a_pdf("评估证书 Level 5") + added, clock)


def test_the_stamp_of_an_older_signature_proves_nothing_of_a_newer_one(session: Session, clock: FixedClock) -> None:
    """Dating back: the stamp of a file of last year is put into one of today."""
    last_year = signed_pdf(session, clock)
    clock.at += 300 * DAY
    today = signed_pdf(session, clock, "today")
    signature = PdfFileReader(BytesIO(today)).embedded_regular_signatures[0]
    older = PdfFileReader(BytesIO(last_year)).embedded_regular_signatures[0]
    signature.signer_info["unsigned_attrs"] = older.signer_info["unsigned_attrs"]
    forged = cms.ContentInfo({"content_type": "signed_data", "content": signature.signed_data}).dump().hex().encode()
    start, end = contents_of(today)
    assert len(forged) <= end - start - 2
    pdf = today[: start + 1] + forged.ljust(end - start - 2, b"0") + today[end - 1 :]
    found = verdict(session, pdf, clock)
    assert not found.is_stamped
    assert found.signed_at != clock.now() - 300 * DAY


# The clock


def test_with_the_clock_set_back_behind_a_rotation_nobody_signs_with_the_old_key(
    session: Session, clock: FixedClock, ours: bytes
) -> None:
    """Who runs the machine sets its clock back, to date a certificate into the time of the key before."""
    old = in_force(session, "document")
    assert old is not None
    clock.at += 30 * DAY
    for purpose in ("document", "timestamp"):
        rotate(session, purpose, clock, SITE)
    session.commit()
    clock.at -= 20 * DAY
    with pytest.raises(ClockSetBack):
        prepare_signer(session, clock, SITE)
    with pytest.raises(LookupError, match="destroyed"):
        keys._ec_key(session, old.id, clock)
    assert is_believed(session, ours, clock)
