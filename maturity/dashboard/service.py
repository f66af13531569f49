"""Saved views of the dashboard, and where a regulator begins to look."""

from __future__ import annotations

import uuid

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from maturity.campaigns.regulators import profile_of
from maturity.clock import Clock
from maturity.dashboard.models import DashboardView
from maturity.errors import Conflict, NotFound
from maturity.reference.regions import city_of, regions

MOST_VIEWS = 30


def views_of(session: Session, user_id: int) -> list[DashboardView]:
    """The person's own and those shown to everybody, by name."""
    query = select(DashboardView).where(or_(DashboardView.owner_id == user_id, DashboardView.is_shared))
    return list(session.scalars(query.order_by(DashboardView.name, DashboardView.id)))


def view_of(session: Session, view_id: uuid.UUID, user_id: int) -> DashboardView:
    """A view that the person may open; `NotFound` otherwise."""
    query = select(DashboardView).where(DashboardView.id == view_id)
    found = session.scalar(query.where(or_(DashboardView.owner_id == user_id, DashboardView.is_shared)))
    if found is None:
        raise NotFound("view")
    return found


def save_view(
    session: Session,
    tenant_id: uuid.UUID,
    name: str,
    page: str,
    query: str,
    *,
    shared: bool,
    actor_id: int,
    clock: Clock,
) -> DashboardView:
    """Keep an address under a name; the person's earlier view of that name is replaced."""
    own = {view.name: view for view in _own(session, actor_id)}
    view = own.get(name)
    if view is None:
        if len(own) >= MOST_VIEWS:
            raise Conflict("too_many_views")
        view = DashboardView(tenant_id=tenant_id, name=name, owner_id=actor_id, created_at=clock.now())
        session.add(view)
    view.page, view.query, view.is_shared = page, query, shared
    session.flush()
    return view


def rename_view(session: Session, view_id: uuid.UUID, name: str, *, actor_id: int) -> DashboardView:
    """Only whoever saved a view names it anew; `Conflict` where another of theirs is called that."""
    own = _own(session, actor_id)
    view = next((view for view in own if view.id == view_id), None)
    if view is None:
        raise NotFound("view")
    if any(other.name == name and other is not view for other in own):
        raise Conflict("view_name_taken")
    view.name = name
    session.flush()
    return view


def delete_view(session: Session, view_id: uuid.UUID, *, actor_id: int) -> None:
    """Only whoever saved a view takes it away."""
    view = next((view for view in _own(session, actor_id) if view.id == view_id), None)
    if view is None:
        raise NotFound("view")
    session.delete(view)
    session.flush()


def _own(session: Session, user_id: int) -> list[DashboardView]:
    return list(session.scalars(select(DashboardView).where(DashboardView.owner_id == user_id)))


def jurisdiction_of(session: Session) -> str:
    """Where the regulator of this tenant has a say, as a region that a release knows; '' for the whole country.

    Counties and parks are no regions of a release: a county's regulator begins at its city, a park's at the nation.
    """
    profile = profile_of(session)
    region = profile.region if profile else ""
    if region in regions() or not region:
        return region
    city = city_of(region) if region.isdigit() else None
    return city.code if city else ""
