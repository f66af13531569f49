"""For everybody: released benchmarks of nation and provinces, their rules and definitions, and how to object."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from maturity.assessments.models import FRAMEWORK
from maturity.benchmarks.parameters import load_parameters
from maturity.benchmarks.queries import latest, published
from maturity.errors import NotFound
from maturity.extensions import db
from maturity.standing.blueprint import bp
from maturity.standing.files import csv_text, download
from maturity.standing.measures import CRITERION, catalogue
from maturity.standing.objections import ANSWER_WITHIN, MOST_OPEN, RAISED_WITHIN
from maturity.standing.released import (
    cited,
    framework_of,
    level_words,
    release_label,
    released,
    rows_of,
)
from maturity.standing.rules import rules_of
from maturity.standing.sources import number_of
from maturity.standing.words import UNITS
from maturity.web.access import public
from maturity.web.locale import current_locale

LEVELS = "levels"


def _asked() -> int | None:
    """The release in the address."""
    return request.args.get("release", type=int)


@bp.get("/benchmarks")
@public
def benchmarks() -> ResponseReturnValue:
    """One measure at a time over nation and provinces, so that it can be read on a phone."""
    session = db.session()
    found = released(session, _asked())
    if found is None:
        return render_template("standing/nothing_released.html")
    measures = {item.id: item for item in catalogue(found.framework)}
    name = request.args.get("measure", "capability")
    return render_template(
        "standing/benchmarks.html",
        found=found,
        releases=[one for one in published(session) if one.framework == FRAMEWORK],
        measures=measures,
        measure=measures.get(name) if name != LEVELS else None,
        name=name if name in measures or name == LEVELS else "capability",
        criterion=CRITERION,
        level_words=level_words,
        release_label=release_label,
        number_of=number_of,
        citation=cited(found.release, current_locale()),
    )


@bp.get("/benchmarks.csv")
@public
def benchmarks_csv() -> ResponseReturnValue:
    found = released(db.session(), _asked())
    if found is None:
        raise NotFound("benchmark_release")
    rows = rows_of(found, current_locale())
    return download(csv_text(rows), "text/csv", f"{number_of(found.release)}-open.csv")


@bp.get("/benchmarks/rules")
@public
def rules() -> ResponseReturnValue:
    """Generated from the parameters, so that it cannot be out of date."""
    release = latest(db.session(), FRAMEWORK)
    parameters = load_parameters()
    words = {"rules": rules_of(parameters), "parameters": parameters, "release": release, "units": UNITS}
    return render_template("standing/rules.html", **words)


@bp.get("/benchmarks/definitions")
@public
def definitions() -> ResponseReturnValue:
    measures = catalogue(framework_of(db.session()))
    return render_template("standing/definitions.html", measures=measures, count_step=load_parameters().count_base)


@bp.get("/benchmarks/objections")
@public
def objection_rules() -> ResponseReturnValue:
    words = {"days": ANSWER_WITHIN, "most": MOST_OPEN, "within": RAISED_WITHIN.days}
    return render_template("standing/objection_rules.html", **words)
