"""Deleting a tenant: asked for, announced, cancellable for a month, then done with a receipt that proves it.

What is erased is read off the schema (`inventory.tables_to_erase`), so that no table is forgotten. What stays is the
tenant's row without its name, because its number must never come to mean somebody else; the events of the log, whose
chain would break, with the keys of what is personal in them destroyed; and the receipt. The receipt is canonical JSON;
its hash is recorded in the log and sealed there.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from maturity.accounts.service import name_of
from maturity.audit.chain import instant
from maturity.audit.keys import erase_subject
from maturity.audit.sealer import head
from maturity.audit.service import record
from maturity.audit.vocabulary import subject_of_invitation, subject_of_tenant
from maturity.billing.choosing import is_charged_on
from maturity.certification.parting import part_from
from maturity.clock import Clock
from maturity.db import Base
from maturity.editions.service import canonical, digest
from maturity.errors import Conflict, Invalid, NotAllowed, NotFound
from maturity.reports.models import DocumentFile
from maturity.reports.service import folder_of
from maturity.rights.archive import KEPT_IN_VAULT
from maturity.rights.inventory import OUTLIVE, own_rows, rows_to_erase, tables_to_erase
from maturity.rights.letters import owners_of, write_letter
from maturity.rights.models import TenantDeletion
from maturity.tenancy.models import GONE, Grant, Invitation, Tenant
from maturity.web.filters import day_prose

FORMAT = "maturity-deletion/1"
GRACE = timedelta(days=30)
REMINDED = timedelta(days=7)
RECEIPT_YEARS = 3
JOB = "tenant_erasure"


# Asking and cancelling


def ask_for_deletion(
    session: Session, tenant: Tenant, typed_name: str, *, actor_id: int, site: str, clock: Clock
) -> TenantDeletion:
    """An owner asks, having typed the name; every owner is told. `Conflict` while one is open already."""
    if tenant.kind == "operator" or tenant.is_synthetic:
        raise NotAllowed("not_allowed", tenant.kind)
    if " ".join(typed_name.split()) != " ".join(tenant.name.split()):
        raise Invalid("deletion_name")
    if open_deletion(session, tenant.id) is not None:
        raise Conflict("deletion_asked_already")
    if is_charged_on(session, tenant.id):
        raise Conflict("deletion_subscription")
    due = clock.today() + GRACE
    deletion = TenantDeletion(
        id=uuid.uuid4(), tenant_id=tenant.id, asked_by=actor_id, asked_at=clock.now(), due_on=due, site=site
    )
    session.add(deletion)
    tenant.deletion_due = due
    record(session, clock, "deletion.requested", actor_id, tenant.id, due=due)
    session.flush()
    tell_owners(session, tenant, deletion, "deletion_asked", clock, who=actor_id)
    return deletion


def cancel_deletion(session: Session, tenant: Tenant, *, actor_id: int, clock: Clock) -> None:
    """Any owner cancels; nothing was erased."""
    deletion = open_deletion(session, tenant.id)
    if deletion is None:
        raise NotFound("deletion")
    deletion.cancelled_by, deletion.cancelled_at, tenant.deletion_due = actor_id, clock.now(), None
    record(session, clock, "deletion.cancelled", actor_id, tenant.id)
    session.flush()
    tell_owners(session, tenant, deletion, "deletion_cancelled", clock, who=actor_id)


def open_deletion(session: Session, tenant_id: uuid.UUID) -> TenantDeletion | None:
    query = select(TenantDeletion).where(TenantDeletion.tenant_id == tenant_id, *_open())
    return session.scalar(query.with_for_update())


def _open() -> tuple[Any, ...]:
    return TenantDeletion.cancelled_at.is_(None), TenantDeletion.done_at.is_(None)


def tell_owners(
    session: Session, tenant: Tenant, deletion: TenantDeletion, letter: str, clock: Clock, *, who: int | None = None
) -> None:
    """The same letter to every owner, each in their language."""
    link, name, due = f"{deletion.site}/t/{tenant.id}/data", tenant.name, deletion.due_on
    actor = name_of(session, who) or ""
    for reader in owners_of(session, tenant.id):
        write_letter(
            session,
            reader,
            letter,
            clock,
            lambda: {"tenant": name, "due": day_prose(due), "who": actor, "link": link},
        )


def deletions_to_announce(session: Session, today: date) -> list[TenantDeletion]:
    """Those due within a week of which the owners were not reminded; the session works across tenants."""
    near = (TenantDeletion.due_on <= today + REMINDED) & TenantDeletion.reminded_at.is_(None)
    return list(session.scalars(select(TenantDeletion).where(near, *_open())))


def deletions_due(session: Session, today: date) -> list[uuid.UUID]:
    query = select(TenantDeletion.id).where(TenantDeletion.due_on <= today, *_open())
    return list(session.scalars(query.order_by(TenantDeletion.due_on)))


def remind_of_deletion(session: Session, deletion: TenantDeletion, clock: Clock) -> None:
    tell_owners(session, session.get_one(Tenant, deletion.tenant_id), deletion, "deletion_near", clock)
    deletion.reminded_at = clock.now()
    session.flush()


# Erasing


@dataclass(frozen=True, slots=True)
class Erased:
    tenant_id: uuid.UUID
    sha256: str


def erase_tenant(session: Session, deletion_id: uuid.UUID, data: Path, clock: Clock) -> Erased | None:
    """Destroy the files, then the rows with what proves it, in the caller's transaction; None when it is not due, or a
    subscription would go on charging somebody who is no more here: it waits until that is cancelled.

    The session works across tenants. Files go first: were the rows to go first and the rest to fail, nobody would know
    any more which files were whose. Tried again after a crash, it finds their hashes in the rows.
    """
    deletion = session.scalar(select(TenantDeletion).where(TenantDeletion.id == deletion_id, *_open()))
    if deletion is None or deletion.due_on > clock.today() or is_charged_on(session, deletion.tenant_id):
        return None
    tenant = session.get_one(Tenant, deletion.tenant_id)
    name, owners = tenant.name, owners_of(session, tenant.id)
    began = clock.now()
    files = list(_erase_files(session, tenant.id, data))
    keys = _destroy_keys(session, tenant.id, clock)
    _revoke_shared(session, tenant.id, clock)
    part_from(session, tenant.id, name, GONE, clock)
    session.flush()
    counts = _erase_rows(session, tenant.id)
    position, link = head(session)
    receipt = {
        "format": FORMAT,
        "deletion": str(deletion.id),
        "tenant": {"id": str(tenant.id), "kind": tenant.kind, "name_sha256": name_proof(tenant.id, name)},
        "asked": {"by": deletion.asked_by, "at": instant(deletion.asked_at)},
        "due_on": deletion.due_on.isoformat(),
        "erased": {"from": instant(began), "until": instant(clock.now())},
        "rows": counts,
        "files": files,
        "keys_destroyed": keys,
        "kept": dict(_kept(session, tenant.id)),
        "log_before": {"position": position, "hash": link},
    }
    content = canonical(receipt)
    token = secrets.token_urlsafe(32)
    _empty(tenant)
    deletion.done_at, deletion.receipt = clock.now(), content.decode()
    deletion.receipt_sha256, deletion.receipt_token_hash = digest(content), hash_of_token(token)
    record(session, clock, "deletion.done", None, tenant.id, proof=digest(content))
    session.flush()
    said = {"link": f"{deletion.site}/deletions/{token}", "sha256": digest(content), "years": str(RECEIPT_YEARS)}
    done = clock.now()
    for owner in owners:
        write_letter(session, owner, "deletion_done", clock, lambda: {**said, "tenant": name, "day": day_prose(done)})
    return Erased(tenant.id, digest(content))


def _empty(tenant: Tenant) -> None:
    """What is left is a number that is never used again."""
    tenant.name, tenant.code, tenant.deletion_due = GONE, None, None
    tenant.suspended_because, tenant.invitation_domains = None, []
    tenant.second_factor_required, tenant.provider_required = False, False


def name_proof(tenant_id: uuid.UUID, name: str) -> str:
    """Whoever knows the name can show that the receipt is about it; the name itself is not kept."""
    return hashlib.sha256(f"{tenant_id}\n{name}".encode()).hexdigest()


def hash_of_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _erase_files(session: Session, tenant_id: uuid.UUID, data: Path) -> Iterator[dict[str, Any]]:
    """Each file with its hash; what lies in folders of the tenant's own goes with the folder."""
    for table in tables_to_erase():
        if table.name in KEPT_IN_VAULT:
            query = select(table.c.sha256, table.c.size).where(table.c.tenant_id == tenant_id)
            for sha256, size in session.connection().execute(query.order_by(table.c.sha256)):
                yield {"kind": KEPT_IN_VAULT[table.name], "sha256": sha256, "size": size}
    remove_folders(data, tenant_id)
    mine = select(DocumentFile.sha256, DocumentFile.size).where(DocumentFile.tenant_id == tenant_id)
    for sha256, size in session.execute(mine.order_by(DocumentFile.sha256)):
        others = select(DocumentFile.id).where(DocumentFile.sha256 == sha256, DocumentFile.tenant_id != tenant_id)
        if session.scalar(others.limit(1)) is None:
            (folder_of(data) / f"{sha256}.pdf").unlink(missing_ok=True)
            yield {"kind": "documents", "sha256": sha256, "size": size}


def remove_folders(data: Path, tenant_id: uuid.UUID) -> None:
    """The folders that are the tenant's alone, whatever feature made them: they bear its number.

    One that cannot be removed stops the erasure, which is tried again.
    """
    for folder in data.glob(f"*/{tenant_id}"):
        shutil.rmtree(folder)


def _destroy_keys(session: Session, tenant_id: uuid.UUID, clock: Clock) -> int:
    """The keys of what the log says about people who were only ever invited here, and of the tenant's own words."""
    subjects = [subject_of_tenant(tenant_id)]
    subjects += [
        subject_of_invitation(number)
        for number in session.scalars(select(Invitation.id).where(Invitation.tenant_id == tenant_id))
    ]
    for subject in subjects:
        erase_subject(session, subject, clock)
    return len(subjects)


def _revoke_shared(session: Session, tenant_id: uuid.UUID, clock: Clock) -> None:
    """What another tenant keeps as its own record does not hold any more."""
    live = (Grant.consultancy_id == tenant_id) & Grant.revoked_at.is_(None)
    session.execute(update(Grant).where(live).values(revoked_at=clock.now()))


def _erase_rows(session: Session, tenant_id: uuid.UUID) -> dict[str, int]:
    connection, counts = session.connection(), {}
    for table in tables_to_erase():
        gone = connection.execute(delete(table).where(rows_to_erase(table, tenant_id))).rowcount
        if gone:
            counts[table.name] = gone
    session.expire_all()
    return counts


def _kept(session: Session, tenant_id: uuid.UUID) -> Iterator[tuple[str, int]]:
    """What outlives the tenant, so that the receipt does not say more than is true."""
    for name in OUTLIVE:
        table = Base.metadata.tables[name]
        query = select(func.count()).select_from(table).where(own_rows(table, tenant_id))
        yield name, session.connection().execute(query).scalar_one()


# The receipt


def find_receipt(session: Session, token: str) -> TenantDeletion:
    """The deletion whose receipt a letter leads to; `NotFound` when there is none, or its years are over."""
    deletion = session.scalar(select(TenantDeletion).where(TenantDeletion.receipt_token_hash == hash_of_token(token)))
    if deletion is None or deletion.receipt is None:
        raise NotFound("receipt")
    return deletion


def read_receipt(deletion: TenantDeletion) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(deletion.receipt or "{}")
    return found
