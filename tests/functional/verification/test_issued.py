"""A certificate that was really issued, verified as a stranger does: file, history, and every part of it altered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from maturity.clock import FixedClock
from tests.conftest import Browser
from tests.factories.certificates import SITE, make_issued
from tests.factories.verification import altered_at

pytestmark = pytest.mark.database


@dataclass(frozen=True, slots=True)
class Paper:
    number: str
    content: bytes
    #: name of a part -> (part, name) as verification calls it, and a byte of it
    places: Mapping[str, tuple[tuple[str, str | None], int]]


@pytest.fixture
def paper(app: Any, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Paper:
    monkeypatch.setitem(app.config, "SITE_URL", SITE)
    issued = make_issued(app, session, clock)
    content = issued.file(session, app)
    session.commit()
    return Paper(issued.number, content, places_in(content))


def places_in(content: bytes) -> dict[str, tuple[tuple[str, str | None], int]]:
    """Where streams of the parts lie: their raw bytes are looked for in the file."""
    found: dict[str, tuple[tuple[str, str | None], int]] = {}
    with pikepdf.open(BytesIO(content)) as pdf:
        for number, page in enumerate(pdf.pages, 1):
            raw = page.obj.Contents.read_raw_bytes()
            found[f"page {number}"] = (("page", str(number)), content.index(raw) + len(raw) // 2)
        for name, spec in pdf.attachments.items():
            raw = spec.get_file().obj.read_raw_bytes()
            found[name] = (("attachment", name), content.index(raw) + len(raw) // 2)
        proof = pdf.Root.DSS.Certs[0].read_raw_bytes()
        found["proof"] = (("proof", None), content.index(proof) + 40)
    found["signature"] = (("signature", None), content.index(b"/ByteRange") + 14)
    return found


def verify(browser: Browser, content: bytes) -> dict[str, Any]:
    boundary, body = encode_multipart({"file": FileStorage(BytesIO(content), "certificate.pdf")})
    content_type = f"multipart/form-data; boundary={boundary}"
    given: dict[str, Any] = {"input_stream": BytesIO(body), "content_length": len(body), "content_type": content_type}
    return dict(browser.client.post("/verify/file.json", **given).get_json())


def test_its_file_is_sound_and_its_history_is_in_the_log(browser: Browser, paper: Paper) -> None:
    told = verify(browser, paper.content)
    assert (told["outcome"], told["file"]["comparison"]) == ("valid", "identical")
    signature = told["file"]["signature"]
    assert (signature["state"], signature["time_stamped"], signature["covers_whole_file"]) == ("sound", True, True)
    assert [one["kind"] for one in told["certificate"]["history"]] == ["issued"]
    assert told["log_head"]["size"] > told["certificate"]["history"][0]["leaf"]
    assert float(told["certificate"]["weight"]["reviewed_percent"]) > 0
    page = browser.get(f"/verify/{paper.number}?lang=en")
    assert page.h1 == ["The certificate is valid"]
    assert told["log_head"]["root"] in page.text


def test_each_part_of_it_that_is_altered_is_named(browser: Browser, paper: Paper) -> None:
    assert {"page 1", "certificate.json", "log-proof.json", "credential.jwt", "proof", "signature"} <= set(paper.places)
    for what, (expected, at) in paper.places.items():
        changed = bytes([paper.content[at] ^ 1])
        told = verify(browser, altered_at(paper.content, at, changed))
        assert told["outcome"] == "altered", what
        assert told["certificate"]["number"] == paper.number, what
        assert told["file"]["changed"] == [{"from": at, "to": at + 1, "part": expected[0], "name": expected[1]}], what


def test_saved_anew_by_another_program_it_still_says_which_it_was(browser: Browser, paper: Paper) -> None:
    with pikepdf.open(BytesIO(paper.content)) as pdf:
        out = BytesIO()
        pdf.save(out, linearize=True)
    told = verify(browser, out.getvalue())
    assert (told["outcome"], told["asked"]) == ("altered", paper.number)
    assert told["file"]["signature"]["state"] == "broken"
