"""Reading a workbook from outside in a process of its own, with little memory and time: it may crash, we do not.

`python -m maturity.workbooks.confined` is the other side. For many workbooks one process reads one after the other.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from maturity.evidence.contents import Refused

MEMORY = 1024**3
CPU_SECONDS = 30
PATIENCE_SECONDS = 60
ROOT = Path(__file__).resolve().parents[2]


def read_confined(path: Path, name: str) -> dict[str, Any]:
    """What stands in the workbook, or `Refused`; what cannot be read within the limits is refused, too."""
    return _ask("workbook", path, name)


def read_register_confined(path: Path, name: str) -> dict[str, Any]:
    """What stands in a register of enterprises, or `Refused`."""
    return _ask("register", path, name)


def read_list_confined(path: Path, name: str) -> dict[str, Any]:
    """The rows of a plain list, Excel or text, or `Refused`."""
    return _ask("list", path, name)


def _ask(task: str, path: Path, name: str) -> dict[str, Any]:
    try:
        done = subprocess.run(  # noqa: S603  # our own module, with a path of ours; the name is data
            [sys.executable, "-m", "maturity.workbooks.confined", task, str(path), name],
            cwd=ROOT,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},  # no secrets of ours
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=True,
        )
        told: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise Refused("too_demanding") from error
    if "refused" in told:
        raise Refused(told["refused"])
    return told


def _limit() -> None:
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))
    _allow_time()


def _allow_time() -> None:
    """So much processor time from here on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS, resource.RLIM_INFINITY))


def main(task: str, path: str, name: str) -> dict[str, Any]:
    from maturity.workbooks.list_reading import read_list
    from maturity.workbooks.reading import read_workbook  # only on this side: the site itself parses nothing
    from maturity.workbooks.register_reading import read_register

    readers = {"register": read_register, "list": read_list}
    try:
        return readers.get(task, read_workbook)(Path(path), name)
    except Refused as error:
        return {"refused": error.code}


def read_one_after_the_other() -> None:
    """A line for each workbook in, a line for each out; each has its own allowance of time."""
    for line in sys.stdin:
        path, name = json.loads(line)
        _allow_time()
        sys.stdout.write(json.dumps(main("workbook", path, name)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _limit()
    if sys.argv[1:] == ["many"]:
        read_one_after_the_other()
    else:
        sys.stdout.write(json.dumps(main(*sys.argv[1:])))
