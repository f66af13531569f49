"""What is stored comes back the same: editions as canonical JSON, fact values as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maturity.adaptive.evaluation import evaluate, explain_evaluation
from maturity.adaptive.framework import Framework, load_framework, parse_framework
from maturity.editions.service import canonical, digest
from maturity.questionnaires.loader import editions, read_bundle
from maturity.questionnaires.model import Fact, Option, Text
from maturity.questionnaires.values import FACT_TYPES, InvalidValue, from_json, parse, to_json
from tests.properties.strategies import ON, SHEETS, Answers, answers, profiles, randoms, values

WORDS = Text("事实", "Fact")
CHOICES = tuple(Option(name, WORDS) for name in ("low", "middle", "high", "none"))


def fact_of(kind: str, *, integer: bool = False) -> Fact:
    options = CHOICES if kind in ("choice", "multi") else ()
    grid = CHOICES if kind == "matrix" else ()
    lowest = Fraction(-100) if kind == "pair" else Fraction(0)
    return Fact("f", kind, WORDS, None, None, integer, lowest, None, options, True, "none", grid, grid)


FACTS = [fact_of(kind) for kind in FACT_TYPES] + [fact_of("number", integer=True)]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.type)
@settings(SHEETS, max_examples=100)
@given(st.data())
def test_a_fact_value_comes_back_from_json(fact: Fact, data: st.DataObject) -> None:
    value = data.draw(values(fact))
    stored = json.loads(json.dumps(to_json(value)))
    assert parse(fact, stored) == value
    assert from_json(fact, stored) == value
    assert to_json(from_json(fact, stored)) == stored


@settings(SHEETS, max_examples=200)
@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 15))
def test_every_number_a_person_can_type_is_kept_exactly(digits: int, places: int) -> None:
    fact = Fact("f", "number", WORDS, None, None, False, None, None, (), False, None, (), ())
    whole, part = divmod(abs(digits), 10**places)
    typed = f"{'-' if digits < 0 else ''}{whole}" + (f".{part:0{places}d}" if places else "")
    if sum(map(str.isdigit, typed)) <= 15:
        value = parse(fact, typed)
        assert value == Fraction(digits, 10**places)
        assert from_json(fact, to_json(value)) == value


@pytest.mark.parametrize("kind", [int, Decimal])
@given(st.integers(-(10**40), 10**40))
def test_a_number_from_a_program_is_kept_exactly_or_refused(kind: type, number: int) -> None:
    """What could be taken in but not be read back from storage would be lost with the next submission."""
    fact = replace(fact_of("number", integer=True), minimum=None)
    if abs(number) < 10**15:
        value = parse(fact, kind(number))
        assert value == number
        assert from_json(fact, to_json(value)) == value
        return
    with pytest.raises(InvalidValue) as refused:
        parse(fact, kind(number))
    assert refused.value.code == "too_many_digits"


def shuffled(data: Any, random: Random) -> Any:
    """The same JSON with its keys in another order."""
    match data:
        case dict():
            return {key: shuffled(data[key], random) for key in random.sample(sorted(data), len(data))}
        case list():
            return [shuffled(item, random) for item in data]
        case _:
            return data


def parts_of(framework: Framework) -> tuple[Any, ...]:
    """What an edition is made of, in its order, in values that can be compared."""
    edition, model = framework.edition, framework.scoring
    tree = [
        (d.id, d.role, d.weight, [(g.id, g.weight, [indicator_of(i) for i in g.indicators]) for g in d.groups])
        for d in model.dimensions
    ]
    heading = (edition.slug, edition.status, edition.valid_from, edition.title, edition.basis, edition.sections)
    asked = (edition.order, list(edition.questions.items()), list(edition.facts.items()), dict(edition.asked_by))
    return heading, asked, edition.plausibility, tree, model.levels, list(model.parameters.items())


def indicator_of(indicator: Any) -> tuple[Any, ...]:
    parts = (indicator.facts, indicator.shapes, indicator.parameters, indicator.settings)
    return indicator.id, indicator.parent, indicator.weight, indicator.rule, *(dict(part) for part in parts)


@pytest.mark.parametrize("slug", editions())
@settings(SHEETS, max_examples=3)
@given(random=randoms())
def test_an_edition_comes_back_from_canonical_json_whatever_the_order_of_its_keys(slug: str, random: Random) -> None:
    bundle = read_bundle(slug)
    content = canonical(shuffled(bundle, random))
    assert digest(content) == digest(canonical(bundle))
    expected = parts_of(load_framework(slug))
    assert parts_of(parse_framework(json.loads(content))) == expected
    assert parts_of(parse_framework(shuffled(bundle, random))) == expected


@pytest.fixture(scope="session")
def stored(framework: Framework) -> Framework:
    """The framework as the site gets it, from the canonical bytes in the database."""
    return parse_framework(json.loads(canonical(framework.bundle)))


@SHEETS
@given(st.data(), profiles())
def test_a_stored_edition_gives_the_same_findings_and_the_same_bytes_of_explanation(
    framework: Framework, stored: Framework, data: st.DataObject, who: dict[str, Any]
) -> None:
    sheet: Answers = data.draw(answers(framework))
    results = [evaluate(edition, who, sheet, ON) for edition in (framework, stored)]
    assert results[0] == results[1]
    trees = [
        explain_evaluation(edition, who, result, ON)
        for edition, result in zip((framework, stored), results, strict=True)
    ]
    assert canonical(trees[0]) == canonical(trees[1])
