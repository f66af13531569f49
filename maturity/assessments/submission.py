"""Submitting: the answers are frozen with everything the result depends on, so that the same bytes come back years
later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.evaluation import Evaluation, evaluate, explain_evaluation, period_end
from maturity.adaptive.framework import Framework
from maturity.adaptive.settled import Bounds, bounds_of_path
from maturity.assessments.answering import evaluate_assessment, load_sheet
from maturity.assessments.models import Assessment, Submission
from maturity.assessments.service import require_draft
from maturity.audit.service import record
from maturity.clock import Clock
from maturity.editions.service import canonical, digest, framework_by_hash
from maturity.errors import Conflict, MaturityError
from maturity.questionnaires.values import from_json, to_json
from maturity.scoring.engine import rounded
from maturity.scoring.model import Score

FORMAT = "maturity-result/1"


class Incomplete(Conflict):
    """Questions on the path are unanswered, and the level is not settled without them or was not to be."""

    def __init__(self, evaluation: Evaluation) -> None:
        super().__init__("assessment_incomplete")
        self.evaluation = evaluation


class Implausible(Conflict):
    """Answers contradict each other, or a query has not been confirmed."""

    def __init__(self, evaluation: Evaluation) -> None:
        super().__init__("assessment_implausible")
        self.evaluation = evaluation


@dataclass(frozen=True, slots=True)
class Declaration:
    """Who declares the answers true, in which function, whether the queries were checked, and whether a settled level
    is to be submitted without the answers that cannot change it."""

    name: str
    title: str
    queries_confirmed: bool
    as_settled: bool = False


def submit_assessment(
    session: Session,
    assessment: Assessment,
    enterprise: Mapping[str, Any],
    declaration: Declaration,
    *,
    actor_id: int | None,
    clock: Clock,
) -> Submission:
    """Freeze and score; `enterprise` is the name and code the report will carry. Submitting twice is a conflict.

    Open questions are allowed where the level is settled and the declaration says so: level and the range of the
    scores are then frozen.
    """
    require_draft(assessment)
    framework = framework_by_hash(session, assessment.edition_sha256)
    evaluation = evaluate_assessment(framework, assessment, load_sheet(session, assessment, framework).facts)
    if not evaluation.path.is_complete and not (
        declaration.as_settled and _may_stop(framework, assessment, evaluation)
    ):
        raise Incomplete(evaluation)
    if evaluation.errors or (evaluation.queries and not declaration.queries_confirmed):
        raise Implausible(evaluation)
    submitted_at = clock.now().replace(microsecond=0)
    assessment.status = "submitted"
    assessment.submitted_at = submitted_at
    document = build_document(assessment, framework, evaluation, enterprise, declaration, submitted_at.isoformat())
    submission = _submission(assessment, document, actor_id)
    session.add(submission)
    _supersede_previous(session, assessment)
    what: dict[str, Any] = {"assessment_id": str(assessment.id), "period": assessment.period}
    record(session, clock, "assessment.submitted", actor_id, assessment.tenant_id, **what)
    session.flush()
    return submission


def _may_stop(framework: Framework, assessment: Assessment, evaluation: Evaluation) -> bool:
    on = period_end(assessment.period)
    return may_stop(framework, bounds_of_path(framework, assessment.profile, evaluation.path, on))


def may_stop(framework: Framework, bounds: Bounds) -> bool:
    """Whether an assessment may be submitted as it stands, because no open answer can change its level."""
    return bool(framework.levels) and bounds.is_settled


def _supersede_previous(session: Session, assessment: Assessment) -> None:
    if assessment.previous_id is not None:
        previous = session.get_one(Assessment, assessment.previous_id)
        if previous.status == "submitted":
            previous.status = "superseded"


def _submission(assessment: Assessment, document: dict[str, Any], actor_id: int | None) -> Submission:
    content = canonical(document)
    return Submission(
        tenant_id=assessment.tenant_id,
        assessment_id=assessment.id,
        document=content.decode(),
        sha256=digest(content),
        declared_by=actor_id,
        submitted_at=assessment.submitted_at,
        **_columns(document),
    )


def _columns(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the table repeats of the document, so that lists need not read it."""
    score, declaration = document["score"], document["declaration"]
    return {
        "level": score["level"],
        "capability": Decimal(score["capability"]["rounded"]),
        "capability_exact": score["capability"]["exact"],
        "capability_most": Decimal(score["range"]["capability"]["rounded"]) if "range" in score else None,
        "outcome": Decimal(score["outcome"]["rounded"]),
        "outcome_exact": score["outcome"]["exact"],
        "declared_name": declaration["name"],
        "declared_title": declaration["title"],
    }


def build_document(
    assessment: Assessment,
    framework: Framework,
    evaluation: Evaluation,
    enterprise: Mapping[str, Any],
    declaration: Declaration,
    submitted_at: str,
) -> dict[str, Any]:
    """Everything the result depends on and everything it is, as JSON values: ids and numbers, no translated text."""
    on = period_end(assessment.period)
    return {
        "format": FORMAT,
        "assessment": {"id": str(assessment.id), "period": assessment.period, "revision": assessment.revision},
        "enterprise": dict(enterprise),
        "edition": {
            "framework": framework.edition.framework,
            "edition": framework.edition.edition,
            "sha256": assessment.edition_sha256,
        },
        "profile": dict(assessment.profile),
        "facts": {name: to_json(value) for name, value in evaluation.path.facts.items()},
        **result_of(framework, assessment.profile, evaluation, on),
        "queries_confirmed": _confirmed(evaluation),
        "declaration": {
            "standing": "self_declared",
            "name": declaration.name,
            "title": declaration.title,
            "submitted_at": submitted_at,
        },
    }


def result_of(framework: Framework, profile: Mapping[str, Any], evaluation: Evaluation, on: date) -> dict[str, Any]:
    """Score and explanation. Of a settled level the score is what is certain, with the highest that is possible
    beside it, and the open questions are named."""
    if evaluation.path.is_complete:
        return {
            "score": score_summary(evaluation.score),
            "explanation": explain_evaluation(framework, profile, evaluation, on),
        }
    bounds = bounds_of_path(framework, profile, evaluation.path, on)
    certain = replace(evaluation, score=bounds.low)
    highest = score_summary(bounds.high)
    summary = score_summary(bounds.low) | {"range": {name: highest[name] for name in _RANGES}}
    return {
        "score": summary,
        "explanation": explain_evaluation(framework, profile, certain, on),
        "unanswered": [question.id for question in evaluation.path.unanswered()],
    }


_RANGES = ("capability", "outcome", "dimensions")


def _confirmed(evaluation: Evaluation) -> list[str]:
    return [finding.rule for finding in evaluation.queries]


def score_summary(score: Score) -> dict[str, Any]:
    """The score as stored: exact, and as it is shown; a dimension below one of its gates never shows as the gate."""
    return {
        "level": score.level,
        "capability": _exact_and_shown(score.capability, score.limits("total", "capability")),
        "outcome": _exact_and_shown(score.outcome),
        "dimensions": {
            name: _exact_and_shown(value, score.limits("dimension", name)) for name, value in score.dimensions.items()
        },
    }


def _exact_and_shown(value: Fraction, limits: tuple[Fraction, ...] = ()) -> dict[str, str]:
    return {"exact": str(value), "rounded": str(rounded(value, limits))}


def rescore(session: Session, submission: Submission) -> dict[str, Any]:
    """Score a stored submission again from its own facts; the result must be the stored document, byte for byte."""
    return rescored(session, json.loads(submission.document))


def rescored(session: Session, document: Mapping[str, Any]) -> dict[str, Any]:
    """A stored document with everything that follows from its facts worked out again, by its own edition."""
    framework = framework_by_hash(session, document["edition"]["sha256"])
    facts = {name: from_json(framework.edition.facts[name], data) for name, data in document["facts"].items()}
    on = period_end(document["assessment"]["period"])
    evaluation = evaluate(framework, document["profile"], facts, on)
    return dict(document) | {
        "facts": {name: to_json(value) for name, value in evaluation.path.facts.items()},
        **result_of(framework, document["profile"], evaluation, on),
        "queries_confirmed": _confirmed(evaluation),
    }


def submission_of(session: Session, assessment: Assessment) -> Submission | None:
    return session.scalar(select(Submission).where(Submission.assessment_id == assessment.id))


def verify_all(session: Session) -> tuple[int, list[str]]:
    """Score every stored submission again; how many there are, and the ids of those that differ."""
    different = []
    checked = 0
    for submission in session.scalars(select(Submission)):
        checked += 1
        if not is_genuine(session, submission):
            different.append(str(submission.id))
    return checked, different


def is_genuine(session: Session, submission: Submission) -> bool:
    """Whether the stored bytes have their hash, follow from their own facts, and say what the table says.

    Whatever cannot even be read has been changed, too: it is reported like the rest and stops nothing.
    """
    stored = submission.document.encode()
    try:
        document = rescore(session, submission)
        same = canonical(document) == stored and document["assessment"]["id"] == str(submission.assessment_id)
        columns = _columns(document)
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, MaturityError):
        return False
    repeated = all(getattr(submission, name) == value for name, value in columns.items())
    return same and repeated and digest(stored) == submission.sha256
