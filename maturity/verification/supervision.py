"""Supervision of certificates by a regulator: those of its region, samples for re-checks, and what came of each.

A regulator sees what certificates say and how they stand. Answers, evidence and results stay where they are.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.campaigns.regulators import office_of, require_profile
from maturity.certificates.models import Certificate
from maturity.certification.models import Surveillance
from maturity.clock import Clock
from maturity.errors import Conflict, Invalid, NotFound
from maturity.jobs.service import ask_for_job
from maturity.reference.regions import counties
from maturity.tenancy.models import Tenant
from maturity.verification.drawing import draw, list_hash
from maturity.verification.models import NEED_ACTION, RESULTS, SpotCheck, SpotSample
from maturity.verification.rules import rules

LETTERS = "spot_check_letters"
LONGEST_TEXT = 2000
LONGEST_SEED = 100
#: What a certificate's status must be to be re-checked.
CHECKED = ("valid", "suspended")


@dataclass(frozen=True, slots=True)
class Line:
    """A certificate under supervision, and the next surveillance that is due."""

    certificate: Certificate
    status: str
    surveillance_due: date | None
    surveillance: str  # none, later, soon, missed


@dataclass(frozen=True, slots=True)
class Filter:
    """Which of the certificates under supervision are meant; empty where it does not matter."""

    status: str = ""
    level: str = ""
    body_id: str = ""
    due: str = ""  # soon, missed

    @property
    def given(self) -> dict[str, str]:
        return {name: value for name in ("status", "level", "body_id", "due") if (value := getattr(self, name))}


def jurisdiction_of(session: Session, tenant: Tenant) -> str:
    """Where the tenant supervises: all of the country for the operator."""
    return "" if tenant.kind == "operator" else require_profile(session).region


def supervised(session: Session, region: str, wanted: Filter, clock: Clock) -> list[Line]:
    """Certificates of the region as they stand today, what is due first."""
    from maturity.verification.statement import standing_of

    query = _in_region(select(Certificate).where(Certificate.status != "issuing"), region)
    if wanted.level:
        query = query.where(Certificate.level == int(wanted.level))
    if wanted.body_id:
        query = query.where(Certificate.body_id == uuid.UUID(wanted.body_id))
    found = session.scalars(query.order_by(Certificate.holder, Certificate.number)).all()
    due, today = _surveillances(session, [row.id for row in found]), clock.today()
    lines = []
    for row in found:
        status, _since = standing_of(row, today)
        day = due.get(row.id) if status in CHECKED else None
        lines.append(Line(row, status, day, _urgency(day, today)))
    return [line for line in lines if _is_meant(line, wanted)]


def _is_meant(line: Line, wanted: Filter) -> bool:
    return wanted.status in ("", line.status) and wanted.due in ("", line.surveillance)


def _urgency(day: date | None, today: date) -> str:
    if day is None:
        return "none"
    if day < today:
        return "missed"
    return "soon" if day <= today + timedelta(days=rules().surveillance_soon_days) else "later"


def _surveillances(session: Session, certificates: Collection[uuid.UUID]) -> Mapping[uuid.UUID, date]:
    """Of each certificate the first surveillance that was not done."""
    row = Surveillance
    query = select(row.certificate_id, row.due_on).where(row.certificate_id.in_(certificates), row.done_on.is_(None))
    due: dict[uuid.UUID, date] = {}
    for certificate_id, day in session.execute(query.order_by(row.due_on.desc())).all():
        due[certificate_id] = day
    return due


def _in_region(query: Select[Any], region: str) -> Select[Any]:
    """Regions of certificates are cities; a regulator of a county has a say in those of the county's city."""
    above = counties().get(region)
    place = above.parent if above else region
    if not place:
        return query
    if place.endswith("0000"):
        return query.where(Certificate.region.startswith(place[:2], autoescape=True))
    return query.where(or_(Certificate.region == place, Certificate.region == region))


def draw_sample(
    session: Session, tenant: Tenant, wanted: Filter, size: int, seed: str, *, actor_id: int, clock: Clock
) -> SpotSample:
    """Draw certificates that are valid or suspended. Without a seed one is drawn that nobody could choose to suit.

    What they are drawn from is written down with its hash, so that anybody with the list can draw them again.
    """
    if tenant.kind == "operator":
        raise Conflict("recheck_by_regulator")
    region = require_profile(session).region
    numbers = {
        line.certificate.number: line.certificate
        for line in supervised(session, region, wanted, clock)
        if line.status in CHECKED
    }
    if not numbers:
        raise Invalid("recheck_nothing")
    if not 1 <= size <= min(len(numbers), rules().sample_at_most):
        raise Invalid("recheck_size")
    seed = seed.strip()[:LONGEST_SEED] or secrets.token_hex(16)
    sample = SpotSample(
        id=uuid.uuid4(),
        tenant_id=tenant.id,
        seed=seed,
        drawn_from={"region": region, **wanted.given},
        numbers=sorted(numbers),
        numbers_sha256=list_hash(numbers),
        population=len(numbers),
        size=size,
        drawn_by=actor_id,
        drawn_at=clock.now(),
    )
    session.add(sample)
    session.flush()
    office = office_of(session, tenant.id)
    session.add_all(_check(sample, numbers[number], office) for number in draw(numbers, size, seed))
    record(
        session,
        clock,
        "spot_check.drawn",
        actor_id,
        tenant.id,
        sample_id=str(sample.id),
        size=size,
        population=len(numbers),
    )
    session.flush()
    return sample


def _check(sample: SpotSample, certificate: Certificate, office: str) -> SpotCheck:
    return SpotCheck(
        regulator_id=sample.tenant_id,
        sample_id=sample.id,
        certificate_id=certificate.id,
        client_id=certificate.client_id,
        body_id=certificate.body_id,
        number=certificate.number,
        holder=certificate.holder,
        body_name=certificate.body_name,
        office=office,
        state="drawn",
        request="",
        note="",
        action="",
    )


def samples_of(session: Session) -> Sequence[SpotSample]:
    """Those of the session's tenant, the latest first."""
    return session.scalars(select(SpotSample).order_by(SpotSample.drawn_at.desc())).all()


def sample_for(session: Session, sample_id: uuid.UUID) -> SpotSample:
    found = session.scalar(select(SpotSample).where(SpotSample.id == sample_id))
    if found is None:
        raise NotFound("spot_sample")
    return found


def is_reproducible(sample: SpotSample, checks: Sequence[SpotCheck]) -> bool:
    """Whether drawing again from the list with the seed gives the same certificates."""
    drawn = draw(sample.numbers, sample.size, sample.seed)
    return list_hash(sample.numbers) == sample.numbers_sha256 and sorted(drawn) == sorted(one.number for one in checks)


def checks_of(session: Session, sample: SpotSample) -> Sequence[SpotCheck]:
    query = select(SpotCheck).where(SpotCheck.regulator_id == sample.tenant_id, SpotCheck.sample_id == sample.id)
    return session.scalars(query.order_by(SpotCheck.number)).all()


def open_checks(session: Session, tenant: Tenant) -> Sequence[SpotCheck]:
    """What the regulator waits for, or what all regulators wait for where the operator looks."""
    query = select(SpotCheck).where(SpotCheck.state != "upheld")
    if tenant.kind != "operator":
        query = query.where(SpotCheck.regulator_id == tenant.id)
    found = session.scalars(query.order_by(SpotCheck.due_on, SpotCheck.number)).all()
    return [row for row in found if row.state in ("drawn", "asked") or row.waits_for_the_body]


def checks_about(session: Session, side: str, tenant_id: uuid.UUID) -> Sequence[SpotCheck]:
    """Re-checks of a body's or an enterprise's certificates that it was asked about, the latest first."""
    column = SpotCheck.body_id if side == "body" else SpotCheck.client_id
    query = select(SpotCheck).where(column == tenant_id, SpotCheck.state != "drawn")
    return session.scalars(query.order_by(SpotCheck.asked_at.desc(), SpotCheck.number)).all()


def check_for(session: Session, check_id: uuid.UUID, side: str, tenant_id: uuid.UUID) -> SpotCheck:
    """The re-check, if the tenant has part in it on that side; locked, for what comes next changes it."""
    column = {"regulator": SpotCheck.regulator_id, "body": SpotCheck.body_id}[side]
    query = select(SpotCheck).where(SpotCheck.id == check_id, column == tenant_id).with_for_update()
    found = session.scalar(query)
    if found is None or (side == "body" and found.state == "drawn"):
        raise NotFound("spot_check")
    return found


def ask(
    session: Session, check: SpotCheck, request: str, due_on: date | None, link: str, *, actor_id: int, clock: Clock
) -> None:
    """Ask body and enterprise to show what the certificate rests on; both are written to."""
    rule, today = rules(), clock.today()
    due_on = due_on or today + timedelta(days=rule.recheck_days)
    if check.state != "drawn":
        raise Conflict("recheck_moved_on")
    if not today < due_on <= today + timedelta(days=rule.recheck_days_at_most):
        raise Invalid("recheck_day")
    check.state, check.request, check.due_on = "asked", _text(request), due_on
    check.asked_by, check.asked_at = actor_id, clock.now()
    _note(session, check, "spot_check.asked", actor_id, clock, due=due_on)
    _write(session, check, "asked", link, actor_id, clock)


def conclude(
    session: Session, check: SpotCheck, result: str, note: str, link: str, *, actor_id: int, clock: Clock
) -> None:
    """Write down what came of it. A refusal is a ground on which the body may withdraw the certificate."""
    if check.state != "asked":
        raise Conflict("recheck_moved_on")
    if result not in RESULTS:
        raise Invalid("recheck_result")
    if result in NEED_ACTION and not note.strip():
        raise Invalid("recheck_note")
    check.state, check.note = result, _text(note)
    check.result_by, check.result_at = actor_id, clock.now()
    _note(session, check, "spot_check.concluded", actor_id, clock, result=result)
    _write(session, check, "concluded", link, actor_id, clock)


def act(session: Session, check: SpotCheck, action: str, *, actor_id: int, name: str, clock: Clock) -> None:
    """The body says what it did about the result; the certificate itself is suspended or withdrawn on its own page."""
    if not check.waits_for_the_body:
        raise Conflict("recheck_moved_on")
    if not action.strip():
        raise Invalid("recheck_action")
    check.action, check.acted_by, check.acted_name, check.acted_at = _text(action), actor_id, name, clock.now()
    record(session, clock, "spot_check.answered", actor_id, check.body_id, check_id=str(check.id), number=check.number)
    session.flush()


def _text(value: str) -> str:
    if len(value.strip()) > LONGEST_TEXT:
        raise Invalid("text_too_long")
    return value.strip()


def _note(session: Session, check: SpotCheck, event: str, actor_id: int, clock: Clock, **details: str | date) -> None:
    record(session, clock, event, actor_id, check.regulator_id, check_id=str(check.id), number=check.number, **details)
    session.flush()


def _write(session: Session, check: SpotCheck, what: str, link: str, actor_id: int, clock: Clock) -> None:
    """A job of the regulator's: it sees neither the people of the body nor those of the enterprise, the worker does."""
    payload = {"check_id": str(check.id), "what": what, "site": link}
    ask_for_job(session, check.regulator_id, LETTERS, f"{check.id}:{what}", payload, actor_id=actor_id, clock=clock)
