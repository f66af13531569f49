"""Releases are frozen, deterministic and nameless; an enterprise is compared with the closest population there is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from maturity.assessments.submission import submission_of
from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.models import BenchmarkCell, BenchmarkRelease, WithheldCell
from maturity.benchmarks.queries import Reader, ledger_of, published, read_cell, read_cells
from maturity.benchmarks.service import compare, latest_release_hash
from maturity.clock import FixedClock
from maturity.db import Base
from maturity.editions.service import framework_by_hash
from maturity.extensions import db
from maturity.results.charts import peer_population
from maturity.results.view import result_of
from maturity.tenancy.service import create_tenant
from tests.factories.assessments import make_result
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user
from tests.factories.releases import make_population, publish_population
from tests.statements import statements

HERE = CellKey("34", "370000", "medium")
ELSEWHERE = CellKey("39", "510000", "small")
FRAMEWORK = "lianghua"


def release(session: Session, clock: FixedClock, *groups: tuple[CellKey, int], **about: Any) -> BenchmarkRelease:
    """Contributors spread evenly over the scale, those of one group from 0 to 100."""
    return publish_population(session, clock, make_population(groups), **about)


def test_a_release_holds_every_cell_that_has_enough_contributors(session: Session, clock: FixedClock) -> None:
    made = release(session, clock, (HERE, 42), (ELSEWHERE, 19), (CellKey("13", "420000", "micro"), 9))
    found = {cell.key: cell.contributors for cell in read_cells(session, made, None)}
    assert found[HERE] in (40, 45)
    assert found[ELSEWHERE] in (15, 20)
    assert not [key for key in found if key.industry == "13" or key.region == "420000" or key.size == "micro"]
    assert min(found.values()) >= 10
    assert made.population % 5 == 0  # nor does the release tell exactly how many there were


def test_what_is_withheld_is_kept_with_its_rule_for_those_who_review(session: Session, clock: FixedClock) -> None:
    made = release(session, clock, (HERE, 42), (CellKey("13", "420000", "micro"), 9))
    kept = session.scalars(select(WithheldCell).where(WithheldCell.release_id == made.id, WithheldCell.what == ""))
    found = {CellKey(item.industry, item.region, item.size): item.rule for item in kept}
    assert found[CellKey("13", "420000", "micro")] == "R3"
    assert not found.keys() & {cell.key for cell in read_cells(session, made, None)}


def test_the_database_itself_refuses_a_cell_of_fewer_than_ten(session: Session, clock: FixedClock) -> None:
    made = release(session, clock, (HERE, 20))
    session.add(BenchmarkCell(release_id=made.id, industry="99", region="", size="", contributors=9, metrics={}))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_cell_has_no_room_for_an_enterprise() -> None:
    """What is stored of a population is where it is, how many they are and figures; nothing refers to a tenant."""
    columns = Base.metadata.tables["benchmark_cells"].columns
    figures = {"contributors", "reviewed", "metrics", "shares", "levels", "means"}
    assert set(columns.keys()) == {"id", "release_id", "industry", "region", "size"} | figures
    referred = {key.column.table.name for table in ("benchmark_cells", "benchmark_releases") for key in keys_of(table)}
    assert referred == {"benchmark_releases", "users"}  # who asked for it


def keys_of(table: str) -> set[Any]:
    return set(Base.metadata.tables[table].foreign_keys)


def test_metrics_hold_published_quantiles_and_nothing_else(session: Session, clock: FixedClock) -> None:
    made = release(session, clock, (HERE, 143))
    for cell in session.scalars(select(BenchmarkCell).where(BenchmarkCell.release_id == made.id)):
        assert set(cell.metrics) <= {"capability", "S"}
        for grid in cell.metrics.values():
            assert set(grid) == {"p10", "q1", "median", "q3", "p90"}
            assert all(value is None or isinstance(value, int) for value in grid.values())


def test_the_same_population_has_the_same_hash_and_a_different_one_another(session: Session, clock: FixedClock) -> None:
    hashes = []
    for groups in ([(HERE, 40), (ELSEWHERE, 40)], [(HERE, 40), (ELSEWHERE, 40)], [(HERE, 45), (ELSEWHERE, 40)]):
        hashes.append(release(session, clock, *groups).sha256)
        session.rollback()
    assert hashes[0] == hashes[1] != hashes[2]


def test_the_hash_covers_what_the_population_is_said_to_be(session: Session, clock: FixedClock) -> None:
    real = release(session, clock, (HERE, 40), is_synthetic=False).sha256
    synthetic = release(session, clock, (HERE, 40)).sha256
    earlier = release(session, clock, (HERE, 40), period=2024).sha256
    assert len({real, synthetic, earlier}) == 3


def test_an_enterprise_is_compared_with_its_own_industry_region_and_size(session: Session, clock: FixedClock) -> None:
    release(session, clock, (HERE, 40), (ELSEWHERE, 40))
    comparison = compare(session, FRAMEWORK, 2025, HERE)
    assert comparison is not None
    assert (comparison.cell, comparison.is_closest) == (HERE, True)
    assert comparison.contributors in (40, 45)
    assert comparison.percentile("capability", Decimal(50)) == 50
    assert comparison.percentile("unknown", Decimal(50)) is None


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([(CellKey("34", "330000", "medium"), 40)], CellKey("34", "east", "medium")),
        ([(CellKey("34", "510000", "medium"), 40)], CellKey("34", "", "medium")),
        ([(CellKey("34", "370000", "small"), 40)], CellKey("34", "370000", "")),
        ([(CellKey("34", "510000", "small"), 40)], CellKey("34", "", "")),
        ([(CellKey("35", "370000", "medium"), 40)], CellKey("s:equipment", "370000", "medium")),
        ([(CellKey("35", "510000", "small"), 40)], CellKey("s:equipment", "", "")),
        ([(CellKey("39", "370000", "medium"), 40)], CellKey("", "370000", "medium")),
        ([(ELSEWHERE, 40)], CellKey("", "", "")),
    ],
)
def test_without_enough_of_its_kind_the_nearest_wider_population_is_taken_and_named(
    session: Session, clock: FixedClock, others: list[tuple[CellKey, int]], expected: CellKey
) -> None:
    release(session, clock, (HERE, 5), *others)
    comparison = compare(session, FRAMEWORK, 2025, HERE)
    assert comparison is not None
    assert (comparison.cell, comparison.is_closest) == (expected, False)


def test_a_cell_without_quantiles_is_passed_by(session: Session, clock: FixedClock) -> None:
    made = release(session, clock, (HERE, 12), (CellKey("34", "330000", "medium"), 40))
    assert read_cell(session, made, HERE, None) is not None
    comparison = compare(session, FRAMEWORK, 2025, HERE)
    assert comparison is not None
    assert comparison.cell == CellKey("34", "east", "medium")


def test_without_a_release_for_the_year_the_latest_earlier_one_is_taken_and_never_a_later(
    session: Session, clock: FixedClock
) -> None:
    release(session, clock, (HERE, 40), period=2023)
    release(session, clock, (HERE, 45), period=2026)
    comparison = compare(session, FRAMEWORK, 2025, HERE)
    assert comparison is not None
    assert comparison.release.period == 2023
    assert latest_release_hash(session, FRAMEWORK, 2025) == comparison.release.sha256
    assert compare(session, FRAMEWORK, 2022, HERE) is None
    assert latest_release_hash(session, FRAMEWORK, 2022) is None


def test_a_synthetic_release_stands_in_only_until_there_is_a_real_one(session: Session, clock: FixedClock) -> None:
    release(session, clock, (HERE, 40), period=2024, is_synthetic=False)
    release(session, clock, (HERE, 45), period=2025)
    comparison = compare(session, FRAMEWORK, 2025, HERE)
    assert comparison is not None
    assert (comparison.release.period, comparison.release.is_synthetic) == (2024, False)
    assert latest_release_hash(session, FRAMEWORK, 2025) == comparison.release.sha256


def test_another_frameworks_release_is_no_comparison(session: Session, clock: FixedClock) -> None:
    release(session, clock, (HERE, 40))
    assert compare(session, "other", 2025, HERE) is None


def test_a_comparison_costs_two_queries_however_many_cells_there_are(session: Session, clock: FixedClock) -> None:
    release(session, clock, *((CellKey(str(n), "370000", "medium"), 25) for n in range(13, 40)))
    session.flush()
    with statements(db.engine) as sent:
        compare(session, FRAMEWORK, 2025, HERE)
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("groups", "is_synthetic", "zh", "en"),
    [
        (
            [(HERE, 140)],
            True,
            "通用设备制造业、山东、中型；2025 年；约 140 家；合成演示数据，非真实企业",
            "General-purpose machinery, Shandong, medium; 2025; about 140 enterprises; synthetic demonstration data",
        ),
        (
            [(CellKey("34", "510000", "medium"), 25)],
            False,
            "、全国、中型；2025 年；约 25 家",
            "all regions, medium; 2025",
        ),
        (
            [(ELSEWHERE, 25)],
            False,
            "全部行业、全国、各规模；2025 年；约 25 家",
            "all industries, all regions, all sizes",
        ),
    ],
)
def test_the_population_compared_with_is_named_with_year_count_and_whether_it_is_synthetic(
    session: Session,
    clock: FixedClock,
    groups: list[tuple[CellKey, int]],
    is_synthetic: bool,
    zh: str,
    en: str,
) -> None:
    release(session, clock, *groups, is_synthetic=is_synthetic)
    assessment = make_result(session, make_enterprise(session, make_user(session), clock), clock)
    submission = submission_of(session, assessment)
    assert submission is not None
    result = result_of(session, framework_by_hash(session, assessment.edition_sha256), submission)
    assert zh in peer_population(result, "zh_CN")
    assert en in peer_population(result, "en")
    assert ("合成" in peer_population(result, "zh_CN")) == is_synthetic


def test_releasing_a_population_leaves_what_was_released_before_as_it_was(session: Session, clock: FixedClock) -> None:
    first = release(session, clock, (HERE, 40), period=2024)
    before = read_cells(session, first, None)
    release(session, clock, (HERE, 45))
    assert read_cells(session, first, None) == before


def test_what_is_not_published_is_not_read_and_stands_for_nothing(session: Session, clock: FixedClock) -> None:
    made = release(session, clock, (HERE, 40), is_published=False)
    assert made.state == "review"
    assert compare(session, FRAMEWORK, 2025, HERE) is None
    assert published(session) == []
    with pytest.raises(ValueError, match="not published"):
        read_cells(session, made, None)


def test_what_a_regulator_reads_goes_into_the_ledger_and_what_others_read_does_not(
    session: Session, clock: FixedClock
) -> None:
    made = release(session, clock, (HERE, 40))
    owner = make_user(session)
    office, other = (create_tenant(session, kind, kind, owner.id, clock) for kind in ("regulator", "operator"))
    for tenant in (office, other):
        reader = Reader(tenant.id, tenant.name, tenant.kind, "dashboard", clock)
        assert read_cell(session, made, HERE, reader) is not None
        read_cells(session, made, reader, industry={"34", ""}, size={""})
    session.flush()
    found = {(item.cells, str(item.asked)): item for item in ledger_of(session, [made.id])}
    assert {item.reader_id for item in found.values()} == {office.id}
    asked = [item.asked for item in found.values()]
    assert {"industry": ["34"], "region": ["370000"], "size": ["medium"]} in asked
    assert {"industry": ["", "34"], "region": None, "size": [""]} in asked


def test_the_ledger_is_only_ever_added_to(session: Session, clock: FixedClock) -> None:
    made = release(session, clock, (HERE, 40))
    office = create_tenant(session, "regulator", "office", make_user(session).id, clock)
    read_cell(session, made, HERE, Reader(office.id, "office", "regulator", "dashboard", clock))
    session.flush()
    with pytest.raises(DBAPIError):
        session.execute(text("delete from aggregate_reads"))
