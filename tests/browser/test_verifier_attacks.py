"""Forged files and logs before the offline verifier, which has nothing but the list of keys to go by."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from playwright.sync_api import Browser, expect
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfTimeStamper
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.db import every_tenant, writing
from maturity.extensions import db
from maturity.signing.keys import file_key
from maturity.signing.pades import Signer
from maturity.signing.stamping import signer_with
from tests.attacks.test_signatures import other_authority
from tests.audit import unguarded
from tests.conftest import NOW
from tests.factories.certificates import make_issued
from tests.factories.signing import SITE, a_signer

pytestmark = pytest.mark.browser
Look = Callable[..., None]


@dataclass(frozen=True, slots=True)
class World:
    """A certificate as it was issued, what the site publishes beside it, and what forgers made; by name."""

    genuine: bytes
    page: bytes
    published: dict[str, Any]
    remote: dict[str, Any]
    log: dict[str, Any]
    forged: dict[str, bytes]


@pytest.fixture(scope="module")
def world(site: Any, clock: FixedClock) -> World:
    """Made in a thread: Playwright has an event loop in this one, and signing needs its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_make, site, clock).result()


def _make(site: Any, clock: FixedClock) -> World:
    clock.at = NOW
    with site.app_context(), every_tenant(db.session()):
        writing.set(True)
        session = db.session()
        session.expire_on_commit = False
        issued = make_issued(site, session, clock)
        genuine, client = issued.file(session, site), site.test_client()
        published = client.get("/signing-keys.json").json
        stranger = a_stranger(session, clock)
        stamps = file_key(session, "timestamp", clock, SITE)
        own = signer_with(stamps.key, stamps.certificate, stamps.root)
        by_stamps = replace(a_signer(session, clock), open=lambda: nullcontext(own))
        forged = {
            "stamped": stamped_by(stranger, paint_over(genuine)),
            "by_stamps": by_stamps.sign(unsigned(genuine), reason="", location=""),
            "by_stranger": stranger.sign(unsigned(genuine), reason="", location=""),
        }
        log = client.get(f"/log/certificate/{issued.number}.json").json
        page = client.get("/verify/offline/verifier.html").data
        found = World(genuine, page, published, with_remote(published, stranger), log, forged)
        session.rollback()
        db.session.remove()
        with db.engine.begin() as connection, unguarded(connection, only="_no_delete"):
            for table in reversed(db.metadata.sorted_tables):
                if table.name != "editions":
                    connection.execute(table.delete())
    return found


@pytest.fixture
def look(world: World, chromium: Browser, tmp_path: Path) -> Iterator[Look]:
    """The page as somebody saved it, without a network: what must come out for a file, with other keys or a log."""
    (tmp_path / "verifier.html").write_bytes(world.page)
    context = chromium.new_context(locale="en-GB")
    context.set_offline(True)

    def at(content: bytes, outcome: str, **given: Any) -> None:
        page = context.new_page()
        page.goto((tmp_path / "verifier.html").as_uri())
        page.locator("summary").click()
        for name, document in given.items():
            page.set_input_files(f"#{name}-file", _file(f"{name}.json", json.dumps(document).encode()))
        page.set_input_files("#file", _file("certificate.pdf", content))
        expect(page.locator("[data-result]")).to_have_attribute("data-outcome", outcome)
        page.close()

    yield at
    context.close()


def _file(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def unsigned(pdf: bytes) -> bytes:
    """The file as it was before it was signed."""
    return pdf[: pdf.index(b"%%EOF") + len(b"%%EOF")] + b"\n"


def with_remote(published: dict[str, Any], stranger: Signer) -> dict[str, Any]:
    """The keys of an installation whose stamps come from an authority that stamps whatever it is sent."""
    with stranger.open() as signer:
        held: Any = signer.signing_cert
    certificate = load_der_x509_certificate(held.dump())
    pem = certificate.public_bytes(Encoding.PEM).decode()
    row = {**next(key for key in published["keys"] if key["purpose"] == "timestamp"), "source": "remote"}
    return {**published, "keys": [*published["keys"], {**row, "key_id": "0" * 16, "certificate": pem}]}


def paint_over(pdf: bytes) -> bytes:
    """Another first page, appended so that what was signed stays as it is."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.add_stream_to_page(0, writer.add_object(generic.StreamObject(stream_data=b"q 0 0 0 rg 0 0 500 500 re f Q")))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def stamped_by(stranger: Signer, pdf: bytes) -> bytes:
    """A time stamp over the whole file, as anybody gets one from an authority of that kind."""
    out = PdfTimeStamper(stranger.stamper(), field_name="Later").timestamp_pdf(
        IncrementalPdfFileWriter(BytesIO(pdf)), "sha256", output=BytesIO()
    )
    found: bytes = out.getvalue()
    return found


def a_stranger(session: Session, clock: FixedClock) -> Signer:
    """An authority that stamps the time for whoever asks, and tries to sign documents with the same key."""
    forger = other_authority(a_signer(session, clock), clock)
    stamper: Any = forger.stamper()
    signer = stamper._signer
    return replace(forger, open=lambda: nullcontext(signer))


def test_what_an_outside_authority_stamped_behind_the_signature_is_not_called_genuine(look: Look, world: World) -> None:
    forged = world.forged["stamped"]
    look(forged, "altered")
    look(forged, "unsettled", keys=world.remote)
    look(forged, "contradicted", keys=world.remote, log=world.log)
    look(world.genuine, "genuine", keys=world.remote)


def test_the_log_settles_what_an_outside_authority_cannot(look: Look, world: World) -> None:
    """As where signer and time stamps come from outside, and are pinned by the list of keys."""
    sources = {"timestamp": "remote", "document": "pkcs12"}
    rows = [{**key, "source": sources.get(key["purpose"], key["source"])} for key in world.published["keys"]]
    keys = {**world.published, "keys": [key for key in rows if key["purpose"] != "root"]}
    look(world.genuine, "unsettled", keys=keys)
    look(world.genuine, "genuine", keys=keys, log=world.log)


def test_a_time_stamp_authority_signs_no_certificates(look: Look, world: World) -> None:
    look(world.forged["by_stamps"], "foreign")
    look(world.forged["by_stranger"], "foreign", keys=world.remote)


def move_the_gap(pdf: bytes) -> bytes:
    """The same signed bytes with the signature elsewhere among them, and a range behind the end that says so."""
    first, length, second, rest = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures[0].byte_range
    gap, at = pdf[first + length : second], length // 2
    head, moved, tail = pdf[:at], pdf[at:length], pdf[second : second + rest]
    end = len(moved) + len(tail)
    return head + gap + moved + tail + f"\n/ByteRange [0 {at} {at + len(gap)} {end}]\n%%EOF\n".encode()


def overlap(pdf: bytes) -> bytes:
    return pdf + f"\n/ByteRange [0 {len(pdf)} 0 {len(pdf)}]\n%%EOF\n".encode()


def start_later(pdf: bytes) -> bytes:
    """Something before what was signed, and a range that leaves it out."""
    first, length, second, rest = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures[0].byte_range
    front = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
    moved = [len(front), length, second + len(front), rest]
    return front + pdf + f"\n/ByteRange [{' '.join(map(str, moved))}]\n%%EOF\n".encode()


def claim_all(pdf: bytes) -> bytes:
    """The file's own signature once more, said to cover what was added."""
    first, length, second, _rest = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures[0].byte_range
    gap = pdf[first + length : second]
    added = paint_over(pdf)
    start = len(added) + 120
    line = f"\n/ByteRange [0 {start} {start + len(gap)} 1]"
    return added + line.ljust(120).encode() + gap + b"\n"


@pytest.mark.parametrize(
    ("trick", "outcome"),
    [(move_the_gap, "altered"), (overlap, "altered"), (start_later, "unsigned"), (claim_all, "altered")],
)
def test_no_range_of_bytes_makes_a_changed_file_genuine(
    look: Look, world: World, trick: Callable[[bytes], bytes], outcome: str
) -> None:
    forged = trick(world.genuine)
    assert forged != world.genuine
    look(forged, outcome)


def test_entries_about_another_certificate_are_not_taken(look: Look, world: World) -> None:
    """Its proof holds, and it is not what the document says it is about."""
    look(world.genuine, "contradicted", log={**world.log, "certificate": "0" * 64})


def test_entries_of_the_log_are_read_in_its_order(look: Look, world: World) -> None:
    """Or the issue would be the last thing that happened to what was withdrawn."""
    leaves = world.log["leaves"]
    look(world.genuine, "contradicted", log={**world.log, "leaves": leaves[::-1]})
    look(world.genuine, "contradicted", log={**world.log, "leaves": [*leaves, leaves[0]]})
    look(world.genuine, "genuine", log=world.log)
