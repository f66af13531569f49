"""People: looking them up and keeping what they say about themselves."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User


def name_of(session: Session, user_id: int | None) -> str | None:
    """The name a colleague would recognise, or None."""
    if user_id is None:
        return None
    return session.scalar(select(User.name).where(User.id == user_id))


def change_account(session: Session, user_id: int, *, name: str, locale: str) -> None:
    user = session.get_one(User, user_id)
    user.name, user.locale = name.strip(), locale
    session.flush()
