"""Going into a client by the consultancy's grant; every visit is in the client's own log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.db import act_for, writing
from maturity.errors import NotAllowed
from maturity.portfolios.clients import Client
from maturity.tenancy.models import Tenant
from maturity.tenancy.permissions import Permission, permissions_by_grant
from maturity.tenancy.service import Access, is_new_visit, note_visit


@contextmanager
def inside(
    session: Session, access: Access, client: Client, user_id: int, clock: Clock, permission: Permission
) -> Iterator[Access]:
    """Work in the client as the grant allows, and come back; in a transaction that writes.

    `client` was found a moment ago, so its grant is live. Raises `NotAllowed` where the grant is too narrow.
    """
    session.flush()
    act_for(session, client.id, user_id)
    try:
        inner = _access(session, access, client)
        if not inner.can(permission):
            raise NotAllowed("grant_too_narrow", permission.name)
        note_visit(session, inner, user_id, clock)
        yield inner
        session.flush()
    finally:
        act_for(session, access.tenant.id, user_id)


def note_reading(engine: Engine, access: Access, client: Client, user_id: int, clock: Clock) -> None:
    """A look at the client's page is a visit; in a transaction of its own, since a page commits nothing."""
    with Session(engine) as session:
        act_for(session, client.id, user_id)
        if not is_new_visit(session, _access(session, access, client), user_id, clock):
            return
    writing.set(True)
    try:
        with Session(engine) as session:
            act_for(session, client.id, user_id)
            note_visit(session, _access(session, access, client), user_id, clock)
            session.commit()
    finally:
        writing.set(False)


def _access(session: Session, access: Access, client: Client) -> Access:
    permissions = permissions_by_grant(client.grant.scope, access.role or "viewer")
    return Access(session.get_one(Tenant, client.id), None, permissions, client.grant)
