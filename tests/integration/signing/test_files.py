"""A signed file is what PAdES B-LTA asks for, to pyHanko and to programs that are not pyHanko."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from asn1crypto import cms, crl
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer
from sqlalchemy.orm import Session

from maturity.clock import Clock, FixedClock, SystemClock
from maturity.signing import pades
from maturity.signing.keys import list_of, public_keys
from maturity.signing.pades import NotSigned, Signer, prepare_signer
from maturity.signing.published import certificate_pem
from maturity.verification.anchors import anchors_of
from maturity.verification.signatures import Anchors, check_signature
from tests.factories.signing import SITE, a_pdf, a_signer, parts_of, run, signed_pdf

pytestmark = [pytest.mark.database, pytest.mark.slow]
YEAR = timedelta(days=365)


def read(pdf: bytes) -> PdfFileReader:
    return PdfFileReader(BytesIO(pdf))


def judge(pdf: bytes, anchors: Anchors, revocations: bytes, clock: Clock) -> Any:
    """What pyHanko's long-term algorithm says at that moment, without a network and with revocation required."""
    policy = CertValidationPolicySpec(
        SimpleTrustManager.build(trust_roots=list(anchors.trusted)), CertRevTrustPolicy(REQUIRE_REVINFO)
    )
    known = LocalKnowledge(known_crls=[CRLContainer(crl.CertificateList.load(revocations))])
    offline = RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY)
    spec = PdfSignatureValidationSpec(
        SignatureValidationSpec(policy, revinfo_gathering_policy=offline, local_knowledge=known)
    )
    at = ValidationTimingInfo(clock.now(), best_signature_time=clock.now(), point_in_time_validation=True)
    signature = read(pdf).embedded_regular_signatures[0]
    return asyncio.run(ades_lta_validation(signature, spec, at))


def a_plain_signature(signer: Signer) -> bytes:
    """With the same key, and neither stamps nor anything else that lasts."""
    asked = signers.PdfSignatureMetadata(
        field_name="Signature", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256"
    )
    with signer.open() as key:
        signing = pades._PdfSigner(asked, key)
        signing.clock = signer.clock
        made: bytes = signing.sign_pdf(IncrementalPdfFileWriter(BytesIO(a_pdf()))).getvalue()
    return made


def root_pem(session: Session, folder: Path) -> Path:
    path = folder / "root.pem"
    path.write_text(certificate_pem(public_keys(session, "root")[0]) or "")
    return path


def test_it_is_a_certification_signature_that_allows_no_change(session: Session, clock: FixedClock) -> None:
    reader = read(signed_pdf(session, clock))
    assert [one.field_name for one in reader.embedded_signatures] == ["Signature", "Timestamp"]
    signature = reader.embedded_regular_signatures[0]
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.docmdp_level == MDPPerm.NO_CHANGES


def test_what_proves_the_certificates_is_in_the_file_under_the_last_stamp(session: Session, clock: FixedClock) -> None:
    pdf = signed_pdf(session, clock)
    store = DocumentSecurityStore.read_dss(read(pdf))
    assert len(store.crls) == 1
    assert len(store.certs) == 3, "authority, documents, time stamps"
    first, _length, second, rest = read(pdf).embedded_timestamp_signatures[0].byte_range
    assert (first, second + rest) == (0, len(pdf))


@pytest.mark.parametrize("years", [0, 2, 5, 10])
def test_long_after_the_certificate_pyhanko_calls_it_valid(session: Session, clock: FixedClock, years: int) -> None:
    """By the algorithm of ETSI EN 319 102-1, 5.6.3: known are the authority and its list of that day, no more."""
    pdf, signed_at = signed_pdf(session, clock), clock.now()
    clock.at += years * YEAR
    found = judge(pdf, anchors_of(session), list_of(session, public_keys(session, "root")[0].key_id, clock), clock)
    assert found.ades_subindic == AdESPassed.OK, found.failure_msg
    assert found.best_signature_time == signed_at
    assert found.oldest_evidence_record_timestamp == signed_at


def test_without_a_time_stamp_the_end_of_the_certificate_is_the_end(session: Session, clock: FixedClock) -> None:
    """It is the stamps that carry a file over that day."""
    plain, stamped = a_plain_signature(a_signer(session, clock)), signed_pdf(session, clock)
    assert [check_signature(pdf, anchors_of(session), clock.now()).state for pdf in (plain, stamped)] == ["sound"] * 2
    clock.at += 4 * YEAR
    found = [check_signature(pdf, anchors_of(session), clock.now()).state for pdf in (plain, stamped)]
    assert found == ["foreign", "sound"]


def test_the_signed_file_is_what_it_was_and_no_pdf_2(session: Session, clock: FixedClock, tmp_path: Path) -> None:
    pdf, path = signed_pdf(session, clock), tmp_path / "signed.pdf"
    path.write_bytes(pdf)
    assert pdf.startswith(a_pdf()), "the signature is added to the file, and no byte of it is moved"
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", path)
    with pikepdf.open(path) as opened, opened.open_metadata() as metadata:
        assert metadata.pdfa_status == "3A"
        assert opened.pdf_version == "1.7"
        assert "/Version" not in opened.Root
        widget = opened.pages[0].Annots[0]
        assert int(widget.F) & 4, "PDF/A: an annotation is printed"
        assert not int(widget.F) & 2, "PDF/A: an annotation is not hidden"


def test_poppler_calls_the_signature_valid_and_trusts_our_authority(session: Session, tmp_path: Path) -> None:
    """By the machine's clock, which poppler looks at."""
    path, store = tmp_path / "signed.pdf", f"sql:{tmp_path}"
    path.write_bytes(signed_pdf(session, SystemClock()))
    run("certutil", "-N", "-d", store, "--empty-password")
    unknown = run("pdfsig", "-no-ocsp", "-nssdir", store, path)
    assert "Signature is Valid." in unknown
    assert "Certificate is Trusted." not in unknown
    run("certutil", "-A", "-d", store, "-n", "authority", "-t", "C,C,C", "-i", root_pem(session, tmp_path))
    known = run("pdfsig", "-no-ocsp", "-nssdir", store, path)
    assert "Certificate is Trusted." in known
    assert "ETSI.CAdES.detached" in known
    assert "Total document signed" in known.partition("Signature #2")[2]


def test_openssl_verifies_the_signature_and_both_time_stamps(
    session: Session, clock: FixedClock, tmp_path: Path
) -> None:
    pdf = signed_pdf(session, clock)
    trusted = ("-CAfile", root_pem(session, tmp_path), "-attime", int(clock.now().timestamp()) + 60)
    signature, covered = parts_of(pdf, tmp_path, 0)
    signed = ("-inform", "DER", "-binary", "-in", signature, "-content", covered, "-out", "/dev/null")
    assert "CMS Verification successful" in run("openssl", "cms", "-verify", "-purpose", "any", *signed, *trusted)
    signer = cms.ContentInfo.load(signature.read_bytes())["content"]["signer_infos"][0]
    stamp = tmp_path / "stamp.der"
    stamp.write_bytes(signer["unsigned_attrs"][0]["values"][0].dump())
    over = tmp_path / "signature.bin"
    over.write_bytes(signer["signature"].native)
    assert "OK" in run("openssl", "ts", "-verify", "-token_in", "-in", stamp, "-data", over, *trusted)
    last, all_of_it = parts_of(pdf, tmp_path, 1)
    assert "OK" in run("openssl", "ts", "-verify", "-token_in", "-in", last, "-data", all_of_it, *trusted)


def test_signing_needs_no_database(session: Session, clock: FixedClock) -> None:
    signer = a_signer(session, clock)
    session.close()
    pdf = signer.sign(a_pdf(), reason="Certificate", location="Shanghai", name="Somebody")
    assert read(pdf).embedded_regular_signatures[0].sig_object["/Name"] == "Somebody"


def test_what_cannot_be_signed_says_so(session: Session, clock: FixedClock) -> None:
    with pytest.raises(NotSigned):
        a_signer(session, clock).sign(b"no PDF at all", reason="Certificate", location="Shanghai")


def test_a_file_of_an_ended_certificate_is_sound_and_the_next_one_has_a_new_key(
    session: Session, clock: FixedClock
) -> None:
    old = signed_pdf(session, clock)
    key = prepare_signer(session, clock, SITE).key_id
    clock.at += 4 * YEAR
    new = signed_pdf(session, clock)
    assert prepare_signer(session, clock, SITE).key_id != key
    for pdf in (old, new):
        found: Any = check_signature(pdf, anchors_of(session), clock.now())
        assert (found.state, found.covers_all, found.is_stamped) == ("sound", True, True)
