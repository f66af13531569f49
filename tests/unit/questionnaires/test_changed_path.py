"""A save changes one answer; the path after it is the one found from the start."""

from __future__ import annotations

from random import Random

import pytest

from maturity.adaptive.framework import Framework
from maturity.questionnaires.path import change_path, find_path
from tests.answers import profile, random_facts, random_value


@pytest.mark.parametrize("seed", range(12))
def test_a_changed_answer_gives_the_path_found_from_the_start(framework: Framework, seed: int) -> None:
    edition, given = framework.edition, random_facts(framework, seed, share=0.8)
    before = find_path(edition, profile(), given)
    for question in before.asked():
        values = {name: random_value(edition.facts[name], Random(seed)) for name in question.facts}
        facts = given | values
        assert change_path(edition, profile(), before, facts, question.id) == find_path(edition, profile(), facts)


@pytest.mark.parametrize("seed", range(12))
def test_a_withdrawn_answer_gives_the_path_found_from_the_start(framework: Framework, seed: int) -> None:
    edition, given = framework.edition, random_facts(framework, seed)
    before = find_path(edition, profile(), given)
    for question in before.asked():
        facts = {name: value for name, value in given.items() if name not in question.facts}
        assert change_path(edition, profile(), before, facts, question.id) == find_path(edition, profile(), facts)
