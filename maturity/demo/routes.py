"""Browsing the synthetic enterprises."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from maturity.demo.catalogue import LEVELS, Filters, divisions, find_enterprises
from maturity.demo.certification import STANDINGS_JOB
from maturity.demo.jobs import make_demonstration, set_standings
from maturity.demo.profiles import PERIODS
from maturity.extensions import db
from maturity.jobs.routes import HANDLERS
from maturity.reference.regions import provinces
from maturity.web.access import public
from maturity.web.filters import SIZE_NAMES

bp = Blueprint("demo", __name__)
HANDLERS["demonstration"] = make_demonstration
HANDLERS[STANDINGS_JOB] = set_standings


@bp.get("/demonstration")
@public
def catalogue() -> ResponseReturnValue:
    filters = Filters.of(request.args)
    found = find_enterprises(db.session(), filters)
    return render_template(
        "demo/catalogue.html",
        filters=filters,
        found=found,
        divisions=divisions(),
        provinces=provinces(),
        sizes=SIZE_NAMES,
        periods=tuple(reversed(PERIODS)),
        levels=LEVELS,
    )
