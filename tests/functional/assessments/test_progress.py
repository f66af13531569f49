"""Progress is an honest range, and the way through the pages is the same for everybody."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest

from maturity.adaptive.evaluation import evaluate, period_end
from maturity.adaptive.framework import Framework
from maturity.assessments.models import Assessment
from maturity.assessments.pages import progress_of, section_pages
from tests.answers import profile, random_facts
from tests.factories.assessments import form_of
from tests.functional.assessments.desk import Desk

TYPES = ("discrete_mass", "discrete_small_batch", "process", "mixed")


def test_the_line_tells_the_fewest_and_the_most_questions_left(desk: Desk) -> None:
    line = desk.save("it_department", {"it_department": "own"}).json["progress"]["line"]
    found = re.fullmatch(r"1 answered, (\d+) to (\d+) questions left", line)
    assert found
    assert int(found[1]) < int(found[2])


def test_an_answer_that_closes_questions_lowers_both_ends(desk: Desk) -> None:
    lines = []
    for version, tool in enumerate(("manual", "mbd")):
        reply = desk.save("design_tools", {"design_tools": tool}, version)
        lines.append([int(number) for number in re.findall(r"\d+", reply.json["progress"]["line"])])
    (_one, fewest, most), (_too, more, most_of_all) = lines
    assert fewest < more
    assert most < most_of_all


def test_the_page_and_the_reply_tell_the_same(desk: Desk) -> None:
    reply = desk.save("it_department", {"it_department": "own"}).json["progress"]
    page = desk.open("governance")
    assert reply["line"] in page.text
    assert f'value="{reply["percent"]}" data-progress' in page.html


def test_the_side_navigation_counts_answered_of_asked(desk: Desk) -> None:
    reply = desk.save("design_tools", {"design_tools": "cad_2d"}).json
    answered, asked = reply["progress"]["sections"]["rd"]
    assert answered == 1
    assert f'data-count="rd">1/{asked}</span>' in desk.open("rd").html


def test_a_section_that_is_done_is_marked(desk: Desk, framework: Framework) -> None:
    for name in framework.edition.section("governance").questions:
        desk.save(name, form_of(framework, name))
    assert 'class="is-done"><span>Planning and organisation' in desk.open("rd").html


@pytest.mark.parametrize("seed", range(12))
def test_the_percentage_never_falls_while_answers_are_given(framework: Framework, seed: int) -> None:
    """In any order, with any answers: questions that appear were counted among those that might come."""
    random = Random(seed)
    facts = random_facts(framework, seed)
    enterprise = profile(production_type=TYPES[seed % 4])
    order = list(framework.edition.questions.values())
    random.shuffle(order)
    given: dict[str, Any] = {}
    percents = []
    for question in order:
        given |= {name: facts[name] for name in question.facts}
        percents.append(progress_of(framework, evaluate(framework, enterprise, given, period_end(2025))).percent)
    assert percents == sorted(percents)
    assert percents[-1] == 100


@pytest.mark.parametrize("seed", range(12))
def test_the_questions_still_to_come_stay_within_the_range_that_was_told(framework: Framework, seed: int) -> None:
    facts = random_facts(framework, seed)
    enterprise = profile(production_type=TYPES[seed % 4])
    told = progress_of(framework, evaluate(framework, enterprise, {}, period_end(2025)))
    done = progress_of(framework, evaluate(framework, enterprise, facts, period_end(2025)))
    assert told.fewest_left <= done.answered <= told.most_left


@pytest.mark.parametrize("kind", TYPES)
def test_a_page_has_five_to_eight_questions(framework: Framework, kind: str) -> None:
    """A section of fewer is one page; nine can only be cut into five and four."""
    evaluation = evaluate(framework, profile(production_type=kind), {}, period_end(2025))
    for section in framework.edition.sections:
        sizes = [len(page) for page in section_pages(section, evaluation)]
        assert max(sizes) <= 8
        assert min(sizes) >= (4 if sum(sizes) == 9 else min(5, sum(sizes)))


def test_no_answer_moves_a_question_to_another_page(framework: Framework) -> None:
    empty = evaluate(framework, profile(), {}, period_end(2025))
    full = evaluate(framework, profile(), random_facts(framework, 1), period_end(2025))
    for section in framework.edition.sections:
        assert section_pages(section, empty) == section_pages(section, full)


def test_resuming_opens_the_first_page_with_something_unanswered(desk: Desk, framework: Framework) -> None:
    assert desk.browser.get(desk.base).path.endswith("/sections/infrastructure")
    for name in framework.edition.section("infrastructure").questions:
        desk.save(name, form_of(framework, name))
    assert desk.browser.get(desk.base).path.endswith("/sections/governance")


def test_resuming_finds_the_page_inside_a_section(desk: Desk, draft: Assessment, framework: Framework) -> None:
    for section in ("infrastructure", "governance"):
        for name in framework.edition.section(section).questions:
            desk.save(name, form_of(framework, name))
    desk.save("design_tools", {"design_tools": "manual"})
    for name in ("process_planning", "nc_programming"):
        desk.save(name, form_of(framework, name))
    assert "Page 2 of 2" in desk.browser.get(desk.base).text


def test_one_can_go_back_and_forth(desk: Desk) -> None:
    page = desk.open("governance")
    back = next(link for link in page.links if "sections/infrastructure?page=" in link)
    assert desk.browser.get(back).h1 == ["Infrastructure and spending"]
    first = desk.open("infrastructure")
    assert not [link for link in first.links if link.endswith("?page=0")]
