"""What verification says of a certificate: how it stands, since when, and what its holder agreed to show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.certificates.models import Certificate, CertificateEvent
from maturity.certification.bodies import body_of
from maturity.clock import LOCAL, Clock
from maturity.credentials.service import framework_named
from maturity.questionnaires.model import Text
from maturity.verification.comparing import Comparison
from maturity.verification.signatures import SignatureFinding

OUTCOMES = ("valid", "suspended", "withdrawn", "expired", "replaced", "altered", "unknown")
#: What a holder may let verification show beside level and dates.
SHOWN = ("score", "dimensions", "scope")
#: Why nothing is known: it cannot be a number; a character is wrong; no such number, or no file of ours.
PROBLEMS = ("malformed", "check_character", "not_found")


@dataclass(frozen=True, slots=True)
class Head:
    """The signed head of the transparency log at the time of a statement."""

    size: int
    root: str
    at: datetime


@dataclass(frozen=True, slots=True)
class IssuingBody:
    """Who certified, and how its own recognition stands today."""

    name: str
    number: str | None
    standing: str  # recognised, suspended, withdrawn, ended, unlisted
    until: date | None


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a certificate, and where the log has it."""

    kind: str
    reason: str | None
    at: datetime
    leaf: int


@dataclass(frozen=True, slots=True)
class Told:
    """A certificate as far as whoever has its number may know it. What the holder does not show is None."""

    number: str
    is_synthetic: bool
    status: str
    since: datetime
    reason: str | None
    holder: str
    uscc: str
    framework: str
    framework_title: Text
    edition: str
    period: int
    level: int
    level_title: Text
    issued_on: date
    valid_until: date
    first_issued_on: date
    reviewed: Decimal | None
    body: IssuingBody
    payload_sha256: str
    file_sha256: str | None
    history: tuple[Happening, ...]
    score: Decimal | None = None
    dimensions: Mapping[str, tuple[Text, str]] | None = None
    scope: str | None = None

    @property
    def declared(self) -> Decimal | None:
        return None if self.reviewed is None else 100 - self.reviewed


@dataclass(frozen=True, slots=True)
class FileFinding:
    """What became of an uploaded file. `kind`: identical, altered, unknown."""

    kind: str
    sha256: str
    size: int
    signature: SignatureFinding
    comparison: Comparison | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One answer: the outcome, as of when, and what it rests on."""

    outcome: str
    checked_at: datetime
    head: Head | None
    asked: str = ""
    problem: str | None = None
    told: Told | None = None
    file: FileFinding | None = None


def standing_of(certificate: Certificate, today: date) -> tuple[str, datetime]:
    """The status and since when; one whose last day is over has expired, even before the clock has written it down."""
    if certificate.status in ("valid", "suspended") and certificate.valid_until < today:
        after = datetime.fromordinal(certificate.valid_until.toordinal() + 1)
        return "expired", after.replace(tzinfo=LOCAL)
    return certificate.status, certificate.status_since


def tell(session: Session, certificate: Certificate, clock: Clock) -> Told:
    """What may be told of a certificate."""
    status, since = standing_of(certificate, clock.today())
    framework = framework_named(session, certificate.framework, certificate.edition)
    payload = json.loads(certificate.payload)
    shown = _shown(certificate, payload, framework)
    return Told(
        number=certificate.number,
        is_synthetic=certificate.is_synthetic,
        status=status,
        since=since,
        reason=certificate.status_reason if status == certificate.status else None,
        holder=certificate.holder,
        uscc=certificate.uscc,
        framework=certificate.framework,
        framework_title=framework.edition.title,
        edition=certificate.edition,
        period=certificate.period,
        level=certificate.level,
        level_title=framework.level_title(certificate.level),
        issued_on=certificate.issued_on,
        valid_until=certificate.valid_until,
        first_issued_on=certificate.first_issued_on,
        reviewed=reviewed_share(payload),
        body=_body(session, certificate, clock.today()),
        payload_sha256=certificate.payload_sha256,
        file_sha256=certificate.pdf_sha256,
        history=_history(session, certificate),
        **shown,
    )


def _shown(certificate: Certificate, payload: Mapping[str, Any], framework: Any) -> dict[str, Any]:
    """Of score, dimensions and scope those to which the holder agreed."""
    shown: dict[str, Any] = {}
    if "score" in certificate.shows:
        shown["score"] = certificate.score
    if "dimensions" in certificate.shows:
        found = payload.get("score", {}).get("dimensions", {})
        shown["dimensions"] = {name: (framework.title(name), str(one["rounded"])) for name, one in found.items()}
    if "scope" in certificate.shows:
        shown["scope"] = str(payload.get("scope") or "")
    return shown


def reviewed_share(payload: Mapping[str, Any]) -> Decimal | None:
    """Percent of the weight that reviewers looked at; the holder alone stands behind the rest."""
    found = payload.get("weight", {}).get("reviewed_percent")
    return None if found is None else Decimal(str(found))


def _body(session: Session, certificate: Certificate, today: date) -> IssuingBody:
    body = body_of(session, certificate.body_id)
    if body is None:
        return IssuingBody(certificate.body_name, None, "unlisted", None)
    standing = "ended" if body.status == "recognised" and body.until < today else body.status
    return IssuingBody(certificate.body_name, body.number, standing, body.until)


def _history(session: Session, certificate: Certificate) -> tuple[Happening, ...]:
    """What happened, the latest first. A surveillance that was passed is no business of whoever verifies."""
    row = CertificateEvent
    query = select(row.kind, row.reason, row.at, row.leaf).where(row.certificate_id == certificate.id)
    found = session.execute(query.order_by(row.at.desc(), row.leaf.desc())).all()
    return tuple(Happening(*one) for one in found)
