"""The blueprint of certification: pages of the enterprise, of the certification body and of the operator."""

from __future__ import annotations

from flask import Blueprint

from maturity.certification.jobs import plan_clock
from maturity.jobs.nightly import wind

bp = Blueprint("certification", __name__)
bp.record_once(lambda state: wind(state, "plan_certification_clock", plan_clock))
