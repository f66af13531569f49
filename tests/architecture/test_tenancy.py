"""The walls between tenants hold in the schema and cannot be walked around."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from maturity.db import Base, TenantScoped

ROOT = Path(__file__).resolve().parents[2]
#: Tables without a tenant of their own, each with the reason.
SHARED = {
    "tenants": "the tenants themselves",
    "memberships": "read before the tenant is known",
    "invitations": "found by their token before the tenant is known",
    "staff_visits": "read before the tenant is known",
    "identity_providers": "read before the tenant is known",
    "identities": "read before the tenant is known",
    "claim_codes": "redeemed outside the issuer's tenant",
    "enterprise_domains": "compared outside the operator's tenant",
    "review_assignments": "read before the tenant is known, and by both sides",
    "certification_cases": "of an enterprise and a certification body, seen by both",
    "case_steps": "of an enterprise and a certification body, seen by both",
    "case_items": "of an enterprise and a certification body, seen by both",
    "case_findings": "of an enterprise and a certification body, seen by both",
    "independence_declarations": "of an enterprise and a certification body, seen by both",
    "certificates": "found by their number by whoever holds it",
    "credentials": "of a certificate, seen by its holder and the body",
    "credential_places": "of a certificate, for the public status lists",
    "certificate_events": "found by the number of their certificate",
    "certification_bodies": "what the operator recognised bodies for, for everybody to read",
    "surveillances": "of an enterprise and a certification body, seen by both",
    "certification_complaints": "of an enterprise and a certification body, seen by both",
    "certification_reminders": "of an enterprise and a certification body, seen by both",
    "body_figures": "of certification bodies, counted by the worker and published to everybody",
    "spot_checks": "of a regulator, a certification body and an enterprise, seen by the three",
    "grants": "read before the tenant is known, and by both sides",
    "users": "people belong to several tenants",
    "roles": "Flask-Security's, site-wide",
    "roles_users": "Flask-Security's, site-wide",
    "webauthn": "belongs to a person",
    "sign_ins": "belong to a person",
    "recovery_codes": "belong to a person",
    "contact_proofs": "belong to a person, or to nobody",
    "failed_attempts": "counted before anybody is known",
    "outbox": "letters to people, some of whom have no account",
    "editions": "published to everybody",
    "yearly_publications": "reports that regulators published for everybody",
    "national_index_models": "put in force by the operator for every regulator",
    "withheld_cells": "what a release does not say, for those who review it",
    "aggregate_reads": "written by the regulator that reads, and read by those counted",
    "account_events": "belong to a person",
    "audit_seals": "one chain over all tenants: positions and hashes",
    "audit_unsealed": "the sealer's list: numbers and ids",
    "subject_keys": "belong to a person",
    "installation": "the installation itself",
    "signs_of_life": "the installation's programs",
    "key_sightings": "the installation's keys",
    "signing_keys": "the installation's keys, published to everybody",
    "log_leaves": "the public log; entries name nobody",
    "log_nodes": "the public log's tree",
    "log_heads": "the public log's heads",
    "person_consents": "belong to a person",
    "account_deletions": "belong to a person",
    "tenant_deletions": "outlive the tenant, and are found by the receipt's token",
    "billing_settings": "who sells, for every customer to read",
    "billing_numbers": "the series of documents, one for the installation",
    "stripe_events": "come before the tenant is known",
    "stripe_objects": "come before the tenant is known",
    "billing_findings": "of the installation and its account at Stripe",
}
#: What may work across tenants, on purpose and visibly.
ACROSS = {
    "maturity/db.py",
    "maturity/demo",
    "maturity/operation",
    "maturity/jobs",
    "maturity/web/commands.py",
    "maturity/benchmarks",
    "maturity/releases/jobs.py",
    "maturity/standing/desk.py",
    "maturity/standing/jobs.py",
    "maturity/releases/commands.py",
}
ACROSS |= {"maturity/audit/sealer.py", "maturity/audit/commands.py", "maturity/evidence/commands.py"}
ACROSS |= {"maturity/portfolios/projection.py", "maturity/claims/contest.py", "maturity/claims/desk.py"}
ACROSS |= {f"maturity/rights/{name}.py" for name in ("commands", "intake", "jobs", "person_routes", "routes")}
ACROSS |= {"maturity/archives.py"}
ACROSS |= {"maturity/campaigns/participation.py"}
ACROSS |= {f"maturity/certification/{name}.py" for name in ("bodies", "commands", "jobs")}
ACROSS |= {"maturity/certificates/commands.py", "maturity/certificates/jobs.py"}
ACROSS |= {"maturity/verification/jobs.py", "maturity/verification/routes.py"}
ACROSS |= {"maturity/billing/coupons.py"}
ACROSS |= {"maturity/signing/commands.py", "maturity/signing/keys.py"}
_OF_BILLING = ("applying", "commands", "desk", "following", "jobs", "reconciling")
ACROSS |= {f"maturity/billing/{name}.py" for name in _OF_BILLING}
#: Ways to the database that no tenant's filter sees, and who goes them, each with the reason.
AROUND = re.compile(
    r"\.connection\(\)|\bengine\.(?:begin|connect)\(|\.raw_connection\(|exec_driver_sql"
    r"|\.bulk_(?:insert|update|save)_|(?:execute|scalars?)\(\s*text\("
)
PAST_THE_WALL = {
    "maturity/db.py": "tells the database for whom a transaction works",
    "maturity/walls.py": "raises row-level security, as the owner of the tables",
    "maturity/accounts/sessions.py": "notes when a device was seen, beside the request; no tenant's table",
    "maturity/archives.py": "sets sequences after a restore, as the owner of the tables",
    "maturity/consulting/groups.py": "takes an advisory lock",
    "maturity/demo/service.py": "takes an advisory lock",
    "maturity/operation/backup.py": "copies every table whole",
    "maturity/operation/health.py": "asks whether the database answers",
    "maturity/public/routes.py": "asks whether the database answers",
    "maturity/rights/archive.py": "reads the tables of one tenant by its id, streamed",
    "maturity/rights/erasure.py": "deletes the tables of one tenant by its id",
    "maturity/rights/intake.py": "writes the tables of one tenant that is being taken in",
    "maturity/rights/persons.py": "reads and empties what is about one person",
}


def _scoped() -> dict[str, Any]:
    mappers = [mapper for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantScoped)]
    return {mapper.local_table.name: mapper.local_table for mapper in mappers}


def test_every_table_belongs_to_a_tenant_or_says_why_not(site: Any) -> None:
    benchmarks = {name for name in Base.metadata.tables if name.startswith(("benchmark", "release"))}
    assert set(Base.metadata.tables) - set(_scoped()) - set(SHARED) - benchmarks == set()


def test_a_reference_between_tenants_rows_includes_the_tenant(site: Any) -> None:
    scoped = _scoped()
    loose = [
        f"{table.name} -> {constraint.referred_table.name}"
        for table in scoped.values()
        for constraint in table.foreign_key_constraints
        if constraint.referred_table.name in scoped and "tenant_id" not in constraint.column_keys
    ]
    assert not loose, f"Make these keys composite, (tenant_id, id): {loose}"


def _sources() -> list[Path]:
    return sorted((ROOT / "maturity").rglob("*.py"))


@pytest.mark.parametrize("path", _sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_named_modules_work_across_tenants(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    if any(name.startswith(allowed) for allowed in ACROSS):
        return
    assert not re.search(r"\bevery_tenant\b|EVERY_TENANT", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", _sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_named_modules_speak_to_the_database_past_the_wall(path: Path) -> None:
    """What the session executes is filtered and guarded; these ways around it are not."""
    if str(path.relative_to(ROOT)) not in PAST_THE_WALL:
        assert not AROUND.findall(path.read_text(encoding="utf-8")), "Execute it by the session, or say here why not."


def test_who_speaks_past_the_wall_still_does() -> None:
    idle = [name for name in PAST_THE_WALL if not AROUND.search((ROOT / name).read_text(encoding="utf-8"))]
    assert not idle, f"Take these off the list: {idle}"


@pytest.mark.parametrize("path", sorted((ROOT / "maturity").glob("*/service.py")), ids=lambda path: path.parent.name)
def test_a_use_case_never_commits(path: Path) -> None:
    assert ".commit(" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", _sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_use_cases_and_models_know_no_request(path: Path) -> None:
    if path.name not in ("service.py", "models.py"):
        return
    assert not re.search(r"^(?:from|import) flask\b", path.read_text(encoding="utf-8"), re.MULTILINE)
