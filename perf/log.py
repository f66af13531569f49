"""Proofs and appends in a log of a million leaves, against bare statements over as many rows in the same run.

The subject of the first is a proof document from the database: entry, head, and the hashes put together. Its floor
reads as many rows by their keys and does nothing with them. The subject of the second is an entry added and committed,
its head signed; its floor inserts one row and commits. Beside the ratios the 95th percentile on the wall, and how many
entries are added in a second.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import insert, select

from config import from_env
from maturity.app import create_app
from maturity.clock import SystemClock
from maturity.db import every_tenant, writing
from maturity.extensions import db
from maturity.signing.service import signing_key
from maturity.transparency import service, tree
from maturity.transparency.models import LogHead, LogLeaf, LogNode
from maturity.transparency.statement import dated, entry_text, signed_bytes
from perf.measure import Comparison, compare, show
from perf.servers import DATABASES, installation

LEAVES, P95_MS, RATIO, BATCH = 1_000_000, 5.0, 2.0, 20_000
BEGUN = datetime(2020, 1, 1, tzinfo=UTC)
_random = Random(1)  # reproducible, not a secret


def measure(database: str, leaves: int, rounds: int, repeats: int) -> list[Comparison]:
    with installation(database) as environment:
        app = create_app(from_env(environment))
        with app.app_context():
            writing.set(True)
            db.create_all()
            begun = perf_counter()
            with every_tenant(db.session()):
                _fill(leaves)
            print(f"{database}: {leaves} leaves filled in within {perf_counter() - begun:.0f} s, unmeasured")
            found = [_proofs(database, leaves, rounds, repeats), _appends(database, leaves, rounds, repeats)]
            db.session.remove()
            db.engine.dispose()
        return found


def _fill(leaves: int) -> None:
    """Leaves and hashes as appending leaves them, in large batches; of the heads the last one is signed."""
    session = db.session()
    kept: dict[int, bytes] = {}
    for first in range(0, leaves, BATCH):
        rows, nodes = [], []
        for number in range(first, min(first + BATCH, leaves)):
            at = BEGUN + timedelta(seconds=number)
            entry = service.status_entry(f"MC-{number // 2}", "issued", "valid", None, f"{number:064x}")
            text = entry_text(dated(entry, at))
            leaf = tree.leaf_hash(text.encode())
            row = {"number": number, "entry": text, "leaf_hash": leaf, "at": at, "certificate": entry["certificate"]}
            rows.append(row)
            grown = dict(enumerate(tree.grown(number, leaf, kept), tree.places_of(number)))
            kept |= grown
            nodes += [{"place": place, "hash": found} for place, found in grown.items()]
        session.execute(insert(LogLeaf), rows)
        session.execute(insert(LogNode), nodes)
    root, at = tree.range_hash(0, leaves, kept).hex(), BEGUN + timedelta(seconds=leaves)
    key_id, key = signing_key(session, "log", SystemClock())
    signature = key.sign(signed_bytes(leaves, root, at, key_id)).hex()
    head = {"size": leaves, "root": root, "at": at, "key_id": key_id, "signature": signature}
    session.execute(insert(LogHead), [head])
    session.commit()


def _proofs(database: str, leaves: int, rounds: int, repeats: int) -> Comparison:
    def prove() -> None:
        _read(lambda: service.proof_document(db.session(), _random.randrange(leaves), leaves))

    def floor() -> None:
        _read(lambda: _rows(leaves))

    item = compare(
        f"proof of inclusion, {leaves} leaves, {database}",
        "as many rows of the three tables read by their keys, in a transaction of its own",
        prove,
        floor,
        rounds=rounds,
        repeats=repeats,
        ratio_target=RATIO,
        cpu_target_ms=P95_MS,
    )
    (cpu, wall), (cpu_floor, wall_floor) = _p95(prove), _p95(floor)
    print(
        f"proof of inclusion, {database}, at the 95th percentile: {cpu:.2f} ms of processor time, {wall:.2f} ms on the "
        f"wall; bare rows {cpu_floor:.2f} and {wall_floor:.2f} (at most {P95_MS:g} ms, on a busy machine {RATIO:g}x of "
        f"the rows: {'met' if cpu <= P95_MS and (wall <= P95_MS or wall <= RATIO * wall_floor) else 'MISSED'})"
    )
    return item


def _read(work: Callable[[], object]) -> None:
    writing.set(False)
    with every_tenant(db.session()):
        work()
        db.session.rollback()


def _rows(leaves: int) -> None:
    """The same rows as a proof of some leaf needs."""
    leaf = _random.randrange(leaves)
    session = db.session()
    session.execute(select(LogHead.size, LogHead.root).where(LogHead.size == leaves)).all()
    session.execute(select(LogLeaf.number, LogLeaf.entry).where(LogLeaf.number == leaf)).all()
    places = tree.places(tree.inclusion_ranges(leaf, leaves))
    found = session.execute(select(LogNode.place, LogNode.hash).where(LogNode.place.in_(places))).all()
    if len(found) != len(places):
        raise SystemExit("the floor reads too little")


def _appends(database: str, leaves: int, rounds: int, repeats: int) -> Comparison:
    numbers: Iterator[int] = count()

    def append() -> None:
        number = next(numbers)
        _write(
            lambda: service.append(db.session(), service.file_entry(f"MC-{number}", f"{number:064x}"), SystemClock())
        )

    def floor() -> None:
        # at places that no tree of this size has
        _write(lambda: db.session().execute(insert(LogNode), [{"place": 10**9 + next(numbers), "hash": bytes(32)}]))

    item = compare(
        f"entry added, {leaves} leaves, {database}",
        "one row inserted and committed",
        append,
        floor,
        rounds=rounds,
        repeats=repeats,
    )
    begun, made = perf_counter(), 0
    while perf_counter() - begun < 5:
        append()
        made += 1
    print(f"entries added, {database}: {made / (perf_counter() - begun):.0f} a second, one after the other")
    return item


def _write(work: Callable[[], object]) -> None:
    writing.set(True)
    with every_tenant(db.session()):
        work()
        db.session.commit()


def _p95(work: Callable[[], Any], times: int = 1000) -> tuple[float, float]:
    """Milliseconds of processor time and on the wall."""
    cpu, wall = [], []
    for _ in range(times):
        cpu_before, wall_before = process_time(), perf_counter()
        work()
        cpu.append(1000 * (process_time() - cpu_before))
        wall.append(1000 * (perf_counter() - wall_before))
    return sorted(cpu)[int(times * 0.95)], sorted(wall)[int(times * 0.95)]


def main() -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=DATABASES, action="append", help="only this one (default: both)")
    parser.add_argument("--leaves", type=int, default=LEAVES)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=50)
    options = parser.parse_args()
    items = []
    for database in options.database or DATABASES:
        items += measure(database, options.leaves, options.rounds, options.repeats)
    show(items)
    return 0


if __name__ == "__main__":
    sys.exit(main())
