"""Reading the contributors of a release from the database, at its cut-off (R0, R13); the session works across tenants.

A contributor is a real, claimed enterprise that allows benchmarks, with its latest submitted result of the framework
and period for which every question on the path was answered. What counts as one contributor is the group it belongs to.
"""

from __future__ import annotations

import hmac
import json
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment, Submission
from maturity.clock import LOCAL
from maturity.consents.service import tenants_that_allow
from maturity.organisations.models import Enterprise
from maturity.reference.industries import division_of
from maturity.reference.regions import city_of
from maturity.releases.figures import Figures
from maturity.releases.frozen import Row
from maturity.releases.keys import ReleaseKeys
from maturity.releases.receipt import key_and_leaf
from maturity.tenancy.models import Grant, Tenant

PURPOSE = "benchmarks"
ROWS = 500
_ID_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a release is of."""

    release_id: int
    framework: str
    period: int
    cut_off_at: datetime


@dataclass(frozen=True, slots=True)
class Ties:
    """Who belongs together at a cut-off: the ultimate head of each tenant, and the consultancies of each."""

    heads: Mapping[uuid.UUID, uuid.UUID]
    consultancies: Mapping[uuid.UUID, tuple[uuid.UUID, ...]]

    def group_of(self, tenant_id: uuid.UUID) -> uuid.UUID:
        """The one at the top. Grants make no ring; were one there, going round it would end where it began."""
        seen = {tenant_id}
        while (head := self.heads.get(tenant_id)) is not None and head not in seen:
            seen.add(head)
            tenant_id = head
        return tenant_id


def contributors(session: Session, wanted: Wanted, figures: Figures, keys: ReleaseKeys) -> Iterator[Row]:
    """A row for each contributor, read and let go of one after another."""
    allowed, ties = tenants_that_allow(session, PURPOSE), ties_at(session, wanted.cut_off_at)
    salt = keys.salt(wanted.release_id)
    companies = _companies_of_groups(session, ties)
    for tenant_id, uscc, sha256, document, enterprise_id in _rows(
        session, wanted, Submission.document, Enterprise.id.label("enterprise_id")
    ):
        if tenant_id not in allowed:
            continue
        key, leaf = key_and_leaf(salt, uscc, sha256)
        group = ties.group_of(tenant_id)
        coalitions = [f"c{consultancy}" for consultancy in ties.consultancies.get(tenant_id, ())]
        coalitions += [f"g{group}"] if companies[group] > 1 else []
        yield _row(
            json.loads(document),
            figures,
            enterprise=opaque(keys, f"e{enterprise_id}"),
            group_id=opaque(keys, f"g{group}"),
            coalitions=tuple(sorted(opaque(keys, name) for name in coalitions)),
            key=key.hex(),
            leaf=leaf.hex(),
        )


def contributing(session: Session, wanted: Wanted) -> Iterator[tuple[uuid.UUID, str, str]]:
    """Tenant, code and hash of the result of everybody whose result may stand in the release, consenting or not."""
    yield from _rows(session, wanted)


def _rows(session: Session, wanted: Wanted, *more: Any) -> Iterator[Any]:
    query = _latest(wanted, *more).execution_options(yield_per=ROWS)
    return iter(session.execute(query))


def opaque(keys: ReleaseKeys, name: str) -> str:
    """An id that only this installation can make from the name."""
    return hmac.digest(keys.ids, name.encode(), "sha256").hex()[:_ID_LENGTH]


def _row(document: Mapping[str, Any], figures: Figures, **who: Any) -> Row:
    profile = document["profile"]
    city = city_of(profile["region"])
    values, criteria = figures.of_document(document)
    return Row(
        edition=document["edition"]["edition"],
        industry=division_of(profile["industry"]),
        city=city.code if city else profile["region"],
        park="",
        size=profile["size"],
        level=document["score"]["level"],
        values=values,
        criteria=criteria,
        reviewed=False,  # nobody reviews answers yet
        **who,
    )


def _latest(wanted: Wanted, *more: Any) -> Select[Any]:
    """The latest whole-path submission of each enterprise by the cut-off, with what decides whether it contributes.

    Submitting refuses open errors, a draft has no submission, and a level settled early has a range of scores.
    """
    number = func.row_number().over(partition_by=Assessment.enterprise_id, order_by=Assessment.revision.desc())
    ranked = (
        select(Submission.id.label("id"), number.label("number"))
        .join(Assessment, Assessment.id == Submission.assessment_id)
        .where(
            Assessment.framework == wanted.framework,
            Assessment.period == wanted.period,
            Submission.submitted_at <= wanted.cut_off_at,
            Submission.capability_most.is_(None),
        )
        .subquery()
    )
    return (
        select(Submission.tenant_id, Enterprise.uscc, Submission.sha256, *more)
        .join(ranked, (ranked.c.id == Submission.id) & (ranked.c.number == 1))
        .join(Assessment, Assessment.id == Submission.assessment_id)
        .join(Enterprise, Enterprise.id == Assessment.enterprise_id)
        .join(Tenant, Tenant.id == Submission.tenant_id)
        .where(~Tenant.is_synthetic, Tenant.deletion_due.is_(None), Enterprise.claimed_at <= wanted.cut_off_at)
        .order_by(Enterprise.id)
    )


def ties_at(session: Session, at: datetime) -> Ties:
    """The grants that held at a moment."""
    holds = (
        Grant.given_at <= at,
        or_(Grant.revoked_at.is_(None), Grant.revoked_at > at),
        Grant.until >= at.astimezone(LOCAL).date(),
    )
    heads: dict[uuid.UUID, uuid.UUID] = {}
    consultancies: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for tenant_id, holder, kind in session.execute(
        select(Grant.tenant_id, Grant.consultancy_id, Grant.kind).where(*holds)
    ):
        if kind == "affiliation":
            heads[tenant_id] = holder
        else:
            consultancies[tenant_id].add(holder)
    return Ties(heads, {tenant_id: tuple(found) for tenant_id, found in consultancies.items()})


def _companies_of_groups(session: Session, ties: Ties) -> Mapping[uuid.UUID, int]:
    """How many companies each group has, its head included."""
    counted: dict[uuid.UUID, int] = defaultdict(lambda: 1)
    for tenant_id in ties.heads:
        counted[ties.group_of(tenant_id)] += 1
    return counted
