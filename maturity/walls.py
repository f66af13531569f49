"""Row-level security of PostgreSQL under the wall of the ORM: even raw SQL sees the acting tenant's rows only.

Six roles without sign-in, named after the database so that several installations can share a server, stand for what
a transaction works for (`maturity.db` takes one for each transaction, and gives it back with it):

- `<database>_sign_in`: no tenant is known yet. The shared tables, and no tenant's table at all.
- `<database>_tenant`: one tenant. Its rows, and of the shared tables what `SHARED` lists.
- `<database>_across`: the worker, seeding and the builder of releases. Every row.
- `<database>_operate`: the operator's pages. Of all tenants, and of these tables no more columns than `OPERATED` lists.
- `<database>_shown`: the catalogue of the demonstration. Rows of synthetic tenants, to look at.
- `<database>_own`: a person who takes their own data away. What is about them, in whatever tenant, to look at.

The owner of the tables, who migrates, sees every row too. The account of the web server needs all but `across` and
should not be the owner (ADR 0026). SQLite has no such thing; there the ORM's wall stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, Table

from maturity.db import Base, TenantScoped

ROLES = ("sign_in", "tenant", "across", "operate", "shown", "own")
_ALL = "select, insert, update, delete"
_TENANT = "nullif(current_setting('app.tenant', true), '')::uuid"
_MEMBER = "exists (select from memberships where memberships.user_id = users.id)"
_VISITOR = "exists (select from grant_visits where grant_visits.user_id = users.id)"
_REVIEWER = "exists (select from review_assignments where review_assignments.user_id = users.id)"
_OPERATOR = f"exists (select from tenants where tenants.id = {_TENANT} and tenants.kind = 'operator')"
_ENTRUSTED = (
    f"({_OPERATOR} or exists (select from regulators where regulators.tenant_id = {_TENANT} and regulators.releases))"
)
_OF_A_RELEASE_SEEN = "release_id in (select benchmark_releases.id from benchmark_releases)"
_RELEASES = frozenset({"regulators.releases", "benchmark_releases.judged_against"})
#: Of certification: rows of two tenants, seen from both sides and from nowhere else, and never moved to another.
_CASE_SIDES = f"client_id = {_TENANT} or body_id = {_TENANT}"
_SIDES = frozenset({"client_id", "body_id", "tenant_id", "regulator_id"})
_SUPERVISES = f"exists (select from regulators where regulators.tenant_id = {_TENANT})"
_PERSON = "nullif(current_setting('app.person', true), '')::int"


@dataclass(frozen=True, slots=True)
class Shared:
    """What may be done with a table that belongs to no tenant: without a tenant, and inside one and with which rows."""

    outside: str
    inside: str
    rows: str = "true"
    #: of these rows those that may be changed, where that is not all of them
    changed: str | None = None
    #: of the rows that may be changed those that may be added, where that is not all of them
    added: str | None = None
    #: columns that stay as they were written; with None of `kept`, all that are not in `moving`
    kept: frozenset[str] | None = frozenset()
    moving: frozenset[str] = frozenset()
    #: which rows are seen where no tenant is known
    outside_rows: str = "true"
    #: other tables that `rows` asks; half-way through the migrations they may not be there, and nothing is seen then
    needs: frozenset[str] = frozenset()


#: Every table that belongs to no tenant. One that is missing here can be used by the worker only.
SHARED = {
    "tenants": Shared(_ALL, "select, update", f"id = {_TENANT}"),
    "memberships": Shared(_ALL, _ALL, f"tenant_id = {_TENANT}"),
    "invitations": Shared(_ALL, _ALL, f"tenant_id = {_TENANT}"),
    "grants": Shared(
        _ALL, _ALL, f"tenant_id = {_TENANT} or consultancy_id = {_TENANT}", changed=f"tenant_id = {_TENANT}"
    ),
    "identity_providers": Shared(_ALL, _ALL, f"tenant_id = {_TENANT}"),
    "identities": Shared(_ALL, "select, delete", f"tenant_id = {_TENANT}"),
    "staff_visits": Shared(_ALL, "select", f"tenant_id = {_TENANT}"),
    "review_assignments": Shared(
        "select", "select, insert, update", f"tenant_id = {_TENANT} or body_id = {_TENANT}", kept=_SIDES
    ),
    # an enterprise applies; no body makes itself a case of somebody's
    "certification_cases": Shared(
        "select",
        "select, insert, update",
        _CASE_SIDES,
        added=f"client_id = {_TENANT}",
        kept=_SIDES,
        outside_rows="false",
    ),
    "case_steps": Shared("select", "select, insert", _CASE_SIDES, outside_rows="false"),
    "case_items": Shared("select", "select, insert, update, delete", _CASE_SIDES, kept=_SIDES, outside_rows="false"),
    "case_findings": Shared("select", "select, insert, update, delete", _CASE_SIDES, kept=_SIDES, outside_rows="false"),
    "independence_declarations": Shared("select", "select, insert", _CASE_SIDES, outside_rows="false"),
    # whoever holds a number may ask what became of the certificate; regulators and the operator supervise
    "certificates": Shared(
        "select",
        "select, insert, update",
        f"{_CASE_SIDES} or {_SUPERVISES} or {_OPERATOR}",
        changed=_CASE_SIDES,
        kept=None,  # what it says never changes; how it stands and what is shown of it does
        moving=frozenset({"status", "status_since", "status_reason", "in_register", "shows"}),
        needs=frozenset({"regulators"}),
    ),
    "credentials": Shared("select", "select, insert", _CASE_SIDES, outside_rows="false"),
    "credential_places": Shared("select", "select, insert", _CASE_SIDES),
    "certificate_events": Shared(
        "select",
        "select, insert",
        f"{_CASE_SIDES} or {_SUPERVISES} or {_OPERATOR}",
        changed=_CASE_SIDES,
        needs=frozenset({"regulators"}),
    ),
    # everybody may know what a body is recognised for; the operator says it
    "certification_bodies": Shared("select", "select, insert, update", changed=_OPERATOR),
    "surveillances": Shared(
        "select",
        "select, insert, update",
        f"{_CASE_SIDES} or {_SUPERVISES} or {_OPERATOR}",
        changed=_CASE_SIDES,
        kept=_SIDES,
        needs=frozenset({"regulators"}),
        outside_rows="false",
    ),
    "certification_complaints": Shared(
        "select", "select, insert, update", f"{_CASE_SIDES} or {_OPERATOR}", kept=_SIDES, outside_rows="false"
    ),
    "certification_reminders": Shared("select", "select, insert", _CASE_SIDES, outside_rows="false"),
    # figures are written by the worker alone, which sees all cases; everybody reads them
    "body_figures": Shared("select", "select"),
    # the regulator that drew it, the body that answers for the certificate and its holder; the operator sees all
    "spot_checks": Shared(
        "select",
        "select, insert, update",
        f"regulator_id = {_TENANT} or {_CASE_SIDES} or {_OPERATOR}",
        changed=f"regulator_id = {_TENANT} or body_id = {_TENANT}",
        kept=_SIDES,
        outside_rows="false",
    ),
    "claim_codes": Shared("select, update", "select, insert, update", f"tenant_id = {_TENANT}"),
    "enterprise_domains": Shared("select", "select, insert, delete", f"tenant_id = {_TENANT}"),
    "users": Shared(
        _ALL,
        "select",
        f"id = {_PERSON} or {_MEMBER} or {_VISITOR} or {_REVIEWER}",
        needs=frozenset({"memberships", "grant_visits", "review_assignments"}),
    ),
    "roles": Shared(_ALL, "select"),
    "roles_users": Shared(_ALL, "select", f"user_id = {_PERSON}"),
    "webauthn": Shared(_ALL, "select", f"user_id = {_PERSON}"),
    "sign_ins": Shared(_ALL, "select", f"user_id = {_PERSON}"),
    "recovery_codes": Shared(_ALL, "select", f"user_id = {_PERSON}"),
    "contact_proofs": Shared(_ALL, "select", f"user_id = {_PERSON}"),
    "failed_attempts": Shared(_ALL, "select", "false"),
    "outbox": Shared(_ALL, "insert"),  # a tenant's work may write a letter and never read one
    "editions": Shared("select", "select"),
    # a regulator adds what it publishes for everybody; nothing is changed or taken back
    "yearly_publications": Shared("select", "select, insert", changed=f"tenant_id = {_TENANT}"),
    "benchmark_releases": Shared(
        "select",
        "select, insert, update",
        f"state = 'published' or {_ENTRUSTED}",
        changed=_ENTRUSTED,
        outside_rows="state = 'published'",
        needs=_RELEASES,
    ),
    "benchmark_cells": Shared("select", "select", _OF_A_RELEASE_SEEN, outside_rows=_OF_A_RELEASE_SEEN, needs=_RELEASES),
    # which rule withheld a cell tells about the cell: for those who review releases alone
    "withheld_cells": Shared("select", "select", _ENTRUSTED, outside_rows="false", needs=_RELEASES),
    "release_reviews": Shared(
        "select",
        "select, insert",
        _ENTRUSTED,
        changed=f"body_id = {_TENANT} and {_ENTRUSTED}",
        outside_rows="false",
        needs=_RELEASES,
    ),
    # a regulator writes what it reads, and those counted in the release see it
    "aggregate_reads": Shared(
        "select",
        "select, insert",
        f"reader_id = {_TENANT} or {_OPERATOR} or exists (select from inclusion_receipts "
        "where inclusion_receipts.release_id = aggregate_reads.release_id)",
        changed=f"reader_id = {_TENANT}",
        outside_rows="false",
        needs=frozenset({"inclusion_receipts"}),
    ),
    # what the operator puts in force is every regulator's to use
    "national_index_models": Shared("select", "select, insert", changed=_OPERATOR),
    "audit_seals": Shared(
        "select", "select", "exists (select from audit_events where audit_events.id = audit_seals.event_id)"
    ),
    "account_events": Shared("select, insert", "select, insert", f"actor_id = {_PERSON}"),
    "person_consents": Shared("select, insert", "select", f"user_id = {_PERSON}"),
    "tenant_deletions": Shared("select", "select, insert, update", f"tenant_id = {_TENANT}"),
    "account_deletions": Shared("select, insert, update", "select", f"user_id = {_PERSON}"),
    "subject_keys": Shared("select, insert, update", "select, insert"),
    "installation": Shared("select, insert, update", "select, update", changed=_OPERATOR),
    # the public log: everybody reads it, and whoever works on a certificate adds to it; triggers refuse all else
    **dict.fromkeys(("log_leaves", "log_nodes", "log_heads"), Shared("select", "select, insert")),
    # public by nature; made when one is needed first, retired by the operator's command and by a certificate's end
    "signing_keys": Shared("select, insert, update", "select, insert, update"),
    "signs_of_life": Shared("select, insert, update", "select"),
    "key_sightings": Shared("select, insert, update", "select"),
    # who sells and where transfers go stands on every order; the operator says it
    "billing_settings": Shared("select, insert", "select, insert, update", changed=_OPERATOR),
    # whoever orders takes the next number of a series
    "billing_numbers": Shared("select", "select, insert, update"),
    # what Stripe sends is written for the operator's tenant and brought in by the worker, which sees all
    "stripe_events": Shared("select", "select, insert, update", _OPERATOR, outside_rows="false"),
    "stripe_objects": Shared(
        "select", "select, insert, update", f"{_OPERATOR} or tenant_id = {_TENANT}", outside_rows="false"
    ),
    "billing_findings": Shared("select", "select, insert, update", _OPERATOR, outside_rows="false"),
}
#: What the operator's pages may do across tenants, column by column: counts, states and names, no answer and no letter.
OPERATED: dict[str, dict[str, tuple[str, ...]]] = {
    "tenants": {"select": (), "insert": (), "update": ()},
    "memberships": {"select": ("tenant_id", "user_id", "role", "ended_at")},
    "enterprises": {"select": ("id", "tenant_id", "name", "uscc", "claimed_at")},
    "claims": {"select": ()},
    "claim_licences": {"select": ()},
    "disputes": {"select": ()},
    "objections": {"select": ()},
    "assessments": {"select": ("id", "tenant_id")},
    "jobs": {
        "select": (
            "id",
            "tenant_id",
            "kind",
            "state",
            "progress_done",
            "progress_total",
            "attempts",
            "due_at",
            "lease_until",
            "error",
            "created_at",
            "finished_at",
        )
    },
    "outbox": {
        "select": ("id", "kind", "recipient", "state", "attempts", "note", "created_at", "due_at", "sent_at"),
        "update": ("state", "attempts", "note", "due_at"),
    },
    "staff_visits": {"select": (), "insert": ()},
    "audit_unsealed": {"select": ()},
    "audit_events": {"select": ("id", "at")},
    "account_events": {"select": ("id", "at")},
    "audit_seals": {"select": ("position", "sealed_at")},
    "subject_keys": {"select": ("subject", "created_at", "erased_at")},
    "users": {"select": ("id", "active", "tf_primary_method", "name", "email", "us_phone_number")},
    "editions": {"select": ("id", "framework", "edition", "status", "sha256", "created_at")},
    "benchmark_releases": {"select": ()},
    **{
        name: {"select": ()}
        for name in (
            "plan_terms",
            "subscriptions",
            "stripe_invoices",
            "billing_orders",
            "payments",
            "billing_refunds",
            "billing_customers",
        )
    },
    "coupon_uses": {"select": ("tenant_id", "coupon")},
    "checkouts": {"select": ("id", "tenant_id", "session_id", "plan", "seats", "state", "begun_at", "expires_at")},
    "installation": {"select": ()},
    "signs_of_life": {"select": ()},
    "key_sightings": {"select": ()},
    "signing_keys": {"select": ()},
}
_SYNTHETIC = "exists (select from tenants where tenants.id = {table}.tenant_id and tenants.is_synthetic)"
#: What the catalogue of the demonstration shows of synthetic tenants.
SHOWN = {
    "tenants": "is_synthetic",
    "enterprises": _SYNTHETIC,
    "assessments": _SYNTHETIC,
    "submissions": _SYNTHETIC,
    "editions": "true",
}


_MINE = f"user_id = {_PERSON}"
_DONE_BY_ME = f"actor_id = {_PERSON}"
#: What a person may take away: their account and its tables, where they belong, what they agreed to and what they did.
OWN = {
    "users": f"id = {_PERSON}",
    **dict.fromkeys(("sign_ins", "identities", "webauthn", "recovery_codes", "contact_proofs"), _MINE),
    "memberships": _MINE,
    "tenants": f"exists (select from memberships where memberships.tenant_id = tenants.id and memberships.{_MINE})",
    "person_consents": _MINE,
    "account_events": _DONE_BY_ME,
    "audit_events": _DONE_BY_ME,
    "subject_keys": "true",  # of what the events say; the keys are of no use without the secret of the installation
}


def raise_walls(connection: Connection) -> None:
    """Make the roles, grants and policies for the tables that are there; harmless when they stand already."""
    if connection.dialect.name != "postgresql":
        return
    database = connection.exec_driver_sql("select current_database()").scalar_one()
    roles = {role: _quoted(connection, f"{database}_{role}") for role in ROLES}
    owner = _quoted(connection, connection.exec_driver_sql("select current_user").scalar_one())
    there = {
        name for (name,) in connection.exec_driver_sql("select tablename from pg_tables where schemaname='public'")
    }
    there |= {
        f"{table}.{column}"
        for table, column in connection.exec_driver_sql(
            "select table_name, column_name from information_schema.columns where table_schema='public'"
        )
    }
    for statement in _statements(connection, roles, owner, there):
        connection.exec_driver_sql(statement)


def lower_walls(connection: Connection) -> None:
    """Take the policies away before the schema changes: one that names another table would be in its way."""
    if connection.dialect.name != "postgresql":
        return
    for table, policy in connection.exec_driver_sql("select tablename, policyname from pg_policies").all():
        connection.exec_driver_sql(f"drop policy {_quoted(connection, policy)} on {_quoted(connection, table)}")


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)


def _statements(connection: Connection, roles: dict[str, str], owner: str, there: set[str]) -> Iterator[str]:
    known = {row[0] for row in connection.exec_driver_sql("select rolname from pg_roles")}
    for role in roles.values():
        if role.strip('"') not in known:
            yield f"create role {role} nologin"
            yield f"grant {role} to {owner}"
        yield f"revoke all on all tables in schema public from {role}"
        yield f"grant usage on schema public to {role}"
        yield f"grant usage, select on all sequences in schema public to {role}"
    scoped = scoped_tables()
    for name in sorted(there & set(Base.metadata.tables)):
        table = _quoted(connection, name)
        yield f"alter table {table} enable row level security"
        yield f"alter table {table} force row level security"
        yield from _policy(table, "everything", f"{owner}, {roles['across']}", "true")
        yield f"grant {_ALL} on {table} to {roles['across']}"
        if name in scoped:
            yield from _policy(table, "rows_of_the_tenant", roles["tenant"], f"tenant_id = {_TENANT}")
            yield f"grant {_ALL} on {table} to {roles['tenant']}"
        elif name in SHARED:
            shared = SHARED[name]
            if not shared.needs <= there:
                continue
            yield from _policy(table, "outside_a_tenant", roles["sign_in"], shared.outside_rows)
            yield f"grant {shared.outside} on {table} to {roles['sign_in']}"
            yield from _policy(table, "inside_a_tenant", roles["tenant"], shared.changed or shared.rows)
            if shared.changed:
                yield from _policy(table, "seen_in_a_tenant", roles["tenant"], shared.rows, reading=True)
            if shared.added:
                yield from _policy(table, "added_in_a_tenant", roles["tenant"], shared.added, adding=True)
            for right in shared.inside.split(", "):
                yield f"grant {right}{_columns(name, right, shared, there)} on {table} to {roles['tenant']}"
        yield from _doors(name, table, roles, there)


def _doors(name: str, table: str, roles: dict[str, str], there: set[str]) -> Iterator[str]:
    """The narrow ways across tenants that a page may take; half-way through the migrations a column may be missing.

    Revoking a right on a table, as is done before, revokes it on the table's columns, too.
    """
    if name in OPERATED:
        yield from _policy(table, "for_the_operator", roles["operate"], "true")
        for right, wanted in OPERATED[name].items():
            columns = ", ".join(column for column in wanted if f"{name}.{column}" in there)
            yield f"grant {right}{f' ({columns})' if columns else ''} on {table} to {roles['operate']}"
    if name in SHOWN:
        yield from _policy(table, "for_the_catalogue", roles["shown"], SHOWN[name].format(table=table), reading=True)
        yield f"grant select on {table} to {roles['shown']}"
    if name in OWN:
        yield from _policy(table, "for_the_person", roles["own"], OWN[name], reading=True)
        yield f"grant select on {table} to {roles['own']}"


def _columns(name: str, right: str, shared: Shared, there: set[str]) -> str:
    """Which columns a right is for, where not for all; half-way through the migrations one may be missing."""
    if right != "update" or shared.kept == frozenset():
        return ""
    own = [column.name for column in Base.metadata.tables[name].columns if f"{name}.{column.name}" in there]
    wanted = [
        column for column in own if (column in shared.moving if shared.kept is None else column not in shared.kept)
    ]
    return f" ({', '.join(wanted)})"


def _policy(
    table: str, name: str, roles: str, rows: str, *, reading: bool = False, adding: bool = False
) -> Iterator[str]:
    """A row is seen or written by any policy; one for what is added narrows the others."""
    yield f"drop policy if exists {name} on {table}"
    rights = f"to {roles} using ({rows}) with check ({rows})"
    if reading:
        rights = f"for select to {roles} using ({rows})"
    if adding:
        rights = f"as restrictive for insert to {roles} with check ({rows})"
    yield f"create policy {name} on {table} {rights}"


def scoped_tables() -> frozenset[str]:
    """The names of the tables whose rows belong to a tenant."""
    mappers = Base.registry.mappers
    return frozenset(
        str(cast("Table", mapper.local_table).name) for mapper in mappers if issubclass(mapper.class_, TenantScoped)
    )
