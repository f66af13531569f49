"""Findings of a review: drafted from verdicts, worded by reviewers, told in one letter, closed by what was seen."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.certification.cases import Actor, findings_of
from maturity.certification.models import GRADES, CaseItem, CertificationCase, Finding
from maturity.clock import Clock
from maturity.errors import Conflict, Invalid, NotFound
from maturity.reviewing.drawing import write_log
from maturity.reviewing.opened import ReviewFile, hold
from maturity.reviewing.rescoring import document_of

LONGEST_TEXT = 2000
#: In these findings are worded and closed; while the enterprise corrects, they are its own to answer.
OPEN_IN = ("reviewing",)
#: How an item is put into words, in the language of whoever drafts.
Wording = Callable[[CaseItem], str]


@dataclass(frozen=True, slots=True)
class FindingText:
    """What a reviewer writes about one finding."""

    grade: str
    text: str
    due_on: date | None
    question_id: str | None = None


def draft_findings(session: Session, opened: ReviewFile, wording: Wording, actor: Actor, clock: Clock) -> list[Finding]:
    """A draft for every verdict that is not a confirmation and has no finding yet; the new ones, in order."""
    _require_open(session, opened)
    known = {finding.question_id for finding in findings_of(session, opened.case, drafts=True)}
    wanted = [item for item in opened.items.values() if item.verdict in ("corrected", "not_evidenced")]
    drafted = []
    for item in wanted:
        if item.question_id not in known:
            given = FindingText(grade_of(opened, item), wording(item), None, item.question_id)
            drafted.append(_add(session, opened, given, actor, clock))
    return drafted


def grade_of(opened: ReviewFile, item: CaseItem) -> str:
    """Major where the verdict alone lowers the level, minor where it costs points, else an observation."""
    before = opened.submitted.document["score"]
    after = document_of(opened.submitted, [item], opened.case)["score"]
    if after["level"] < before["level"]:
        return "major"
    lost = any(Fraction(after[name]["exact"]) < Fraction(before[name]["exact"]) for name in ("capability", "outcome"))
    return "minor" if lost else "observation"


def add_finding(session: Session, opened: ReviewFile, given: FindingText, actor: Actor, clock: Clock) -> Finding:
    """A finding of its own, not drafted from a verdict."""
    _require_open(session, opened)
    _check(given, clock)
    if given.question_id is not None and given.question_id not in opened.items:
        raise NotFound("item")
    return _add(session, opened, given, actor, clock)


def _add(session: Session, opened: ReviewFile, given: FindingText, actor: Actor, clock: Clock) -> Finding:
    case = opened.case
    session.refresh(case, with_for_update=True)  # numbers follow each other
    last = session.scalar(select(func.max(Finding.number)).where(Finding.case_id == case.id)) or 0
    finding = Finding(
        id=uuid.uuid4(),
        case_id=case.id,
        client_id=case.client_id,
        body_id=case.body_id,
        number=last + 1,
        question_id=given.question_id,
        grade=given.grade,
        text=given.text.strip(),
        state="draft",
        due_on=given.due_on,
        raised_by=actor.user_id,
        raised_name=actor.name or "",
        raised_at=clock.now(),
        answer="",
        closing="",
    )
    session.add(finding)
    session.flush()
    return finding


def find_finding(session: Session, case: CertificationCase, finding_id: uuid.UUID) -> Finding:
    found = next((item for item in findings_of(session, case, drafts=True) if item.id == finding_id), None)
    if found is None:
        raise NotFound("finding")
    return found


def word_finding(session: Session, opened: ReviewFile, finding: Finding, given: FindingText, clock: Clock) -> None:
    """Change a draft; what the enterprise has read stands."""
    _require_open(session, opened)
    if finding.state != "draft":
        raise Conflict("finding_sent")
    _check(given, clock)
    finding.grade, finding.text, finding.due_on = given.grade, given.text.strip(), given.due_on
    session.flush()


def drop_draft(session: Session, opened: ReviewFile, finding: Finding) -> None:
    """A draft that turns out to be none; what was sent is closed, never dropped."""
    _require_open(session, opened)
    if finding.state != "draft":
        raise Conflict("finding_sent")
    session.delete(finding)
    session.flush()


def close_finding(
    session: Session, opened: ReviewFile, finding: Finding, seen: str, actor: Actor, clock: Clock
) -> None:
    """The correction holds: what was seen stands beside the answer."""
    _require_open(session, opened)
    if finding.state not in ("answered", "open") or (finding.grade != "observation" and finding.state == "open"):
        raise Conflict("finding_not_answered")
    finding.closing = _seen(seen)
    finding.state, finding.closed_by, finding.closed_at = "closed", actor.user_id, clock.now()
    case = opened.case
    for tenant_id, other in ((case.body_id, case.client_name), (case.client_id, case.body_name)):
        write_log(
            session, case, tenant_id, "review.finding_closed", actor.user_id, clock, other=other, number=finding.number
        )


def return_finding(
    session: Session, opened: ReviewFile, finding: Finding, seen: str, due_on: date | None, actor: Actor, clock: Clock
) -> None:
    """The correction does not hold: the finding is open again, and goes out with the next letter."""
    _require_open(session, opened)
    if finding.state != "answered":
        raise Conflict("finding_not_answered")
    if due_on is not None and due_on < clock.today():
        raise Invalid("finding_due")
    finding.closing, finding.state, finding.due_on = _seen(seen), "open", due_on
    case = opened.case
    for tenant_id, other in ((case.body_id, case.client_name), (case.client_id, case.body_name)):
        write_log(
            session,
            case,
            tenant_id,
            "review.finding_returned",
            actor.user_id,
            clock,
            other=other,
            number=finding.number,
        )


def _require_open(session: Session, opened: ReviewFile) -> None:
    hold(session, opened)
    if opened.case.state not in OPEN_IN:
        raise Conflict("review_closed")


def _check(given: FindingText, clock: Clock) -> None:
    if given.grade not in GRADES:
        raise Invalid("finding_grade")
    if not given.text.strip():
        raise Invalid("finding_text")
    if len(given.text) > LONGEST_TEXT:
        raise Invalid("finding_text_long")
    if given.due_on is not None and given.due_on < clock.today():
        raise Invalid("finding_due")


def _seen(seen: str) -> str:
    seen = seen.strip()
    if not seen:
        raise Invalid("finding_seen")
    if len(seen) > LONGEST_TEXT:
        raise Invalid("finding_text_long")
    return seen
