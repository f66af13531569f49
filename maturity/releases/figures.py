"""The figures of a release from a frozen result: scores, rates of the enterprise, and criteria that are met or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.benchmarks.definitions import criteria, criteria_of, names_read, rates, scores
from maturity.editions.models import EditionRecord
from maturity.editions.service import current_edition, framework_by_hash
from maturity.questionnaires.model import Facts
from maturity.questionnaires.values import from_json
from maturity.releases.frozen import Names

TOTALS = ("capability", "outcome")
_PLACES = 2


@dataclass(frozen=True, slots=True)
class Figures:
    """Which figures a framework has by its current edition; a result is read by the edition it was made with."""

    current: Framework
    editions: Mapping[str, Framework]

    @classmethod
    def of(cls, session: Session, framework: str) -> Figures:
        stored = session.scalars(select(EditionRecord.sha256).where(EditionRecord.framework == framework))
        known = {sha256: framework_by_hash(session, sha256) for sha256 in stored}
        return cls(known[current_edition(session, framework)], known)

    @property
    def names(self) -> Names:
        return Names((*scores(self.current), *sorted(rates(self.current))), tuple(sorted(criteria(self.current))))

    def of_document(self, document: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, bool]]:
        """Values from 0 to 100 and criteria of one result; what does not apply to the enterprise is not there."""
        framework = self.editions[document["edition"]["sha256"]]
        facts = _facts(framework, document["facts"])
        met = criteria_of(framework, document["profile"], facts)
        return self._values(document, framework, facts), {name: bool(held) for name, held in met.items() if held >= 0}

    def _values(self, document: Mapping[str, Any], framework: Framework, facts: Facts) -> dict[str, float]:
        score = document["score"]
        found: dict[str, float] = {}
        for name in scores(self.current):
            given = score[name] if name in TOTALS else score["dimensions"].get(name)
            if given is not None:
                found[name] = float(given["rounded"])
        for name, rate in rates(framework).items():
            if (value := rate.of(facts)) is not None:
                found[name] = float(round(value, _PLACES))
        return found


def _facts(framework: Framework, data: Mapping[str, Any]) -> Facts:
    """Of the facts of a result those that a figure reads: to parse all of them would take most of the time."""
    known = framework.edition.facts
    return {name: from_json(known[name], data[name]) for name in _read(framework) if name in data}


@cache
def _read(framework: Framework) -> tuple[str, ...]:
    """The facts that figures read."""
    read = {name for rule in criteria(framework).values() for name in names_read(rule)}
    read |= {name for rate in rates(framework).values() for name in (rate.part, rate.whole)}
    return tuple(sorted(read))
