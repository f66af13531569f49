from fractions import Fraction
from random import Random

import pytest

from maturity.adaptive.framework import Framework
from maturity.questionnaires.path import Standing, find_path
from tests.answers import best_value, profile, random_facts


def standing(framework: Framework, question: str, facts: dict, **changes: object) -> Standing:
    return find_path(framework.edition, profile(**changes), facts).steps[question].standing


def test_the_profile_alone_decides_what_does_not_apply(framework: Framework) -> None:
    assert standing(framework, "design_tools", {}, production_type="process") is Standing.NOT_APPLICABLE
    assert standing(framework, "cross_border", {}, exports=False) is Standing.NOT_APPLICABLE
    assert standing(framework, "group_control", {}, is_group=False) is Standing.NOT_APPLICABLE


def test_a_question_opens_when_what_it_builds_on_is_there(framework: Framework) -> None:
    assert standing(framework, "cae_use", {}) is Standing.OPEN
    assert standing(framework, "cae_use", {"design_tools": "cad_2d"}) is Standing.ABSENT
    assert standing(framework, "cae_use", {"design_tools": "cad_3d"}) is Standing.ASKED


def test_a_chain_closes_with_its_first_link(framework: Framework) -> None:
    facts = {"equipment_digital": Fraction(0), "equipment_total": Fraction(9), "equipment_networked": Fraction(4)}
    assert standing(framework, "equipment_networked", facts) is Standing.ABSENT
    assert standing(framework, "equipment_collecting", facts) is Standing.ABSENT


def test_an_answer_off_the_path_does_not_exist(framework: Framework) -> None:
    facts = {"design_tools": "manual", "mbd_use": "closed"}
    assert "mbd_use" not in find_path(framework.edition, profile(), facts).facts


def test_the_range_of_questions_left_holds_for_every_completion(framework: Framework) -> None:
    for seed in range(30):
        final = random_facts(framework, seed)
        known = {name: value for name, value in final.items() if Random(seed).random() < 0.5}
        fewest, most = find_path(framework.edition, profile(), known).remaining()
        still = len(find_path(framework.edition, profile(), final).asked()) - (
            find_path(framework.edition, profile(), known).answered_count()
        )
        assert fewest <= still <= most


def test_the_range_never_widens_as_answers_arrive(framework: Framework) -> None:
    final = random_facts(framework, 7)
    known: dict = {}
    before = find_path(framework.edition, profile(), known)
    total = before.answered_count() + before.remaining()[1]
    for question in framework.edition.order:
        known |= {fact: final[fact] for fact in framework.edition.questions[question].facts}
        path = find_path(framework.edition, profile(), known)
        assert path.answered_count() + path.remaining()[1] <= total
        total = path.answered_count() + path.remaining()[1]
    assert path.remaining() == (0, 0)


def test_the_path_does_not_depend_on_the_order_of_answering(framework: Framework) -> None:
    facts = list(random_facts(framework, 3).items())
    expected = find_path(framework.edition, profile(), dict(facts))
    for seed in range(10):
        Random(seed).shuffle(facts)
        assert find_path(framework.edition, profile(), dict(facts)) == expected


@pytest.mark.parametrize("kind", ["discrete_mass", "discrete_small_batch", "process", "mixed"])
def test_a_better_answer_never_hides_a_question(framework: Framework, kind: str) -> None:
    for seed in range(6):
        facts = random_facts(framework, seed)
        asked = {q.id for q in find_path(framework.edition, profile(production_type=kind), facts).asked()}
        for name, fact in framework.edition.facts.items():
            better = facts | {name: best_value(fact)}
            now = {q.id for q in find_path(framework.edition, profile(production_type=kind), better).asked()}
            assert asked <= now, name
