"""Where letters lead to is never taken from a request."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Jobs make a request of their own with the configured address.
WITH_OWN_BASE = {"maturity/teamwork/jobs.py"}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "maturity").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_an_outward_address_comes_from_the_configuration(path: Path) -> None:
    if str(path.relative_to(ROOT)) in WITH_OWN_BASE:
        return
    found = re.findall(r"_external\s*=\s*True", path.read_text(encoding="utf-8"))
    assert not found, "Use maturity.web.addresses.site_url: a visitor can send any Host header."
