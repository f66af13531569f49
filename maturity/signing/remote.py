"""A time-stamp authority of somebody else's, over the network (RFC 3161), where one is configured."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper

from maturity.signing.keys import KeyNotHere
from maturity.signing.stamping import DIGEST

if TYPE_CHECKING:
    from config import SigningSettings

#: Seconds that it has for its answer.
PATIENCE = 20


@dataclass(frozen=True, slots=True)
class RemoteAuthority:
    """How to ask it, and the certificate with which it answers."""

    stamper: TimeStamper
    certificate: x509.Certificate


def remote_authority(settings: SigningSettings) -> RemoteAuthority | None:
    """The authority that the configuration names, asked once; `KeyNotHere` where it does not answer."""
    if settings.tsa_url is None:
        return None
    stamper = RequestsHTTPTimeStamper(settings.tsa_url, timeout=PATIENCE)
    try:
        token = asyncio.run(stamper.async_dummy_response(DIGEST))
        signer = extract_certificate_info(token["content"]).signer_cert
    except Exception as error:  # whatever is wrong with what came back
        raise KeyNotHere(f"MATURITY_SIGNING_TSA: {type(error).__name__} {error}") from error
    return RemoteAuthority(stamper, x509.load_der_x509_certificate(signer.dump()))
