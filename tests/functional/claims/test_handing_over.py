"""Handing over: everybody before loses the way in, what was answered stays, and the log tells it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.contacts import Contact
from maturity.accounts.models import User
from maturity.assessments.models import Answer
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.people.service import invite
from maturity.tenancy.models import IdentityProvider, Membership, Tenant
from tests.conftest import Browser
from tests.factories.assessments import answer, make_assessment
from tests.factories.enterprises import add_member
from tests.factories.people import keep, make_user, sign_in
from tests.factories.portfolios import give, make_consultancy
from tests.functional.claims.conftest import REASON, Desk, Party, World


@pytest.fixture
def parties(world: World) -> tuple[Party, Party]:
    return world.party(is_claimed=True), world.party(name="李梅")


@pytest.fixture
def colleague(world: World, parties: tuple[Party, Party]) -> Browser:
    user = make_user(world.session, name="孙强")
    add_member(world.session, parties[0].tenant, user, "editor", world.clock)
    client = world.app.test_client()
    sign_in(client, user)
    keep(world.session)
    return Browser(client)


def hand_over(world: World, desk: Desk, rival: Party) -> None:
    rival.by_code(world.code())
    world.work()
    desk.decide(world.claim(rival), "hand_over")


def test_the_claimant_becomes_the_owner_and_everybody_else_is_out(
    world: World, desk: Desk, parties: tuple[Party, Party], colleague: Browser
) -> None:
    incumbent, rival = parties
    colleague.get(f"{incumbent.base}/")
    hand_over(world, desk, rival)
    assert world.members(incumbent) == {rival.user.id: "owner"}
    for browser in (incumbent.browser, colleague):
        browser.get(f"{incumbent.base}/", 404)
    rival.browser.get(f"{incumbent.base}/people")
    assert (world.is_claimed(incumbent), world.is_claimed(rival)) == (True, False)
    assert "handed the enterprise over to 李梅" in rival.page().text
    assert {"member.removed", "member.joined", "claim.decided"} < set(world.events(incumbent.tenant.id))
    assert REASON in rival.browser.get(f"{incumbent.base}/log").text
    assert "青岛海岳数控机床有限公司 was handed over" in world.letters(incumbent.user)
    assert "青岛海岳数控机床有限公司 is handed over to you" in world.letters(rival.user)


def test_answers_stay_with_the_enterprise(
    world: World, desk: Desk, parties: tuple[Party, Party], session: Session, clock: FixedClock
) -> None:
    incumbent, rival = parties
    tenant = session.get_one(Tenant, incumbent.tenant.id)
    assessment = make_assessment(session, tenant, clock)
    answer(session, assessment, "it_investment", clock)
    keep(session)
    hand_over(world, desk, rival)
    assert len(world.all(select(Answer).where(Answer.tenant_id == incumbent.tenant.id))) == 1
    rival.browser.get(f"{incumbent.base}/assessments/{assessment.id}/sections/infrastructure")


def test_grants_and_invitations_end(
    world: World, desk: Desk, parties: tuple[Party, Party], session: Session, clock: FixedClock
) -> None:
    incumbent, rival = parties
    adviser = make_user(session)
    consultancy = make_consultancy(session, adviser, clock)
    give(session, session.get_one(Tenant, incumbent.tenant.id), consultancy, clock)
    client = world.app.test_client()
    sign_in(client, session.get_one(User, adviser.id))
    invited = make_user(session, email="new@haiyue.example")
    with for_tenant(session, incumbent.tenant.id):
        _row, token = invite(
            session, incumbent.tenant.id, Contact("email", "new@haiyue.example"), "owner", actor_id=None, clock=clock
        )
    joining = world.app.test_client()
    sign_in(joining, invited)
    keep(session)
    assert client.get(f"{incumbent.base}/").status_code == 200
    hand_over(world, desk, rival)
    assert client.get(f"{incumbent.base}/").status_code == 404
    assert joining.get(f"/invitations/{token}").status_code == 404
    assert {"grant.revoked", "invitation.revoked"} < set(world.events(incumbent.tenant.id))


def test_the_company_sign_in_of_those_before_goes_too(
    world: World, desk: Desk, parties: tuple[Party, Party], session: Session, clock: FixedClock
) -> None:
    incumbent, rival = parties
    row = IdentityProvider(
        tenant_id=incumbent.tenant.id,
        issuer="https://sso.old.example",
        client_id="x",
        client_secret="x",
        secret_set_at=clock.now(),
        domains=["old.example"],
        arrivals="everybody",
        default_role="owner",
        created_at=clock.now(),
    )
    session.add(row)
    tenant = session.get_one(Tenant, incumbent.tenant.id)
    tenant.provider_required, tenant.invitation_domains = True, ["old.example"]
    keep(session)
    hand_over(world, desk, rival)
    assert world.all(select(IdentityProvider)) == []
    rival.browser.get(f"{incumbent.base}/people")


def test_a_member_of_both_stays_as_the_owner(world: World, desk: Desk, parties: tuple[Party, Party]) -> None:
    incumbent, rival = parties
    user = world.session.get_one(User, rival.user.id)
    add_member(world.session, world.session.get_one(Tenant, incumbent.tenant.id), user, "viewer", world.clock)
    keep(world.session)
    hand_over(world, desk, rival)
    assert world.members(incumbent) == {rival.user.id: "owner"}
    assert "member.role_changed" in world.events(incumbent.tenant.id)


def test_nothing_is_handed_over_to_somebody_who_has_left(
    world: World, desk: Desk, parties: tuple[Party, Party], session: Session
) -> None:
    incumbent, rival = parties
    rival.by_code(world.code())
    world.work()
    session.get_one(Membership, (rival.tenant.id, rival.user.id)).ended_at = world.clock.now()
    keep(session)
    desk.decide(world.claim(rival), "hand_over", status=409)
    assert world.members(incumbent) == {incumbent.user.id: "owner"}
    world.clock.at += timedelta(days=7)
    world.work()
    assert world.is_claimed(incumbent)
