"""Drawing by lot, comparing bytes, the badge, and what is too few to be told."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.verification.badge import COLOURS, badge_svg
from maturity.verification.comparing import GAP, MOST_SPANS, compare
from maturity.verification.drawing import draw, list_hash
from maturity.verification.figures import publishable, share
from maturity.verification.reading import NUMBER, _number_in
from maturity.verification.rules import rules
from tests.factories.verification import bare_pdf

NUMBERS = [f"MC-{i:05d}-AAAAA-AAAAA" for i in range(40)]


# Drawing


@given(st.permutations(NUMBERS), st.integers(1, 40), st.text(max_size=20))
def test_seed_and_list_decide_whatever_the_order(numbers: list[str], size: int, seed: str) -> None:
    found = draw(numbers, size, seed)
    assert found == draw(NUMBERS, size, seed)
    assert len(set(found)) == size
    assert set(found) <= set(NUMBERS)
    assert draw(numbers, size - 1, seed) == found[:-1]


def test_every_certificate_is_drawn_as_often_as_every_other() -> None:
    counts = dict.fromkeys(NUMBERS, 0)
    for seed in range(4000):
        for number in draw(NUMBERS, 4, str(seed)):
            counts[number] += 1
    assert all(330 < count < 470 for count in counts.values())  # 400 expected, within 3.7 standard deviations


def test_the_lot_is_what_the_page_says_it_is() -> None:
    """Worked out with `printf '7\\nA' | sha256sum` and so on."""
    assert draw(["A", "B", "C"], 1, "7") == ("C",)  # 96f1 is less than e61f of B and e6d2 of A
    assert draw(["A", "B", "C"], 2, "7") == ("C", "B")
    assert list_hash(["B", "A"]) == "daee1cd25194ae952d046ad9b9c81d3c07dc5332440b58d6d7461b248be56712"


# Comparing


@pytest.fixture(scope="module")
def issued() -> bytes:
    return bare_pdf("MC-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZT")


@given(st.data())
def test_every_changed_byte_lies_in_a_span_and_spans_hold_nothing_else_far_away(data: st.DataObject) -> None:
    issued = bare_pdf("MC-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZT")
    places = data.draw(st.sets(st.integers(0, len(issued) - 1), min_size=1, max_size=6))
    other = bytearray(issued)
    for place in places:
        other[place] ^= 0x55
    found = compare(issued, bytes(other))
    assert found.kind == "changed"
    assert all(any(span.start <= place < span.end for span in found.spans) for place in places)
    covered = (at for span in found.spans for at in range(span.start, span.end))
    assert all(any(abs(place - at) <= GAP for place in places) for at in covered)


@given(st.integers(1, 2000), st.binary(min_size=1, max_size=40))
def test_something_put_in_is_found_where_it_was_put(at: int, more: bytes) -> None:
    issued = bare_pdf("MC-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZT")
    other = issued[:at] + more + issued[at:]
    found = compare(issued, other)
    assert found.kind == "changed"
    assert found.spans[0].start <= at + len(more)


def test_the_kinds_of_difference(issued: bytes) -> None:
    assert compare(issued, issued + b"x").kind == "added"
    assert compare(issued, issued[:-1]).kind == "cut"
    assert compare(issued, b"%PDF-1.7 something else entirely").kind == "rewritten"
    with pytest.raises(ValueError, match="the same"):
        compare(issued, issued)


def test_no_more_places_are_listed_than_can_be_read(issued: bytes) -> None:
    other = bytearray(issued)
    for at in range(100, len(issued), 60):
        other[at] ^= 1
    found = compare(issued, bytes(other))
    assert len(found.spans) == MOST_SPANS
    assert found.more > 0


# Reading a number in what is attached


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (b'{"number": "MC-1"}', "MC-1"),
        (b'{"payload": {"number": "MC-2"}, "jws": "x"}', "MC-2"),
        (b"[]", ""),
        (b'{"payload": 3}', ""),
        (b"\xff\x00", ""),
        (b"[" * 100_000, ""),
    ],
)
def test_a_number_in_an_attachment(raw: bytes, number: str) -> None:
    assert _number_in(raw) == number


def test_a_number_in_a_title() -> None:
    assert NUMBER.findall("评估证书MC-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZT（演示）") == ["MC-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZT"]


# The badge


@pytest.mark.parametrize("standing", COLOURS)
def test_the_badge_is_sound_and_carries_no_markup_of_others(standing: str) -> None:
    made = badge_svg(
        name='<b>"&', level="1 级 · 起步建设", standing=standing, standing_words="有效", dated="至 2029-01-01"
    )
    root = ElementTree.fromstring(made)  # noqa: S314  # made by us, a line above
    assert [node.tag.rpartition("}")[2] for node in root.iter()].count("text") == 4
    assert "<b>" not in made
    assert _contrast(COLOURS[standing]) >= 4.5


def _contrast(colour: str) -> float:
    """Of white on it, by WCAG."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


# Figures


def test_what_is_too_few_is_not_told() -> None:
    least = rules().least
    assert (publishable(least - 1, rules()), publishable(least, rules())) == (None, least)
    assert (share(1, least - 1, rules()), share(1, least, rules())) == (None, 20)


@given(st.integers(5, 400), st.data())
def test_a_share_is_a_multiple_of_the_step_and_near_the_truth(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    found = share(part, whole, rules())
    assert found is not None
    assert found % rules().share_step == 0
    assert abs(found - 100 * part / whole) <= rules().share_step / 2
