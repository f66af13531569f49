"""Whatever the list holds: coverage sums up, nobody is counted beyond a step they did not reach."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from maturity.campaigns.board import STEPS, Quota, Tally, make_board, make_series

CITIES, INDUSTRIES, SIZES = ("370100", "370200", "370300"), ("13", "34"), ("", "medium", "large")
tallies = st.lists(
    st.builds(
        Tally,
        st.sampled_from(CITIES),
        st.sampled_from(INDUSTRIES),
        st.sampled_from(SIZES),
        st.sampled_from(STEPS),
        st.integers(1, 40),
    ),
    max_size=40,
)
quotas = st.one_of(
    st.none(),
    st.builds(Quota, st.just("share"), st.integers(1, 100)),
    st.builds(Quota, st.just("number"), st.integers(1, 500)),
)
own = st.dictionaries(
    st.tuples(st.sampled_from(("", *CITIES)), st.sampled_from(("", *INDUSTRIES))).filter(any),
    st.builds(Quota, st.sampled_from(["share"]), st.integers(1, 100)),
    max_size=4,
)


@given(tallies, quotas, own)
def test_coverage_sums_up_in_every_breakdown(
    found: list[Tally], default: Quota | None, single: dict[tuple[str, str], Quota]
) -> None:
    board = make_board(found, default, single)
    whole = board.total
    assert whole.invited == sum(item.count for item in found)
    for covers in (board.cities, board.industries, board.sizes):
        for step in STEPS:
            assert sum(getattr(cover, step) for cover in covers) == getattr(whole, step)


@given(tallies, quotas, own)
def test_no_step_counts_more_than_the_one_before(
    found: list[Tally], default: Quota | None, single: dict[tuple[str, str], Quota]
) -> None:
    board = make_board(found, default, single)
    for cover in (board.total, *board.cities, *board.industries, *board.sizes, *board.crossed):
        assert cover.invited >= cover.started >= cover.submitted >= cover.reviewed >= 0
        assert 0 <= cover.progress <= 100
        assert cover.is_reached == (cover.target is None or cover.submitted >= cover.target)
        if cover.quota and cover.quota.kind == "share":
            assert cover.target is not None
            assert (
                100 * cover.target >= cover.invited * cover.quota.amount > 100 * (cover.target - 1) or not cover.invited
            )


@given(tallies, quotas, own)
def test_those_who_lag_stand_first(
    found: list[Tally], default: Quota | None, single: dict[tuple[str, str], Quota]
) -> None:
    cities = make_board(found, default, single).cities
    reached = [cover.is_reached for cover in cities]
    assert reached == sorted(reached)
    assert {cover.key for cover in make_board(found, default, single).crossed} == {key for key in single if all(key)}


days = st.integers(-50, 400).map(lambda offset: date(2026, 1, 1) + timedelta(days=offset))


@given(st.lists(st.tuples(days, days), max_size=60), st.integers(0, 400))
def test_a_line_over_time_never_falls_and_ends_at_what_is_there(pairs: list[tuple[date, date]], length: int) -> None:
    first = date(2026, 1, 1)
    last = first + timedelta(days=length)
    begun = [min(pair) for pair in pairs]
    done = [max(pair) for pair in pairs]
    series = make_series(first, last, begun, done)
    assert list(series.started) == sorted(series.started)
    assert series.days[-1] == last
    assert series.started[-1] == sum(day <= last for day in begun)
    assert series.submitted[-1] == sum(day <= last for day in done)
    assert all(a >= b for a, b in zip(series.started, series.submitted, strict=True))
    assert len(series.days) <= 121
