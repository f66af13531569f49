"""One document, one sequence of bytes: that of RFC 8785, however it is written."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from maturity.editions.service import canonical
from maturity.questionnaires.loader import read_bundle

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | TEXT
    | st.floats(-1e15, 1e15).map(lambda x: x + 0.0),
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner) | st.lists(inner).map(tuple),
    max_leaves=40,
)


@given(VALUES)
def test_the_bytes_are_those_of_rfc_8785(data: Any) -> None:
    assert canonical(data) == rfc8785.dumps(data)


@pytest.mark.parametrize(
    "data",
    [
        {"b": 1, "a": '\u007f " \\ / \b \f \n \r \t \x00 \x1f'},
        {"é": 1, "e": 2, "\U0001f600": 3, "\ufb33": 4},  # keys sort by UTF-16, where the emoji comes before דּ
        [1.0, 1e21, 1e-7, 0.1],
        ["中文", "\U00020000", "\u2028"],
        {},
    ],
)
def test_what_encoders_disagree_about_is_written_as_rfc_8785_says(data: Any) -> None:
    assert canonical(data) == rfc8785.dumps(data)


def test_a_real_edition_is_written_the_same_both_ways() -> None:
    bundle = read_bundle("lianghua/2026.1")
    assert canonical(bundle) == rfc8785.dumps(bundle)
    assert json.loads(canonical(bundle)) == bundle


@pytest.mark.parametrize("data", [2**53, float("nan"), "\ud800", {"a": {1: 2}}, {"a": object()}])
def test_what_json_cannot_hold_exactly_is_refused(data: Any) -> None:
    with pytest.raises((rfc8785.CanonicalizationError, ValueError)):
        canonical(data)
