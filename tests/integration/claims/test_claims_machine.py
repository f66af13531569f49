"""Whatever claimants, the operator and the calendar do: at most one enterprise of a credit code is ever claimed, every
enterprise keeps an owner, and a rival's page is what it would be if nobody else had the code.

The machine lets several enterprises of one code, and one of another, prove themselves in each way, take it back, answer
and change their code; the operator accepts, refuses, confirms and hands over; days pass and the worker works or not.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from maturity.claims.models import Claim, Dispute
from maturity.claims.service import OBJECTIONS
from maturity.organisations.models import Enterprise
from maturity.reference.uscc import synthetic
from maturity.tenancy.models import Membership
from maturity.tenancy.service import PLATFORM
from tests.conftest import NOW
from tests.factories import files
from tests.factories.enterprises import FORM
from tests.functional.claims.conftest import REASON, Desk, Party, World

PARTIES = range(3)
#: What a claimant may ever see of an open claim, without days and names.
SEEN = {
    None: "By an invitation code",
    "review": "The operator looks at licences in the order in which they come",
    "proved": "objections can be raised and the operator can look into it",
    "refused": "was not accepted",
    "withdrawn": "By an invitation code",
    "handed_over": "The operator handed the enterprise over to",
    "confirmed": "Claimed since",
}


class Claims(RuleBasedStateMachine):
    here: World
    random = Random(7)  # codes of enterprises that are not there
    reached: Counter[str]
    before: str

    @initialize()
    def begin(self) -> None:
        """With codes of its own: what an earlier run has claimed would decide everything."""
        self.here.clock.at = NOW
        self.codes = [synthetic(self.random, "370200") for _ in range(2)]
        self.parties: list[Party] = [self.here.party(name=f"申请人{n}", uscc=self.codes[0]) for n in PARTIES]
        self.desk = Desk(self.here.staff())
        if self.before != "nothing":
            self.prove_by_code(0, 0)
        if self.before == "taken back":
            self.take_back(0)
        if self.before == "refused":
            self.decide(0, "refuse")
        if self.before in ("claimed", "handed over"):
            self.decide(0, "confirm")
            self.prove_by_code(1, 0)
        if self.before == "handed over":
            self.decide(0, "hand_over")

    @rule(who=st.sampled_from(PARTIES), which=st.sampled_from([0, 0, 0, 1]))
    def prove_by_code(self, who: int, which: int) -> None:
        code = self.here.code(uscc=self.codes[which])
        self._post(who, "claim/code", code=code)

    @rule(who=st.sampled_from(PARTIES))
    @precondition(lambda self: not self.__dict__.get("uploaded"))
    def upload_a_licence(self, who: int) -> None:
        self.uploaded = True
        self._post(who, "claim/licence", licence=(io.BytesIO(files.picture()), "执照.png"))

    @rule(who=st.sampled_from(PARTIES))
    def take_back(self, who: int) -> None:
        self._post(who, "claim/withdraw")

    @rule(who=st.sampled_from(PARTIES), which=st.sampled_from([0, 1]))
    def change_the_code(self, who: int, which: int) -> None:
        self._post(who, "enterprise", **FORM | {"uscc": self.codes[which]})

    @rule(who=st.sampled_from(PARTIES))
    def answer(self, who: int) -> None:
        for dispute in self.here.disputes(self.parties[who]):
            self._post(who, f"claim/disputes/{dispute.id}", answer="是我们的企业，可以证明。")

    def _post(self, who: int, address: str, **fields: Any) -> None:
        party = self.parties[who]
        status = party.browser.client.post(f"{party.base}/{address}", data=fields).status_code
        assert status in (302, 404, 409, 422), f"{address}: {status}"

    @rule(which=st.integers(0, 2), decision=st.sampled_from(["accept", "reject", "confirm", "refuse", "hand_over"]))
    def decide(self, which: int, decision: str) -> None:
        ours = select(Claim).where(Claim.uscc.in_(self.codes))
        claims = self.here.all(ours.order_by(Claim.ended_at.is_not(None), Claim.started_at, Claim.id))
        if which >= len(claims):
            return
        if claims[which].state == "review" and decision in ("confirm", "hand_over"):
            decision = "accept"
        page = "review" if decision in ("accept", "reject") else "decide"
        address = f"/t/{PLATFORM}/operation/claims/{claims[which].id}/{page}"
        status = self.desk.browser.client.post(address, data={"decision": decision, "reason": REASON}).status_code
        assert status in (302, 409), f"{decision}: {status}"

    @rule(days=st.sampled_from([1, 3, 7]))
    def pass_days(self, days: int) -> None:
        self.here.clock.at += timedelta(days=days)

    @rule()
    def let_the_worker_work(self) -> None:
        self.here.work()

    @invariant()
    def at_most_one_enterprise_of_a_code_is_claimed(self) -> None:
        if not hasattr(self, "parties"):
            return
        count = select(func.count()).where(Enterprise.claimed_at.is_not(None)).group_by(Enterprise.uscc)
        assert max(self.here.all(count), default=0) <= 1

    @invariant()
    def every_enterprise_keeps_an_owner(self) -> None:
        if not hasattr(self, "parties"):
            return
        owners = select(Membership.tenant_id).where(Membership.role == "owner", Membership.ended_at.is_(None))
        owned = set(self.here.all(owners))
        assert {party.tenant.id for party in self.parties} <= owned

    @invariant()
    def what_is_proved_was_open_to_objections_or_decided(self) -> None:
        if not hasattr(self, "parties"):
            return
        for claim in self.here.all(select(Claim).where(Claim.state.in_(["proved", "confirmed"]))):
            assert claim.due_at == claim.proved_at + OBJECTIONS

    @invariant()
    def a_claimant_sees_the_own_claim_and_nothing_of_others(self) -> None:
        """The page follows from the own rows: the state of the own claim, and disputes where it is the incumbent."""
        if not hasattr(self, "parties"):
            return
        for party in self.parties:
            response = party.browser.client.get(f"{party.base}/claim")
            if response.status_code == 404:
                assert self.here.members(party).keys().isdisjoint({party.user.id})
                continue
            text = re.sub(r"<[^>]+>", " ", response.text)
            others = {f"申请人{n}" for n in PARTIES} - {party.user.name}
            latest = select(Claim.state).where(Claim.tenant_id == party.tenant.id)
            states = self.here.all(latest.order_by(Claim.ended_at.is_not(None), Claim.started_at.desc(), Claim.id))
            self.reached.update(states)
            if not self.here.is_claimed(party):
                assert SEEN[states[0] if states else None] in text
                assert not [name for name in others if name in text]
            disputes = self.here.disputes(party)
            assert ("Somebody else claims this enterprise" in text) == bool(disputes)

    def teardown(self) -> None:
        """However the run went, in the end nothing hangs: every proof has its answer, every dispute its decision."""
        if not hasattr(self, "parties"):
            return
        self.here.work()
        self.here.work(days=8)
        self.at_most_one_enterprise_of_a_code_is_claimed()
        assert self.here.all(select(Claim.id).where(Claim.state == "proved")) == []
        assert self.here.all(select(Dispute.id).where(Dispute.decision.is_(None))) == []


@pytest.mark.parametrize(
    ("history", "state"),
    [
        ("nothing", None),
        ("claimed", "confirmed"),
        ("handed over", "handed_over"),
        ("taken back", "withdrawn"),
        ("refused", "refused"),
    ],
)
def test_at_most_one_is_claimed_and_a_rival_learns_nothing(world: World, history: str, state: str | None) -> None:
    class Here(Claims):
        here = world
        reached: Counter[str] = Counter()
        before = history

    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Here, settings=settings(max_examples=4, stateful_step_count=14, deadline=None, suppress_health_check=checks)
    )
    assert state is None or state in Here.reached, "the machine has not come by what it begins with"
