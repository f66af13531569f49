"""The blueprint of certification: pages of the enterprise, of the certification body and of the operator."""

from __future__ import annotations

from flask import Blueprint

from maturity.certification.clockwork import wire

bp = Blueprint("certification", __name__)
bp.record_once(wire)
