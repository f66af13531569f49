"""What remains of a result after the review, and what changed by it. The enterprise's own answers stay as they are.

A corrected answer counts as corrected. One that is not evidenced is taken out, and what is certain without it counts:
the lower bound over whatever it could have been, so that a missing proof never raises a score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from maturity.adaptive.evaluation import evaluate
from maturity.adaptive.framework import Framework
from maturity.assessments.submission import result_of
from maturity.certification.cases import Actor
from maturity.certification.models import CaseItem, CertificationCase
from maturity.clock import Clock
from maturity.editions.service import canonical, digest
from maturity.errors import Conflict, NotAllowed
from maturity.questionnaires.model import Facts, Text
from maturity.questionnaires.values import from_json, to_json
from maturity.reviewing.drawing import write_log
from maturity.reviewing.opened import ReviewFile, Submitted, items_of, progress_of, submitted_of

FORMAT = "maturity-review/1"
_RESULT = ("score", "explanation", "unanswered")


def reviewed_facts(submitted: Submitted, items: Iterable[CaseItem]) -> Facts:
    """The facts as the verdicts leave them."""
    facts = dict(submitted.facts)
    edition = submitted.framework.edition
    for item in items:
        if item.verdict in ("corrected", "not_evidenced"):
            for name in edition.questions[item.question_id].facts:
                facts.pop(name, None)
        if item.verdict == "corrected":
            facts |= {name: from_json(edition.facts[name], data) for name, data in (item.facts or {}).items()}
    return facts


def document_of(submitted: Submitted, items: Iterable[CaseItem], case: CertificationCase) -> dict[str, Any]:
    """The submitted document with the facts and the result that remain, and how it was reviewed."""
    items = list(items)
    facts = reviewed_facts(submitted, items)
    evaluation = evaluate(submitted.framework, submitted.profile, facts, submitted.on)
    kept = {name: value for name, value in submitted.document.items() if name not in _RESULT}
    return kept | {
        "facts": {name: to_json(value) for name, value in evaluation.path.facts.items()},
        **result_of(submitted.framework, submitted.profile, evaluation, submitted.on),
        "queries_confirmed": [finding.rule for finding in evaluation.queries],
        "review": {
            "format": FORMAT,
            "case": str(case.id),
            "submission_sha256": case.submission_sha256,
            "sample_rules": case.sample_rules,
            "seed": case.seed,
            "verdicts": {item.question_id: item.verdict for item in items},
            "weight_reviewed": str(weight_reviewed(items)),
        },
    }


def weight_reviewed(items: Iterable[CaseItem]) -> Decimal:
    """How much of the weight of all answers somebody looked at, in percent; what is left is declared by the enterprise.

    >>> weight_reviewed([])
    Decimal('0.00')
    """
    total = sum((Fraction(item.weight) for item in items if item.verdict is not None), Fraction(0))
    return Decimal(min(round(total * 100), 10_000)).scaleb(-2)


def reviewed_result(session: Session, case: CertificationCase) -> dict[str, Any]:
    """The document as the verdicts so far leave it; it may be asked from either side of the case."""
    submitted = submitted_of(session, case)
    items = items_of(session, case, submitted.framework)
    return document_of(submitted, items.values(), case)


def complete_review(session: Session, opened: ReviewFile, actor: Actor, clock: Clock) -> None:
    """Freeze what remains, once everything in the sample is judged; a verdict that moves afterwards takes it back."""
    case = opened.case
    session.refresh(case, with_for_update=True)
    if case.state != "reviewing":
        raise Conflict("review_closed")
    if not opened.leads:
        raise NotAllowed("lead_only")
    items = items_of(session, case, opened.framework, is_anew=True)
    if not progress_of(items.values()).is_done:
        raise Conflict("review_incomplete")
    document = document_of(opened.submitted, items.values(), case)
    content = canonical(document)
    case.reviewed_document, case.reviewed_sha256 = content.decode(), digest(content)
    case.level_reviewed = document["score"]["level"]
    case.weight_reviewed = weight_reviewed(items.values())
    write_log(
        session,
        case,
        case.body_id,
        "review.completed",
        actor.user_id,
        clock,
        other=case.client_name,
        level=case.level_reviewed,
        sha256=case.reviewed_sha256,
    )


# What changed


@dataclass(frozen=True, slots=True)
class Moved:
    """A value before the review and after it, as shown."""

    title: Text
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class GateMoved:
    """A gate that is passed before and not after, or the other way round."""

    title: Text
    level: int
    threshold: Decimal
    before: Decimal
    after: Decimal
    passed: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What the review did to the result."""

    level_before: int
    level_after: int
    capability: Moved
    outcome: Moved
    dimensions: tuple[Moved, ...]
    gates: tuple[GateMoved, ...]

    @property
    def moved(self) -> bool:
        return bool(
            self.level_before != self.level_after
            or self.capability.change
            or self.outcome.change
            or any(item.change for item in self.dimensions)
        )


def changes_between(framework: Framework, before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """Level, scores, dimensions and gates of two documents of the same edition, side by side."""
    old, new = before["score"], after["score"]
    return Changes(
        old["level"],
        new["level"],
        _moved(Text("水平与能力得分", "Capability"), old["capability"], new["capability"]),
        _moved(Text("效能与效益得分", "Outcomes"), old["outcome"], new["outcome"]),
        tuple(
            _moved(framework.title(name), value, new["dimensions"].get(name, value))
            for name, value in old["dimensions"].items()
        ),
        tuple(_gates(framework, before, after)),
    )


def _moved(title: Text, before: Mapping[str, str], after: Mapping[str, str]) -> Moved:
    return Moved(title, Decimal(before["rounded"]), Decimal(after["rounded"]))


def _gates(framework: Framework, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[GateMoved]:
    earlier = {_key(gate): gate for gate in before["explanation"]["level"]["gates"]}
    for gate in after["explanation"]["level"]["gates"]:
        was = earlier.get(_key(gate))
        if was is None or was["passed"] == gate["passed"]:
            continue
        kind, of, level = _key(gate)
        yield GateMoved(
            framework.gate_title(kind, of, level, gate.get("value")),
            level,
            _shown(gate["threshold"]),
            _shown(was["actual"]),
            _shown(gate["actual"]),
            gate["passed"],
        )


def _key(gate: Mapping[str, Any]) -> tuple[str, str, int]:
    """A gate by what it measures; one on a dimension names no kind."""
    return gate.get("kind", "dimension"), gate.get("of") or gate["dimension"], gate["level"]


def _shown(exact: str) -> Decimal:
    return Decimal(round(Fraction(exact) * 100)).scaleb(-2)
