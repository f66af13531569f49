"""The people of an enterprise: invited, joining, given roles, leaving; and what the pages say about it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.messages.models import Message
from maturity.tenancy.models import Invitation, Membership, Tenant
from tests.conftest import Browser
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import keep, make_user, sign_in

LINK = re.compile(r"http://\S+(/invitations/\S+)")
COLLEAGUE = "li.mei@example.com"


@pytest.fixture
def owner(session: Session) -> User:
    user = make_user(session, name="王建国")
    keep(session)
    return user


@pytest.fixture
def tenant(session: Session, clock: FixedClock, owner: User) -> Tenant:
    tenant = make_enterprise(session, owner, clock)
    keep(session)
    return tenant


@pytest.fixture
def desk(browser: Browser, owner: User, tenant: Tenant) -> Browser:
    """The owner, signed in."""
    sign_in(browser.client, owner)
    return browser


@pytest.fixture
def other(app: Any) -> Browser:
    """Somebody else's browser."""
    return Browser(app.test_client())


def people(tenant: Tenant) -> str:
    return f"/t/{tenant.id}/people"


def invite(desk: Browser, tenant: Tenant, contact: str = COLLEAGUE, role: str = "editor", status: int = 200) -> Any:
    return desk.post(people(tenant), {"contact": contact, "role": role}, status)


def link_sent(session: Session) -> str:
    session.rollback()
    body = session.scalars(select(Message.body).order_by(Message.created_at.desc(), Message.id)).first() or ""
    session.rollback()
    found = LINK.search(body)
    assert found, body
    return found[1]


def role_of(session: Session, tenant: Tenant, user: User) -> str | None:
    session.rollback()
    query = select(Membership.role).where(Membership.tenant_id == tenant.id, Membership.user_id == user.id)
    found = session.scalar(query.where(Membership.ended_at.is_(None)))
    session.rollback()
    return found


@pytest.fixture
def colleague(session: Session, other: Browser) -> User:
    """Has an account with the invited address, and is signed in."""
    user = make_user(session, name="李梅", email=COLLEAGUE)
    keep(session)
    sign_in(other.client, user)
    return user


def test_an_invited_colleague_joins_with_the_role_of_the_invitation(
    desk: Browser, session: Session, tenant: Tenant, other: Browser, colleague: User
) -> None:
    assert "is on its way" in invite(desk, tenant).text
    page = other.get(link_sent(session))
    assert f"Invitation to {tenant.name}" in page.text
    assert "王建国 asks you to join as Editor" in page.text
    joined = other.post(link_sent(session))
    assert joined.path == f"/t/{tenant.id}/"
    assert role_of(session, tenant, colleague) == "editor"
    assert "李梅" in desk.get(people(tenant)).text


def test_an_invitation_is_good_for_one_joining(
    desk: Browser, session: Session, tenant: Tenant, other: Browser, colleague: User
) -> None:
    invite(desk, tenant)
    other.post(link_sent(session))
    other.get(link_sent(session), 404)
    other.post(link_sent(session), status=404)


def test_a_link_that_was_passed_on_lets_nobody_else_in(
    desk: Browser, session: Session, tenant: Tenant, other: Browser
) -> None:
    stranger = make_user(session, name="Stranger")
    keep(session)
    sign_in(other.client, stranger)
    invite(desk, tenant)
    assert "went to another address" in other.get(link_sent(session)).text
    assert "went to another address" in other.post(link_sent(session), status=409).text
    assert role_of(session, tenant, stranger) is None
    other.get(f"/t/{tenant.id}/", 404)


def test_whoever_has_the_link_and_only_claims_the_address_stays_outside(
    desk: Browser, session: Session, tenant: Tenant, other: Browser
) -> None:
    claimer = make_user(session, name="Claimer", email="claimer@example.com")
    claimer.claimed = COLLEAGUE
    keep(session)
    sign_in(other.client, claimer)
    invite(desk, tenant)
    assert "on your account page first" in other.get(link_sent(session)).text
    assert "on your account page first" in other.post(link_sent(session), status=409).text
    other.get(f"/t/{tenant.id}/", 404)


def test_who_is_not_signed_in_is_asked_to_and_comes_back(
    desk: Browser, session: Session, tenant: Tenant, other: Browser
) -> None:
    invite(desk, tenant)
    response = other.client.get(link_sent(session))
    assert response.status_code == 302
    assert "/sign-in?next=/invitations/" in response.location


@pytest.mark.parametrize("damage", ["revoked", "expired", "forged", "replaced"])
def test_a_link_that_is_void_says_so(
    desk: Browser, session: Session, tenant: Tenant, other: Browser, colleague: User, clock: FixedClock, damage: str
) -> None:
    invite(desk, tenant)
    link = link_sent(session)
    if damage == "revoked":
        invitation_id = session.scalars(select(Invitation.id)).one()
        session.rollback()
        assert "taken back" in desk.post(f"/t/{tenant.id}/invitations/{invitation_id}/revoke").text
    elif damage == "expired":
        clock.at += timedelta(days=14, seconds=1)
        assert "expired" in desk.get(people(tenant)).text
    elif damage == "forged":
        link = link[:-1] + ("A" if link[-1] != "A" else "B")
    else:
        invite(desk, tenant, role="viewer")
    assert "not open any more" in other.get(link, 404).text
    assert "not open any more" in other.post(link, status=404).text
    assert role_of(session, tenant, colleague) is None


@pytest.mark.parametrize(
    ("contact", "role", "message"),
    [
        ("", "editor", "Enter the e-mail address or the mobile number of your colleague."),
        ("nobody", "editor", "Write an address like name@company.com"),
        ("12345", "editor", "Write an address like name@company.com"),
        ("x@example.com", "king", "Choose a role."),
    ],
)
def test_a_wrong_entry_is_named_and_kept(desk: Browser, tenant: Tenant, contact: str, role: str, message: str) -> None:
    page = invite(desk, tenant, contact, role, status=422)
    assert message in page.text
    assert f'value="{contact}"' in page.html


def test_nobody_is_invited_twice_into_the_same_enterprise(desk: Browser, tenant: Tenant, owner: User) -> None:
    assert "belongs to the enterprise already" in invite(desk, tenant, str(owner.email), status=409).text


def test_a_mobile_number_gets_the_link_as_a_text_message(desk: Browser, session: Session, tenant: Tenant) -> None:
    invite(desk, tenant, "138 0013 8000")
    message = session.scalars(select(Message)).one()
    assert (message.kind, message.recipient) == ("sms", "+8613800138000")
    assert "/invitations/" in message.body


def test_whether_an_address_has_an_account_is_not_told(
    desk: Browser, session: Session, tenant: Tenant, colleague: User
) -> None:
    known, unknown = (invite(desk, tenant, contact).text for contact in (COLLEAGUE, "nobody.yet@example.com"))
    assert (
        known.replace(COLLEAGUE, "X").partition("Open invitations")[0]
        == (unknown.replace("nobody.yet@example.com", "X").partition("Open invitations")[0])
    )


@pytest.fixture
def member(session: Session, tenant: Tenant, clock: FixedClock, other: Browser) -> User:
    """An editor of the enterprise, signed in in the other browser."""
    user = make_user(session, name="李梅", email=COLLEAGUE)
    add_member(session, tenant, user, "editor", clock)
    keep(session)
    sign_in(other.client, user)
    return user


def test_a_new_role_counts_from_the_next_page(desk: Browser, tenant: Tenant, member: User, other: Browser) -> None:
    other.get(f"/t/{tenant.id}/enterprise")
    desk.post(f"{people(tenant)}/{member.id}/role", {"role": "viewer"})
    other.get(f"/t/{tenant.id}/enterprise", 403)


def test_a_removed_member_is_an_outsider_at_once(desk: Browser, tenant: Tenant, member: User, other: Browser) -> None:
    other.get(f"/t/{tenant.id}/")
    assert "The person is removed" in desk.post(f"{people(tenant)}/{member.id}/remove").text
    other.get(f"/t/{tenant.id}/", 404)


def test_a_removed_member_can_be_invited_again(
    desk: Browser, session: Session, tenant: Tenant, member: User, other: Browser
) -> None:
    desk.post(f"{people(tenant)}/{member.id}/remove")
    invite(desk, tenant, role="viewer")
    other.post(link_sent(session))
    assert role_of(session, tenant, member) == "viewer"


def test_a_member_leaves(tenant: Tenant, member: User, other: Browser) -> None:
    assert "You have left" in other.post(f"/t/{tenant.id}/leave").text
    other.get(f"/t/{tenant.id}/", 404)


@pytest.mark.parametrize("way", ["leave", "role", "remove"])
def test_the_last_owner_stays(
    desk: Browser, session: Session, tenant: Tenant, owner: User, member: User, way: str
) -> None:
    url = f"/t/{tenant.id}/leave" if way == "leave" else f"{people(tenant)}/{owner.id}/{way}"
    assert "keeps an owner" in desk.post(url, {"role": "viewer"}, 409).text
    assert role_of(session, tenant, owner) == "owner"


def test_with_another_owner_one_may_go(
    desk: Browser, session: Session, tenant: Tenant, owner: User, member: User
) -> None:
    desk.post(f"{people(tenant)}/{member.id}/role", {"role": "owner"})
    desk.post(f"/t/{tenant.id}/leave")
    assert role_of(session, tenant, owner) is None


@pytest.mark.parametrize("role", ["signatory", "editor", "contributor", "reviewer", "viewer"])
def test_who_does_not_manage_people_sees_them_and_nothing_to_press(
    session: Session, tenant: Tenant, other: Browser, clock: FixedClock, owner: User, role: str
) -> None:
    user = make_user(session, name="李梅")
    add_member(session, tenant, user, role, clock)
    keep(session)
    sign_in(other.client, user)
    page = other.get(people(tenant))
    assert "王建国" in page.text
    assert "Invite a colleague" not in page.text
    other.post(people(tenant), {"contact": COLLEAGUE, "role": "owner"}, 403)
    other.post(f"{people(tenant)}/{owner.id}/remove", status=403)
    other.post(f"{people(tenant)}/{user.id}/role", {"role": "owner"}, 403)


def test_somebody_of_another_enterprise_is_not_to_be_found(
    desk: Browser, session: Session, tenant: Tenant, clock: FixedClock
) -> None:
    stranger = make_user(session)
    make_enterprise(session, stranger, clock, name="Other")
    session.commit()
    desk.post(f"{people(tenant)}/{stranger.id}/role", {"role": "viewer"}, 404)
    desk.post(f"{people(tenant)}/{stranger.id}/remove", status=404)


def test_every_change_is_in_the_audit_log(
    desk: Browser, session: Session, tenant: Tenant, other: Browser, colleague: User
) -> None:
    invite(desk, tenant)
    other.post(link_sent(session))
    desk.post(f"{people(tenant)}/{colleague.id}/role", {"role": "viewer"})
    desk.post(f"{people(tenant)}/{colleague.id}/remove")
    session.rollback()
    events = session.scalars(select(AuditEvent.event).where(AuditEvent.event.not_like("enterprise%"))).all()
    assert sorted(events) == ["member.invited", "member.joined", "member.removed", "member.role_changed"]


def test_the_token_is_kept_as_a_hash(desk: Browser, session: Session, tenant: Tenant) -> None:
    invite(desk, tenant)
    token = link_sent(session).rpartition("/")[2]
    assert session.scalars(select(Invitation.token_hash)).one() != token
