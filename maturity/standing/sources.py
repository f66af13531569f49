"""What stands under every figure: release, period, population, how many, and what is made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maturity.benchmarks.models import BenchmarkRelease
from maturity.benchmarks.words import ONCE
from maturity.questionnaires.model import Text
from maturity.standing.peer_groups import group_words

if TYPE_CHECKING:
    from maturity.standing.place import Place

SYNTHETIC = Text("合成演示数据，非真实企业", "synthetic demonstration data, no real enterprises")


def number_of(release: BenchmarkRelease) -> str:
    """What a release is cited by: framework, period, and the beginning of its hash.

    >>> number_of(BenchmarkRelease(framework="lianghua", period=2025, sha256="ab12cd34ef"))
    'lianghua-2025-AB12CD34'
    """
    return f"{release.framework}-{release.period}-{(release.sha256 or '')[:8].upper()}"


def source_line(place: Place, *, with_period: bool = True) -> Text:
    """Population, how many, period, the part reviewed and the release.

    Quantiles and shares are rounded, so that nobody can be recognised; the rules are on a page of their own.
    """
    cell, release = place.shown, place.release
    population = group_words(cell.key, cell.contributors)
    zh, en = [f"同行：{population.zh}（{ONCE.zh}）"], [f"Peers: {population.en} ({ONCE.en})"]
    if with_period:
        zh.append(f"{release.period} 年数据")
        en.append(f"data of {release.period}")
    if cell.reviewed is not None:
        zh.append(f"约 {cell.reviewed}% 经过审核")
        en.append(f"about {cell.reviewed} % reviewed")
    zh.append(f"发布编号 {number_of(release)}")
    en.append(f"release {number_of(release)}")
    if release.is_synthetic:
        zh.append(SYNTHETIC.zh)
        en.append(SYNTHETIC.en)
    return Text("；".join(zh), "; ".join(en))
