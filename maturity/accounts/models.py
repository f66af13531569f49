"""People who sign in, and what their signing in leaves behind. The columns of `User` are Flask-Security's but four."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_security.models import fsqla_v3
from sqlalchemy import CheckConstraint, Column, ForeignKey, String, Text, false, true
from sqlalchemy.orm import Mapped, mapped_column

from maturity.accounts.policy import second_factor_required
from maturity.db import Base, UtcDateTime
from maturity.extensions import db

fsqla_v3.FsModels.set_db_info(db, user_table_name="users", role_table_name="roles")


Model: Any = db.Model  # Flask-SQLAlchemy makes it at run time


class Role(Model, fsqla_v3.FsRoleMixin):
    """Site-wide roles of Flask-Security; tenant roles are memberships."""

    __tablename__ = "roles"


class User(Model, fsqla_v3.FsUserMixin):
    """A person. `email` and `us_phone_number` are proved and unique; `claimed` was only typed at registration.

    Several people may claim one contact, because a registration that told them apart would tell who has an account
    (ADR 0017). The first who proves it has it.
    """

    __tablename__ = "users"

    email: Any = Column(String(255), unique=True, nullable=True)  # people with a mobile number alone have none
    if TYPE_CHECKING:  # the library's mixin declares columns in a way that has no types
        id: Any
        active: Any
        us_phone_number: Any
        confirmed_at: Any
    name: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str] = mapped_column(Text, default="zh_CN")
    claimed: Mapped[str | None] = mapped_column(Text, index=True)
    totp_counter: Mapped[int | None] = mapped_column()  # the last one that was used: a code is good for once

    @property
    def contact(self) -> str:
        """What the person signs in with, in the form it is stored."""
        return str(self.email or self.us_phone_number or self.claimed or "")

    def check_tf_required(
        self, tf_setup_methods: list[tuple[str, str]], tf_fresh: bool
    ) -> tuple[bool, list[tuple[str, str]]]:
        """Whether a second factor is asked for at sign-in: there is one. A tenant's policy is asked at its door."""
        return bool(tf_setup_methods), tf_setup_methods

    def check_tf_required_setup(self) -> bool:
        """Whether the authenticator app has to stay: it is the last second factor, and a policy wants one."""
        return second_factor_required(self) and not list(self.webauthn)


class WebAuthn(Model, fsqla_v3.FsWebAuthnMixin):
    """Passkeys; `usage` is `first` (instead of the password) or `secondary` (after it)."""

    __tablename__ = "webauthn"


class SignIn(Base):
    """One device that is signed in. Its cookie carries the secret, the row only the secret's hash.

    Deleting the row signs the device out; changing the person's `fs_uniquifier` does so for all of them.
    """

    __tablename__ = "sign_ins"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    secret_hash: Mapped[str] = mapped_column(Text, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    uniquifier: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text)  # browser and system in words: "Firefox, Windows"
    address: Mapped[str] = mapped_column(Text)  # the network alone: /24, or /48 for IPv6
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: What it has proved (`maturity.tenancy.door.Standing`).
    own: Mapped[bool] = mapped_column(default=True, server_default=true())
    second_factor: Mapped[bool] = mapped_column(default=False, server_default=false())
    provider_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("identity_providers.id", ondelete="CASCADE"))
    provider_says: Mapped[bool] = mapped_column(default=False, server_default=false())


class ContactProof(Base):
    """A link or code on its way to a contact. Whoever brings it back has proved to read what is sent there.

    Without `user_id` it was asked for a contact that nobody has: it exists so that asking looks and lasts the same.
    """

    __tablename__ = "contact_proofs"
    __table_args__ = (CheckConstraint("purpose in ('confirm', 'change', 'reset')", name="purpose_is_known"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(Text)
    contact: Mapped[str] = mapped_column(Text, index=True)
    secret_hash: Mapped[str] = mapped_column(Text, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """A code for the day the second factor is lost: good for once, kept as a hash, recognised by its beginning."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    beginning: Mapped[str] = mapped_column(Text)
    code_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FailedAttempts(Base):
    """How often signing in has failed lately, by account or by network. The key is a hash: typos are private."""

    __tablename__ = "failed_attempts"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    failures: Mapped[int] = mapped_column()
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
