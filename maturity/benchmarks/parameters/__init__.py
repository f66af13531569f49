"""The versioned data of disclosure control: every threshold, with what it is called and why it is what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from maturity.content import ContentError, Problem, parse_yaml

FOLDER = Path(__file__).parent
CURRENT = "2026.1"
_TEXTS = ("zh", "en")
_KEYS = {"id", "rule", "value", "unit", "title", "why"}


@dataclass(frozen=True, slots=True)
class Described:
    """One threshold as it is shown to the reader of a release."""

    id: str
    rule: str
    value: int
    unit: str
    titles: Mapping[str, str]
    reasons: Mapping[str, str]

    def title(self, locale: str) -> str:
        return self.titles["zh" if locale.startswith("zh") else "en"]

    def why(self, locale: str) -> str:
        return self.reasons["zh" if locale.startswith("zh") else "en"]


@dataclass(frozen=True, slots=True)
class Parameters:
    """The thresholds of one version of the rules. Counts are of distinct ultimate groups (R0), parts are in percent."""

    least_groups: int
    largest_share: int
    least_for_quartiles: int
    least_for_deciles: int
    least_beside: int
    coarse_step: int
    fine_step: int
    fine_from: int
    count_base: int
    least_for_levels: int
    least_in_class: int
    largest_class: int
    least_for_shares: int
    share_base: int
    least_difference: int
    least_outside_coalition: int
    least_for_means: int
    least_in_release_for_means: int
    largest_for_means: int
    least_interval: int
    mean_places: int
    version: str
    sha256: str
    means: tuple[str, ...]
    described: tuple[Described, ...]


#: what is a number of the rules, and what a version says about itself
_ABOUT = ("version", "sha256", "means", "described")
_NAMES = tuple(item.name for item in fields(Parameters) if item.name not in _ABOUT)


@cache
def load_parameters(version: str = CURRENT) -> Parameters:
    """The rules of a version; `ContentError` says all that is wrong with the file."""
    path = FOLDER / f"{version}.yaml"
    text = path.read_text(encoding="utf-8")
    return parse_parameters(text, path.name)


def parse_parameters(text: str, file: str) -> Parameters:
    """Read and check a file of parameters: each number once, with both texts, none missing, none unknown, none odd."""
    data = parse_yaml(text, file)
    problems: list[Problem] = []
    found: dict[str, Described] = {}
    for row in data["parameters"]:
        name = str(row.get("id", ""))
        for message, mend in _wrong_with(row, name, found):
            problems.append(Problem(file, f"parameters.{name}", message, mend))
        if not problems:
            found[name] = Described(name, row["rule"], row["value"], row["unit"], row["title"], row["why"])
    for name in sorted(set(_NAMES) - set(found)) if not problems else ():
        problems.append(Problem(file, f"parameters.{name}", "is missing.", "state every threshold."))
    if not problems:
        problems = [Problem(file, "parameters", message, "let the rules fit.") for message in _odd(found)]
    if problems:
        raise ContentError(problems)
    return Parameters(
        **{name: found[name].value for name in _NAMES},
        version=str(data["version"]),
        sha256=sha256(text.encode("utf-8")).hexdigest(),
        means=tuple(data["means"]),
        described=tuple(found.values()),
    )


def _wrong_with(row: Mapping[str, Any], name: str, found: Mapping[str, Described]) -> list[tuple[str, str]]:
    wrong = []
    if set(row) != _KEYS:
        wrong.append((f"has other keys than {sorted(_KEYS)}.", "give each of them once."))
    elif name not in _NAMES:
        wrong.append(("is no threshold of the rules.", f"use one of {', '.join(_NAMES)}."))
    elif name in found:
        wrong.append(("stands twice.", "state it once."))
    elif type(row["value"]) is not int or row["value"] < 1:
        wrong.append((f"{row['value']!r} is not a whole number from 1 on.", "write a whole number."))
    elif any(set(row[key]) != set(_TEXTS) or not all(row[key].values()) for key in ("title", "why")):
        wrong.append(("lacks a text in one of the languages.", "write both."))
    return wrong


def _odd(found: Mapping[str, Described]) -> list[str]:
    """What single numbers cannot say: a weaker rule must not undo a stronger one."""
    value = {name: described.value for name, described in found.items()}
    needs = {
        "least_for_quartiles must leave least_beside below the lower quartile": 4 * value["least_beside"]
        <= value["least_for_quartiles"],
        "least_for_deciles must leave least_beside below the lowest decile": 10 * value["least_beside"]
        <= value["least_for_deciles"],
        "a cell of least_groups must be able to stand as a difference": value["least_difference"]
        >= value["least_groups"],
        "what a coalition leaves must be a cell": value["least_outside_coalition"] >= value["least_groups"],
        "means need no fewer groups than quartiles": value["least_for_means"] >= value["least_for_quartiles"],
        "a part is at most 100 percent": max(value["largest_share"], value["largest_class"]) <= 100,
        "the count base must not exceed least_groups": value["count_base"] <= value["least_groups"],
    }
    return [text + "." for text, is_met in needs.items() if not is_met]
