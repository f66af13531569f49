"""Subsidiaries that the head of a group registers itself, to hand them over to their own people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from maturity.accounts.contacts import Contact
from maturity.clock import Clock
from maturity.consulting.service import give_grant
from maturity.db import act_for
from maturity.organisations.service import register_enterprise
from maturity.people.service import invite
from maturity.tenancy.models import Tenant


def found_subsidiary(
    session: Session,
    head: Tenant,
    values: Mapping[str, Any],
    owner: Contact,
    until: date,
    *,
    actor_id: int,
    clock: Clock,
) -> tuple[Tenant, str]:
    """The subsidiary's tenant and the token of its first owner's invitation; the session works for it from now on.

    Whoever registers it owns it until the invited owner is in and they leave; the head manages it by an affiliation,
    which the owner may change or end like every other.
    """
    act_for(session, None)  # inside one tenant no other is made
    tenant = register_enterprise(session, values, owner_id=actor_id, clock=clock)
    give_grant(session, tenant, head, "manage", until, actor_id=actor_id, clock=clock)
    _invitation, token = invite(session, tenant.id, owner, "owner", actor_id=actor_id, clock=clock)
    return tenant, token
