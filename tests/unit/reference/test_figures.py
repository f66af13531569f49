from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from maturity.reference import figure_store
from maturity.reference.figure_store import every_figure
from maturity.reference.figures import (
    BASES,
    COMPARATORS,
    NotComparable,
    Point,
    Series,
    amount,
    comparator_words,
    cut,
    figure,
    figures,
    interpolate,
    line,
    series,
    series_list,
    sources,
    target_of,
    version,
    withheld,
)

IDS = [item.id for item in series_list()]


def value_of(series_id: str, period: str) -> Decimal:
    return next(point.value for point in series(series_id).points() if point.period == period)


@pytest.fixture(params=series_list(), ids=lambda item: item.id)
def each(request: pytest.FixtureRequest) -> Series:
    found: Series = request.param
    return found


def test_a_series_is_listed_once() -> None:
    assert len(IDS) == len(set(IDS))


def test_an_unknown_series_is_an_error() -> None:
    with pytest.raises(KeyError):
        series("erp_rate")


@pytest.mark.parametrize(
    ("series_id", "period", "value"),
    [
        ("cnc_rate", "2012", "24.6"),
        ("cnc_rate", "2020", "52.1"),
        ("cnc_rate", "2021", "55.3"),
        ("cnc_rate", "2023", "62.9"),
        ("cnc_rate", "2025-03", "66.2"),
        ("rd_tool_rate", "2019-09", "69.3"),
        ("rd_tool_rate", "2023", "80.1"),
        ("management_rate", "2021-10", "69.8"),
        ("equipment_digital_rate", "2019", "47.1"),
        ("smart_ready", "2017", "5.6"),
        ("level", "2019", "54.5"),
        ("index", "2019", "86.7"),
        ("upper_stages", "2016", "14.6"),
    ],
)
def test_published_values_are_as_quoted(series_id: str, period: str, value: str) -> None:
    assert value_of(series_id, period) == Decimal(value)


@pytest.mark.parametrize(
    ("series_id", "later", "gain", "value"),
    [
        ("cnc_rate", "54.6", "9.2", "45.4"),
        ("rd_tool_rate", "74.2", "12.2", "62.0"),
        ("management_rate", "69.8", "14.9", "54.9"),
    ],
)
def test_values_of_2015_follow_from_the_gain_since(series_id: str, later: str, gain: str, value: str) -> None:
    assert Decimal(later) - Decimal(gain) == value_of(series_id, "2015") == Decimal(value)


def test_the_misprint_of_2021_is_told_by_its_gain() -> None:
    assert value_of("cnc_rate", "2012") + Decimal("30.7") == value_of("cnc_rate", "2021")


def test_what_is_from_memory_is_not_shown(each: Series) -> None:
    assert not [point for point in (*each.points(), *each.targets) if point.provenance.startswith("M")]


def test_what_is_from_memory_is_kept_to_be_checked() -> None:
    periods = [point.period for point in series("cnc_rate").points(include_unverified=True)]
    assert "2022" in periods
    assert "2022" not in [point.period for point in series("cnc_rate").points()]


def test_a_value_with_an_unknown_decimal_is_not_shown() -> None:
    assert [point.period for point in series("level").points()] == ["2019"]


def test_a_target_from_memory_is_not_shown() -> None:
    assert [target.period for target in series("cnc_rate").targets] == ["2025"]
    assert len(series("cnc_rate").all_targets) == 3


def test_what_is_shown_names_its_source(each: Series) -> None:
    assert all(point.source in sources() for point in (*each.points(), *each.targets))


def test_points_stand_in_the_order_of_time(each: Series) -> None:
    days = [point.ends_on for point in each.all_points]
    assert days == sorted(set(days))


def test_every_basis_and_comparator_has_words(each: Series) -> None:
    assert all(point.basis in BASES for point in each.all_points)
    assert all(COMPARATORS[target.comparator].zh for target in each.all_targets)


def test_a_percentage_stays_within_a_hundred(each: Series) -> None:
    values = [point.value for point in (*each.all_points, *each.all_targets)]
    assert each.unit != "%" or all(0 <= value <= 100 for value in values)


def test_every_series_says_of_which_kind_it_is(each: Series) -> None:
    assert each.kind in ("mean", "share", "index")
    assert each.title.zh
    assert each.definition.en
    assert each.population.zh


def test_a_series_is_cut_where_its_basis_changes() -> None:
    parts = series("cnc_rate").segments()
    assert [part[0].basis for part in parts] == ["designated", "key"]
    assert [part[-1].period for part in parts] == ["2021", "2025-03"]


def test_three_bases_of_digital_equipment_are_three_pieces() -> None:
    assert [len(part) for part in series("equipment_digital_rate").segments()] == [1, 1, 1]


def test_the_pieces_together_are_the_points(each: Series) -> None:
    assert tuple(point for part in each.segments() for point in part) == each.points()


def test_the_latest_value_is_the_last_that_may_be_shown() -> None:
    latest = series("cnc_rate").latest()
    assert latest is not None
    assert latest.period == "2025-03"


def test_a_series_without_checked_values_has_no_latest() -> None:
    assert series("customisation").latest() is None


@pytest.mark.parametrize(
    ("day", "value"),
    [
        (date(2020, 12, 31), Fraction("52.1")),
        (date(2021, 12, 31), Fraction("55.3")),
        (date(2021, 3, 14), Fraction("52.1") + Fraction(73, 365) * Fraction("3.2")),
        (date(2025, 3, 31), Fraction("66.2")),
        (date(2024, 12, 31), Fraction("62.9") + Fraction(366, 456) * Fraction("3.3")),
    ],
)
def test_between_two_values_of_one_basis_the_line_is_straight(day: date, value: Fraction) -> None:
    assert interpolate(series("cnc_rate"), day) == value


@pytest.mark.parametrize("day", [date(2012, 12, 30), date(2022, 6, 30), date(2023, 12, 30), date(2025, 4, 1)])
def test_nothing_is_read_beyond_a_series_or_across_its_break(day: date) -> None:
    with pytest.raises(NotComparable):
        interpolate(series("cnc_rate"), day)


def test_one_value_makes_no_line() -> None:
    with pytest.raises(NotComparable):
        interpolate(series("smart_ready"), date(2017, 12, 31))


def test_a_year_and_its_december_end_together() -> None:
    year, december = (Point(period, Decimal(1), "Q", "", "key") for period in ("2024", "2024-12"))
    assert year.ends_on == december.ends_on
    assert year.year == december.year


def test_february_ends_in_leap_years_too() -> None:
    assert Point("2024-02", Decimal(1), "Q", "", "key").ends_on == date(2024, 2, 29)


def test_a_figure_is_shown_with_all_that_belongs_beside_it() -> None:
    national = series("cnc_rate")
    shown = national.display(national.points()[-1], "zh_CN")
    assert (shown.value, shown.unit, shown.period) == ("66.2", "%", "2025-03")
    assert shown.basis == "重点工业企业"
    assert shown.standing == "引用"
    assert shown.note == "年份为推定"
    assert shown.source.startswith("S17 ")


def test_a_secondary_source_is_called_so() -> None:
    equipment = series("equipment_digital_rate")
    assert equipment.display(equipment.points()[-1], "en").standing == "quoted at second hand"


def test_a_figure_from_memory_refuses_to_be_shown() -> None:
    remembered = series("customisation").points(include_unverified=True)[0]
    with pytest.raises(ValueError, match="from memory"):
        series("customisation").display(remembered, "en")


def test_level_and_index_are_not_confused() -> None:
    ratio = value_of("index", "2019") / value_of("level", "2019")
    assert round(ratio, 3) == Decimal("1.591")
    assert series("index").unit != series("level").unit


def test_figures_are_asked_for_by_any_of_their_marks() -> None:
    assert {item.id for item in figures(region="120000", population="key_local")} == {
        "tianjin-2010-it-lever",
        "tianjin-2010-oa",
        "tianjin-2010-website",
    }
    assert [item.id for item in figures(indicator="cnc_rate", region="", kind="target")] == ["cnc-rate-2025-target"]
    assert {item.period for item in figures(indicator="ccid_total", region="", kind="actual")} == {
        "2011",
        "2012",
        "2013",
        "2014",
        "2015",
    }


def test_the_nation_is_not_any_region() -> None:
    assert {item.region for item in figures(region="")} == {""}
    assert len(figures(region="")) < len(figures())


def test_what_may_not_be_shown_is_only_found_when_asked_for() -> None:
    hidden = set(every_figure().values()) - set(figures())
    assert len(hidden) == sum(withheld())
    assert not any(item.is_verified for item in hidden)
    assert hidden <= set(figures(include_unverified=True))


def test_memory_and_uncertain_values_are_counted_apart() -> None:
    assert withheld() == (50, 2)
    assert {item.id for item in figures(include_unverified=True) if item.held_back} == {
        "level-2018",
        "cnc-rate-2021-misprint",
    }


@pytest.mark.parametrize(
    ("indicator", "region", "year", "value", "comparator"),
    [
        ("cnc_rate", "", 2025, "68", "reach"),
        ("cnc_rate", "370000", "2018", "45", "reach"),
        ("index", "120000", 2015, "65", "at_least"),
        ("ecommerce_turnover", "370000", 2018, "26000", "above"),
        ("iot_market", "120000", 2015, "2000", "above"),
    ],
)
def test_a_target_is_found_by_indicator_region_and_year(
    indicator: str, region: str, year: int | str, value: str, comparator: str
) -> None:
    found = target_of(indicator, region, year)
    assert found is not None
    assert (found.value, found.comparator) == (Decimal(value), comparator)


@pytest.mark.parametrize(
    ("indicator", "region", "year"),
    [("cnc_rate", "", 2027), ("cnc_rate", "", 2023), ("cnc_rate", "330000", 2018), ("no_such", "", 2025)],
)
def test_no_target_is_made_up(indicator: str, region: str, year: int) -> None:
    """2027 is known from memory alone, 2023 is a result, Zhejiang has none."""
    assert target_of(indicator, region, year) is None


def test_an_open_ended_value_is_no_point_of_a_line() -> None:
    assert [point.period for point in line("sample_size").points] == ["2016", "2017"]
    assert line("zhejiang_integration_index", "330100").points == ()


def test_a_range_is_no_point_of_a_line() -> None:
    assert amount(figure("yangzhou-2023-tier"), "en") == "100–120"
    assert line("manufacturing_digital_index", "321000").points == ()


def test_a_reading_between_stands_beside_the_line() -> None:
    assert figure("cnc-rate-2020-09").is_verified
    assert "2020-09" not in [point.period for point in line("cnc_rate").points]
    assert "2020-09" not in [point.period for point in series("cnc_rate").points()]


def test_levels_of_other_enterprises_each_year_are_no_line() -> None:
    assert line("smart_up_to_1").points == ()


def test_points_are_cut_at_every_change_of_population() -> None:
    points = [Point(str(2000 + n), Decimal(n), "Q", "S1", basis) for n, basis in enumerate("aabba")]
    assert [[point.basis for point in part] for part in cut(points)] == [["a", "a"], ["b", "b"], ["a"]]


def test_what_was_reached_is_not_called_to_be_reached() -> None:
    assert comparator_words(figure("guangdong-2012-rfid"), "en") == "reached"
    assert comparator_words(figure("guangdong-2020-rfid-target"), "en") == "to reach"


def test_the_version_follows_every_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = version()
    for path in figure_store.FOLDER.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(figure_store, "FOLDER", tmp_path)
    for path in sorted(tmp_path.glob("*.yaml")):
        figure_store.version.cache_clear()
        assert version() == before
        kept = path.read_bytes()
        path.write_bytes(kept + b"\n# more\n")
        figure_store.version.cache_clear()
        assert version() != before, path.name
        path.write_bytes(kept)
    monkeypatch.undo()
    figure_store.version.cache_clear()


def test_a_text_cut_short_by_a_comma_is_refused() -> None:
    """YAML reads `en: one, two` inside braces as two entries."""
    with pytest.raises(ValueError, match="both languages"):
        figure_store._both({"zh": "一", "en": "one", "two": None})  # type: ignore[dict-item]


def test_a_field_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no such field as perod"):
        figure_store._figure({"id": "x", "perod": "2020"})
