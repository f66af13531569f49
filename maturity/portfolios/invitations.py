"""Asking enterprises for a grant by letter. What happens with a letter is the same whoever it goes to."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.clock import Clock
from maturity.consulting.service import clients_of
from maturity.entitlements.service import require_room
from maturity.errors import Conflict, Invalid
from maturity.portfolios.clients import live
from maturity.portfolios.letters import write_invitation
from maturity.portfolios.lists import Line
from maturity.portfolios.models import PortfolioClient, PortfolioInvitation
from maturity.tenancy.models import Grant, Tenant

#: Nobody is asked again sooner, and nobody sends more letters a day.
AGAIN_AFTER = timedelta(days=7)
MOST_A_DAY = 500


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation with its state: an enterprise of that code has let the consultancy in, or not yet."""

    invitation: PortfolioInvitation
    granted_at: object | None


def known_codes(session: Session, consultancy_id: uuid.UUID, clock: Clock) -> dict[str, str]:
    """What the consultancy knows of codes by itself: its clients, and whom it has written to lately."""
    recent = select(PortfolioInvitation.uscc).where(PortfolioInvitation.sent_at > clock.now() - AGAIN_AFTER)
    clients = (
        select(PortfolioClient.uscc)
        .join(Grant, Grant.id == PortfolioClient.grant_id)
        .where(live(consultancy_id, clock))
    )
    found = dict.fromkeys(session.scalars(recent), "invited")
    return found | dict.fromkeys(session.scalars(clients), "client")


def send_invitations(
    session: Session, tenant: Tenant, lines: Sequence[Line], *, link: str, locale: str, actor_id: int, clock: Clock
) -> int:
    """Write to every row, all of which must be good; how many letters. An earlier invitation of a code is renewed.

    `PlanRequired` where a consultancy has no room for a single client more: a letter holds no place, and not everybody
    who gets one comes.
    """
    if not lines or any(not line.is_good for line in lines):
        raise Invalid("list_has_errors")
    if tenant.kind == "consultancy":
        require_room(session, tenant, "clients", clients_of(session, tenant.id, clock), clock)
    since = clock.now() - timedelta(days=1)
    sent = session.scalar(
        select(func.count()).select_from(PortfolioInvitation).where(PortfolioInvitation.sent_at > since)
    )
    if (sent or 0) + len(lines) > MOST_A_DAY:
        raise Conflict("too_many_letters")
    query = select(PortfolioInvitation).where(PortfolioInvitation.uscc.in_([line.uscc for line in lines]))
    earlier = {row.uscc: row for row in session.scalars(query)}
    for line in lines:
        row = earlier.get(line.uscc)
        if row is None:
            row = PortfolioInvitation(tenant_id=tenant.id, uscc=line.uscc)
            session.add(row)
        row.name, row.email, row.sent_by, row.sent_at = line.name, line.email, actor_id, clock.now()
        names = {"consultancy": tenant.name, "enterprise": line.name}
        is_group = tenant.kind == "enterprise"
        write_invitation(session, line.email, link=link, locale=locale, clock=clock, is_group=is_group, **names)
    record(session, clock, "portfolio.invited", actor_id, tenant.id, enterprises=len(lines))
    session.flush()
    return len(lines)


def invitations_of(session: Session, consultancy_id: uuid.UUID, clock: Clock, limit: int = 500) -> list[Invited]:
    """The latest first."""
    on = (PortfolioClient.uscc == PortfolioInvitation.uscc) & (PortfolioClient.tenant_id == consultancy_id)
    granted = (Grant.id == PortfolioClient.grant_id) & live(consultancy_id, clock)
    query = (
        select(PortfolioInvitation, Grant.given_at)
        .outerjoin(PortfolioClient, on)
        .outerjoin(Grant, granted)
        .order_by(PortfolioInvitation.sent_at.desc(), PortfolioInvitation.name)
    )
    found: dict[uuid.UUID, Invited] = {}
    for invitation, given_at in session.execute(query.limit(limit)):
        if invitation.id not in found or given_at is not None:
            found[invitation.id] = Invited(invitation, given_at)
    return list(found.values())
