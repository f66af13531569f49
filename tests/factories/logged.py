"""A certificate with its leaves and its signed file, without the case behind it; and what a verifier keeps of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import rfc8785
from pikepdf import AttachedFileSpec
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.certificates.files import ROOM
from maturity.certificates.models import Certificate, CertificateEvent
from maturity.certificates.numbering import new_number
from maturity.clock import FixedClock
from maturity.signing.pades import prepare_signer
from maturity.signing.published import keys_document
from maturity.signing.service import public_keys, sign_document
from maturity.tenancy.models import Tenant
from maturity.transparency import service
from maturity.transparency.statement import head_document
from tests.factories.signing import SITE, a_pdf
from tests.factories.verification import make_certificate


@dataclass(slots=True)
class Logged:
    """A certificate that was issued and logged, with its file in the data folder."""

    number: str
    pdf: bytes
    attached: dict[str, bytes]
    issued: int
    filed: int

    @property
    def key(self) -> str:
        return sha256(self.number.encode()).hexdigest()


def make_logged(
    session: Session,
    clock: FixedClock,
    data_dir: Path,
    *,
    body: Tenant | None = None,
    client: Tenant | None = None,
    number: str | None = None,
) -> Logged:
    """As issuing does it: leaf, payload and proof attached, signature, the file's leaf. Commits."""
    number = number or new_number()
    payload = _payload(number, clock)
    text = rfc8785.dumps(payload)
    digest = sha256(text).hexdigest()
    issued = service.append(session, service.status_entry(number, "issued", "valid", None, digest), clock)
    attached = {
        "certificate.json": rfc8785.dumps({"payload": payload, "jws": sign_document(session, payload, clock)}),
        "log-proof.json": rfc8785.dumps(service.proof_document(session, issued, origin=SITE)),
        "credential.jwt": sign_document(session, {"credential": number}, clock).encode(),
    }
    pdf = prepare_signer(session, clock, SITE).sign(with_files(a_pdf(), attached), reason="Certificate", location=SITE)
    filed = service.append(session, service.file_entry(number, sha256(pdf).hexdigest()), clock)
    certificate = make_certificate(
        session,
        clock,
        body=body,
        client=client,
        events=(),
        number=number,
        payload=text.decode(),
        payload_sha256=digest,
        pdf_sha256=sha256(pdf).hexdigest(),
        pdf_size=len(pdf),
    )
    _note(session, certificate, clock, "issued", issued, None)
    (data_dir / ROOM).mkdir(parents=True, exist_ok=True)
    (data_dir / ROOM / f"{sha256(pdf).hexdigest()}.pdf").write_bytes(pdf)
    session.commit()
    return Logged(number, pdf, attached, issued, filed)


def _payload(number: str, clock: FixedClock) -> dict[str, Any]:
    until = (clock.today() + timedelta(days=1000)).isoformat()
    return {
        "format": "maturity-certificate/1",
        "number": number,
        "holder": {"name": "青岛精工机床有限公司", "uscc": "91110000600037341L"},
        "level": {"number": 3},
        "body": {"name": "齐鲁认证中心"},
        "dates": {"valid_until": until},
        "demonstration": False,
    }


def with_files(pdf: bytes, attached: Mapping[str, bytes]) -> bytes:
    """The PDF with these files attached, in place of those of the same names."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        for name, content in attached.items():
            opened.attachments[name] = AttachedFileSpec(opened, content, filename=name)
        opened.save(out)
    return out.getvalue()


def change_status(session: Session, logged: Logged, clock: FixedClock, event: str, status: str, reason: str) -> int:
    """As a body does it: leaf, row and event in one transaction."""
    certificate = certificate_of(session, logged)
    entry = service.status_entry(logged.number, event, status, reason, certificate.payload_sha256)
    leaf = service.append(session, entry, clock)
    certificate.status, certificate.status_reason, certificate.status_since = status, reason, clock.now()
    _note(session, certificate, clock, event, leaf, reason)
    session.commit()
    return leaf


def _note(
    session: Session, certificate: Certificate, clock: FixedClock, kind: str, leaf: int, reason: str | None
) -> None:
    sides = {"client_id": certificate.client_id, "body_id": certificate.body_id}
    event = CertificateEvent(
        certificate_id=certificate.id, kind=kind, reason=reason, at=clock.now(), leaf=leaf, **sides
    )
    session.add(event)
    session.flush()


def certificate_of(session: Session, logged: Logged) -> Certificate:
    return session.scalars(select(Certificate).where(Certificate.number == logged.number)).one()


@dataclass(slots=True)
class Desk:
    """Files on the desk of somebody who verifies without the site."""

    folder: Path
    session: Session
    clock: FixedClock

    def put(self, name: str, document: Any) -> Path:
        path = self.folder / name
        path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        return path

    def keys(self) -> Path:
        return self.put("signing-keys.json", keys_document(public_keys(self.session), SITE, self.clock.now()))

    def head(self, size: int | None = None) -> Path:
        found = service.latest_head(self.session) if size is None else service.head_of(self.session, size)
        assert found is not None
        return self.put(f"head-{found.size}.json", head_document(found))

    def log(self) -> Path:
        size = service.size_of(self.session)
        return self.put(f"log-{size}.json", service.entries_document(self.session, 0, size, origin=SITE))

    def consistency(self, old: int, new: int) -> Path:
        return self.put("consistency.json", service.consistency_document(self.session, old, new))

    def of_certificate(self, number: str) -> Path:
        return self.put("of-certificate.json", service.certificate_document(self.session, number))
