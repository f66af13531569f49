"""People and their sign-in, without the cost of hashing a password."""

from __future__ import annotations

import time
import uuid

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from maturity.accounts.models import User

#: No password hashes to this: a user made here can only be signed in by `sign_in`.
NO_PASSWORD = "!"


def make_user(session: Session, *, name: str = "王建国", email: str | None = None, locale: str = "en") -> User:
    user = User(
        email=email or f"{uuid.uuid4().hex}@example.com",
        password=NO_PASSWORD,
        name=name,
        locale=locale,
        active=True,
        fs_uniquifier=uuid.uuid4().hex,
    )
    session.add(user)
    session.flush()
    return user


def sign_in(client: FlaskClient, user: User) -> None:
    """Sign the user in as a finished sign-in would have."""
    with client.session_transaction() as cookie:
        cookie["_user_id"] = user.fs_uniquifier
        cookie["_fresh"] = True
        cookie["fs_paa"] = time.time()
        cookie["locale"] = user.locale
