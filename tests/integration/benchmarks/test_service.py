"""Releases are frozen, deterministic and nameless; an enterprise is compared with the closest population there is."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.assessments.submission import submission_of
from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.models import BenchmarkCell, BenchmarkRelease
from maturity.benchmarks.service import compare, latest_release_hash, release_population
from maturity.clock import FixedClock
from maturity.db import Base
from maturity.editions.service import framework_by_hash
from maturity.extensions import db
from maturity.results.charts import peer_population
from maturity.results.view import result_of
from tests.factories.assessments import make_result
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user
from tests.statements import statements

HERE = CellKey("34", "east", "medium")
ELSEWHERE = CellKey("35", "west", "small")
FRAMEWORK = "lianghua"


def release(
    session: Session, clock: FixedClock, *groups: tuple[CellKey, int], period: int = 2025, is_synthetic: bool = True
) -> BenchmarkRelease:
    """Contributors spread evenly over the scale, those of one group from 0 to 100."""
    keys = [key for key, count in groups for _ in range(count)]
    values = [100 * n / (count - 1) for _, count in groups for n in range(count)]
    metrics: dict[str, Sequence[float]] = {"capability": values, "S": values}
    return release_population(session, FRAMEWORK, period, keys, metrics, is_synthetic=is_synthetic, clock=clock)


def test_a_release_holds_every_cell_that_has_enough_contributors(session: Session, clock: FixedClock) -> None:
    made = release(session, clock, (HERE, 42), (ELSEWHERE, 19))
    cells = list(session.scalars(select(BenchmarkCell).where(BenchmarkCell.release_id == made.id)))
    found = {CellKey(cell.industry, cell.region, cell.size): cell.contributors for cell in cells}
    assert found[HERE] == 40
    assert found[CellKey("", "", "")] == 60
    assert ELSEWHERE not in found
    assert min(found.values()) >= 20
    assert made.population == 60  # of 61: nor does the release tell exactly how many there were


def test_the_database_itself_refuses_a_cell_of_fewer_than_twenty(session: Session, clock: FixedClock) -> None:
    made = release(session, clock, (HERE, 20))
    session.add(BenchmarkCell(release_id=made.id, industry="99", region="", size="", contributors=19, metrics={}))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_cell_has_no_room_for_an_enterprise() -> None:
    """What is stored of a population is where it is, how many they are and figures; nothing refers to a tenant."""
    columns = Base.metadata.tables["benchmark_cells"].columns
    assert set(columns.keys()) == {"id", "release_id", "industry", "region", "size", "contributors", "metrics"}
    referred = {key.column.table.name for table in ("benchmark_cells", "benchmark_releases") for key in keys_of(table)}
    assert referred == {"benchmark_releases"}


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
    for groups in ([(HERE, 40), (ELSEWHERE, 40)], [(ELSEWHERE, 40), (HERE, 40)], [(HERE, 45), (ELSEWHERE, 40)]):
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
    assert (comparison.cell, comparison.contributors, comparison.is_closest) == (HERE, 40, True)
    assert comparison.percentile("capability", Decimal(50)) == 50
    assert comparison.percentile("unknown", Decimal(50)) is None


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([(CellKey("34", "west", "medium"), 40)], CellKey("34", "", "medium")),
        ([(CellKey("34", "east", "small"), 40)], CellKey("34", "east", "")),
        ([(CellKey("34", "west", "small"), 40)], CellKey("34", "", "")),
        ([(CellKey("35", "east", "medium"), 40)], CellKey("", "east", "medium")),
        ([(CellKey("35", "west", "medium"), 40)], CellKey("", "", "medium")),
        ([(CellKey("35", "east", "small"), 40)], CellKey("", "east", "")),
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
    release(session, clock, *((CellKey(str(n), "east", "medium"), 25) for n in range(13, 40)))
    session.flush()
    with statements(db.engine) as sent:
        compare(session, FRAMEWORK, 2025, HERE)
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("groups", "is_synthetic", "zh", "en"),
    [
        (
            [(HERE, 143)],
            True,
            "通用设备制造业、东部、中型；2025 年；约 140 家；合成演示数据，非真实企业",
            "General-purpose machinery, East, medium; 2025; about 140 enterprises; synthetic demonstration data",
        ),
        (
            [(CellKey("34", "west", "medium"), 24)],
            False,
            "、全国、中型；2025 年；约 20 家",
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
    before = session.scalar(select(func.count(BenchmarkCell.id)).where(BenchmarkCell.release_id == first.id))
    release(session, clock, (HERE, 45))
    after = session.scalar(select(func.count(BenchmarkCell.id)).where(BenchmarkCell.release_id == first.id))
    assert before == after == 8
