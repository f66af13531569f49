"""A site with an address, as one in use has."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.certificates import SITE


@pytest.fixture(autouse=True)
def _address(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SITE_URL", SITE)
