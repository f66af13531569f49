"""Consultancies and what enterprises let them do: giving a grant, changing it, and taking it back at once."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.audit.models import AuditEvent
from maturity.audit.service import record
from maturity.clock import Clock
from maturity.consulting.groups import require_tree
from maturity.consulting.letters import write_no_room
from maturity.consulting.models import ConsultantNote
from maturity.entitlements.service import PlanRequired, require_room, room_held
from maturity.errors import Conflict, Invalid, NotFound
from maturity.tenancy.models import Grant, GrantVisit, Membership, Tenant
from maturity.tenancy.service import create_tenant

#: Without what can be mistaken for something else when it is read out on the telephone.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
LONGEST_YEARS = 3
#: A consultancy without room is written to no more often than this.
NOTED_AGAIN_AFTER = timedelta(days=7)


class UnknownConsultancy(Invalid):
    """No consultancy has this code."""

    def __init__(self) -> None:
        super().__init__("consultancy_unknown")


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A live or past grant as the enterprise sees it, with the last visit of the consultancy's people."""

    grant: Grant
    is_live: bool
    last_visit: datetime | None


def register_consultancy(session: Session, name: str, *, owner_id: int, clock: Clock) -> Tenant:
    """A tenant for a consultancy, with the code it tells its clients."""
    return create_tenant(session, "consultancy", name, owner_id, clock, new_code())


def new_code() -> str:
    """What a consultancy tells its clients, so that they can find it."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def form_group(session: Session, tenant_id: uuid.UUID, *, actor_id: int, clock: Clock) -> Tenant:
    """From now on the enterprise heads a group: it has a code that its subsidiaries can let it in by."""
    tenant = session.scalars(select(Tenant).where(Tenant.id == tenant_id).with_for_update()).one()
    if tenant.kind != "enterprise" or tenant.is_synthetic:
        raise NotFound("tenant")
    if tenant.code is None:
        tenant.code = new_code()
        record(session, clock, "group.formed", actor_id, tenant_id)
        session.flush()
    return tenant


def read_code(typed: str) -> str:
    """A code as people type it.

    >>> read_code(" abcd-2345 ")
    'ABCD2345'
    """
    return "".join(character for character in typed.upper() if character.isalnum())


def find_consultancy(session: Session, code: str) -> Tenant:
    """The consultancy or head of a group with a code; before the session works for a tenant, which sees no other."""
    found = session.scalar(select(Tenant).where(Tenant.code == read_code(code)))
    if found is None:
        raise UnknownConsultancy
    return found


def grants_of(session: Session, tenant_id: uuid.UUID, clock: Clock) -> list[GrantLine]:
    """All grants an enterprise ever gave, the live ones first."""
    visits: dict[uuid.UUID, datetime] = {
        grant_id: last for grant_id, last in session.execute(_last_visits()).tuples() if last is not None
    }
    grants = session.scalars(select(Grant).where(Grant.tenant_id == tenant_id).order_by(Grant.given_at.desc()))
    lines = [GrantLine(grant, _is_live(grant, clock.today()), visits.get(grant.id)) for grant in grants]
    return sorted(lines, key=lambda line: not line.is_live)


def _last_visits() -> Any:
    return select(GrantVisit.grant_id, func.max(GrantVisit.last_at)).group_by(GrantVisit.grant_id)


def _is_live(grant: Grant, today: date) -> bool:
    return grant.revoked_at is None and grant.until >= today


def enterprises_owned(session: Session, user_id: int) -> list[Tenant]:
    """The enterprises whose owner a person is, who alone gives grants; by name."""
    query = (
        select(Tenant)
        .join(Membership)
        .where(
            Tenant.kind == "enterprise",
            Membership.user_id == user_id,
            Membership.role == "owner",
            Membership.ended_at.is_(None),
        )
    )
    return list(session.scalars(query.order_by(Tenant.name, Tenant.id)))


def notes_for(session: Session, tenant_id: uuid.UUID) -> list[ConsultantNote]:
    """What consultants wrote to an enterprise, the latest first."""
    query = select(ConsultantNote).where(ConsultantNote.tenant_id == tenant_id)
    return list(session.scalars(query.order_by(ConsultantNote.written_at.desc(), ConsultantNote.id)))


def give_grant(
    session: Session,
    tenant: Tenant,
    consultancy: Tenant,
    scope: str,
    until: date,
    *,
    actor_id: int | None,
    clock: Clock,
) -> Grant:
    """Let a consultancy, or the head of the group, in until a day.

    `Conflict` when it holds a live grant already, when the consultancy has no room for another client, when the
    enterprise has another head, or when it heads the group of that head itself.
    """
    if until < clock.today():
        raise Invalid("grant_in_the_past")
    kind = "affiliation" if consultancy.kind == "enterprise" else "consulting"
    _end_expired(session, tenant.id, consultancy.id, clock, heads=kind == "affiliation")
    if kind == "affiliation":
        require_tree(session, tenant.id, consultancy.id, clock)
    else:
        _require_room(session, tenant.id, consultancy.id, clock)
    grant = Grant(
        id=uuid.uuid4(),
        tenant_id=tenant.id,
        consultancy_id=consultancy.id,
        tenant_name=tenant.name,
        consultancy_name=consultancy.name,
        kind=kind,
        scope=scope,
        until=until,
        given_by=actor_id,
        given_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(grant)
    except IntegrityError as error:
        raise Conflict("granted_already" if kind == "consulting" else "affiliated_already") from error
    _record(session, "grant.given", grant, actor_id, clock, scope=scope, until=until)
    return grant


def _require_room(session: Session, tenant_id: uuid.UUID, consultancy_id: uuid.UUID, clock: Clock) -> None:
    """The enterprise learns that there is no room, and nothing of the consultancy's plan or clients."""
    with room_held(session, consultancy_id) as consultancy:
        live = set(session.scalars(select(Grant.tenant_id).where(*_live_of(consultancy_id, clock))))
        try:
            require_room(session, consultancy, "clients", len(live - {tenant_id}), clock)
        except PlanRequired as error:
            raise Conflict("consultancy_full") from error


def _live_of(consultancy_id: uuid.UUID, clock: Clock) -> tuple[ColumnElement[bool], ...]:
    return (
        Grant.consultancy_id == consultancy_id,
        Grant.kind == "consulting",
        Grant.revoked_at.is_(None),
        Grant.until >= clock.today(),
    )


def clients_of(session: Session, consultancy_id: uuid.UUID, clock: Clock) -> int:
    """How many enterprises let the consultancy in now."""
    query = select(func.count()).select_from(Grant).where(*_live_of(consultancy_id, clock))
    return session.scalar(query) or 0


def note_no_room(session: Session, consultancy_id: uuid.UUID, clock: Clock) -> None:
    """The consultancy's log and those who can buy hear that an enterprise was turned away; once in a while is enough.

    Not which enterprise: it has not let the consultancy in.
    """
    with room_held(session, consultancy_id) as consultancy:
        since = clock.now() - NOTED_AGAIN_AFTER
        query = select(AuditEvent.id).where(AuditEvent.event == "grant.no_room", AuditEvent.at > since).limit(1)
        if session.scalar(query) is None:
            record(session, clock, "grant.no_room", None, consultancy_id)
            write_no_room(session, consultancy, clock)
            session.flush()


def _end_expired(
    session: Session, tenant_id: uuid.UUID, consultancy_id: uuid.UUID, clock: Clock, *, heads: bool
) -> None:
    """A grant that ran out gives way to a new one, and an affiliation to that with another head."""
    same = Grant.consultancy_id == consultancy_id
    query = select(Grant).where(
        Grant.tenant_id == tenant_id,
        same | (Grant.kind == "affiliation") if heads else same,
        Grant.revoked_at.is_(None),
        Grant.until < clock.today(),
    )
    for grant in session.scalars(query):
        grant.revoked_at = clock.now()
        _record(session, "grant.expired", grant, None, clock)


def change_grant(
    session: Session, tenant_id: uuid.UUID, grant_id: uuid.UUID, scope: str, until: date, *, actor_id: int, clock: Clock
) -> None:
    """Another scope or another last day, from the consultant's next request on."""
    if until < clock.today():
        raise Invalid("grant_in_the_past")
    grant = find_grant(session, tenant_id, grant_id)
    if grant.kind == "affiliation":
        require_tree(session, tenant_id, grant.consultancy_id, clock)
    elif not _is_live(grant, clock.today()):
        _require_room(session, tenant_id, grant.consultancy_id, clock)
    if (grant.scope, grant.until) != (scope, until):
        grant.scope, grant.until = scope, until
        _record(session, "grant.changed", grant, actor_id, clock, scope=scope, until=until)


def revoke_grant(session: Session, tenant_id: uuid.UUID, grant_id: uuid.UUID, *, actor_id: int, clock: Clock) -> None:
    """Nobody of the consultancy comes in any more, from the next request on."""
    grant = find_grant(session, tenant_id, grant_id)
    grant.revoked_at = clock.now()
    _record(session, "grant.revoked", grant, actor_id, clock)


def find_grant(session: Session, tenant_id: uuid.UUID, grant_id: uuid.UUID) -> Grant:
    """A grant of the tenant that nobody has taken back, held for a change; `NotFound` otherwise."""
    query = select(Grant).where(Grant.id == grant_id, Grant.tenant_id == tenant_id, Grant.revoked_at.is_(None))
    grant = session.scalar(query.with_for_update())
    if grant is None:
        raise NotFound("grant")
    return grant


def _record(session: Session, event: str, grant: Grant, actor_id: int | None, clock: Clock, **more: Any) -> None:
    details: Mapping[str, Any] = {"grant_id": str(grant.id), "consultancy": grant.consultancy_name, **more}
    record(session, clock, event, actor_id, grant.tenant_id, **details)
    session.flush()
