"""Public registers: certificates whose holders agreed to stand in it, and certification bodies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from maturity.certificates.models import Certificate
from maturity.certification.bodies import all_bodies
from maturity.certification.models import CertificationBody
from maturity.verification.models import BodyFigures

PAGE = 50
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty where it does not matter. Codes and numbers of certificates are not looked for:
    a register that answered to them would tell who is not in it.
    """

    name: str = ""
    region: str = ""  # a province
    division: str = ""  # of the classification of industries, two digits
    framework: str = ""
    level: str = ""

    @property
    def is_anything(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))

    @property
    def given(self) -> dict[str, str]:
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}


@dataclass(frozen=True, slots=True)
class Entry:
    """A certificate as the register has it."""

    number: str
    holder: str
    uscc: str
    region: str
    industry: str
    framework: str
    edition: str
    level: int
    body_name: str
    issued_on: date
    valid_until: date
    is_synthetic: bool


_COLUMNS = tuple(getattr(Certificate, field.name) for field in fields(Entry))


def entries(session: Session, wanted: Wanted, today: date, page: int) -> tuple[Sequence[Entry], int]:
    """One page of those that agreed and are valid today, by name, and how many there are of them."""
    query = _narrowed(select(*_COLUMNS), wanted, today)
    total = session.scalar(_narrowed(select(func.count()).select_from(Certificate), wanted, today)) or 0
    rows = session.execute(_in_order(query).limit(PAGE).offset((page - 1) * PAGE)).all()
    return [Entry(*row) for row in rows], total


def every_entry(session: Session, wanted: Wanted, today: date) -> Sequence[Entry]:
    return [Entry(*row) for row in session.execute(_in_order(_narrowed(select(*_COLUMNS), wanted, today))).all()]


def frameworks_of(session: Session, today: date) -> Sequence[str]:
    query = _narrowed(select(Certificate.framework).distinct(), Wanted(), today)
    return session.scalars(query.order_by(Certificate.framework)).all()


def _in_order(query: Select[Any]) -> Select[Any]:
    return query.order_by(Certificate.holder, Certificate.number)


def _narrowed(query: Select[Any], wanted: Wanted, today: date) -> Select[Any]:
    row = Certificate
    query = query.where(row.in_register, row.status == "valid", row.valid_until >= today)
    if wanted.name:
        query = query.where(row.holder.icontains(wanted.name[:LONGEST_NAME], autoescape=True))
    if wanted.region:
        query = query.where(row.region.startswith(wanted.region[:2], autoescape=True))
    if wanted.division:
        query = query.where(row.industry.startswith(wanted.division, autoescape=True))
    if wanted.framework:
        query = query.where(row.framework == wanted.framework)
    if wanted.level:
        query = query.where(row.level == int(wanted.level))
    return query


@dataclass(frozen=True, slots=True)
class Body:
    """A certification body as the register has it, with its figures, if they were counted yet."""

    body: CertificationBody
    standing: str  # recognised, suspended, withdrawn, ended
    figures: BodyFigures | None


def bodies(session: Session, today: date) -> Sequence[Body]:
    figures = {row.body_id: row for row in session.scalars(select(BodyFigures))}
    return [
        Body(
            row,
            "ended" if row.status == "recognised" and row.until < today else row.status,
            figures.get(row.tenant_id),
        )
        for row in all_bodies(session)
    ]
