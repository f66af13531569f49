"""Giving those counted in a release their receipts, and finding them again."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from maturity.audit.chain import instant
from maturity.benchmarks.models import BenchmarkRelease
from maturity.clock import Clock
from maturity.editions.service import canonical
from maturity.errors import NotFound
from maturity.releases.computing import path_of
from maturity.releases.extract import Wanted, contributing
from maturity.releases.frozen import read_leaves
from maturity.releases.keys import ReleaseKeys
from maturity.releases.merkle import DEPTH, Tree
from maturity.releases.models import InclusionReceipt
from maturity.releases.receipt import blind_of, key_and_leaf, sign

BATCH = 500


@dataclass(frozen=True, slots=True)
class Counted:
    """A contributor whose receipt is still to be made."""

    tenant_id: uuid.UUID
    uscc: str
    submission_sha256: str
    key: bytes


def still_to_issue(session: Session, release: BenchmarkRelease, data: Path, keys: ReleaseKeys) -> list[Counted]:
    """Who stands in the frozen extract and has no receipt yet. The session works across tenants.

    The extract knows nobody's name: who it is shows when the key made from a name and result of today is in it. Whoever
    has left meanwhile gets none.
    """
    leaves = dict(read_leaves(path_of(data, release.id)))
    have = set(session.scalars(select(InclusionReceipt.tenant_id).where(InclusionReceipt.release_id == release.id)))
    wanted = Wanted(release.id, release.framework, release.period, release.cut_off_at)
    salt = keys.salt(release.id)
    found = []
    for tenant_id, uscc, sha256 in contributing(session, wanted):
        key, leaf = key_and_leaf(salt, uscc, sha256)
        if tenant_id not in have and leaves.get(key) == leaf:
            found.append(Counted(tenant_id, uscc, sha256, key))
    return found


def issue(
    session: Session,
    release: BenchmarkRelease,
    tree: Tree,
    counted: Sequence[Counted],
    keys: ReleaseKeys,
    clock: Clock,
) -> None:
    """A signed receipt for each of them."""
    now, private, salt = clock.now(), keys.signing, keys.salt(release.id)
    common = {"release": release_as_data(release), "root": tree.root.hex(), "depth": DEPTH, "issued_at": instant(now)}
    rows = [
        {
            "id": uuid.uuid4(),
            "tenant_id": one.tenant_id,
            "release_id": release.id,
            "document": canonical(sign(common | _about(one, tree, salt), private)).decode(),
            "issued_at": now,
        }
        for one in counted
    ]
    session.execute(insert(InclusionReceipt), rows)


def _about(one: Counted, tree: Tree, salt: bytes) -> dict[str, Any]:
    return {
        "enterprise": {"uscc": one.uscc, "blind": blind_of(salt, one.uscc).hex()},
        "submission": {"sha256": one.submission_sha256},
        "proof": [item.hex() for item in tree.prove(one.key)],
    }


def release_as_data(release: BenchmarkRelease) -> dict[str, Any]:
    """A release as its receipts name it."""
    return {
        "number": release.id,
        "framework": release.framework,
        "period": release.period,
        "cut_off_at": instant(release.cut_off_at),
        "published_at": instant(release.published_at) if release.published_at else None,
        "rules": release.rules_version,
        "sha256": release.sha256,
    }


def receipts_of(session: Session) -> list[tuple[InclusionReceipt, BenchmarkRelease]]:
    """The receipts of the tenant the session works for, the latest release first."""
    query = select(InclusionReceipt, BenchmarkRelease).join(
        BenchmarkRelease, BenchmarkRelease.id == InclusionReceipt.release_id
    )
    rows = session.execute(query.order_by(BenchmarkRelease.period.desc(), BenchmarkRelease.id.desc()))
    return [(receipt, release) for receipt, release in rows]


def find_receipt(session: Session, receipt_id: uuid.UUID) -> InclusionReceipt:
    found = session.scalar(select(InclusionReceipt).where(InclusionReceipt.id == receipt_id))
    if found is None:
        raise NotFound("inclusion_receipt")
    return found


def releases_counted_in(session: Session) -> list[int]:
    """The releases that counted the tenant the session works for: of these it may see who reads them."""
    return list(session.scalars(select(InclusionReceipt.release_id).order_by(InclusionReceipt.release_id.desc())))


def content_of(receipt: InclusionReceipt) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(receipt.document)
    return found
