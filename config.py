"""The configuration of an installation, read once from the environment. No logic, no Flask."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ENVIRONMENTS = ("production", "development", "testing")
SHORTEST_SECRET = 32


class MissingConfiguration(RuntimeError):
    """The installation cannot start; the message names the variable and how to set it."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that differs between installations. Secrets are left out of `repr`, hence out of logs."""

    ENVIRONMENT: str
    DATA_DIR: Path
    SQLALCHEMY_DATABASE_URI: str
    SECRET_KEY: str = field(repr=False)
    SECURITY_PASSWORD_SALT: str = field(repr=False)
    REDIS_URL: str | None = field(default=None, repr=False)
    SESSION_COOKIE_SECURE: bool = True
    TRUSTED_PROXIES: int = 0
    TESTING: bool = False


def from_env(environ: Mapping[str, str] = os.environ) -> Config:
    """Read the configuration; production refuses to start without its secrets and its database."""
    environment = environ.get("MATURITY_ENV", "development")
    if environment not in ENVIRONMENTS:
        raise MissingConfiguration(f"MATURITY_ENV is {environment!r}; use one of {', '.join(ENVIRONMENTS)}.")
    data = Path(environ.get("MATURITY_DATA", "var")).resolve()
    if environment == "production" and "DATABASE_URL" not in environ:
        raise MissingConfiguration("DATABASE_URL is missing; set it to postgresql+psycopg://user@host/name.")
    return Config(
        ENVIRONMENT=environment,
        DATA_DIR=data,
        SQLALCHEMY_DATABASE_URI=environ.get("DATABASE_URL", f"sqlite:///{data / 'maturity.db'}"),
        SECRET_KEY=_secret(environ, "MATURITY_SECRET_KEY", environment),
        SECURITY_PASSWORD_SALT=_secret(environ, "MATURITY_PASSWORD_SALT", environment),
        REDIS_URL=environ.get("REDIS_URL"),
        SESSION_COOKIE_SECURE=environment == "production",
        TRUSTED_PROXIES=_count(environ, "MATURITY_TRUSTED_PROXIES"),
        TESTING=environment == "testing",
    )


def _count(environ: Mapping[str, str], name: str) -> int:
    value = environ.get(name, "0")
    if not value.isdecimal():
        raise MissingConfiguration(f"{name} is {value!r}; write a whole number, such as 1 behind one proxy.")
    return int(value)


def _secret(environ: Mapping[str, str], name: str, environment: str) -> str:
    value = environ.get(name, "")
    if len(value) >= SHORTEST_SECRET:
        return value
    if environment == "testing":
        return f"only-for-tests-{name}".ljust(SHORTEST_SECRET, "-")
    raise MissingConfiguration(
        f"{name} is missing or shorter than {SHORTEST_SECRET} characters; "
        "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
    )
