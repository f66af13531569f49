"""Buying in a real browser, to the end: Stripe's page, its notice, and the plan that is open afterwards."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from maturity.billing.catalogue import sync_catalogue
from maturity.billing.stripe_gateway import StripeGateway
from maturity.clock import SystemClock
from maturity.consulting.service import register_consultancy
from maturity.plans.loader import price_list
from tests.browser.conftest import Live, NewPage, serving_site
from tests.browser.page import Faults, check_page
from tests.factories.billing import VERSION
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user
from tests.stripe_server import DECLINED, GOOD, StripeServer, running_stripe
from tests.stripe_server.server import KEY, SECRET

pytestmark = pytest.mark.browser
REFUSED = "the server responded with a status of 422"


@pytest.fixture(scope="module")
def stripe() -> Iterator[StripeServer]:
    with running_stripe() as found:
        list(sync_catalogue(StripeGateway(found.key, found.url).catalogue, price_list(VERSION)))
        yield found


@pytest.fixture(scope="module")
def live(stripe: StripeServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A site of its own, which has a key of Stripe's."""
    keys = {"MATURITY_STRIPE_KEY": KEY, "MATURITY_STRIPE_WEBHOOK_SECRET": SECRET, "MATURITY_STRIPE_API": stripe.url}
    with serving_site(tmp_path_factory.mktemp("shop"), "--without-demonstration", **keys) as found:
        stripe.listen(f"{found.address}/webhooks/stripe")
        yield found


@dataclass(slots=True)
class Buyer:
    """Somebody at the page of their plan, and what Stripe does meanwhile."""

    page: Page
    stripe: StripeServer

    def pay(self, *cards: str) -> None:
        """On Stripe's page, one card after the other until one is taken."""
        self.page.wait_for_url(re.compile(re.escape(self.stripe.url)))
        for card in cards:
            self.page.get_by_label("Card number").fill(card)
            self.page.get_by_role("button", name="Pay").click()

    def notice_comes(self) -> None:
        """Stripe tells the site what happened."""
        self.stripe.advance(to=int(time.time()))
        assert set(self.stripe.deliver()) == {200}


def owner_of(live: Live, kind: str) -> tuple[int, uuid.UUID]:
    clock: Any = SystemClock()
    with live.session() as session:
        owner = make_user(session)
        if kind == "consultancy":
            return owner.id, register_consultancy(session, "海岳咨询", owner_id=owner.id, clock=clock).id
        return owner.id, make_enterprise(session, owner, clock).id


@pytest.fixture
def buyer(live: Live, new_page: NewPage, faults: Faults, stripe: StripeServer) -> Any:
    """Open the page of the plan of a new tenant."""
    faults.elsewhere = stripe.url
    stripe.advance(to=int(time.time()))

    def open_page(kind: str, width: int, lang: str) -> Buyer:
        owner, tenant = owner_of(live, kind)
        page = new_page(width=width, lang=lang, user=owner)
        page.goto(f"/t/{tenant}/billing")
        return Buyer(page, stripe)

    return open_page


def test_an_enterprise_buys_pro_with_a_coupon(buyer: Any, faults: Faults) -> None:
    who: Buyer = buyer("enterprise", 1280, "zh")
    page = who.page
    faults.expect(REFUSED)
    expect(page.locator(".plan__name")).to_contain_text("免费版")
    page.get_by_role("link", name="选择套餐", exact=True).click()
    page.get_by_label("优惠码（如有）").fill("NOPE20")
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_label("优惠码（如有）")).to_have_value("NOPE20")
    check_page(page)
    page.get_by_label("优惠码（如有）").fill("welcome20")
    page.get_by_role("button", name="继续").click()
    who.pay(DECLINED, GOOD)
    expect(page.locator("h1")).to_have_text("正在确认付款")
    who.notice_comes()
    expect(page.locator("h1")).to_have_text("已完成，谢谢", timeout=20_000)
    check_page(page)
    page.get_by_role("link", name="查看套餐与付款").click()
    expect(page.locator(".plan__name")).to_contain_text("专业版")
    page.get_by_role("link", name="账单与收据").click()
    expect(page.locator("table")).to_contain_text("2,384.00")
    check_page(page)


def test_a_consultancy_buys_five_seats_and_gives_one_back(buyer: Any, faults: Faults) -> None:
    who: Buyer = buyer("consultancy", 390, "en")
    page = who.page
    faults.expect(REFUSED)
    page.get_by_role("link", name="Choose a plan", exact=True).click()
    page.get_by_label("Seats").fill("five")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("main")).to_contain_text("Give the number of seats as a whole number, such as 5.")
    expect(page.get_by_label("Seats")).to_have_value("five")
    page.get_by_label("Seats").fill("5")
    page.get_by_role("button", name="Go on").click()
    who.pay(GOOD)
    who.notice_comes()
    expect(page.locator("h1")).to_have_text("Thank you, it is done", timeout=20_000)
    page.get_by_role("link", name="To plan and payments").click()
    expect(page.locator(".plan")).to_contain_text("0 of 50")
    page.get_by_role("link", name="Change the plan").click()
    page.get_by_label("Seats").fill("4")
    page.get_by_role("button", name="Show what it costs").click()
    check_page(page)
    page.get_by_role("button", name="Change", exact=True).click()
    who.notice_comes()
    expect(page.locator("main")).to_contain_text("The subscription is changed.")
