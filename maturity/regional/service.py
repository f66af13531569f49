"""Models of regional indices, the figures entered for them, and results that are frozen."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.clock import Clock
from maturity.db import Base
from maturity.editions.service import canonical, digest
from maturity.errors import Conflict, NotFound
from maturity.regional.index import Values
from maturity.regional.model import LONGEST_TEXT, ModelRefused, built_in_document, faults_of, model_of
from maturity.regional.models import IndexResult, NationalModel, StoredModel
from maturity.regional.result import Result, frozen_document, frozen_result, live
from maturity.tenancy.models import Tenant

#: The line of the model that comes with the product, and its only version.
BUILT_IN_LINE = uuid.UUID("1c3f0d52-7f4e-5a53-9a0e-23c1d0000000")
BUILT_IN_ID = uuid.UUID("1c3f0d52-7f4e-5a53-9a0e-23c1d0000001")
OWN, NATIONAL, PRODUCT = "own", "national", "product"
DRAFT, IN_FORCE, REPLACED = "draft", "in_force", "replaced"
MOST_MODELS = 50
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A version of a model, whoever owns it."""

    id: uuid.UUID
    line: uuid.UUID
    version: int
    state: str
    owner: str
    document: Mapping[str, Any]
    sha256: str
    since: datetime | None

    @property
    def is_draft(self) -> bool:
        return self.state == DRAFT

    @property
    def seen(self) -> str:
        """What an editor was drawn for: somebody else may have saved meanwhile."""
        return self.sha256[:16]

    def title(self, locale: str) -> str:
        title = self.document.get("title", {})
        return str(title.get("zh" if locale.startswith("zh") else "en") or title.get("zh") or title.get("en") or "—")


@dataclass(frozen=True, slots=True)
class Who:
    """The tenant that is worked for, the person, and the clock."""

    tenant: Tenant
    actor_id: int | None
    clock: Clock


def built_in() -> Found:
    document = built_in_document()
    return Found(BUILT_IN_ID, BUILT_IN_LINE, 1, IN_FORCE, PRODUCT, document, digest(canonical(document)), None)


def _own(row: StoredModel) -> Found:
    sha256 = row.sha256 or digest(canonical(row.document))
    since = row.in_force_at or row.changed_at
    return Found(row.id, row.line, row.version, row.state, OWN, row.document, sha256, since)


def _national(row: NationalModel, newest: Mapping[uuid.UUID, int]) -> Found:
    state = IN_FORCE if newest[row.line] == row.version else REPLACED
    return Found(row.id, row.line, row.version, state, NATIONAL, row.document, row.sha256, row.published_at)


def models_of(session: Session) -> list[Found]:
    """What a tenant can work with: its own lines, those the operator published for all, and the product's."""
    own = [_own(row) for row in session.scalars(select(StoredModel).order_by(StoredModel.changed_at.desc()))]
    mine = {found.id for found in own}
    national = [found for found in _nationals(session) if found.id not in mine]
    return [found for found in (*own, *national) if found.state != REPLACED] + [built_in()]


def _nationals(session: Session) -> list[Found]:
    rows = list(session.scalars(select(NationalModel).order_by(NationalModel.published_at.desc())))
    newest = {row.line: row.version for row in sorted(rows, key=lambda row: row.version)}
    return [_national(row, newest) for row in rows]


def find_model(session: Session, model_id: uuid.UUID) -> Found:
    """A version the tenant may see; `NotFound` for any other."""
    if model_id == BUILT_IN_ID:
        return built_in()
    row = session.scalar(select(StoredModel).where(StoredModel.id == model_id))
    if row is not None:
        return _own(row)
    found = next((found for found in _nationals(session) if found.id == model_id), None)
    if found is None:
        raise NotFound("index_model")
    return found


def versions_of(session: Session, line: uuid.UUID) -> list[Found]:
    """The versions of a line that the tenant may see, the latest first."""
    own = [_own(row) for row in session.scalars(select(StoredModel).where(StoredModel.line == line))]
    national = [found for found in _nationals(session) if found.line == line] if not own else []
    every = [*own, *national, *([built_in()] if line == BUILT_IN_LINE else [])]
    return sorted(every, key=lambda found: -found.version)


def _draft(session: Session, model_id: uuid.UUID) -> StoredModel:
    """The tenant's own draft; what is in force is a `Conflict`, and a model of somebody else is not there."""
    row = session.scalar(select(StoredModel).where(StoredModel.id == model_id).with_for_update())
    if row is None:
        find_model(session, model_id)
        raise Conflict("index_model_of_another")
    if row.state != DRAFT:
        raise Conflict("index_model_in_force")
    return row


def copy_model(session: Session, found: Found, title: Mapping[str, str], who: Who) -> StoredModel:
    """A draft of one's own with the content of another model, on a line of its own."""
    document = copy.deepcopy(dict(found.document))
    document["title"] = dict(title)
    return _begin(session, uuid.uuid4(), 1, document, who)


def import_model(session: Session, document: Any, who: Who) -> StoredModel:
    """A draft of what was exported elsewhere; refused with every fault by its key."""
    if faults := faults_of(document):
        raise ModelRefused(faults)
    return _begin(session, uuid.uuid4(), 1, document, who)


def begin_version(session: Session, model_id: uuid.UUID, who: Who) -> StoredModel:
    """The next version of a model in force, as a draft."""
    found = find_model(session, model_id)
    if found.owner != OWN:
        raise Conflict("index_model_of_another")
    versions = versions_of(session, found.line)
    if any(one.is_draft for one in versions):
        raise Conflict("index_draft_exists")
    document = copy.deepcopy(dict(versions[0].document))
    return _begin(session, found.line, versions[0].version + 1, document, who)


def _begin(session: Session, line: uuid.UUID, version: int, document: dict[str, Any], who: Who) -> StoredModel:
    if len(session.scalars(select(StoredModel.id).limit(MOST_MODELS)).all()) >= MOST_MODELS:
        raise Conflict("index_models_many")
    row = StoredModel(
        id=uuid.uuid4(), tenant_id=who.tenant.id, line=line, version=version, state=DRAFT, document=document,
        changed_by=who.actor_id, changed_at=who.clock.now(),
    )  # fmt: skip
    add_or_conflict(session, row, "index_draft_exists")
    _log(session, "index.model_begun", row, who)
    session.flush()
    return row


def add_or_conflict(session: Session, row: Base, code: str) -> None:
    """Add a row that somebody else may have added at this very moment; whoever comes second is told so."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict(code) from error


def save_draft(session: Session, model_id: uuid.UUID, document: dict[str, Any], seen: str, who: Who) -> StoredModel:
    """Keep a draft as it was typed, sound or not, unless somebody else has saved it meanwhile."""
    row = _draft(session, model_id)
    if seen != _own(row).seen:
        raise Conflict("index_model_changed")
    row.document, row.changed_by, row.changed_at = document, who.actor_id, who.clock.now()
    session.flush()
    return row


def remove_draft(session: Session, model_id: uuid.UUID, who: Who) -> None:
    row = _draft(session, model_id)
    _log(session, "index.draft_removed", row, who)
    session.delete(row)
    session.flush()


def put_in_force(session: Session, model_id: uuid.UUID, who: Who) -> StoredModel:
    """From here on the version never changes; one of the operator's is every regulator's to use."""
    row = _draft(session, model_id)
    if faults := faults_of(row.document):
        raise ModelRefused(faults)
    before = select(StoredModel).where(StoredModel.line == row.line, StoredModel.state == IN_FORCE)
    for earlier in session.scalars(before):
        earlier.state = REPLACED
    row.state, row.sha256 = IN_FORCE, digest(canonical(row.document))
    row.in_force_at = row.changed_at = who.clock.now()
    row.changed_by = who.actor_id
    if who.tenant.kind == "operator":
        session.add(
            NationalModel(
                id=row.id, line=row.line, version=row.version, document=row.document, sha256=row.sha256,
                published_at=who.clock.now(),
            )
        )  # fmt: skip
    _log(session, "index.model_in_force", row, who)
    session.flush()
    return row


def _log(session: Session, event: str, row: StoredModel, who: Who) -> None:
    title = str(row.document["title"]["zh"] or row.document["title"]["en"])[:LONGEST_TEXT]
    details: dict[str, str | int] = {"model_id": str(row.id), "title": title, "version": row.version}
    record(session, who.clock, event, who.actor_id, who.tenant.id, **details)


# ---- results


def compute_now(found: Found, year: int, values: Values) -> Result:
    """The index of a year from the figures as they stand; `ModelRefused` of a draft that is not sound."""
    return live(model_of(dict(found.document)), found.document, found.version, year, values)


def freeze(
    session: Session, found: Found, result: Result, who: Who, *, replaces: uuid.UUID | None = None, reason: str = ""
) -> IndexResult:
    """Keep a result for good; the one of the same year before it is named, with the reason for the correction."""
    if found.is_draft:
        raise Conflict("index_of_a_draft")
    if not result.outcome.has_index and result.outcome.reference.total is None:
        raise Conflict("index_of_nothing")
    document = canonical(frozen_document(result, line=str(found.line), model_sha256=found.sha256))
    current = current_result(session, found.line, result.year)
    if current is not None and current.sha256 == digest(document):
        raise Conflict("index_same_result")
    if (current.id if current else None) != replaces:
        raise Conflict("index_result_meanwhile")
    row = IndexResult(
        id=uuid.uuid4(), tenant_id=who.tenant.id, line=found.line, version=found.version, year=result.year,
        document=document.decode(), sha256=digest(document), replaces_id=replaces, reason=reason,
        saved_by=who.actor_id, saved_at=who.clock.now(),
    )  # fmt: skip
    add_or_conflict(session, row, "index_result_meanwhile")
    title = found.title("zh")[:LONGEST_TEXT]
    about: dict[str, str | int] = {"result_id": str(row.id), "year": result.year, "title": title}
    record(session, who.clock, "index.frozen", who.actor_id, who.tenant.id, **about)
    session.flush()
    return row


def results_of(session: Session, line: uuid.UUID | None = None) -> list[IndexResult]:
    """Every frozen result, the latest year first and of a year the one that holds first."""
    query = select(IndexResult).order_by(IndexResult.year.desc(), IndexResult.saved_at.desc())
    return list(session.scalars(query if line is None else query.where(IndexResult.line == line)))


def current_result(session: Session, line: uuid.UUID, year: int) -> IndexResult | None:
    """The result of the year that no other one replaces."""
    rows = [row for row in results_of(session, line) if row.year == year]
    replaced = {row.replaces_id for row in rows}
    return next((row for row in rows if row.id not in replaced), None)


def find_result(session: Session, result_id: uuid.UUID) -> IndexResult:
    row = session.scalar(select(IndexResult).where(IndexResult.id == result_id))
    if row is None:
        raise NotFound("index_result")
    return row


def read_result(row: IndexResult) -> Result:
    """The result from its document; one that is not what its hash says is refused loudly."""
    if digest(row.document.encode()) != row.sha256:
        raise ValueError(f"index result {row.id} is not what its hash says")
    return frozen_result(json.loads(row.document))


def replaced_ids(rows: Sequence[IndexResult]) -> frozenset[uuid.UUID]:
    return frozenset(row.replaces_id for row in rows if row.replaces_id is not None)
