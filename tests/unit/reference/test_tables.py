from decimal import Decimal

import pytest

from maturity.reference.figures import STANDINGS, figure
from maturity.reference.regions import province_of, regions
from maturity.reference.tables import Row, Table, sources, table, tables

PROVINCES = table("regional_index_2015")


@pytest.fixture(params=tables(), ids=lambda item: item.id)
def each(request: pytest.FixtureRequest) -> Table:
    found: Table = request.param
    return found


def test_every_row_has_a_value_for_each_column(each: Table) -> None:
    assert all(len(row.values) == len(row.units) == len(each.columns) for row in each.rows)


def test_every_row_names_a_known_source_and_standing(each: Table) -> None:
    for row in each.rows:
        assert row.source in sources()
        assert row.provenance in STANDINGS
        assert all(cell.is_verified for cell in row.known)


def test_every_table_says_what_it_must_not_be_taken_for(each: Table) -> None:
    assert each.caution.zh
    assert each.caution.en


def test_an_unknown_table_is_an_error() -> None:
    with pytest.raises(KeyError):
        table("erp_by_province")


def test_a_cell_is_the_figure_itself() -> None:
    assert PROVINCES.rows[4].cells[3] is figure("ccid-2015-370000-total")


@pytest.mark.parametrize("row", PROVINCES.rows, ids=lambda row: row.region)
def test_the_total_of_a_province_follows_from_its_parts(row: Row) -> None:
    environment, application, benefit, total = (value or Decimal(0) for value in row.values)
    weighed = (environment + 2 * application + benefit) / 4
    assert abs(weighed - total) <= Decimal("0.1")


def test_guangdong_is_the_worked_example_of_the_digest() -> None:
    environment, application, benefit = (Decimal(value) for value in ("94.9", "82.4", "135.6"))
    assert (environment + 2 * application + benefit) / 4 == Decimal("98.825")
    assert PROVINCES.value(PROVINCES.rows[0], "total") == Decimal("98.8")


@pytest.mark.parametrize("row", PROVINCES.rows, ids=lambda row: row.region)
def test_a_province_is_named_as_in_the_list_of_regions(row: Row) -> None:
    place = regions()[row.region]
    assert (row.label.zh, row.label.en) == (place.zh, place.en)
    assert province_of(row.region) == place


def test_provinces_are_ranked_by_total() -> None:
    totals = [PROVINCES.value(row, "total") or 0 for row in PROVINCES.rows]
    assert totals == sorted(totals, reverse=True)
    assert len(totals) == 17


def test_what_was_not_published_is_none() -> None:
    nation = table("regional_index_nation")
    assert nation.value(nation.rows[0], "total") == Decimal("52.73")
    assert nation.value(nation.rows[0], "benefit") is None


def test_the_total_of_the_nation_in_2014_follows_from_its_parts() -> None:
    nation = table("regional_index_nation")
    total, environment, application, benefit = (value or Decimal(0) for value in nation.rows[3].values)
    assert (environment + 2 * application + benefit) / 4 == Decimal("66.135")
    assert total == Decimal("66.14")


@pytest.mark.parametrize("year", [0, 2])
def test_shares_of_a_complete_year_add_up_to_a_hundred(year: int) -> None:
    row = table("smart_manufacturing_levels").rows[year]
    assert sum(value or 0 for value in row.values[1:5]) == 100


def test_the_shares_of_2024_add_up_and_count_enterprises() -> None:
    levels = table("smart_manufacturing_levels")
    row = levels.rows[3]
    assert (levels.value(row, "up_to_1") or 0) + (levels.value(row, "from_2") or 0) == 100
    assert row.units[0] is not None
    assert row.units[0].zh == "家"


def test_the_index_of_shandong_has_no_scale() -> None:
    plan = table("shandong_2018")
    assert [(cell.value, cell.unit) for cell in plan.rows[0].known] == [(Decimal(88), "—")]
    assert "没有量纲" in plan.caution.zh


def test_equal_targets_of_shandong_stay_different_indicators() -> None:
    same = [row.label.zh for row in table("shandong_2018").rows if row.values == (Decimal(65),)]
    assert same == ["数字化研发工具普及率", "3G 以上用户普及率"]


def test_a_target_of_shandong_keeps_its_comparator_and_unit() -> None:
    (trade,) = table("shandong_2018").rows[3].known
    assert (trade.comparator, trade.printed, trade.value, trade.unit) == (
        "above",
        "超过2.6万亿元",
        Decimal(26000),
        "yi",
    )
