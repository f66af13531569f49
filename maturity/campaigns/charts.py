"""The charts of a campaign as data: the finding as title, where the figures come from, and the same as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from maturity.campaigns.board import Board, Cover, Series
from maturity.campaigns.places import short_name
from maturity.questionnaires.model import Text
from maturity.results.charts import Chart, Table

STEP_WORDS = {
    "invited": Text("已邀请", "Invited"),
    "started": Text("已开始", "Started"),
    "submitted": Text("已提交", "Submitted"),
    "reviewed": Text("已审核", "Reviewed"),
}
MOST_CITIES = 16  # of the picture; the table has all


@dataclass(frozen=True, slots=True)
class Funnel(Chart):
    """How many reached each step."""

    labels: tuple[str, ...]
    counts: tuple[int, ...]
    shares: tuple[str, ...]  # of those invited


@dataclass(frozen=True, slots=True)
class OverTime(Chart):
    """How many had started and submitted by each day, with the days on which the deadline was and is."""

    days: tuple[date, ...]
    started: tuple[int, ...]
    submitted: tuple[int, ...]
    started_label: str
    submitted_label: str
    target: int | None
    target_label: str
    marks: tuple[tuple[date, str], ...]


@dataclass(frozen=True, slots=True)
class Coverage(Chart):
    """Submissions of each city against its target."""

    labels: tuple[str, ...]
    submitted: tuple[int, ...]
    whole: tuple[int, ...]  # the target, or those invited
    behind: tuple[bool, ...]
    submitted_label: str
    behind_label: str
    whole_label: str


def percent(share: float, locale: str) -> str:
    """As the language writes it.

    >>> percent(12.345, "en"), percent(0, "zh_CN")
    ('12.3 %', '0.0%')
    """
    return f"{share:.1f}{'' if locale.startswith('zh') else ' '}%"


def funnel_chart(board: Board, source: str, locale: str) -> Funnel:
    total = board.total
    counts = (total.invited, total.started, total.submitted, total.reviewed)
    labels = tuple(STEP_WORDS[step].to(locale) for step in ("invited", "started", "submitted", "reviewed"))
    shares = tuple(percent(100 * count / total.invited if total.invited else 0.0, locale) for count in counts)
    title = Text(
        f"邀请 {total.invited} 家，提交 {total.submitted} 家（{percent(total.share, 'zh')}）",
        f"{total.submitted} of {total.invited} invited have submitted ({percent(total.share, 'en')})",
    )
    header = tuple(Text(*pair).to(locale) for pair in _FUNNEL_HEADER)
    rows = tuple((label, str(count), share) for label, count, share in zip(labels, counts, shares, strict=True))
    return Funnel("funnel", title.to(locale), source, Table(header, rows), labels, counts, shares)


_FUNNEL_HEADER = (("步骤", "Step"), ("企业数", "Enterprises"), ("占邀请数", "Of those invited"))


def time_chart(board: Board, series: Series, marks: Sequence[tuple[date, str]], source: str, locale: str) -> OverTime:
    gained = series.submitted[-1] - (series.submitted[-8] if len(series.submitted) > 7 else 0)
    days = min(7, len(series.days))
    title = Text(
        f"近 {days} 天新增提交 {gained} 家，累计 {series.submitted[-1]} 家",
        f"{gained} submitted in the last {days} days, {series.submitted[-1]} in all",
    )
    started, submitted = STEP_WORDS["started"].to(locale), STEP_WORDS["submitted"].to(locale)
    header = (Text("日期", "Day").to(locale), started, submitted)
    rows = tuple(
        (day.isoformat(), str(a), str(b))
        for day, a, b in zip(series.days, series.started, series.submitted, strict=True)
    )
    target = Text("目标", "Target").to(locale)
    return OverTime(
        "time",
        title.to(locale),
        source,
        Table(header, rows),
        series.days,
        series.started,
        series.submitted,
        started,
        submitted,
        board.total.target,
        target,
        tuple(marks),
    )


def coverage_chart(board: Board, source: str, locale: str) -> Coverage:
    """The cities furthest behind; all of them stand in the table."""
    has_quota = any(cover.quota for cover in board.cities)
    behind = len(board.lagging()) if has_quota else 0
    if not has_quota:
        title = Text("各地提交情况", "Submissions by city")
    elif behind:
        title = Text(
            f"{len(board.cities)} 个地区中 {behind} 个未达到目标", f"{behind} of {len(board.cities)} places are behind"
        )
    else:
        title = Text("各地区均已达到目标", "Every place has reached its target")
    shown = board.cities[:MOST_CITIES]
    return Coverage(
        "coverage",
        title.to(locale),
        source,
        cover_table(board.cities, Text("地区", "Place").to(locale), lambda key: short_name(key, locale), locale),
        tuple(short_name(cover.key[0], locale) for cover in shown),
        tuple(cover.submitted for cover in shown),
        tuple(cover.target if cover.target is not None else cover.invited for cover in shown),
        tuple(not cover.is_reached for cover in shown),
        STEP_WORDS["submitted"].to(locale),
        Text("已提交（未达目标）", "Submitted (behind)").to(locale),
        (Text("目标", "Target") if has_quota else STEP_WORDS["invited"]).to(locale),
    )


def cover_table(covers: Sequence[Cover], heading: str, named: object, locale: str) -> Table:
    """Coverage of every group as a table."""
    header = (heading, *(Text(*pair).to(locale) for pair in _COVER_HEADER))
    rows = tuple(
        (
            named(cover.key[0]) if callable(named) else cover.key[0],
            *(str(count) for count in (cover.invited, cover.started, cover.submitted, cover.reviewed)),
            percent(cover.share, locale),
            "—" if cover.target is None else str(cover.target),
            "—" if cover.target is None else str(cover.missing),
        )
        for cover in covers
    )
    return Table(header, rows)


_COVER_HEADER = (
    ("邀请", "Invited"), ("开始", "Started"), ("提交", "Submitted"), ("审核", "Reviewed"),
    ("提交率", "Submitted of invited"), ("目标", "Target"), ("还差", "Missing"),
)  # fmt: skip
