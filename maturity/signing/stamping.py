"""The local time-stamp authority: RFC 3161 tokens, made in this process. Pure: keys, bytes and a clock.

A token proves when something was signed as far as the installation's clock is believed. Whoever needs more configures
an authority of somebody else's.
"""

from __future__ import annotations

import secrets

from asn1crypto import cms, core, keys, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from maturity.clock import Clock

DIGEST = "sha256"
#: What our stamps are worth; an identifier made of a UUID (ITU-T X.667), as we have no number of our own.
POLICY = "2.25.57542313988392678434556285250546280388"


def asn1_certificate(certificate: x509.Certificate) -> asn1.Certificate:
    """The same certificate as the libraries for PDF signatures take it."""
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))


def signer_with(
    key: EllipticCurvePrivateKey, certificate: x509.Certificate, root: x509.Certificate, *, embed_roots: bool = True
) -> SimpleSigner:
    """A signer with a key held in memory, that puts the authority's certificate beside its own."""
    known = SimpleCertificateStore()
    known.register(asn1_certificate(root))
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SimpleSigner(
        asn1_certificate(certificate), keys.PrivateKeyInfo.load(private), known, embed_roots=embed_roots
    )


class LocalTimeStamper(TimeStamper):
    """An authority that answers in this process what others answer over the network."""

    def __init__(self, signer: SimpleSigner, name: asn1.Name, clock: Clock) -> None:
        super().__init__()
        self._signer, self._name, self._clock = signer, name, clock

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        stated = self._stated(req).dump()
        content = cms.EncapsulatedContentInfo({"content_type": "tst_info", "content": core.ParsableOctetString(stated)})
        token = await self._signer.async_sign_general_data(content, DIGEST, detached=False)
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})

    def _stated(self, req: tsp.TimeStampReq) -> tsp.TSTInfo:
        """What the token says: that this hash was there at this moment, to the second before."""
        given = {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": req["message_imprint"],
            "serial_number": secrets.randbits(127),
            "gen_time": self._clock.now().replace(microsecond=0),
            "tsa": asn1.GeneralName("directory_name", self._name),
        }
        return tsp.TSTInfo(given if req["nonce"].native is None else given | {"nonce": req["nonce"]})
