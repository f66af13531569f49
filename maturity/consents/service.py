"""Saying yes and no, and whether something may be used: the latest act on a purpose counts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.audit.service import record, record_for_account
from maturity.clock import Clock
from maturity.consents.models import PersonConsent, TenantConsent
from maturity.consents.texts import PERSON, PURPOSES, TENANT, current_text
from maturity.errors import Invalid
from maturity.tenancy.models import Tenant


@dataclass(frozen=True, slots=True)
class Standing:
    """What was last said about a purpose, by whom and when; nothing said is no."""

    purpose: str
    given: bool = False
    at: datetime | None = None
    user_id: int | None = None
    version: str = ""

    @property
    def is_of_current_text(self) -> bool:
        return self.version == current_text(self.purpose).version


def say_for_person(session: Session, user_id: int, purpose: str, *, given: bool, locale: str, clock: Clock) -> None:
    """A person gives or withdraws a consent; saying the same about the same text twice is one act."""
    _known(purpose, PERSON)
    if not given and not PURPOSES[purpose].is_optional:
        raise Invalid("consent_needed")
    before = person_standing(session, user_id)[purpose]
    if _says_already(before, given=given):
        return
    session.add(PersonConsent(user_id=user_id, **_act(before, locale, clock, given=given)))
    event = "account.consent_given" if given else "account.consent_withdrawn"
    record_for_account(session, clock, event, user_id, purpose=purpose)
    session.flush()


def say_for_tenant(
    session: Session, tenant_id: uuid.UUID, purpose: str, *, given: bool, actor_id: int, locale: str, clock: Clock
) -> None:
    """An owner gives or withdraws a consent of the tenant."""
    _known(purpose, TENANT)
    before = tenant_standing(session, tenant_id)[purpose]
    if _says_already(before, given=given):
        return
    act = _act(before, locale, clock, given=given)
    session.add(TenantConsent(tenant_id=tenant_id, user_id=actor_id, **act))
    event = "consent.given" if given else "consent.withdrawn"
    record(session, clock, event, actor_id, tenant_id, purpose=purpose)
    session.flush()


def _known(purpose: str, of: str) -> None:
    if purpose not in PURPOSES or PURPOSES[purpose].of != of:
        raise Invalid("consent_purpose", purpose)


def _says_already(standing: Standing, *, given: bool) -> bool:
    if standing.at is None:
        return not given
    return standing.given == given and (not given or standing.is_of_current_text)


def _act(before: Standing, locale: str, clock: Clock, *, given: bool) -> dict[str, Any]:
    """Later than what was said before, even when a clock stands still: the latest one counts."""
    text, at = current_text(before.purpose), clock.now()
    if before.at is not None and at <= before.at:
        at = before.at + timedelta(microseconds=1)
    named = {"purpose": before.purpose, "version": text.version, "text_sha256": text.sha256(locale), "locale": locale}
    return {"id": uuid.uuid4(), "given": given, "at": at} | named


def person_standing(session: Session, user_id: int) -> Mapping[str, Standing]:
    """What a person last said about each of their purposes."""
    return _standing(session, PersonConsent, PersonConsent.user_id == user_id, PERSON)


def tenant_standing(session: Session, tenant_id: uuid.UUID) -> Mapping[str, Standing]:
    """What was last said for a tenant about each of its purposes."""
    return _standing(session, TenantConsent, TenantConsent.tenant_id == tenant_id, TENANT)


def _standing(session: Session, table: Any, mine: Any, of: str) -> Mapping[str, Standing]:
    found = {name: Standing(name) for name, purpose in PURPOSES.items() if purpose.of == of}
    for act in session.scalars(select(table).where(mine).order_by(table.at, table.id)):
        if act.purpose in found:
            found[act.purpose] = Standing(act.purpose, act.given, act.at, act.user_id, act.version)
    return found


def may_use(session: Session, purpose: str, tenant_id: uuid.UUID) -> bool:
    """Whether a tenant's data may be used for a purpose now. Synthetic enterprises are nobody's, and always may."""
    _known(purpose, TENANT)
    tenant = session.get(Tenant, tenant_id)
    if tenant is None or tenant.deletion_due is not None:
        return False
    return tenant.is_synthetic or tenant_standing(session, tenant_id)[purpose].given


def tenants_that_allow(session: Session, purpose: str) -> frozenset[uuid.UUID]:
    """Every tenant that said yes to the present text of a purpose; the session works across tenants.

    A yes to an earlier wording was a yes to what that promised, and does not count for what is done on a large scale.
    """
    _known(purpose, TENANT)
    version = current_text(purpose).version
    last = (
        select(TenantConsent.tenant_id, func.max(TenantConsent.at).label("at"))
        .where(TenantConsent.purpose == purpose)
        .group_by(TenantConsent.tenant_id)
        .subquery()
    )
    query = (
        select(TenantConsent.tenant_id)
        .join(last, (last.c.tenant_id == TenantConsent.tenant_id) & (last.c.at == TenantConsent.at))
        .join(Tenant, Tenant.id == TenantConsent.tenant_id)
        .where(TenantConsent.purpose == purpose, TenantConsent.given, TenantConsent.version == version)
        .where(Tenant.deletion_due.is_(None))
    )
    synthetic = select(Tenant.id).where(Tenant.is_synthetic)
    return frozenset(session.scalars(query)) | frozenset(session.scalars(synthetic))


def may_write_to(session: Session, user_id: int) -> bool:
    """Whether a person agreed to letters that are not about their own work here."""
    return person_standing(session, user_id)["contact"].given
