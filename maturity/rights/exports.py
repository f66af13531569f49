"""Exports of a tenant: asked for by an owner, made by the worker, offered for some days, then removed."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.clock import Clock
from maturity.errors import Conflict, NotFound
from maturity.jobs.models import Job
from maturity.jobs.service import ask_for_job
from maturity.rights.models import TenantExport

JOB = "tenant_export"
OFFERED_FOR = timedelta(days=7)


def folder_of_exports(data: Path, tenant_id: uuid.UUID) -> Path:
    return data / "exports" / str(tenant_id)


def path_of_export(data: Path, export: TenantExport) -> Path:
    return folder_of_exports(data, export.tenant_id) / f"{export.id}.zip"


def ask_for_export(
    session: Session, tenant_id: uuid.UUID, *, actor_id: int, locale: str, site: str, clock: Clock
) -> TenantExport:
    """Have the worker make an archive of everything; `Conflict` while one is being made."""
    for export in exports_of(session):
        job = job_of(session, export)
        if job is not None and not job.is_over:
            raise Conflict("export_under_way")
    export = TenantExport(id=uuid.uuid4(), tenant_id=tenant_id, locale=locale, asked_by=actor_id, asked_at=clock.now())
    session.add(export)
    session.flush()
    payload = {"export_id": str(export.id), "site": site}
    ask_for_job(session, tenant_id, JOB, str(export.id), payload, actor_id=actor_id, clock=clock)
    record(session, clock, "export.requested", actor_id, tenant_id, export_id=str(export.id), content="everything")
    session.flush()
    return export


def exports_of(session: Session) -> list[TenantExport]:
    """Of the session's tenant, the newest first."""
    return list(session.scalars(select(TenantExport).order_by(TenantExport.asked_at.desc(), TenantExport.id)))


def job_of(session: Session, export: TenantExport) -> Job | None:
    return session.scalar(select(Job).where(Job.kind == JOB, Job.key == str(export.id)))


def get_export(session: Session, export_id: uuid.UUID) -> TenantExport:
    export = session.scalar(select(TenantExport).where(TenantExport.id == export_id))
    if export is None:
        raise NotFound("export")
    return export


def is_offered(export: TenantExport, clock: Clock) -> bool:
    return export.made_at is not None and export.removed_at is None and clock.now() < export.made_at + OFFERED_FOR


def leave(export: TenantExport, data: Path, clock: Clock) -> Path:
    """The archive to be handed out; `NotFound` when it is not made, is over or gone."""
    path = path_of_export(data, export)
    if not is_offered(export, clock) or not path.is_file():
        raise NotFound("export")
    return path


def remove_over(session: Session, data: Path, clock: Clock) -> int:
    """Remove archives whose days are over; how many. The session works across tenants or for one."""
    over = TenantExport.removed_at.is_(None) & (TenantExport.made_at < clock.now() - OFFERED_FOR)
    count = 0
    for export in session.scalars(select(TenantExport).where(over)):
        path_of_export(data, export).unlink(missing_ok=True)
        export.removed_at = clock.now()
        count += 1
    session.flush()
    return count
