"""An authority that is not ours: certificates, OCSP, revocation lists and time stamps, served on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import CertLabel, CertomancerConfig, PKIArchitecture
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from werkzeug.serving import make_server

NAME, PASSWORD = "outer", "a password"
_FOR_EVER = {"valid-from": "2020-01-01T00:00:00+0000", "valid-to": "2100-01-01T00:00:00+0000"}
_AUTHORITY = {"id": "simple-ca", "params": {"crl-repo": "root"}}


def _usage(*uses: str) -> dict[str, Any]:
    return {"id": "key_usage", "critical": True, "smart-value": {"schema": "key-usage", "params": list(uses)}}


def _architecture() -> dict[str, Any]:
    """A root, an authority under it that answers by OCSP, a signer of documents and a time-stamp authority."""
    entities = ("root", "interm", "responder", "signer", "stamps")
    stamping = {"id": "extended_key_usage", "critical": True, "value": ["time_stamping"]}
    by_ocsp = {"id": "simple-ca", "params": {"ocsp-service": "interm", "max-path-len": 0}}
    certs: dict[str, Any] = {
        "root": {"subject": "root", "issuer": "root", "profiles": [_AUTHORITY]},
        "interm": {"subject": "interm", "issuer": "root", "profiles": [by_ocsp]},
        "responder": {"subject": "responder", "issuer": "interm", "profiles": ["ocsp-responder"]},
        "signer": {"subject": "signer", "issuer": "interm", "profiles": ["digsig-commitment"]},
        "stamps": {"subject": "stamps", "issuer": "root", "extensions": [_usage("digital_signature"), stamping]},
    }
    return {
        "keyset": NAME,
        "entity-defaults": {"country-name": "CN", "organization-name": "Outer authority"},
        "entities": {name: {"common-name": f"Outer {name}"} for name in entities},
        "certs": {name: {"validity": _FOR_EVER} | given for name, given in certs.items()},
        "services": {
            "ocsp": {"interm": {"for-issuer": "interm", "responder-cert": "responder", "signing-key": "responder"}},
            "crl-repo": {"root": {"for-issuer": "root", "signing-key": "root", "simulated-update-schedule": "P30D"}},
            "time-stamping": {"stamps": {"signing-key": "stamps", "signing-cert": "stamps"}},
        },
    }


@dataclass(frozen=True, slots=True)
class OuterAuthority:
    url: str
    folder: Path
    architecture: PKIArchitecture
    #: Paths that were asked for.
    asked: list[str]

    @property
    def tsa_url(self) -> str:
        return f"{self.url}/{NAME}/tsa/stamps"

    def certificate(self, name: str) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.architecture.get_cert(CertLabel(name)).dump())

    def chain(self) -> Path:
        """Root and intermediate, as `MATURITY_SIGNING_CHAIN` takes them."""
        path = self.folder / "chain.pem"
        path.write_bytes(b"".join(self.certificate(name).public_bytes(Encoding.PEM) for name in ("root", "interm")))
        return path

    def p12(self) -> Path:
        """The signer's key and certificate, as `MATURITY_SIGNING_P12` takes them."""
        key: Any = load_pem_private_key((self.folder / "signer.pem").read_bytes(), None)
        path, own = self.folder / "signer.p12", self.certificate("signer")
        sealed = BestAvailableEncryption(PASSWORD.encode())
        path.write_bytes(pkcs12.serialize_key_and_certificates(b"signer", key, own, None, sealed))
        return path


@contextmanager
def outer_authority(folder: Path) -> Iterator[OuterAuthority]:
    """Made anew, and served until the end of the block. Its time stamps are RSA, everything else P-256."""
    names = ("root", "interm", "responder", "signer", "stamps")
    for name in names:
        key: Any = (
            rsa.generate_private_key(65537, 2048) if name == "stamps" else ec.generate_private_key(ec.SECP256R1())
        )
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / f"{name}.pem").write_bytes(pem)
    asked: list[str] = []
    server = make_server("127.0.0.1", 0, lambda *call: _answer(*call), threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    config = CertomancerConfig(
        {
            "keysets": {NAME: {"path-prefix": str(folder), "keys": {name: {"path": f"{name}.pem"} for name in names}}},
            "pki-architectures": {NAME: _architecture()},
        },
        key_search_dir=str(folder),
        external_url_prefix=url,
    )
    animator = Animator(AnimatorArchStore(config.pki_archs), with_web_ui=False)

    def _answer(environ: Any, start: Any) -> Any:
        asked.append(environ["PATH_INFO"])
        return animator(environ, start)

    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield OuterAuthority(url, folder, config.get_pki_arch(NAME), asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
