"""`flask evidence`: whether the vault and the database agree, and a scan of what came before there was a scanner."""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.db import every_tenant, for_tenant, writing
from maturity.evidence.jobs import scan_again
from maturity.evidence.models import EvidenceFile
from maturity.evidence.storage import Vault, hash_of, tenants_on_disk
from maturity.extensions import db
from maturity.web.site import site_clock

#: Bytes without a row may belong to an upload that is under way.
GRACE_SECONDS = 3600.0


@click.command()
@click.option("--remove-orphans", is_flag=True, help="delete the bytes that no row stands for")
@with_appcontext
def check(remove_orphans: bool) -> None:
    """Compare every file of the vault with its row: missing, changed, without a row. Exit status 1 at a finding."""
    writing.set(False)
    data_dir: Path = current_app.config["DATA_DIR"]
    with every_tenant(db.session()):
        kept = _kept(db.session())
    findings = 0
    for tenant_id in sorted({*kept, *tenants_on_disk(data_dir)}):
        vault = Vault(data_dir, tenant_id)
        for finding in _broken(vault, kept[tenant_id]):
            findings += 1
            click.echo(finding)
        for path in _orphans(vault, kept[tenant_id]):
            if remove_orphans:
                path.unlink(missing_ok=True)
            else:
                findings += 1
            click.echo(f"{'removed' if remove_orphans else 'orphan'}: {path.relative_to(data_dir)}")
    click.echo(f"{sum(map(len, kept.values()))} files, {findings} findings")
    raise SystemExit(1 if findings else 0)


def _kept(session: Session) -> dict[uuid.UUID, dict[str, EvidenceFile]]:
    """The files whose bytes must be there, by tenant and hash."""
    found: dict[uuid.UUID, dict[str, EvidenceFile]] = defaultdict(dict)
    for file in session.scalars(select(EvidenceFile).where(EvidenceFile.erased_at.is_(None))):
        found[file.tenant_id][file.sha256] = file
    return found


def _broken(vault: Vault, kept: dict[str, EvidenceFile]) -> Iterator[str]:
    for sha256, file in sorted(kept.items()):
        path = vault.path(sha256)
        if not path.is_file():
            if file.is_there:  # else the worker is about to say that they are gone
                yield f"missing: tenant {vault.tenant_id}, file {file.id}"
        elif hash_of(path) != sha256:
            yield f"changed: tenant {vault.tenant_id}, file {file.id}"


def _orphans(vault: Vault, kept: dict[str, EvidenceFile]) -> Iterator[Path]:
    """Bytes that no row stands for: an upload that was cut off, or an erasure that a restored backup has undone."""
    for path in vault.stored():
        if path.name.partition(".")[0] not in kept and time.time() - path.stat().st_mtime >= GRACE_SECONDS:
            yield path
    yield from vault.left_behind(GRACE_SECONDS)


@click.command()
@with_appcontext
def scan() -> None:
    """Have the worker scan every file that was kept while no scanner was configured."""
    if current_app.config["CLAMD"] is None:
        raise click.ClickException("MATURITY_CLAMD is not set; there is no scanner to ask.")
    session, clock = db.session(), site_clock()
    writing.set(True)
    unscanned = select(EvidenceFile.tenant_id, EvidenceFile.id).where(
        EvidenceFile.state == "unscanned", EvidenceFile.erasure_asked_at.is_(None)
    )
    with every_tenant(session):
        found = session.execute(unscanned).all()
    for tenant_id, file_id in found:
        with for_tenant(session, tenant_id):
            scan_again(session, session.scalars(select(EvidenceFile).where(EvidenceFile.id == file_id)).one(), clock)
            session.commit()
    click.echo(f"{len(found)} files wait for the scanner")
