"""What holds of every archive: names stay inside, values come back, rows can be put in in any order."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from maturity.archives import (
    ArchiveError,
    Guarded,
    Limits,
    Writing,
    as_line,
    from_json,
    in_order_of_reference,
    is_outside,
    opened,
)
from maturity.db import UtcDateTime

LIMITS = Limits(members=100, member_bytes=1 << 20, all_bytes=4 << 20)
TREE = sa.Table(
    "tree",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("above", sa.ForeignKey("tree.id")),
)
VALUES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (sa.Uuid(), st.uuids()),
    (sa.Text(), st.text(st.characters(exclude_categories=["Cs"]))),
    (sa.Integer(), st.integers(-(2**53), 2**53)),
    (sa.Boolean(), st.booleans()),
    (sa.Date(), st.dates()),
    (sa.Numeric(18, 4), st.decimals(-(10**12), 10**12, places=4)),
    (sa.LargeBinary(), st.binary()),
    (UtcDateTime(), st.datetimes(timezones=st.just(UTC))),
    (sa.JSON(), st.recursive(st.none() | st.booleans() | st.integers(-9, 9), st.lists)),
]


@given(st.text(st.sampled_from("ab./\\:\0é "), max_size=12))
def test_a_name_that_is_let_in_stays_in_its_folder(name: str) -> None:
    if not is_outside(name):
        folder = Path("/data/of/the/site")
        assert (folder / name).resolve().is_relative_to(folder)


@pytest.mark.parametrize(("kind", "values"), VALUES, ids=lambda item: type(item).__name__)
def test_a_value_comes_back_as_it_was(kind: Any, values: st.SearchStrategy[Any]) -> None:
    column = sa.Column("value", kind)

    @given(values | st.none())
    def holds(value: Any) -> None:
        found = from_json(column, json.loads(as_line({"value": value}))["value"])
        assert found == value
        assert type(found) is type(value)

    holds()


@given(st.data())
def test_rows_that_refer_to_each_other_can_stand_in_any_order(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    rows = [{"id": 1, "above": None}]
    rows += [
        {"id": number, "above": data.draw(st.integers(1, number - 1) | st.none())} for number in range(2, count + 1)
    ]
    seen: set[Any] = {None}
    for row in in_order_of_reference(TREE, data.draw(st.permutations(rows))):
        assert row["above"] in seen
        seen.add(row["id"])
    assert len(seen) == count + 1


def test_a_row_whose_like_is_missing_is_refused() -> None:
    with pytest.raises(ArchiveError, match="refer to rows"):
        list(in_order_of_reference(TREE, [{"id": 2, "above": 1}]))


@given(
    st.dictionaries(
        st.text("abc/", min_size=1).filter(lambda name: not is_outside(name) and not name.endswith("/")),
        st.binary(max_size=200),
        max_size=5,
    )
)
def test_what_is_written_is_read_back(parts: dict[str, bytes]) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as zipped:
        writing = Writing(zipped)
        for name, content in parts.items():
            assert writing.bytes(name, content).size == len(content)
    with zipfile.ZipFile(target) as zipped:
        guarded = Guarded(zipped, LIMITS)
        assert {name: guarded.bytes(name) for name in guarded.names} == parts


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_is_noticed_or_changes_nothing(place: int, by: int) -> None:
    """The archive's own checksums: a byte is refused, or it was one that says nothing of the content."""
    content = bytes(range(256)) * 20
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as zipped:
        Writing(zipped).bytes("data/answers.json", content)
    changed = bytearray(target.getvalue())
    changed[place % len(changed)] ^= by
    with tempfile.NamedTemporaryFile() as file:
        file.write(changed)
        file.flush()
        try:
            with opened(Path(file.name), LIMITS) as guarded:
                found = {name: guarded.bytes(name) for name in guarded.names}
        except ArchiveError:
            return
    assert set(found.values()) <= {content}


@pytest.mark.parametrize("moment", [datetime(2026, 11, 24, 2, 0, tzinfo=UTC), date(2026, 11, 24), Decimal("1.50")])
def test_what_is_written_is_plain_json(moment: Any) -> None:
    assert isinstance(json.loads(as_line({"value": moment}))["value"], str)
