from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.demonstration import demonstration_site


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Any]:
    """A site with the small demonstration; only read."""
    yield from demonstration_site(tmp_path_factory.mktemp("demonstration"), f"test_demo_functional_{worker_id}")
