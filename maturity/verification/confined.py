"""Reading an uploaded file in a process of its own, with little memory and time, and nothing written anywhere.

`python -m maturity.verification.confined` is the other side. The file goes in through a pipe and comes to no disk; what
cannot be read within the limits is a file without a signature, and is compared byte by byte all the same.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import subprocess
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from asn1crypto import x509 as asn1

from maturity.verification.reading import Read, read_upload
from maturity.verification.signatures import Anchors, SignatureFinding

MEMORY = 1024**3
CPU_SECONDS = 10
PATIENCE_SECONDS = 20
_ROOT = Path(__file__).resolve().parents[2]


def read_confined(content: bytes, anchors: Anchors, now: datetime) -> Read:
    """What the file says of itself. A file that is too demanding says nothing."""
    asked = {
        "trusted": [base64.b64encode(one.dump()).decode() for one in anchors.trusted],
        "stamping": [base64.b64encode(one.dump()).decode() for one in anchors.stamping],
        "revoked": [base64.b64encode(one).decode() for one in anchors.revoked],
        "now": now.isoformat(),
    }
    try:
        done = subprocess.run(  # our own module; what comes from outside is read from its standard input
            [sys.executable, "-m", "maturity.verification.confined"],
            cwd=_ROOT,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},  # no secrets of ours
            input=json.dumps(asked).encode() + b"\n" + content,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=True,
        )
        return _read_from(json.loads(done.stdout))
    except (subprocess.SubprocessError, ValueError):
        return Read(SignatureFinding("none"))


def _read_from(told: dict[str, Any]) -> Read:
    found = told["signature"]
    if found["signed_at"]:
        found["signed_at"] = datetime.fromisoformat(found["signed_at"])
    return Read(SignatureFinding(**found), tuple(told["numbers"]), told["is_locked"])


def main(given: bytes) -> str:
    head, _, content = given.partition(b"\n")
    asked = json.loads(head)
    anchors = Anchors(
        _certificates(asked["trusted"]),
        frozenset(base64.b64decode(one) for one in asked["revoked"]),
        _certificates(asked["stamping"]),
    )
    return json.dumps(asdict(read_upload(content, anchors, datetime.fromisoformat(asked["now"]))), default=_plain)


def _certificates(given: list[str]) -> tuple[asn1.Certificate, ...]:
    return tuple(asn1.Certificate.load(base64.b64decode(one)) for one in given)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _limit() -> None:
    limits = (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for what, most in limits:
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    _limit()
    sys.stdout.write(main(sys.stdin.buffer.read()))
