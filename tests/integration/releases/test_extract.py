"""Who contributes to a release, and who belongs together."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from maturity.assessments.models import Submission
from maturity.clock import FixedClock
from maturity.consents.models import TenantConsent
from maturity.organisations.models import Enterprise
from maturity.releases.extract import Wanted, contributing, contributors
from maturity.releases.figures import Figures
from maturity.releases.keys import keys_of
from maturity.tenancy.models import Tenant
from tests.factories.contributors import make_contributors, make_grant
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user


@pytest.fixture
def made(session: Session, clock: FixedClock) -> list[uuid.UUID]:
    clock.at += timedelta(days=1)
    return make_contributors(session, clock, 12)


def rows(session: Session, clock: FixedClock, **more: Any) -> list[Any]:
    wanted = Wanted(1, "lianghua", 2025, clock.now())
    for name, value in more.items():
        wanted = Wanted(**{**{key: getattr(wanted, key) for key in Wanted.__slots__}, name: value})
    return list(contributors(session, wanted, Figures.of(session, "lianghua"), keys_of(session, clock)))


def test_claimed_real_consenting_enterprises_contribute(
    session: Session, clock: FixedClock, made: list[uuid.UUID]
) -> None:
    found = rows(session, clock)
    assert len(found) == 12  # and not the unclaimed one that they were varied from
    assert len({row.enterprise for row in found}) == 12
    assert {row.industry for row in found} == {"34", "38", "27", "39"}
    assert {row.city for row in found} <= {"370200", "370100", "320500", "440300"}
    assert not any(row.reviewed for row in found)
    assert "MA" not in "".join(row.enterprise for row in found)


def change(session: Session, made: list[uuid.UUID], what: str, clock: FixedClock) -> None:
    first = made[0]
    mine = {table: table.tenant_id == first for table in (Enterprise, TenantConsent, Submission)}
    match what:
        case "unclaimed":
            session.execute(update(Enterprise).where(mine[Enterprise]).values(claimed_at=None))
        case "claimed later":
            session.execute(
                update(Enterprise).where(mine[Enterprise]).values(claimed_at=clock.now() + timedelta(days=1))
            )
        case "synthetic":
            session.execute(update(Tenant).where(Tenant.id == first).values(is_synthetic=True))
        case "being deleted":
            session.execute(update(Tenant).where(Tenant.id == first).values(deletion_due=clock.today()))
        case "no consent":
            session.execute(update(TenantConsent).where(mine[TenantConsent]).values(given=False))
        case "settled early":
            session.execute(update(Submission).where(mine[Submission]).values(capability_most=100))
        case "too late":
            late = clock.now() + timedelta(minutes=1)
            session.execute(update(Submission).where(mine[Submission]).values(submitted_at=late))


@pytest.mark.parametrize(
    "what", ["unclaimed", "claimed later", "synthetic", "being deleted", "no consent", "settled early", "too late"]
)
def test_who_does_not_contribute(session: Session, clock: FixedClock, made: list[uuid.UUID], what: str) -> None:
    change(session, made, what, clock)
    assert len(rows(session, clock)) == 11


def test_another_period_or_framework_has_nobody(session: Session, clock: FixedClock, made: list[uuid.UUID]) -> None:
    assert rows(session, clock, period=2024) == []
    assert list(contributing(session, Wanted(1, "sme", 2025, clock.now()))) == []


def test_companies_of_a_group_are_one_contributor_and_a_coalition(
    session: Session, clock: FixedClock, made: list[uuid.UUID]
) -> None:
    """A head, its subsidiary, and a subsidiary of that one."""
    head, middle, low = (session.get_one(Tenant, number) for number in made[:3])
    make_grant(session, middle.id, head, clock, "affiliation")
    make_grant(session, low.id, middle, clock, "affiliation")
    found = rows(session, clock)
    assert len({row.group_id for row in found}) == 10
    together = [row for row in found if row.coalitions]
    assert len(together) == 3
    assert len({row.group_id for row in together}) == 1
    assert len({row.coalitions for row in together}) == 1


def test_clients_of_a_consultancy_are_a_coalition_and_contributors_of_their_own(
    session: Session, clock: FixedClock, made: list[uuid.UUID]
) -> None:
    consultancy = make_enterprise(session, make_user(session), clock)
    consultancy.kind = "consultancy"
    for tenant_id in made[:5]:
        make_grant(session, tenant_id, consultancy, clock)
    ended = make_grant(session, made[6], consultancy, clock)
    ended.revoked_at = clock.now() - timedelta(hours=1)
    session.flush()
    found = rows(session, clock)
    assert len([row for row in found if row.coalitions]) == 5
    assert len({row.group_id for row in found}) == 12


def test_ids_are_the_same_in_every_release_and_keys_are_not(
    session: Session, clock: FixedClock, made: list[uuid.UUID]
) -> None:
    one, other = rows(session, clock), rows(session, clock, release_id=2)
    assert [row.enterprise for row in one] == [row.enterprise for row in other]
    assert not {row.key for row in one} & {row.key for row in other}


def test_the_extract_names_nobody(session: Session, clock: FixedClock, made: list[uuid.UUID]) -> None:
    told = repr(rows(session, clock))
    for tenant_id, uscc, name in session.execute(select(Enterprise.tenant_id, Enterprise.uscc, Enterprise.name)):
        assert str(tenant_id) not in told
        assert uscc not in told
        assert name not in told
