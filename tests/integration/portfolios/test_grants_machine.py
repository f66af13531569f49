"""Whatever enterprises, consultants, heads of groups and the calendar do: nobody sees a client without a live grant.

Two of those who are let in are consultancies, the third is an enterprise that heads a group. The machine gives, changes
and takes back grants, lets days pass, changes roles and ends memberships, answers, and lets the worker look or not.
After every step each person opens the portfolio of all three, the page of each client, the export, and the client
itself; what they find is what the model of a few lines says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO
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
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.consulting.service import change_grant, form_group, give_grant, revoke_grant
from maturity.portfolios.models import PortfolioClient
from maturity.tenancy.models import SCOPES, Grant, Membership
from maturity.tenancy.permissions import Permission, permissions_by_grant
from tests.conftest import NOW, Browser
from tests.factories.assessments import answer, make_assessment
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.factories.portfolios import keep, make_consultancy, sweep

ROLES = ("owner", "editor", "contributor", "viewer")
ENTERPRISES, CONSULTANCIES, PEOPLE = range(2), range(3), range(2)
HEAD = 2  # of the "consultancies" that which is an enterprise


@dataclass
class World:
    """The site, and what ought to be true of it."""

    app: Any
    session: Session
    clock: FixedClock
    grants: dict[tuple[int, int], tuple[str, date]] = field(default_factory=dict)  # enterprise, consultancy
    roles: dict[tuple[int, int], str] = field(default_factory=dict)  # person, consultancy

    def live(self, enterprise: int, consultancy: int) -> str | None:
        """The scope, while the grant holds."""
        scope, until = self.grants.get((enterprise, consultancy), ("", date.min))
        return scope if until >= self.clock.today() else None


class Portfolios(RuleBasedStateMachine):
    site: World

    @initialize()
    def begin(self) -> None:
        world, session, clock = self.site, self.site.session, self.site.clock
        clock.at = NOW
        world.grants.clear()
        world.roles.clear()
        self.enterprises = [make_enterprise(session, make_user(session), clock, name=f"厂{n}") for n in ENTERPRISES]
        self.drafts = [make_assessment(session, tenant, clock, 2026) for tenant in self.enterprises]
        keep(session)
        people = [make_user(session) for _ in PEOPLE]
        keep(session)
        self.people = people
        self.consultancies = [make_consultancy(session, people[n], clock, f"询{n}") for n in PEOPLE]
        add_member(session, self.consultancies[0], people[1], "viewer", clock)
        keep(session)
        head = make_enterprise(session, people[0], clock, name="询2")
        add_member(session, head, people[1], "contributor", clock)
        form_group(session, head.id, actor_id=people[0].id, clock=clock)
        keep(session)
        self.consultancies.append(head)
        world.roles.update({(0, 0): "owner", (1, 1): "owner", (1, 0): "viewer"})
        world.roles.update({(0, HEAD): "owner", (1, HEAD): "contributor"})
        self.browsers = [Browser(world.app.test_client()) for _ in PEOPLE]
        for browser, person in zip(self.browsers, people, strict=True):
            sign_in(browser.client, person)
            keep(session)
        self.give(0, 0, "answer", 2)
        self.give(1, 0, "manage", 1)
        self.give(1, 1, "view", 6)
        self.give(0, HEAD, "manage", 3)
        self.let_the_worker_look()

    def teardown(self) -> None:
        """However the run went: one grant is taken back and the rest run out, with the figures still lying there."""
        if not hasattr(self, "browsers"):
            return
        self.let_the_worker_look()
        for enterprise, consultancy in list(self.site.grants)[:1]:
            self.revoke(enterprise, consultancy)
        self.nobody_sees_what_is_not_granted()
        self.site.clock.at += timedelta(days=7)
        self.nobody_sees_what_is_not_granted()
        self.let_the_worker_look()

    # What happens

    @rule(enterprise=st.sampled_from(ENTERPRISES), consultancy=st.sampled_from(CONSULTANCIES),
          scope=st.sampled_from(SCOPES), days=st.integers(0, 6))  # fmt: skip
    def give(self, enterprise: int, consultancy: int, scope: str, days: int) -> None:
        if self.site.live(enterprise, consultancy):
            return
        until = self.site.clock.today() + timedelta(days=days)
        sides = self.enterprises[enterprise], self.consultancies[consultancy]
        give_grant(self.site.session, *sides, scope, until, actor_id=None, clock=self.site.clock)
        keep(self.site.session)
        self.site.grants[enterprise, consultancy] = scope, until

    @rule(enterprise=st.sampled_from(ENTERPRISES), consultancy=st.sampled_from(CONSULTANCIES),
          scope=st.sampled_from(SCOPES), days=st.integers(0, 6))  # fmt: skip
    def change(self, enterprise: int, consultancy: int, scope: str, days: int) -> None:
        if self.site.live(enterprise, consultancy) is None:
            return
        until = self.site.clock.today() + timedelta(days=days)
        ids = self.enterprises[enterprise].id, self._grant_id(enterprise, consultancy)
        change_grant(self.site.session, *ids, scope, until, actor_id=None, clock=self.site.clock)  # type: ignore[arg-type]
        keep(self.site.session)
        self.site.grants[enterprise, consultancy] = scope, until

    @rule(enterprise=st.sampled_from(ENTERPRISES), consultancy=st.sampled_from(CONSULTANCIES))
    def revoke(self, enterprise: int, consultancy: int) -> None:
        if self.site.live(enterprise, consultancy) is None:
            return
        ids = self.enterprises[enterprise].id, self._grant_id(enterprise, consultancy)
        revoke_grant(self.site.session, *ids, actor_id=None, clock=self.site.clock)  # type: ignore[arg-type]
        keep(self.site.session)
        del self.site.grants[enterprise, consultancy]

    def _grant_id(self, enterprise: int, consultancy: int) -> Any:
        query = select(Grant.id).where(
            Grant.tenant_id == self.enterprises[enterprise].id,
            Grant.consultancy_id == self.consultancies[consultancy].id,
            Grant.revoked_at.is_(None),
        )
        return self.site.session.scalars(query).one()

    @rule(days=st.integers(1, 4))
    def pass_days(self, days: int) -> None:
        self.site.clock.at += timedelta(days=days)

    @rule(person=st.sampled_from(PEOPLE), consultancy=st.sampled_from(CONSULTANCIES), role=st.sampled_from(ROLES))
    def change_role(self, person: int, consultancy: int, role: str) -> None:
        membership = self._membership(person, consultancy)
        if membership is not None:
            membership.role, membership.ended_at = role, None
            self.site.roles[person, consultancy] = role
        keep(self.site.session)

    @rule(person=st.sampled_from(PEOPLE), consultancy=st.sampled_from(CONSULTANCIES))
    def end_membership(self, person: int, consultancy: int) -> None:
        membership = self._membership(person, consultancy)
        if membership is not None:
            membership.ended_at = self.site.clock.now()
            self.site.roles.pop((person, consultancy), None)
        keep(self.site.session)

    def _membership(self, person: int, consultancy: int) -> Membership | None:
        return self.site.session.get(Membership, (self.consultancies[consultancy].id, self.people[person].id))

    @rule(enterprise=st.sampled_from(ENTERPRISES))
    @precondition(lambda self: not self.__dict__.get("answered"))
    def answer_something(self, enterprise: int) -> None:
        answer(self.site.session, self.drafts[enterprise], "it_investment", self.site.clock)
        keep(self.site.session)
        self.answered = True

    @rule()
    def let_the_worker_look(self) -> None:
        sweep(self.site.app)
        session = self.site.session
        held = session.execute(select(PortfolioClient.tenant_id, PortfolioClient.client_id)).all()
        ours = {tenant.id for tenant in self.consultancies}
        found = {tuple(row) for row in held if row[0] in ours}
        keep(session)
        assert found == {
            (self.consultancies[c].id, self.enterprises[e].id)
            for e in ENTERPRISES
            for c in CONSULTANCIES
            if self.site.live(e, c)
        }

    # What is seen

    @invariant()
    def nobody_sees_what_is_not_granted(self) -> None:
        if not hasattr(self, "browsers"):
            return
        for person in PEOPLE:
            for consultancy in CONSULTANCIES:
                self._look(person, consultancy)
            for enterprise in ENTERPRISES:
                self._enter(person, enterprise)

    def _look(self, person: int, consultancy: int) -> None:
        browser, base = self.browsers[person], f"/t/{self.consultancies[consultancy].id}/clients"
        belongs = (person, consultancy) in self.site.roles
        if self._answers_for_the_head_alone(person, consultancy):
            browser.get(base, 403)
            return
        page = browser.get(f"{base}?view=all", 200 if belongs else 404)
        wanted = {e for e in ENTERPRISES if belongs and self.site.live(e, consultancy)}
        assert {e for e in ENTERPRISES if str(self.enterprises[e].id) in page.html} == wanted
        assert {e for e in ENTERPRISES if f"厂{e}" in page.text} == wanted
        for enterprise in ENTERPRISES:
            browser.get(f"{base}/{self.enterprises[enterprise].id}", 200 if enterprise in wanted else 404)
        chosen = "&".join(f"client={tenant.id}" for tenant in self.enterprises)
        with browser.client.get(f"{base}/export.xlsx?{chosen}") as response:
            assert response.status_code == (404 if not belongs else 200 if wanted else 422)
            if wanted:
                rows = load_workbook(BytesIO(response.data)).active.iter_rows(min_row=2, max_col=1, values_only=True)
                assert {row[0] for row in rows} == {f"厂{e}" for e in wanted}

    def _answers_for_the_head_alone(self, person: int, consultancy: int) -> bool:
        """A contributor of the head has sections to answer there, and no part in the group."""
        return consultancy == HEAD and self.site.roles.get((person, consultancy)) == "contributor"

    def _enter(self, person: int, enterprise: int) -> None:
        """Into the client itself, as far as the widest of the person's grants reaches."""
        may: set[Permission] = set()
        for consultancy in CONSULTANCIES:
            scope, role = self.site.live(enterprise, consultancy), self.site.roles.get((person, consultancy))
            if scope and role and not self._answers_for_the_head_alone(person, consultancy):
                may |= permissions_by_grant(scope, role)
        address = f"/t/{self.enterprises[enterprise].id}"
        self.browsers[person].get(f"{address}/", 200 if may else 404)
        edits = 200 if Permission.ENTERPRISE_EDIT in may else 403 if may else 404
        self.browsers[person].get(f"{address}/enterprise", edits)


@pytest.mark.parametrize("steps", [10])
def test_nobody_ever_sees_a_client_without_a_live_grant(
    app: Any, session: Session, clock: FixedClock, steps: int
) -> None:
    class Here(Portfolios):
        site = World(app, session, clock)

    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Here, settings=settings(max_examples=5, stateful_step_count=steps, deadline=None, suppress_health_check=checks)
    )


def test_the_model_knows_what_a_live_grant_is(clock: FixedClock) -> None:
    """The last day counts; the day after does not."""
    clock.at = NOW
    world = World(None, None, clock, grants={(0, 0): ("view", clock.today())})  # type: ignore[arg-type]
    assert world.live(0, 0) == "view"
    clock.at += timedelta(days=1)
    assert world.live(0, 0) is None
