"""Everything that belongs to a tenant, read off the schema: a new table is in it without anybody thinking of it.

A table belongs to tenants when it refers to them, or when it names the sides of a certification. What an archive says
of a table stands in `inventory.yaml`; a table that is missing there is exported all the same.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Column, ColumnElement, ForeignKeyConstraint, Table, and_, false, or_, select

from maturity.content import read_yaml
from maturity.db import Base
from maturity.questionnaires.model import Text
from maturity.walls import scoped_tables

FILE = Path(__file__).with_name("inventory.yaml")
TENANTS, USERS = "tenants", "users"
#: What opens a door stays behind: a hash of a link's token, a key, a password. Hashes of contents do not.
SECRET = re.compile(r"(secret|token|password|passphrase|private|_key($|_)|code_hash)")
NO_SECRET = frozenset({"sha256", "text_sha256", "receipt_sha256"})
#: Rows that name a tenant and are another one's record all the same: they outlive it, with why.
KEPT_BY_OTHERS: Mapping[str, str] = {
    "grants.consultancy_id": "the enterprise's record of whom it let in; it is revoked and keeps the name",
    "case_items.body_id": "the enterprise's record of what was verified in its answers",
    "case_findings.body_id": "the enterprise's record of what was found and how it answered",
    "certification_complaints.body_id": "the enterprise's record of what it brought forward",
    "certification_reminders.body_id": "that the enterprise was reminded",
    "spot_checks.client_id": "the regulator's record of a re-check; it names what the certificate names",
    "spot_checks.body_id": "the regulator's record of a re-check; it names what the certificate names",
}
#: Columns by which a table of two sides names them. Most are no references: the row outlives the tenant, or refers to
#: it together with its case.
SIDES = ("client_id", "body_id", "regulator_id")
#: Rows that a side does not see while they are being written: column and value.
NOT_YET_SEEN = {"case_findings": ("state", "draft"), "spot_checks": ("state", "drawn")}
#: Rows of the tenant that outlive it, with why.
OUTLIVE: Mapping[str, str] = {
    "audit_events": "links of the chain; what is personal in them is erased with its key",
    "tenant_deletions": "the receipt",
    "aggregate_reads": "the contributors' record of who read their figures; it names a public body",
    "certification_cases": "the record of a decision of the other side; without answers, scope and assessment",
    "case_steps": "who took which step of a case: append-only, as the log is",
    "review_assignments": "who reviewed and decided, for whom it was done and supervised",
    "independence_declarations": "what reviewers declared before a file opened to them: append-only",
    "certificates": "a certificate is verified by others as long as it is shown",
    "certificate_events": "what happened to a certificate; each is a leaf of the public log",
    "surveillances": "the surveillance of a certificate that others verify",
    "credentials": "the credential of a certificate that others verify",
    "credential_places": "the place of a credential in a public status list, never given again",
    "billing_orders": "accounts: what was sold to whom, kept as long as accounts are",
    "billing_refunds": "accounts: what went back and who agreed to it",
    "payments": "accounts: the ledger of money is append-only",
    "stripe_invoices": "accounts: the invoices of what was paid",
    "stripe_objects": "which objects at Stripe are whose, so that what comes late is not taken for somebody else's",
    "stripe_events": "which events of Stripe's were applied, so that none is applied twice",
    "billing_findings": "what reconciliation found, for the operator",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What `inventory.yaml` says of a table."""

    title: Text
    is_exported: bool = True
    may_be_imported: bool = True
    reason: Text | None = None
    reset: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()


@cache
def entries() -> Mapping[str, Entry]:
    raw: dict[str, dict[str, Any]] = read_yaml(FILE, FILE.name)["tables"]
    return {name: _entry(name, given) for name, given in raw.items()}


def _entry(name: str, given: dict[str, Any]) -> Entry:
    reason = given.get("reason")
    return Entry(
        title=Text(**given["title"]) if "title" in given else Text(name, name),
        is_exported=given.get("export") != "no",
        may_be_imported=given.get("import") != "no",
        reason=Text(**reason) if reason else None,
        reset=frozenset(given.get("reset", ())),
        withheld=frozenset(given.get("withheld", ())),
    )


def entry_of(name: str) -> Entry:
    return entries().get(name) or Entry(Text(name, name))


def tenants_tables() -> list[Table]:
    """Every table whose rows belong to tenants, in the order in which their references allow them to be filled."""
    return [table for table in Base.metadata.sorted_tables if list(_columns_to(table, TENANTS))]


def exported_tables() -> list[Table]:
    return [table for table in tenants_tables() if entry_of(table.name).is_exported]


def in_readers_order(names: Iterable[str]) -> list[str]:
    """As `inventory.yaml` has them: what a reader looks for first stands first; what it does not know, last."""
    order = {name: number for number, name in enumerate(entries())}
    return sorted(names, key=lambda name: (order.get(name, len(order)), name))


def left_out() -> Mapping[str, Text]:
    """What an archive does not hold, and why."""
    found = {table.name: entry_of(table.name) for table in tenants_tables()}
    return {name: entry.reason or entry.title for name, entry in found.items() if not entry.is_exported}


def exported_columns(table: Table) -> list[Column[Any]]:
    """All but those that open a door or lead to another tenant."""
    withheld = entry_of(table.name).withheld
    return [column for column in table.columns if not is_secret(column.name) and column.name not in withheld]


def is_secret(name: str) -> bool:
    """
    >>> [is_secret(name) for name in ("token_hash", "client_secret", "sha256", "question_id", "key")]
    [True, True, False, False, False]
    """
    return name not in NO_SECRET and SECRET.search(name) is not None


def imported_tables() -> list[Table]:
    """The tables whose rows another installation can hold: they refer to nothing that it does not have."""
    found: list[Table] = []
    names: set[str] = {"editions", USERS}
    for table in exported_tables():
        if _may_be_imported(table, names):
            found.append(table)
            names.add(table.name)
    return found


def _may_be_imported(table: Table, there: set[str]) -> bool:
    if table.name not in scoped_tables() or not entry_of(table.name).may_be_imported:
        return False
    if any(is_secret(column.name) and not column.nullable for column in table.columns):
        return False
    others = [column for column in _columns_to(table, TENANTS) if column.name != "tenant_id"]
    targets = {key.referred_table.name for key in table.foreign_key_constraints} - {TENANTS, table.name}
    return not others and targets <= there


def people_columns(table: Table) -> list[str]:
    """The columns that name a person by number."""
    return [column.name for column in _columns_to(table, USERS)]


def own_rows(table: Table, tenant_id: uuid.UUID) -> ColumnElement[bool]:
    """The rows that are the tenant's: its own, and of what two tenants share those that name it on either side."""
    if table.name in scoped_tables():
        return bool_of(table.c.tenant_id == tenant_id)
    mine = or_(false(), *(column == tenant_id for column in _columns_to(table, TENANTS)))
    if table.name in NOT_YET_SEEN:
        column, value = NOT_YET_SEEN[table.name]
        return and_(mine, table.c[column] != value)
    return mine


def rows_to_erase(table: Table, tenant_id: uuid.UUID) -> ColumnElement[bool]:
    """The tenant's rows, other tenants' rows about it, and whatever refers to a row that goes with it."""
    terms: list[ColumnElement[bool]] = [
        bool_of(column == tenant_id)
        for column in _columns_to(table, TENANTS)
        if f"{table.name}.{column.name}" not in KEPT_BY_OTHERS
    ]
    for column, target in _references(table):
        if target.table.name in _erased_tables() and target.table is not table:
            terms.append(column.in_(select(target).where(rows_to_erase(target.table, tenant_id))))
    return or_(false(), *terms)


def tables_to_erase() -> list[Table]:
    """In the order in which they can be emptied: whoever refers to another goes first."""
    erased = _erased_tables()
    return [table for table in reversed(Base.metadata.sorted_tables) if table.name in erased]


@cache
def _erased_tables() -> frozenset[str]:
    """Tables of tenants, and those that refer to a row of one; more may come of these."""
    found = {table.name for table in tenants_tables()} - set(OUTLIVE)
    while True:
        more = {
            table.name
            for table in Base.metadata.sorted_tables
            if table.name not in found | set(OUTLIVE) and any(key.table.name in found for _c, key in _references(table))
        }
        if not more:
            return frozenset(found)
        found |= more


def _references(table: Table) -> Iterator[tuple[Column[Any], Column[Any]]]:
    """Foreign keys of one column, which may lead to another tenant's row; composite ones hold the tenant."""
    for key in table.foreign_key_constraints:
        if len(key.elements) == 1:
            yield _column(key), key.elements[0].column


def _column(key: ForeignKeyConstraint) -> Column[Any]:
    return next(iter(key.columns))


def _columns_to(table: Table, target: str) -> Iterator[Column[Any]]:
    found = [
        _column(key)
        for key in table.foreign_key_constraints
        if len(key.elements) == 1 and key.referred_table.name == target
    ]
    yield from found
    if target == TENANTS and {"client_id", "body_id"} <= set(table.columns.keys()):
        yield from (table.c[name] for name in SIDES if name in table.c and table.c[name] not in found)


def bool_of(term: Any) -> ColumnElement[bool]:
    """A comparison as a term of a condition, for the type checker alone."""
    found: ColumnElement[bool] = term
    return found
