"""Second factors as Flask-Security keeps them, where it leaves the details to us: codes good for once, recovery codes
kept as hashes, and what is asked of a passkey."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from flask import current_app
from flask_security import MfRecoveryCodesUtil, Totp, WebauthnUtil
from passlib.exc import UsedTokenError
from passlib.totp import TotpMatch
from sqlalchemy import delete, or_, select, update
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from maturity.accounts.library import library
from maturity.accounts.models import RecoveryCode, User
from maturity.accounts.service import note_event
from maturity.extensions import db
from maturity.web.site import site_clock

RECOVERY_CODES = 10
BEGINNING = 4


class OnceOnlyTotp(Totp):
    """A code that was used is not taken again, not even by two requests at the same moment."""

    def get_last_counter(self, user: Any) -> int | None:
        counter: int | None = user.totp_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: TotpMatch) -> None:
        taken: Any = db.session.execute(
            update(User)
            .where(User.id == user.id, or_(User.totp_counter.is_(None), User.totp_counter < tmatch.counter))
            .values(totp_counter=tmatch.counter)
            .execution_options(synchronize_session="fetch")
        )
        if taken.rowcount != 1:
            raise UsedTokenError


class RecoveryCodes(MfRecoveryCodesUtil):
    """Codes are shown when they are made and never again: only a keyed hash of each is kept."""

    def create_recovery_codes(self, user: Any) -> list[str]:
        codes: list[str] = library().totp_factory.generate_recovery_codes(RECOVERY_CODES)
        now = site_clock().now()
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        db.session.add_all(
            RecoveryCode(
                user_id=user.id, position=number, beginning=code[:BEGINNING], code_hash=_hash_of(code), created_at=now
            )
            for number, code in enumerate(codes, start=1)
        )
        db.session.flush()
        return codes

    def check_recovery_code(self, user: Any, code: str) -> bool:
        """Whether the code is one of the person's and unused; it is used up by being found."""
        used: Any = db.session.execute(
            update(RecoveryCode)
            .where(
                RecoveryCode.user_id == user.id,
                RecoveryCode.code_hash == _hash_of(code),
                RecoveryCode.used_at.is_(None),
            )
            .values(used_at=site_clock().now())
            .execution_options(synchronize_session=False)
        )
        return bool(used.rowcount)

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        """The library calls this when somebody has signed in with a code; the check has used it up already."""
        note_event(db.session(), "account.recovery_code_used", user, site_clock())
        return True

    def get_recovery_codes(self, user: Any) -> list[str]:
        """None that could be shown again."""
        return []


def recovery_codes_of(user_id: int) -> list[RecoveryCode]:
    query = select(RecoveryCode).where(RecoveryCode.user_id == user_id).order_by(RecoveryCode.position)
    return list(db.session.scalars(query))


def _hash_of(code: str) -> str:
    """Keyed, because twelve hexadecimal characters could be searched through by whoever has the database alone."""
    plain = "".join(code.lower().split()).replace("-", "")
    return hmac.new(current_app.config["SECRET_KEY"].encode(), plain.encode(), hashlib.sha256).hexdigest()


class Passkeys(WebauthnUtil):
    """A passkey instead of the password must be found by itself and unlocked by its owner; any device may hold it."""

    def authenticator_selection(self, user: Any, usage: str) -> AuthenticatorSelectionCriteria:
        if usage == "first":
            return AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            )
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.PREFERRED
        )

    def user_verification(self, user: Any, usage: list[str]) -> UserVerificationRequirement:
        if usage == ["first"]:
            return UserVerificationRequirement.REQUIRED
        return UserVerificationRequirement.PREFERRED
