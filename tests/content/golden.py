"""The golden scenarios: an enterprise, its facts, and what an expert works out for it with a pocket calculator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maturity.adaptive.profile import build_profile
from maturity.content import ContentError, Problem, Reader, read_yaml
from maturity.questionnaires.model import Edition, FactValue
from maturity.questionnaires.values import parse
from tests.content.arithmetic import Sum, WrongSum, work_out

FOLDER = Path(__file__).parent / "scenarios"
OUT = "does not apply"
_GATE = re.compile(r"(\w+) >= (\S+)")


@dataclass(frozen=True, slots=True)
class GateExpected:
    """One gate as the scenario states it: `S >= 50: stops`."""

    level: int
    dimension: str
    threshold: Sum
    passes: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come out; a sum of None stands for a part that does not apply."""

    asked: Sum
    findings: Mapping[str, str]  # rule -> severity
    absent: frozenset[str]  # indicators that apply, count zero and keep their weight
    not_applicable: frozenset[str]  # indicators whose weight goes to their siblings
    groups: Mapping[str, Sum | None]
    dimensions: Mapping[str, Sum | None]
    capability: Sum
    outcome: Sum
    level: int
    stage: str
    gates: tuple[GateExpected, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    path: Path
    slug: str
    name: str
    enterprise: Mapping[str, Any]
    period: int
    raw_facts: Mapping[str, Any]
    expected: Expected

    @property
    def id(self) -> str:
        return self.path.stem

    def profile(self) -> dict[str, Any]:
        return build_profile(self.enterprise)

    def facts(self, edition: Edition) -> dict[str, FactValue]:
        values = {name: parse(edition.facts[name], raw) for name, raw in self.raw_facts.items()}
        return {name: value for name, value in values.items() if value is not None}


def scenario_files() -> tuple[Path, ...]:
    return tuple(sorted(FOLDER.glob("*/*/*.yaml")))


def read_scenario(path: Path) -> Scenario:
    """Read one file; a `ContentError` lists every unknown key, missing key and wrong sum."""
    problems: list[Problem] = []
    reader = Reader.of(read_yaml(path, path.name), path.name, "", problems)
    scenario = Scenario(
        path=path,
        slug=f"{path.parent.parent.name}/{path.parent.name}",
        name=reader.string("name"),
        enterprise=reader.mapping("enterprise"),
        period=reader.integer("period"),
        raw_facts=reader.mapping("facts"),
        expected=_expected(Reader.of(reader.require("expect"), path.name, "expect", problems)),
    )
    reader.finish()
    if problems:
        raise ContentError(problems)
    return scenario


def _expected(reader: Reader) -> Expected:
    expected = Expected(
        asked=_sum(reader, "asked", reader.require("asked")),
        findings={rule: str(severity) for rule, severity in reader.mapping("findings").items()},
        absent=frozenset(_names(reader, "absent")),
        not_applicable=frozenset(_names(reader, "not_applicable")),
        groups=_sums(reader, "groups"),
        dimensions=_sums(reader, "dimensions"),
        capability=_sum(reader, "capability", reader.require("capability")),
        outcome=_sum(reader, "outcome", reader.require("outcome")),
        level=reader.integer("level"),
        stage=reader.string("stage"),
        gates=tuple(_gates(reader)),
    )
    reader.finish()
    return expected


def _names(reader: Reader, key: str) -> list[str]:
    reader.require(key)  # an empty list says that there is none, a missing one says nothing
    return [str(name) for name in reader.items(key, required=False)]


def _sum(reader: Reader, key: str, text: Any) -> Sum:
    try:
        return work_out(str(text))
    except WrongSum as error:
        reader.refuse(key, f"{error}.", "correct the sum.")
        return Sum(work_out("0").value, None)


def _sums(reader: Reader, key: str) -> dict[str, Sum | None]:
    return {
        name: None if text == OUT else _sum(reader, f"{key}.{name}", text) for name, text in reader.mapping(key).items()
    }


def _gates(reader: Reader) -> list[GateExpected]:
    gates = []
    for level, conditions in reader.mapping("gates").items():
        for condition, verdict in conditions.items():
            match = _GATE.fullmatch(condition)
            if match is None or verdict not in ("passes", "stops"):
                mend = "write it as `S >= 50: passes` or `stops`."
                reader.refuse(f"gates.{level}", f"{condition!r}: {verdict!r} is no gate.", mend)
                continue
            threshold = _sum(reader, f"gates.{level}", match[2])
            gates.append(GateExpected(int(level), match[1], threshold, verdict == "passes"))
    return gates
