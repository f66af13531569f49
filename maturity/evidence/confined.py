"""Reading a file from outside in a process of its own, with little memory and time: it may crash, we do not.

`python -m maturity.evidence.confined` is the other side: it limits itself, does one task and prints JSON.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from maturity.evidence.contents import Refused, examine
from maturity.evidence.previews import SIZES, make_previews

MEMORY = 1024**3
CPU_SECONDS = 20
LARGEST_WRITTEN = 64 * 1024**2
PATIENCE_SECONDS = 45
_ROOT = Path(__file__).resolve().parents[2]


class Crashed(RuntimeError):
    """The process ended without a word: out of memory, out of time, or a fault of a library."""


def examine_confined(path: Path) -> str:
    """The media type of the file, or `Refused`; what cannot be read within the limits is refused, too."""
    try:
        answer = _ask("examine", str(path))
    except Crashed as error:
        raise Refused("too_demanding") from error
    if "refused" in answer:
        raise Refused(answer["refused"])
    return str(answer["media_type"])


def preview_confined(path: Path, media_type: str, targets: dict[str, Path]) -> None:
    """`Crashed` where no picture can be made."""
    _ask("preview", str(path), media_type, *(str(targets[name]) for name in SIZES))


def _ask(*task: str) -> dict[str, Any]:
    try:
        done = subprocess.run(  # noqa: S603  # our own module, with a path of ours and a media type of the closed list
            [sys.executable, "-m", "maturity.evidence.confined", *task],
            cwd=_ROOT,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},  # no secrets of ours
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=True,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise Crashed(str(error)) from error
    return answer


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main(task: list[str]) -> dict[str, str]:
    if task[0] == "examine":
        try:
            return {"media_type": examine(Path(task[1]))}
        except Refused as error:
            return {"refused": error.code}
    path, media_type, *targets = task[1:]
    make_previews(Path(path), media_type, {name: Path(target) for name, target in zip(SIZES, targets, strict=True)})
    return {}


if __name__ == "__main__":
    _limit()
    sys.stdout.write(json.dumps(main(sys.argv[1:])))
