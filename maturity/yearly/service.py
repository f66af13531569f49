"""A yearly report from its first draft to its publication: versions, conflicts, comments, approval by somebody else."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.service import record
from maturity.benchmarks.models import BenchmarkRelease
from maturity.benchmarks.queries import Reader
from maturity.clock import Clock
from maturity.db import for_tenant
from maturity.editions.service import canonical, digest
from maturity.errors import Conflict, Invalid, NotFound
from maturity.jobs.models import Job
from maturity.jobs.service import ask_for_job
from maturity.tenancy.models import Tenant
from maturity.yearly.book import Book
from maturity.yearly.gathering import PURPOSE, with_cells
from maturity.yearly.models import (
    YearlyComment,
    YearlyFigures,
    YearlyFile,
    YearlyPublication,
    YearlyReport,
    YearlyVersion,
)
from maturity.yearly.paper import Misplaced, Paper, Section, wrong_with, wrong_with_section
from maturity.yearly.scope import Scope, UnknownScope
from maturity.yearly.tokens import bare

DRAFT, PRINT = "yearly_draft", "yearly_print"
LOCALES = ("zh_CN", "en")
LONGEST_TITLE, LONGEST_COMMENT = 120, 2000
#: States in which a report can be edited.
OPEN = ("draft", "approved")


class ReportChanged(Conflict):
    """Somebody else saved a version meanwhile; `current` is the newest."""

    def __init__(self, current: YearlyVersion) -> None:
        super().__init__("yearly_changed_meanwhile")
        self.current = current


class Untraced(Invalid):
    """A text holds what could pass for a figure and is traced to nothing; `faults` says which and where."""

    def __init__(self, faults: Sequence[Misplaced]) -> None:
        super().__init__("yearly_untraced")
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    saved_at: datetime
    saved_by: str
    section: str


@dataclass(frozen=True, slots=True)
class Comment:
    id: uuid.UUID
    section: str
    body: str
    author: str
    written_at: datetime
    settled_at: datetime | None


def reader_of(tenant: Tenant, clock: Clock) -> Reader:
    """On whose behalf figures are read: the ledger names the regulator and says that it is for a yearly report."""
    return Reader(tenant.id, tenant.name, tenant.kind, PURPOSE, clock)


# beginning


def usable_releases(session: Session) -> list[BenchmarkRelease]:
    """What a report can be written from: published releases, of each period the newest."""
    query = select(BenchmarkRelease).where(BenchmarkRelease.state == "published")
    order = (BenchmarkRelease.is_synthetic, BenchmarkRelease.period.desc(), BenchmarkRelease.id.desc())
    return list(session.scalars(query.order_by(*order)))


def start_report(
    session: Session,
    tenant: Tenant,
    *,
    kind: str,
    code: str,
    release_id: int,
    locale: str,
    title: str,
    actor_id: int | None,
    clock: Clock,
) -> YearlyReport:
    """A report that is drafted in the background."""
    release = session.get(BenchmarkRelease, release_id)
    if release is None or release.state != "published":
        raise Invalid("yearly_release")
    try:
        scope = Scope(kind, code)
    except UnknownScope as error:
        raise Invalid("yearly_scope") from error
    if locale not in LOCALES:
        raise Invalid("yearly_locale")
    report = YearlyReport(
        tenant_id=tenant.id,
        kind=scope.kind,
        code=scope.code,
        framework=release.framework,
        period=release.period,
        release_id=release.id,
        release_sha256=release.sha256 or "",
        is_synthetic=release.is_synthetic,
        locale=locale,
        title=title.strip(),
        state="drafting",
        created_by=actor_id,
        created_at=clock.now(),
    )
    session.add(report)
    session.flush()
    ask_for_draft(session, report, actor_id=actor_id, clock=clock)
    record(session, clock, "yearly.started", actor_id, tenant.id, report_id=str(report.id), title=bare(report.title))
    session.flush()
    return report


def ask_for_draft(session: Session, report: YearlyReport, *, actor_id: int | None, clock: Clock) -> Job:
    payload = {"report_id": str(report.id)}
    return ask_for_job(session, report.tenant_id, DRAFT, str(report.id), payload, actor_id=actor_id, clock=clock)


def keep_draft(session: Session, report: YearlyReport, paper: Paper, book: Book, clock: Clock) -> None:
    """The first version with its figures; drafting once more while it is being drafted replaces what is there."""
    if report.state != "drafting":
        return
    session.execute(delete(YearlyFigures).where(YearlyFigures.report_id == report.id))
    session.add(YearlyFigures(tenant_id=report.tenant_id, report_id=report.id, body=book.as_json()))
    _add_version(session, report, paper, 0, "", report.created_by, clock)
    report.state = "draft"
    session.flush()


# reading


def find_report(session: Session, report_id: uuid.UUID) -> YearlyReport:
    report = session.scalar(select(YearlyReport).where(YearlyReport.id == report_id))
    if report is None:
        raise NotFound("yearly_report")
    return report


def reports_of(session: Session) -> list[YearlyReport]:
    """The regulator's reports, the newest first."""
    return list(session.scalars(select(YearlyReport).order_by(YearlyReport.created_at.desc(), YearlyReport.id)))


def newest_version(session: Session, report: YearlyReport, number: int | None = None) -> YearlyVersion:
    """The newest version, or one by its number."""
    query = select(YearlyVersion).where(YearlyVersion.report_id == report.id)
    if number is not None:
        query = query.where(YearlyVersion.version == number)
    found = session.scalar(query.order_by(YearlyVersion.version.desc()).limit(1))
    if found is None:
        raise NotFound("yearly_report")
    return found


def book_of(session: Session, report: YearlyReport) -> Book:
    body = session.scalar(select(YearlyFigures.body).where(YearlyFigures.report_id == report.id))
    if body is None:
        raise NotFound("yearly_report")
    return Book.of(body)


def versions_of(session: Session, report: YearlyReport) -> list[Version]:
    """All versions, the newest first."""
    query = (
        select(YearlyVersion.version, YearlyVersion.saved_at, User.name, YearlyVersion.section)
        .outerjoin(User, User.id == YearlyVersion.saved_by)
        .where(YearlyVersion.report_id == report.id)
        .order_by(YearlyVersion.version.desc())
    )
    return [
        Version(number, saved_at, name or "", section) for number, saved_at, name, section in session.execute(query)
    ]


# editing


def save_section(
    session: Session,
    tenant: Tenant,
    report: YearlyReport,
    section: Section,
    seen_version: int,
    *,
    actor_id: int | None,
    clock: Clock,
) -> YearlyVersion:
    """The next version with one section changed.

    `ReportChanged` where the same section was changed since the version seen; somebody else's work on another section
    is kept and no conflict. `Untraced` where a text holds a figure that is traced to nothing.
    """
    _must_be_open(report)
    current = newest_version(session, report)
    paper = Paper.of(current.body)
    if paper.section(section.id) is None:
        raise NotFound("yearly_section")
    if current.version != seen_version and _changed_since(session, report, section.id, seen_version):
        raise ReportChanged(current)
    wrong = wrong_with_section(section)
    if wrong:
        raise Untraced(wrong)
    changed = paper.with_section(section)
    _read_what_is_new(session, tenant, report, changed, section, clock)
    return _save(session, report, changed, current, section.id, actor_id, clock)


def _changed_since(session: Session, report: YearlyReport, section_id: str, version: int) -> bool:
    query = select(func.count()).where(
        YearlyVersion.report_id == report.id,
        YearlyVersion.version > version,
        YearlyVersion.section.in_((section_id, "")),
    )
    return bool(session.scalar(query))


def _read_what_is_new(
    session: Session, tenant: Tenant, report: YearlyReport, paper: Paper, section: Section, clock: Clock
) -> None:
    """Cells that an editor names and nobody has read yet are read now, and the ledger says so."""
    book = book_of(session, report)
    named = [(number, one) for number, block in enumerate(section.blocks) for one in block.references()]
    unknown = [Misplaced(section.id, at, "token_unknown", f"{{{{{one}}}}}") for at, one in named if not book.knows(one)]
    if unknown:
        raise Untraced(unknown)
    lacking = book.lacking(paper.references())
    if lacking:
        wider = with_cells(session, book, lacking, reader_of(tenant, clock))
        row = session.scalars(select(YearlyFigures).where(YearlyFigures.report_id == report.id)).one()
        row.body = wider.as_json()


def arrange(
    session: Session,
    report: YearlyReport,
    section_id: str,
    action: str,
    seen_version: int,
    *,
    actor_id: int | None,
    clock: Clock,
) -> YearlyVersion:
    """Move a section up or down, hide it or show it again."""
    _must_be_open(report)
    current = newest_version(session, report)
    if current.version != seen_version:
        raise ReportChanged(current)
    paper = Paper.of(current.body)
    section = paper.section(section_id)
    if section is None:
        raise NotFound("yearly_section")
    if action in ("hide", "show"):
        changed = paper.with_section(replace(section, is_hidden=action == "hide"))
    elif action in ("up", "down"):
        changed = replace(paper, sections=_moved(paper.sections, section, -1 if action == "up" else 1))
    else:
        raise Invalid("yearly_action")
    return _save(session, report, changed, current, "", actor_id, clock)


def _moved(sections: Sequence[Section], section: Section, step: int) -> tuple[Section, ...]:
    """Annexes stay behind the chapters."""
    order = list(sections)
    at = order.index(section)
    to = at + step
    if 0 <= to < len(order) and order[to].is_annex == section.is_annex:
        order[at], order[to] = order[to], order[at]
    return tuple(order)


def save_cover(
    session: Session,
    report: YearlyReport,
    *,
    title: str,
    subtitle: str,
    signatories: Sequence[str],
    seen_version: int,
    actor_id: int | None,
    clock: Clock,
) -> YearlyVersion:
    """Title, subtitle and who signs."""
    _must_be_open(report)
    current = newest_version(session, report)
    if current.version != seen_version:
        raise ReportChanged(current)
    changed = replace(Paper.of(current.body), title=title, subtitle=subtitle, signatories=tuple(signatories))
    wrong = [one for one in wrong_with(changed) if not one.section]
    if wrong:
        raise Untraced(wrong)
    return _save(session, report, changed, current, "", actor_id, clock)


def _must_be_open(report: YearlyReport) -> None:
    if report.state not in OPEN:
        raise Conflict("yearly_not_open")


def _save(
    session: Session,
    report: YearlyReport,
    paper: Paper,
    current: YearlyVersion,
    section: str,
    actor_id: int | None,
    clock: Clock,
) -> YearlyVersion:
    """The same again is no version. What was approved is a draft once it is changed."""
    if paper.body() == current.body:
        return current
    saved = _add_version(session, report, paper, current.version, section, actor_id, clock)
    if report.state == "approved":
        report.state, report.approved_version, report.approved_by, report.approved_at = "draft", None, None, None
    what: dict[str, Any] = {"report_id": str(report.id), "title": bare(report.title), "version": saved.version}
    record(session, clock, "yearly.saved", actor_id, report.tenant_id, **what)
    session.flush()
    return saved


def _add_version(
    session: Session, report: YearlyReport, paper: Paper, before: int, section: str, actor_id: int | None, clock: Clock
) -> YearlyVersion:
    body = paper.body()
    row = YearlyVersion(
        tenant_id=report.tenant_id,
        report_id=report.id,
        version=before + 1,
        body=body,
        sha256=digest(canonical(body)),
        section=section,
        saved_by=actor_id,
        saved_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise ReportChanged(newest_version(session, report)) from error
    return row


# comments


def comments_of(session: Session, report: YearlyReport, section: str | None = None) -> list[Comment]:
    """The open ones first, each group from the oldest."""
    query = select(YearlyComment, User.name).outerjoin(User, User.id == YearlyComment.written_by)
    query = query.where(YearlyComment.report_id == report.id)
    if section is not None:
        query = query.where(YearlyComment.section == section)
    order = (YearlyComment.settled_at.is_not(None), YearlyComment.written_at, YearlyComment.id)
    return [
        Comment(row.id, row.section, row.body, name or "", row.written_at, row.settled_at)
        for row, name in session.execute(query.order_by(*order))
    ]


def write_comment(
    session: Session, report: YearlyReport, section_id: str, body: str, *, actor_id: int | None, clock: Clock
) -> YearlyComment:
    if Paper.of(newest_version(session, report).body).section(section_id) is None:
        raise NotFound("yearly_section")
    text = body.strip()
    if not text:
        raise Invalid("comment_empty")
    if len(text) > LONGEST_COMMENT:
        raise Invalid("text_too_long")
    row = YearlyComment(
        tenant_id=report.tenant_id,
        report_id=report.id,
        section=section_id,
        body=text,
        written_by=actor_id,
        written_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def settle_comment(
    session: Session, report: YearlyReport, comment_id: uuid.UUID, *, actor_id: int | None, clock: Clock
) -> YearlyComment:
    query = select(YearlyComment).where(YearlyComment.id == comment_id, YearlyComment.report_id == report.id)
    row = session.scalar(query)
    if row is None:
        raise NotFound("comment")
    if row.settled_at is None:
        row.settled_at, row.settled_by = clock.now(), actor_id
    session.flush()
    return row


# approving and publishing


def editors_since(session: Session, report: YearlyReport) -> Collection[int]:
    """Who saved the newest version: that person cannot approve it."""
    newest = newest_version(session, report)
    return {newest.saved_by} if newest.saved_by is not None else set()


def approve(session: Session, report: YearlyReport, seen_version: int, *, actor_id: int, clock: Clock) -> YearlyReport:
    """Approve the very version that was looked at, by somebody else than its last editor."""
    if report.state != "draft":
        raise Conflict("yearly_not_draft")
    newest = newest_version(session, report)
    if newest.version != seen_version:
        raise ReportChanged(newest)
    if actor_id in editors_since(session, report):
        raise Conflict("yearly_own_approval")
    wrong = wrong_with(Paper.of(newest.body))
    if wrong:
        raise Untraced(wrong)
    report.state = "approved"
    report.approved_version, report.approved_by, report.approved_at = newest.version, actor_id, clock.now()
    what: dict[str, Any] = {"report_id": str(report.id), "title": bare(report.title), "version": newest.version}
    record(session, clock, "yearly.approved", actor_id, report.tenant_id, **what)
    session.flush()
    return report


def send_back(session: Session, report: YearlyReport, *, actor_id: int, clock: Clock) -> YearlyReport:
    """Take an approval back: the report is a draft again."""
    if report.state != "approved":
        raise Conflict("yearly_not_approved")
    report.state, report.approved_version, report.approved_by, report.approved_at = "draft", None, None, None
    record(
        session,
        clock,
        "yearly.sent_back",
        actor_id,
        report.tenant_id,
        report_id=str(report.id),
        title=bare(report.title),
    )
    session.flush()
    return report


def ask_to_publish(session: Session, report: YearlyReport, *, is_public: bool, actor_id: int, clock: Clock) -> Job:
    """Number the report and have its files made; with them it is published."""
    if report.state != "approved" or report.approved_version is None:
        raise Conflict("yearly_not_approved")
    report.state, report.is_public, report.published_by = "publishing", is_public, actor_id
    report.number = report.number or _next_number(session, report)
    job = ask_for_files(session, report, report.approved_version, is_final=True, actor_id=actor_id, clock=clock)
    session.flush()
    return job


def _next_number(session: Session, report: YearlyReport) -> str:
    """The year, what the report is about, and a running number among the regulator's."""
    taken = session.scalar(select(func.count()).where(YearlyReport.number.is_not(None))) or 0
    about = report.code.removeprefix("s:").upper()[:6] or "CN"
    return f"YR-{report.period}-{about}-{taken + 1:02d}"


def ask_for_files(
    session: Session, report: YearlyReport, version: int, *, is_final: bool, actor_id: int | None, clock: Clock
) -> Job:
    """The job that makes PDF and Word of a version."""
    payload = {"report_id": str(report.id), "version": version, "is_final": is_final}
    key = f"{report.id}|{version}|{'final' if is_final else 'draft'}"
    return ask_for_job(session, report.tenant_id, PRINT, key, payload, actor_id=actor_id, clock=clock)


def keep_files(
    session: Session, report: YearlyReport, version: int, files: dict[str, bytes], *, is_final: bool, clock: Clock
) -> None:
    """Store what was made; the final files publish the report in the same transaction."""
    if is_final and report.state != "publishing":
        return
    session.execute(delete(YearlyFile).where(YearlyFile.report_id == report.id, YearlyFile.is_final == is_final))
    for ending, content in files.items():
        session.add(
            YearlyFile(
                tenant_id=report.tenant_id,
                report_id=report.id,
                ending=ending,
                is_final=is_final,
                version=version,
                sha256=digest(content),
                size=len(content),
                content=content,
                made_at=clock.now(),
            )
        )
    if is_final:
        _publish(session, report, {ending: digest(content) for ending, content in files.items()}, clock)
    session.flush()


def _publish(session: Session, report: YearlyReport, hashes: dict[str, str], clock: Clock) -> None:
    report.state, report.published_at = "published", clock.now()
    if report.is_public:
        tenant = session.get_one(Tenant, report.tenant_id)
        session.add(
            YearlyPublication(
                report_id=report.id,
                tenant_id=report.tenant_id,
                publisher=tenant.name,
                kind=report.kind,
                code=report.code,
                period=report.period,
                locale=report.locale,
                title=report.title,
                number=report.number or "",
                release_sha256=report.release_sha256,
                is_synthetic=report.is_synthetic,
                pdf_sha256=hashes["pdf"],
                docx_sha256=hashes["docx"],
                corrects_id=report.corrects_id,
                correction=report.correction,
                published_at=clock.now(),
            )
        )
    what: dict[str, Any] = {"report_id": str(report.id), "title": bare(report.title), "number": report.number or ""}
    record(session, clock, "yearly.published", report.published_by, report.tenant_id, **what, sha256=hashes["pdf"])


def start_correction(session: Session, report: YearlyReport, why: str, *, actor_id: int, clock: Clock) -> YearlyReport:
    """A draft that begins with what was published and will replace it; the published one stays as it is."""
    if report.state != "published":
        raise Conflict("yearly_not_published")
    if not why.strip():
        raise Invalid("yearly_correction_reason")
    if len(why) > LONGEST_COMMENT:
        raise Invalid("text_too_long")
    paper, book = Paper.of(newest_version(session, report, report.approved_version).body), book_of(session, report)
    correction = YearlyReport(
        tenant_id=report.tenant_id,
        kind=report.kind,
        code=report.code,
        framework=report.framework,
        period=report.period,
        release_id=report.release_id,
        release_sha256=report.release_sha256,
        is_synthetic=report.is_synthetic,
        locale=report.locale,
        title=report.title,
        state="drafting",
        corrects_id=report.id,
        correction=why.strip(),
        created_by=actor_id,
        created_at=clock.now(),
    )
    session.add(correction)
    session.flush()
    keep_draft(session, correction, paper, book, clock)
    what = {"report_id": str(correction.id), "title": bare(report.title)}
    record(session, clock, "yearly.correction_started", actor_id, report.tenant_id, **what)
    session.flush()
    return correction


# files


def find_file(session: Session, report: YearlyReport, ending: str) -> YearlyFile | None:
    """The final file of a published report, otherwise that of the newest draft that was printed."""
    query = select(YearlyFile).where(YearlyFile.report_id == report.id, YearlyFile.ending == ending)
    return session.scalar(query.order_by(YearlyFile.is_final.desc()).limit(1))


def files_of(session: Session, report: YearlyReport) -> list[YearlyFile]:
    """PDF first."""
    query = select(YearlyFile).where(YearlyFile.report_id == report.id)
    rows = list(session.scalars(query.order_by(YearlyFile.ending.desc())))
    final = [row for row in rows if row.is_final]
    return final or rows


def job_of(session: Session, report: YearlyReport) -> Job | None:
    """What is being made of the report, or was made last."""
    query = select(Job).where(Job.kind.in_((DRAFT, PRINT)), Job.key.startswith(str(report.id)))
    return session.scalar(query.order_by(Job.created_at.desc(), Job.kind.desc()).limit(1))


# the public list


def public_list(session: Session) -> list[YearlyPublication]:
    """What everybody may read, the newest first."""
    order = (YearlyPublication.published_at.desc(), YearlyPublication.report_id)
    return list(session.scalars(select(YearlyPublication).order_by(*order)))


def public_file(session: Session, report_id: uuid.UUID, ending: str) -> tuple[YearlyPublication, bytes]:
    """A public report's file, read inside the tenant that published it."""
    publication = session.get(YearlyPublication, report_id)
    if publication is None or ending not in ("pdf", "docx"):
        raise NotFound("yearly_report")
    with for_tenant(session, publication.tenant_id):
        query = select(YearlyFile.content).where(
            YearlyFile.report_id == report_id, YearlyFile.ending == ending, YearlyFile.is_final
        )
        content = session.scalar(query)
    if content is None:
        raise NotFound("yearly_report")
    return publication, content
