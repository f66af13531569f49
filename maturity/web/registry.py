"""Which extensions and features make up the site."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore

from maturity.accounts import sessions
from maturity.accounts.models import Role, User, WebAuthn
from maturity.accounts.settings import FORMS, PARTS, SECURITY
from maturity.extensions import babel, csrf, db, limiter, migrate
from maturity.web.handlers import ask_to_sign_in
from maturity.web.locale import babel_locale

FEATURES = (
    "public",
    "accounts",
    "organisations",
    "people",
    "federation",
    "consulting",
    "operation",
    "audit",
    "assessments",
    "crosswalk",
    "teamwork",
    "evidence",
    "claims",
    "results",
    "standing",
    "prioritisation",
    "regional",
    "reports",
    "jobs",
    "portfolios",
    "dashboard",
    "yearly",
    "rights",
    "workbooks",
    "campaigns",
    "releases",
    "certification",
    "certificates",
    "reviewing",
    "signing",
    "transparency",
    "credentials",
    "verification",
    "billing",
    "messages",
    "demo",
    "setup",
)
SETTINGS: dict[str, Any] = {
    "MAX_CONTENT_LENGTH": 1024 * 1024,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "WTF_CSRF_TIME_LIMIT": None,  # a half-filled page left open overnight must still save
    "BABEL_DEFAULT_LOCALE": "zh_CN",
    "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
    "RATELIMIT_HEADERS_ENABLED": True,
    **SECURITY,
}
#: Guessing passwords and filling the register are slowed down by address; a hash also costs the server a lot. So does
#: a document, which everybody may have made of a synthetic enterprise.
RATES = {
    "security.login": "20 per minute",
    "security.register": "20 per minute",
    "security.change_password": "10 per minute",
    "security.verify": "10 per minute",
    "security.two_factor_token_validation": "10 per minute",
    "security.two_factor_setup_validate": "10 per minute",
    "security.mf_recovery": "10 per minute",
    "security.wan_signin": "20 per minute",
    "security.wan_signin_response": "20 per minute",
    "security.wan_verify_response": "10 per minute",
    "accounts.forgot": "10 per minute",
    "accounts.reset_by_code": "10 per minute",
    "accounts.reset_by_link": "10 per minute",
    "accounts.confirm_link": "20 per minute",
    "accounts.ask_for_contact": "10 per minute",
    "accounts.enter_code": "10 per minute",
    "accounts.send_again": "5 per minute",
    "accounts.prove_second_factor": "10 per minute",
    "federation.send_way_in": "10 per minute",
    "federation.begin_here": "10 per minute",
    "federation.save_provider": "10 per minute",
    "setup.make_account": "10 per minute",
    "setup.send_test": "5 per minute",
    "reports.ask": "20 per minute",
    "yearly.start": "10 per minute",
    "yearly.ask_for_files": "10 per minute",
    "rights.export": "10 per minute",
    "rights.take_own": "10 per minute",
    "rights.delete": "10 per minute",
    "rights.close": "10 per minute",
    "portfolios.send": "10 per minute",
    "workbooks.upload": "20 per minute",
    "workbooks.upload_many": "10 per minute",
    "workbooks.register": "10 per minute",
    "portfolios.send_reminders": "10 per minute",
    "campaigns.upload": "20 per minute",
    "campaigns.ask_report": "20 per minute",
    "verification.examine": "20 per minute",
    "verification.examine_json": "20 per minute",
    "claims.by_code": "10 per minute",
    "claims.by_address": "10 per minute",
    "claims.by_licence": "10 per minute",
    "certification.apply": "10 per minute",
    "certification.complain": "5 per minute",
    "billing.buy": "20 per minute",
    "billing.pay_order": "20 per minute",
    "billing.give_up_checkout": "20 per minute",
    "billing.confirm": "20 per minute",
    "billing.cancel": "10 per minute",
    "billing.resume": "10 per minute",
    "billing.portal": "10 per minute",
}

#: Of what is looked at: numbers of certificates cannot be guessed, and nobody need try a million of them.
READ_RATES = {
    "verification.begin": "60 per minute",
    "verification.show": "60 per minute",
    "verification.as_json": "60 per minute",
    "verification.badge": "120 per minute",  # stands on pages of others, and is asked for by whoever reads them
    "verification.register_csv": "20 per minute",
    "transparency.certificate": "60 per minute",
    "transparency.entries": "60 per minute",
    "transparency.inclusion": "120 per minute",
    "transparency.consistency": "120 per minute",
    "billing.change": "30 per minute",  # asks Stripe for a preview
    "billing.checkout": "60 per minute",  # asks Stripe what became of it
}


def bind_extensions(app: Flask) -> None:
    app.config["RATELIMIT_STORAGE_URI"] = app.config["REDIS_URL"] or "memory://"
    app.config["RATELIMIT_ENABLED"] = not app.config["TESTING"]
    db.init_app(app)
    migrate.init_app(app, db, render_as_batch=True)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=babel_locale, default_translation_directories="translations")
    limiter.init_app(app)
    app.config["SECURITY_TOTP_SECRETS"] = dict(app.config["TOTP_SECRETS"])
    app.config["REMEMBER_COOKIE_SECURE"] = app.config["SESSION_COOKIE_SECURE"]
    if app.config["SESSION_COOKIE_SECURE"]:  # the prefix keeps other hosts of the domain from setting them
        app.config |= {"SESSION_COOKIE_NAME": "__Host-session", "REMEMBER_COOKIE_NAME": "__Host-remember"}
    security = Security(app, SQLAlchemyUserDatastore(db, User, Role, WebAuthn), **FORMS, **PARTS)
    answer: Any = ask_to_sign_in  # takes whatever Flask-Security passes
    security.unauthn_handler(answer)
    sessions.configure(app)


def register_blueprints(app: Flask) -> None:
    """Each feature's `routes.bp`; a feature without routes has no such module."""
    for feature in FEATURES:
        if find_spec(f"maturity.{feature}.routes"):
            app.register_blueprint(import_module(f"maturity.{feature}.routes").bp)


def limit_rates(app: Flask) -> None:
    """Wrap the views named in `RATES` and `READ_RATES`; after every feature is registered."""
    for rates, method in ((RATES, "POST"), (READ_RATES, "GET")):
        for endpoint, rate in rates.items():
            limited: Any = limiter.limit(rate, methods=[method])(app.view_functions[endpoint])
            app.view_functions[endpoint] = limited
