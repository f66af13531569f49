from functools import cache
from pathlib import Path

import pytest

from maturity.adaptive.framework import load_framework
from tests.cli.commands import Commands

_load = cache(load_framework)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Commands that read each library once: a hundred tests read the same one."""
    monkeypatch.setattr("maturity.cli.load_framework", _load)
    return Commands(tmp_path, capsys)
