"""The configuration refuses what cannot be run safely, and shows no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import MissingConfiguration, from_env

SECRET, SALT = "s" * 40, "t" * 40
PRODUCTION = {
    "MATURITY_ENV": "production",
    "DATABASE_URL": "postgresql+psycopg://user@host/name",
    "MATURITY_SECRET_KEY": SECRET,
    "MATURITY_PASSWORD_SALT": SALT,
}


@pytest.mark.parametrize("name", ["MATURITY_SECRET_KEY", "MATURITY_PASSWORD_SALT", "DATABASE_URL"])
def test_production_needs_its_secrets_and_its_database(name: str) -> None:
    environment = {key: value for key, value in PRODUCTION.items() if key != name}
    with pytest.raises(MissingConfiguration, match=name):
        from_env(environment)


def test_a_short_secret_is_refused_with_the_way_to_make_one() -> None:
    with pytest.raises(MissingConfiguration, match="token_urlsafe"):
        from_env(PRODUCTION | {"MATURITY_SECRET_KEY": "short"})


def test_an_unknown_environment_is_refused() -> None:
    with pytest.raises(MissingConfiguration, match="production, development, testing"):
        from_env({"MATURITY_ENV": "staging"})


def test_no_secret_shows_when_the_configuration_is_printed() -> None:
    shown = repr(from_env(PRODUCTION | {"REDIS_URL": "redis://:hidden@host"}))
    assert SECRET not in shown
    assert SALT not in shown
    assert "hidden" not in shown


def test_the_embedded_database_lies_in_the_data_folder(tmp_path: Path) -> None:
    config = from_env({"MATURITY_ENV": "testing", "MATURITY_DATA": str(tmp_path)})
    assert f"sqlite:///{tmp_path / 'maturity.db'}" == config.SQLALCHEMY_DATABASE_URI


def test_cookies_are_for_https_only_in_production() -> None:
    assert from_env(PRODUCTION).SESSION_COOKIE_SECURE


@pytest.mark.parametrize(("typed", "hops"), [("0", 0), ("2", 2)])
def test_the_number_of_proxies_is_read(typed: str, hops: int) -> None:
    config = from_env({"MATURITY_ENV": "testing", "MATURITY_TRUSTED_PROXIES": typed})
    assert hops == config.TRUSTED_PROXIES


def test_proxies_that_are_not_a_number_are_refused() -> None:
    with pytest.raises(MissingConfiguration, match="whole number"):
        from_env({"MATURITY_ENV": "testing", "MATURITY_TRUSTED_PROXIES": "yes"})
