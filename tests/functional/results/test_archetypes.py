"""Every archetype from registration to the printed report: typed page by page, as a person without scripts does.

What the site shows and prints is compared with what the scenarios' files work out by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.organisations.choosing import industry_label, region_label
from maturity.questionnaires.model import Fact
from tests.conftest import EDITION, Browser
from tests.content.golden import Scenario, read_scenario, scenario_files
from tests.factories.assessments import DECLARATION
from tests.factories.enterprises import USCC
from tests.factories.people import make_user, sign_in
from tests.functional.assessments.desk import Desk
from tests.integration.reports.paper import Paper
from tests.page import Page

SCENARIOS = [scenario for path in scenario_files() if (scenario := read_scenario(path)).slug == EDITION]
_ASKED = re.compile(r'name="question" value="(\w+)"')
_DIMENSION = re.compile(r'<strong>([\d.]+)</strong> <span class="muted">')
_OPTIONS = ("is_group", "designs_products", "exports")


@dataclass(slots=True)
class Journey:
    """A person who knows the facts of a scenario and answers what the pages ask, nothing else."""

    browser: Browser
    framework: Framework
    scenario: Scenario

    def register(self) -> str:
        given = self.scenario.enterprise
        form = {
            "name": self.scenario.id,
            "uscc": USCC,
            "industry": industry_label(given["industry"], "zh_CN"),
            "region": region_label(given["region"], "zh_CN"),
            "headcount": str(given["headcount"]),
            "revenue_wan": str(given["revenue"]),
            "production_type": given["production_type"],
        } | {name: "y" for name in _OPTIONS if given[name]}
        return self.browser.post("/enterprises/new", form).path.rstrip("/")

    def answer_everything(self) -> tuple[Desk, set[str]]:
        """Fill in page after page until the review is reached; returns the questions that were asked."""
        page = self.browser.post(f"{self.register()}/assessments", {"period": str(self.scenario.period)})
        desk = Desk(self.browser, page.path.partition("/sections/")[0])
        asked: set[str] = set()
        number = 1
        for _ in range(200):
            here = set(_ASKED.findall(page.html))
            asked |= here
            response = self.browser.client.post(f"{page.path}?page={number}", data=self._typed(here))
            assert response.status_code == 302, response.text[-3000:]
            page = self.browser.get(response.location)
            if page.path.endswith("/review"):
                return desk, asked
            number = int(found[1]) if (found := re.search(r"[?&]page=(\d+)", response.location)) else 1
        raise AssertionError("the pages have no end")

    def _typed(self, questions: set[str]) -> dict[str, Any]:
        fields: dict[str, Any] = {"question": sorted(questions)}
        for question in questions:
            fields[f"version.{question}"] = "0"
            for name in self.framework.edition.questions[question].facts:
                fields |= _fields(self.framework.edition.facts[name], self.scenario.raw_facts[name])
        return fields


def _fields(fact: Fact, raw: Any) -> dict[str, Any]:
    if isinstance(raw, dict):
        return {f"{fact.id}.{part}": _written(item) for part, item in raw.items()}
    return {fact.id: [_written(item) for item in raw] if isinstance(raw, list) else _written(raw)}


def _written(value: Any) -> str:
    return "" if value is None else str(value)


@pytest.fixture
def browser(browser: Browser, session: Session) -> Browser:
    owner = make_user(session, locale="zh_CN")
    session.commit()
    sign_in(browser.client, owner)
    return browser


def points(value: Fraction, gates: Iterable[Fraction] = ()) -> str:
    """One place; what is below a gate shows below it."""
    nearest = Fraction(round(value * 10), 10)
    missed = any(value < gate <= nearest for gate in gates)
    return f"{float(nearest - Fraction(missed, 10)):.1f}"


def print_report(app: Flask, session: Session, desk: Desk) -> Paper:
    desk.browser.post(f"{desk.base}/documents/report")
    waiting = list(session.scalars(select(Job.id).where(Job.state == "queued")))
    session.rollback()
    for job in waiting:
        with app.app_context():
            run_one(app, job, HANDLERS)
    with desk.browser.client.get(f"{desk.base}/documents/report.pdf") as response:
        return Paper(response.data)


def check_result(page: Page, scenario: Scenario) -> None:
    expected = scenario.expected
    assert page.h1[0].startswith(expected.stage)
    for total in (expected.capability, expected.outcome):
        assert f" {points(total.value)} " in page.text
    scores = [
        points(total.value, [gate.threshold.value for gate in expected.gates if gate.of == name])
        for name, total in expected.dimensions.items()
        if total
    ]
    assert sorted(_DIMENSION.findall(page.html)) == sorted(scores)
    for gate in expected.gates:
        reached = expected.dimensions[gate.of]
        assert reached is not None
        mark = "✓" if gate.passes else "✕"
        verdict = rf"{mark} [^✓✕]*? {float(reached.value):.2f} （要求 {float(gate.threshold.value):g}）"
        # just below a gate rounding alone would show the gate, and the page must not
        assert re.search(verdict, page.text) or 0 < gate.threshold.value - reached.value < Fraction(1, 200), verdict


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_an_archetype_gets_what_was_worked_out_by_hand_on_the_site_and_on_paper(
    app: Any, session: Session, browser: Browser, framework: Framework, scenario: Scenario
) -> None:
    desk, asked = Journey(browser, framework, scenario).answer_everything()
    assert len(asked) == scenario.expected.asked.value
    declaration = DECLARATION | {"queries_confirmed": "y"}
    if "error" in scenario.expected.findings.values():
        assert "1 处矛盾" in desk.submit(422, **declaration).text
        return
    check_result(desk.submit(**declaration), scenario)
    if session.get_bind().dialect.name == "sqlite":  # what is on paper does not depend on the database
        check_report(print_report(app, session, desk), scenario)


def check_report(paper: Paper, scenario: Scenario) -> None:
    assert 8 <= paper.count <= 14
    assert scenario.expected.stage in paper.text
    for total in (scenario.expected.capability, scenario.expected.outcome):
        assert points(total.value) in paper.pages[1]
