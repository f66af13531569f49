"""The public registers: certificates by consent, certification bodies with their figures."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.verification.models import BodyFigures
from tests.conftest import Browser
from tests.factories.verification import make_body, make_certificate

pytestmark = pytest.mark.database
ELSEWHERE = {"industry": "261", "region": "330100", "level": 2}
REGISTER, BODIES = "/certificates-register", "/certification-bodies"


@pytest.fixture
def numbers(session: Session, clock: FixedClock) -> dict[str, str]:
    """One that agreed, one that did not, and those that are not valid any more."""
    body = make_body(session, clock)
    yesterday = clock.today() - timedelta(days=1)
    made = {
        "agreed": make_certificate(session, clock, body=body, in_register=True, holder="甲机床有限公司"),
        "other": make_certificate(session, clock, body=body, in_register=True, holder="乙化工有限公司", **ELSEWHERE),
        "silent": make_certificate(session, clock, body=body, holder="丙不公示有限公司"),
        "suspended": make_certificate(session, clock, body=body, in_register=True, status="suspended", holder="丁暂停"),
        "over": make_certificate(session, clock, body=body, in_register=True, valid_until=yesterday, holder="戊过期"),
    }
    found = {name: row.number for name, row in made.items()}
    session.commit()
    return found


def test_only_valid_ones_whose_holders_agreed_stand_in_it(browser: Browser, numbers: dict[str, str]) -> None:
    page = browser.get(REGISTER)
    assert [name for name, number in numbers.items() if number in page.text] == ["agreed", "other"]
    assert "截至 2026-11-24" in page.text
    rows = list(csv.reader(io.StringIO(browser.client.get(f"{REGISTER}.csv").text.lstrip("\ufeff"))))
    assert [row[0] for row in rows[1:]] == [numbers["other"], numbers["agreed"]]
    assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=机床", ["agreed"]),
        ("region=330000", ["other"]),
        ("division=26", ["other"]),
        ("level=3", ["agreed"]),
        ("framework=lianghua", ["agreed", "other"]),
        ("level=3&division=26", []),
        ("name=%25", []),
        ("level=nonsense", ["agreed", "other"]),
    ],
)
def test_it_is_searched(browser: Browser, numbers: dict[str, str], query: str, found: list[str]) -> None:
    page = browser.get(f"{REGISTER}?{query}")
    assert [name for name, number in numbers.items() if number in page.text] == found
    exported = browser.client.get(f"{REGISTER}.csv?{query}").text
    assert [name for name, number in numbers.items() if number in exported] == found


@pytest.mark.parametrize("asked", ["silent", "agreed"])
def test_it_answers_to_no_number_and_no_code(browser: Browser, numbers: dict[str, str], asked: str) -> None:
    """Or it would tell of a number whether it exists without being in it."""
    for typed in (numbers[asked], "91110000600037341L"):
        assert "没有符合条件的证书" in browser.get(f"{REGISTER}?name={typed}").text


def test_no_score_is_in_it(browser: Browser, session: Session, clock: FixedClock) -> None:
    make_certificate(session, clock, in_register=True, shows=["score", "dimensions"], score=Decimal("71.25"))
    session.commit()
    assert "71.25" not in browser.get(REGISTER).html + browser.client.get(f"{REGISTER}.csv").text


def test_a_cell_that_a_spreadsheet_would_run_is_defused(browser: Browser, session: Session, clock: FixedClock) -> None:
    make_certificate(session, clock, in_register=True, holder="=HYPERLINK(1)")
    session.commit()
    rows = list(csv.reader(io.StringIO(browser.client.get(f"{REGISTER}.csv").text.lstrip("\ufeff"))))
    assert not rows[1][1].startswith("=")


def test_what_there_is_none_of_is_said(browser: Browser) -> None:
    assert "登记册目前为空" in browser.get(REGISTER).text
    assert "The register is empty" in browser.get(f"{REGISTER}?lang=en").text
    assert "No certification body yet" in browser.get(BODIES).text


def test_pages_of_fifty(browser: Browser, session: Session, clock: FixedClock, monkeypatch: Any) -> None:
    for name in ("maturity.verification.registers.PAGE", "maturity.verification.register_routes.PAGE"):
        monkeypatch.setattr(name, 2)
    body = make_body(session, clock)
    for holder in "甲乙丙":
        make_certificate(session, clock, body=body, in_register=True, holder=f"{holder}企业")
    session.commit()
    first, second = browser.get(REGISTER), browser.get(f"{REGISTER}?page=2")
    assert [sum(f"{holder}企业" in page.text for holder in "甲乙丙") for page in (first, second)] == [2, 1]
    assert browser.get(f"{REGISTER}?page=99").h1 == ["证书登记册"]


# Certification bodies


def test_a_body_and_how_it_stands(browser: Browser, session: Session, clock: FixedClock) -> None:
    make_body(session, clock, "甲机构")
    make_body(session, clock, "乙机构", until=clock.today() - timedelta(days=1))
    make_body(session, clock, "丙机构", status="suspended", status_reason="整改中")
    session.commit()
    page = browser.get(f"{BODIES}?lang=en")
    assert [word in page.text for word in ("甲机构 Recognised", "乙机构 Ended", "丙机构 Suspended", "整改中")] == [
        True
    ] * 4
    assert "Not counted yet" in page.text


def test_its_figures_and_what_is_too_few(browser: Browser, session: Session, clock: FixedClock) -> None:
    body = make_body(session, clock)
    figures = {"cases_decided": 12, "corrected_share": 15, "median_days": 45, "certificates_valid": 9}
    session.add(BodyFigures(body_id=body.id, computed_at=clock.now(), **figures))
    session.commit()
    page = browser.get(f"{BODIES}?lang=en")
    figures = ("decided12", "evidenced15%", "refusedtoo few cases", "median45", "valid9", "withdrawnfewer than 5")
    assert [said for said in figures if said not in page.text] == []
    assert "比例按百分之 5 取整" in browser.get(f"{BODIES}?lang=zh").text
    assert not [word for word in page.text.split() if word == "None"]


def test_a_body_erased_meanwhile_is_told(browser: Browser, session: Session, clock: FixedClock) -> None:
    certificate = make_certificate(session, clock)
    certificate.body_id = uuid.uuid4()
    number = certificate.number
    session.commit()
    assert "not in the register of certification bodies" in browser.get(f"/verify/{number}?lang=en").text
