"""What the summary page says in sentences: position, gates, where the points are, outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from maturity.questionnaires.model import Text
from maturity.results.charts import number
from maturity.results.view import DimensionView, Result

TOP = 5


@dataclass(frozen=True, slots=True)
class Finding:
    heading: Text
    sentence: Text


def findings_of(result: Result) -> tuple[Finding, ...]:
    """In the order a board asks: where do we stand, what stops us, where is it to be had, what came of it."""
    made = (_position(result), _gates(result), _room(result), _outcomes(result))
    return tuple(finding for finding in made if finding is not None)


def median_of(result: Result, metric: str) -> float | None:
    grid = result.comparison.metrics.get(metric) if result.comparison else None
    return float(grid.median) if grid else None


def _position(result: Result) -> Finding | None:
    median = median_of(result, "capability")
    if median is None:
        return None
    gap = float(result.capability) - median
    ahead = [item for item in result.capability_dimensions() if _is_ahead(result, item)]
    side = Text("高于", "above") if gap >= 0 else Text("低于", "below")
    zh = f"总分 {_one(result.capability)} 分，{side.zh}同行中位数 {_one(median)} 分（差 {_one(abs(gap))} 分）"
    en = (
        f"The score of {_one(result.capability)} is {_one(abs(gap))} points {side.en} the peer median of {_one(median)}"
    )
    if ahead:
        zh += "；" + "、".join(item.title.zh for item in ahead) + "达到或高于同行中位数"
        en += "; at or above the peers in " + _listed([item.title.en for item in ahead])
    else:
        zh += "；各维度均低于同行中位数"
        en += "; below the peers in every dimension"
    return Finding(Text("位置", "Position"), Text(zh + "。", en + "."))


def _is_ahead(result: Result, item: DimensionView) -> bool:
    median = median_of(result, item.id)
    return median is not None and item.score is not None and float(item.score) >= median


def _gates(result: Result) -> Finding:
    heading = Text("门槛", "Gates")
    above = next((rung for rung in result.ladder if not rung.reached), None)
    if above is None:
        return Finding(
            heading, Text("各道门槛均已通过，达到最高阶段。", "Every gate is passed: the highest stage is reached.")
        )
    missing = [gate for gate in above.gates if not gate.passed]
    zh = "、".join(f"{gate.dimension.zh}差 {_one(gate.gap)} 分" for gate in missing)
    en = _listed([f"{gate.dimension.en} is {_one(gate.gap)} points short" for gate in missing])
    return Finding(heading, Text(f"进入{above.title.zh}还需：{zh}。", f"Before {above.title.en}: {en}."))


def _room(result: Result) -> Finding | None:
    top = result.gaps(TOP)
    if not top:
        return None
    lost, still_open = sum(item.lost for item in top), 100 - result.capability
    share = round(100 * lost / still_open) if still_open else 0
    names = top[:3]
    return Finding(
        Text("空间", "Room"),
        Text(
            f"可提升空间最大的 {len(top)} 项指标合计 {_one(lost)} 分，占全部可提升分值的 {share}%，"
            f"依次为{'、'.join(item.title.zh for item in names)}等。",
            f"The {len(top)} indicators with most to be gained hold {_one(lost)} points, {share} % of all still open; "
            f"first {_listed([item.title.en for item in names])}.",
        ),
    )


def _outcomes(result: Result) -> Finding | None:
    shown = [item for item in result.outcome_dimensions() if item.score is not None]
    if not shown:
        return None
    zh = "、".join(f"{item.title.zh} {_one(item.score)}" for item in shown)
    en = _listed([f"{item.title.en} {_one(item.score)}" for item in shown])
    return Finding(
        Text("成效", "Outcomes"),
        Text(
            f"效能与效益 {_one(result.outcome)} 分（{zh}），与本企业上年相比得出，不影响阶段。",
            f"Outcomes score {_one(result.outcome)} ({en}), compared with the enterprise's own prior year; "
            "they do not decide the stage.",
        ),
    )


def _listed(items: list[str]) -> str:
    return ", ".join(items[:-1]) + " and " + items[-1] if len(items) > 1 else items[0]


def _one(value: Decimal | float | None) -> str:
    """One place, but two for what would show as 0.0 and is not."""
    shown = number(value)
    return str(round(Decimal(str(value)), 2)) if value and not float(shown) else shown
