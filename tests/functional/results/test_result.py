"""The result page: the level in words, what admitted to it, what stops the next, and every answer behind it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.assessments.models import Assessment, Submission
from maturity.clock import FixedClock
from maturity.results.view import answer_view
from maturity.scoring.explanation import leaves
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import answer, answer_all, make_assessment, submit
from tests.functional.results.conftest import release_peers
from tests.page import Page


@pytest.fixture
def document(session: Session, submitted: Assessment) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(session.scalars(select(Submission.document)).one())
    session.rollback()
    return loaded


@pytest.fixture
def page(browser: Browser, base: str) -> Page:
    return browser.get(f"{base}/result")


def test_the_page_opens_with_the_stage_in_words_and_what_the_next_needs(page: Page) -> None:
    assert page.h1 == ["Single-application coverage: Single applications is 5.1 points short of Integration"]


def test_the_stage_and_both_scores_are_those_of_the_document(page: Page, document: dict[str, Any]) -> None:
    assert document["score"]["level"] == 2
    for total in ("capability", "outcome"):
        shown = f"{float(document['score'][total]['rounded']):.1f}"
        assert f" {shown} " in page.text


def test_every_gate_shows_what_was_reached_and_what_is_needed(page: Page) -> None:
    assert "✓ Foundation 62.87 of 40 needed" in page.text
    assert "✓ Single applications 54.89 of 50 needed" in page.text


def test_the_gate_that_stops_the_next_stage_says_how_much_is_missing(page: Page) -> None:
    assert "✕ Single applications 54.89 of 60 needed 5.11 short" in page.text


def test_the_first_stage_has_no_gate(page: Page) -> None:
    assert "Initial construction" in page.text
    assert "No gate: everybody starts here." in page.text


def test_one_stage_is_ones_own(page: Page) -> None:
    assert re.search(r"Single-application coverage\s+you are here", page.text)
    assert page.text.count("you are here") == 1


def test_every_answer_can_be_read_with_its_unit_and_who_stands_behind_it(
    page: Page, document: dict[str, Any], framework: Framework
) -> None:
    explanation = document["explanation"]
    answered = [
        answer_view(framework, leaf)
        for total in (explanation["capability"], explanation["outcome"])
        for leaf in leaves(total)
        if leaf["state"] == "answered"
    ]
    assert len(answered) > 80
    missing = [label.en for label, value, _state in answered if f"{label.en}{value.en} self-declared" not in page.text]
    assert missing == []


def test_what_does_not_apply_says_so(page: Page) -> None:
    assert "Cross-border e-commerce share of exportsdoes not apply" in page.text


def test_what_is_not_there_counts_zero_and_says_so(
    browser: Browser, session: Session, tenant: Tenant, clock: FixedClock
) -> None:
    assessment = make_assessment(session, tenant, clock, 2024)
    answer_all(session, assessment, clock)
    answer(session, assessment, "design_tools", clock, design_tools="manual")
    submit(session, assessment, clock)
    session.commit()
    page = browser.get(f"/t/{tenant.id}/assessments/{assessment.id}/result")
    assert "not there yet, counts zero" in page.text


def test_every_node_names_its_rule(page: Page, document: dict[str, Any]) -> None:
    indicators = [
        node
        for total in ("capability", "outcome")
        for dimension in document["explanation"][total]["children"]
        for group in dimension["children"]
        for node in group["children"]
    ]
    assert len(re.findall(r"\b\w+@\d\b", page.text)) == len(indicators)


def test_the_peers_are_named_with_number_year_population_and_that_they_are_made_up(
    browser: Browser, peers: None, base: str
) -> None:
    page = browser.get(f"{base}/result")
    assert (
        "Peers: General-purpose machinery, Shandong, medium; 2025; about 140 enterprises; "
        "synthetic demonstration data, no real enterprises" in page.text
    )
    assert "Capability is 12.8 points above the peer median" in page.text
    assert "Ahead of about 90% of peers" in page.text


def test_real_peers_are_not_called_made_up(browser: Browser, session: Session, clock: FixedClock, base: str) -> None:
    release_peers(session, clock, is_synthetic=False)
    page = browser.get(f"{base}/result")
    assert "about 140 enterprises" in page.text
    assert "synthetic" not in page.text


def test_too_few_peers_are_no_peers(browser: Browser, session: Session, clock: FixedClock, base: str) -> None:
    release_peers(session, clock, count=19)
    page = browser.get(f"{base}/result")
    assert "no comparable population yet" in page.text
    assert "Ahead of about" not in page.text


def test_the_nation_is_shown_with_its_break_in_basis(page: Page) -> None:
    assert "CNC rate 56.2 %, 10.0 points below the nation" in page.text
    assert "key enterprises from 2023, not comparable with earlier years" in page.text


def test_the_result_says_that_it_is_no_certificate(page: Page) -> None:
    assert "Nobody has reviewed it yet." in page.text
    assert "not a certificate of the national management system" in page.text


def test_the_page_names_edition_and_document(page: Page, session: Session) -> None:
    sha256 = session.scalars(select(Submission.sha256)).one()
    assert "lianghua/2026.1" in page.text
    assert sha256[:12].upper() in page.text


def test_a_draft_has_no_result(browser: Browser, session: Session, tenant: Tenant, clock: FixedClock) -> None:
    draft = make_assessment(session, tenant, clock)
    answer_all(session, draft, clock)
    session.commit()
    page = browser.get(f"/t/{tenant.id}/assessments/{draft.id}/result", status=404)
    assert "There is no such assessment" in page.text


#: Names of people and enterprises stay as they are; the switch names each language in itself.
AS_GIVEN = ("青岛海岳数控机床有限公司", "王建国", "总经理", "中文")
#: What Chinese writes in Latin letters: abbreviations, sources, percentiles, the edition, the hash and the rules.
LATIN = re.compile(
    r"English|Excel|PDF|SVG|CSV|ERP|BOM|B2B|CAM|CAPP|MES|PLM|CAD|GB/T|ITU-T|Y\.4906|lianghua/2026\.1|"
    r"[SP]\d+|\w+@\d+|[0-9A-F]{12}"
)


def test_the_english_page_has_no_chinese_left(browser: Browser, peers: None, base: str) -> None:
    text = browser.get(f"{base}/result").text
    for name in AS_GIVEN:
        text = text.replace(name, "")
    assert re.findall(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+", text) == []


def test_the_chinese_page_has_no_english_left(browser: Browser, peers: None, base: str) -> None:
    browser.get("/?lang=zh")
    text = LATIN.sub("", browser.get(f"{base}/result").text)
    assert re.findall(r"[A-Za-z]{2,}", text) == []


def test_the_chinese_page_opens_with_the_stage_in_words(browser: Browser, base: str) -> None:
    browser.get("/?lang=zh")
    assert browser.get(f"{base}/result").h1 == ["单项覆盖：“单项应用”还差 5.1 分达到集成提升"]
