"""What a tenant asks of its people's sign-in, its identity provider, and who comes in through it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.accounts.contacts import Contact
from maturity.accounts.models import User
from maturity.audit.service import record, record_for_account
from maturity.audit.vocabulary import Personal, subject_of_user
from maturity.clock import Clock
from maturity.db import act_for
from maturity.errors import Conflict, Invalid, NotAllowed, NotFound
from maturity.federation.domains import PUBLIC_MAIL, domain_of
from maturity.federation.models import Identity
from maturity.federation.protocol import Vouched
from maturity.federation.sealed import seal
from maturity.messages.models import Message
from maturity.people.service import admit, invitation_of
from maturity.tenancy.door import Lacking, Standing, lacking
from maturity.tenancy.models import IdentityProvider, Membership, Tenant
from maturity.tenancy.permissions import ROLE_PERMISSIONS
from maturity.tenancy.service import Access

#: Roles that nobody gets by arriving: they are given to a person, by name.
BY_NAME_ONLY = ("owner", "signatory")
MOST_DOMAINS = 20
#: Letters with the way to a company's sign-in that one address may be sent in an hour.
MOST_LETTERS = 5


@dataclass(frozen=True, slots=True)
class Policy:
    """What the settings page says about signing in."""

    second_factor: bool
    provider: bool
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProviderTerms:
    """An identity provider as an owner describes it; without a secret the former one stays."""

    issuer: str
    client_id: str
    client_secret: str
    domains: tuple[str, ...]
    arrivals: str
    default_role: str
    is_trusted: bool


@dataclass(frozen=True, slots=True)
class Actor:
    """The owner who changes settings, and what their sign-in has proved."""

    user: User
    standing: Standing


# Settings


def provider_of(session: Session, tenant_id: uuid.UUID) -> IdentityProvider | None:
    return session.scalar(select(IdentityProvider).where(IdentityProvider.tenant_id == tenant_id))


def roles_for_arrivals(kind: str) -> Sequence[str]:
    """The roles that somebody may get by arriving; none in tenants that have named roles alone."""
    return [role for role in ROLE_PERMISSIONS.get(kind, {}) if role not in BY_NAME_ONLY]


def change_policy(session: Session, access: Access, policy: Policy, *, actor: Actor, clock: Clock) -> None:
    """What the tenant asks at its door from the next request on.

    An owner asks of others only what the own sign-in has shown: `Conflict` says what is missing, so that nobody shuts
    the tenant from outside.
    """
    tenant = access.tenant
    if policy.provider and not tenant.provider_required:
        _can_ask_for_provider(session, access, actor)
    if policy.second_factor and not tenant.second_factor_required:
        strict = replace(access, asks=replace(access.asks, second_factor=True, provider=False))
        if lacking(strict, actor.standing) is Lacking.SECOND_FACTOR:
            raise Conflict("second_factor_first")
    switches = {"second_factor": policy.second_factor, "provider": policy.provider}
    columns = {"second_factor": "second_factor_required", "provider": "provider_required"}
    for setting, wanted in switches.items():
        if getattr(tenant, columns[setting]) != wanted:
            setattr(tenant, columns[setting], wanted)
            _switched(session, tenant.id, setting, wanted, actor, clock)
    if list(policy.domains) != tenant.invitation_domains:
        tenant.invitation_domains = list(policy.domains)
        told = ", ".join(policy.domains) or "*"
        record(session, clock, "settings.domains_changed", _id(actor.user), tenant.id, domains=told[:500])
    session.flush()


def _can_ask_for_provider(session: Session, access: Access, actor: Actor) -> None:
    """There is a provider, this owner has come through it once, and has the way out when it fails."""
    if access.asks.provider_id is None:
        raise Conflict("provider_first")
    through = select(Identity.user_id).where(Identity.provider_id == access.asks.provider_id)
    if session.scalar(through.where(Identity.user_id == _id(actor.user)).limit(1)) is None:
        raise Conflict("provider_untried")
    if not (actor.standing.own and actor.standing.second_factor):
        raise Conflict("way_out_first")


def _switched(session: Session, tenant_id: uuid.UUID, setting: str, on: bool, actor: Actor, clock: Clock) -> None:
    state = "on" if on else "off"
    record(session, clock, "settings.switched", _id(actor.user), tenant_id, setting=setting, state=state)


def save_provider(
    session: Session, access: Access, terms: ProviderTerms, *, actor: Actor, secrets: Mapping[str, str], clock: Clock
) -> IdentityProvider:
    """Set the tenant's provider up or change it. Whether it answers was tried before, outside the transaction.

    Another issuer is another provider: who came through the former one is signed out, and connects anew.
    """
    tenant = access.tenant
    former = provider_of(session, tenant.id)
    check_terms(former, terms, actor.user, tenant.kind)
    if former is not None and former.issuer != terms.issuer:
        _drop(session, former, access, actor, clock)
        former = None
    provider = former or IdentityProvider(
        id=uuid.uuid4(), tenant_id=tenant.id, issuer=terms.issuer, created_at=clock.now()
    )
    provider.client_id, provider.domains = terms.client_id, list(terms.domains)
    provider.arrivals, provider.default_role = terms.arrivals, terms.default_role
    if terms.client_secret:
        provider.client_secret = seal(secrets, provider.id, terms.client_secret)
        provider.secret_set_at = clock.now()
    if bool(provider.is_trusted) != terms.is_trusted:
        _switched(session, tenant.id, "provider_trusted", terms.is_trusted, actor, clock)
    provider.is_trusted = terms.is_trusted
    session.add(provider)
    told = {"issuer": terms.issuer[:500], "domains": ", ".join(terms.domains)[:500], "arrivals": terms.arrivals}
    record(session, clock, "provider.saved", _id(actor.user), tenant.id, **told, role=terms.default_role)
    if terms.client_secret and former is not None:
        record(session, clock, "provider.secret_changed", _id(actor.user), tenant.id, issuer=terms.issuer[:500])
    session.flush()
    return provider


def check_terms(former: IdentityProvider | None, terms: ProviderTerms, user: User, kind: str) -> None:
    """What can be said without asking the provider; `Invalid` with the field it is about."""
    if not terms.client_secret and (former is None or former.issuer != terms.issuer):
        raise Invalid("provider_secret_missing", "client_secret")  # never the old secret to a new address
    if not terms.domains:
        raise Invalid("provider_domain_missing", "domains")
    if len(terms.domains) > MOST_DOMAINS:
        raise Invalid("provider_domains_many", "domains")
    for domain in terms.domains:
        if domain in PUBLIC_MAIL:
            raise Invalid("provider_domain_public", "domains")
        if domain != domain_of(str(user.email or "")) and domain not in (former.domains if former else []):
            raise Invalid("provider_domain_foreign", "domains")
    if terms.arrivals == "everybody" and terms.default_role not in roles_for_arrivals(kind):
        raise Invalid("provider_role", "default_role")


def remove_provider(session: Session, access: Access, *, actor: Actor, clock: Clock) -> None:
    """Nobody comes in through it any more, from the next request on."""
    provider = provider_of(session, access.tenant.id)
    if provider is None:
        raise NotFound("provider")
    _drop(session, provider, access, actor, clock)


def _drop(session: Session, provider: IdentityProvider, access: Access, actor: Actor, clock: Clock) -> None:
    if access.tenant.provider_required:
        access.tenant.provider_required = False
        _switched(session, access.tenant.id, "provider", False, actor, clock)
    record(session, clock, "provider.removed", _id(actor.user), access.tenant.id, issuer=provider.issuer[:500])
    session.delete(provider)
    session.flush()


# Coming in


def provider_to_enter(session: Session, tenant_id: uuid.UUID) -> tuple[IdentityProvider, Tenant]:
    """The provider of the tenant that an address names; `NotFound` alike for no tenant and for no provider."""
    query = select(IdentityProvider, Tenant).join(Tenant, Tenant.id == IdentityProvider.tenant_id)
    row = session.execute(query.where(Tenant.id == tenant_id)).one_or_none()
    if row is None:
        raise NotFound("provider")
    return row._tuple()


def name_for_member(session: Session, tenant_id: uuid.UUID, user_id: int) -> str | None:
    """The tenant's name for somebody who belongs to it."""
    query = select(Tenant.name).join(Membership, Membership.tenant_id == Tenant.id)
    mine = (Tenant.id == tenant_id, Membership.user_id == user_id, Membership.ended_at.is_(None))
    return session.scalar(query.where(*mine))


def check_reach(provider: IdentityProvider, vouched: Vouched) -> None:
    """Whether the provider may say this at all."""
    if vouched.issuer != provider.issuer:
        raise Conflict("provider_changed")
    if domain_of(vouched.email) not in provider.domains:
        raise NotAllowed("provider_domain_not_vouched")


def person_of(session: Session, provider: IdentityProvider, vouched: Vouched) -> User | None:
    """Who stands connected to this subject of this issuer."""
    query = select(User).join(Identity, Identity.user_id == User.id).where(*_subject(provider, vouched))
    return session.scalar(query)


def _subject(provider: IdentityProvider, vouched: Vouched) -> tuple[Any, ...]:
    return (
        Identity.provider_id == provider.id,
        Identity.issuer == vouched.issuer,
        Identity.subject == vouched.subject,
    )


def is_members_address(session: Session, provider: IdentityProvider, vouched: Vouched) -> bool:
    """Whether a member of this tenant has proved the address: then it is that account, or none.

    Only members are looked at, whom the tenant sees anyway. Who else has an account nobody learns here.
    """
    query = select(Membership.user_id).join(User, User.id == Membership.user_id)
    on = (Membership.tenant_id == provider.tenant_id, Membership.ended_at.is_(None), User.email == vouched.email)
    return session.scalar(query.where(*on).limit(1)) is not None


def connect(session: Session, provider: IdentityProvider, vouched: Vouched, user: User, clock: Clock) -> None:
    """From now on this subject is this person, who is signed in with the account itself and has proved the address."""
    if user.email != vouched.email:
        raise Conflict("provider_other_address")
    _join(session, provider, vouched, user, clock)
    _connect(session, provider, vouched, user, clock)


def begin_account(session: Session, provider: IdentityProvider, vouched: Vouched, locale: str, clock: Clock) -> User:
    """An account for somebody new. The address stays claimed: the provider's word counts in its tenant, not beyond.

    `NotAllowed` where the tenant's terms let the person not in.
    """
    if is_members_address(session, provider, vouched):
        raise Conflict("provider_members_address")
    user = User(
        email=None,
        claimed=vouched.email,
        password=None,
        name=vouched.name,
        locale=locale,
        active=True,
        fs_uniquifier=uuid.uuid4().hex,
    )
    session.add(user)
    session.flush()
    _join(session, provider, vouched, user, clock)
    _connect(session, provider, vouched, user, clock)
    return user


def come_in(session: Session, provider: IdentityProvider, vouched: Vouched, user: User, clock: Clock) -> bool:
    """Let a connected person in; whether they joined just now."""
    if not user.active:
        raise NotAllowed("account_closed")
    joined = _join(session, provider, vouched, user, clock)
    identity = session.scalars(select(Identity).where(*_subject(provider, vouched))).one()
    identity.last_at, identity.email = clock.now(), vouched.email
    session.flush()
    return joined


def _join(session: Session, provider: IdentityProvider, vouched: Vouched, user: User, clock: Clock) -> bool:
    """A member stays one; somebody invited joins with the invitation's role; anybody else as the terms say.

    Who was removed comes back by invitation only: removing must hold although the provider still knows the person.
    """
    tenant_id, user_id = provider.tenant_id, _id(user)
    former = session.get(Membership, (tenant_id, user_id))
    if former is not None and former.ended_at is None:
        return False
    invitation = invitation_of(session, tenant_id, vouched.email, clock)
    if invitation is not None:
        role = invitation.role
        invitation.accepted_at = clock.now()
    elif provider.arrivals == "everybody" and former is None:
        role = provider.default_role
    else:
        raise NotAllowed("provider_not_invited")
    admit(session, tenant_id, user, role, clock)
    act_for(session, None)
    return True


def _connect(session: Session, provider: IdentityProvider, vouched: Vouched, user: User, clock: Clock) -> None:
    now, user_id, tenant_id, issuer = clock.now(), _id(user), provider.tenant_id, provider.issuer
    identity = Identity(
        provider_id=provider.id,
        issuer=vouched.issuer,
        subject=vouched.subject,
        tenant_id=tenant_id,
        user_id=user_id,
        email=vouched.email,
        created_at=now,
        last_at=now,
    )
    try:
        with session.begin_nested():
            session.add(identity)
    except IntegrityError as error:  # the same person in two windows
        raise Conflict("provider_connected_already") from error
    record_for_account(session, clock, "account.provider_connected", user_id, issuer=issuer[:500])
    who: dict[str, Any] = {"user_id": str(user_id), "name": Personal(subject_of_user(user_id), user.name)}
    act_for(session, tenant_id, user_id)
    record(session, clock, "provider.connected", user_id, tenant_id, **who)
    session.flush()
    act_for(session, None)


def companies_of(session: Session, contact: Contact, clock: Clock) -> list[Tenant]:
    """The tenants whose providers vouch for the address's domain; none once it had letters enough for an hour."""
    since = clock.now() - timedelta(hours=1)
    sent = select(func.count()).where(Message.recipient == contact.value, Message.created_at > since)
    if contact.kind != "email" or (session.scalar(sent) or 0) >= MOST_LETTERS:
        return []
    domain = domain_of(contact.value)
    query = select(IdentityProvider.domains, Tenant).join(Tenant, Tenant.id == IdentityProvider.tenant_id)
    found = [tenant for domains, tenant in session.execute(query).all() if domain in domains]
    return sorted(found, key=lambda tenant: (tenant.name, tenant.id))


def _id(user: User) -> int:
    return int(user.id)
