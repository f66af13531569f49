"""A price list as its file says it, to be spoiled in one place."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from maturity.plans.loader import EDITIONS


@pytest.fixture
def written_list() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((EDITIONS / "2026.1.yaml").read_text("utf-8"))
    return data
