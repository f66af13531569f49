"""Published figures as everybody sees them: each with source, year, population and standing; none from memory."""

from __future__ import annotations

import re
from html import unescape

import pytest

from maturity.reference.figures import BASES, STANDINGS, Series, series_list, sources
from tests.conftest import Browser

SHOWN = [item for item in series_list() if item.points()]
NOT_SHOWN = [item for item in series_list() if not item.points()]
BREAK = {"zh": "统计范围", "en": "Basis changed"}


def section(browser: Browser, item: Series, lang: str) -> str:
    """The part of the page about one series."""
    html = unescape(browser.get(f"/reference-figures?lang={lang}").html)
    return next(part for part in html.split("<section ") if f'aria-labelledby="{item.id}"' in part)


def rows(part: str) -> list[str]:
    return re.findall(r"<tr[^>]*>.*?</tr>", part, flags=re.DOTALL)


def locale(lang: str) -> str:
    return "zh_CN" if lang == "zh" else "en"


@pytest.mark.parametrize("item", SHOWN, ids=lambda item: item.id)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_value_stands_with_its_year_basis_standing_note_and_source(
    browser: Browser, item: Series, lang: str
) -> None:
    part = section(browser, item, lang)
    assert item.title.to(locale(lang)) in part
    assert item.definition.to(locale(lang)) in part
    assert item.population.to(locale(lang)) in part
    for point in item.points():
        row = next(row for row in rows(part) if f'<th scope="row">{point.period}</th>' in row)
        for words in (
            f">{point.value}</td>",
            BASES[point.basis].to(locale(lang)),
            STANDINGS[point.provenance].to(locale(lang)),
            point.source,
            sources()[point.source],
        ):
            assert words in row, words
        assert point.note is None or point.note.to(locale(lang)) in row


@pytest.mark.parametrize("item", SHOWN, ids=lambda item: item.id)
def test_no_value_from_memory_or_held_back_is_on_the_page(browser: Browser, item: Series) -> None:
    hidden = [point for point in (*item.all_points, *item.all_targets) if not point.is_verified]
    shown = {(point.period, point.value) for point in (*item.points(), *item.targets)}
    part = section(browser, item, "en")
    for point in hidden:
        assert (point.period, point.value) not in shown
        assert not any(f'<th scope="row">{point.period}' in row and f">{point.value}</td>" in row for row in rows(part))


def test_a_series_known_from_memory_alone_is_not_on_the_page(browser: Browser) -> None:
    html = browser.get("/reference-figures?lang=en").html
    assert NOT_SHOWN
    for item in NOT_SHOWN:
        assert f'"{item.id}"' not in html
        assert item.title.en not in html


@pytest.mark.parametrize("item", SHOWN, ids=lambda item: item.id)
def test_a_change_of_basis_is_told_where_it_is_and_nowhere_else(browser: Browser, item: Series) -> None:
    lines = rows(section(browser, item, "en"))
    breaks = [number for number, row in enumerate(lines) if "basis-break" in row]
    assert len(breaks) == len(item.segments()) - 1
    for number, (before, after) in zip(breaks, zip(item.segments(), item.segments()[1:], strict=False), strict=True):
        assert BREAK["en"] in lines[number]
        assert f'<th scope="row">{before[-1].period}</th>' in lines[number - 1]
        assert f'<th scope="row">{after[0].period}</th>' in lines[number + 1]


@pytest.mark.parametrize("item", [item for item in SHOWN if item.targets], ids=lambda item: item.id)
def test_a_target_is_called_one_and_has_its_source(browser: Browser, item: Series) -> None:
    part = section(browser, item, "en")
    for target in item.targets:
        row = next(row for row in rows(part) if f"{target.period} target" in row)
        assert f">{target.value}</td>" in row
        assert "to be reached" in row
        assert target.source in row
        assert STANDINGS[target.provenance].en in row


def test_the_latest_value_is_the_last_of_the_newest_basis(browser: Browser) -> None:
    for item in SHOWN:
        latest = item.latest()
        assert latest is not None
        head = section(browser, item, "en").partition("<table")[0]
        assert re.search(rf"{latest.value}%?</span>", head), item.id
        assert latest.period in head
