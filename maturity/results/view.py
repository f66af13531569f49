"""The result as pages, reports and charts show it: read from the frozen document, never computed again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from maturity.adaptive.framework import NO_LEVEL, Framework
from maturity.assessments.models import Submission
from maturity.benchmarks.lattice import key_of
from maturity.benchmarks.service import Comparison, compare
from maturity.questionnaires.model import Text
from maturity.questionnaires.plausibility import show
from maturity.questionnaires.values import decimal_text, from_json
from maturity.scoring.engine import rounded
from maturity.scoring.explanation import leaves

Node = Mapping[str, Any]
STRONGEST = 5
#: what a gate that must be exceeded is short of when the score stands exactly on it
SMALLEST_GAP = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class GateView:
    dimension: Text  # what is measured, in words
    threshold: Decimal
    actual: Decimal
    passed: bool
    gap: Decimal
    counts: bool = False  # the gate counts things; otherwise it compares points


@dataclass(frozen=True, slots=True)
class Rung:
    """One level of the ladder."""

    level: int
    title: Text
    description: Text | None
    reached: bool
    is_current: bool
    gates: tuple[GateView, ...]


@dataclass(frozen=True, slots=True)
class DimensionView:
    id: str
    role: str
    title: Text
    purpose: Text | None
    score: Decimal | None  # one place, as shown; None: does not apply
    share: Fraction | None
    contribution: Decimal
    percentile: int | None
    node: Node
    most: Decimal | None = None  # of a settled level: the highest score still possible


@dataclass(frozen=True, slots=True)
class IndicatorView:
    """An indicator with what it adds, what it leaves on the table, and the answers behind it."""

    id: str
    title: Text
    dimension: str
    value: Decimal | None  # 0..100, one place, as shown
    contribution: Decimal
    lost: Decimal  # points of the total still to be had
    answers: tuple[tuple[Text, Text, str], ...]  # fact label, value as words in both languages, state


@dataclass(frozen=True, slots=True)
class Result:
    submission: Submission
    document: Mapping[str, Any]
    framework: Framework
    level: int
    level_title: Text
    headline: Text
    capability: Decimal  # one place, as shown
    outcome: Decimal
    percentile: int | None  # of the capability among the peers
    ladder: tuple[Rung, ...]
    dimensions: tuple[DimensionView, ...]
    indicators: tuple[IndicatorView, ...]  # capability only, in the edition's order
    comparison: Comparison | None
    most: Decimal | None = None  # of a settled level: the highest capability still possible

    @property
    def is_settled(self) -> bool:
        """Whether it was submitted before everything was answered, because the level was settled."""
        return "range" in self.document["score"]

    @property
    def unanswered(self) -> int:
        """How many questions were left open."""
        return len(self.document.get("unanswered", ()))

    @property
    def stages(self) -> Mapping[int, Decimal]:
        """The scores of the stages' requirements, where the framework has stages."""
        found = self.document["explanation"].get("stages", {})
        return {int(stage): rounded(Fraction(value), places=1) for stage, value in found.items()}

    def of_role(self, role: str) -> tuple[DimensionView, ...]:
        return tuple(item for item in self.dimensions if item.role == role)

    @property
    def enterprise(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.document["enterprise"]
        return found

    @property
    def period(self) -> int:
        return int(self.document["assessment"]["period"])

    @property
    def profile(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.document["profile"]
        return found

    def capability_dimensions(self) -> tuple[DimensionView, ...]:
        return tuple(item for item in self.dimensions if item.role == "capability")

    def outcome_dimensions(self) -> tuple[DimensionView, ...]:
        return tuple(item for item in self.dimensions if item.role == "outcome")

    def strongest(self) -> tuple[IndicatorView, ...]:
        ranked = sorted(self.indicators, key=lambda item: (-item.contribution, item.id))
        return tuple(item for item in ranked[:STRONGEST] if item.contribution)

    def weakest(self) -> tuple[IndicatorView, ...]:
        return self.gaps(STRONGEST)

    def gaps(self, count: int) -> tuple[IndicatorView, ...]:
        """Where most points are to be had."""
        ranked = sorted(self.indicators, key=lambda item: (-item.lost, item.id))
        return tuple(item for item in ranked[:count] if item.lost)

    def title(self, node_id: str) -> Text:
        return self.framework.title(node_id)

    def answers_of(self, node: Node) -> tuple[tuple[Text, Text, str], ...]:
        """The answers under a node as label, value and state."""
        return tuple(answer_view(self.framework, leaf) for leaf in leaves(dict(node)))


def result_of(session: Session, framework: Framework, submission: Submission) -> Result:
    document = json.loads(submission.document)
    comparison = _comparison(session, document)
    explanation = document["explanation"]
    ladder = _ladder(framework, document)
    return Result(
        submission=submission,
        document=document,
        framework=framework,
        level=document["score"]["level"],
        level_title=framework.level_title(document["score"]["level"]),
        headline=_headline(ladder),
        capability=_shown(document["score"]["capability"]),
        outcome=_shown(document["score"]["outcome"]),
        percentile=_percentile(comparison, "capability", document["score"]["capability"]),
        ladder=ladder,
        dimensions=tuple(
            _dimension(framework, document, node, role, comparison)
            for role in framework.scoring.roles
            for node in explanation[role]["children"]
        ),
        indicators=tuple(_indicators(framework, explanation["capability"])),
        comparison=comparison,
        most=_shown(document["score"]["range"]["capability"]) if "range" in document["score"] else None,
    )


def _shown(summary: Mapping[str, str], gates: tuple[Fraction, ...] = ()) -> Decimal:
    """One place of the exact value: of the stored two places 58.45, which may stand for 58.452, it could be 58.4."""
    return rounded(Fraction(summary["exact"]), gates, 1)


def _percentile(comparison: Comparison | None, metric: str, summary: Mapping[str, str] | None) -> int | None:
    return comparison.percentile(metric, Decimal(summary["rounded"])) if comparison and summary else None


def _comparison(session: Session, document: Mapping[str, Any]) -> Comparison | None:
    if "range" in document["score"]:
        return None  # a range has no place among scores
    profile = document["profile"]
    key = key_of(profile["industry"], profile["region"], profile["size"])
    return compare(session, document["edition"]["framework"], document["assessment"]["period"], key)


def _ladder(framework: Framework, document: Mapping[str, Any]) -> tuple[Rung, ...]:
    reached = document["score"]["level"]
    gates = document["explanation"]["level"]["gates"]
    return tuple(
        Rung(
            level=number,
            title=words.title,
            description=words.body,
            reached=number <= reached,
            is_current=number == reached,
            gates=tuple(_gate(framework, gate) for gate in gates if gate["level"] == number),
        )
        for number, words in framework.levels.items()
    )


def _gate(framework: Framework, gate: Node) -> GateView:
    threshold, actual = Fraction(gate["threshold"]), Fraction(gate["actual"])
    kind, of = gate.get("kind", "dimension"), gate.get("of") or gate["dimension"]
    title = framework.gate_title(kind, of, gate["level"], gate.get("value"))
    counts = kind == "count"
    shown = rounded(actual, (threshold,), 0 if counts else 2)
    limit = rounded(threshold, places=0 if counts else 2)
    gap = max(limit - shown, SMALLEST_GAP) if not gate["passed"] else Decimal(0)
    return GateView(title, limit, shown, gate["passed"], gap, counts)


def _headline(ladder: tuple[Rung, ...]) -> Text:
    """The level in words, and what is missing for the next one; of a framework without levels, that it has none."""
    if not ladder:
        return NO_LEVEL
    current = next(rung for rung in ladder if rung.is_current)
    above = next((rung for rung in ladder if rung.level == current.level + 1), None)
    if above is None:
        return Text(f"{current.title.zh}：已达到最高阶段", f"{current.title.en}: the highest stage is reached")
    missing = sorted((gate for gate in above.gates if not gate.passed), key=lambda gate: (gate.counts, -gate.gap))
    worst = missing[0]
    gap = str(worst.gap) if worst.counts else _short(worst.gap)
    unit_zh, unit_en = ("项", "") if worst.counts else ("分", "points ")
    zh = f"{current.title.zh}：“{worst.dimension.zh}”还差 {gap} {unit_zh}达到{above.title.zh}"
    en = f"{current.title.en}: {worst.dimension.en} is {gap} {unit_en}short of {above.title.en}"
    if more := len(missing) - 1:
        zh += f"，另有 {more} 道门槛未过"
        en += f", and {more} more gate{'s' if more > 1 else ''} to pass"
    return Text(zh, en)


def _short(gap: Decimal) -> str:
    """One place, but never 0.0 for something that is missing."""
    shown = gap.quantize(Decimal("0.1"))
    return str(shown if shown else gap)


def _dimension(
    framework: Framework, document: Mapping[str, Any], node: Node, role: str, comparison: Comparison | None
) -> DimensionView:
    summary = document["score"]["dimensions"].get(node["id"])
    gates = document["explanation"]["level"]["gates"]
    limits = tuple(Fraction(gate["threshold"]) for gate in gates if gate.get("dimension") == node["id"])
    score = _shown(summary, limits) if summary else None
    place = _percentile(comparison, node["id"], summary)
    words = framework.parts[node["id"]]
    share = Fraction(node["share"]) if node["share"] else None
    contribution = rounded(Fraction(node["contribution"]))
    highest = document["score"].get("range", {}).get("dimensions", {}).get(node["id"])
    most = _shown(highest, limits) if highest else None
    return DimensionView(node["id"], role, words.title, words.body, score, share, contribution, place, node, most)


def _indicators(framework: Framework, total: Node) -> list[IndicatorView]:
    return [
        indicator_view(framework, dimension["id"], node)
        for dimension in total["children"]
        for group in dimension["children"]
        for node in group["children"]
        if node["applies"]
    ]


def indicator_view(framework: Framework, dimension: str, node: Node) -> IndicatorView:
    weight = Fraction(node["weight"])
    contribution = Fraction(node["contribution"])
    return IndicatorView(
        id=node["id"],
        title=framework.indicators[node["id"]].title,
        dimension=dimension,
        value=None if node["value"] is None else rounded(Fraction(node["value"]), places=1),
        contribution=rounded(contribution),
        lost=rounded(100 * weight - contribution),
        answers=tuple(answer_view(framework, leaf) for leaf in leaves(dict(node))),
    )


def answer_view(framework: Framework, leaf: Node) -> tuple[Text, Text, str]:
    """A leaf of the explanation as label, value in both languages with its unit, and state."""
    fact = framework.edition.facts[leaf["id"]]
    if leaf["value"] is None:
        return fact.label, Text("—", "—"), leaf["state"]
    value = from_json(fact, leaf["value"])
    zh, en = (show(framework.edition, fact.id, value, locale) for locale in ("zh", "en"))
    if isinstance(value, Fraction):
        zh = en = format(Decimal(decimal_text(value)), ",f")
    if fact.unit:
        times = " × " if fact.unit.en[:1].isdigit() else " "  # 36,000 × 10,000 CNY
        zh, en = f"{zh} {fact.unit.zh}", f"{en}{times}{fact.unit.en}"
    return fact.label, Text(zh, en), leaf["state"]
