"""A comparison goes no further than the published rounding."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from maturity.benchmarks.cells import CellKey
from maturity.yearly.book import Figure
from maturity.yearly.language import Namer, Side, listed, side, side_of_value
from maturity.yearly.tokens import NamedRef

steps = st.sampled_from((Decimal(1), Decimal(2), Decimal(5)))
values = st.decimals(min_value=0, max_value=100, places=2)


def _rounded(value: Decimal, step: Decimal) -> Figure:
    return Figure(NamedRef("rule", "x"), (value / step).to_integral_value() * step, step, "percent")


@given(values, values, steps, steps)
def test_higher_is_said_only_of_what_was_higher_before_rounding(
    one: Decimal, other: Decimal, step: Decimal, other_step: Decimal
) -> None:
    told = side(_rounded(one, step), _rounded(other, other_step))
    assert told is not Side.HIGHER or one > other
    assert told is not Side.LOWER or one < other


@given(values, st.decimals(min_value=0, max_value=100, places=2), steps)
def test_a_gate_is_missed_only_by_what_missed_it_before_rounding(value: Decimal, gate: Decimal, step: Decimal) -> None:
    told = side_of_value(_rounded(value, step), gate)
    assert told is not Side.LOWER or value < gate
    assert told is not Side.HIGHER or value > gate


def test_one_step_apart_is_the_same() -> None:
    assert side(_rounded(Decimal(60), Decimal(5)), _rounded(Decimal(65), Decimal(5))) is Side.SAME
    assert side(_rounded(Decimal(70), Decimal(5)), _rounded(Decimal(60), Decimal(5))) is Side.HIGHER


def test_cells_are_called_as_people_say() -> None:
    assert Namer("zh_CN", {}).cell(CellKey("34", "370000", "large")) == "山东省 · 通用设备制造业 · 大型企业"
    assert Namer("en", {}).cell(CellKey("", "", "large")) == "Large enterprises"
    assert listed(["a"], "en") == "a"
