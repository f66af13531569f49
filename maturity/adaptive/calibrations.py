"""Calibrations of express as files: versioned data, each with its date, its population and how it was measured.

Numbers are whole multiples of a hundred-millionth, so that the file reads and compares the same everywhere. It belongs
to one edition by hash; another edition, even one with the same name, has none until one is made
(`python -m maturity express-calibration`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from maturity.adaptive.express import Calibration, Floats, Uncalibrated, require_calibrated
from maturity.adaptive.framework import Framework

FOLDER = Path(__file__).with_name("calibrations")
FORMAT = "maturity-express/1"
SCALE = 10**8


@dataclass(frozen=True, slots=True)
class Measured:
    """What express did on a population that the calibration has not seen; shares are 0..1, times in milliseconds.

    `asked` is the mean share of the full path; `agreed` how often the level was that of the full questionnaire, `above`
    how often a higher one; `stated` the mean probability that was claimed.
    """

    population: int
    seed: int
    questions: float
    asked: float
    agreed: float
    above: float
    stated: float


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A calibration with its seed and its measurement."""

    calibration: Calibration
    seed: int
    measured: Measured


@cache
def calibration_for(framework: Framework, edition_sha256: str) -> Stored:
    """The calibration of an edition; `Uncalibrated` where there is none that may be used."""
    path = path_for(framework)
    if not path.is_file():
        raise Uncalibrated(f"no calibration of {framework.edition.slug}")
    stored = parse_calibration(json.loads(path.read_text("utf-8")))
    require_calibrated(framework, stored.calibration, edition_sha256)
    return stored


def path_for(framework: Framework) -> Path:
    return FOLDER / f"{framework.edition.slug.replace('/', '-')}.json"


def parse_calibration(data: Mapping[str, Any]) -> Stored:
    """What a file says; `Uncalibrated` where it is of another format."""
    if data.get("format") != FORMAT:
        raise Uncalibrated(f"the calibration is not of the format {FORMAT}")
    indicators = tuple(data["indicators"])
    found = Calibration(
        edition_sha256=data["edition_sha256"],
        framework=data["framework"],
        source=data["source"],
        size=data["size"],
        period=data["period"],
        made_on=date.fromisoformat(data["made_on"]),
        sureness=data["sureness_percent"] / 100,
        indicators=indicators,
        mean=np.array(data["mean"], dtype=np.float64) / SCALE,
        covariance=_square(data["covariance"], len(indicators)),
    )
    return Stored(found, data["seed"], _measured(data["measured"]))


def _measured(data: Mapping[str, int]) -> Measured:
    shares = {name: data[name] / 10_000 for name in ("asked", "agreed", "above", "stated")}
    return Measured(data["population"], data["seed"], data["questions"] / 100, **shares)


def _square(rows: list[list[int]], size: int) -> Floats:
    """The whole matrix of its lower half."""
    found = np.zeros((size, size))
    for number, row in enumerate(rows):
        found[number, : number + 1] = row
    return np.asarray((found + np.tril(found, -1).T) / SCALE)


def written_calibration(stored: Stored) -> str:
    """The file: small keys first, then a line for each row of the lower half."""
    found = stored.calibration
    head = {
        "format": FORMAT,
        "framework": found.framework,
        "edition_sha256": found.edition_sha256,
        "source": found.source,
        "size": found.size,
        "seed": stored.seed,
        "period": found.period,
        "made_on": found.made_on.isoformat(),
        "sureness_percent": round(100 * found.sureness),
        "measured": _of_measured(stored.measured),
        "indicators": list(found.indicators),
        "mean": _whole(found.mean),
    }
    lines = [f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
    rows = ",\n".join(f"  {json.dumps(_whole(row[: number + 1]))}" for number, row in enumerate(found.covariance))
    return "{\n" + ",\n".join(lines) + ',\n "covariance": [\n' + rows + "\n ]\n}\n"


def _of_measured(measured: Measured) -> dict[str, int]:
    shares = {name: round(10_000 * getattr(measured, name)) for name in ("asked", "agreed", "above", "stated")}
    return {
        "population": measured.population,
        "seed": measured.seed,
        "questions": round(100 * measured.questions),
        **shares,
    }


def _whole(values: Floats) -> list[int]:
    return [int(value) for value in np.rint(values * SCALE)]
