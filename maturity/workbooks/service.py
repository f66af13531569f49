"""Downloading an assessment as a workbook, and taking one in: shown first, applied whole or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.assessments.answering import Given, save_answers
from maturity.assessments.models import Answer, Assessment
from maturity.assessments.opened import Opened
from maturity.assessments.reach import Reach
from maturity.assessments.service import earlier_facts, require_draft
from maturity.audit.service import record
from maturity.clock import Clock
from maturity.editions.service import digest
from maturity.errors import Conflict, Invalid, NotFound
from maturity.jobs.service import ask_for_job
from maturity.questionnaires.model import Text
from maturity.workbooks.comparing import Comparison, Standing, compare_workbook
from maturity.workbooks.models import EvidenceReference, WorkbookUpload
from maturity.workbooks.seals import Broken, Label, seal, unseal
from maturity.workbooks.writing import Content, make_workbook

KEPT = timedelta(days=7)
MOST_OPEN = 10  # of one person at one assessment; the oldest give way
EXPIRY = "workbook_expiry"


def download_assessment(
    session: Session, opened: Opened, secret: str, locale: str, *, name: str, clock: Clock
) -> bytes:
    """The workbook of an assessment, of the sections within reach, as its answers stand now."""
    assessment, framework, reach = opened.assessment, opened.framework, opened.reach
    edition = framework.edition
    inside = tuple(section.id for section in reach.sections_of(edition))
    within = {name for name, question in edition.questions.items() if reach.holds(question.section)}
    notes = {key: told for key, told in references_of(session, assessment.id).items() if key in within}
    known = {**opened.sheet.proposed, **opened.sheet.facts}
    facts = {name: value for name, value in known.items() if edition.asked_by[name] in within}
    label = Label(
        kind="assessment",
        edition=assessment.edition_sha256,
        locale=locale,
        assessment=str(assessment.id),
        tenant=str(assessment.tenant_id),
        sections=inside,
        versions={name: stored.version for name, stored in opened.sheet.answers.items() if name in within},
        notes={key: version for key, (_body, version) in notes.items()},
        period=assessment.period,
    )
    content = Content(
        title=f"{name} · {edition.title.to(locale)}",
        lines=_lines(framework, assessment, locale, clock),
        profile=assessment.profile,
        facts=facts,
        standing_facts=opened.sheet.facts,
        earlier=earlier_facts(session, assessment),
        carried_over=frozenset(_carried_over(session, assessment.id)),
        proposed=frozenset(name for name in within if opened.sheet.is_proposed(name)),
        notes={key: body for key, (body, _version) in notes.items()},
        sections=inside,
    )
    return make_workbook(framework, content, seal(label, secret), locale)


def _lines(framework: Framework, assessment: Assessment, locale: str, clock: Clock) -> tuple[str, ...]:
    day = clock.today().isoformat()
    return (
        Text(
            f"{assessment.period} 报告期，第 {assessment.revision} 版；{day} 下载",
            f"Reporting year {assessment.period}, revision {assessment.revision}; downloaded on {day}",
        ).to(locale),
        framework.edition.basis.to(locale),
    )


def _carried_over(session: Session, assessment_id: uuid.UUID) -> list[str]:
    came = Answer.source.in_(("carried_over", "derived"))
    query = select(Answer.question_id).where(Answer.assessment_id == assessment_id, came)
    return list(session.scalars(query))


def download_blank(framework: Framework, sha256: str, secret: str, locale: str) -> bytes:
    """The questionnaire of an edition for any enterprise; it can be uploaded to every assessment of the edition."""
    edition = framework.edition
    sections = tuple(section.id for section in edition.sections)
    label = Label(kind="blank", edition=sha256, locale=locale, sections=sections)
    content = Content(title=edition.title.to(locale), lines=(edition.basis.to(locale),), sections=sections)
    return make_workbook(framework, content, seal(label, secret), locale)


def references_of(session: Session, assessment_id: uuid.UUID) -> dict[str, tuple[str, int]]:
    """Where the proofs of an assessment lie, in words, with the version of each."""
    columns = (EvidenceReference.question_id, EvidenceReference.body, EvidenceReference.version)
    query = select(*columns).where(EvidenceReference.assessment_id == assessment_id)
    return {question_id: (body, version) for question_id, body, version in session.execute(query)}


def check_label(sealed: str | None, secret: str, assessment: Assessment) -> Label:
    """The label of a workbook that belongs here, or `Invalid` with why it does not."""
    try:
        label = unseal(sealed, secret)
    except Broken as error:
        raise Invalid(error.code) from error
    if label.kind not in ("assessment", "blank"):
        raise Invalid("workbook_is_register")
    if label.edition != assessment.edition_sha256:
        raise Invalid("workbook_other_edition")
    if label.kind == "assessment" and label.assessment != str(assessment.id):
        raise Invalid("workbook_other_assessment")
    return label


def keep_upload(
    session: Session,
    assessment: Assessment,
    read: Mapping[str, Any],
    name: str,
    secret: str,
    *,
    actor_id: int,
    clock: Clock,
) -> WorkbookUpload:
    """Keep what was read of a workbook until its uploader decides; `Invalid` where it does not belong here."""
    require_draft(assessment)
    label = check_label(read["seal"], secret, assessment)
    upload = WorkbookUpload(
        tenant_id=assessment.tenant_id,
        assessment_id=assessment.id,
        name=name,
        label=asdict(label),
        cells={"sheets": read["sheets"]},
        uploaded_by=actor_id,
        uploaded_at=clock.now(),
        expires_at=clock.now() + KEPT,
    )
    session.add(upload)
    session.flush()
    for old in open_uploads(session, assessment.id, actor_id, clock)[MOST_OPEN:]:
        _decide(old, "expired", clock)
    _plan_expiry(session, upload, clock)
    return upload


def _plan_expiry(session: Session, upload: WorkbookUpload, clock: Clock) -> None:
    key, payload = str(upload.id), {"upload_id": str(upload.id)}
    ask_for_job(session, upload.tenant_id, EXPIRY, key, payload, actor_id=None, clock=clock, due_at=upload.expires_at)


def open_uploads(session: Session, assessment_id: uuid.UUID, user_id: int | None, clock: Clock) -> list[WorkbookUpload]:
    """The workbooks of a person that wait for a decision, the newest first."""
    query = select(WorkbookUpload).where(
        WorkbookUpload.assessment_id == assessment_id,
        WorkbookUpload.uploaded_by == user_id,
        WorkbookUpload.state == "open",
        WorkbookUpload.expires_at > clock.now(),
    )
    return list(session.scalars(query.order_by(WorkbookUpload.uploaded_at.desc(), WorkbookUpload.id)))


def find_upload(
    session: Session,
    assessment: Assessment,
    upload_id: uuid.UUID,
    user_id: int | None,
    clock: Clock,
    *,
    hold: bool = False,
) -> WorkbookUpload:
    """The workbook if the person uploaded it to this assessment; nobody else sees what stands in it."""
    query = select(WorkbookUpload).where(
        WorkbookUpload.id == upload_id,
        WorkbookUpload.assessment_id == assessment.id,
        WorkbookUpload.uploaded_by == user_id,
    )
    upload = session.scalar(query.with_for_update() if hold else query)
    if upload is None:
        raise NotFound("workbook")
    if upload.state == "open" and upload.expires_at <= clock.now():
        raise Conflict("workbook_expired")
    if upload.state != "open":
        raise Conflict(f"workbook_{upload.state}")
    return upload


def compare_upload(session: Session, upload: WorkbookUpload, opened: Opened) -> Comparison:
    """What the workbook would change as everything stands at this moment."""
    standing = Standing(
        opened.assessment, opened.framework, opened.sheet, references_of(session, opened.assessment.id), opened.reach
    )
    return compare_workbook(session, standing, label_of_upload(upload), upload.cells)


def label_of_upload(upload: WorkbookUpload) -> Label:
    return Label(**{**upload.label, "sections": tuple(upload.label["sections"])})


def fingerprint(found: Comparison) -> str:
    """What a preview shows in one short text: applied is what was looked at, or nothing."""
    shown = [
        [(item.question_id, dict(item.before), dict(item.after)) for item in found.changes],
        [(item.question_id, item.before, item.after) for item in found.notes],
        [(item.question_id, item.current.version) for item in found.clashes],
        [item.place for item in found.problems],
        [item.question_id for item in found.left_out],
    ]
    return digest(repr(shown).encode())[:16]


def apply_upload(
    session: Session, upload: WorkbookUpload, opened: Opened, seen: str, *, actor_id: int, clock: Clock
) -> Comparison:
    """Save everything that the preview showed, or nothing: `Conflict` where it would be something else by now."""
    found = compare_upload(session, upload, opened)
    if not found.is_good:
        raise Invalid("workbook_has_errors")
    if fingerprint(found) != seen:
        raise Conflict("workbook_moved_on")
    apply_comparison(session, opened.assessment, opened.framework, opened.reach, found, actor_id=actor_id, clock=clock)
    upload.changed = len(found.changes)
    _decide(upload, "applied", clock)
    session.flush()
    return found


def apply_comparison(
    session: Session,
    assessment: Assessment,
    framework: Framework,
    reach: Reach,
    found: Comparison,
    *,
    actor_id: int | None,
    clock: Clock,
) -> None:
    """Save the changes of a comparison by the use case of the site, and the references beside them."""
    given = [Given(change.question_id, change.after, change.seen_version) for change in found.changes]
    save_answers(session, assessment, framework, given, actor_id=actor_id, clock=clock, reach=reach, source="excel")
    for note in found.notes:
        _save_reference(session, assessment, note.question_id, note.after, note.seen_version, actor_id, clock)
    if found.brings_something:
        told: dict[str, Any] = {"assessment_id": str(assessment.id), "answers": len(found.changes)}
        record(session, clock, "workbook.applied", actor_id, assessment.tenant_id, **told)


def _save_reference(
    session: Session, assessment: Assessment, question_id: str, body: str, seen: int, actor_id: int | None, clock: Clock
) -> None:
    """Only over the version that was seen."""
    told = {"body": body, "version": seen + 1, "saved_by": actor_id, "saved_at": clock.now()}
    if not seen:
        session.add(
            EvidenceReference(
                tenant_id=assessment.tenant_id, assessment_id=assessment.id, question_id=question_id, **told
            )
        )
        session.flush()
        return
    written: Any = session.execute(
        update(EvidenceReference)
        .where(
            EvidenceReference.assessment_id == assessment.id,
            EvidenceReference.question_id == question_id,
            EvidenceReference.version == seen,
        )
        .values(**told)
    )
    if written.rowcount != 1:
        raise Conflict("workbook_moved_on")


def cancel_upload(session: Session, upload: WorkbookUpload, clock: Clock) -> None:
    """Forget the workbook; nothing of it was saved."""
    _decide(upload, "cancelled", clock)
    session.flush()


def expire_upload(session: Session, upload_id: uuid.UUID, clock: Clock) -> None:
    """Forget a workbook that nobody decided on; harmless when somebody has."""
    upload = session.scalar(select(WorkbookUpload).where(WorkbookUpload.id == upload_id).with_for_update())
    if upload is not None and upload.state == "open" and upload.expires_at <= clock.now():
        _decide(upload, "expired", clock)
        session.flush()


def _decide(upload: WorkbookUpload, state: str, clock: Clock) -> None:
    """The cells are somebody's answers: they are not kept beside those that were saved."""
    upload.state, upload.decided_at, upload.cells = state, clock.now(), {}
