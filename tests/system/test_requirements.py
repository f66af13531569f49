"""What is installed is written down exactly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = ("requirements.txt", "requirements-cluster.txt", "requirements-dev.txt")
PINNED = re.compile(r"([a-z0-9][a-z0-9._-]*)(?:\[[^]]*])?==([^ ;]+)(?: ; [^\\]+)? \\")


def _pins(file: str) -> set[tuple[str, str]]:
    """Packages with their versions."""
    lines = (ROOT / file).read_text().splitlines()
    return {(found[1], found[2]) for line in lines if (found := PINNED.fullmatch(line))}


def _asked(file: str) -> set[str]:
    """The packages that a hand-written list names."""
    lines = (ROOT / file).read_text().splitlines()
    return {re.split(r"[=<>\[ ]", line)[0].lower() for line in lines if line and line[0] not in "#-"}


@pytest.mark.parametrize("file", FILES)
def test_every_package_is_pinned_with_its_hashes(file: str) -> None:
    blocks = re.split(r"\n(?=[^\s#])", (ROOT / file).read_text())
    named = [block for block in blocks if not block.startswith("#")]
    wrong = [block for block in named if not PINNED.match(block) or "--hash=sha256:" not in block]
    assert named
    assert not wrong, f"Make {file} again as its head says: {wrong}"


@pytest.mark.parametrize("file", FILES)
def test_every_package_asked_for_is_there(file: str) -> None:
    assert _asked(file.replace(".txt", ".in")) <= {name for name, _ in _pins(file)}


def test_the_checks_run_on_what_the_site_runs_on() -> None:
    assert _pins("requirements.txt") <= _pins("requirements-cluster.txt") <= _pins("requirements-dev.txt")
