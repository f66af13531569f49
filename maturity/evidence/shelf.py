"""What pages show of an assessment's evidence, as far as a person's sections go. Read once for a page."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.assessments.opened import Opened
from maturity.assessments.reach import Reach
from maturity.errors import NotFound
from maturity.evidence.models import EvidenceFile, EvidenceLink
from maturity.evidence.retention import erasure_days
from maturity.evidence.service import get_file, links_of
from maturity.questionnaires.model import Edition, Question


@dataclass(frozen=True, slots=True)
class Item:
    """A file beside an answer that it proves."""

    link: EvidenceLink
    file: EvidenceFile


@dataclass(frozen=True, slots=True)
class Shelf:
    """The evidence of one assessment by question."""

    items: Mapping[str, tuple[Item, ...]]

    def at(self, question_id: str) -> tuple[Item, ...]:
        return self.items.get(question_id, ())

    @property
    def proved(self) -> int:
        """How many answers have evidence that is there; what is erased or infected proves nothing any more."""
        return sum(any(item.file.is_there for item in items) for items in self.items.values())


def shelf_of(session: Session, assessment: Assessment, edition: Edition, reach: Reach) -> Shelf:
    links = links_of(session, assessment)
    files = _files(session, {link.file_id for link in links})
    items: dict[str, list[Item]] = defaultdict(list)
    for link in links:
        if _holds(edition, reach, link.question_id):
            items[link.question_id].append(Item(link, files[link.file_id]))
    return Shelf({question_id: tuple(found) for question_id, found in items.items()})


def _files(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, EvidenceFile]:
    if not ids:
        return {}
    return {file.id: file for file in session.scalars(select(EvidenceFile).where(EvidenceFile.id.in_(ids)))}


def _holds(edition: Edition, reach: Reach, question_id: str) -> bool:
    question = edition.questions.get(question_id)
    return question is not None and reach.holds(question.section)


@dataclass(frozen=True, slots=True)
class Choice:
    """A file that is kept already and could prove another answer; `period` is the latest year it was evidence of."""

    file: EvidenceFile
    period: int | None


def choices_for(session: Session, opened: Opened, question_id: str, user_id: int | None) -> list[Choice]:
    """The files that are kept and do not prove this answer yet, the newest first."""
    taken = {link.file_id for link in links_of(session, opened.assessment) if link.question_id == question_id}
    query = select(EvidenceFile).where(EvidenceFile.erasure_asked_at.is_(None))
    files = session.scalars(query.order_by(EvidenceFile.uploaded_at.desc(), EvidenceFile.id)).all()
    uses = _uses(session)
    return [
        Choice(file, max((period for _question, period in uses[file.id]), default=None))
        for file in files
        if file.id not in taken and _may_open(opened, file, uses[file.id], user_id)
    ]


def _uses(session: Session, file_id: uuid.UUID | None = None) -> Mapping[uuid.UUID, list[tuple[str, int]]]:
    """For each file the questions and years of which it is, or was, evidence."""
    query = select(EvidenceLink.file_id, EvidenceLink.question_id, Assessment.period).join(
        Assessment, Assessment.id == EvidenceLink.assessment_id
    )
    if file_id is not None:
        query = query.where(EvidenceLink.file_id == file_id)
    found: dict[uuid.UUID, list[tuple[str, int]]] = defaultdict(list)
    for used, question_id, period in session.execute(query):
        found[used].append((question_id, period))
    return found


def _may_open(opened: Opened, file: EvidenceFile, uses: list[tuple[str, int]], user_id: int | None) -> bool:
    """Whoever answers part of the sections opens their evidence and what they uploaded themselves."""
    if opened.reach.is_everything or (user_id is not None and file.uploaded_by == user_id):
        return True
    edition = opened.framework.edition
    return any(_holds(edition, opened.reach, question_id) for question_id, _period in uses)


def open_file(session: Session, opened: Opened, file_id: uuid.UUID, user_id: int | None) -> EvidenceFile:
    """The file, if this person may open it, else `NotFound`."""
    file = get_file(session, file_id)
    if not _may_open(opened, file, _uses(session, file_id)[file_id], user_id):
        raise NotFound("evidence", str(file_id))
    return file


def open_link(session: Session, opened: Opened, link_id: uuid.UUID) -> EvidenceLink:
    """The link, if it counts in this revision and its question is within reach, else `NotFound`."""
    for link in links_of(session, opened.assessment):
        if link.id == link_id and _holds(opened.framework.edition, opened.reach, link.question_id):
            return link
    raise NotFound("evidence", str(link_id))


def proved_by(session: Session, opened: Opened, file: EvidenceFile) -> list[tuple[EvidenceLink, Question]]:
    """The answers of this revision that the file proves, as far as they are within reach, in the edition's order."""
    edition = opened.framework.edition
    links = [link for link in links_of(session, opened.assessment) if link.file_id == file.id]
    reached = [link for link in links if _holds(edition, opened.reach, link.question_id)]
    place = {name: number for number, name in enumerate(edition.order)}
    return [(link, edition.questions[link.question_id]) for link in sorted(reached, key=lambda x: place[x.question_id])]


def last_day(session: Session, file: EvidenceFile) -> date | None:
    """The last day on which the file is kept, as things stand."""
    due = erasure_days(session).get(file.id)
    return due[0] - timedelta(days=1) if due else None
