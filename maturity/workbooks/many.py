"""Many enterprises with one upload: kept on the disk, worked off one by one by the worker, told line by line."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.assessments.answering import load_sheet
from maturity.assessments.models import Assessment
from maturity.assessments.reach import reach_of
from maturity.assessments.service import get_assessment, latest_revision, start_assessment
from maturity.audit.service import record
from maturity.clock import Clock
from maturity.editions.service import framework_by_hash
from maturity.errors import Conflict, Invalid, MaturityError, NotFound
from maturity.evidence.storage import Staged, Vault
from maturity.jobs.models import Job
from maturity.jobs.service import ask_for_job
from maturity.organisations.service import enterprise_of, profile_of
from maturity.portfolios.clients import Client, find_client
from maturity.portfolios.visits import inside
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.workbooks.comparing import Comparison, Standing, compare_row, compare_workbook
from maturity.workbooks.layout import NAME, SEAL, USCC
from maturity.workbooks.models import BulkLine, BulkUpload
from maturity.workbooks.seals import Broken, Label, unseal
from maturity.workbooks.service import apply_comparison, references_of

BULK = "bulk_upload"
LATEST = 20  # uploads that the page lists


@dataclass(frozen=True, slots=True)
class Entry:
    """One enterprise of an upload as it was read: of a register its row, of an archive its workbook."""

    number: int
    place: str
    uscc: str = ""
    name: str = ""
    client_id: uuid.UUID | None = None
    label: Label | None = None
    sheet: str = ""
    cells: Mapping[str, Any] = field(default_factory=dict)  # of a row
    read: Mapping[str, Any] = field(default_factory=dict)  # of a workbook
    fault: str = ""  # why it cannot be looked at: a code with words

    @property
    def is_filled(self) -> bool:
        """Whether the row holds anything besides whose it is."""
        return bool(self.cells.keys() - {USCC, NAME, SEAL})


@dataclass(slots=True)
class Outcome:
    """What came of an enterprise."""

    outcome: str
    changed: int = 0
    unchanged: int = 0
    details: list[dict[str, str]] = field(default_factory=list)


def keep_bulk_upload(
    session: Session,
    access: Access,
    vault: Vault,
    staged: Staged,
    name: str,
    kind: str,
    *,
    is_trial: bool,
    actor_id: int,
    clock: Clock,
) -> BulkUpload:
    """Keep the file and have the worker see to it."""
    upload = BulkUpload(
        id=uuid.uuid4(),
        tenant_id=access.tenant.id,
        kind=kind,
        name=name,
        sha256=staged.sha256,
        is_trial=is_trial,
        uploaded_by=actor_id,
        uploaded_at=clock.now(),
    )
    session.add(upload)
    session.flush()
    vault.keep(staged.path, vault.path(str(upload.id)))
    payload = {"upload_id": str(upload.id)}
    ask_for_job(session, access.tenant.id, BULK, str(upload.id), payload, actor_id=actor_id, clock=clock)
    record(session, clock, "bulk.uploaded", actor_id, access.tenant.id, upload_id=str(upload.id))
    return upload


def find_bulk_upload(session: Session, upload_id: uuid.UUID) -> BulkUpload:
    upload = session.scalar(select(BulkUpload).where(BulkUpload.id == upload_id))
    if upload is None:
        raise NotFound("bulk_upload")
    return upload


def is_given_up(session: Session, upload: BulkUpload) -> bool:
    """Whether the worker has tried in vain as often as it tries, so that nobody works on the upload any more."""
    if upload.state not in ("waiting", "running"):
        return False
    query = select(Job.state).where(Job.kind == BULK, Job.key == str(upload.id))
    return session.scalar(query) == "failed"


def bulk_uploads(session: Session) -> list[BulkUpload]:
    """The latest uploads of the consultancy, newest first."""
    query = select(BulkUpload).order_by(BulkUpload.uploaded_at.desc(), BulkUpload.id).limit(LATEST)
    return list(session.scalars(query))


def lines_of(session: Session, upload_id: uuid.UUID) -> list[BulkLine]:
    return list(session.scalars(select(BulkLine).where(BulkLine.upload_id == upload_id).order_by(BulkLine.number)))


def tally_of(session: Session, upload_id: uuid.UUID) -> dict[str, int]:
    """How many enterprises had which outcome so far."""
    query = select(BulkLine.outcome, func.count()).where(BulkLine.upload_id == upload_id).group_by(BulkLine.outcome)
    return dict(session.execute(query).tuples().all())


def cancel_bulk_upload(session: Session, upload: BulkUpload, *, actor_id: int, clock: Clock) -> None:
    """Stop before the next enterprise; those that are done stay done, and the result says which."""
    if upload.state not in ("waiting", "running"):
        raise Conflict("bulk_over")
    upload.state, upload.finished_at = "cancelled", clock.now()
    record(session, clock, "bulk.cancelled", actor_id, upload.tenant_id, upload_id=str(upload.id))
    session.flush()


def see_to_entry(
    session: Session, access: Access, upload: BulkUpload, entry: Entry, *, actor_id: int, clock: Clock
) -> BulkLine:
    """One enterprise: its answers saved whole or not at all, and the line that says so beside them."""
    client: Client | None = None
    try:
        if entry.fault:
            raise Invalid(entry.fault)
        if entry.client_id is None or entry.label is None:
            raise NotFound("bulk_unknown")
        client = find_client(session, access.tenant.id, entry.client_id, clock)
        outcome = _in_client(session, access, client, entry, is_trial=upload.is_trial, actor_id=actor_id, clock=clock)
    except NotFound:
        outcome = Outcome("unknown", details=[{"place": entry.place, "code": "bulk_unknown"}])
    except MaturityError as error:
        outcome = Outcome("refused", details=[{"place": entry.place, "code": error.code}])
    line = BulkLine(
        tenant_id=upload.tenant_id,
        upload_id=upload.id,
        number=entry.number,
        place=entry.place,
        uscc=client.row.uscc if client and client.row else entry.uscc[:40],
        name=client.name if client else entry.name[:200],
        client_id=client.id if client else None,
        outcome=outcome.outcome,
        changed=outcome.changed,
        unchanged=outcome.unchanged,
        details=outcome.details,
    )
    session.add(line)
    session.flush()
    return line


def _in_client(
    session: Session, access: Access, client: Client, entry: Entry, *, is_trial: bool, actor_id: int, clock: Clock
) -> Outcome:
    with inside(session, access, client, actor_id, clock, Permission.ASSESSMENT_ANSWER) as inner:
        savepoint = session.begin_nested()
        try:
            outcome = _compare_and_save(session, inner, entry, actor_id=actor_id, clock=clock)
        except BaseException:
            savepoint.rollback()
            raise
        if is_trial or not outcome.changed:
            savepoint.rollback()  # an assessment that was only looked at is not started, either
        else:
            savepoint.commit()
    return outcome


def _compare_and_save(session: Session, access: Access, entry: Entry, *, actor_id: int, clock: Clock) -> Outcome:
    if entry.label is None:
        raise NotFound("bulk_unknown")
    if not entry.read and not entry.is_filled:
        return Outcome("unchanged")
    assessment = _assessment_for(session, access, entry.label, actor_id=actor_id, clock=clock)
    if entry.label.edition != assessment.edition_sha256:
        raise Invalid("workbook_other_edition")
    standing = _standing(session, access, assessment.id, actor_id, with_notes=bool(entry.read))
    if entry.read:
        found = compare_workbook(session, standing, entry.label, entry.read)
    else:
        found = compare_row(session, standing, entry.label, entry.sheet, entry.cells)
    if found.is_good and found.brings_something:
        apply_comparison(
            session, standing.assessment, standing.framework, standing.reach, found, actor_id=actor_id, clock=clock
        )
    return _outcome_of(found)


def _standing(
    session: Session, access: Access, assessment_id: uuid.UUID, actor_id: int, *, with_notes: bool
) -> Standing:
    """What stands now, held until the transaction ends; the score, which costs most, is nobody's business here."""
    assessment = get_assessment(session, assessment_id, hold="shared")
    framework = framework_by_hash(session, assessment.edition_sha256)
    sheet = load_sheet(session, assessment, framework)
    notes = references_of(session, assessment_id) if with_notes else {}
    return Standing(assessment, framework, sheet, notes, reach_of(session, access, actor_id, assessment_id))


def _assessment_for(session: Session, access: Access, label: Label, *, actor_id: int, clock: Clock) -> Assessment:
    """The assessment that the workbook or row was made from; of the register's year, started where there is none."""
    if label.assessment:
        return get_assessment(session, uuid.UUID(label.assessment))
    enterprise = enterprise_of(session)
    found = latest_revision(session, enterprise.id, label.period)
    if found is not None:
        return found
    return start_assessment(
        session, enterprise.id, access.tenant.id, profile_of(enterprise), label.period, actor_id=actor_id, clock=clock
    )


def _outcome_of(found: Comparison) -> Outcome:
    if found.problems:
        told = [_told(problem.place, problem.text.zh, problem.text.en) for problem in found.problems]
        return Outcome("refused", unchanged=found.unchanged, details=told)
    details = [{"place": clash.place, "code": "answer_changed_meanwhile"} for clash in found.clashes]
    details += [{"place": clash.place, "code": "answer_changed_meanwhile"} for clash in found.note_clashes]
    details += [{"place": item.place, "code": "bulk_not_asked"} for item in found.left_out]
    details += [{"place": cell, "code": "bulk_stray"} for cell in found.strays]
    changed = len(found.changes) + len(found.notes)
    state = "partly" if details else "saved" if changed else "unchanged"
    return Outcome(state, changed, found.unchanged, details)


def _told(place: str, zh: str, en: str) -> dict[str, str]:
    return {"place": place, "zh": zh, "en": en}


def entries_of_register(read: Mapping[str, Any], clients: Sequence[Client], secret: str) -> tuple[Entry, ...]:
    """The rows of a register that was read; `Invalid` where it is none of ours."""
    try:
        whole = unseal(read["seal"], secret)
    except Broken as error:
        raise Invalid(error.code) from error
    if whole.kind != "register":
        raise Invalid("register_is_workbook")
    if read["sheet"] is None or USCC not in read["keys"]:
        raise Invalid("register_beheaded")
    by_code: dict[str, list[uuid.UUID]] = {}
    for client in clients:
        if client.row:
            by_code.setdefault(client.row.uscc, []).append(client.id)
    seen: set[uuid.UUID | str] = set()
    entries = []
    for number, row in enumerate(read["rows"], start=1):
        entry = _entry(number, row, read["sheet"], whole, by_code, secret)
        who = entry.client_id or entry.uscc
        if who and who in seen:
            entry = Entry(number, entry.place, entry.uscc, entry.name, fault="bulk_twice")
        seen.add(who)
        entries.append(entry)
    return tuple(entries)


def _entry(
    number: int, row: Mapping[str, Any], sheet: str, whole: Label, by_code: Mapping[str, list[uuid.UUID]], secret: str
) -> Entry:
    """A row without a seal was added by hand: it shows nothing, so it may fill blanks and change no answer."""
    cells = row["cells"]
    place = f"{sheet}!A{row['number']}"
    uscc, name = _text(cells, USCC).upper().replace(" ", ""), _text(cells, NAME)
    label = Label("row", whole.edition, whole.locale, period=whole.period)
    known = by_code.get(uscc, [])
    sealed = _text(cells, SEAL)
    if sealed:
        try:
            label = unseal(sealed, secret)
        except Broken:
            return Entry(number, place, uscc, name, fault="workbook_seal_broken")
        known = [client_id for client_id in known if str(client_id) == label.tenant]
    if label.kind != "row" or (sealed and not known and uscc in by_code):
        return Entry(number, place, uscc, name, fault="register_row_moved")
    if len(known) > 1:
        return Entry(number, place, uscc, name, fault="bulk_ambiguous")
    return Entry(number, place, uscc, name, known[0] if known else None, label, sheet, cells)


def _text(cells: Mapping[str, Any], key: str) -> str:
    return str(cells.get(key, {}).get("value", "")).strip()
