"""What `calibrate` shows of a calibration: lines for people, a report with stable keys for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from maturity.adaptive.framework import Framework
from maturity.questionnaires.model import Text
from maturity.questionnaires.values import decimal_text

if TYPE_CHECKING:
    from maturity.calibration import Calibration
    from maturity.scoring.sensitivity import Effect

DEFAULT_COUNT = 10_400
LEAST_COUNT, MOST_COUNT = 400, 100_000
SHOWN = 15
_HEAD = Text(
    "合成总体 {count} 家，报告期 {period}，种子 {seed}。合成数据，非真实企业。",
    "Synthetic population of {count}, period {period}, seed {seed}. No real enterprises.",
)
_LEVEL = Text("  {level} {title}：{count} 家，{share:.1f}%", "  {level} {title}: {count}, {share:.1f} %")
_ANCHOR = Text(
    "后两个阶段合计 {share:.1f}%（锚点 14%–25%）：{verdict}",
    "Two upper stages: {share:.1f} % (anchor 14–25 %): {verdict}",
)
_VERDICT = {True: Text("在锚点之内", "within the anchor"), False: Text("超出锚点", "outside the anchor")}
_DIMENSION = Text(
    "  {title}：下四分位 {low:.1f}，中位数 {middle:.1f}，上四分位 {high:.1f}",
    "  {title}: lower quartile {low:.1f}, median {middle:.1f}, upper quartile {high:.1f}",
)
_WEIGHTS = Text(
    "影响最大的权重（加倍或减半后换阶段的企业数）：",
    "Weights that decide most (enterprises that change stage):",
)
_GATES = Text("门槛移动的影响：", "Gates moved:")
_EFFECT = Text(
    "  {title} {change}：上升 {up}，下降 {down}，后两个阶段 {share:.1f}%",
    "  {title} {change}: {up} up, {down} down, upper {share:.1f} %",
)


def calibration_report(found: Calibration) -> dict[str, Any]:
    """Keys: period, enterprises, seed, levels, upper_share, within_anchor, dimensions, weights, gates."""
    return {
        "period": found.period,
        "enterprises": found.enterprises,
        "seed": found.seed,
        "levels": {str(level): count for level, count in found.levels.items()},
        "upper_share": round(float(found.upper_share), 4),
        "within_anchor": found.is_within_anchor,
        "dimensions": {name: [round(part, 2) for part in parts] for name, parts in found.dimensions.items()},
        "weights": [_effect(effect) for effect in found.weights],
        "gates": [_effect(effect) for effect in found.gates],
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "name": effect.name,
        "change": str(effect.change),
        "up": effect.up,
        "down": effect.down,
        "upper": effect.upper,
    }


def calibration_lines(framework: Framework, found: Calibration, lang: str) -> Iterator[str]:
    """The shares, the quartiles, and what moves most."""
    yield _HEAD.to(lang).format(count=found.enterprises, period=found.period, seed=found.seed)
    for level, count in found.levels.items():
        title = framework.levels[level].title.to(lang)
        yield _LEVEL.to(lang).format(level=level, title=title, count=count, share=100 * count / found.enterprises)
    verdict = _VERDICT[found.is_within_anchor].to(lang)
    yield _ANCHOR.to(lang).format(share=100 * float(found.upper_share), verdict=verdict)
    for name, (low, middle, high) in found.dimensions.items():
        yield _DIMENSION.to(lang).format(title=framework.title(name).to(lang), low=low, middle=middle, high=high)
    yield _WEIGHTS.to(lang)
    yield from (_line(framework, effect, found, lang) for effect in found.weights[:SHOWN])
    yield _GATES.to(lang)
    yield from (_line(framework, effect, found, lang) for effect in found.gates)


def _line(framework: Framework, effect: Effect, found: Calibration, lang: str) -> str:
    if effect.kind == "gate":
        title = framework.parameters[effect.name].title.to(lang)
        change = f"{decimal_text(effect.change)}" if effect.change < 0 else f"+{decimal_text(effect.change)}"
    else:
        title, change = framework.title(effect.name).to(lang), f"×{decimal_text(effect.change)}"
    share = 100 * effect.upper / found.enterprises
    return _EFFECT.to(lang).format(title=title, change=change, up=effect.up, down=effect.down, share=share)
