"""A page without charts is light: what a first visit loads over the wire, with an empty cache."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Draft, NewPage

pytestmark = pytest.mark.browser
MOST_BYTES = 100 * 1024
PUBLIC = (
    "/",
    "/methodology",
    "/reference-figures",
    "/reference-figures?page=3",
    "/reference-figures/indicators/ccid_total",
    "/reference-figures/cnc-rate-2023",
    "/demonstration",
    "/privacy",
    "/status",
    "/sign-in",
    "/register",
)
SECTIONS = ("infrastructure", "rd", "production", "management", "ecommerce", "outcomes")


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_is_light(new_page: NewPage, path: str) -> None:
    assert _weight(new_page(), path) <= MOST_BYTES


@pytest.mark.parametrize("path", ["/enterprises/new", "/account"])
def test_a_page_of_ones_own_is_light(new_page: NewPage, draft: Draft, path: str) -> None:
    assert _weight(new_page(user=draft.owner), path) <= MOST_BYTES


def test_the_home_page_and_every_answering_page_are_light(new_page: NewPage, draft: Draft) -> None:
    home = draft.address.partition("/assessments/")[0] + "/"
    answering = [f"{draft.address}/sections/{section}" for section in SECTIONS]
    weights = {
        path: _weight(new_page(user=draft.owner), path) for path in (home, *answering, f"{draft.address}/review")
    }
    assert not {path: weight for path, weight in weights.items() if weight > MOST_BYTES}


def _weight(page: Page, path: str) -> int:
    """Bytes received for the page and everything it loads, headers included."""
    received: list[float] = []
    protocol = page.context.new_cdp_session(page)
    protocol.send("Network.enable")
    protocol.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    reply = page.goto(path, wait_until="networkidle")
    assert reply is not None
    assert reply.ok
    assert len(received) > 5, "the style sheets must have been counted"
    return int(sum(received))
