"""The rules of disclosure control in words, each with its numbers from the versioned data: nothing is typed twice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from maturity.benchmarks.parameters import Described, Parameters
from maturity.content import parse_yaml
from maturity.questionnaires.model import Text

DATA = Path(__file__).with_name("rules.yaml")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule is called and does, with its thresholds and why they are what they are."""

    id: str
    title: Text
    text: Text
    parameters: tuple[Described, ...]


@cache
def _told() -> tuple[tuple[str, Text, Text], ...]:
    rows = parse_yaml(DATA.read_text(encoding="utf-8"), DATA.name)["rules"]
    return tuple((row["id"], Text(**row["title"]), Text(**row["text"])) for row in rows)


def rules_of(parameters: Parameters) -> tuple[Rule, ...]:
    """Every rule with its thresholds in that version."""
    return tuple(
        Rule(name, title, text, tuple(one for one in parameters.described if one.rule == name))
        for name, title, text in _told()
    )


def untold(parameters: Parameters) -> list[str]:
    """Thresholds whose rule nobody has put into words; the tests want none."""
    told = {name for name, _, _ in _told()}
    return [one.id for one in parameters.described if one.rule not in told]
