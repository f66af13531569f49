from collections import Counter

import pytest

from maturity.reference.industries import (
    BIG_GROUPS,
    Industry,
    big_group_of,
    division_of,
    industries,
    industry,
    is_energy_intensive,
    search,
    sections,
)

DIVISIONS = [f"{number:02d}" for number in range(6, 47)]


def found(text: str) -> list[str]:
    return [item.code for item in search(text)]


def test_every_division_of_mining_manufacturing_and_supply_is_there() -> None:
    assert [code for code in industries() if len(code) == 2] == DIVISIONS


@pytest.mark.parametrize("code", DIVISIONS)
def test_a_division_stands_in_its_section(code: str) -> None:
    expected = "B" if code < "13" else "C" if code < "44" else "D"
    assert industries()[code].section == expected


@pytest.mark.parametrize("code", ["171", "342", "374", "401"])
def test_a_group_stands_under_its_division(code: str) -> None:
    group = industries()[code]
    assert group.parent == code[:2]
    assert group.section == industries()[code[:2]].section


def test_the_parent_of_a_division_is_its_section() -> None:
    assert industries()["34"].parent == "C"


def test_sections_are_named_in_both_languages() -> None:
    assert [(item.title("zh_CN"), item.title("en")) for item in sections().values()][1] == ("制造业", "Manufacturing")


@pytest.mark.parametrize("item", industries().values(), ids=lambda item: item.code)
def test_every_industry_is_named_in_both_languages(item: Industry) -> None:
    assert item.zh
    assert item.en.isascii()


@pytest.mark.parametrize("code", ["", "47", "05", "3", "999", "34 "])
def test_a_code_outside_the_list_is_no_industry(code: str) -> None:
    assert industry(code) is None


def test_a_label_shows_section_code_and_name() -> None:
    assert industries()["34"].label("zh_CN") == "C34 通用设备制造业"
    assert industries()["34"].label("en") == "C34 General-purpose machinery"


@pytest.mark.parametrize("typed", ["34", "C34", "c34", " C34 ", "Ｃ３４"])
def test_a_division_is_found_by_its_code_with_or_without_the_letter(typed: str) -> None:
    assert found(typed) == ["34", "342"]


def test_the_letter_of_another_section_finds_nothing() -> None:
    assert found("B34") == []


def test_a_letter_alone_lists_its_section() -> None:
    assert found("D") == ["44", "45", "46"]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("数控", "34"),
        ("数控机床", "342"),
        ("汽车零部件", "36"),
        ("服装", "18"),
        ("化工", "26"),
        ("棉纺", "171"),
        ("阀门", "34"),
        ("模具", "35"),
        ("传感器", "39"),
        ("无人机", "39"),
        ("眼镜", "35"),
        ("machinery", "34"),
        ("Machine tools", "34"),
        ("auto parts", "36"),
        ("chemical", "26"),
        ("通用设备制造业", "34"),
        ("wearing", "18"),
    ],
)
def test_an_everyday_word_finds_its_industry_first(typed: str, code: str) -> None:
    assert found(typed)[0] == code


@pytest.mark.parametrize("typed", ["石化", "冶金", "石材"])
def test_a_word_that_means_two_industries_offers_both(typed: str) -> None:
    assert len(found(typed)) == 2


@pytest.mark.parametrize(
    ("typed", "code"), [("数控机床及配件", "342"), ("汽车零部件制造", "36"), ("my steel works", "31")]
)
def test_words_within_what_was_typed_help_when_nothing_is_called_that(typed: str, code: str) -> None:
    assert found(typed)[0] == code


@pytest.mark.parametrize("typed", ["", "   ", "qqq", "茶具", "不存在的行业"])
def test_what_fits_nothing_finds_nothing(typed: str) -> None:
    assert found(typed) == []


def test_no_more_than_the_limit_are_offered() -> None:
    assert len(search("制造", limit=3)) == 3


@pytest.mark.parametrize("item", industries().values(), ids=lambda item: item.code)
def test_every_word_and_name_finds_its_industry(item: Industry) -> None:
    for word in (*item.words, item.zh, item.en):
        assert item in search(word, limit=50), word


def test_no_word_is_listed_twice_for_one_industry() -> None:
    assert all(max(Counter(item.words).values(), default=1) == 1 for item in industries().values())


@pytest.mark.parametrize("code", DIVISIONS)
def test_six_divisions_are_energy_intensive(code: str) -> None:
    assert is_energy_intensive(code) == (code in {"25", "26", "30", "31", "32", "44"})


def test_a_group_is_as_energy_intensive_as_its_division() -> None:
    assert is_energy_intensive("301")
    assert division_of("301") == "30"


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("26", "raw_materials"),
        ("27", "consumer"),
        ("342", "equipment"),
        ("39", "electronics"),
        ("41", None),
        ("06", None),
    ],
)
def test_big_groups_are_those_people_speak_of(code: str, group: str | None) -> None:
    assert big_group_of(code) == group


def test_no_division_is_in_two_big_groups() -> None:
    codes = [code for group in BIG_GROUPS.values() for code in group]
    assert len(codes) == len(set(codes))
    assert set(codes) <= set(DIVISIONS)
