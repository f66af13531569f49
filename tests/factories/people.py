"""People and their sign-in, without the cost of hashing a password."""

from __future__ import annotations

import time
import uuid
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from maturity.accounts.models import User
from maturity.accounts.sign_ins import open_sign_in
from maturity.db import writing
from maturity.extensions import db

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
    """Sign the user in as a finished sign-in would have: a device in the database, its secret in the cookie.

    Whatever the user's session holds is committed by it.
    """
    session = object_session(user) if isinstance(user, User) else None
    if session is not None:
        secret = open_sign_in(session, user, "", None, client.application.extensions["clock"])
        session.commit()
    else:
        secret = _sign_in_elsewhere(client.application, user.fs_uniquifier)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = secret
        cookie["_fresh"] = True
        cookie["fs_paa"] = time.time()
        cookie["locale"] = user.locale


def _sign_in_elsewhere(app: Any, uniquifier: str) -> str:
    """For somebody known by the uniquifier alone, as in another process."""
    with app.app_context():
        writing.set(True)
        user = db.session.scalars(select(User).where(User.fs_uniquifier == uniquifier)).one()
        secret = open_sign_in(db.session(), user, "", None, app.extensions["clock"])
        db.session.commit()
        db.session.remove()
    return secret


def keep(session: Session) -> None:
    """Commit, and let go of what was made: reading one of its attributes must not begin a transaction."""
    session.commit()
    session.expunge_all()
