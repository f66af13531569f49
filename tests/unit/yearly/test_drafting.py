"""A first draft is traced throughout, says what is withheld, and claims nothing finer than the rounding."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from functools import cache

import pytest

from maturity.adaptive.framework import Framework, load_framework
from maturity.benchmarks.cells import CellKey, Quantiles
from maturity.reference.figures import BASES, series_list, sources
from maturity.yearly.book import Book, BookCell, Vintage
from maturity.yearly.drafting import draft_of
from maturity.yearly.gathering import _gates, _indicators, _rules, _series
from maturity.yearly.paper import Block, Paper, Section, wrong_with
from maturity.yearly.pictures import Trend
from maturity.yearly.resolved import Shown, show
from maturity.yearly.scope import ALL, Scope
from maturity.yearly.tokens import FigureRef, code_of
from tests.factories.yearly import _cell

SCOPES = (Scope("national", ""), Scope("region", "370000"), Scope("industry", "34"), Scope("industry", "s:electronics"))


@cache
def _framework() -> Framework:
    return load_framework("lianghua/2026.1")


def make_book(scope: Scope, withheld: Collection[CellKey] = (), periods: tuple[int, ...] = (2024, 2025)) -> Book:
    cells = {}
    for period in periods:
        for key in tuple(scope.keys()):
            if key not in withheld:
                row = _cell(key, period)
                grids = {name: Quantiles(**grid) for name, grid in row["metrics"].items()}
                levels = tuple((tuple(levels), share) for levels, share in row["levels"])
                cells[period, code_of(key)] = BookCell(
                    row["contributors"], row["reviewed"], grids, row["shares"], levels, row["means"]
                )
    vintages = {
        year: Vintage(year, year, f"{year}".rjust(64, "b"), False, "2026-06-30", "2026-08-01", 5000, "2026.1")
        for year in periods
    }
    return Book(
        framework="lianghua",
        period=periods[-1],
        vintages=vintages,
        cells=cells,
        asked=frozenset((period, code_of(key)) for period in periods for key in tuple(scope.keys())),
        indicators=_indicators(_framework()),
        levels={level: words.title for level, words in _framework().levels.items()},
        gates=_gates(_framework(), periods[-1]),
        rules=_rules("2026.1"),
        series={item.id: _series(item) for item in series_list()},
        bases=dict(BASES),
        sources=dict(sources()),
        figures_version="x",
    )


def _texts(shown: Shown) -> str:
    return "\n".join("".join(span.text for span in line) for s in shown.sections for b in s.blocks for line in b.lines)


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.code or "CN")
def test_a_draft_holds_no_untraced_figure(scope: Scope, locale: str) -> None:
    book = make_book(scope)
    paper = draft_of(book, scope, locale, "{{=2025}} report", "Publisher")
    assert wrong_with(paper) == []
    assert Paper.of(json.loads(json.dumps(paper.body()))) == paper
    assert Book.of(json.loads(json.dumps(book.as_json()))) == book
    shown = show(paper, book)
    assert {section.id for section in shown.sections} >= {
        "summary",
        "levels",
        "indicators",
        "gates",
        "disclosure",
        "cells",
    }
    assert "unreadable" not in {
        span.kind for s in shown.sections for b in s.blocks for line in b.lines for span in line
    }


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_every_number_of_the_text_is_a_row_of_the_evidence(locale: str) -> None:
    scope = SCOPES[0]
    shown = show(draft_of(make_book(scope), scope, locale, "T", "P"), make_book(scope))
    rows = {row.number: row for row in shown.evidence}
    figures = [
        span for s in shown.sections for b in s.blocks for line in b.lines for span in line if span.kind == "figure"
    ]
    assert len(figures) > 100
    for span in figures:
        assert rows[span.number].text == span.text
        assert rows[span.number].release
    cells = {row.number for row in shown.cells}
    assert {row.cell for row in shown.evidence} - {0} <= cells


def test_a_withheld_cell_is_told_and_not_guessed() -> None:
    scope = Scope("region", "370000")
    book = make_book(scope, withheld={scope.focus})
    text = _texts(show(draft_of(book, scope, "zh_CN", "T", "P"), book))
    assert "山东省的能力得分未达到发布条件，不予发布。" in text
    assert "未达到发布条件" in text
    english = _texts(show(draft_of(book, scope, "en", "T", "P"), book))
    assert "“Capability score” is not published for Shandong, where the rules withhold it." in english


def test_one_release_makes_no_trend() -> None:
    scope = SCOPES[0]
    book = make_book(scope, periods=(2025,))
    assert "只有一期发布，尚无趋势可言。" in _texts(show(draft_of(book, scope, "zh_CN", "T", "P"), book))


def test_published_figures_and_the_release_share_no_line() -> None:
    scope = SCOPES[0]
    book = make_book(scope)
    shown = show(draft_of(book, scope, "zh_CN", "T", "P"), book)
    section = next(section for section in shown.sections if section.id == "published")
    charts = [block.picture for block in section.blocks if block.picture is not None]
    assert charts
    for chart in charts:
        bases = [basis for basis, _points in chart.segments]  # type: ignore[union-attr]  # all are of this kind
        assert all(one != other for one, other in zip(bases, bases[1:], strict=False))


def test_an_edited_text_cannot_bring_a_figure_in() -> None:
    scope = SCOPES[0]
    paper = draft_of(make_book(scope), scope, "zh_CN", "T", "P")
    summary = paper.sections[0]
    changed = paper.with_section(
        replace(summary, blocks=(*summary.blocks, Block("paragraph", "已有 63% 的企业上云。")))
    )
    assert [(fault.section, fault.code) for fault in wrong_with(changed)] == [("summary", "figure_untraced")]


def test_hidden_sections_and_blocks_are_not_printed_and_numbers_follow() -> None:
    scope = SCOPES[0]
    book = make_book(scope)
    paper = draft_of(book, scope, "zh_CN", "T", "P")
    first: Section = paper.sections[0]
    shown = show(paper.with_section(replace(first, is_hidden=True)), book)
    assert (shown.sections[0].id, shown.sections[0].number) == ("key_figures", "1")


def test_a_cell_that_was_never_asked_for_is_lacking() -> None:
    book = make_book(SCOPES[0])
    wanted = FigureRef("erp", "share", CellKey("35", "370000", "large"))
    assert book.lacking([wanted, FigureRef("erp", "share", ALL)]) == [(2025, "35,370000,large")]
    assert not book.knows(FigureRef("no_such", "share", ALL))
    assert not book.knows(FigureRef("erp", "share", ALL, 1999))


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_nothing_is_compared_across_editions_and_the_lines_are_cut(locale: str) -> None:
    book = make_book(SCOPES[0], periods=(2023, 2024, 2025))
    editions = {2023: "2022.1", 2024: "2026.1", 2025: "2026.1"}
    vintages = {year: replace(one, edition=editions[year]) for year, one in book.vintages.items()}
    book = replace(book, vintages=vintages)
    paper = draft_of(book, SCOPES[0], locale, "{{=2025}} report", "Publisher")
    assert wrong_with(paper) == []
    assert Book.of(json.loads(json.dumps(book.as_json()))) == book
    shown = show(paper, book)
    trend = next(section for section in shown.sections if section.id == "trend")
    charts = [block.picture for block in trend.blocks if isinstance(block.picture, Trend)]
    assert charts
    assert {chart.cuts for chart in charts} == {(2023.5,)}
    texts = ["".join(span.text for span in line) for block in trend.blocks for line in block.lines]
    compared = [text for text in texts if "2025" in text and ("由 20" in text or ", " in text and " in 20" in text)]
    assert compared
    assert not any("2023" in text for text in compared)
    told = "由 2022.1 改为 2026.1" if locale == "zh_CN" else "changed from 2022.1 to 2026.1"
    assert any(told in text for text in texts)


def test_where_no_two_releases_compare_the_trend_says_so_alone() -> None:
    book = make_book(SCOPES[0])
    vintages = {year: replace(one, edition=str(year)) for year, one in book.vintages.items()}
    paper = draft_of(replace(book, vintages=vintages), SCOPES[0], "en", "{{=2025}} report", "Publisher")
    trend = next(section for section in paper.sections if section.id == "trend")
    assert "nothing is compared across" in trend.blocks[0].text
    assert not any(block.kind == "list" for block in trend.blocks)
