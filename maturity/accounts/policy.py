"""What is asked of a person before something is allowed. Asked by accounts and by other features alike."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from maturity.extensions import db
from maturity.tenancy.models import Membership, Tenant


def is_confirmed(user: Any) -> bool:
    """Whether the person has proved an address or number. Invitations, claims and second factors ask for it.

    A contact that is only claimed is in another column, so that whoever has one has proved it.
    """
    return bool(user.email or user.us_phone_number)


def has_second_factor(user: Any) -> bool:
    """Whether the person could use one: an authenticator app, or a passkey of either use."""
    return bool(user.tf_totp_secret) or bool(list(user.webauthn))


def second_factor_required(user: Any) -> bool:
    """Whether the last second factor has to stay: a tenant the person belongs to asks for one at its door.

    At sign-in no tenant is open yet, so that none is asked; `maturity.tenancy.door` asks when one is opened.
    """
    asks = select(Tenant.id).join(Membership, Membership.tenant_id == Tenant.id)
    asks = asks.where(Membership.user_id == user.id, Membership.ended_at.is_(None), Tenant.second_factor_required)
    return db.session.scalar(asks.limit(1)) is not None
