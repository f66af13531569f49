"""Two at the same moment: one code is used once, one of two enterprises is claimed, one decision counts."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from maturity.claims import contest
from maturity.tenancy.service import PLATFORM
from tests.functional.claims.conftest import REASON, Desk, Party, World
from tests.integration.assessments.conftest import at_once


@pytest.mark.parametrize("round_number", range(3))
def test_two_claims_confirmed_at_once_make_one_claimed_enterprise(world: World, round_number: int) -> None:
    first, second = world.party(), world.party(name="李梅")
    first.by_code(world.code())
    second.by_code(world.code())
    claims = [world.claim(first), world.claim(second)]
    desks = [Desk(world.staff()), Desk(world.staff())]

    def decide(number: int) -> int:
        fields = {"decision": "confirm", "reason": REASON}
        address = f"/t/{PLATFORM}/operation/claims/{claims[number].id}/decide"
        return desks[number].browser.client.post(address, data=fields).status_code

    answers = Counter(at_once([partial(decide, 0), partial(decide, 1)]))
    assert answers == {302: 1, 409: 1}
    assert [world.is_claimed(first), world.is_claimed(second)].count(True) == 1


@pytest.mark.parametrize("round_number", range(3))
def test_the_database_lets_no_second_one_be_claimed(
    world: World, round_number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where both looked for an incumbent before either was claimed: that is what the index is for."""
    first, second = world.party(), world.party(name="李梅")
    first.by_code(world.code())
    second.by_code(world.code())
    claims = [world.claim(first), world.claim(second)]
    desks = [Desk(world.staff()), Desk(world.staff())]
    monkeypatch.setattr(contest, "incumbent_of", lambda _session, _claim: None)

    def decide(number: int) -> int:
        fields = {"decision": "confirm", "reason": REASON}
        address = f"/t/{PLATFORM}/operation/claims/{claims[number].id}/decide"
        return desks[number].browser.client.post(address, data=fields).status_code

    assert Counter(at_once([partial(decide, 0), partial(decide, 1)])) == {302: 1, 409: 1}
    assert [world.is_claimed(first), world.is_claimed(second)].count(True) == 1


@pytest.mark.parametrize("round_number", range(3))
def test_a_code_that_two_have_is_used_by_one(world: World, round_number: int) -> None:
    first, second, code = world.party(), world.party(name="李梅"), world.code()

    def use(party: Party) -> int:
        return party.browser.client.post(f"{party.base}/claim/code", data={"code": code}).status_code

    assert Counter(at_once([partial(use, first), partial(use, second)])) == {302: 1, 422: 1}


def test_two_colleagues_begin_one_claim(world: World) -> None:
    party, code = world.party(), world.code()

    def use() -> int:
        return party.browser.client.post(f"{party.base}/claim/code", data={"code": code}).status_code

    answers = Counter(at_once([use, use]))
    assert answers[302] == 1
    assert set(answers) <= {302, 409, 422}
