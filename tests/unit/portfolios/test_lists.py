"""Reading lists: whatever bytes come, they are rows or a refusal."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from maturity.portfolios.lists import MOST_ROWS, UnreadableList, check_rows, rows_of_file, rows_of_text

CELL = st.text(max_size=30)


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=200).map(lambda data: b"PK\x03\x04" + data)))
def test_bytes_are_rows_or_refused(content: bytes) -> None:
    try:
        rows = rows_of_file(content)
    except UnreadableList:
        return
    assert all(isinstance(cell, str) for row in rows for cell in row)


@given(st.lists(st.lists(CELL, max_size=5), max_size=6))
def test_every_row_comes_back_with_what_is_wrong_with_it(rows: list[list[str]]) -> None:
    try:
        lines = check_rows(rows, {})
    except UnreadableList:
        return
    assert len(rows) - len(lines) in (0, 1)
    assert all(line.is_good or {field for field, _ in line.problems} <= {"uscc", "name", "email"} for line in lines)


@given(st.text(max_size=300))
def test_text_is_rows_or_refused(text: str) -> None:
    with suppress(UnreadableList):
        assert all(any(row) for row in rows_of_text(text))


def test_the_limit_counts_rows_without_the_heading() -> None:
    heading = ["code", "name", "email"]
    good = ["91110000600037341L", "甲", "a@example.com"]
    assert len(check_rows([heading, *[good] * MOST_ROWS], {})) == MOST_ROWS
