"""At a fixed profile a better answer never lowers its indicator, hence no score and no level (design decision 6a)."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.adaptive.framework import load_framework
from maturity.questionnaires.loader import editions
from maturity.questionnaires.model import Pair
from maturity.scoring.model import Score
from tests.answers import worst_value
from tests.properties.strategies import SHEETS, Answers, answers, better, directions, profiles, randoms, scored, values

every_edition = pytest.mark.parametrize("slug", editions())
framework_of = lru_cache(load_framework)


def assert_not_lower(after: Score, before: Score, changed: str) -> None:
    for name, value in before.values.items():
        assert (after.values[name] or 0) >= (value or 0), f"{changed} lowers {name}"
    assert after.capability >= before.capability, changed
    assert after.outcome >= before.outcome, changed
    assert after.level >= before.level, changed


@every_edition
@SHEETS
@given(data=st.data(), who=profiles(), random=randoms())
def test_raising_any_fact_lowers_no_indicator_no_score_and_no_level(
    slug: str, data: st.DataObject, who: dict[str, Any], random: Random
) -> None:
    framework = framework_of(slug)
    sheet: Answers = data.draw(answers(framework))
    before = scored(framework, who, sheet)
    for name, way in directions(framework).items():
        raised = better(framework.edition.facts[name], sheet[name], way > 0, random) if name in sheet else None
        if raised is not None:
            assert_not_lower(scored(framework, who, sheet | {name: raised}), before, name)


@every_edition
@SHEETS
@given(data=st.data(), who=profiles())
def test_answering_what_was_left_open_lowers_nothing(slug: str, data: st.DataObject, who: dict[str, Any]) -> None:
    framework = framework_of(slug)
    sheet: Answers = data.draw(answers(framework, gaps=30))
    before = scored(framework, who, sheet)
    for name, fact in framework.edition.facts.items():
        if name not in sheet:
            value = data.draw(values(fact), label=name)
            assert_not_lower(scored(framework, who, sheet | {name: value}), before, name)


@every_edition
@SHEETS
@given(data=st.data(), who=profiles(), random=randoms())
def test_a_firm_that_improves_everywhere_never_falls_on_the_way(
    slug: str, data: st.DataObject, who: dict[str, Any], random: Random
) -> None:
    framework = framework_of(slug)
    sheet: Answers = data.draw(answers(framework, gaps=0))
    before = scored(framework, who, sheet)
    ways = sorted(directions(framework).items())
    for name, way in random.sample(ways, min(40, len(ways))):
        raised = better(framework.edition.facts[name], sheet[name], way > 0, random)
        if raised is not None:
            sheet[name] = raised
            after = scored(framework, who, sheet)
            assert_not_lower(after, before, name)
            before = after


@every_edition
def test_every_fact_that_scores_can_be_raised(slug: str) -> None:
    """Else the properties above would hold by trying nothing."""
    framework = framework_of(slug)
    for name, way in directions(framework).items():
        fact = framework.edition.facts[name]
        forty = Fraction(40)
        middling = {"pair": Pair(forty, forty), "number": forty, "money": forty}.get(fact.type) or worst_value(fact)
        assert better(fact, middling, way > 0, Random(1)) is not None, name
