"""Two who claim one code: the incumbent hears of it and answers, the rival learns nothing, the operator decides."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from maturity.tenancy.service import PLATFORM
from tests.factories.claims import make_domain
from tests.functional.claims.conftest import REASON, Desk, Party, World

RIVAL = "青岛海岳数控机床有限公司"
ANSWER = "我是该企业信息部负责人，附上的合同可以证明。"


def plain(html: str, party: Party) -> str:
    """A page without what differs between any two: ids, tokens."""
    html = html.replace(str(party.tenant.id), "TENANT").replace(str(party.user.email), "ADDRESS")
    html = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID", html)
    html = re.sub(r'(people/|value=")\d+(/role|/remove|" >)', r"\1N\2", html)
    html = re.sub(r'(name="csrf_token"[^>]*value=")[^"]*', r"\1TOKEN", html)
    return re.sub(r"(nonce|request)[-=][\"']?[A-Za-z0-9+/=_-]+", "ONCE", html)


def looks(party: Party) -> list[str]:
    """Every page of the enterprise on which its claim leaves a trace, and its log."""
    addresses = ("/", "/claim", "/enterprise", "/log", "/people", "/consultants")
    found = []
    for address in addresses:
        response = party.browser.client.get(party.base + address)
        assert response.status_code in (200, 404), address
        text = plain(response.text, party)
        # Two events of one moment stand in the log in the order of their ids.
        found.append("\n".join(sorted(text.splitlines())) if address == "/log" else text)
        found.append(str({name: value for name, value in response.headers if name != "X-Request-Id"}.keys()))
    return found


def journey(world: World, desk: Desk, party: Party, way: str) -> list[list[str]]:
    """What a claimant sees at every step until the day of the answer."""
    seen = [looks(party)]
    if way == "code":
        party.by_code("AAAA-BBBB-CCCC", 422)
        seen.append(looks(party))
        party.by_code(world.code())
    elif way == "address":
        party.by_address()
    else:
        party.by_licence()
        seen.append(looks(party))
        world.work()
        seen.append(looks(party))
        desk.review(world.claim(party), "accept")
    seen.append(looks(party))
    for days in (0, 1, 4, 1):
        world.work(days=days)
        seen.append(looks(party))
    return seen


@pytest.mark.parametrize("way", ["code", "address", "licence"])
def test_a_rivals_pages_are_the_same_whether_the_code_is_claimed_or_not(world: World, desk: Desk, way: str) -> None:
    make_domain(world.session, world.clock, "haiyue-cnc.com")
    start = world.clock.at
    alone = world.party(email="li@haiyue-cnc.com", name="李梅")
    without = journey(world, desk, alone, way)
    alone.post("withdraw")
    world.work()
    world.clock.at = start
    incumbent = world.party(is_claimed=True, name="王建国")
    rival = world.party(email="wu@haiyue-cnc.com", name="李梅")
    against = journey(world, desk, rival, way)
    assert len(world.disputes(incumbent)) == 1
    for one, other in zip(without, against, strict=True):
        assert one == other


def test_a_refused_rival_reads_what_every_refused_claimant_reads(world: World, desk: Desk) -> None:
    pages = []
    for is_contested in (False, True):
        if is_contested:
            world.party(is_claimed=True)
        party = world.party(name="李梅")
        party.by_code(world.code())
        world.work()
        desk.decide(world.claim(party), "refuse")
        world.work()
        pages.append([plain(party.page().html, party), *world.letters(party.user)])
    assert pages[0] == pages[1]
    assert REASON not in pages[1][0]


def test_the_incumbent_is_told_by_letter_and_on_its_pages_and_not_by_whom(world: World) -> None:
    incumbent, rival = world.party(is_claimed=True), world.party(name="李梅", email="li@rival.example")
    rival.by_code(world.code())
    world.work()
    assert world.letters(incumbent.user) == [f"Somebody else claims {RIVAL}"]
    assert "Somebody else claims this enterprise. Tell the operator by 2026-11-29" in incumbent.home().text
    page = incumbent.page()
    assert "Somebody else claims this enterprise" in page.text
    for told in ("李梅", "li@rival.example", str(rival.tenant.id)):
        assert told not in page.html
    assert "claim.disputed" in world.events(incumbent.tenant.id)
    assert "claim.disputed" not in world.events(rival.tenant.id)


def test_the_incumbent_answers_and_the_operator_reads_it(world: World, desk: Desk) -> None:
    incumbent, rival = world.party(is_claimed=True), world.party(name="李梅")
    rival.by_code(world.code())
    world.work()
    (dispute,) = world.disputes(incumbent)
    assert "Write why the enterprise is yours." in incumbent.post(f"disputes/{dispute.id}", 422, answer=" ").text
    assert ANSWER in incumbent.post(f"disputes/{dispute.id}", answer=ANSWER).html
    assert "The operator has your answer" in incumbent.home().text
    page = desk.get(f"/{world.claim(rival).id}")
    assert ANSWER in page.text
    assert "contested" in desk.get().text


def test_an_answer_comes_in_time_or_not_at_all(world: World) -> None:
    incumbent, rival = world.party(is_claimed=True), world.party(name="李梅")
    rival.by_code(world.code())
    world.work()
    (dispute,) = world.disputes(incumbent)
    world.clock.at += timedelta(days=5)
    incumbent.post(f"disputes/{dispute.id}", 409, answer=ANSWER)
    assert "The time for an answer is over." in incumbent.page().text


def test_nobody_else_answers(world: World) -> None:
    incumbent, rival = world.party(is_claimed=True), world.party(name="李梅")
    rival.by_code(world.code())
    world.work()
    (dispute,) = world.disputes(incumbent)
    rival.post(f"disputes/{dispute.id}", 404, answer=ANSWER)


def test_the_incumbent_keeps_the_enterprise(world: World, desk: Desk) -> None:
    incumbent, rival = world.party(is_claimed=True), world.party(name="李梅")
    rival.by_code(world.code())
    world.work()
    claim = world.claim(rival)
    desk.decide(claim, "confirm", status=409)
    desk.decide(claim, "refuse")
    assert (world.is_claimed(incumbent), world.is_claimed(rival)) == (True, False)
    assert REASON in incumbent.page().text
    assert f"{RIVAL} stays with you" in world.letters(incumbent.user)
    assert world.letters(rival.user) == [f"Your claim of {RIVAL} is not accepted"]
    assert "claim.judged" in world.events(PLATFORM)
    assert REASON in desk.get(f"/{claim.id}").text


def test_what_nobody_decides_stays_with_the_incumbent(world: World) -> None:
    incumbent, rival = world.party(is_claimed=True), world.party(name="李梅")
    rival.by_code(world.code())
    world.work()
    world.work(days=7)
    assert (world.is_claimed(incumbent), world.is_claimed(rival)) == (True, False)
    assert "No decision was made in time." in incumbent.page().text
    assert world.claim(rival).state == "refused"


def test_a_dispute_falls_with_its_claim(world: World) -> None:
    incumbent, rival = world.party(is_claimed=True), world.party(name="李梅")
    rival.by_code(world.code())
    world.work()
    rival.post("withdraw")
    world.work()
    assert [dispute.decision for dispute in world.disputes(incumbent)] == ["dropped"]
    assert "Somebody else claims this enterprise. Tell" not in incumbent.home().text


def test_of_two_unclaimed_the_first_to_prove_is_the_incumbent(world: World, desk: Desk) -> None:
    first, second = world.party(), world.party(name="李梅")
    first.by_code(world.code())
    world.work(days=1)
    second.by_code(world.code())
    world.work()
    assert len(world.disputes(first)) == 1
    assert world.disputes(second) == []
    world.work(days=6)
    assert world.is_claimed(first)
    world.work(days=1)
    assert not world.is_claimed(second)


def test_where_the_first_takes_its_proof_back_the_second_is_confirmed(world: World) -> None:
    first, second = world.party(), world.party(name="李梅")
    first.by_code(world.code())
    world.work(days=1)
    second.by_code(world.code())
    world.work()
    first.post("withdraw")
    world.work(days=7)
    assert world.is_claimed(second)
    assert [dispute.decision for dispute in world.disputes(first)] == ["dropped"]


def test_the_operator_may_decide_for_the_second_of_two_unclaimed(world: World, desk: Desk) -> None:
    first, second = world.party(), world.party(name="李梅")
    first.by_code(world.code())
    world.work(days=1)
    second.by_code(world.code())
    world.work()
    desk.decide(world.claim(second), "hand_over")
    assert (world.is_claimed(first), world.is_claimed(second)) == (False, True)
    assert world.members(first) == {first.user.id: "owner"}
    assert world.claim(first).state == "refused"


def test_the_operator_need_not_wait_where_nobody_contests(world: World, desk: Desk) -> None:
    party = world.party()
    party.by_code(world.code())
    world.work()
    claim = world.claim(party)
    assert "Nobody contests the claim." in desk.get(f"/{claim.id}").text
    desk.decide(claim, "confirm")
    assert world.is_claimed(party)
    desk.decide(claim, "refuse", status=409)


def test_a_decision_without_a_reason_is_none(world: World, desk: Desk) -> None:
    party = world.party()
    party.by_code(world.code())
    page = desk.decide(world.claim(party), "confirm", "ok", 422)
    assert "Write 10 to 300 characters." in page.text
    assert "Choose a decision." in desk.post(f"/{world.claim(party).id}/decide", 422, reason=REASON).text
    assert not world.is_claimed(party)
