"""Numbers of certificates: what is mistyped is found, and how a number is written does not matter."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.certificates.numbering import ALPHABET, DRAWN, WrongNumber, check_character, new_number, read_number

drawn = st.text(alphabet=ALPHABET, min_size=DRAWN, max_size=DRAWN)
bodies = drawn.map(lambda text: text + check_character(text))
places = st.integers(0, DRAWN)


def is_refused(body: str) -> str | None:
    try:
        read_number(body)
    except WrongNumber as error:
        return error.code
    return None


@given(bodies, places, st.sampled_from(ALPHABET))
def test_every_wrong_character_is_found(body: str, place: int, other: str) -> None:
    changed = body[:place] + other + body[place + 1 :]
    assert is_refused(changed) == (None if changed == body else "check_character")


@given(bodies)
def test_every_exchange_of_two_characters_is_found_next_to_each_other_or_not(body: str) -> None:
    for one, two in combinations(range(DRAWN + 1), 2):
        swapped = list(body)
        swapped[one], swapped[two] = swapped[two], swapped[one]
        expected = None if body[one] == body[two] else "check_character"
        assert is_refused("".join(swapped)) == expected


def test_every_wrong_character_of_one_number_is_found() -> None:
    """All of them, without hypothesis: 20 places, 31 other characters each."""
    body = "".join(new_number().split("-")[1:])
    changed = [
        body[:place] + other + body[place + 1 :]
        for place in range(DRAWN + 1)
        for other in ALPHABET
        if other != body[place]
    ]
    assert len(changed) == 20 * 31
    assert {is_refused(text) for text in changed} == {"check_character"}


@given(bodies)
def test_a_number_reads_back_as_it_is_written(body: str) -> None:
    written = read_number(body)
    assert read_number(written) == written
    assert written.replace("-", "") == f"MC{body}"


@pytest.mark.parametrize(
    "typed",
    [
        "mc-01abc-defgh-jkmnp-qrstg",
        "MC 01ABC DEFGH JKMNP QRSTG",
        "  MC—01ABC–DEFGH_JKMNP-QRSTG ",
        "MC-OIABC-DEFGH-JKMNP-QRSTG",
        "mc-olabc-defgh-jkmnp-qrstg",
        "ＭＣ－０１ＡＢＣ－ＤＥＦＧＨ－ＪＫＭＮＰ－ＱＲＳＴＧ",
        "ｍｃ\u3000０１ａｂｃ\u3000ｄｅｆｇｈ\u3000ｊｋｍｎｐ\u3000ｑｒｓｔｇ",
        "01ABCDEFGHJKMNPQRSTG",
        "MC·01ABC·DEFGH·JKMNP·QRSTG",
    ],
)
def test_however_it_is_typed_it_is_the_same_number(typed: str) -> None:
    assert read_number(typed) == "MC-01ABC-DEFGH-JKMNP-QRSTG"


@given(bodies.filter(lambda body: "0" in body or "1" in body))
def test_o_is_read_as_nought_and_i_and_l_as_one(body: str) -> None:
    for letter, digit in (("O", "0"), ("o", "0"), ("I", "1"), ("l", "1")):
        assert read_number(body.replace(digit, letter)) == read_number(body)


@given(bodies)
def test_wide_characters_are_read_as_narrow_ones(body: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in f"MC-{body}")
    assert read_number(wide) == read_number(body)


@pytest.mark.parametrize(
    "typed", ["", "MC", "MC-", "01ABCDEFGHJKM", "MC-01ABC-DEFGH-JKMNP-QRSUU", "91370200MA3C5D7Y7X1", "证书"]
)
def test_what_cannot_be_a_number_is_told_apart_from_a_slip(typed: str) -> None:
    assert is_refused(typed) == "malformed"


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    assert is_refused(typed) in (None, "malformed", "check_character")


def test_numbers_are_drawn_from_the_whole_alphabet() -> None:
    asked: list[int] = []

    def below(most: int) -> int:
        asked.append(most)
        return 0

    assert new_number(below) == "MC-00000-00000-00000-00000"
    assert asked == [32] * 19


def test_no_two_of_ten_thousand_are_the_same() -> None:
    assert len({new_number() for _ in range(10_000)}) == 10_000
