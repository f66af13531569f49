"""People who prepare and review releases, in the browser, with contributors in the database."""

from __future__ import annotations

from tests.integration.releases.conftest import contributors, desk, run

__all__ = ["contributors", "desk", "run"]
