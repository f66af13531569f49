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


# The operator's own signing key


def signing_environment(folder: Path) -> dict[str, str]:
    """What names a key in a file and one in a module; no test sets both."""
    for name in ("key.p12", "module.so", "chain.pem"):
        (folder / name).write_bytes(b"")
    return {
        "MATURITY_SIGNING_P12": str(folder / "key.p12"),
        "MATURITY_SIGNING_P12_PASSWORD": "a password",
        "MATURITY_SIGNING_PKCS11_MODULE": str(folder / "module.so"),
        "MATURITY_SIGNING_PKCS11_TOKEN": "token",
        "MATURITY_SIGNING_PKCS11_KEY": "key",
        "MATURITY_SIGNING_PKCS11_PIN": "4711",
        "MATURITY_SIGNING_CHAIN": str(folder / "chain.pem"),
        "MATURITY_SIGNING_TSA": "https://tsa.example.cn",
    }


def signing_part(folder: Path, *kinds: str) -> dict[str, str]:
    known = signing_environment(folder)
    return {name: known[name] for name in known if any(f"SIGNING_{kind}" in name for kind in kinds)}


@pytest.mark.parametrize("kinds", [("P12",), ("PKCS11",), ("P12", "CHAIN", "TSA"), ("CHAIN", "TSA"), ()])
def test_a_signing_key_that_is_wholly_named_is_taken(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    found = from_env(PRODUCTION | signing_part(tmp_path, *kinds)).SIGNING
    assert (found.p12 is not None) == ("P12" in kinds)
    assert (found.pkcs11_module is not None) == ("PKCS11" in kinds)
    assert (found.tsa_url is not None) == ("TSA" in kinds)


@pytest.mark.parametrize(
    ("kinds", "missing"),
    [
        (("P12",), "MATURITY_SIGNING_P12_PASSWORD"),
        (("P12",), "MATURITY_SIGNING_P12"),
        (("PKCS11",), "MATURITY_SIGNING_PKCS11_MODULE"),
        (("PKCS11",), "MATURITY_SIGNING_PKCS11_TOKEN"),
        (("PKCS11",), "MATURITY_SIGNING_PKCS11_KEY"),
        (("PKCS11",), "MATURITY_SIGNING_PKCS11_PIN"),
        (("CHAIN", "TSA"), "MATURITY_SIGNING_CHAIN"),
    ],
)
def test_a_signing_key_that_is_half_named_is_refused(tmp_path: Path, kinds: tuple[str, ...], missing: str) -> None:
    environment = signing_part(tmp_path, *kinds)
    with pytest.raises(MissingConfiguration, match=f"{missing} is missing"):
        from_env(PRODUCTION | {name: value for name, value in environment.items() if name != missing})


def test_two_signing_keys_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(MissingConfiguration, match="keep the one"):
        from_env(PRODUCTION | signing_part(tmp_path, "P12", "PKCS11"))


@pytest.mark.parametrize("name", ["MATURITY_SIGNING_P12", "MATURITY_SIGNING_CHAIN"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    environment = signing_part(tmp_path, "P12", "CHAIN") | {name: str(tmp_path / "nowhere")}
    with pytest.raises(MissingConfiguration, match=f"{name} is .*no such file"):
        from_env(PRODUCTION | environment)


def test_an_address_of_stamps_that_is_none_is_refused(tmp_path: Path) -> None:
    environment = signing_part(tmp_path, "CHAIN") | {"MATURITY_SIGNING_TSA": "tsa.example.cn"}
    with pytest.raises(MissingConfiguration, match="write an address"):
        from_env(PRODUCTION | environment)


def test_no_password_of_a_signing_key_shows_when_the_configuration_is_printed(tmp_path: Path) -> None:
    for kind in ("P12", "PKCS11"):
        found = from_env(PRODUCTION | signing_part(tmp_path, kind))
        assert not [secret for secret in ("a password", "4711") if secret in f"{found!r} {found.SIGNING!r}"]


@pytest.mark.parametrize("address", ["tcp://scheduler.inside:8786", "tls://10.0.0.7:8786"])
def test_the_scheduler_of_a_cluster_is_named_by_its_address(address: str) -> None:
    found = from_env(PRODUCTION | {"MATURITY_CLUSTER": address}).CLUSTER
    assert found == address
    assert from_env(PRODUCTION).CLUSTER is None


@pytest.mark.parametrize("address", ["scheduler:8786", "http://scheduler:8786", "tls://scheduler", "tls://:8786"])
def test_another_address_of_a_cluster_is_refused_with_an_example(address: str) -> None:
    with pytest.raises(MissingConfiguration, match=r"MATURITY_CLUSTER .* tls://scheduler\.inside:8786"):
        from_env(PRODUCTION | {"MATURITY_CLUSTER": address})
