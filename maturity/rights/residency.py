"""Where data lie: the region the operator names, and where a tenant wants its data kept.

A region is `CN` for the mainland, or the code of a province or city (GB/T 2260). An installation in Shanghai suits who
wants Shanghai and who wants the mainland; one that only says `CN` does not suit who wants Shanghai.
"""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.clock import Clock
from maturity.errors import Invalid
from maturity.reference.regions import full_name, provinces, region
from maturity.rights.models import DataSettings

MAINLAND = "CN"


def is_region(code: str) -> bool:
    """
    >>> [is_region(code) for code in ("CN", "310000", "370200", "US", "")]
    [True, True, True, False, False]
    """
    return code == MAINLAND or region(code) is not None


def suits(kept: str, wanted: str) -> bool:
    """Whether data kept in one region are where they are wanted; without a wish everywhere.

    >>> [suits("310000", wanted) for wanted in ("", "CN", "310000", "370000")]
    [True, True, True, False]
    >>> suits("370200", "370000"), suits("CN", "370000"), suits("", "CN")
    (True, False, False)
    """
    if not wanted:
        return True
    if wanted == MAINLAND:
        return kept == MAINLAND or region(kept) is not None
    return kept.startswith(wanted.rstrip("0")) if region(kept) is not None else False


def region_words(code: str, locale: str) -> str:
    """A region as people call it; empty where none is named."""
    if code == MAINLAND:
        return "中国大陆" if locale.startswith("zh") else "Mainland China"
    return full_name(code, locale) if region(code) is not None else code


def region_choices(locale: str) -> list[tuple[str, str]]:
    """The mainland, then its provinces."""
    return [(code, region_words(code, locale)) for code in (MAINLAND, *(place.code for place in provinces()))]


def required_region_of(session: Session, tenant_id: uuid.UUID) -> str:
    query = select(DataSettings.required_region).where(DataSettings.tenant_id == tenant_id)
    return session.scalar(query) or ""


def require_region(session: Session, tenant_id: uuid.UUID, wanted: str, *, actor_id: int, clock: Clock) -> None:
    """A tenant says where its data have to lie; empty for no wish."""
    if wanted and not is_region(wanted):
        raise Invalid("data_region")
    if required_region_of(session, tenant_id) == wanted:
        return
    settings = session.get(DataSettings, tenant_id)
    if settings is None:
        settings = DataSettings(tenant_id=tenant_id)
        session.add(settings)
    settings.required_region = wanted
    details = {"setting": "data_region", "value": region_words(wanted, "zh_CN") or "-"}
    record(session, clock, "settings.changed", actor_id, tenant_id, **details)
    session.flush()


def unsuited(session: Session, kept: str) -> list[tuple[uuid.UUID, str]]:
    """The tenants whose data do not lie where they want them; the session works across tenants."""
    query = select(DataSettings.tenant_id, DataSettings.required_region).where(DataSettings.required_region != "")
    return [row._tuple() for row in session.execute(query) if not suits(kept, row.required_region)]
