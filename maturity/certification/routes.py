"""The pages of certification; each module holds those of one side."""

from __future__ import annotations

import maturity.certificates.models
import maturity.certification.models  # noqa: F401  # its tables belong to the schema
from maturity.certification import body_routes, enterprise_routes, operator_routes
from maturity.certification.blueprint import bp

__all__ = ["body_routes", "bp", "enterprise_routes", "operator_routes"]
