"""Issued certificates with their signed files, bodies in the register, and regulators with samples."""

from __future__ import annotations

import json
import uuid
import zlib
from datetime import timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from pikepdf import AttachedFileSpec, Dictionary, Name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from sqlalchemy.orm import Session

from maturity.certificates.models import Certificate, CertificateEvent
from maturity.certificates.numbering import new_number
from maturity.certification.models import CertificationBody, Surveillance
from maturity.clock import FixedClock
from maturity.signing.authority import issue_leaf, issue_root
from maturity.signing.pades import sign_pdf
from maturity.signing.stamping import signer_with
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import create_tenant
from maturity.verification.drawing import list_hash
from maturity.verification.models import SpotCheck, SpotSample
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user

HOLDER, CODE = "青岛海岳数控机床有限公司", "91110000600037341L"
SITE = "https://maturity.example"
SCORES = {"B": "68.10", "S": "80.00", "G": "55.40"}
SCOPE = "数控机床的设计、制造与服务"


def make_body(session: Session, clock: FixedClock, name: str = "齐鲁认证中心", **changes: Any) -> Tenant:
    """A certification body that the operator recognised."""
    owner = make_user(session, name="孙主任")
    tenant = create_tenant(session, "certification_body", name, owner.id, clock)
    values: dict[str, Any] = {
        "number": f"CNCA-R-{uuid.uuid4().hex[:6]}",
        "contact": "0531-88880000",
        "frameworks": ["lianghua"],
        "levels": [1, 2, 3, 4],
        "until": clock.today() + timedelta(days=900),
        "status": "recognised",
    }
    moments = {"recognised_at": clock.now(), "changed_at": clock.now()}
    session.add(CertificationBody(tenant_id=tenant.id, name=name, **moments, **(values | changes)))
    session.flush()
    return tenant


def payload_of(number: str, **changes: Any) -> str:
    """As much of a payload as verification reads."""
    said: dict[str, Any] = {
        "format": "maturity-certificate/1",
        "number": number,
        "scope": SCOPE,
        "score": {"dimensions": {name: {"rounded": value} for name, value in SCORES.items()}},
        "weight": {"reviewed_percent": "41.30", "declared_percent": "58.70"},
    }
    return json.dumps(said | changes, ensure_ascii=False, sort_keys=True)


def make_certificate(
    session: Session,
    clock: FixedClock,
    *,
    body: Tenant | None = None,
    client: Tenant | None = None,
    events: tuple[tuple[str, str | None], ...] = (("issued", None),),
    **changes: Any,
) -> Certificate:
    """A certificate as issuing leaves it, with what happened to it since."""
    body = body or make_body(session, clock)
    client = client or make_enterprise(session, make_user(session), clock)
    number = changes.pop("number", None) or new_number()
    payload, today = payload_of(number), clock.today()
    values: dict[str, Any] = {
        "status": "valid",
        "status_since": clock.now(),
        "payload": payload,
        "payload_sha256": sha256(payload.encode()).hexdigest(),
        "holder": HOLDER,
        "uscc": CODE,
        "body_name": body.name,
        "industry": "342",
        "region": "370200",
        "framework": "lianghua",
        "edition": "2026.1",
        "period": today.year - 1,
        "level": 3,
        "score": Decimal("71.25"),
        "issued_on": today - timedelta(days=30),
        "valid_until": today + timedelta(days=1000),
        "first_issued_on": today - timedelta(days=30),
        "pdf_sha256": sha256(number.encode()).hexdigest(),
        "pdf_size": 1,
        "shows": [],
    }
    names = {"number": number, "client_id": client.id, "body_id": body.id, "case_id": uuid.uuid4()}
    certificate = Certificate(id=uuid.uuid4(), **names, **(values | changes))
    session.add(certificate)
    session.flush()
    for leaf, (kind, reason) in enumerate(events):
        add_event(session, certificate, clock, kind, reason, leaf)
    return certificate


def add_event(
    session: Session, certificate: Certificate, clock: FixedClock, kind: str, reason: str | None = None, leaf: int = 0
) -> None:
    sides = {"client_id": certificate.client_id, "body_id": certificate.body_id}
    row = CertificateEvent(certificate_id=certificate.id, kind=kind, reason=reason, at=clock.now(), leaf=leaf, **sides)
    session.add(row)
    session.flush()


def add_surveillance(session: Session, certificate: Certificate, number: int, due_on: Any) -> None:
    sides = {"client_id": certificate.client_id, "body_id": certificate.body_id}
    session.add(Surveillance(certificate_id=certificate.id, number=number, due_on=due_on, **sides))
    session.flush()


@cache
def bare_pdf(number: str) -> bytes:
    """Two pages, the result as an attachment, a title: what there is to alter."""
    pdf = pikepdf.new()
    for text in (HOLDER.encode("utf-16-be").hex(), b"Annex".hex()):
        page = pdf.add_blank_page(page_size=(595, 842))
        page.obj.Contents = pdf.make_stream(b"BT /F1 12 Tf 50 800 Td <" + text.encode() + b"> Tj ET\n" * 40)
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.obj.Resources = Dictionary(Font=Dictionary(F1=pdf.make_indirect(font)))
    result = AttachedFileSpec(pdf, payload_of(number).encode(), filename="certificate.json")
    pdf.attachments["certificate.json"] = result
    pdf.docinfo["/Title"] = f"Certificate {number}"
    out = BytesIO()
    pdf.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def issue_file(session: Session, certificate: Certificate, folder: Path, clock: FixedClock) -> bytes:
    """The certificate's file, signed with the platform's key and stored where issued files are."""
    content = sign_pdf(
        session, bare_pdf(certificate.number), clock, SITE, reason="Issued", location="Jinan", name="Platform"
    )
    digest = sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{digest}.pdf").write_bytes(content)
    certificate.pdf_sha256, certificate.pdf_size = digest, len(content)
    session.flush()
    return content


def locate(content: bytes, part: bytes) -> int:
    """Where something stands in a file; it is there once or more."""
    at = content.find(part)
    assert at >= 0, part
    return at


def altered_at(content: bytes, at: int, by: bytes = b"\x00") -> bytes:
    """The file with other bytes at a place."""
    return content[:at] + by + content[at + len(by) :]


def foreign_file(content: bytes, clock: FixedClock) -> bytes:
    """The file signed by an authority that calls itself exactly as ours does, and is not."""
    root_key, key = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    root = issue_root(root_key, "maturity.example", clock.now())
    said: dict[str, Any] = {"purpose": "document", "name": "maturity.example", "start": clock.now(), "list_url": None}
    signer = signer_with(key, issue_leaf(key, root, root_key, **said), root)
    stated = signers.PdfSignatureMetadata(field_name="Signature", subfilter=SigSeedSubFilter.PADES)
    return bytes(signers.PdfSigner(stated, signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(content))).getvalue())


def locked_file() -> bytes:
    pdf, out = pikepdf.new(), BytesIO()
    pdf.add_blank_page()
    pdf.save(out, encryption=pikepdf.Encryption(owner="owner", user="user"))
    return out.getvalue()


def bomb() -> bytes:
    """A small file whose cross-reference stream unpacks to gigabytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(2**24)) for _ in range(160)) + packer.flush()
    head = b"%PDF-1.7\n1 0 obj\n<</Type/XRef/Size 2/W[1 2 2]/Root 2 0 R/Filter/FlateDecode/Length "
    body = head + str(len(packed)).encode() + b">>\nstream\n" + packed + b"\nendstream\nendobj\n"
    return body + b"startxref\n9\n%%EOF\n"


def make_check(
    session: Session, certificate: Certificate, regulator: Tenant, clock: FixedClock, *, is_asked: bool = False
) -> SpotCheck:
    """A certificate that a regulator drew by lot, all alone, and asked about."""
    sample = SpotSample(
        id=uuid.uuid4(),
        tenant_id=regulator.id,
        seed="7",
        drawn_from={"region": ""},
        numbers=[certificate.number],
        numbers_sha256=list_hash([certificate.number]),
        population=1,
        size=1,
        drawn_at=clock.now(),
    )
    session.add(sample)
    session.flush()
    check = SpotCheck(
        id=uuid.uuid4(),
        regulator_id=regulator.id,
        sample_id=sample.id,
        certificate_id=certificate.id,
        client_id=certificate.client_id,
        body_id=certificate.body_id,
        number=certificate.number,
        holder=certificate.holder,
        body_name=certificate.body_name,
        office=regulator.name,
        state="asked" if is_asked else "drawn",
        due_on=clock.today() + timedelta(days=20) if is_asked else None,
        asked_at=clock.now() if is_asked else None,
    )
    session.add(check)
    session.flush()
    return check
