"""Real enterprises by the hundred, each with a submitted result: written in bulk, from one result that was made
properly and then varied. What a release reads of a result is varied; the rest is that of the first."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment, Submission
from maturity.assessments.submission import submission_of
from maturity.clock import FixedClock
from maturity.consents.models import TenantConsent
from maturity.consents.texts import current_text
from maturity.editions.service import canonical, digest
from maturity.organisations.models import Enterprise
from maturity.reference.uscc import synthetic
from maturity.tenancy.models import Grant, Tenant
from tests.factories.assessments import PERIOD, make_result
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user

INDUSTRIES = ("342", "381", "271", "392")
REGIONS = ("370200", "370100", "320500", "440300")
SIZES = ("medium", "small", "large")


def make_contributors(
    session: Session, clock: FixedClock, count: int, *, seed: int = 1, period: int = PERIOD
) -> list[uuid.UUID]:
    """So many claimed enterprises that allow benchmarks, submitted half an hour ago; the ids of their tenants.

    The one that the others are varied from is not claimed and contributes nothing.
    """
    random, taken = Random(seed), set[str]()
    owner = make_user(session)
    model = make_result(session, make_enterprise(session, owner, clock), clock, period)
    first = submission_of(session, model)
    assert first is not None
    document, at = json.loads(first.document), clock.now() - timedelta(minutes=30)
    rows: dict[Any, list[dict[str, Any]]] = {
        table: [] for table in (Tenant, Enterprise, Assessment, Submission, TenantConsent)
    }
    template = session.scalars(select(Enterprise).where(Enterprise.tenant_id == model.tenant_id)).one()
    for number in range(count):
        made = _rows(random, taken, number, document, template, owner.id, model.edition_sha256, at)
        for table, row in made.items():
            rows[table].append(row)
    for table, found in rows.items():
        session.execute(insert(table), found)
    session.flush()
    return [row["id"] for row in rows[Tenant]]


def _rows(
    random: Random,
    taken: set[str],
    number: int,
    model: dict[str, Any],
    like: Enterprise,
    owner_id: int,
    edition: str,
    at: Any,
) -> dict[Any, dict[str, Any]]:
    tenant_id, enterprise_id, assessment_id = (uuid.UUID(int=random.getrandbits(128), version=4) for _ in range(3))
    industry, region = INDUSTRIES[number % 4], REGIONS[number // 4 % 4]
    uscc = synthetic(random, region)
    while uscc in taken:
        uscc = synthetic(random, region)
    taken.add(uscc)
    profile = model["profile"] | {"industry": industry, "region": region, "size": SIZES[number % 3]}
    document = model | {"profile": profile, "score": _score(random, model["score"])}
    document["assessment"] = model["assessment"] | {"id": str(assessment_id)}
    document["enterprise"] = model["enterprise"] | {"uscc": uscc}
    document["facts"] = model["facts"] | {
        "key_processes_controlled": str(random.randrange(17)),
        "supply_chain_integration": random.choice(("none", "all")),
    }
    content = canonical(document)
    score = document["score"]
    theirs = {"tenant_id": tenant_id}
    copied = {name: getattr(like, name) for name in ("headcount", "revenue_wan", "production_type")}
    flags = {"is_group": False, "designs_products": True, "exports": False}
    named = {"name": f"企业{number}", "uscc": uscc, "industry": industry, "region": region}
    return {
        Tenant: {"id": tenant_id, "kind": "enterprise", "name": named["name"], "is_synthetic": False, "created_at": at}
        | {"second_factor_required": False, "provider_required": False, "invitation_domains": []},
        Enterprise: {"id": enterprise_id, "claimed_at": at, "created_at": at, **theirs, **named, **copied, **flags},
        Assessment: {
            "id": assessment_id,
            "enterprise_id": enterprise_id,
            "framework": "lianghua",
            "edition_sha256": edition,
            "period": model["assessment"]["period"],
            "revision": 1,
            "profile": profile,
            "status": "submitted",
            "started_at": at,
            "submitted_at": at,
            **theirs,
        },
        Submission: {
            "id": uuid.UUID(int=random.getrandbits(128), version=4),
            "assessment_id": assessment_id,
            "document": content.decode(),
            "sha256": digest(content),
            "level": score["level"],
            "capability": Decimal(score["capability"]["rounded"]),
            "capability_exact": score["capability"]["exact"],
            "capability_most": None,
            "outcome": Decimal(score["outcome"]["rounded"]),
            "outcome_exact": score["outcome"]["exact"],
            "declared_name": "王建国",
            "declared_title": "总经理",
            "submitted_at": at,
            **theirs,
        },
        TenantConsent: {
            "id": uuid.UUID(int=random.getrandbits(128), version=4),
            "purpose": "benchmarks",
            "version": current_text("benchmarks").version,
            "text_sha256": "0" * 64,
            "locale": "zh_CN",
            "given": True,
            "at": at,
            "user_id": owner_id,
            **theirs,
        },
    }


def _score(random: Random, model: dict[str, Any]) -> dict[str, Any]:
    def drawn() -> dict[str, str]:
        hundredths = random.randrange(500, 9500)
        return {"exact": f"{hundredths}/10000", "rounded": f"{hundredths / 100:.2f}"}

    dimensions = {name: drawn() for name in model["dimensions"]}
    return model | {
        "level": random.choice((1, 1, 2, 2, 3, 4)),
        "capability": drawn(),
        "outcome": drawn(),
        "dimensions": dimensions,
    }


def make_grant(
    session: Session, tenant_id: uuid.UUID, holder: Tenant, clock: FixedClock, kind: str = "consulting"
) -> Grant:
    """A grant that holds since yesterday, without asking for anything else."""
    since = clock.now() - timedelta(days=1)
    grant = Grant(
        tenant_id=tenant_id,
        consultancy_id=holder.id,
        tenant_name="企业",
        consultancy_name=holder.name,
        kind=kind,
        scope="view",
        until=clock.today() + timedelta(days=90),
        given_at=since,
    )
    session.add(grant)
    session.flush()
    return grant
