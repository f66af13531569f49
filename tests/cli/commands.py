"""Running the command line: in this process to see what it says, in one of its own to see what it does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from maturity.cli import main
from maturity.clock import FixedClock

ROOT = Path(__file__).resolve().parents[2]
ENTERPRISE = """\
enterprise:
  industry: "36"
  region: "330200"
  headcount: 350
  revenue: 24000
  production_type: discrete_mass
  designs_products: true
"""
CLOCK = FixedClock(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def said(self) -> str:
        return self.out + self.err


class Commands:
    """Commands in this process, on 24 November 2026."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys

    def __call__(self, *argv: str, clock: FixedClock = CLOCK) -> Outcome:
        self.capsys.readouterr()
        status = main(argv, clock)
        captured = self.capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    def file(self, content: str | bytes, name: str = "case.yaml") -> str:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def score(self, facts: str, *options: str) -> Outcome:
        """Score the usual enterprise with these facts."""
        return self("score", self.file(f"{ENTERPRISE}facts:\n{facts}"), *options)


def program(*argv: str, folder: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """`python -m maturity` as a program of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, "-m", "maturity", *argv]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False, timeout=60)
