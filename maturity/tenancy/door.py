"""What a tenant asks of a sign-in before it opens, and what a sign-in has proved: pure rules, asked at every request.

They hold at the tenant's door alone. Whoever belongs to several tenants meets each one's policy there and no other's.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maturity.tenancy.service import Access


class Lacking(Enum):
    """What a sign-in has yet to prove."""

    OWN = "the account's own sign-in: this one came through a provider that the tenant does not trust"
    PROVIDER = "a sign-in through the tenant's own provider"
    SECOND_FACTOR = "a second factor"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the present sign-in has proved."""

    #: With a password or passkey of the account itself; otherwise through a provider alone.
    own: bool = True
    #: An authenticator app, passkey or recovery code of the account was used.
    second_factor: bool = False
    provider_id: uuid.UUID | None = None
    #: The tenant whose provider that is.
    provider_of: uuid.UUID | None = None
    #: The provider has said that it asked for a second factor.
    provider_says: bool = False


@dataclass(frozen=True, slots=True)
class Asks:
    """What a tenant asks."""

    second_factor: bool = False
    provider: bool = False
    provider_id: uuid.UUID | None = None
    #: A sign-in through its provider counts as one with a second factor.
    trusts_provider: bool = False


NOTHING_PROVED = Standing()
ASKS_NOTHING = Asks()


def lacking(access: Access, standing: Standing) -> Lacking | None:
    """What keeps the person out, or None. What everybody may look at is asked of nobody."""
    asks = access.asks
    if access.role is None and access.grant is None and access.staff_visit is None and not access.reviews:
        return None
    through_provider = asks.provider_id is not None and standing.provider_id == asks.provider_id
    if not (standing.own or through_provider or _comes_by_grant_of_its_own(access, standing)):
        return Lacking.OWN
    if asks.provider and access.role is not None and not through_provider:
        return Lacking.PROVIDER
    vouched_for = through_provider and (standing.provider_says or asks.trusts_provider)
    if asks.second_factor and not (standing.second_factor or vouched_for):
        return Lacking.SECOND_FACTOR
    return None


def may_mend(access: Access, standing: Standing) -> bool:
    """The way out when the provider fails: an owner with an own sign-in and second factor reaches the settings."""
    return access.role == "owner" and standing.own and standing.second_factor


def _comes_by_grant_of_its_own(access: Access, standing: Standing) -> bool:
    """A grant trusts the consultancy, and an application the body, hence the provider by which their people come in."""
    trusted = {review.body_id for review in access.reviews}
    if access.grant is not None:
        trusted.add(access.grant.consultancy_id)
    return standing.provider_of in trusted
