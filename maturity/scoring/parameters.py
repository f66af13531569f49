"""Dated parameters: every number a score depends on, with unit, variants and reference; absence raises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction


class NoParameterValue(LookupError):
    """The parameter has no value on that date, or none for that variant."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number by date; from its date on a value holds until the next one."""

    id: str
    unit: str
    values: tuple[tuple[date, Fraction | Mapping[str, Fraction]], ...]  # ascending by date

    def value_on(self, day: date, variant: str) -> Fraction:
        """The value in force on `day`; `variant` is the production type, where the value depends on it.

        >>> full = Parameter("full", "%", ((date(2020, 1, 1), Fraction(90)),))
        >>> full.value_on(date(2025, 12, 31), "process")
        Fraction(90, 1)
        """
        in_force = [value for since, value in self.values if since <= day]
        if not in_force:
            raise NoParameterValue(f"{self.id} has no value on {day}")
        value = in_force[-1]
        if isinstance(value, Mapping):
            if variant not in value:
                raise NoParameterValue(f"{self.id} has no value for {variant}")
            return value[variant]
        return value

    def numbers(self) -> tuple[Fraction, ...]:
        """Every number it ever had, for every variant."""
        return tuple(
            number
            for _, value in self.values
            for number in (value.values() if isinstance(value, Mapping) else (value,))
        )
