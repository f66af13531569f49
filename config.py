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
class SigningSettings:
    """The operator's own key for certificates, in a file or in a security module, and who else vouches for what."""

    p12: Path | None = None
    p12_password: str = field(default="", repr=False)
    pkcs11_module: Path | None = None
    pkcs11_token: str = ""
    pkcs11_key: str = ""
    pkcs11_pin: str = field(default="", repr=False)
    #: Certificates of the authorities above the key and above the time stamps (PEM).
    chain: Path | None = None
    #: Time-stamp authority of somebody else's (RFC 3161); none: the installation's own.
    tsa_url: str | None = None


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
    SITE_URL: str | None = None
    #: Where ./run lets the site listen; for the worker of an installation that was given no address.
    LISTENS_AT: str | None = None
    SMTP_URL: str | None = field(default=None, repr=False)
    MAIL_FROM: str = ""
    SMS_URL: str | None = None
    SMS_SECRET: str | None = field(default=None, repr=False)
    #: Where clamd listens: host:port, or the path of its socket.
    CLAMD: str | None = None
    #: By name, the newest first: it encrypts, the others still decrypt.
    TOTP_SECRETS: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Address of the scheduler of a Dask cluster on which releases are built; none: in the process of the worker.
    CLUSTER: str | None = None
    SIGNING: SigningSettings = field(default_factory=SigningSettings, repr=False)
    #: Of Stripe; without the key nothing is paid by card. Several secrets of webhooks, the newest first, while one is
    #: exchanged for another.
    STRIPE_KEY: str | None = field(default=None, repr=False)
    STRIPE_WEBHOOK_SECRETS: tuple[str, ...] = field(default=(), repr=False)
    #: Where Stripe's API is, for trials on this machine; empty: Stripe itself.
    STRIPE_API: str = ""
    #: For trials: identity providers may have inner addresses, and outside production plain http.
    OIDC_ALLOW_PRIVATE: bool = False
    #: Where the data lie: CN for the mainland, or the code of a province or city (GB/T 2260); empty: not said.
    DATA_REGION: str = ""
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
        SITE_URL=_site_url(environ, environment),
        LISTENS_AT=environ.get("MATURITY_LISTENS_AT"),
        SMTP_URL=environ.get("MATURITY_SMTP_URL"),
        MAIL_FROM=_with(environ, "MATURITY_SMTP_URL", "MATURITY_MAIL_FROM"),
        SMS_URL=environ.get("MATURITY_SMS_URL"),
        SMS_SECRET=_with(environ, "MATURITY_SMS_URL", "MATURITY_SMS_SECRET"),
        CLAMD=_clamd(environ),
        CLUSTER=_cluster(environ),
        SIGNING=_signing(environ),
        STRIPE_KEY=_stripe_key(environ),
        STRIPE_WEBHOOK_SECRETS=_stripe_webhook_secrets(environ),
        STRIPE_API=_stripe_api(environ, environment),
        TOTP_SECRETS=_totp_secrets(environ, environment),
        OIDC_ALLOW_PRIVATE=environ.get("MATURITY_OIDC_ALLOW_PRIVATE", "") == "1",
        DATA_REGION=_region(environ),
        TESTING=environment == "testing",
    )


def _count(environ: Mapping[str, str], name: str) -> int:
    value = environ.get(name, "0")
    if not value.isdecimal():
        raise MissingConfiguration(f"{name} is {value!r}; write a whole number, such as 1 behind one proxy.")
    return int(value)


def _site_url(environ: Mapping[str, str], environment: str) -> str | None:
    """Letters of a real site lead to its configured address: the one of a request is chosen by whoever sends it."""
    url = environ.get("MATURITY_SITE_URL")
    if url is None and environment == "production" and "MATURITY_SMTP_URL" in environ:
        raise MissingConfiguration(
            "MATURITY_SITE_URL is missing; set it to https://name.of.the.site for links in mail."
        )
    return url


def _with(environ: Mapping[str, str], cause: str, name: str) -> str:
    """A variable that another one makes necessary."""
    if cause in environ and not environ.get(name):
        raise MissingConfiguration(f"{name} is missing; {cause} needs it.")
    return environ.get(name, "")


def _region(environ: Mapping[str, str]) -> str:
    code = environ.get("MATURITY_DATA_REGION", "")
    if code not in ("", "CN") and not (code.isdecimal() and len(code) == 6):
        raise MissingConfiguration(
            f"MATURITY_DATA_REGION is {code!r}; write CN, or the code of a province or city such as 310000 (GB/T 2260)."
        )
    return code


def _clamd(environ: Mapping[str, str]) -> str | None:
    address = environ.get("MATURITY_CLAMD")
    if address is None or address.startswith("/"):
        return address
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise MissingConfiguration(
            f"MATURITY_CLAMD is {address!r}; write host:port, such as 127.0.0.1:3310, or the path of clamd's socket."
        )
    return address


def _cluster(environ: Mapping[str, str]) -> str | None:
    address = environ.get("MATURITY_CLUSTER")
    if not address:
        return None
    scheme, _, place = address.partition("://")
    if scheme not in ("tcp", "tls") or not place.rpartition(":")[0] or not place.rpartition(":")[2].isdecimal():
        raise MissingConfiguration(
            f"MATURITY_CLUSTER is {address!r}; write the address of the scheduler, such as tls://scheduler.inside:8786."
        )
    return address


_STRIPE, _WEBHOOKS = "MATURITY_STRIPE_KEY", "MATURITY_STRIPE_WEBHOOK_SECRET"


def _stripe_key(environ: Mapping[str, str]) -> str | None:
    """A secret or restricted key; the publishable one, which is mistaken for it, can do nothing."""
    key = environ.get(_STRIPE)
    if key and not key.startswith(("sk_", "rk_")):
        raise MissingConfiguration(f"{_STRIPE} must be a secret or restricted key, which begins with sk_ or rk_.")
    return key or None


def _stripe_webhook_secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Without one nobody could tell an event of Stripe's from one that somebody made up."""
    _with(environ, _STRIPE, _WEBHOOKS)
    secrets = tuple(secret for secret in environ.get(_WEBHOOKS, "").split(",") if secret)
    if not all(secret.startswith("whsec_") for secret in secrets):
        raise MissingConfiguration(f"{_WEBHOOKS} must be one or several secrets that begin with whsec_, with commas.")
    return secrets


def _stripe_api(environ: Mapping[str, str], environment: str) -> str:
    """Another address than Stripe's own is for trials: money is never sent there by mistake."""
    address = environ.get("MATURITY_STRIPE_API", "")
    if address and (environment == "production" or not address.startswith(("http://127.0.0.1:", "http://localhost:"))):
        raise MissingConfiguration("MATURITY_STRIPE_API is for trials on this machine alone; leave it out.")
    return address


_P12, _MODULE = "MATURITY_SIGNING_P12", "MATURITY_SIGNING_PKCS11_MODULE"
_CHAIN, _TSA = "MATURITY_SIGNING_CHAIN", "MATURITY_SIGNING_TSA"


def _signing(environ: Mapping[str, str]) -> SigningSettings:
    """A key that is half named is no key: certificates would be signed with another one than the operator thinks."""
    _not_alone(environ, _P12, "MATURITY_SIGNING_P12_PASSWORD")
    of_the_module = {name: f"MATURITY_SIGNING_PKCS11_{name}" for name in ("TOKEN", "KEY", "PIN")}
    _not_alone(environ, _MODULE, *of_the_module.values())
    if environ.get(_P12) and environ.get(_MODULE):
        raise MissingConfiguration(f"{_P12} and {_MODULE} are both set; keep the one that holds the key.")
    _with(environ, _TSA, _CHAIN)
    url = environ.get(_TSA) or None
    if url is not None and not url.startswith(("https://", "http://")):
        raise MissingConfiguration(f"{_TSA} is {url!r}; write an address such as https://tsa.example.cn.")
    return SigningSettings(
        p12=_file(environ, _P12),
        p12_password=environ.get("MATURITY_SIGNING_P12_PASSWORD", ""),
        pkcs11_module=_file(environ, _MODULE),
        pkcs11_token=environ.get(of_the_module["TOKEN"], ""),
        pkcs11_key=environ.get(of_the_module["KEY"], ""),
        pkcs11_pin=environ.get(of_the_module["PIN"], ""),
        chain=_file(environ, _CHAIN),
        tsa_url=url,
    )


def _not_alone(environ: Mapping[str, str], cause: str, *others: str) -> None:
    """Variables that are set all together or not at all."""
    for name in others:
        _with(environ, cause, name)
        _with(environ, name, cause)


def _file(environ: Mapping[str, str], name: str) -> Path | None:
    path = Path(environ[name]) if environ.get(name) else None
    if path is not None and not path.is_file():
        raise MissingConfiguration(f"{name} is {str(path)!r}, and there is no such file that this account can see.")
    return path


def _totp_secrets(environ: Mapping[str, str], environment: str) -> dict[str, str]:
    """`2:new,1:old`; without it, second factors are encrypted with the key of the sessions."""
    given = environ.get("MATURITY_TOTP_SECRETS")
    if given is None:
        return {"0": _secret(environ, "MATURITY_SECRET_KEY", environment)}
    secrets = dict(entry.partition(":")[::2] for entry in given.split(","))
    if not all(name.isalnum() and len(secret) >= SHORTEST_SECRET for name, secret in secrets.items()):
        raise MissingConfiguration(
            f"MATURITY_TOTP_SECRETS is not of the form 2:new,1:old with at least {SHORTEST_SECRET} characters each."
        )
    return secrets


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
