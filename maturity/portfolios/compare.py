"""Two to six clients side by side: one chart of their capability, one table by dimension."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from statistics import fmean

from maturity.adaptive.framework import Framework
from maturity.portfolios.clients import Client
from maturity.questionnaires.model import Text
from maturity.results.charts import Scores, Table, number

FEWEST, MOST = 2, 6


def comparable(clients: Sequence[Client]) -> tuple[Client, ...]:
    """Those with a result, the highest capability first."""
    found = [client for client in clients if client.row is not None and client.row.capability is not None]
    return tuple(sorted(found, key=lambda client: (-_capability(client), client.name)))


def _capability(client: Client) -> float:
    return float(client.row.capability) if client.row and client.row.capability is not None else 0.0


def compare_chart(clients: Sequence[Client], locale: str) -> Scores | None:
    """The capability of each against the mean of those compared; None where fewer than two have a result."""
    shown = comparable(clients)
    if len(shown) < FEWEST:
        return None
    values = [_capability(client) for client in shown]
    mean = fmean(values)
    gap = values[0] - values[-1]
    title = Text(
        f"{shown[0].name}最高（{number(values[0])}），与最低者相差 {number(gap)} 分",
        f"{shown[0].name} is highest ({number(values[0])}), {number(gap)} points above the lowest",
    )
    periods = sorted({client.row.period for client in shown if client.row and client.row.period})
    years = "、".join(map(str, periods)), ", ".join(map(str, periods))
    source = Text(
        f"各客户最近一次提交的自评结果，报告期 {years[0]}；不同报告期不可直接排名",
        f"Each client's newest submitted result, self-declared, reporting year {years[1]}; "
        "different years make no ranking",
    )
    label = Text("水平与能力（0–100）", "Capability (0–100)").to(locale)
    rows = tuple((client.name, number(value)) for client, value in zip(shown, values, strict=True))
    return Scores(
        "compare",
        title.to(locale),
        source.to(locale),
        Table((Text("客户", "Client").to(locale), label), rows),
        tuple(client.name for client in shown),
        tuple(values),
        mean,
        None,
        label,
        Text(f"平均 {number(mean)}", f"Mean {number(mean)}").to(locale),
        "",
    )


def dimension_rows(clients: Sequence[Client], framework: Framework, locale: str) -> list[tuple[str, ...]]:
    """For each dimension of the edition its score with each client; a dash where there is none."""
    scores = [
        client.row.results[0]["dimensions"] if client.row is not None and client.row.results else {}
        for client in clients
    ]
    names = [
        name for name in (item.id for item in framework.scoring.dimensions) if any(name in found for found in scores)
    ]
    return [
        (
            framework.title(name).to(locale),
            *(number(Fraction(found[name])) if found.get(name) is not None else "—" for found in scores),
        )
        for name in names
    ]
