"""The questionnaire on paper: blank to be filled in by hand, or with the answers so far."""

from __future__ import annotations

import re

import pytest

from maturity.adaptive.framework import Framework
from maturity.questionnaires.path import Standing, find_path
from tests.content.golden import FOLDER, read_scenario
from tests.integration.reports.conftest import Press
from tests.integration.reports.paper import Paper, alike

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("questionnaire")]


@pytest.fixture
def blank(press: Press) -> Paper:
    return press("paper_workshop", "zh_CN", kind="questionnaire")


@pytest.fixture
def filled(press: Press) -> Paper:
    return press("food_mixed", "en", kind="answers")


@pytest.fixture(params=["blank", "filled"])
def paper(request: pytest.FixtureRequest) -> Paper:
    found: Paper = request.getfixturevalue(request.param)
    return found


def test_no_page_but_the_last_is_mostly_empty(paper: Paper) -> None:
    assert not {page: share for page, share in enumerate(paper.filled[:-1], start=1) if share < 0.4}


def test_every_page_but_the_cover_says_which_it_is_of_how_many(paper: Paper) -> None:
    for number, page in enumerate(paper.pages[1:], start=2):
        assert re.search(rf"第 {number} 页，共 {paper.count} 页|Page {number} of {paper.count}\b", page)


def test_its_fonts_are_those_of_the_report(paper: Paper) -> None:
    assert {font.name.partition("+")[2] for font in paper.fonts()} == {"Noto-Sans-CJK-SC", "Noto-Sans-CJK-SC-Bold"}
    assert all(font.is_embedded and font.is_subset for font in paper.fonts())


def test_it_is_tagged_and_says_its_language(paper: Paper) -> None:
    assert (paper.metadata()["part"], paper.metadata()["conformance"]) == ("3", "A")
    assert str(paper.pdf.Root.Lang) in ("zh-CN", "en")


def test_sections_are_bookmarked(blank: Paper, framework: Framework) -> None:
    titles = [title for _, title in blank.outline()]
    assert [section.title.zh for section in framework.edition.sections] == titles[3:-1]


def test_every_question_that_can_apply_is_asked(blank: Paper, framework: Framework) -> None:
    profile = read_scenario(FOLDER / "lianghua" / "2026.1" / "paper_workshop.yaml").profile()
    steps = find_path(framework.edition, profile, {}).steps.values()
    can_apply = [step.question for step in steps if step.standing is not Standing.NOT_APPLICABLE]
    flat = re.sub(r"\s", "", "".join(blank.raw_pages))
    assert not [q.id for q in can_apply if re.sub(r"\s", "", q.wording.zh) not in flat]
    assert f"第 {len(can_apply) - 4}–{len(can_apply)} 题" in blank.pages[1]


def test_a_blank_one_holds_no_answer(blank: Paper) -> None:
    assert "√" not in blank.text
    assert "自评" not in blank.text
    assert "空白" in blank.pages[0]


def test_a_filled_one_holds_every_answer(filled: Paper, framework: Framework) -> None:
    assert filled.text.count("√") > 60
    assert "With the answers saved so far" in filled.pages[0]
    answered = re.search(r"(\d+) answered, 0 not answered, 0 skipped", filled.pages[0])
    assert answered is not None
    assert filled.text.count("self-declared") == int(answered[1]) + 1


def test_different_characters_have_different_ink(blank: Paper) -> None:
    assert not alike(blank.shapes(3, "基础设施与投入"))


def test_no_chinese_is_left_in_an_english_one(filled: Paper) -> None:
    text = filled.text.replace("郑州禾丰食品有限公司", "")
    assert not re.findall(r"[\u4e00-\u9fff]+", text)
