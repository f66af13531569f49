"""The thread of comments beside a question: written, changed for a while, deleted, settled and opened again."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, aliased

from maturity.accounts.models import User
from maturity.assessments.models import Assessment
from maturity.assessments.service import require_draft
from maturity.audit.service import record
from maturity.clock import Clock
from maturity.errors import Conflict, Invalid, NotAllowed, NotFound
from maturity.jobs.service import ask_for_job
from maturity.people.service import Member, members_of
from maturity.questionnaires.model import Question
from maturity.teamwork.mentions import mentioned
from maturity.teamwork.models import Comment, Mention, ResolvedThread
from maturity.teamwork.team import those_who_open

LONGEST = 2000  # characters
CHANGEABLE = timedelta(minutes=15)
#: One letter about mentions to a person in each of these spans of the clock.
SPAN = timedelta(minutes=10)
#: A comment of the last moment of a span may be committed after its end.
LATENESS = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Said:
    """One comment as shown; a deleted one has no body."""

    id: uuid.UUID
    body: str
    author_id: int | None
    author: str | None
    written_at: datetime
    changed_at: datetime | None
    is_deleted: bool

    def is_changeable(self, user_id: int | None, now: datetime) -> bool:
        return self.is_own(user_id) and now - self.written_at <= CHANGEABLE

    def is_own(self, user_id: int | None) -> bool:
        return not self.is_deleted and user_id is not None and self.author_id == user_id


@dataclass(frozen=True, slots=True)
class Thread:
    question_id: str
    comments: tuple[Said, ...] = ()
    resolved_by: str | None = None
    resolved_at: datetime | None = None

    @property
    def count(self) -> int:
        return sum(not said.is_deleted for said in self.comments)

    @property
    def is_open(self) -> bool:
        return self.count > 0 and self.resolved_at is None


@dataclass(frozen=True, slots=True)
class Added:
    """A comment with those named in it who cannot open the question, and so are not told."""

    comment: Comment
    unreached: tuple[str, ...]


def threads_of(
    session: Session, assessment_id: uuid.UUID, questions: Collection[str] | None = None
) -> dict[str, Thread]:
    """The threads of these questions, or of all, by question id: one query, however many there are."""
    resolver = aliased(User)
    query = (
        select(Comment, User.name, ResolvedThread.resolved_at, resolver.name)
        .outerjoin(User, User.id == Comment.written_by)
        .outerjoin(
            ResolvedThread,
            (ResolvedThread.assessment_id == Comment.assessment_id)
            & (ResolvedThread.question_id == Comment.question_id),
        )
        .outerjoin(resolver, resolver.id == ResolvedThread.resolved_by)
        .where(Comment.assessment_id == assessment_id)
        .order_by(Comment.written_at, Comment.id)
    )
    if questions is not None:
        query = query.where(Comment.question_id.in_(questions))
    found: dict[str, Thread] = {}
    for comment, author, resolved_at, resolved_by in session.execute(query):
        before = found.get(comment.question_id, Thread(comment.question_id))
        comments = (*before.comments, _said(comment, author))
        found[comment.question_id] = Thread(comment.question_id, comments, resolved_by, resolved_at)
    return found


def thread_of(session: Session, assessment_id: uuid.UUID, question_id: str) -> Thread:
    return threads_of(session, assessment_id, [question_id]).get(question_id, Thread(question_id))


def _said(comment: Comment, author: str | None) -> Said:
    when = comment.written_at, comment.changed_at
    return Said(comment.id, comment.body, comment.written_by, author, *when, comment.deleted_at is not None)


def plain(typed: str | None) -> str:
    """What is kept of a typed text: lines and what can be printed. `Invalid` when nothing is left, or too much."""
    lines = (typed or "").replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(sign for sign in lines if sign == "\n" or sign.isprintable()).strip()
    if not text:
        raise Invalid("comment_empty")
    if len(text) > LONGEST:
        raise Invalid("text_too_long")
    return text


def add_comment(
    session: Session,
    assessment: Assessment,
    question: Question,
    typed: str | None,
    *,
    actor_id: int,
    clock: Clock,
    site: str,
) -> Added:
    """Write a comment; a settled thread is open again. `site` is the address of the site, for the letters."""
    require_draft(assessment)
    body = plain(typed)
    comment = Comment(
        id=uuid.uuid4(),
        tenant_id=assessment.tenant_id,
        assessment_id=assessment.id,
        question_id=question.id,
        body=body,
        written_by=actor_id,
        written_at=clock.now(),
    )
    session.add(comment)
    session.flush()
    reopen_thread(session, assessment, question.id)
    details: dict[str, Any] = {"assessment_id": str(assessment.id), "comment_id": str(comment.id)}
    said = f"{question.wording.zh} {question.wording.en}"[:500]
    record(session, clock, "comment.added", actor_id, assessment.tenant_id, **details, question=said)
    unreached = _mention(session, comment, question, clock, site)
    session.flush()
    return Added(comment, unreached)


def change_comment(
    session: Session,
    assessment: Assessment,
    comment: Comment,
    question: Question,
    typed: str | None,
    *,
    actor_id: int,
    clock: Clock,
    site: str,
) -> Added:
    """Change one's own comment within a quarter of an hour; who is named anew is told, too."""
    require_draft(assessment)
    _require_own(comment, actor_id)
    if clock.now() - comment.written_at > CHANGEABLE:
        raise Conflict("comment_too_old")
    body = plain(typed)
    if body != comment.body:
        comment.body, comment.changed_at = body, clock.now()
    unreached = _mention(session, comment, question, clock, site)
    session.flush()
    return Added(comment, unreached)


def delete_comment(session: Session, assessment: Assessment, comment: Comment, *, actor_id: int, clock: Clock) -> None:
    """Take one's own comment back; who was not told of it yet will not be."""
    require_draft(assessment)
    _require_own(comment, actor_id)
    comment.body, comment.deleted_at = "", clock.now()
    _forget_mentions(session, comment, keep=())
    session.flush()


def get_comment(session: Session, assessment: Assessment, comment_id: uuid.UUID) -> Comment:
    query = select(Comment).where(
        Comment.id == comment_id, Comment.assessment_id == assessment.id, Comment.deleted_at.is_(None)
    )
    comment = session.scalar(query)
    if comment is None:
        raise NotFound("comment")
    return comment


def _require_own(comment: Comment, actor_id: int) -> None:
    if comment.written_by != actor_id:
        raise NotAllowed("comment_of_another")


def resolve_thread(session: Session, assessment: Assessment, question_id: str, *, actor_id: int, clock: Clock) -> None:
    """Settle the thread; `Conflict` where nobody has said anything."""
    require_draft(assessment)
    if not thread_of(session, assessment.id, question_id).count:
        raise Conflict("thread_is_empty")
    if session.get(ResolvedThread, (assessment.id, question_id)) is None:
        key = {"assessment_id": assessment.id, "question_id": question_id}
        row = ResolvedThread(tenant_id=assessment.tenant_id, **key, resolved_by=actor_id, resolved_at=clock.now())
        session.merge(row)
    session.flush()


def reopen_thread(session: Session, assessment: Assessment, question_id: str) -> None:
    require_draft(assessment)
    session.execute(
        delete(ResolvedThread).where(
            ResolvedThread.assessment_id == assessment.id, ResolvedThread.question_id == question_id
        )
    )


def _mention(session: Session, comment: Comment, question: Question, clock: Clock, site: str) -> tuple[str, ...]:
    """Note who is named, and ask for their letters; the names of those who cannot open the question."""
    members = {member.user_id: member for member in members_of(session, comment.tenant_id)}
    named = mentioned(comment.body, {who: member.name for who, member in members.items()})
    named = [who for who in named if who != comment.written_by]
    open_to = those_who_open(session, comment.tenant_id, comment.assessment_id, question.section) if named else {}
    reached = [who for who in named if who in open_to]
    known = _forget_mentions(session, comment, keep=reached)
    for who in reached:
        if who not in known:
            session.add(Mention(tenant_id=comment.tenant_id, comment_id=comment.id, user_id=who))
            _ask_for_letter(session, comment.tenant_id, members[who], clock, site)
    return tuple(members[who].name for who in named if who not in open_to)


def _forget_mentions(session: Session, comment: Comment, keep: Collection[int]) -> set[int]:
    """Take back the mentions that nobody was told of and that are no longer in the text; those that stay."""
    mentions = session.scalars(select(Mention).where(Mention.comment_id == comment.id)).all()
    for mention in mentions:
        if mention.told_at is None and mention.user_id not in keep:
            session.delete(mention)
    return {mention.user_id for mention in mentions}


def _ask_for_letter(session: Session, tenant_id: uuid.UUID, member: Member, clock: Clock, site: str) -> None:
    """A job for the end of the present span, the same one for every mention in it."""
    span, seconds = SPAN.total_seconds(), clock.now().timestamp()
    end = datetime.fromtimestamp((seconds // span + 1) * span, tz=clock.now().tzinfo)
    key = f"{member.user_id}:{end:%Y%m%dT%H%M}"
    payload = {"user_id": member.user_id, "site": site}
    ask_for_job(session, tenant_id, "mentions", key, payload, actor_id=None, clock=clock, due_at=end + LATENESS)


def untold_mentions(session: Session, user_id: int) -> list[tuple[Mention, Comment, Assessment, str | None]]:
    """What a person has not been told of, the oldest first, with who wrote it."""
    query = (
        select(Mention, Comment, Assessment, User.name)
        .join(Comment, Comment.id == Mention.comment_id)
        .join(Assessment, Assessment.id == Comment.assessment_id)
        .outerjoin(User, User.id == Comment.written_by)
        .where(Mention.user_id == user_id, Mention.told_at.is_(None), Comment.deleted_at.is_(None))
        .order_by(Comment.written_at)
    )
    return [row._tuple() for row in session.execute(query)]
