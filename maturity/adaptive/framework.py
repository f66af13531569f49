"""A framework edition whole: its questions, its scoring and its words, made from one bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maturity.content import ContentError, Problem
from maturity.questionnaires.condition_parsing import PRODUCTION_TYPES
from maturity.questionnaires.conditions import leaves
from maturity.questionnaires.loader import LIBRARY, Bundle, parse_edition, read_bundle
from maturity.questionnaires.model import Edition, Text
from maturity.scoring.model import ScoringModel
from maturity.scoring.monotone import direction
from maturity.scoring.parsing import parse_scoring

#: of a framework that rates without grading
NO_LEVEL = Text("本模型不分级", "No levels in this framework")
TOTAL = Text("总分", "Total score")


@dataclass(frozen=True, slots=True)
class Words:
    """What a person reads about an indicator, dimension, level or parameter."""

    title: Text
    body: Text | None  # definition, purpose or description
    rationale: Text | None  # why the value is what it is; of indicators and dimensions, why their weight is
    unit: str
    provenance: str
    reference: str


@dataclass(frozen=True, slots=True, eq=False)
class Framework:
    """Compared by identity, so that results can be cached against it."""

    edition: Edition
    scoring: ScoringModel
    bundle: Bundle
    indicators: Mapping[str, Words]
    parts: Mapping[str, Words]  # elements, dimensions and groups
    sets: Mapping[str, Words]  # what gates count
    levels: Mapping[int, Words]  # empty where a framework knows none
    parameters: Mapping[str, Words]

    def title(self, node_id: str) -> Text:
        """The title of an indicator, dimension, group or fact, by id."""
        if node_id in self.indicators:
            return self.indicators[node_id].title
        if node_id in self.parts:
            return self.parts[node_id].title
        return self.edition.facts[node_id].label

    def level_title(self, level: int) -> Text:
        """The level in words; a framework without levels says so."""
        return self.levels[level].title if level in self.levels else NO_LEVEL

    def gate_title(self, kind: str, of: str, level: int, value: str | None = None) -> Text:
        """What a gate measures, in words."""
        match kind:
            case "total":
                return TOTAL
            case "stage":
                title = self.level_title(level)
                return Text(f"{title.zh}要求的满足程度", f"Requirements of {title.en}")
            case "count":
                counted, least = self.sets[of].title, self.parameters[value or ""].title
                return Text(f"{counted.zh}（{least.zh}）", f"{counted.en} ({least.en})")
            case _:
                return self.title(of)


def parse_framework(bundle: Bundle) -> Framework:
    """Make a `Framework` of a bundle; a `ContentError` lists what both sides refuse."""
    problems: list[Problem] = []
    edition = scoring = None
    try:
        edition = parse_edition(bundle)
    except ContentError as error:
        problems.extend(error.problems)
    try:
        scoring = parse_scoring(bundle)
    except ContentError as error:
        problems.extend(error.problems)
    if edition is None or scoring is None:
        raise ContentError(problems)
    _check_join(edition, scoring, bundle)
    tree = bundle["scoring"]
    dimensions = tree["dimensions"]
    parts = (*tree.get("elements", ()), *(part for d in dimensions for part in (d, *d["children"])))
    return Framework(
        edition=edition,
        scoring=scoring,
        bundle=bundle,
        indicators={name: _words(data, "definition") for name, data in bundle["indicators"].items()},
        parts={part["id"]: _words(part, "purpose") for part in parts},
        sets={item["id"]: _words(item, "purpose") for item in tree.get("sets", ())},
        levels={level["level"]: _words(level, "description") for level in tree.get("levels", ())},
        parameters={name: _words(data, "definition") for name, data in bundle["parameters"].items()},
    )


def load_framework(slug: str, library: Path = LIBRARY) -> Framework:
    """Read an edition folder of the library."""
    return parse_framework(read_bundle(slug, library))


def _words(data: Mapping[str, Any], body: str) -> Words:
    def text(key: str) -> Text | None:
        return Text.of(data[key]) if isinstance(data.get(key), Mapping) else None

    weight = data.get("weight")
    why = weight.get("rationale") if isinstance(weight, Mapping) else data.get("rationale")
    return Words(
        title=Text.of(data["title"]),
        body=text(body),
        rationale=Text.of(why) if isinstance(why, Mapping) else None,
        unit=str(data.get("unit", "")),
        provenance=str(data.get("provenance", "")),
        reference=str(data.get("reference", "")),
    )


def _check_join(edition: Edition, scoring: ScoringModel, bundle: Bundle) -> None:
    """Whether an indicator applies follows from the questions that ask its facts; a copy that differs is refused."""
    problems: list[Problem] = []
    for indicator in scoring.indicators.values():
        asked = [edition.asked_by[fact] for fact in indicator.facts.values()]
        conditions = [bundle["questions"][question].get("applies") for question in asked]
        stated = bundle["indicators"][indicator.id].get("applies")
        if stated is not None and stated not in conditions:
            message = "differs from the condition of the question that asks its facts."
            problems.append(Problem("indicators", f"{indicator.id}.applies", message, "remove it here."))
    problems += _closed_by_better_answers(edition, scoring)
    problems += _missing_variants(scoring)
    if problems:
        raise ContentError(problems)


def _closed_by_better_answers(edition: Edition, scoring: ScoringModel) -> list[Problem]:
    """A question may not build on a fact that is better when it is less: improving it would close the question."""
    lowering = {
        fact
        for indicator in scoring.indicators.values()
        for role, fact in indicator.facts.items()
        if direction(indicator, role) < 0
    }
    mend = "build on a fact that is better when it is more."
    return [
        Problem(f"questions/{question.id}.yaml", "requires", f"{leaf.name} is better when it is less.", mend)
        for question in edition.questions.values()
        for leaf in leaves(question.requires)
        if leaf.name in lowering and leaf.op != "answered"
    ]


def _missing_variants(scoring: ScoringModel) -> list[Problem]:
    """A parameter that differs by production type must have a value for each, or somebody cannot be scored."""
    problems = []
    for parameter in scoring.parameters.values():
        for day, value in parameter.values:
            if isinstance(value, Mapping) and set(value) != set(PRODUCTION_TYPES):
                wrong = ", ".join(sorted(set(value) ^ set(PRODUCTION_TYPES)))
                mend = f"give one value for each of {', '.join(PRODUCTION_TYPES)}."
                problems.append(Problem("parameters", f"{parameter.id}.values.{day}", f"not right: {wrong}.", mend))
    return problems


def unscored_questions(framework: Framework) -> tuple[str, ...]:
    """Questions none of whose facts any indicator or plausibility rule reads: candidates for leaving out."""
    used = {fact for indicator in framework.scoring.indicators.values() for fact in indicator.facts.values()}
    used |= {fact for rule in framework.edition.plausibility for fact in rule.facts}
    return tuple(q.id for q in framework.edition.questions.values() if not used & set(q.facts))
