"""What the home page of an enterprise says of its certification: what is under way, and what it holds."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from maturity.certificates.models import Certificate
from maturity.certification.cases import cases_of
from maturity.certification.held import STANDING, held_by
from maturity.certification.models import OVER, STATES, CertificationCase
from maturity.certification.shown import Glance, glance_of


@dataclass(frozen=True, slots=True)
class AtHome:
    """Cases under way, and the certificates that stand; each with the month from which its level is at risk."""

    cases: tuple[tuple[CertificationCase, Glance], ...]
    certificates: tuple[tuple[Certificate, str | None], ...]


def at_home(session: Session, tenant_id: uuid.UUID, today: date) -> AtHome:
    running = cases_of(session, tenant_id, [state for state in STATES if state not in OVER])
    standing = [row for row in held_by(session, tenant_id) if row.status in STANDING]
    return AtHome(
        tuple((case, glance_of(case, today)) for case in running),
        tuple((row, at_risk_from(row)) for row in standing),
    )


def at_risk_from(certificate: Certificate) -> str | None:
    """The month, such as 2027-03, from which the certified level rests on evidence that has run out, if on any."""
    months = json.loads(certificate.payload).get("levels_at_risk", ())
    return next((item["from"] for item in months if item["level"] == certificate.level), None)
