"""An assessment as one person opens it: with everything its pages need, and how far it is open to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from maturity.adaptive.evaluation import Evaluation, period_end
from maturity.adaptive.framework import Framework
from maturity.adaptive.settled import Bounds, bounds_of_path, recommend
from maturity.assessments.answering import Sheet, evaluate_assessment, load_sheet
from maturity.assessments.models import Assessment
from maturity.assessments.reach import Reach, reach_of
from maturity.assessments.service import get_assessment
from maturity.assessments.submission import may_stop
from maturity.editions.service import framework_by_hash
from maturity.errors import NotFound
from maturity.questionnaires.model import Question
from maturity.questionnaires.plausibility import Finding
from maturity.tenancy.service import Access


@dataclass(frozen=True, slots=True)
class Opened:
    assessment: Assessment
    framework: Framework
    sheet: Sheet
    evaluation: Evaluation
    reach: Reach

    @property
    def missing(self) -> tuple[Question, ...]:
        """The unanswered questions within reach."""
        return self.reach.within(self.evaluation.path.unanswered())

    @property
    def errors(self) -> tuple[Finding, ...]:
        return findings_within(self.framework, self.evaluation.errors, self.reach)

    @property
    def queries(self) -> tuple[Finding, ...]:
        return findings_within(self.framework, self.evaluation.queries, self.reach)

    @property
    def bounds(self) -> Bounds:
        """What can still come of the open questions."""
        return bounds_of_path(self.framework, self.assessment.profile, self.evaluation.path, self._on)

    @property
    def may_stop(self) -> bool:
        """Whether it is not complete and may be submitted all the same, because the level is settled; told to those who
        may see the whole."""
        is_open = self.reach.is_everything and not self.evaluation.path.is_complete
        return is_open and may_stop(self.framework, self.bounds)

    def recommended(self) -> tuple[Question, ...]:
        """The unanswered questions within reach, the one first that probably settles the level soonest."""
        advice = recommend(self.framework, self.assessment.profile, self.bounds, self._on)
        return self.reach.within(advice.questions)

    @property
    def _on(self) -> date:
        return period_end(self.assessment.period)

    def question(self, question_id: str) -> Question:
        """The question, if it is of the edition and within reach, else `NotFound`."""
        return question_within(self.framework, question_id, self.reach)

    def question_of(self, finding: Finding) -> str:
        """The question at which a finding is looked at: the first of its facts that may be opened."""
        asked_by, questions = self.framework.edition.asked_by, self.framework.edition.questions
        asked = (asked_by[name] for name in finding.facts)
        return next(name for name in asked if self.reach.holds(questions[name].section))


def open_assessment(
    session: Session, access: Access, user_id: int | None, assessment_id: UUID, *, hold: str = ""
) -> Opened:
    """`hold` as in `get_assessment`."""
    assessment = get_assessment(session, assessment_id, hold=hold)
    framework = framework_by_hash(session, assessment.edition_sha256)
    sheet = load_sheet(session, assessment, framework)
    reach = reach_of(session, access, user_id, assessment_id)
    return Opened(assessment, framework, sheet, evaluate_assessment(framework, assessment, sheet.facts), reach)


def question_within(framework: Framework, question_id: str, reach: Reach) -> Question:
    question = framework.edition.questions.get(question_id)
    if question is None or not reach.holds(question.section):
        raise NotFound("question", question_id)
    return question


def findings_within(framework: Framework, findings: Sequence[Finding], reach: Reach) -> tuple[Finding, ...]:
    """The findings that speak of a question within reach."""
    if reach.is_everything:
        return tuple(findings)
    edition = framework.edition
    return tuple(
        finding
        for finding in findings
        if any(reach.holds(edition.questions[edition.asked_by[name]].section) for name in finding.facts)
    )
