from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as standard

from maturity.reference.regions import regions
from maturity.reference.uscc import ALPHABET, UsccError, is_synthetic, organisation_check, synthetic, validate

PUBLISHED = [
    "91110000600037341L",  # the example of the library
    "914403001922038216",
    "91440300708461136T",
    "91330100799655058B",
    "9144030071526726XG",  # X as the check of the organisation code
    "91440300MA5DLQQW0F",  # MA, as registered since 2015
]


def problem(text: str) -> UsccError:
    with pytest.raises(UsccError) as caught:
        validate(text)
    return caught.value


def with_character(position: int, character: str, code: str = PUBLISHED[0]) -> str:
    return code[: position - 1] + character + code[position:]


@pytest.mark.parametrize("code", PUBLISHED)
def test_a_published_code_is_right(code: str) -> None:
    assert validate(code) == code


@pytest.mark.parametrize(
    "typed",
    [
        "91110000600037341l",
        " 91110000 600037341L ",
        "9111-0000-6000-3734-1L",
        "９１１１００００６０００３７３４１Ｌ",
        "91110000\u200b600037341L\n",
        "91110000–60003734–1L",
        "91110000\u3000600037341L\t",
    ],
)
def test_spaces_dashes_width_and_case_do_not_matter(typed: str) -> None:
    assert validate(typed) == PUBLISHED[0]


@pytest.mark.parametrize(("typed", "count"), [("", "0"), ("9111", "4"), ("91110000600037341", "17"), ("9" * 40, "40")])
def test_a_wrong_length_is_counted(typed: str, count: str) -> None:
    assert (problem(typed).kind, problem(typed).hint) == ("length", count)


@pytest.mark.parametrize(("letter", "digit"), [("O", "0"), ("I", "1"), ("Z", "2"), ("S", "5"), ("o", "0")])
@pytest.mark.parametrize("position", [3, 8, 10, 18])
def test_a_letter_that_no_code_has_names_the_digit_it_looks_like(letter: str, digit: str, position: int) -> None:
    error = problem(with_character(position, letter))
    assert (error.kind, error.position, error.hint) == ("character", position, digit)


@pytest.mark.parametrize("character", ["V", "中", "*", "/", "é"])
def test_a_character_without_a_likeness_is_only_placed(character: str) -> None:
    error = problem(with_character(12, character))
    assert (error.kind, error.position, error.hint) == ("character", 12, "")


@pytest.mark.parametrize(("letter", "digit"), [("B", "8"), ("D", "0"), ("L", "1"), ("G", "6"), ("Q", "0"), ("A", "")])
def test_the_region_is_digits_and_the_likely_one_is_named(letter: str, digit: str) -> None:
    error = problem(with_character(5, letter))
    assert (error.kind, error.position, error.hint) == ("digit_expected", 5, digit)


def test_a_digit_of_another_script_is_not_a_digit() -> None:
    assert problem(with_character(5, "٣")).kind == "character"


def test_the_first_mistake_is_told() -> None:
    assert problem(with_character(17, "O", with_character(9, "O"))).position == 9


def test_a_wrong_organisation_code_is_told_apart() -> None:
    assert problem(with_character(12, "9")).kind == "organisation_checksum"


@pytest.mark.parametrize("position", [4, 18])
def test_a_mistake_outside_it_breaks_the_last_check(position: int) -> None:
    assert problem(with_character(position, "3")).kind == "checksum"


@pytest.mark.parametrize("position", range(1, 19))
def test_every_single_wrong_character_is_noticed(position: int) -> None:
    for character in set(ALPHABET) - {PUBLISHED[0][position - 1]}:
        problem(with_character(position, character))


@pytest.mark.parametrize("position", range(1, 18))
def test_two_neighbours_exchanged_are_noticed(position: int) -> None:
    code = PUBLISHED[5]
    swapped = code[: position - 1] + code[position] + code[position - 1] + code[position + 1 :]
    if swapped != code:
        problem(swapped)


@given(st.text(max_size=40) | st.text(ALPHABET, min_size=18, max_size=18))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    try:
        accepted = validate(text)
    except UsccError:
        return
    assert standard.is_valid(accepted)


@pytest.mark.parametrize(
    ("stem", "check"), [("60003734", "1"), ("71526726", "X"), ("MA5DLQQW", "0"), ("D2143569", "X")]
)
def test_the_check_of_an_organisation_code_follows_its_standard(stem: str, check: str) -> None:
    assert organisation_check(stem) == check


@given(st.integers(), st.sampled_from(sorted(regions())))
def test_a_synthetic_code_is_valid_and_says_what_it_is(seed: int, region: str) -> None:
    code = synthetic(Random(seed), region)
    assert validate(code) == code
    assert is_synthetic(code)
    assert code[2:8] == region


def test_the_same_seed_gives_the_same_synthetic_code() -> None:
    assert synthetic(Random(7), "370100") == synthetic(Random(7), "370100")


@pytest.mark.parametrize("code", PUBLISHED)
def test_a_published_code_is_not_synthetic(code: str) -> None:
    assert not is_synthetic(code)
