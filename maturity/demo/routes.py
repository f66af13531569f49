"""Browsing the synthetic enterprises."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from maturity.demo.catalogue import Filters, find_enterprises
from maturity.extensions import db
from maturity.reference.industries import industries
from maturity.reference.regions import provinces
from maturity.web.access import public

bp = Blueprint("demo", __name__)


@bp.get("/demonstration")
@public
def catalogue() -> ResponseReturnValue:
    filters = Filters.of(request.args)
    found = find_enterprises(db.session(), filters)
    divisions = [item for item in industries().values() if len(item.code) == 2 and item.section == "C"]
    return render_template(
        "demo/catalogue.html", filters=filters, found=found, divisions=divisions, provinces=provinces()
    )
