"""What is asked of a person before something is allowed. Asked by accounts and by other features alike."""

from __future__ import annotations

from typing import Any


def is_confirmed(user: Any) -> bool:
    """Whether the person has proved an address or number. Invitations, claims and second factors ask for it.

    A contact that is only claimed is in another column, so that whoever has one has proved it.
    """
    return bool(user.email or user.us_phone_number)


def second_factor_required(user: Any) -> bool:
    """Whether a tenant's policy wants a second factor of this person. No tenant has such a policy yet."""
    return False
