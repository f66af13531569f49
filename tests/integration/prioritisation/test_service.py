"""Tables, choices and the ranking on the database: exact, replaced whole, and of one tenant alone."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.errors import Conflict, Invalid, NotFound
from maturity.prioritisation.models import Prioritisation, SuppliedTable
from maturity.prioritisation.service import (
    Choices,
    choices_of,
    current_areas,
    descriptors_of,
    missing_tables,
    own_words_of,
    rank,
    rated_assessment,
    read_choices,
    save_choices,
    save_descriptors,
    supply_table,
    tables_of,
)
from maturity.prioritisation.tables import TableRefused
from maturity.tenancy.models import Tenant
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user
from tests.factories.prioritisation import best_rows, bring_tables, cost_rows, kpi_rows, make_rating

AREA = "band_facility_intelligence"
HALVES = {"人工": Fraction(50), "能源": Fraction(50)}
ALIKE = {"一次合格率": Fraction(1), "准时交付率": Fraction(1)}


@pytest.fixture
def tenant(session: Session, clock: FixedClock) -> Tenant:
    return make_enterprise(session, make_user(session), clock)


def test_shares_and_impact_are_exact_and_come_to_one(session: Session, clock: FixedClock, tenant: Tenant) -> None:
    rated = rated_assessment(session, make_rating(session, tenant, clock, **{AREA: 1}).id)
    bring_tables(session, tenant, clock)
    rows = cost_rows(current_areas(session), **{AREA: ("1", "2")})
    supply_table(session, tenant.id, "cost", rows, "", "估算", actor_id=None, clock=clock)
    ranking = rank(rated, tables_of(session), Choices("tactical", 3, HALVES, ALIKE))
    first = ranking.lines[0]
    # C: 3/2 of 15/2 + 3/2 = 9 -> 1/6; K: 2 of 32 -> 1/16; P: 3 of 3 + 15 = 18 -> 1/6
    assert first.area.id == AREA
    assert first.priority.shares == (Fraction(1, 6), Fraction(1, 16), Fraction(1, 6))
    assert first.priority.impact == Fraction("0.45") / 6 + Fraction("0.30") / 16 + Fraction("0.25") / 6
    assert ranking.impact == 1


def test_a_table_replaces_the_one_before_and_a_bad_one_does_not(
    session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    bring_tables(session, tenant, clock)
    rows = kpi_rows(current_areas(session))
    rows[0][2] = "能耗"
    supply_table(session, tenant.id, "kpi", rows, "k.csv", "新", actor_id=None, clock=clock)
    with pytest.raises(TableRefused):
        supply_table(session, tenant.id, "kpi", rows[:3], "k.csv", "新", actor_id=None, clock=clock)
    with pytest.raises(Invalid, match="table_source"):
        supply_table(session, tenant.id, "kpi", rows, "k.csv", " ", actor_id=None, clock=clock)
    with pytest.raises(NotFound):
        supply_table(session, tenant.id, "salaries", rows, "k.csv", "新", actor_id=None, clock=clock)
    assert tables_of(session)["kpi"].content["columns"] == ["能耗", "准时交付率"]
    assert len(tables_of(session)) == 3


def test_choices_fit_the_tables_they_were_made_for(session: Session, clock: FixedClock, tenant: Tenant) -> None:
    rated = rated_assessment(session, make_rating(session, tenant, clock).id)
    bring_tables(session, tenant, clock)
    save_choices(session, rated, Choices("strategic", 4, HALVES, ALIKE), actor_id=None, clock=clock)
    read = read_choices(choices_of(session, rated.assessment.id), tables_of(session))
    assert read == Choices("strategic", 4, HALVES, ALIKE)
    save_choices(session, rated, Choices("operational", 3, HALVES, ALIKE), actor_id=None, clock=clock)
    assert session.query(Prioritisation).count() == 1
    rows = cost_rows(current_areas(session))
    rows[0][2] = "材料"
    supply_table(session, tenant.id, "cost", rows, "", "新", actor_id=None, clock=clock)
    assert read_choices(choices_of(session, rated.assessment.id), tables_of(session)) is None


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        (Choices("eternal", 3, HALVES, ALIKE), "horizon_unknown"),
        (Choices("tactical", 3, {"人工": Fraction(99)}, ALIKE), "cost_shares_sum"),
        (Choices("tactical", 3, HALVES, {"一次合格率": Fraction(0)}), "importances_zero"),
    ],
)
def test_choices_that_put_nothing_in_order_are_refused(
    session: Session, clock: FixedClock, tenant: Tenant, choices: Choices, code: str
) -> None:
    rated = rated_assessment(session, make_rating(session, tenant, clock).id)
    with pytest.raises(Invalid, match=code):
        save_choices(session, rated, choices, actor_id=None, clock=clock)
    assert choices_of(session, rated.assessment.id) is None


def test_a_draft_has_no_ranking(session: Session, clock: FixedClock, tenant: Tenant) -> None:
    draft = make_rating(session, tenant, clock, draft=True)
    with pytest.raises(Conflict, match="prioritisation_of_draft"):
        rated_assessment(session, draft.id)


def test_a_tenant_sees_its_own_tables_and_descriptors_alone(
    session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    other = make_enterprise(session, make_user(session), clock)
    texts = {"3": {"zh": "乙厂的说明", "en": ""}}
    with for_tenant(session, other.id):
        bring_tables(session, other, clock)
        save_descriptors(session, other.id, AREA, texts, "自编", actor_id=None, clock=clock)
    with for_tenant(session, tenant.id):
        assert tables_of(session) == {}
        assert descriptors_of(session) == {}
        assert missing_tables(tables_of(session), current_areas(session)) == ("cost", "kpi", "best")
    with for_tenant(session, other.id):
        assert own_words_of(session, {AREA: 3})[AREA].en == "乙厂的说明"  # one language stands in for the other
        assert missing_tables(tables_of(session), current_areas(session)) == ()


def test_the_database_holds_one_table_of_each_kind_and_none_without_a_source(
    session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    bring_tables(session, tenant, clock)
    for kind, source in (("cost", "again"), ("descriptors", ""), ("salaries", "x")):
        table = SuppliedTable(
            tenant_id=tenant.id, kind=kind, content={}, name="", source=source, supplied_at=clock.now()
        )  # fmt: skip
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(table)


def test_a_choice_cannot_belong_to_another_tenants_assessment(
    session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    other = make_enterprise(session, make_user(session), clock)
    assessment = make_rating(session, other, clock)
    stray = Prioritisation(
        tenant_id=tenant.id,
        assessment_id=assessment.id,
        horizon="tactical",
        wanted=3,
        cost_shares={},
        importances={},
        saved_at=clock.now(),
    )
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(stray)


def test_best_bands_of_the_template_are_taken(session: Session, clock: FixedClock, tenant: Tenant) -> None:
    rows = best_rows(current_areas(session), **{AREA: "4.5"})
    supply_table(session, tenant.id, "best", rows, "", "报告", actor_id=None, clock=clock)
    assert tables_of(session)["best"].content["rows"][AREA] == "4.5"
