"""Flask-Security and Flask-Login tied to the table of signed-in devices, and the library's events to ours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import flask_security.signals as signals
from flask import (
    Flask,
    Response,
    abort,
    flash,
    g,
    has_request_context,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from flask_login.signals import user_logged_in, user_logged_out
from flask_security.utils import set_request_attr
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from maturity.accounts.attempts import network_of
from maturity.accounts.contacts import contact_of, shown
from maturity.accounts.models import SignIn, User
from maturity.accounts.policy import has_second_factor, is_confirmed
from maturity.accounts.service import Links, ask_to_confirm, note_event, unlock
from maturity.accounts.sign_ins import (
    SEEN_EVERY,
    carry_over,
    forget_second_factors,
    look_up,
    note_second_factor,
    open_sign_in,
    revoke_others,
)
from maturity.consents.service import say_for_person
from maturity.consents.texts import current_text
from maturity.db import writing
from maturity.extensions import db
from maturity.tenancy.door import NOTHING_PROVED
from maturity.web.addresses import site_url
from maturity.web.doors import standing
from maturity.web.locale import current_locale
from maturity.web.site import site_clock

#: Adding these to an account whose owner is not known would lock the owner out of it later.
NEED_CONFIRMATION = frozenset(
    {
        "security.two_factor_setup",
        "security.two_factor_setup_validate",
        "security.wan_register",
        "security.wan_register_response",
        "accounts.recovery_codes",
        "accounts.make_recovery_codes",
    }
)
#: The library's pages that we do without; its routes stay, and lead nowhere.
UNUSED = ("security.two_factor_rescue", "security.mf_recovery_codes")
#: A sign-in that ends in one of these has proved a second factor: a code, or a passkey unlocked by its owner.
SECOND_FACTOR_USED = frozenset(
    {"security.two_factor_token_validation", "security.mf_recovery", "security.wan_signin_response"}
)
FACTOR_SET_UP = frozenset({"security.two_factor_setup_validate", "security.wan_register_response"})
#: Where in the session the page waits that a tenant's door has sent somebody away from.
DOOR = "door"
LOCK_PATIENCE_MS = 50


def links() -> Links:
    """Where letters lead to. The host is the configured one, since a visitor can send any."""
    return Links(
        proof=site_url("accounts.open_link") + "?token=",
        sign_in=site_url("security.login"),
        reset=site_url("accounts.forgot"),
    )


def secret_of_session() -> str | None:
    """The present device's; None for an operator's command."""
    secret: str | None = session.get("_user_id") if has_request_context() else None
    return secret


def configure(app: Flask) -> None:
    """After Flask-Security is bound: its loader, its events, and what it offers that we do not."""
    manager: Any = app.login_manager  # type: ignore[attr-defined]  # set by Flask-Login
    manager.user_loader(_load)
    manager.request_loader(_no_tokens)
    app.before_request(_need_confirmation)
    app.jinja_env.globals["privacy_version"] = lambda: current_text("privacy").version
    app.after_request(_note_seen)
    app.after_request(_back_to_the_door)
    for endpoint in UNUSED:
        app.view_functions[endpoint] = _unused
    _listen(app)


def _load(secret: str) -> User | None:
    """Whoever is signed in with the secret of the session or of the cookie that keeps people signed in."""
    found = look_up(db.session(), secret, site_clock())
    if found is None:
        return None
    user, sign_in, g.standing = found
    g.sign_in = (sign_in.id, sign_in.seen_at)
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    return user


def _no_tokens(_request: Any) -> None:
    """The library would sign people in by a token in the address, which no device list shows. Nobody is."""


def _unused(**_values: Any) -> ResponseReturnValue:
    abort(404)


def _need_confirmation() -> ResponseReturnValue | None:
    if request.endpoint not in NEED_CONFIRMATION or not current_user.is_authenticated or is_confirmed(current_user):
        return None
    if not standing().own:
        return None  # it needs the account's own sign-in first, and is led there
    flash(gettext("Confirm your e-mail address or mobile number first."), "error")
    return redirect(url_for("accounts.account"))


def _note_seen(response: Response) -> Response:
    """Once a minute, in a transaction of its own. When the database is busy, the next request will do."""
    sign_in: tuple[Any, datetime] | None = g.get("sign_in")
    now = site_clock().now()
    if sign_in is None or now - sign_in[1] < SEEN_EVERY:
        return response
    writing.set(False)
    with db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        try:
            if is_sqlite:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={LOCK_PATIENCE_MS}")
            connection.execute(update(SignIn).where(SignIn.id == sign_in[0]).values(seen_at=now))
            connection.commit()
        except OperationalError:
            connection.rollback()
        finally:
            if is_sqlite:
                connection.exec_driver_sql("PRAGMA busy_timeout=5000")
    return response


# The library's events


def _listen(app: Flask) -> None:
    """Signals of this app; blinker keeps weak references, the functions live as long as the module."""
    for signal, receiver in (
        (user_logged_in, _signed_in),
        (user_logged_out, _signed_out),
        (signals.user_authenticated, _authenticated),
        (signals.user_registered, _registered),
        (signals.password_changed, _password_changed),
        (signals.password_reset, _password_reset),
        (signals.tf_profile_changed, _app_added),
        (signals.wan_registered, _passkey_added),
        (signals.tf_disabled, _factor_removed),
        (signals.wan_deleted, _factor_removed),
    ):
        signal.connect(receiver, app)


def _signed_in(_app: Flask, user: User, **_more: Any) -> None:
    """A new secret at every sign-in: what was in the browser before is worth nothing after."""
    secret = open_sign_in(db.session(), user, request.user_agent.string, request.remote_addr, site_clock())
    session["_user_id"] = secret
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
    note_event(db.session(), "account.signed_in", user, site_clock(), ip=network_of(request.remote_addr))
    if not is_confirmed(user) and request.endpoint == "security.login":
        flash(gettext("Remember to confirm %(contact)s on the account page.", contact=shown(user.claimed)))


def _authenticated(_app: Flask, user: User, authn_via: list[str] | None = None, **_more: Any) -> None:
    """What the sign-in that has just been opened has proved."""
    if authn_via == ["change"]:  # a new password, and with it a new secret on the same device
        carry_over(db.session(), secret_of_session(), g.get("standing", NOTHING_PROVED))
    elif request.endpoint in SECOND_FACTOR_USED:
        note_second_factor(db.session(), secret_of_session())


def step_up() -> None:
    """A second factor was used or set up on this device just now: doors that ask for one open from here on."""
    note_second_factor(db.session(), secret_of_session())
    g.stepped_up = True


def _back_to_the_door(response: Response) -> Response:
    """After setting a factor up, on to the page whose tenant asked for it."""
    if g.get("stepped_up") and request.endpoint in FACTOR_SET_UP and response.status_code == 302:
        response.location = session.pop(DOOR, response.location)
    return response


def _signed_out(_app: Flask, user: Any, **_more: Any) -> None:
    sign_in = g.pop("sign_in", None)
    if sign_in is not None and isinstance(user, User):
        row = db.session.get(SignIn, sign_in[0])
        if row is not None:
            db.session.delete(row)
        note_event(db.session(), "account.signed_out", user, site_clock())


def _registered(_app: Flask, user: User, **_more: Any) -> None:
    db.session.flush()
    note_event(db.session(), "account.registered", user, site_clock())
    if has_request_context() and request.endpoint == "security.register":  # its form asked for the consent
        agreed: dict[str, Any] = {"given": True, "locale": current_locale(), "clock": site_clock()}
        say_for_person(db.session(), user.id, "privacy", **agreed)
    if user.claimed:
        ask_to_confirm(db.session(), user, contact_of(user.claimed), links(), site_clock())
        flash(
            gettext(
                "A message to confirm %(contact)s is on its way. You can go on meanwhile.", contact=shown(user.claimed)
            )
        )


def _password_changed(_app: Flask, user: User, **_more: Any) -> None:
    revoke_others(db.session(), user.id, secret_of_session())
    note_event(db.session(), "account.password_changed", user, site_clock())


def _password_reset(_app: Flask, user: User, **_more: Any) -> None:
    revoke_others(db.session(), user.id, None)
    unlock(db.session(), user)
    note_event(db.session(), "account.password_reset", user, site_clock())


def _app_added(_app: Flask, user: Any, **_more: Any) -> None:
    note_event(db.session(), "account.second_factor_added", user, site_clock(), factor="totp")
    step_up()


def _passkey_added(_app: Flask, user: Any, **_more: Any) -> None:
    note_event(db.session(), "account.second_factor_added", user, site_clock(), factor="passkey")
    step_up()


def _factor_removed(_app: Flask, user: Any, **_more: Any) -> None:
    note_event(db.session(), "account.second_factor_removed", user, site_clock())
    db.session.flush()
    if not has_second_factor(user):
        forget_second_factors(db.session(), user.id)
