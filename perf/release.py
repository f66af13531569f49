"""Building a release from a frozen extract of a million contributors against a bare group-by of the same file.

The subject reads the Parquet file and judges every figure of every cell; the floor is DuckDB's GROUP BY over the same
columns and the same tables of the lattice, without any rule. Each turn runs in a process of its own, so that its peak
of memory is its own. Before that, the writing of the file is measured in rows a second. With `--workers` the same
release is also built on a cluster of as many processes of this machine, to compare the bytes and see what that costs.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import duckdb
import numpy as np
from distributed import LocalCluster

from maturity.benchmarks.build import Built, build_release
from maturity.benchmarks.lattice import SECTOR, nested_tables, sectors
from maturity.benchmarks.parameters import load_parameters
from maturity.benchmarks.service import row_of
from maturity.demo.profiles import INDUSTRIES, PROVINCES, SIZE_SHARES, SIZES, draws
from maturity.editions.service import canonical, digest
from maturity.reference.regions import children, macro_region_of
from maturity.releases.cluster import cluster_at
from maturity.releases.frozen import CRITERION, VALUE, Extract, Names, Row, read, sha256_of, write
from perf.servers import ROOT

ROWS, RATIO, MEMORY_GIB = 1_000_000, 3.0, 4.0
NAMES = Names(
    ("capability", "outcome", "B", "S", "G", "X", "C", "E", "cnc_rate", "equipment_digital_rate", "online_sales_rate"),
    ("rd_tools", "erp", "mes", "ecommerce", "management_control_integration", "smart_ready"),
)
SECRET = b"measured, never published"
CLUSTER = "cluster"


class Done(NamedTuple):
    """One turn: seconds on the wall, cells, and the hash of the release where there is one."""

    wall: float
    cells: int
    sha256: str


def rows(count: int) -> Iterator[Row]:
    """Contributors with the demonstration's industries, places and sizes; one in twenty belongs to a group of five."""
    random = draws(1, "perf release")
    industries, places = list(INDUSTRIES), [child.code for code in PROVINCES for child in children(code)]
    shares = np.array([row[0] for row in INDUSTRIES.values()], dtype=float)
    industry = random.choice(industries, count, p=shares / shares.sum())
    city, size = random.choice(places, count), random.choice(SIZES, count, p=SIZE_SHARES)
    values = np.round(np.clip(random.normal(45, 15, (count, len(NAMES.values))), 0, 100), 2)
    criteria = random.random((count, len(NAMES.criteria))) < 0.4
    level = np.digitize(values[:, 0], (35, 50, 65)) + 1
    for at in range(count):
        group = f"g{at // 100:08}" if at % 100 < 5 else f"o{at:08}"
        yield Row(
            enterprise=f"{at:032x}",
            group_id=group,
            industry=str(industry[at]),
            city=str(city[at]),
            park="",
            size=str(size[at]),
            level=int(level[at]),
            values=dict(zip(NAMES.values, values[at].tolist(), strict=True)),
            criteria=dict(zip(NAMES.criteria, criteria[at].tolist(), strict=True)),
            reviewed=False,
            key="0" * 64,
            leaf="0" * 64,
            edition="2026.1",
            coalitions=(f"c{at % 6000:04}",) if at % 4 == 0 else (),
        )


def subject(path: Path) -> Done:
    begun = time.perf_counter()
    built = build_release(read(path), load_parameters(), secret=SECRET)
    return Done(time.perf_counter() - begun, len(built.cells), _hash(built))


def on_cluster(path: Path, workers: int) -> Done:
    """The subject on a cluster that stands already: what is sent, the work there, what comes back."""
    extract = Extract(path, sha256_of(path))
    with LocalCluster(n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=":0") as cluster:
        begun = time.perf_counter()
        with cluster_at(cluster.scheduler_address) as run:
            built = build_release(read(path), load_parameters(), secret=SECRET, run=run, source=extract)
        return Done(time.perf_counter() - begun, len(built.cells), _hash(built))


def _hash(built: Built) -> str:
    withheld = [repr(item) for item in built.withheld]
    return digest(canonical({"cells": [row_of(cell) for cell in built.cells], "withheld": withheld}))


def floor(path: Path) -> Done:
    """Every table of the lattice at once, each figure's five quantiles or share, and how many groups there are."""
    begun = time.perf_counter()
    step = {
        ("industry", ""): [], ("industry", "sector"): ["sector"], ("industry", "division"): ["industry"],
        ("region", ""): [], ("region", "macro"): ["macro"], ("region", "province"): ["province"],
        ("size", ""): [], ("size", "size"): ["size"],
    }  # fmt: skip
    sets = [
        step["industry", table.industry] + step["region", table.region] + step["size", table.size]
        for table in nested_tables()
    ]
    grouping = ", ".join(f"({', '.join(names)})" for names in [*sets, ["city"]])
    figures = [f'quantile_cont("{VALUE}{name}", [0.1, 0.25, 0.5, 0.75, 0.9])' for name in NAMES.values]
    figures += [f'avg("{CRITERION}{name}"::int)' for name in NAMES.criteria]
    figures += [f"count(*) filter (level = {level})" for level in range(1, 5)]
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.execute("create table sector_of (industry varchar, sector varchar)")
        pairs = [(division, f"{SECTOR}{sector.id}") for sector in sectors().values() for division in sector.divisions]
        connection.executemany("insert into sector_of values (?, ?)", pairs)
        connection.execute("create table macro_of (province varchar, macro varchar)")
        connection.executemany(
            "insert into macro_of values (?, ?)", [(code, macro_region_of(code)) for code in PROVINCES]
        )
        found = connection.execute(
            f"select industry, sector, macro, province, size, city, count(*), count(distinct group_id), "  # noqa: S608  # our own names
            f"{', '.join(figures)} from (select *, substr(city, 1, 2) || '0000' as province from read_parquet(?)) "
            f"join sector_of using (industry) join macro_of using (province) group by grouping sets ({grouping})",
            [str(path)],
        ).fetchall()
    return Done(time.perf_counter() - begun, len(found), "")


WORK = {"subject": subject, "floor": floor}


def turn(name: str, path: Path, workers: int = 0) -> dict[str, Any]:
    """One turn in a process of its own: seconds on the wall and of the processor, peak of memory, cells."""
    command = [sys.executable, "-m", "perf.release", "--turn", name, "--file", str(path), "--workers", str(workers)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _one_turn(name: str, path: Path, workers: int) -> None:
    cpu = time.process_time()
    done = on_cluster(path, workers) if name == CLUSTER else WORK[name](path)
    peaks = {
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
        "worker_gib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2,
    }
    print(json.dumps(done._asdict() | peaks | {"cpu": time.process_time() - cpu}))


def measure(count: int, rounds: int, workers: int) -> bool:
    with tempfile.TemporaryDirectory(prefix="maturity-perf-") as folder:
        path = Path(folder) / "extract.parquet"
        begun = time.perf_counter()
        write(path, rows(count), NAMES)
        seconds = time.perf_counter() - begun
        print(
            f"extract: {count} rows in {seconds:.1f} s, {count / seconds:,.0f} a second, "
            f"{path.stat().st_size / 2**20:.0f} MiB"
        )
        turns = [(turn("floor", path), turn("subject", path)) for _ in range(rounds)]
        there = [turn(CLUSTER, path, workers) for _ in range(rounds)] if workers else []
    for name, at in (("floor", 0), ("subject", 1)):
        of = [pair[at] for pair in turns]
        print(
            f"{name}: {of[0]['cells']:.0f} cells; wall {median(one['wall'] for one in of):.1f} s, "
            f"cpu {median(one['cpu'] for one in of):.1f} s, peak {max(one['peak_gib'] for one in of):.2f} GiB"
        )
    wall, cpu = (median(pair[1][name] / pair[0][name] for pair in turns) for name in ("wall", "cpu"))
    peak = max(pair[1]["peak_gib"] for pair in turns)
    held = wall <= RATIO and peak <= MEMORY_GIB
    print(
        f"ratio {wall:.2f} on the wall (target {RATIO:g}), {cpu:.2f} of processor time; {'met' if held else 'MISSED'}"
    )
    return held and _is_same_there(there, turns[0][1], workers)


def _is_same_there(there: list[dict[str, Any]], alone: dict[str, Any], workers: int) -> bool:
    if not there:
        return True
    is_same = {one["sha256"] for one in there} == {alone["sha256"]}
    print(
        f"cluster of {workers} processes here: wall {median(one['wall'] for one in there):.1f} s, "
        f"peak {max(one['peak_gib'] for one in there):.2f} GiB, of a worker "
        f"{max(one['worker_gib'] for one in there):.2f} GiB; {'the same bytes' if is_same else 'OTHER BYTES'}"
    )
    return is_same


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=0, help="also on a cluster of as many processes here")
    parser.add_argument("--turn", choices=(*WORK, CLUSTER))
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    if options.turn:
        _one_turn(options.turn, options.file, options.workers)
        return 0
    return 0 if measure(options.rows, options.rounds, options.workers) else 1


if __name__ == "__main__":
    sys.exit(main())
