"""People who sign in. The columns are Flask-Security's; name and language are ours."""

from __future__ import annotations

from typing import Any

from flask_security.models import fsqla_v3
from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.extensions import db

fsqla_v3.FsModels.set_db_info(db, user_table_name="users", role_table_name="roles")


Model: Any = db.Model  # Flask-SQLAlchemy makes it at run time


class Role(Model, fsqla_v3.FsRoleMixin):
    """Site-wide roles of Flask-Security; tenant roles are memberships."""

    __tablename__ = "roles"


class User(Model, fsqla_v3.FsUserMixin):
    __tablename__ = "users"

    name: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str] = mapped_column(Text, default="zh_CN")


class WebAuthn(Model, fsqla_v3.FsWebAuthnMixin):
    """Passkeys; the table is there from the start because the user mixin refers to it."""

    __tablename__ = "webauthn"
