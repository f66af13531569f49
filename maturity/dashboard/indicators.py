"""What the dashboard shows of a cell: scores, rates of enterprises, and shares of enterprises that meet a criterion.

The kinds never mix: the median of an enterprise rate and a share of enterprises are different things in percent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from maturity.adaptive.framework import Framework
from maturity.benchmarks.definitions import SHARE, Definition, definitions
from maturity.benchmarks.parameters import CURRENT, Parameters, load_parameters
from maturity.benchmarks.queries import Cell
from maturity.content import ContentError
from maturity.questionnaires.model import Text

SCORE, RATE = "score", "rate"
KIND_WORDS: Mapping[str, Text] = {
    SCORE: Text("得分（0–100），中位数", "Score (0–100), median"),
    RATE: Text("企业比率（%），中位数", "Enterprise rate (%), median"),
    SHARE: Text("达标企业占比（%）", "Share of enterprises meeting it (%)"),
}
UNITS: Mapping[str, str] = {SCORE: "", RATE: "%", SHARE: "%"}
CAPABILITY = "capability"
#: The key indicators, in their order; whatever else a framework has follows.
KEY = (
    CAPABILITY, "outcome", "cnc_rate", "rd_tools", "erp", "ecommerce", "management_control_integration",
    "production_supply_sales_integration", "smart_ready",
)  # fmt: skip
#: Indicators that the nation publishes under the same definition, and its series; the populations differ all the same.
NATIONAL: Mapping[str, str] = {
    "cnc_rate": "cnc_rate",
    "equipment_digital_rate": "equipment_digital_rate",
    "rd_tools": "rd_tool_rate",
    "platform_use": "platform_rate",
    "network_collaboration": "network_collaboration",
    "service_manufacturing": "service_manufacturing",
    "customisation": "customisation",
    "smart_ready": "smart_ready",
}


@dataclass(frozen=True, slots=True)
class Indicator:
    """`figures` names the published national series that is defined alike; empty where there is none."""

    id: str
    kind: str
    title: Text
    definition: Text
    figures: str = ""

    @property
    def unit(self) -> str:
        return UNITS[self.kind]

    @property
    def is_quantile(self) -> bool:
        return self.kind != SHARE


def indicators_of(framework: Framework) -> Mapping[str, Indicator]:
    """Everything a release of the framework may say, the key indicators first."""
    found = {item.id: _indicator(item) for item in definitions(framework).values()}
    order = {name: place for place, name in enumerate(KEY)}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(KEY))))


def _indicator(item: Definition) -> Indicator:
    kind = SHARE if item.kind == SHARE else RATE if item.unit == "%" else SCORE
    return Indicator(item.id, kind, item.title, item.definition, NATIONAL.get(item.id, ""))


@dataclass(frozen=True, slots=True)
class Value:
    """One published value: a median with its quartiles, or a share; `step` is what it was rounded to."""

    value: int
    step: int
    q1: int | None = None
    q3: int | None = None

    def is_same(self, other: Value) -> bool:
        """Whether rounding may have made the difference.

        >>> Value(45, 1).is_same(Value(46, 2)), Value(45, 1).is_same(Value(46, 1)), Value(45, 5).is_same(Value(45, 5))
        (True, False, True)
        """
        return abs(self.value - other.value) < max(self.step, other.step)

    def is_below(self, other: Value) -> bool:
        return self.value < other.value and not self.is_same(other)


def value_of(indicator: Indicator, cell: Cell | None, rules: Parameters) -> Value | None:
    """What the cell says of the indicator; None where it is not published."""
    if cell is None:
        return None
    if not indicator.is_quantile:
        share = cell.shares.get(indicator.id)
        return None if share is None else Value(share, rules.share_base)
    grid = cell.quantiles.get(indicator.id)
    if grid is None:
        return None
    step = rules.fine_step if cell.contributors >= rules.fine_from else rules.coarse_step
    return Value(grid.median, step, grid.q1, grid.q3)


@lru_cache(maxsize=16)
def rules_of(version: str) -> Parameters:
    """The rules that a release was made under; those of today for one from before there were versions."""
    try:
        return load_parameters(version)
    except (FileNotFoundError, ContentError):
        return load_parameters(CURRENT)
