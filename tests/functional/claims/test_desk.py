"""The operator's pages about claims: the queue by age, codes shown once, domains refused with the mend."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from maturity.messages.models import Message
from maturity.tenancy.service import PLATFORM
from tests.factories import files
from tests.factories.enterprises import USCC
from tests.functional.claims.conftest import Desk, World


def test_the_queue_is_by_age(world: World, desk: Desk) -> None:
    for number in range(3):
        party = world.party(name=f"申请人{number}")
        party.by_licence(files.picture(colour=("navy", "teal", "maroon")[number]))
        world.clock.at += timedelta(hours=5)
    world.work()
    text = desk.get().text
    places = [text.index(f"申请人{number}") for number in range(3)]
    assert places == sorted(places)


def test_the_licence_is_seen_as_our_picture_and_downloaded_on_record(world: World, desk: Desk) -> None:
    content = files.pdf("Licence")
    party = world.party()
    party.by_licence(content, "执照.pdf")
    world.work()
    claim = world.claim(party)
    page = desk.get(f"/{claim.id}")
    assert f"/operation/claims/{claim.id}/picture" in page.html
    base = page.path
    with desk.browser.client.get(f"{base}/picture") as picture:
        assert picture.content_type == "image/webp"
        assert "sandbox" in picture.headers["Content-Security-Policy"]
    assert "claim.licence_downloaded" not in world.events(party.tenant.id)
    with desk.browser.client.get(f"{base}/licence") as licence:
        assert licence.data == content
        assert licence.headers["Content-Disposition"].startswith("attachment")
    assert "claim.licence_downloaded" in world.events(party.tenant.id)


def test_a_code_is_shown_once_and_sent(world: World, desk: Desk) -> None:
    page = desk.post("/codes", uscc=USCC, sent_to="office@haiyue.example")
    code = page.text.split("It is shown this once. ")[1][:14]
    assert code not in desk.get("/codes").html
    party = world.party()
    assert "open to objections" in party.by_code(code).text
    assert "used" in desk.get("/codes").text
    (letter,) = world.all(select(Message).where(Message.recipient == "office@haiyue.example"))
    assert code in letter.body


def test_a_code_that_is_taken_back_does_not_work(world: World, desk: Desk) -> None:
    page = desk.post("/codes", uscc=USCC, sent_to="挂号信")
    code = page.text.split("It is shown this once. ")[1][:14]
    address = page.html.split("/operation/claims/codes/")[1].split("/revoke")[0]
    desk.post(f"/codes/{address}/revoke")
    world.party().by_code(code, 422)
    desk.post(f"/codes/{address}/revoke", 404)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"uscc": "911100006000373", "sent_to": "a@b.example"}, "The code has 18 characters"),
        ({"uscc": USCC, "sent_to": ""}, "or how you send the code"),
    ],
)
def test_a_wrong_entry_is_told_with_the_mend(desk: Desk, fields: dict[str, str], words: str) -> None:
    assert words in desk.post("/codes", 422, **fields).text


def test_a_domain_is_recorded_once_and_removed(world: World, desk: Desk) -> None:
    entry = {"uscc": USCC, "domain": "https://www.Haiyue-CNC.com/", "source": "鲁ICP备12345678号"}
    page = desk.post("/domains", **entry)
    assert "haiyue-cnc.com" in page.text
    assert "recorded for this credit code already" in desk.post("/domains", 422, **entry).text
    party = world.party(email="li@haiyue-cnc.com")
    row = page.html.split("/operation/claims/domains/")[1].split("/remove")[0]
    desk.post(f"/domains/{row}/remove")
    party.by_address(422)


@pytest.mark.parametrize(("domain", "words"), [("qq.com", "Anybody can have"), ("haiyue", "This is no domain")])
def test_a_domain_that_proves_nothing_is_refused(desk: Desk, domain: str, words: str) -> None:
    assert words in desk.post("/domains", 422, uscc=USCC, domain=domain, source="ICP").text


def test_an_enterprise_sees_no_operators_page(world: World) -> None:
    party = world.party()
    for address in ("", "/codes", "/domains"):
        party.browser.get(f"/t/{PLATFORM}/operation/claims{address}", 404)
        party.browser.get(f"{party.base}/operation/claims{address}", 403)
