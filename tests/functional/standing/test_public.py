"""What everybody may read: the nation and the provinces, the rules, the definitions, the way to object."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy.orm import Session

from maturity.benchmarks.parameters import load_parameters
from maturity.clock import FixedClock
from maturity.standing.rules import rules_of, untold
from tests.conftest import Browser
from tests.functional.standing.conftest import FAR, NEAR, OWN, release

GROUPS = [(OWN, 140), (NEAR, 120), (FAR, 6)]


def _csv(browser: Browser, query: str = "") -> list[list[str]]:
    text = browser.client.get(f"/benchmarks.csv{query}").text
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_before_a_release_the_page_says_so(browser: Browser) -> None:
    assert (
        "Nothing is released yet" in browser.get("/benchmarks?lang=en").text
        or "尚未" in browser.get("/benchmarks").text
    )
    assert browser.client.get("/benchmarks.csv").status_code == 404


def test_nation_and_provinces_stand_with_what_they_are_cited_by(
    browser: Browser, session: Session, clock: FixedClock
) -> None:
    release(session, clock, GROUPS)
    page = browser.get("/benchmarks").text
    for words in ("全国", "山东省", "江苏省", "lianghua-2025-", "2026-11-24"):
        assert words in page


def test_a_place_that_is_withheld_has_no_figure(browser: Browser, session: Session, clock: FixedClock) -> None:
    release(session, clock, GROUPS)
    rows = _csv(browser)
    assert {row[1] for row in rows[1:] if len(row) > 4} == {"000000", "370000", "320000"}


@pytest.mark.parametrize("measure", ["capability", "cnc_rate", "erp", "levels", "no-such-measure"])
def test_every_measure_has_its_table(browser: Browser, session: Session, clock: FixedClock, measure: str) -> None:
    release(session, clock, GROUPS)
    assert "山东省" in browser.get(f"/benchmarks?measure={measure}").text


def test_an_earlier_release_can_be_read_and_one_that_is_not_published_cannot(
    browser: Browser, session: Session, clock: FixedClock
) -> None:
    from maturity.benchmarks.service import ask_for_release

    first = release(session, clock, GROUPS, period=2024)
    release(session, clock, GROUPS)
    about = {"cut_off_at": clock.now(), "rules_version": "2026.1", "is_synthetic": False, "clock": clock}
    secret = ask_for_release(session, "lianghua", 2026, **about).id  # type: ignore[arg-type]  # each of its own type
    session.commit()
    assert "lianghua-2024-" in browser.get(f"/benchmarks?release={first}").text
    assert f'value="{secret}"' not in browser.get(f"/benchmarks?release={secret}").html


def test_synthetic_figures_are_marked_and_give_way_to_real_ones(
    browser: Browser, session: Session, clock: FixedClock
) -> None:
    release(session, clock, GROUPS, is_synthetic=True)
    assert "合成演示数据" in browser.get("/benchmarks").text
    assert any("合成演示数据，非真实企业" in row for row in _csv(browser))
    release(session, clock, [(OWN, 130), (NEAR, 110)], period=2024)
    assert "lianghua-2024-" in browser.get("/benchmarks").text
    assert not any("合成演示数据，非真实企业" in row for row in _csv(browser))


def test_the_rules_page_states_every_threshold(browser: Browser) -> None:
    page = browser.get("/benchmarks/rules").text
    parameters = load_parameters()
    assert not untold(parameters)
    for one in parameters.described:
        assert one.title("zh") in page
        assert one.why("zh") in page
    for rule in rules_of(parameters):
        assert rule.title.zh in page


def test_the_definitions_page_names_every_measure(browser: Browser, session: Session, clock: FixedClock) -> None:
    from maturity.standing.measures import catalogue
    from maturity.standing.released import framework_of

    page = browser.get("/benchmarks/definitions").text
    for item in catalogue(framework_of(session)):
        assert item.title.zh in page
        assert item.definition.zh in page


def test_the_rules_of_objections_state_their_days(browser: Browser) -> None:
    page = browser.get("/benchmarks/objections").text
    assert "15" in page
    assert "365" in page
