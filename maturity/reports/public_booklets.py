"""The public booklets: one for each production type and language of a published edition, made once for everybody.

They belong to no enterprise. Their jobs and files stand under the platform's own tenant, so that leases, retries and
storage are those of every other document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.db import for_tenant
from maturity.editions.models import EditionRecord
from maturity.editions.service import digest
from maturity.errors import NotFound
from maturity.jobs.models import Job
from maturity.jobs.service import ask_for_job
from maturity.questionnaires.condition_parsing import PRODUCTION_TYPES
from maturity.reports.models import DocumentFile
from maturity.reports.service import LOCALES, TEMPLATE_VERSION, find_document
from maturity.tenancy.service import PLATFORM, ensure_platform

KIND = "booklet"
REST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class PublicBooklet:
    """A booklet somebody asks for; `sha256` is the edition's."""

    sha256: str
    edition: str
    variant: str
    locale: str

    @property
    def key(self) -> str:
        """The hash of everything the bytes depend on."""
        return digest("|".join((KIND, self.locale, TEMPLATE_VERSION, self.sha256, self.variant)).encode())

    def payload(self) -> dict[str, Any]:
        return {"kind": KIND, "sha256": self.sha256, "variant": self.variant, "locale": self.locale}


def published_edition(session: Session, framework: str, edition: str | None = None) -> EditionRecord:
    """The edition of that name, or the newest; the last one stored where it was corrected. Only published ones."""
    query = select(EditionRecord).where(EditionRecord.framework == framework, EditionRecord.status == "published")
    if edition is not None:
        query = query.where(EditionRecord.edition == edition)
    found = session.scalar(query.order_by(EditionRecord.edition.desc(), EditionRecord.id.desc()).limit(1))
    if found is None:
        raise NotFound("http_404", f"{framework}/{edition}")
    return found


def booklet_of(record: EditionRecord, variant: str, locale: str) -> PublicBooklet:
    if variant not in PRODUCTION_TYPES or locale not in LOCALES:
        raise NotFound("http_404", variant)
    return PublicBooklet(record.sha256, record.edition, variant, locale)


def ready_booklets(session: Session, booklets: Mapping[Any, PublicBooklet], folder: Path) -> dict[Any, DocumentFile]:
    """Those that are there, under the names given."""
    with for_tenant(session, PLATFORM):
        found = {name: find_document(session, booklet.key, folder) for name, booklet in booklets.items()}
    return {name: document for name, document in found.items() if document is not None}


def booklet_job(session: Session, booklet: PublicBooklet) -> Job | None:
    with for_tenant(session, PLATFORM):
        return session.scalar(select(Job).where(Job.kind == "document", Job.key == booklet.key))


def ask_for_booklet(session: Session, booklet: PublicBooklet, folder: Path, clock: Clock) -> None:
    """Have it made, unless it is there, being made, or failed a moment ago: however many ask, it is done once."""
    if ready_booklets(session, {booklet.key: booklet}, folder):
        return
    job = booklet_job(session, booklet)
    if job is not None and not may_ask_again(job, clock):
        return
    ensure_platform(session, clock)
    with for_tenant(session, PLATFORM):
        ask_for_job(session, PLATFORM, "document", booklet.key, booklet.payload(), actor_id=None, clock=clock)


def may_ask_again(job: Job, clock: Clock) -> bool:
    """Everybody may ask, and each attempt costs seconds of work: what failed rests before it is tried again."""
    return job.state != "failed" or job.finished_at is None or clock.now() - job.finished_at >= REST
