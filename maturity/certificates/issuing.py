"""From a decision to a certificate: its number and what it says are fixed at once, its file is made by a job.

Nothing here knows of cases. Whoever decides hands over what was decided (`ToCertify`); the same hand-over, made again
years later from the stored case, must give the same payload (`payload_again`).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.adaptive.evaluation import period_end
from maturity.adaptive.framework import Framework
from maturity.certificates.atrisk import Proofs, expiries_of, proofs_in, proofs_of
from maturity.certificates.backing import reviewed_in
from maturity.certificates.models import Certificate
from maturity.certificates.numbering import new_number
from maturity.certificates.payload import Dates, Party, Said, Sample, certificate_payload
from maturity.clock import Clock
from maturity.editions.service import canonical, digest, framework_by_hash
from maturity.errors import MaturityError
from maturity.jobs.service import ask_for_job
from maturity.questionnaires.model import Facts
from maturity.questionnaires.values import from_json

#: Kind of job.
ISSUE = "issue_certificate"
_TRIES = 5


@dataclass(frozen=True, kw_only=True)
class ToCertify:
    """What was decided, as values. `document` is the reviewed result, canonical JSON, and `document_sha256` its hash.

    `valid_until` is the last day; `findings` counts them by grade; `assessment_id` finds the evidence that runs out.
    """

    case_id: uuid.UUID
    client_id: uuid.UUID
    body_id: uuid.UUID
    kind: str
    replaces_id: uuid.UUID | None
    assessment_id: uuid.UUID | None
    holder: str
    uscc: str
    industry: str
    region: str
    body_name: str
    body_number: str
    scope: str
    document: str
    document_sha256: str
    submission_sha256: str
    weight_reviewed: Decimal
    sample_rules: str
    seed: str
    findings: Mapping[str, int]
    valid_until: date
    is_synthetic: bool = False
    actor_id: int | None = None

    @cached_property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.document)
        return found

    @property
    def on(self) -> date:
        return period_end(self.result["assessment"]["period"])

    @property
    def judged(self) -> frozenset[str]:
        """The questions whose answers somebody looked at."""
        return frozenset(name for name, verdict in self.result.get("review", {}).get("verdicts", {}).items() if verdict)

    def framework(self, session: Session) -> Framework:
        return framework_by_hash(session, self.result["edition"]["sha256"])

    def facts(self, framework: Framework) -> Facts:
        known = framework.edition.facts
        return {name: from_json(known[name], data) for name, data in self.result["facts"].items()}


def prepare_certificate(session: Session, given: ToCertify, clock: Clock) -> Certificate:
    """The certificate with its number and payload, not yet valid: a job of the body makes the file and logs it.

    It is one transaction with the decision, so that there is no certified case without its certificate.
    """
    replaced = session.get(Certificate, given.replaces_id) if given.replaces_id else None
    dates = Dates(clock.today(), given.valid_until, replaced.first_issued_on if replaced else clock.today())
    proofs = proofs_of(session, given.client_id, given.assessment_id)
    certificate = _added(session, given, dates, replaced, proofs, clock)
    asked = {"certificate_id": str(certificate.id)}
    ask_for_job(session, given.body_id, ISSUE, str(certificate.id), asked, actor_id=given.actor_id, clock=clock)
    return certificate


def _added(
    session: Session, given: ToCertify, dates: Dates, replaced: Certificate | None, proofs: Proofs, clock: Clock
) -> Certificate:
    """The row under a number that nobody has: drawn again in the one case in 2^70 that it was taken."""
    for _ in range(_TRIES):
        number = new_number()
        if session.scalar(select(Certificate.id).where(Certificate.number == number)) is not None:
            continue
        payload = payload_of(session, given, number, replaced.number if replaced else None, dates, proofs)
        certificate = _row(given, payload, dates, clock)
        try:
            with session.begin_nested():
                session.add(certificate)
        except IntegrityError:
            if session.scalar(select(Certificate.id).where(Certificate.number == number)) is None:
                raise  # it was not the number: this case has a certificate already
            continue
        return certificate
    raise RuntimeError("no free number was drawn")


def payload_of(
    session: Session, given: ToCertify, number: str, replaces: str | None, dates: Dates, proofs: Proofs
) -> dict[str, Any]:
    """What the certificate says: from what was decided, the edition, its number and dates, and evidence that ends."""
    framework, result = given.framework(session), given.result
    profile, facts = result["profile"], given.facts(framework)
    said = Said(
        number=number,
        kind=given.kind,
        replaces=replaces,
        holder=Party(given.holder, given.uscc),
        body=Party(given.body_name, given.body_number),
        scope=given.scope,
        dates=dates,
        submission_sha256=given.submission_sha256,
        reviewed_sha256=given.document_sha256,
        weight_reviewed=given.weight_reviewed,
        reviewed_in=reviewed_in(framework, profile, facts, given.on, given.judged),
        sample=Sample(given.sample_rules, given.seed),
        findings=given.findings,
        expiries=expiries_of(framework, profile, facts, given.on, proofs, dates.valid_until),
        is_demonstration=given.is_synthetic,
    )
    return certificate_payload(framework, result, said)


def _row(given: ToCertify, payload: Mapping[str, Any], dates: Dates, clock: Clock) -> Certificate:
    content = canonical(payload)
    return Certificate(
        id=uuid.uuid4(),
        number=payload["number"],
        client_id=given.client_id,
        body_id=given.body_id,
        case_id=given.case_id,
        is_synthetic=given.is_synthetic,
        status="issuing",
        status_since=clock.now(),
        payload=content.decode(),
        payload_sha256=digest(content),
        replaces_id=given.replaces_id,
        issued_on=dates.issued_on,
        valid_until=dates.valid_until,
        first_issued_on=dates.first_issued_on,
        industry=given.industry,
        region=given.region,
        shows=[],
        **columns_of(payload),
    )


def columns_of(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What the table repeats of the payload, so that registers need not read it."""
    return {
        "holder": payload["holder"]["name"],
        "uscc": payload["holder"]["uscc"],
        "body_name": payload["body"]["name"],
        "framework": payload["framework"]["id"],
        "edition": payload["framework"]["edition"],
        "period": payload["period"],
        "level": payload["level"]["number"],
        "score": Decimal(payload["score"]["rounded"]),
    }


# Making it again


def payload_again(session: Session, certificate: Certificate, given: ToCertify) -> bytes:
    """The payload worked out anew from the stored case, canonical; it must be the stored one, byte for byte.

    Taken from the certificate is only what came about with it: number and dates, the number that the body's approval
    had then, and until when evidence was valid. What follows from the days is worked out again.
    """
    stored = json.loads(certificate.payload)
    days = _days(stored)
    proofs = proofs_in(stored["evidence_at_risk"])
    as_then = replace(given, body_number=stored["body"]["number"])
    replaced = session.get(Certificate, certificate.replaces_id) if certificate.replaces_id else None
    number = replaced.number if replaced else None
    return canonical(payload_of(session, as_then, certificate.number, number, Dates(**days), proofs))


def _days(payload: Mapping[str, Any]) -> dict[str, date]:
    return {name: date.fromisoformat(text) for name, text in payload["dates"].items()}


def differences(session: Session, certificate: Certificate, given: ToCertify) -> Iterable[str]:
    """What of a stored certificate does not follow from its case or does not fit together: hash, payload, columns.

    Whatever cannot even be read has been changed, too.
    """
    stored = certificate.payload.encode()
    if digest(stored) != certificate.payload_sha256:
        yield "hash"
    try:
        if payload_again(session, certificate, given) != stored:
            yield "payload"
        payload = json.loads(stored)
        repeated = columns_of(payload) | {"number": payload["number"]} | _days(payload)
        if any(getattr(certificate, name) != value for name, value in repeated.items()):
            yield "columns"
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, MaturityError):
        yield "unreadable"
