"""`flask certificates verify` and `flask rescore --verify`: what was certified comes out again, and what was touched is
named."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.certificates.issuing import payload_again
from maturity.certification.certifying import to_certify
from maturity.certification.models import CertificationBody, CertificationCase
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.editions.service import canonical, digest
from maturity.evidence.models import EvidenceFile, EvidenceLink
from tests.factories.certificates import Issued, make_decided, make_issued, path_in, review
from tests.factories.certification import make_case

pytestmark = pytest.mark.database


@pytest.fixture
def issued(app: Any, session: Session, clock: FixedClock) -> Issued:
    for path in (app.config["DATA_DIR"] / "certificates").rglob("*.pdf"):
        path.unlink()
    return make_issued(app, session, clock)


def case_of(session: Session, issued: Issued) -> CertificationCase:
    return session.get_one(CertificationCase, issued.made.case_id)


def verify(app: Any, *words: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=words or ["certificates", "verify"])
    return done.exit_code, done.output


def test_the_stored_case_gives_the_same_payload(session: Session, issued: Issued) -> None:
    certificate = issued.certificate(session)
    again = payload_again(session, certificate, to_certify(session, case_of(session, issued)))
    assert again == certificate.payload.encode()


def test_it_does_so_when_evidence_and_the_body_have_changed_since(
    app: Any, session: Session, clock: FixedClock, issued: Issued
) -> None:
    certificate, case = issued.certificate(session), case_of(session, issued)
    add_evidence(session, issued, clock, date(2027, 2, 28))
    session.get_one(CertificationBody, case.body_id).number = "CNCA-R-2099-1"
    session.commit()
    assert payload_again(session, certificate, to_certify(session, case)) == certificate.payload.encode()
    session.rollback()
    assert verify(app) == (0, "1 certificates, 0 deviations\n")


def add_evidence(session: Session, issued: Issued, clock: FixedClock, until: date, question: str = "") -> Any:
    """A file that proves an answer until a day."""
    with for_tenant(session, issued.made.client_id):
        case = case_of(session, issued)
        name = question or next(iter(json.loads(case.reviewed_document or "{}")["review"]["verdicts"]))
        file = EvidenceFile(
            tenant_id=case.client_id,
            sha256=digest(name.encode()),
            size=1,
            media_type="application/pdf",
            name="licence.pdf",
            state="clean",
            uploaded_at=clock.now(),
            valid_until=until,
        )
        session.add(file)
        session.flush()
        session.add(
            EvidenceLink(
                tenant_id=case.client_id,
                file_id=file.id,
                assessment_id=case.assessment_id,
                question_id=name,
                linked_at=clock.now(),
            )
        )
        session.flush()
        found = file.id
    session.commit()
    return found


def test_evidence_that_runs_out_stands_in_the_payload_and_comes_out_again(
    app: Any, session: Session, clock: FixedClock
) -> None:
    made = make_case(session, clock, "reviewing")
    review(session, made, clock)
    prepared = Issued(made.case_id, "", made)
    add_evidence(session, prepared, clock, date(2027, 2, 28))
    decided = make_decided(session, clock, made)
    certificate = decided.certificate(session)
    (item,) = json.loads(certificate.payload)["evidence_at_risk"]
    assert item["valid_until"] == "2027-02-28"
    with for_tenant(session, made.client_id):
        session.scalars(select(EvidenceFile)).one().valid_until = date(2028, 2, 28)
        session.flush()
    again = payload_again(session, certificate, to_certify(session, case_of(session, decided)))
    assert again == certificate.payload.encode()


def test_everything_untouched_is_confirmed(app: Any, issued: Issued) -> None:
    assert verify(app) == (0, "1 certificates, 0 deviations\n")
    assert verify(app, "rescore", "--verify") == (
        0,
        "1 submissions, 0 different\n1 reviewed results, 0 different\n",
    )


def test_a_level_raised_in_the_database_is_found(app: Any, session: Session, issued: Issued) -> None:
    issued.certificate(session).level = 4
    session.commit()
    assert verify(app) == (1, f"different: {issued.number} columns\n1 certificates, 1 deviations\n")


def test_a_payload_rewritten_with_its_hash_is_found(app: Any, session: Session, issued: Issued) -> None:
    certificate = issued.certificate(session)
    payload = json.loads(certificate.payload)
    payload["level"]["number"] = 4
    certificate.payload, certificate.level = canonical(payload).decode(), 4
    certificate.payload_sha256 = digest(certificate.payload.encode())
    session.commit()
    status, said = verify(app)
    assert status == 1
    assert f"different: {issued.number} payload" in said
    assert f"says something else: {issued.number}" in said


def test_a_reviewed_result_rewritten_with_everything_that_follows_is_found_by_the_verdicts(
    app: Any, session: Session, issued: Issued
) -> None:
    case = case_of(session, issued)
    document = json.loads(case.reviewed_document or "")
    document["review"]["weight_reviewed"] = "99.00"
    case.reviewed_document, case.weight_reviewed = canonical(document).decode(), Decimal("99.00")
    case.reviewed_sha256 = digest(case.reviewed_document.encode())
    session.commit()
    status, said = verify(app, "rescore", "--verify")
    assert (status, f"different: review of case {case.id}" in said) == (1, True)
    assert verify(app)[0] == 1


@pytest.mark.parametrize("harm", ["lost", "changed"])
def test_a_file_that_is_gone_or_touched_is_found(app: Any, session: Session, issued: Issued, harm: str) -> None:
    path = path_in(app, issued.certificate(session))
    if harm == "lost":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b" ")
    session.rollback()
    assert verify(app) == (1, f"lost or changed: {issued.number}\n1 certificates, 1 deviations\n")


def test_a_file_nobody_issued_is_found(app: Any, session: Session, issued: Issued) -> None:
    other = app.config["DATA_DIR"] / "certificates" / ("0" * 64 + ".pdf")
    other.write_bytes(b"%PDF-")
    try:
        assert verify(app) == (1, f"unknown: {other.name}\n1 certificates, 1 deviations\n")
    finally:
        other.unlink()
