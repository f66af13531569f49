"""The frozen extract: the same rows give the same bytes, whatever their order, and come back as they were."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from maturity.releases.frozen import Names, Row, read, read_editions, read_leaves, write

NAMES = Names(("capability", "S"), ("erp", "mes"))


def row(number: int, coalitions: tuple[str, ...] = (), **more: object) -> Row:
    values = {"capability": number / 7, "S": 50.0} if number % 2 else {"S": 12.34}
    criteria = {"erp": number % 3 == 0} if number % 4 else {}
    who = {"enterprise": f"{number:032x}", "group_id": f"g{number // 2}", "key": f"{number:064x}", "leaf": "ab" * 32}
    who |= {"edition": "2026.1"}
    place = {"industry": "34", "city": "370200", "park": "", "size": "medium", "level": number % 5}
    given: dict[str, object] = who | place | {"values": values, "criteria": criteria, "reviewed": number % 5 == 0}
    return Row(**given | {"coalitions": coalitions} | more)  # type: ignore[arg-type]  # made up from parts


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    rows = [row(number, ("a", "b") if number < 3 else ("b",) if number == 5 else ()) for number in range(40)]
    write(tmp_path / "x.parquet", reversed(rows), NAMES)
    found = read(tmp_path / "x.parquet")
    found.check()
    assert found.enterprise.tolist() == [item.enterprise for item in rows]
    assert found.park.tolist() == [""] * 40
    assert found.group[0] == found.group[1] != found.group[2]
    assert len(set(found.group.tolist())) == 20
    assert np.isnan(found.values["capability"][0])
    assert found.values["capability"][1] == 1 / 7  # to the last bit
    assert found.criteria["erp"].tolist()[:5] == [-1, 0, 0, 1, -1]
    assert set(found.criteria["mes"].tolist()) == {-1}
    assert found.reviewed.tolist()[:6] == [True, False, False, False, False, True]
    assert [members.tolist() for members in found.coalitions] == [[0, 1, 2], [0, 1, 2, 5]]
    assert read_leaves(tmp_path / "x.parquet")[7] == (bytes.fromhex(f"{7:064x}"), b"\xab" * 32)


def test_the_order_of_rows_makes_no_difference_to_the_bytes(tmp_path: Path) -> None:
    rows = [row(number) for number in range(500)]
    assert write(tmp_path / "one.parquet", rows, NAMES) == write(tmp_path / "two.parquet", reversed(rows), NAMES)


def test_nobody_stands_in_it_twice(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="stands twice"):
        write(tmp_path / "x.parquet", [row(1), row(1)], NAMES)
    assert list(tmp_path.iterdir()) == []


def test_a_release_of_nobody_is_read_too(tmp_path: Path) -> None:
    write(tmp_path / "x.parquet", [], NAMES)
    assert len(read(tmp_path / "x.parquet")) == 0


def test_a_name_that_could_be_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no name of a metric"):
        write(tmp_path / "x.parquet", [], Names(('x"; drop table contributors; --',), ()))


def test_the_editions_of_the_results_are_told_from_the_oldest(tmp_path: Path) -> None:
    rows = [row(number, edition="2026.1" if number % 2 else "2024.1") for number in range(6)]
    write(tmp_path / "x.parquet", rows, NAMES)
    assert read_editions(tmp_path / "x.parquet") == "2024.1, 2026.1"


def test_an_extract_from_before_editions_were_noted_tells_none(tmp_path: Path) -> None:
    write(tmp_path / "x.parquet", [row(1)], NAMES)
    with duckdb.connect() as connection:
        connection.execute(
            "create table old as select * exclude (edition) from read_parquet(?)", [str(tmp_path / "x.parquet")]
        )
        connection.execute("copy old to ? (format parquet)", [str(tmp_path / "old.parquet")])
    assert read_editions(tmp_path / "old.parquet") is None
    assert len(read(tmp_path / "old.parquet")) == 1
