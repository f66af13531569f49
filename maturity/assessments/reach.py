"""Which sections of an assessment a person may open: contributors those assigned to them, everybody else all."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import SectionAssignment
from maturity.questionnaires.model import Edition, Question, Section
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access


@dataclass(frozen=True, slots=True)
class Reach:
    """The ids of the sections that may be opened; None stands for all of them.

    >>> EVERY_SECTION.holds("production"), Reach(frozenset()).holds("production")
    (True, False)
    """

    sections: frozenset[str] | None = None

    @property
    def is_everything(self) -> bool:
        return self.sections is None

    @property
    def is_nothing(self) -> bool:
        return self.sections is not None and not self.sections

    def holds(self, section_id: str) -> bool:
        return self.sections is None or section_id in self.sections

    def sections_of(self, edition: Edition) -> tuple[Section, ...]:
        """In the order of the edition."""
        return tuple(section for section in edition.sections if self.holds(section.id))

    def within(self, questions: Sequence[Question]) -> tuple[Question, ...]:
        return tuple(question for question in questions if self.holds(question.section))


EVERY_SECTION = Reach()


def reach_of(session: Session, access: Access, user_id: int | None, assessment_id: uuid.UUID) -> Reach:
    """What the person may open of the assessment; without the permission for all, only a query can tell."""
    if access.can(Permission.SECTION_ALL):
        return EVERY_SECTION
    query = select(SectionAssignment.section).where(
        SectionAssignment.assessment_id == assessment_id, SectionAssignment.user_id == user_id
    )
    return Reach(frozenset(session.scalars(query)))
