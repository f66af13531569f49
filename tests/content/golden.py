"""The golden scenarios: an enterprise, its facts, and what an expert works out for it with a pocket calculator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from maturity.adaptive.profile import build_profile
from maturity.content import ContentError, Problem, Reader, read_yaml
from maturity.questionnaires.model import Edition, FactValue
from maturity.questionnaires.values import parse
from tests.content.arithmetic import Sum, WrongSum, work_out

FOLDER = Path(__file__).parent / "scenarios"
OUT = "does not apply"
_GATE = re.compile(r"([\w.]+)(?: at (\S+))? (>=|>) (\S+)")
_VERDICT = re.compile(r"(?:(\S+) )?(passes|stops)")


@dataclass(frozen=True, slots=True)
class GateExpected:
    """One gate as the scenario states it: `S >= 50: stops`, `scenes at 3/4 >= 8: 7 stops`, `capability > 25: passes`.

    What is measured is named by its id; of a set that is counted, `at` says from which value on. The figure before the
    verdict is what was measured; it is needed where the scenario has no sum for it elsewhere.
    """

    level: int
    of: str
    least: Fraction | None
    exceed: bool
    threshold: Sum
    actual: Sum | None
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
    stages: Mapping[
        str, Sum | None
    ]  # of a model that passes stage after stage: how far each one's requirements are met

    def measured(self, gate: GateExpected) -> Fraction | None:
        """What the gate measures by the sums of the scenario; None where it does not apply or is not stated."""
        sums: dict[str, Sum | None] = {**self.dimensions, **self.stages, "capability": self.capability}
        total = gate.actual or sums.get(gate.of)
        return total.value if total else None


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
        stages=_sums(reader, "stages", required=False),
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


def _sums(reader: Reader, key: str, *, required: bool = True) -> dict[str, Sum | None]:
    return {
        name: None if text == OUT else _sum(reader, f"{key}.{name}", text)
        for name, text in reader.mapping(key, required=required).items()
    }


def _gates(reader: Reader) -> list[GateExpected]:
    gates = []
    for level, conditions in reader.mapping("gates").items():
        for condition, verdict in conditions.items():
            match, told = _GATE.fullmatch(condition), _VERDICT.fullmatch(str(verdict))
            if match is None or told is None:
                mend = "write it as `S >= 50: passes` or `stops`, a count as `scenes at 3/4 >= 8: 7 stops`."
                reader.refuse(f"gates.{level}", f"{condition!r}: {verdict!r} is no gate.", mend)
                continue
            key = f"gates.{level}"
            gates.append(
                GateExpected(
                    level=int(level),
                    of=match[1],
                    least=_sum(reader, key, match[2]).value if match[2] else None,
                    exceed=match[3] == ">",
                    threshold=_sum(reader, key, match[4]),
                    actual=_sum(reader, key, told[1]) if told[1] else None,
                    passes=told[2] == "passes",
                )
            )
    return gates
