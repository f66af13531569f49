"""The work on the figures of a release on a cluster of machines that Dask runs (ADR 0037).

What was judged goes to the workers, a few hundred kilobytes; each of them reads what it needs of the frozen extract,
which lies where all of them see it; what may be shown comes back. A worker that dies is replaced by another one, a few
times; beyond that the build fails as a whole, and nothing of it was stored.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from maturity.benchmarks.build import Made, Run, Task, Work, ground_of
from maturity.releases.frozen import UnseenExtract

CONNECT_SECONDS = 10
#: how often to look after the workers, and how long none may be there
LOOK_SECONDS, PATIENCE_SECONDS = 2, 60
#: what a figure depends on: a worker with other files, or other versions of these libraries, would give another release
FOLDERS = ("benchmarks", "reference")
FILES = ("releases/frozen.py",)
LIBRARIES = ("numpy", "scipy", "duckdb")


class ClusterTrouble(RuntimeError):
    """The work could not be done on the cluster; `code` has words on the page of the release."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        super().__init__(detail)


class OtherProgram(RuntimeError):
    """A worker runs another version of what figures depend on."""


@contextmanager
def cluster_at(address: str) -> Iterator[Run]:
    """A `run` for `build_release` on the cluster whose scheduler listens there; `ClusterTrouble` where it does not."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterTrouble("release_cluster_absent") from error
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:  # a wrong certificate is among them
        raise ClusterTrouble("release_cluster_unreachable", address) from error
    try:
        yield lambda work, tasks: _carried_out(client, work, tasks)
    finally:
        with suppress(Exception):  # a cluster that is gone has nothing to forget
            client.run(_forget, on_error="ignore")
        client.close(timeout=CONNECT_SECONDS)


@dataclass(frozen=True, slots=True)
class _Checked:
    """The work, done only by the same program."""

    work: Work
    program: str

    def __call__(self, task: Task) -> Made:
        if program() != self.program:
            raise OtherProgram
        return self.work(task)


@cache
def program() -> str:
    """A hash of what figures depend on."""
    root, found = Path(__file__).parents[1], sha256()
    paths = [path for folder in FOLDERS for ending in ("py", "yaml") for path in (root / folder).rglob(f"*.{ending}")]
    for path in sorted([*paths, *(root / name for name in FILES)]):
        found.update(f"{path.relative_to(root)}\0".encode() + sha256(path.read_bytes()).digest())
    found.update(" ".join(f"{name} {version(name)}" for name in LIBRARIES).encode())
    return found.hexdigest()


def _forget() -> None:
    """Leave no population behind in a worker."""
    ground_of.cache_clear()


def _carried_out(client: Any, work: Work, tasks: Sequence[Task]) -> Iterable[Made]:
    from distributed.scheduler import KilledWorker

    name = f"figure-{uuid.uuid4().hex}"  # of this build, whoever else uses the cluster
    futures = client.map(_Checked(work, program()), tasks, pure=False, key=name)
    try:
        _wait(client, futures)
        found: list[Made] = client.gather(futures)
    except UnseenExtract as error:
        raise ClusterTrouble("release_cluster_storage", str(error)) from error
    except (OtherProgram, ImportError, AttributeError) as error:  # the latter two: what was sent is not known there
        raise ClusterTrouble("release_cluster_program") from error
    except (KilledWorker, CancelledError, OSError) as error:  # a `TimeoutError` is an `OSError`
        raise ClusterTrouble("release_cluster_lost", type(error).__name__) from error
    finally:
        with suppress(Exception):
            client.cancel(futures, force=True)
    return found


def _wait(client: Any, futures: Sequence[Any]) -> None:
    """Until all is done or one has failed; `TimeoutError` where nobody is left who could go on."""
    from distributed import wait

    seen = time.monotonic()
    while any(future.status == "pending" for future in futures):
        with suppress(TimeoutError), client.as_current():
            wait(futures, timeout=LOOK_SECONDS)
        if any(future.status in ("error", "cancelled", "lost") for future in futures):
            return
        if client.status == "running" and client.scheduler_info(n_workers=-1)["workers"]:
            seen = time.monotonic()
        elif time.monotonic() - seen > PATIENCE_SECONDS:
            raise TimeoutError
