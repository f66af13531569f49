"""The same parties, desk and worker as in the functional tests."""

from __future__ import annotations

from tests.functional.claims.conftest import _empty_vault, desk, world

__all__ = ["_empty_vault", "desk", "world"]
