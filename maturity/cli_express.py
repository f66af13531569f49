"""What `express` and `express-calibration` show: reports with stable keys for programs, lines for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np

from maturity.adaptive.calibrations import Measured, Stored, calibration_for, parse_calibration, path_for
from maturity.adaptive.calibrations import written_calibration as written
from maturity.adaptive.express import Estimate, Uncalibrated, estimate
from maturity.adaptive.framework import Framework
from maturity.cli_input import Case, WrongUse
from maturity.cli_messages import message
from maturity.editions.service import canonical, digest
from maturity.express_calibration import make_calibration

#: Of a measurement: most of the full path, least agreement, most distance of what is claimed from what came true.
MOST_ASKED, LEAST_AGREED, MOST_OFF = 0.30, 0.98, 0.02
#: Two calibrations are the same if no number differs by more: processors add in different orders.
SAME = 1e-6


def express_report(framework: Framework, case: Case, on: date, lang: str) -> dict[str, Any]:
    """The estimate; `WrongUse` where the edition has no calibration."""
    try:
        stored = calibration_for(framework, edition_hash(framework))
    except Uncalibrated as error:
        raise WrongUse(message("uncalibrated", lang, name=framework.edition.slug, why=error)) from error
    found = estimate(framework, stored.calibration, case.profile, case.facts, on)
    return {
        "edition": framework.edition.slug,
        "standing": "estimate",
        "level": found.level,
        "stage": framework.level_title(found.level).to(lang),
        "probability": round(found.probability, 4),
        "probabilities": {str(level): round(share, 4) for level, share in found.probabilities.items()},
        "possible": list(found.bounds.levels),
        "answered": found.answered,
        "certain": found.is_certain,
        "over": found.is_over,
        "next": _next(found, lang),
        "calibration": {
            "made_on": stored.calibration.made_on.isoformat(),
            "size": stored.calibration.size,
            "agreed": stored.measured.agreed,
        },
    }


def _next(found: Estimate, lang: str) -> dict[str, str] | None:
    if found.question is None:
        return None
    return {"question": found.question.id, "wording": found.question.wording.to(lang)}


def edition_hash(framework: Framework) -> str:
    """The hash by which the edition is stored and named."""
    return digest(canonical(framework.bundle))


def express_lines(report: dict[str, Any], lang: str) -> Iterator[str]:
    lowest, highest = report["possible"]
    percent = round(100 * report["probability"])
    yield message("express_level", lang, **{**report, "percent": percent, "lowest": lowest, "highest": highest})
    if report["certain"]:
        yield message("express_certain", lang)
    elif report["over"]:
        yield message("express_sure", lang)
    if report["next"]:
        yield message("express_next", lang, **report["next"])


def calibration_report(framework: Framework, held_out: int, today: date, *, write: bool) -> dict[str, Any]:
    """Make it, measure it, compare it with the one that is kept, and keep it where that is asked for."""
    made = make_calibration(framework, edition_hash(framework), today, held_out=held_out)
    is_same = _is_kept(framework, made)
    meets = meets_aims(made.measured)
    if write:
        path_for(framework).write_text(written(made), "utf-8")
    measured = made.measured
    return {
        "edition": framework.edition.slug,
        "size": made.calibration.size,
        "population": measured.population,
        "questions": round(measured.questions, 1),
        **{name: round(getattr(measured, name), 4) for name in ("asked", "agreed", "above", "stated")},
        "same": is_same,
        "written": write,
        "meets_aims": meets,
        "good": meets and (is_same or write),
    }


def meets_aims(measured: Measured) -> bool:
    is_short = measured.asked <= MOST_ASKED and measured.agreed >= LEAST_AGREED
    return is_short and abs(measured.stated - measured.agreed) <= MOST_OFF


def _is_kept(framework: Framework, made: Stored) -> bool:
    path = path_for(framework)
    if not path.is_file():
        return False
    kept, new = parse_calibration(json.loads(path.read_text("utf-8"))).calibration, made.calibration
    if (kept.edition_sha256, kept.indicators, kept.size) != (new.edition_sha256, new.indicators, new.size):
        return False
    pairs = ((kept.mean, new.mean), (kept.covariance, new.covariance))
    return all(bool(np.all(np.abs(one - other) <= SAME)) for one, other in pairs)


def calibration_lines(report: dict[str, Any], lang: str) -> Iterator[str]:
    shares = {name: f"{100 * report[name]:.1f}" for name in ("asked", "agreed", "above", "stated")}
    yield message("express_measured", lang, **{**report, **shares})
    if report["written"]:
        yield message("express_written", lang)
    else:
        yield message("express_same" if report["same"] else "express_other", lang)
    if not report["meets_aims"]:
        yield message("express_missed", lang)
