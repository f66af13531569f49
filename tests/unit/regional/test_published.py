"""The published index of CCID: every printed total from its printed parts, or within what their rounding allows."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from maturity.regional.index import check_total, growth, log2, normalise, printed, total_of
from maturity.regional.model import NATION, IndexModel, Indicator, built_in_document, model_of
from maturity.regional.result import growth_of, published, published_series, published_years

# [environment, application, benefit, total], as printed (S9, S10); not read from the data under test
PROVINCES = {
    "440000": ("94.9", "82.4", "135.6", "98.8"),
    "330000": ("91.6", "94.0", "112.9", "98.2"),
    "320000": ("91.7", "80.9", "135.9", "97.4"),
    "310000": ("94.5", "84.3", "119.2", "95.5"),
    "370000": ("85.8", "85.8", "114.7", "93.0"),
    "110000": ("97.0", "74.7", "120.0", "91.6"),
    "350000": ("91.0", "76.9", "101.9", "86.7"),
    "340000": ("70.1", "88.2", "92.0", "84.6"),
    "420000": ("74.0", "81.6", "92.4", "82.4"),
    "430000": ("76.9", "81.4", "89.1", "82.2"),
    "120000": ("79.4", "70.1", "106.9", "81.6"),
    "510000": ("76.7", "66.1", "104.4", "78.3"),
    "500000": ("81.1", "65.2", "97.6", "77.3"),
    "230000": ("80.2", "80.8", "64.2", "76.5"),
    "210000": ("85.5", "60.2", "96.6", "75.6"),
    "130000": ("84.7", "70.2", "71.3", "74.1"),
    "450000": ("67.3", "76.1", "70.9", "72.6"),
}
NATIONS = {
    2013: ("64.87", "57.34", "68.27", "61.95"),
    2014: ("71.71", "59.70", "73.43", "66.14"),
    2015: ("75.4", "66.0", "83.3", "72.7"),
}
#: Zhejiang comes to 98.125 and Shanghai to 95.575: printed 98.2 and 95.5, which other parts that print alike do give.
NOT_TO_THE_DIGIT = {"330000", "310000"}
PARTS = ("environment", "application", "benefit")


@pytest.fixture(scope="module")
def ccid() -> IndexModel:
    return model_of(dict(built_in_document()))


def parts(row: tuple[str, ...]) -> dict[str, Decimal]:
    return dict(zip(PARTS, map(Decimal, row), strict=False))


def fractions(row: tuple[str, ...]) -> dict[str, Fraction | None]:
    return {name: Fraction(value) for name, value in parts(row).items()}


def test_the_structure_is_that_of_twenty_three_indicators(ccid: IndexModel) -> None:
    assert [len(one.indicators) for one in ccid.classes] == [8, 8, 7]
    assert sum(one.source == "survey" for one in ccid.indicators) == 8
    assert [one.weight for one in ccid.classes] == [Fraction(1, 4), Fraction(1, 2), Fraction(1, 4)]
    assert {one.provenance for one in ccid.indicators} == {"M"}


@pytest.mark.parametrize("code", sorted(set(PROVINCES) - NOT_TO_THE_DIGIT))
def test_a_province_comes_out_to_the_printed_digit(ccid: IndexModel, code: str) -> None:
    row = PROVINCES[code]
    assert printed(total_of(ccid, fractions(row)), 1) == Decimal(row[3])


@pytest.mark.parametrize("code", sorted(NOT_TO_THE_DIGIT))
def test_two_provinces_are_within_what_rounding_allows_and_not_to_the_digit(ccid: IndexModel, code: str) -> None:
    row = PROVINCES[code]
    check = check_total(ccid, parts(row), Decimal(row[3]))
    assert (check.gives_the_digit, check.is_possible) == (False, True)
    # the bounds are reached: there are parts that print like these and give a total that prints like that
    shifts = [Fraction(sign, 20) for sign in (-1, 1)]
    ends = [
        total_of(ccid, {name: value + shift for name, value in fractions(row).items() if value}) for shift in shifts
    ]
    assert ends == [check.low, check.high]


@pytest.mark.parametrize("code", PROVINCES)
def test_no_province_contradicts_the_weights(ccid: IndexModel, code: str) -> None:
    row = PROVINCES[code]
    assert check_total(ccid, parts(row), Decimal(row[3])).is_possible


def test_a_total_that_no_parts_could_give_is_found_out(ccid: IndexModel) -> None:
    """The interval is no rubber stamp: a tenth further and no rounding explains Guangdong any more."""
    row = PROVINCES["440000"]
    assert not check_total(ccid, parts(row), Decimal("99.0")).is_possible
    assert not check_total(ccid, parts(row), Decimal("98.6")).is_possible


@pytest.mark.parametrize("year", [2014, 2015])
def test_the_nation_comes_out_to_the_printed_digit(ccid: IndexModel, year: int) -> None:
    row = NATIONS[year]
    assert printed(total_of(ccid, fractions(row)), 2 if year == 2014 else 1) == Decimal(row[3])


def test_the_nation_of_2013_is_within_what_its_derived_parts_allow(ccid: IndexModel) -> None:
    """Its parts are those of 2014 less their printed growth, each off by a hundredth at most; they come to 61.955."""
    row = NATIONS[2013]
    check = check_total(ccid, parts(row), Decimal(row[3]), slack=Fraction(1, 100))
    assert (check.exact, check.gives_the_digit, check.is_possible) == (Fraction("61.955"), False, True)
    grown = ("6.84", "2.36", "5.16")
    assert [Decimal(now) - Decimal(by) for now, by in zip(NATIONS[2014], grown, strict=False)] == list(
        parts(row).values()
    )


def test_t1_guangdong(ccid: IndexModel) -> None:
    assert total_of(ccid, fractions(PROVINCES["440000"])) == Fraction("98.825")


def test_t2_the_nation_of_2014(ccid: IndexModel) -> None:
    assert total_of(ccid, fractions(NATIONS[2014])) == Fraction("66.135")


def test_t3_a_logarithm_gives_the_base_value_at_the_base_and_twice_as_much_at_three_times_it(ccid: IndexModel) -> None:
    revenue = _indicator(ccid, "electronics_revenue")
    base = Fraction("63945.3")
    assert normalise(revenue, base, base, Fraction(50)) == 50
    assert normalise(revenue, 3 * base, base, Fraction(50)) == 100


def _indicator(model: IndexModel, name: str) -> Indicator:
    return next(one for one in model.indicators if one.id == name)


def test_growth_since_2011_is_as_published() -> None:
    """The total grew by 7.85 % a year from 2011 to 2014 (S9)."""
    assert growth(Fraction("52.73"), Fraction("66.14"), 3) == Decimal("7.85")
    assert growth_of(published_series()[:4]) == Decimal("7.85")


@pytest.mark.parametrize(
    "series",
    [("73.11", "83.91", "91.49", "98.20"), ("69.66", "80.85", "91.91", "100.18")],
    ids=["electronics", "software"],
)
def test_the_published_indices_of_revenue_are_reached_by_the_formula(ccid: IndexModel, series: tuple[str, ...]) -> None:
    """2011 to 2014 (S9). The revenues were not published with them: each index is taken back to its ratio and forth."""
    revenue = _indicator(ccid, "software_revenue")
    for text in series:
        ratio = Fraction(2 ** (float(text) / 50)).limit_denominator(10**9) - 1
        score = normalise(revenue, ratio, Fraction(1), Fraction(50))
        assert score is not None
        assert printed(score, 2) == Decimal(text)
    assert [log2(Fraction(1) + 1), log2(Fraction(8))] == [1, 3]


def test_the_data_that_come_with_the_product_are_those_published() -> None:
    result = published(2015)
    found = {
        one.region: tuple(str(printed(value, 1)) for value in (*(part.value or 0 for part in one.classes), one.total))
        for one in result.outcome.regions
        if one.total is not None
    }
    assert found == PROVINCES
    assert published_years() == (2013, 2014, 2015)
    for year, row in NATIONS.items():
        nation = published(year).of(NATION)
        assert nation is not None
        assert nation.total == Fraction(row[3])
        assert [part.value for part in nation.classes] == [Fraction(value) for value in row[:3]]
    assert [(point.year, str(point.value)) for point in published_series()] == [
        (2011, "52.73"), (2012, "59.07"), (2013, "61.95"), (2014, "66.14"), (2015, "72.7"),
    ]  # fmt: skip


def test_the_page_says_which_totals_their_parts_give() -> None:
    checks = published(2015).checks()
    assert {code for code, check in checks.items() if not check.gives_the_digit} == NOT_TO_THE_DIGIT
    assert all(check.is_possible for check in checks.values())
    assert not published(2013).checks()[NATION].gives_the_digit


def test_ranks_of_2015_are_those_printed() -> None:
    result = published(2015)
    standings = result.standings(result.group("provinces"))
    assert list(standings) == list(PROVINCES)
    assert [one.rank for one in standings.values()] == list(range(1, 18))
    assert {(one.n, one.of) for one in standings.values()} == {(17, 31)}
