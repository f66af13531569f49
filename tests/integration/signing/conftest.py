"""Keys of an operator's own: an authority on this machine, and a token in a software module."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from cryptography.x509.oid import NameOID
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters
from pkcs11.util.x509 import decode_x509_certificate

from config import SigningSettings
from maturity.signing.authority import issue_root, key_from
from tests.factories.outer_authority import OuterAuthority, outer_authority
from tests.factories.signing import run

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
TOKEN, PIN = "maturity-tests", "4711"
EARLY = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def outer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OuterAuthority]:
    with outer_authority(tmp_path_factory.mktemp("outer")) as found:
        yield found


@pytest.fixture
def configure(app: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set what `config.py` reads from the environment."""

    def configured(**settings: Any) -> None:
        monkeypatch.setitem(app.config, "SIGNING", SigningSettings(**settings))

    return configured


@dataclass(frozen=True, slots=True)
class Module:
    """A security module with one token; keys are made in it, and none ever leaves it."""

    path: Path
    root: x509.Certificate
    root_key: EllipticCurvePrivateKey

    def settings(self, label: str) -> dict[str, Any]:
        return {"pkcs11_module": self.path, "pkcs11_token": TOKEN, "pkcs11_key": label, "pkcs11_pin": PIN}

    def make_key(self, label: str) -> None:
        """A pair on P-256, or RSA where the label says so, and beside it a certificate of the root's."""
        number = sha256(label.encode()).digest()[:4]
        token = pkcs11.lib(str(self.path)).get_token(token_label=TOKEN)
        with token.open(user_pin=PIN, rw=True) as session:
            spki = _rsa_pair(session, label, number) if "rsa" in label else _curve_pair(session, label, number)
            certificate = self._issued(load_der_public_key(spki), label)
            given = {pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.LABEL: label, pkcs11.Attribute.ID: number}
            session.create_object(decode_x509_certificate(certificate) | given)

    def _issued(self, public: Any, label: str) -> bytes:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Module {label}")]))
            .issuer_name(self.root.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=365))
            .not_valid_after(now + timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        )
        return builder.sign(self.root_key, SHA256()).public_bytes(Encoding.DER)


def _curve_pair(session: pkcs11.Session, label: str, number: bytes) -> bytes:
    curve = {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
    domain = session.create_domain_parameters(pkcs11.KeyType.EC, curve, local=True)
    public, _private = domain.generate_keypair(store=True, label=label, id=number)
    return bytes(encode_ec_public_key(public))


def _rsa_pair(session: pkcs11.Session, label: str, number: bytes) -> bytes:
    public, _private = session.generate_keypair(pkcs11.KeyType.RSA, 2048, store=True, label=label, id=number)
    numbers = RSAPublicNumbers(
        int.from_bytes(public[pkcs11.Attribute.PUBLIC_EXPONENT]), int.from_bytes(public[pkcs11.Attribute.MODULUS])
    )
    return numbers.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Module]:
    """A token of its own, in a folder of the tests; the driver reads where that is when it is loaded first."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    run("softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--so-pin", "12345678", "--pin", PIN)
    key = key_from(b"\x07" * 48)
    yield Module(next(Path(path) for path in MODULES if Path(path).exists()), issue_root(key, "module", EARLY), key)
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
