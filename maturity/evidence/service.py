"""Adding evidence to answers, taking it away, asking for its erasure, and what a tenant may keep."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.audit.service import record
from maturity.clock import Clock
from maturity.entitlements.service import usage
from maturity.errors import Conflict, Invalid, NotFound
from maturity.evidence.contents import safe_name
from maturity.evidence.models import EvidenceFile, EvidenceLink
from maturity.evidence.retention import plan_sweep
from maturity.evidence.storage import Staged
from maturity.jobs.service import ask_for_job
from maturity.plans.usage import Usage
from maturity.tenancy.models import Tenant

LONGEST_CAPTION = 200
MOST_LINKS = 20  # files that may prove one answer
#: Job kinds.
PROCESS, ERASE = "evidence_file", "evidence_erasure"


@dataclass(frozen=True, slots=True)
class Received:
    """An uploaded file that passed every check, waiting on the disk."""

    name: str
    media_type: str
    staged: Staged


@dataclass(frozen=True, slots=True)
class Where:
    """An answer that evidence can prove, and who adds it."""

    assessment: Assessment
    question_id: str
    actor_id: int | None


def lock_evidence(session: Session, tenant_id: uuid.UUID) -> None:
    """One change of a tenant's evidence at a time, so that two uploads cannot pass the quota together.

    The lock is the tenant's row, in a strength that does not hold up rows that refer to it.
    """
    session.execute(select(Tenant.id).where(Tenant.id == tenant_id).with_for_update(key_share=True)).one()


def bytes_kept(session: Session) -> int:
    """Of the session's tenant; what is to be erased counts until it is gone."""
    return int(session.scalar(select(func.sum(EvidenceFile.size)).where(EvidenceFile.erased_at.is_(None))) or 0)


def usage_of(session: Session, tenant: Tenant, clock: Clock) -> Usage:
    """Bytes kept for the tenant, for which the session works, and how many its plan has room for."""
    return usage(session, tenant, "evidence_bytes", bytes_kept(session), clock)


def add_evidence(
    session: Session, where: Where, received: Received, keep: Callable[[Staged], None], clock: Clock
) -> tuple[EvidenceFile, bool]:
    """The file, linked to the answer, and whether it is new; the same content is one file however often it comes.

    `keep` gives the bytes their lasting name; it is called under the lock, after everything that can be refused.
    """
    tenant_id = where.assessment.tenant_id
    lock_evidence(session, tenant_id)
    file = session.scalar(
        select(EvidenceFile).where(EvidenceFile.sha256 == received.staged.sha256, EvidenceFile.erased_at.is_(None))
    )
    if file is not None:
        if not file.is_there:
            raise Conflict("evidence_being_erased")
        link_evidence(session, where, file, clock)
        return file, False
    if not usage_of(session, session.get_one(Tenant, tenant_id), clock).has_room_for(received.staged.size):
        raise Conflict("evidence_quota")
    _require_room_at(session, where)
    file = EvidenceFile(
        id=uuid.uuid4(),
        tenant_id=tenant_id,
        sha256=received.staged.sha256,
        size=received.staged.size,
        media_type=received.media_type,
        name=safe_name(received.name, received.media_type),
        state="waiting",
        uploaded_by=where.actor_id,
        uploaded_at=clock.now(),
    )
    session.add(file)
    session.flush()
    link_evidence(session, where, file, clock)
    keep(received.staged)
    ask_to_process(session, file, clock)
    return file, True


def ask_to_process(session: Session, file: EvidenceFile, clock: Clock) -> None:
    """Have the worker scan the file and make its pictures."""
    payload = {"file_id": str(file.id)}
    ask_for_job(session, file.tenant_id, PROCESS, str(file.id), payload, actor_id=file.uploaded_by, clock=clock)


def link_evidence(session: Session, where: Where, file: EvidenceFile, clock: Clock) -> EvidenceLink:
    """Let the file prove the answer; where it does already, nothing changes."""
    if not file.is_there:
        raise Conflict("evidence_erased")
    linked = [link for link in links_at(session, where) if link.file_id == file.id]
    if linked:
        return linked[0]
    _require_room_at(session, where)
    link = EvidenceLink(
        id=uuid.uuid4(),
        tenant_id=file.tenant_id,
        file_id=file.id,
        assessment_id=where.assessment.id,
        question_id=where.question_id,
        from_period=_earlier_period(session, where.assessment, file),
        linked_by=where.actor_id,
        linked_at=clock.now(),
    )
    session.add(link)
    file.unused_since = None
    names = {"evidence_id": str(file.id), "file": file.name}
    record(session, clock, "evidence.added", where.actor_id, file.tenant_id, **names)
    session.flush()
    plan_sweep(session, file.tenant_id, clock)
    return link


def links_at(session: Session, where: Where) -> list[EvidenceLink]:
    """The links of one answer, in the order they were made."""
    return [link for link in links_of(session, where.assessment) if link.question_id == where.question_id]


def links_of(session: Session, assessment: Assessment) -> list[EvidenceLink]:
    """What counts as evidence in this revision: added in it or in one before, and not taken away by then."""
    query = (
        select(EvidenceLink)
        .join(Assessment, Assessment.id == EvidenceLink.assessment_id)
        .where(
            Assessment.enterprise_id == assessment.enterprise_id,
            Assessment.framework == assessment.framework,
            Assessment.period == assessment.period,
            Assessment.revision <= assessment.revision,
            EvidenceLink.removed_in.is_(None) | (EvidenceLink.removed_in > assessment.revision),
        )
        .order_by(EvidenceLink.linked_at, EvidenceLink.id)
    )
    return list(session.scalars(query))


def _require_room_at(session: Session, where: Where) -> None:
    if len(links_at(session, where)) >= MOST_LINKS:
        raise Conflict("evidence_enough")


def _earlier_period(session: Session, assessment: Assessment, file: EvidenceFile) -> int | None:
    """The latest year before this one of which the file is evidence, unless it is of this one already."""
    query = (
        select(Assessment.period)
        .join(EvidenceLink, EvidenceLink.assessment_id == Assessment.id)
        .where(EvidenceLink.file_id == file.id, Assessment.period <= assessment.period)
    )
    periods = set(session.scalars(query))
    return None if not periods or assessment.period in periods else max(periods)


def unlink_evidence(session: Session, where: Where, link: EvidenceLink, clock: Clock) -> None:
    """The file does not prove the answer any more, from this revision on; earlier revisions keep it.

    The file itself stays, to be chosen again, until the sweep finds that it proves nothing.
    """
    file = get_file(session, link.file_id)
    if link.assessment_id == where.assessment.id:
        session.delete(link)
    else:
        link.removed_in = where.assessment.revision
    session.flush()
    if session.scalar(select(EvidenceLink.id).where(EvidenceLink.file_id == file.id).limit(1)) is None:
        file.unused_since = clock.now()
    names = {"evidence_id": str(file.id), "file": file.name}
    record(session, clock, "evidence.removed", where.actor_id, file.tenant_id, **names)
    session.flush()
    plan_sweep(session, file.tenant_id, clock)


def describe_evidence(session: Session, link: EvidenceLink, caption: str) -> None:
    """Say what of the file proves the answer: a page, a line, a place in a picture."""
    caption = " ".join(caption.split())
    if len(caption) > LONGEST_CAPTION:
        raise Invalid("evidence_caption_long")
    link.caption = caption
    session.flush()


def date_evidence(session: Session, file: EvidenceFile, last_day: str) -> None:
    """Say until when what a file shows is valid, as YYYY-MM-DD; empty where it says nothing of the kind."""
    try:
        file.valid_until = date.fromisoformat(last_day.strip()) if last_day.strip() else None
    except ValueError as error:
        raise Invalid("evidence_day") from error
    session.flush()


def get_file(session: Session, file_id: uuid.UUID) -> EvidenceFile:
    file = session.scalar(select(EvidenceFile).where(EvidenceFile.id == file_id))
    if file is None:
        raise NotFound("evidence", str(file_id))
    return file


def is_relied_on(session: Session, file: EvidenceFile) -> bool:
    """Whether a result that was submitted rests on the file."""
    query = (
        select(EvidenceLink.id)
        .join(Assessment, Assessment.id == EvidenceLink.assessment_id)
        .where(EvidenceLink.file_id == file.id, Assessment.submitted_at.is_not(None))
    )
    return session.scalar(query.limit(1)) is not None


def ask_to_erase(
    session: Session, file: EvidenceFile, reason: str, clock: Clock, *, actor_id: int | None, confirmed: bool = True
) -> None:
    """From now on nobody is served the file, and the worker destroys its bytes; asked twice, the first time counts."""
    if not file.is_there:
        return
    if not confirmed and is_relied_on(session, file):
        raise Invalid("evidence_relied_on")
    file.erasure_asked_at, file.erasure_asked_by, file.erasure_reason = clock.now(), actor_id, reason
    payload = {"file_id": str(file.id)}
    ask_for_job(session, file.tenant_id, ERASE, str(file.id), payload, actor_id=actor_id, clock=clock)


def note_erasure(session: Session, file: EvidenceFile, clock: Clock) -> None:
    """The bytes are gone: the row is the certificate, and the log has its entry."""
    if file.erased_at is not None:
        return
    file.erased_at, file.has_preview = clock.now(), False
    record(session, clock, "evidence.erased", file.erasure_asked_by, file.tenant_id, evidence_id=str(file.id))
    session.flush()
