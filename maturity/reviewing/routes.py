"""The pages of reviewing; each module holds those of one place."""

from __future__ import annotations

from maturity.reviewing import body_routes, evidence_routes, file_routes, letter_routes
from maturity.reviewing.blueprint import bp

__all__ = ["body_routes", "bp", "evidence_routes", "file_routes", "letter_routes"]
