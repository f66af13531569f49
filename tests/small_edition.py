"""A small edition in one bundle, small enough to answer in every way: a branch, two dimensions, gates of every kind."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from maturity.adaptive.framework import Framework, parse_framework
from maturity.questionnaires.model import Facts

DAY = "2020-01-01"
CHOICES = ("none", "some", "all")


def text(words: str) -> dict[str, str]:
    return {"zh": words, "en": words}


def _fact(name: str) -> dict[str, Any]:
    options = [{"id": option, "zh": option, "en": option} for option in CHOICES]
    return {"id": name, "type": "choice", "label": text(name), "options": options}


def _question(name: str, requires: dict[str, Any] | None) -> dict[str, Any]:
    words = {key: text(f"{name} {key}") for key in ("wording", "definition", "why", "decides", "evidence")}
    question = {"id": name, "section": "all", "facts": [name], "widget": "single", "provenance": "I", **words}
    return question | ({"requires": requires} if requires else {})


def _indicator(name: str, parent: str, weight: int, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "parent": parent,
        "title": text(name),
        "definition": text(name),
        "unit": "%",
        "weight": weight,
        "rule": "choice@1",
        "facts": {"answer": name},
        "provenance": "I",
        **more,
    }


def _parameter(name: str, value: str) -> dict[str, Any]:
    words = {"title": text(name), "rationale": text(name), "reference": "none", "provenance": "I"}
    return {"id": name, "unit": "score", "values": {DAY: value}, **words}


def _part(name: str, weight: int, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": text(name), "weight": weight, **more}


def _level(number: int, *gates: dict[str, Any]) -> dict[str, Any]:
    level = {"level": number, "id": f"level_{number}", "title": text(f"L{number}"), "description": text("level")}
    return level | ({"gates": list(gates)} if gates else {})


def bundle() -> dict[str, Any]:
    """Five questions; `deep` is asked only when `tools` is not none, `deeper` only when `deep` is all."""
    names = ("tools", "deep", "deeper", "plan", "people")
    requires = {
        "deep": {"fact": "tools", "at_least": "some"},
        "deeper": {"fact": "deep", "at_least": "all"},
    }
    return {
        "manifest": {
            "framework": "small",
            "edition": "1",
            "status": "draft",
            "valid_from": DAY,
            "title": text("Small"),
            "basis": text("Made up"),
            "sections": [{"id": "all", "title": text("All"), "purpose": text("All"), "questions": list(names)}],
        },
        "facts": {name: _fact(name) for name in names},
        "questions": {name: _question(name, requires.get(name)) for name in names},
        "indicators": {
            "tools": _indicator("tools", "A.x", 2),
            "deep": _indicator("deep", "A.x", 1),
            "deeper": _indicator("deeper", "A.y", 1),
            "plan": _indicator("plan", "B.x", 1),
            "people": _indicator("people", "B.x", 2, waiver="none"),
        },
        "parameters": {
            name: _parameter(name, value)
            for name, value in (("forty", "40"), ("half", "1/2"), ("two", "2"), ("seventy", "70"))
        },
        "plausibility": {},
        "scoring": {
            "dimensions": [
                _part("A", 3, role="capability", purpose=text("A"), children=[_part("A.x", 2), _part("A.y", 1)]),
                _part("B", 2, role="capability", purpose=text("B"), children=[_part("B.x", 1)]),
            ],
            "sets": [{"id": "key", "title": text("Key"), "indicators": ["tools", "plan", "people"]}],
            "levels": [
                _level(1),
                _level(2, {"dimension": "A", "at_least": "forty"}, {"dimension": "B", "at_least": "forty"}),
                _level(
                    3, {"count": "key", "value": "half", "at_least": "two"}, {"indicator": "deep", "at_least": "forty"}
                ),
                _level(4, {"total": "capability", "more_than": "seventy"}),
            ],
        },
    }


def small_framework() -> Framework:
    return parse_framework(bundle())


def sheets(names: tuple[str, ...]) -> Iterator[Facts]:
    """Every way to answer these facts."""
    for chosen in itertools.product(CHOICES, repeat=len(names)):
        yield dict(zip(names, chosen, strict=True))
