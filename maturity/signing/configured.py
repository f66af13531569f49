"""The operator's own key, where one is configured: in a PKCS#12 file or in a security module (PKCS#11).

The private key of a module never leaves it. Nothing of either is written down here but the certificate, which everybody
may know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asn1crypto import x509 as asn1
from cryptography import x509
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.sign import signers
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

from maturity.signing.keys import KeyNotHere
from maturity.signing.stamping import asn1_certificate

if TYPE_CHECKING:
    from config import SigningSettings


@dataclass(frozen=True, slots=True)
class ConfiguredKey:
    """The key's certificate, those above it, and how to open what signs."""

    source: str
    certificate: x509.Certificate
    chain: tuple[asn1.Certificate, ...]
    open: Callable[[], AbstractContextManager[signers.Signer]]


def configured_key(settings: SigningSettings) -> ConfiguredKey | None:
    """The key that the configuration names; None where the installation's own is to sign."""
    if settings.p12 is None and settings.pkcs11_module is None:
        return None
    try:
        return _of_a_file(settings) if settings.p12 else _of_a_module(settings)
    except Exception as error:  # a driver of a module raises whatever its maker thought of
        name = "MATURITY_SIGNING_P12" if settings.p12 else "MATURITY_SIGNING_PKCS11_MODULE"
        raise KeyNotHere(f"{name}: {type(error).__name__} {error}".strip()) from error


def _of_a_file(settings: SigningSettings) -> ConfiguredKey:
    if settings.p12 is None:
        raise LookupError("no file is configured")
    chain = chain_of(settings)
    signer = signers.SimpleSigner.load_pkcs12_data(settings.p12.read_bytes(), chain, settings.p12_password.encode())
    above = {one.dump(): one for one in (*signer.cert_registry, *chain)}
    return ConfiguredKey("pkcs12", _plain(signer.signing_cert), tuple(above.values()), lambda: nullcontext(signer))


def _of_a_module(settings: SigningSettings) -> ConfiguredKey:
    chain = chain_of(settings)
    with _module_signer(settings, chain) as signer:
        certificate = signer.signing_cert
    return ConfiguredKey("pkcs11", _plain(certificate), chain, lambda: _module_signer(settings, chain))


@contextmanager
def _module_signer(settings: SigningSettings, chain: Sequence[asn1.Certificate]) -> Iterator[PKCS11Signer]:
    """Signed in to the token for as long as one file takes."""
    criteria = TokenCriteria(label=settings.pkcs11_token)
    session = open_pkcs11_session(str(settings.pkcs11_module), token_criteria=criteria, user_pin=settings.pkcs11_pin)
    with session:
        first = PKCS11Signer(session, cert_label=settings.pkcs11_key, ca_chain=chain)
        certificate = first.signing_cert
        # many modules sign a hash on these curves and nothing else
        is_curve = certificate.public_key.algorithm == "ec"
        yield PKCS11Signer(
            session,
            signing_cert=certificate,
            key_label=settings.pkcs11_key,
            ca_chain=chain,
            use_raw_mechanism=is_curve,
        )


def chain_of(settings: SigningSettings) -> tuple[asn1.Certificate, ...]:
    """The authorities' certificates of `MATURITY_SIGNING_CHAIN`."""
    if settings.chain is None:
        return ()
    return tuple(map(asn1_certificate, x509.load_pem_x509_certificates(settings.chain.read_bytes())))


def _plain(certificate: asn1.Certificate) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate.dump())
