"""The numbers of registers and supervision, from supervision.yaml. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("supervision.yaml")


@dataclass(frozen=True, slots=True)
class Rules:
    """The figures that supervision.yaml explains one by one."""

    least: int
    share_step: int
    days_step: int
    recheck_days: int
    recheck_days_at_most: int
    sample_at_most: int
    surveillance_soon_days: int


@cache
def rules() -> Rules:
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return Rules(**{name: data[name]["value"] for name in Rules.__dataclass_fields__})
