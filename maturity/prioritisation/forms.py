"""What is typed to put areas in order: shares and importances by the headings of the enterprise's own tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from flask_babel import gettext as _

from maturity.prioritisation.areas import BANDS
from maturity.prioritisation.service import DEFAULT_HORIZON, DEFAULT_WANTED, Choices
from maturity.prioritisation.tables import LANGUAGES
from maturity.scoring.prioritisation import HORIZONS

_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6})?")
MOST_WANTED = 16


def plain(value: Fraction, places: int = 4) -> str:
    """A number as people write it, rounded where it does not end.

    >>> plain(Fraction(3)), plain(Fraction(1, 4)), plain(Fraction(1, 3))
    ('3', '0.25', '0.3333')
    """
    scaled = round(value * 10**places)
    text = f"{scaled // 10**places}.{scaled % 10**places:0{places}d}"
    return text.rstrip("0").rstrip(".")


@dataclass(slots=True)
class Entry:
    """One field: a heading of a table and what is typed for it."""

    id: str
    label: str
    typed: str = ""
    error: str = ""


@dataclass(slots=True)
class ChoicesForm:
    """As drawn and as sent back; `errors` are told at the fields, `general` above them."""

    costs: list[Entry]
    kpis: list[Entry]
    horizon: str = DEFAULT_HORIZON
    wanted: Entry = field(default_factory=lambda: Entry("wanted", "", str(DEFAULT_WANTED)))
    horizon_error: str = ""
    costs_error: str = ""
    kpis_error: str = ""

    @classmethod
    def of(cls, costs: Sequence[str], kpis: Sequence[str], saved: Choices | None = None) -> ChoicesForm:
        """The fields for these headings, filled with what was chosen before."""
        form = cls(_entries("cost", costs), _entries("kpi", kpis))
        if saved is not None:
            form.horizon, form.wanted.typed = saved.horizon, str(saved.wanted)
            for entries, values in ((form.costs, saved.cost_shares), (form.kpis, saved.importances)):
                for entry in entries:
                    entry.typed = plain(values[entry.label], 6)
        return form

    def fill(self, given: Mapping[str, str]) -> Choices | None:
        """What was sent, kept as typed; None where a field cannot be read."""
        for entry in (*self.costs, *self.kpis, self.wanted):
            entry.typed = given.get(entry.id, "").strip()[:20]
        self.horizon = given.get("horizon", "")
        numbers = {entry.id: _number(entry) for entry in (*self.costs, *self.kpis)}
        if not (
            self.wanted.typed.isascii() and self.wanted.typed.isdecimal() and 1 <= int(self.wanted.typed) <= MOST_WANTED
        ):
            self.wanted.error = _("Enter a whole number from 1 to 16.")
        if self.horizon not in HORIZONS:
            self.horizon_error = _("Choose a horizon.")
        if self.errors:
            return None
        choices = Choices(
            self.horizon,
            int(self.wanted.typed),
            {entry.label: numbers[entry.id] for entry in self.costs},
            {entry.label: numbers[entry.id] for entry in self.kpis},
        )
        self._check_sums(choices)
        return None if self.errors else choices

    def _check_sums(self, choices: Choices) -> None:
        total = sum(choices.cost_shares.values(), Fraction(0))
        if total != 100:
            self.costs_error = _("The shares come to %(total)s %%. They must come to 100 %%.", total=plain(total, 6))
        if not any(choices.importances.values()):
            self.kpis_error = _("Give at least one KPI more than 0.")

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Every message with the field it belongs to, as they stand on the page."""
        found = [("horizon", self.horizon_error)]
        found += [
            ("costs", self.costs_error),
            *((entry.id, f"{entry.label}{_(': ')}{entry.error}" if entry.error else "") for entry in self.costs),
        ]
        found += [
            ("kpis", self.kpis_error),
            *((entry.id, f"{entry.label}{_(': ')}{entry.error}" if entry.error else "") for entry in self.kpis),
        ]
        found.append((self.wanted.id, self.wanted.error))
        return [(name, message) for name, message in found if message]


def _entries(prefix: str, labels: Sequence[str]) -> list[Entry]:
    return [Entry(f"{prefix}-{index}", label) for index, label in enumerate(labels)]


def _number(entry: Entry) -> Fraction:
    if _NUMBER.fullmatch(entry.typed):
        return Fraction(entry.typed)
    entry.error = _("Enter a number from 0 on, such as 12.5.")
    return Fraction(0)


def read_descriptors(given: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The texts of one area as typed: band, then language."""
    return {
        str(band): {language: given.get(f"{language}-{band}", "").strip() for language in LANGUAGES} for band in BANDS
    }
