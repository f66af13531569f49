"""What the plans of a tenant come to: a second plan never takes anything away, and what was open stays open for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.plans.entitlements import Entitlements, Term, entitlements, opened_since
from maturity.plans.loader import price_list
from maturity.plans.model import LIMITS, Feature

PRICES = price_list("2026.1")
NOW = datetime(2026, 11, 24, tzinfo=UTC)
DAY = timedelta(days=1)
OF_KIND = {
    "enterprise": ("free", "pro"),
    "consultancy": ("consultancy_free", "consultancy"),
    "regulator": ("contract",),
}


def term(plan: str, begins: int = 0, ends: int | None = None, seats: int = 1) -> Term:
    """From so many days from now until before so many."""
    return Term(plan, "2026.1", seats, NOW + begins * DAY, None if ends is None else NOW + ends * DAY)


def of(kind: str, *terms: Term) -> Entitlements:
    return entitlements(PRICES, kind, terms, NOW)


def test_an_enterprise_without_a_plan_has_the_free_one() -> None:
    found = of("enterprise")
    assert (found.plan and found.plan.code, found.term, found.features) == ("free", None, frozenset())
    assert (found.limit("evidence_bytes"), found.limit("history_periods"), found.limit("members")) == (2**30, 2, None)


def test_pro_opens_everything_of_an_enterprise() -> None:
    found = of("enterprise", term("pro"))
    assert found.plan is not None
    assert found.plan.code == "pro"
    assert all(found.opens(feature) for feature in Feature)
    assert (found.limit("evidence_bytes"), found.limit("history_periods")) == (20 * 2**30, None)


@pytest.mark.parametrize(("begins", "ends", "is_open"), [(0, 1, True), (-1, 0, False), (1, 2, False), (-5, None, True)])
def test_a_term_counts_from_its_beginning_until_before_its_end(begins: int, ends: int | None, is_open: bool) -> None:
    assert of("enterprise", term("pro", begins, ends)).opens(Feature.TRENDS) == is_open


def test_seats_multiply_limits_and_the_larger_of_two_plans_counts() -> None:
    found = of("consultancy", term("consultancy", seats=1), term("consultancy", seats=4))
    assert (found.limit("members"), found.limit("clients")) == (4, 40)
    assert found.term is not None
    assert found.term.seats == 4


def test_one_seat_does_not_take_away_what_is_free() -> None:
    assert of("consultancy", term("consultancy", seats=1)).limit("members") == 2


def test_a_kind_of_tenant_to_which_nothing_is_sold_has_everything() -> None:
    found = of("certification_body")
    assert (found.plan, found.features, found.limit("members")) == (None, frozenset(Feature), None)


def test_what_was_open_at_any_time_since_stays_open() -> None:
    lapsed = [term("free"), term("pro", -30, -10)]
    assert opened_since(lapsed, Feature.CROSSWALK, NOW - 20 * DAY, NOW)
    assert opened_since(lapsed, Feature.CROSSWALK, NOW - 60 * DAY, NOW), "it began before the plan, and saw it"
    assert not opened_since(lapsed, Feature.CROSSWALK, NOW - 10 * DAY, NOW)
    assert not opened_since([term("pro", 5)], Feature.CROSSWALK, NOW - DAY, NOW), "a plan still to come opens nothing"


@st.composite
def worlds(draw: st.DrawFn) -> tuple[str, list[Term], Term]:
    kind = draw(st.sampled_from(sorted(OF_KIND)))
    made = st.builds(
        lambda plan, begins, length, seats: term(plan, begins, None if length is None else begins + length, seats),
        st.sampled_from(OF_KIND[kind]),
        st.integers(-20, 20),
        st.one_of(st.none(), st.integers(0, 30)),
        st.integers(1, 50),
    )
    return kind, draw(st.lists(made, max_size=5)), draw(made)


@given(world=worlds())
def test_adding_a_term_never_takes_anything_away(world: tuple[str, list[Term], Term]) -> None:
    kind, terms, more = world
    before, after = of(kind, *terms), of(kind, *terms, more)
    assert before.features <= after.features
    for name in LIMITS:
        least, most = before.limit(name), after.limit(name)
        assert most is None or (least is not None and most >= least), name


@given(world=worlds(), since=st.integers(-40, 0))
def test_what_is_open_now_was_open_since_any_time_before(world: tuple[str, list[Term], Term], since: int) -> None:
    kind, terms, _more = world
    for feature in of(kind, *terms).features:
        assert opened_since(terms, feature, NOW + since * DAY, NOW)


@given(world=worlds())
def test_the_order_of_terms_decides_nothing_but_ties(world: tuple[str, list[Term], Term]) -> None:
    kind, terms, _more = world
    one, other = of(kind, *terms), of(kind, *reversed(terms))
    assert (one.features, dict(one.limits), one.plan) == (other.features, dict(other.limits), other.plan)
