"""Computing a release from its frozen extract, and computing it again to prove it.

The extract lies in the data folder. Nothing but the file, the rules by their version, and the releases that were
published before goes into a release, so that it can be computed again at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.benchmarks.build import Built, Earlier, build_release
from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.models import BenchmarkCell, BenchmarkRelease
from maturity.benchmarks.parameters import load_parameters
from maturity.benchmarks.service import about, row_of
from maturity.clock import Clock
from maturity.editions.service import canonical, digest
from maturity.releases.cluster import cluster_at
from maturity.releases.extract import Wanted, contributors
from maturity.releases.figures import Figures
from maturity.releases.frozen import Extract, read, read_editions, read_leaves, sha256_of, write
from maturity.releases.keys import ReleaseKeys, keys_of
from maturity.releases.merkle import Tree

FOLDER = "releases"


class LostInput(RuntimeError):
    """The frozen extract of a release is not there any more, or is not what it was."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What computing a release again found. `cells` and `root` are None where there is no extract to compute from."""

    stored: bool  # the cells in the database have the hash of the release
    input: bool
    cells: bool | None = None
    root: bool | None = None

    @property
    def is_good(self) -> bool:
        return self.stored and self.input and self.cells is not False and self.root is not False


def path_of(data: Path, release_id: int) -> Path:
    return data / FOLDER / f"{release_id}.parquet"


def freeze(session: Session, release: BenchmarkRelease, data: Path, keys: ReleaseKeys) -> str:
    """Read the contributors into the file of the release, whole or not at all; its SHA-256.

    What an earlier attempt has frozen, and noted in the release, is used as it is.
    """
    path = path_of(data, release.id)
    if release.input_sha256 is not None and path.exists() and sha256_of(path) == release.input_sha256:
        return release.input_sha256
    figures = Figures.of(session, release.framework)
    wanted = Wanted(release.id, release.framework, release.period, release.cut_off_at)
    return write(path, contributors(session, wanted, figures, keys), figures.names)


def judged_against(session: Session, release: BenchmarkRelease) -> dict[str, list[int]]:
    """The published releases of real data that readers can compare this one with, the latest first.

    Of its own framework all of them, corrections and what they replace among them; of each other framework too, where
    the same enterprises may stand in both.
    """
    query = select(BenchmarkRelease.id, BenchmarkRelease.framework).where(
        BenchmarkRelease.state == "published", ~BenchmarkRelease.is_synthetic, BenchmarkRelease.id != release.id
    )
    found: dict[str, list[int]] = {"earlier": [], "others": []}
    for number, framework in session.execute(query.order_by(BenchmarkRelease.published_at.desc())):
        found["earlier" if framework == release.framework else "others"].append(number)
    return found


def build(
    session: Session,
    release: BenchmarkRelease,
    against: Mapping[str, Sequence[int]],
    data: Path,
    keys: ReleaseKeys,
    cluster: str | None = None,
) -> Built:
    """Compute the cells; `LostInput` when the file of this release, or of one it is judged against, is not there.

    With the address of a cluster the figures are worked on there; what comes out is the same, byte for byte.
    """
    rules = load_parameters(release.rules_version)
    earlier = [_earlier(session, number, data) for number in against["earlier"]]
    others = [_earlier(session, number, data) for number in against["others"]]
    path = path_of(data, release.id)
    known: dict[str, Any] = {"earlier": earlier, "others": others, "secret": keys.rounding}
    if cluster is None:
        return build_release(read(path), rules, **known)
    with cluster_at(cluster) as run:
        return build_release(read(path), rules, run=run, source=Extract(path, str(release.input_sha256)), **known)


def _earlier(session: Session, release_id: int, data: Path) -> Earlier:
    release = session.get_one(BenchmarkRelease, release_id)
    path = path_of(data, release_id)
    if not path.exists() or sha256_of(path) != release.input_sha256:
        raise LostInput(str(release_id))
    return Earlier(read(path), frozenset(_keys(session, release_id)))


def _keys(session: Session, release_id: int) -> list[CellKey]:
    columns = (BenchmarkCell.industry, BenchmarkCell.region, BenchmarkCell.size)
    rows = session.execute(select(*columns).where(BenchmarkCell.release_id == release_id))
    return [CellKey(*row) for row in rows]


def tree_of(release_id: int, data: Path, keys: ReleaseKeys) -> Tree:
    """The tree of receipts, from the frozen extract."""
    return Tree.of(read_leaves(path_of(data, release_id)), keys.salt(release_id))


def verify(session: Session, release: BenchmarkRelease, data: Path, clock: Clock) -> Verdict:
    """Compute a release again and compare the bytes."""
    stored = stored_hash(session, release) == release.sha256
    path = path_of(data, release.id)
    if release.judged_against is None:  # before releases were frozen, and the demonstration's: no extract
        return Verdict(stored, input=release.is_synthetic)
    if not path.exists() or sha256_of(path) != release.input_sha256:
        return Verdict(stored, input=False)
    keys = keys_of(session, clock)
    built = build(session, release, release.judged_against, data, keys)
    again = hash_of(release, [row_of(cell) for cell in built.cells])
    root = tree_of(release.id, data, keys).root.hex()
    same = again == release.sha256 and read_editions(path) == release.edition
    return Verdict(stored, input=True, cells=same, root=root == release.merkle_root)


def stored_hash(session: Session, release: BenchmarkRelease) -> str:
    """The hash that the cells in the database have now."""
    query = select(BenchmarkCell).where(BenchmarkCell.release_id == release.id)
    order = (BenchmarkCell.industry, BenchmarkCell.region, BenchmarkCell.size)
    return hash_of(release, [_stored(row) for row in session.scalars(query.order_by(*order))])


def hash_of(release: BenchmarkRelease, rows: list[dict[str, Any]]) -> str:
    rows.sort(key=lambda row: (row["industry"], row["region"], row["size"]))  # the collation of a database may differ
    return digest(canonical(about(release) | {"cells": rows}))


_HASHED = ("industry", "region", "size", "contributors", "reviewed", "metrics", "shares", "levels", "means")


def _stored(row: BenchmarkCell) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _HASHED}
