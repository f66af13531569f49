"""Which documents there are, what each depends on, and asking for one."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.answering import load_sheet
from maturity.assessments.models import FRAMEWORK, Assessment
from maturity.assessments.submission import submission_of
from maturity.audit.service import record
from maturity.benchmarks.service import latest_release_hash
from maturity.clock import Clock
from maturity.editions.service import canonical, digest, framework_by_hash
from maturity.errors import Invalid, NotFound
from maturity.jobs.models import Job
from maturity.jobs.service import ask_for_job
from maturity.organisations.models import Enterprise
from maturity.questionnaires.values import to_json
from maturity.reference.figures import version as figures_version
from maturity.reports.models import DocumentFile

TEMPLATE_VERSION = "3"
KINDS = ("report", "questionnaire", "answers")
LOCALES = ("zh_CN", "en")


@dataclass(frozen=True, slots=True)
class Brand:
    """In whose name a document goes out: the name shown, and the logo as the data URI of a PNG, or empty."""

    name: str
    logo: str = ""

    @property
    def digest(self) -> str:
        """Names the brand in addresses and keys."""
        return digest(canonical(asdict(self)))[:16]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A document somebody asks for."""

    kind: str
    assessment_id: uuid.UUID
    locale: str
    key: str

    def payload(self) -> dict[str, Any]:
        return {"kind": self.kind, "assessment_id": str(self.assessment_id), "locale": self.locale, "key": self.key}


def wanted_document(session: Session, assessment: Assessment, kind: str, locale: str, brand: str = "") -> Wanted:
    """What is asked for, with the key of everything it depends on; `brand` is the digest of the brand it carries."""
    if kind not in KINDS or locale not in LOCALES:
        raise NotFound("report", kind)
    parts = [kind, locale, TEMPLATE_VERSION, assessment.edition_sha256]
    if kind == "report":
        submission = submission_of(session, assessment)
        if submission is None:
            raise Invalid("assessment_incomplete")
        release = latest_release_hash(session, assessment.framework, assessment.period)
        parts += [submission.sha256, figures_version(), release or "none"]
    else:
        identity = {"enterprise": enterprise_name(session, assessment), "period": assessment.period}
        parts.append(digest(canonical(identity | {"profile": assessment.profile})))
    if kind == "answers":
        sheet = load_sheet(session, assessment, framework_by_hash(session, assessment.edition_sha256))
        parts.append(digest(canonical({name: to_json(value) for name, value in sheet.facts.items()})))
    parts += [f"brand {brand}"] if brand else []
    return Wanted(kind, assessment.id, locale, digest("|".join(parts).encode()))


def has_report(session: Session, assessment: Assessment) -> bool:
    """Whether there is a report to be made: of the main framework's exact scores, with charts and peers."""
    submission = submission_of(session, assessment)
    whole = submission is None or submission.capability_most is None
    return assessment.framework == FRAMEWORK and whole


def enterprise_name(session: Session, assessment: Assessment) -> str:
    """Today's name; a report shows the one it was submitted under."""
    return session.scalars(select(Enterprise.name).where(Enterprise.id == assessment.enterprise_id)).one()


def ask_for_document(
    session: Session,
    assessment: Assessment,
    wanted: Wanted,
    folder: Path,
    *,
    actor_id: int | None,
    clock: Clock,
    brand: Brand | None = None,
) -> Job | None:
    """The job that makes it, or None when it is there already; `brand` is the one whose digest was wanted."""
    if find_document(session, wanted.key, folder) is not None:
        return None
    payload = wanted.payload() | ({"brand": asdict(brand)} if brand else {})
    job = ask_for_job(session, assessment.tenant_id, "document", wanted.key, payload, actor_id=actor_id, clock=clock)
    details = {"assessment_id": str(assessment.id), "document": wanted.kind, "locale": wanted.locale}
    record(session, clock, "report.requested", actor_id, assessment.tenant_id, **details)
    session.flush()
    return job


def find_document(session: Session, key: str, folder: Path) -> DocumentFile | None:
    """The finished document; None, too, where its file is gone, so that it can be made again."""
    row = _row_of(session, key)
    return row if row is not None and path_of(folder, row).is_file() else None


def remember_document(
    session: Session, key: str, tenant_id: uuid.UUID, sha256: str, size: int, clock: Clock
) -> DocumentFile:
    """Note that the document is stored; a row whose file was gone is put right."""
    row = _row_of(session, key)
    if row is None:
        row = DocumentFile(tenant_id=tenant_id, key=key)
        session.add(row)
    row.sha256, row.size, row.created_at = sha256, size, clock.now()
    session.flush()
    return row


def _row_of(session: Session, key: str) -> DocumentFile | None:
    return session.scalar(select(DocumentFile).where(DocumentFile.key == key))


def folder_of(data_dir: Path) -> Path:
    return data_dir / "documents"


def path_of(folder: Path, document: DocumentFile) -> Path:
    return folder / f"{document.sha256}.pdf"
