"""Which extensions and features make up the site."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _
from flask_security import SQLAlchemyUserDatastore

from maturity.accounts.forms import ConfirmForm, PasswordForm, RegistrationForm, SignInForm
from maturity.accounts.models import Role, User, WebAuthn
from maturity.extensions import babel, csrf, db, limiter, migrate, security
from maturity.web.handlers import ask_to_sign_in
from maturity.web.locale import babel_locale

FEATURES = ("public", "accounts", "organisations", "assessments", "results", "reports", "jobs", "demo")
SETTINGS: dict[str, Any] = {
    "MAX_CONTENT_LENGTH": 1024 * 1024,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "WTF_CSRF_TIME_LIMIT": None,  # a half-filled page left open overnight must still save
    "BABEL_DEFAULT_LOCALE": "zh_CN",
    "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
    "RATELIMIT_HEADERS_ENABLED": True,
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_PASSWORD_LENGTH_MIN": 10,
    "SECURITY_REGISTERABLE": True,
    "SECURITY_USE_REGISTER_V2": True,
    "SECURITY_SEND_REGISTER_EMAIL": False,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_LOGIN_URL": "/sign-in",
    "SECURITY_LOGOUT_URL": "/sign-out",
    "SECURITY_REGISTER_URL": "/register",
    "SECURITY_PASSWORD_CONFIRM_REQUIRED": False,  # the field can be shown; typing twice only doubles the mistakes
    "SECURITY_CHANGEABLE": True,
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_CHANGE_URL": "/account/password",
    "SECURITY_POST_CHANGE_VIEW": "/account",
    "SECURITY_CHANGE_PASSWORD_TEMPLATE": "accounts/password.html",
    "SECURITY_VERIFY_URL": "/account/confirm",
    "SECURITY_VERIFY_TEMPLATE": "accounts/confirm.html",
    "SECURITY_POST_LOGIN_VIEW": "/home",
    "SECURITY_POST_REGISTER_VIEW": "/enterprises/new",
    "SECURITY_POST_LOGOUT_VIEW": "/",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_LOGIN_USER_TEMPLATE": "accounts/sign_in.html",
    "SECURITY_REGISTER_USER_TEMPLATE": "accounts/register.html",
    "SECURITY_MSG_GENERIC_AUTHN_FAILED": (_("The e-mail address or the password is not right. Check both."), "error"),
    "SECURITY_MSG_EMAIL_NOT_PROVIDED": (_("Enter your e-mail address."), "error"),
    "SECURITY_MSG_INVALID_EMAIL_ADDRESS": (_("Write the e-mail address like name@company.com."), "error"),
    "SECURITY_MSG_PASSWORD_NOT_PROVIDED": (_("Enter your password."), "error"),
    "SECURITY_MSG_PASSWORD_INVALID_LENGTH": (_("The password needs at least %(length)s characters."), "error"),
    "SECURITY_MSG_PASSWORD_TOO_SIMPLE": (_("This password is easy to guess. Take several words."), "error"),
    "SECURITY_MSG_RETYPE_PASSWORD_MISMATCH": (_("The two passwords differ. Type the same one twice."), "error"),
    "SECURITY_MSG_INVALID_PASSWORD": (_("This is not your present password."), "error"),
    "SECURITY_MSG_PASSWORD_IS_THE_SAME": (_("Choose a password that differs from the present one."), "error"),
    "SECURITY_MSG_PASSWORD_CHANGE": (_("Your password is changed."), "success"),
    "SECURITY_MSG_INVALID_REDIRECT": (_("The page to return to is not on this site."), "error"),
    "SECURITY_MSG_API_ERROR": (_("Type this as plain text."), "error"),
}
#: Guessing passwords and filling the register are slowed down by address; a hash also costs the server a lot. So does
#: a document, which everybody may have made of a synthetic enterprise.
RATES = {
    "security.login": "20 per minute",
    "security.register": "20 per minute",
    "security.change_password": "10 per minute",
    "security.verify": "10 per minute",
    "reports.ask": "20 per minute",
}


def bind_extensions(app: Flask) -> None:
    app.config["RATELIMIT_STORAGE_URI"] = app.config["REDIS_URL"] or "memory://"
    app.config["RATELIMIT_ENABLED"] = not app.config["TESTING"]
    db.init_app(app)
    migrate.init_app(app, db, render_as_batch=True)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=babel_locale, default_translation_directories="translations")
    limiter.init_app(app)
    datastore = SQLAlchemyUserDatastore(db, User, Role, WebAuthn)
    forms: dict[str, Any] = {
        "login_form": SignInForm,
        "register_form": RegistrationForm,
        "change_password_form": PasswordForm,
        "verify_form": ConfirmForm,
    }
    security.init_app(app, datastore, **forms)
    answer: Any = ask_to_sign_in  # takes whatever Flask-Security passes
    security.unauthn_handler(answer)


def register_blueprints(app: Flask) -> None:
    """Each feature's `routes.bp`; a feature without routes has no such module."""
    for feature in FEATURES:
        if find_spec(f"maturity.{feature}.routes"):
            app.register_blueprint(import_module(f"maturity.{feature}.routes").bp)


def limit_rates(app: Flask) -> None:
    """Wrap the views named in `RATES`; after every feature is registered."""
    for endpoint, rate in RATES.items():
        view = app.view_functions[endpoint]
        limited: Any = limiter.limit(rate, methods=["POST"])(view)
        app.view_functions[endpoint] = limited
