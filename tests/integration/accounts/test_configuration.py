"""What the configuration of gateways and secrets refuses, and what production leaves out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config import MissingConfiguration, from_env
from maturity.app import create_app

SECRET = "a-secret-of-more-than-thirty-two-characters"
PRODUCTION = {
    "MATURITY_ENV": "production",
    "DATABASE_URL": "sqlite://",
    "MATURITY_SECRET_KEY": SECRET,
    "MATURITY_PASSWORD_SALT": SECRET,
}
MAIL = {
    "MATURITY_SITE_URL": "https://site.example",
    "MATURITY_SMTP_URL": "smtps://site:p%40ss@smtp.example",
    "MATURITY_MAIL_FROM": "no-reply@site.example",
}


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"MATURITY_SMTP_URL": "smtps://smtp.example", "MATURITY_MAIL_FROM": "x@site.example"}, "MATURITY_SITE_URL"),
        (MAIL | {"MATURITY_MAIL_FROM": ""}, "MATURITY_MAIL_FROM"),
        ({"MATURITY_SMS_URL": "https://sms.example"}, "MATURITY_SMS_SECRET"),
        ({"MATURITY_TOTP_SECRETS": "short"}, "MATURITY_TOTP_SECRETS"),
        ({"MATURITY_TOTP_SECRETS": "2:too-short,1:" + SECRET}, "MATURITY_TOTP_SECRETS"),
    ],
)
def test_a_half_configuration_is_refused_by_name(given: dict[str, str], missing: str) -> None:
    with pytest.raises(MissingConfiguration, match=missing):
        from_env(PRODUCTION | given)


def test_the_secrets_of_authenticator_apps_can_be_changed_one_after_another() -> None:
    config = from_env(PRODUCTION | {"MATURITY_TOTP_SECRETS": f"2:{SECRET}-new,1:{SECRET}"})
    assert dict(config.TOTP_SECRETS) == {"2": f"{SECRET}-new", "1": SECRET}
    assert dict(from_env(PRODUCTION).TOTP_SECRETS) == {"0": SECRET}


def test_no_secret_is_shown() -> None:
    shown = repr(
        from_env(PRODUCTION | MAIL | {"MATURITY_SMS_URL": "https://sms.example", "MATURITY_SMS_SECRET": "s3cr3t"})
    )
    assert "p%40ss" not in shown
    assert "s3cr3t" not in shown
    assert SECRET not in shown


@pytest.fixture
def production(tmp_path: Path) -> Any:
    return create_app(from_env(PRODUCTION | MAIL | {"MATURITY_DATA": str(tmp_path)}))


def test_production_has_no_page_with_messages(production: Any) -> None:
    assert "messages.outbox" not in production.view_functions
    assert "/outbox" not in {rule.rule for rule in production.url_map.iter_rules()}
    assert not production.jinja_env.globals["is_outbox_open"]


def test_what_is_configured_is_on_and_the_rest_is_off(production: Any) -> None:
    is_sending = production.jinja_env.globals["is_sending"]
    assert (is_sending("mail"), is_sending("sms")) == (True, False)


def test_the_cookie_that_keeps_people_signed_in_is_for_https_only(production: Any) -> None:
    assert production.config["REMEMBER_COOKIE_SECURE"]
    assert production.config["REMEMBER_COOKIE_HTTPONLY"]
