"""The record of processing: activities from one data file, terms from the very classes that the nightly job applies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from maturity.content import read_yaml
from maturity.questionnaires.model import Text
from maturity.rights.retention import CLASSES, Class

FILE = Path(__file__).with_name("processing.yaml")


@dataclass(frozen=True, slots=True)
class Activity:
    """One use of personal data."""

    id: str
    purpose: Text
    whose: Text
    data: Text
    ground: Text
    recipients: Text
    classes: tuple[Class, ...]


@cache
def activities() -> tuple[Activity, ...]:
    """Every activity, in the file's order; one that names an unknown class is a `KeyError`."""
    raw: list[dict[str, Any]] = read_yaml(FILE, FILE.name)["activities"]
    return tuple(
        Activity(
            id=given["id"],
            classes=tuple(CLASSES[name] for name in given["classes"]),
            **{name: Text.of(given[name]) for name in ("purpose", "whose", "data", "ground", "recipients")},
        )
        for given in raw
    )
