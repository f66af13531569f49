"""Certificates with their credentials, without the way that leads to them."""

from __future__ import annotations

import json
import secrets
import uuid
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from maturity.certificates.models import Certificate
from maturity.clock import FixedClock
from maturity.credentials.service import credential_for
from maturity.tenancy.models import Tenant

SITE = "https://maturity.example"
SCORES = {"B": "68.10", "S": "80.00", "G": "55.40"}


def certificate_row(tenant: Tenant, body_id: uuid.UUID, clock: FixedClock, status: str = "valid") -> Certificate:
    """A row as issuing leaves it, as far as credentials look at it."""
    payload = {"scope": "数控机床的研发与生产", "score": {"dimensions": {k: {"rounded": v} for k, v in SCORES.items()}}}
    today = clock.today()
    return Certificate(
        id=uuid.uuid4(),
        number=f"LH-{secrets.token_hex(5).upper()}",
        client_id=tenant.id,
        body_id=body_id,
        case_id=uuid.uuid4(),
        status=status,
        status_since=clock.now(),
        payload=json.dumps(payload),
        payload_sha256="0" * 64,
        holder="青岛精工机床有限公司",
        uscc="91370200MA3C5D7Y7X",
        body_name="华信认证有限公司",
        industry="34",
        region="370200",
        framework="lianghua",
        edition="2026.1",
        period=today.year - 1,
        level=3,
        score=Decimal("71.25"),
        issued_on=today - timedelta(days=30),
        valid_until=today + timedelta(days=1000),
        first_issued_on=today - timedelta(days=30),
        pdf_sha256="0" * 64,
        pdf_size=1,
        shows=[],
    )


def make_credential(
    session: Session, tenant: Tenant, clock: FixedClock, *, status: str = "valid", site: str = SITE
) -> Certificate:
    """A certificate of a tenant, with its badge."""
    certificate = certificate_row(tenant, uuid.uuid4(), clock, status)
    session.add(certificate)
    session.flush()
    credential_for(session, certificate, clock, site)
    return certificate
