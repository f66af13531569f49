"""The pictures: text stays text, the same data give the same bytes, numbers are those of the tables."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from maturity.results.charts import (
    Chart,
    Contributions,
    National,
    PeerRow,
    Peers,
    Radar,
    Scores,
    Table,
    Waterfall,
)
from maturity.results.figure import figure_json
from maturity.results.svg import draw

COMMON = ("name", "发现：领先 5 分", "来源：甲、乙", Table(("指标", "值"), ()))
CHARTS: dict[str, Chart] = {
    "radar": Radar(*COMMON, ("基础", "单项", "集成", "创新"), (10.0, 100.0, 0.0, 55.5), None, "本企业", "同行"),
    "contributions": Contributions(*COMMON, ("设计", "工艺"), (2.25, 0.0), (1.75, 3.0), "已得", "可提升"),
    "waterfall": Waterfall(*COMMON, ("基础", "单项"), (12.05, 9.1), 21.15, "总分", "可提升"),
    "scores": Scores(*COMMON, ("设备", "数据"), (100.0, 48.25), 62.8, 70.0, "得分", "本维度 62.8", "同行中位数 70.0"),
    "peers": Peers(
        *COMMON,
        (PeerRow("能力", 100.0, 40, 50, 60, None, None), PeerRow("基础", 0.0, 40, 50, 60, 20, 80)),
        *("本企业", "中间一半", "中位数", "P10 至 P90"),
    ),
    "national": National(
        *COMMON, (("规上", ((2012.0, 24.6), (2021.0, 55.3))), ("重点", ((2023.0, 62.9),))), "统计范围改变",
        (2025.0, 68.0, "目标"), (2025.0, 85.0, "本企业"), "%",
    ),
}  # fmt: skip


def words(svg: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", text).strip() for text in re.findall(r"<text.*?</text>", svg, re.DOTALL)]


@pytest.fixture(params=CHARTS)
def chart(request: pytest.FixtureRequest) -> Chart:
    return CHARTS[request.param]


@pytest.mark.parametrize("narrow", [False, True])
def test_a_picture_drawn_again_has_the_same_bytes(chart: Chart, narrow: bool) -> None:
    first = draw(chart, narrow)
    draw.cache_clear()
    assert draw(chart, narrow) == first


def test_the_finding_and_the_source_are_said_to_a_screen_reader(chart: Chart) -> None:
    svg = draw(chart)
    assert ' role="img"' in svg.partition(">")[0]
    assert svg.partition(">")[2].startswith(f"<title>{chart.title}</title><desc>{chart.source}</desc>")


def test_text_is_text_in_the_font_of_the_site(chart: Chart) -> None:
    svg = draw(chart)
    assert words(svg)
    assert "Noto Sans CJK JP" not in svg


def test_nothing_is_loaded_into_a_picture(chart: Chart) -> None:
    assert not re.search(r"(?:href|src)=\"(?!#)", draw(chart))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("waterfall", ["+12.0", "+9.1", "21.2", "78.8"]),
        ("scores", ["100.0", "48.2"]),
        ("peers", ["100.0", "0.0"]),
        ("contributions", ["2.2", "0.0"]),
        ("national", ["55.3", "62.9", "85.0"]),
    ],
)
def test_numbers_are_rounded_half_to_even_as_everywhere(name: str, expected: list[str]) -> None:
    assert [number for number in expected if number not in words(draw(CHARTS[name]))] == []


def test_the_deciles_are_explained_only_where_they_are_known() -> None:
    peers = CHARTS["peers"]
    assert isinstance(peers, Peers)
    assert "P10 至 P90" in words(draw(peers))
    assert "P10 至 P90" not in words(draw(replace(peers, rows=peers.rows[:1])))


def test_a_break_in_the_basis_is_named_where_it_is() -> None:
    assert "统计范围改变" in words(draw(CHARTS["national"]))


def test_a_long_label_is_broken_between_words() -> None:
    chart = CHARTS["scores"]
    assert isinstance(chart, Scores)
    drawn = words(draw(replace(chart, labels=("Joint innovation and new modes", "Data")), narrow=True))
    assert {"Joint innovation and", "new modes"} <= set(drawn)


def test_every_chart_has_an_interactive_figure(chart: Chart) -> None:
    assert figure_json(chart)["data"]
