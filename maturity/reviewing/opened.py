"""The file of a case as somebody of the body opens it in the enterprise: what was submitted, what was drawn, and how
far the review is. It opens by an assignment that lasts, free of conflicts, and after a declaration of independence.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.evaluation import Evaluation, evaluate, period_end
from maturity.adaptive.framework import Framework
from maturity.assessments.models import Assessment, Submission
from maturity.audit.service import record
from maturity.certification.assignments import require_unconflicted
from maturity.certification.cases import case_for
from maturity.certification.models import CaseItem, CertificationCase
from maturity.clock import Clock
from maturity.db import for_tenant
from maturity.editions.service import framework_by_hash
from maturity.errors import Conflict, NotFound
from maturity.questionnaires.model import FactValue, Question
from maturity.questionnaires.values import from_json
from maturity.tenancy.models import ReviewAssignment
from maturity.tenancy.service import VISIT, Access


class NotDeclared(Conflict):
    """The file stays closed until its reader has declared to be independent."""

    def __init__(self) -> None:
        super().__init__("independence_first")


@dataclass(frozen=True)
class Submitted:
    """What the case is about: the frozen document with its framework, as values."""

    document: Mapping[str, Any]
    framework: Framework

    @property
    def profile(self) -> Mapping[str, Any]:
        profile: Mapping[str, Any] = self.document["profile"]
        return profile

    @property
    def on(self) -> date:
        return period_end(self.document["assessment"]["period"])

    @cached_property
    def facts(self) -> Mapping[str, FactValue]:
        known = self.framework.edition.facts
        return {name: from_json(known[name], data) for name, data in self.document["facts"].items()}

    @cached_property
    def evaluation(self) -> Evaluation:
        return evaluate(self.framework, self.profile, self.facts, self.on)

    def answered(self) -> tuple[Question, ...]:
        """The questions of which an answer was submitted, in the order of the edition."""
        steps = self.evaluation.path.steps.values()
        return tuple(step.question for step in steps if step.is_asked and step.answered)


@dataclass(frozen=True)
class ReviewFile:
    case: CertificationCase
    assignment: ReviewAssignment
    assessment: Assessment
    submitted: Submitted
    items: Mapping[str, CaseItem]  # by question, in the order of the edition

    @property
    def framework(self) -> Framework:
        return self.submitted.framework

    @property
    def judges(self) -> bool:
        """Whether this person may judge now: whoever decides only reads."""
        return self.case.state == "reviewing" and self.assignment.part != "decider"

    @property
    def leads(self) -> bool:
        return self.assignment.part == "lead"

    @property
    def progress(self) -> Progress:
        return progress_of(self.items.values())

    def item(self, question_id: str) -> CaseItem:
        found = self.items.get(question_id)
        if found is None:
            raise NotFound("item")
        return found


@dataclass(frozen=True, slots=True)
class Progress:
    """How many answers of the sample are judged, and how."""

    judged: int
    total: int
    verdicts: Mapping[str, int]

    @property
    def percent(self) -> int:
        return 100 * self.judged // self.total if self.total else 0

    @property
    def is_done(self) -> bool:
        return 0 < self.total == self.judged


def progress_of(items: Any) -> Progress:
    found = list(items)
    verdicts = Counter(item.verdict for item in found if item.verdict is not None)
    return Progress(sum(verdicts.values()), len(found), verdicts)


def submitted_of(session: Session, case: CertificationCase) -> Submitted:
    """What was submitted, read in the enterprise from whichever side it is asked."""
    session.flush()
    client_id, submission_id = case.client_id, case.submission_id
    with for_tenant(session, client_id):
        text = session.scalar(select(Submission.document).where(Submission.id == submission_id))
    if text is None:
        raise NotFound("submission_of_case")
    document: dict[str, Any] = json.loads(text)
    return Submitted(document, framework_by_hash(session, document["edition"]["sha256"]))


def items_of(
    session: Session, case: CertificationCase, framework: Framework, *, is_anew: bool = False
) -> dict[str, CaseItem]:
    """The sample by question, in the order of the edition; `is_anew` reads what others may have written meanwhile."""
    query = select(CaseItem).where(CaseItem.case_id == case.id, CaseItem.client_id == case.client_id)
    query = query.execution_options(populate_existing=is_anew)
    found = {item.question_id: item for item in session.scalars(query)}
    return {name: found[name] for name in framework.edition.order if name in found}


def assignment_in(access: Access, case_id: uuid.UUID) -> ReviewAssignment:
    """The part by which somebody is here for this case; `NotFound` for whoever has none in it."""
    found = next((item for item in access.reviews if item.case_id == case_id), None)
    if found is None:
        raise NotFound("case")
    return found


def open_review(session: Session, access: Access, case_id: uuid.UUID, clock: Clock) -> ReviewFile:
    """The file, or what keeps it closed: no part in the case, a conflict of interest, no declaration yet."""
    assignment = assignment_in(access, case_id)
    case = case_for(session, case_id, access.tenant.id)
    require_unconflicted(session, case, assignment.user_id, assignment.user_name, clock)
    if assignment.independent_at is None:
        raise NotDeclared
    submitted = submitted_of(session, case)
    assessment = session.scalar(select(Assessment).where(Assessment.id == case.assessment_id))
    if assessment is None:
        raise NotFound("submission_of_case")
    return ReviewFile(case, assignment, assessment, submitted, items_of(session, case, submitted.framework))


def hold(session: Session, opened: ReviewFile) -> None:
    """Lock the case until the transaction ends and read where it stands now: somebody may have recommended meanwhile.

    Raises `Conflict` where nothing may be judged in it any more.
    """
    session.refresh(opened.case, with_for_update=True)
    if not opened.judges:
        raise Conflict("review_closed")


def is_new_visit(assignment: ReviewAssignment, clock: Clock) -> bool:
    return assignment.last_opened_at is None or assignment.last_opened_at < clock.now() - VISIT


def note_visit(session: Session, assignment_id: uuid.UUID, user_id: int, clock: Clock) -> None:
    """Put the visit into the enterprise's own log; the session works for the enterprise."""
    assignment = session.get_one(ReviewAssignment, assignment_id)
    if not is_new_visit(assignment, clock):
        return
    assignment.last_opened_at = clock.now()
    details = {"case_id": str(assignment.case_id), "body": assignment.body_name}
    record(session, clock, "review.opened", user_id, assignment.tenant_id, **details)
    session.flush()
