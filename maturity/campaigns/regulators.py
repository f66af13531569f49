"""A regulator's profile: where it has a say, whether it releases benchmarks, and its parks."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.campaigns.models import Campaign, Regulator, RegulatorPark
from maturity.campaigns.places import PARK, Park, place_name, reaches
from maturity.clock import Clock
from maturity.errors import Conflict, Invalid, NotFound
from maturity.tenancy.models import Tenant

LONGEST_NAME = 120


def profile_of(session: Session) -> Regulator | None:
    """The profile of the session's tenant; None where the operator has recorded none."""
    return session.scalar(select(Regulator))


def require_profile(session: Session) -> Regulator:
    """`Conflict` where nobody has said yet where the regulator has a say."""
    profile = profile_of(session)
    if profile is None:
        raise Conflict("no_jurisdiction")
    return profile


def office_of(session: Session, tenant_id: uuid.UUID) -> str:
    """The name under which the regulator writes: its office's, or the tenant's."""
    return session.scalar(select(Regulator.office)) or session.get_one(Tenant, tenant_id).name


def set_profile(
    session: Session,
    tenant_id: uuid.UUID,
    region: str,
    *,
    releases: bool,
    office: str,
    actor_id: int | None,
    clock: Clock,
) -> Regulator:
    """Record or change the profile; the session works for the regulator. Parks and campaigns outside stay as they are.

    A regulator that releases benchmarks has a say in the whole country.
    """
    if region.startswith((PARK, "g:")):
        raise Invalid("jurisdiction_unknown")
    if releases and region:
        raise Invalid("releases_need_the_country")
    profile = profile_of(session)
    if profile is None:
        profile = Regulator(tenant_id=tenant_id)
        session.add(profile)
    profile.region, profile.releases, profile.office = region, releases, " ".join(office.split())[:LONGEST_NAME]
    profile.changed_at = clock.now()
    record(session, clock, "regulator.profile_set", actor_id, tenant_id, place=place_name(region, "zh_CN"))
    session.flush()
    return profile


def parks_of(session: Session) -> tuple[RegulatorPark, ...]:
    return tuple(session.scalars(select(RegulatorPark).order_by(RegulatorPark.name)))


def as_places(parks: tuple[RegulatorPark, ...]) -> tuple[Park, ...]:
    return tuple(Park(f"{PARK}{park.id}", park.name, park.city) for park in parks)


def places_of(session: Session) -> tuple[Park, ...]:
    """The regulator's parks as places."""
    return as_places(parks_of(session))


def add_park(session: Session, name: str, city: str, *, actor_id: int, clock: Clock) -> RegulatorPark:
    profile = require_profile(session)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid("park_name")
    if not city or not reaches(profile.region, city):
        raise Invalid("park_outside")
    park = RegulatorPark(tenant_id=profile.tenant_id, name=name, city=city, added_at=clock.now())
    try:
        with session.begin_nested():
            session.add(park)
    except IntegrityError as error:
        raise Conflict("park_twice") from error
    record(session, clock, "regulator.park_added", actor_id, profile.tenant_id, park=name)
    session.flush()
    return park


def remove_park(session: Session, park_id: uuid.UUID, *, actor_id: int, clock: Clock) -> None:
    """Take a park out; `Conflict` while a campaign covers it, for its reports name it."""
    park = session.scalar(select(RegulatorPark).where(RegulatorPark.id == park_id))
    if park is None:
        raise NotFound("park")
    if session.scalar(select(Campaign.id).where(Campaign.region == f"{PARK}{park.id}").limit(1)) is not None:
        raise Conflict("park_in_use")
    record(session, clock, "regulator.park_removed", actor_id, park.tenant_id, park=park.name)
    session.delete(park)
    session.flush()
