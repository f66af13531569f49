"""The profile of an enterprise: what decides which questions apply, frozen at the start of an assessment."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from maturity.questionnaires.condition_parsing import PRODUCTION_TYPES
from maturity.reference.industries import industry, is_energy_intensive
from maturity.reference.regions import region
from maturity.reference.size import size_class

FLAGS = ("is_group", "designs_products", "exports")
KEYS = ("industry", "region", "headcount", "revenue", "production_type", *FLAGS)


class InvalidProfile(ValueError):
    """The enterprise cannot be profiled; `field` names the part, `mend` says what to write."""

    def __init__(self, field: str, problem: str, mend: str) -> None:
        self.field = field
        super().__init__(f"enterprise.{field}: {problem} Mend: {mend}")


def build_profile(enterprise: Mapping[str, Any]) -> dict[str, Any]:
    """The profile of checked enterprise data; size and energy intensity are computed, never asked.

    `headcount` is persons, `revenue` 10,000 yuan of the last full year.
    """
    headcount = _number(enterprise, "headcount")
    revenue = _number(enterprise, "revenue")
    code = str(enterprise.get("industry", ""))
    if industry(code) is None:
        raise InvalidProfile("industry", f"{code!r} is not a code of GB/T 4754.", 'write a division such as "34".')
    if region(str(enterprise.get("region", ""))) is None:
        raise InvalidProfile("region", "is not a code of GB/T 2260.", 'write six digits such as "370100".')
    kind = enterprise.get("production_type")
    if kind not in PRODUCTION_TYPES:
        raise InvalidProfile("production_type", f"{kind!r} is not known.", f"use one of {', '.join(PRODUCTION_TYPES)}.")
    profile = {
        "production_type": kind,
        "size": size_class(int(headcount), revenue),
        "industry": code,
        "region": str(enterprise["region"]),
        "energy_intensive": is_energy_intensive(code),
        "headcount": int(headcount),
        "revenue": str(revenue.normalize().to_integral() if revenue == revenue.to_integral() else revenue.normalize()),
    }
    return profile | {flag: _flag(enterprise, flag) for flag in FLAGS}


def _number(enterprise: Mapping[str, Any], key: str) -> Decimal:
    try:
        value = Decimal(str(enterprise.get(key)))
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < 0:
        raise InvalidProfile(key, f"{enterprise.get(key)!r} is not a number.", "write digits, such as 320.")
    return value


def _flag(enterprise: Mapping[str, Any], key: str) -> bool:
    value = enterprise.get(key, False)
    if not isinstance(value, bool):
        raise InvalidProfile(key, f"{value!r} is neither true nor false.", "write true or false.")
    return value
