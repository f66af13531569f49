"""From the application to the certificate that a buyer verifies: four people, four browsers, and a real worker."""

from __future__ import annotations

import os
import re
import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from maturity.clock import SystemClock
from tests.browser.conftest import Live, NewPage
from tests.browser.page import Faults, check_page
from tests.factories.certification import make_applicant, make_body
from tests.factories.certification_review import make_reviewer

pytestmark = pytest.mark.browser
PHONE = 390
MADE_WITHIN = 90_000  # milliseconds that the worker has for a file, on a machine with other things to do
NUMBER = re.compile(r"MC(-[0-9A-Z]{5}){4}")
SHOTS = os.environ.get("CERTIFICATION_SHOTS")
#: An enterprise is proved once, and every test of the session has the same database.
CODE = "91370200MA3K7Q2R5X"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part, as ids."""

    client: uuid.UUID
    body: uuid.UUID
    body_name: str
    owner: int
    manager: int
    lead: int
    decider: int


@pytest.fixture
def cast(live: Live) -> Cast:
    clock: Any = SystemClock()
    name = f"华信认证中心 {uuid.uuid4().hex[:4]}"
    with live.session() as session:
        client, owner, _submission = make_applicant(session, clock, uscc=CODE)
        body, manager = make_body(session, clock, name)
        lead = make_reviewer(session, body, clock, name="赵评审")
        decider = make_reviewer(session, body, clock, name="李决定", role="signatory")
        return Cast(client.id, body.id, name, owner.id, manager.id, lead.id, decider.id)


class Stage:
    """One browser for each person. A page that has to be there is looked over before it is used."""

    def __init__(self, new_page: NewPage, cast: Cast) -> None:
        self.cast = cast
        self.owner = new_page(lang="en", user=cast.owner)
        self.manager = new_page(lang="en", user=cast.manager)
        self.lead = new_page(lang="en", user=cast.lead, width=PHONE)
        self.decider = new_page(lang="en", user=cast.decider)
        self.shots = 0

    def look(self, page: Page, name: str) -> None:
        check_page(page)
        if SHOTS:
            self.shots += 1
            page.screenshot(path=str(Path(SHOTS) / f"{self.shots:02}-{name}.png"), full_page=True)


@pytest.fixture
def stage(new_page: NewPage, cast: Cast) -> Stage:
    return Stage(new_page, cast)


def test_from_the_application_to_a_certificate_that_a_buyer_verifies(
    stage: Stage, new_page: NewPage, faults: Faults, tmp_path: Path
) -> None:
    faults.expect("422")  # the application is sent without an entry, too
    _apply(stage)
    case = _accept_and_staff(stage)
    _review_on_the_phone(stage)
    _decide(stage, case)
    number = _receive(stage, tmp_path)
    _verify(stage, new_page, number, tmp_path)
    _suspend(stage, number)
    buyer = new_page(lang="zh", width=PHONE)
    buyer.goto(f"/verify/{number}")
    expect(buyer.get_by_role("heading", level=1)).to_contain_text("暂停")
    stage.look(buyer, "buyer-suspended-phone")


def _apply(stage: Stage) -> None:
    page = stage.owner
    page.goto(f"/t/{stage.cast.client}/certification")
    stage.look(page, "enterprise-empty")
    page.get_by_role("link", name="Apply for certification").first.click()
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a certification body")
    stage.look(page, "apply-wrong")
    page.get_by_label(re.compile(r"\b2025\b")).first.check()
    page.get_by_label(stage.cast.body_name).check()
    page.get_by_label("What the certificate is to cover").fill("数控机床的设计、制造与服务；青岛厂区")
    page.get_by_label("Reviewers of this body may open").check()
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("It is the turn of"))).to_be_visible()
    stage.look(page, "case-applied")


def _accept_and_staff(stage: Stage) -> str:
    page, cast = stage.manager, stage.cast
    page.goto(f"/t/{cast.body}/cases")
    stage.look(page, "desk")
    page.get_by_role("link", name="青岛海岳数控机床有限公司").first.click()
    page.get_by_role("button", name="Accept", exact=True).click()
    first, last = date.today(), date.today() + timedelta(days=10)  # noqa: DTZ011  # as the browser has it
    page.get_by_label("First day").fill(first.isoformat())
    page.get_by_label("Last day").fill(last.isoformat())
    page.get_by_label("on site", exact=False).first.check()
    page.get_by_role("button", name="Keep the days").click()
    address = page.url.partition("#")[0]
    page.get_by_role("link", name="Team and sample").first.click()
    for name, part in (("赵评审", "lead"), ("李决定", "decider")):
        page.get_by_label(name).check()
        page.get_by_label("Part in the case").select_option(part)
        page.get_by_role("button", name="Assign the person", exact=True).click()
    page.get_by_role("button", name="Draw the sample").click()
    expect(page.get_by_text("Drawn again just now: the same answers.")).to_be_visible()
    stage.look(page, "team")
    page.goto(address)
    stage.look(page, "body-case")
    page.get_by_role("button", name="Plan the review").click()
    expect(page.get_by_role("button", name="Plan the review")).to_have_count(0)
    stage.look(page, "body-case-planned")
    return address


def _review_on_the_phone(stage: Stage) -> None:
    page = stage.lead
    page.goto(f"/t/{stage.cast.body}/reviews")
    stage.look(page, "my-reviews-phone")
    page.get_by_role("link", name="青岛海岳数控机床有限公司").first.click()
    page.get_by_label("I declare this").check()
    stage.look(page, "independence-phone")
    page.get_by_role("button", name="Declare and open the file").click()
    page.get_by_role("button", name="Begin the review").click()
    items = page.locator("[data-item]")
    expect(page.get_by_role("button", name="Begin the review")).to_have_count(0)
    stage.look(page, "begun-phone")
    for number in range(items.count()):
        items.nth(number).locator(".judging__choice--confirmed").click()
        expect(items.nth(number).locator("[data-state]")).to_contain_text("Kept")
    stage.look(page, "file-phone")
    page.get_by_role("link", name="Result", exact=True).click()
    page.get_by_role("button", name="Keep this result").click()
    stage.look(page, "result-phone")
    page.get_by_role("link", name="Recommendation", exact=True).click()
    page.get_by_label("Recommend to certify").check()
    page.get_by_role("button", name="Recommend", exact=True).click()
    expect(page.get_by_text("The case waits for the decision.")).to_be_visible()


def _decide(stage: Stage, case: str) -> None:
    page = stage.decider
    page.goto(case)
    stage.look(page, "decision")
    page.get_by_role("radio", name=re.compile("^Certify")).check()
    page.get_by_label("I had no part in the review").check()
    page.get_by_role("button", name="Record your decision").click()
    expect(page.get_by_role("heading", name="The case is over")).to_be_visible()


def _receive(stage: Stage, folder: Path) -> str:
    page = stage.owner
    page.goto(f"/t/{stage.cast.client}/certification")
    number = NUMBER.search(page.get_by_role("main").inner_text())
    assert number
    page.get_by_role("link", name=number[0]).first.click()
    download = page.get_by_role("link", name="Download the PDF")
    _until(page, lambda: download.count() > 0)
    stage.look(page, "certificate")
    with page.expect_download() as waiting:
        download.click()
    waiting.value.save_as(folder / "certificate.pdf")
    assert (folder / "certificate.pdf").read_bytes().startswith(b"%PDF-")
    return number[0]


def _until(page: Page, is_there: Any) -> None:
    """Load the page again until the worker has done its part."""
    for _ in range(MADE_WITHIN // 1000):
        if is_there():
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError("the certificate was not made")


def _verify(stage: Stage, new_page: NewPage, number: str, folder: Path) -> None:
    """A buyer without an account: by the number as somebody read it out, and by the file."""
    page = new_page(lang="en")
    page.goto("/")
    page.get_by_label("Certificate number").fill(number.lower().replace("-", " "))
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("valid")
    expect(page.get_by_text("青岛海岳数控机床有限公司").first).to_be_visible()
    stage.look(page, "buyer-valid")
    page.goto("/verify")
    page.set_input_files("input[type=file]", folder / "certificate.pdf")
    page.get_by_role("button", name=re.compile("file", re.IGNORECASE)).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("valid")
    stage.look(page, "buyer-file")


def _suspend(stage: Stage, number: str) -> None:
    page = stage.manager
    page.goto(f"/t/{stage.cast.body}/certificates")
    stage.look(page, "body-certificates")
    page.get_by_role("link", name=number).first.click()
    page.get_by_role("radio", name=re.compile("^Suspend")).check()
    page.get_by_label("Why it is suspended").select_option("misuse")
    page.get_by_label("In words, for the holder").fill("证书被用于未覆盖的厂区。")
    stage.look(page, "body-certificate")
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("The certificate was misused").first).to_be_visible()
