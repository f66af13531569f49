"""The offline verifier, saved from the site and opened without a network, with a certificate that was really issued."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from maturity.certificates.models import Certificate
from maturity.clock import SystemClock
from tests.browser.conftest import Live, NewPage
from tests.factories.certificates import make_decided, path_in
from tests.factories.certification import make_case

pytestmark = pytest.mark.browser
MADE_WITHIN = 90  # seconds that the worker has for a file, on a machine with other things to do
SHOTS = os.environ.get("VERIFIER_SHOTS")
#: An enterprise is proved once, and every test of the session has the same database.
CODE = "91370200MA3N8T4W6D"


@dataclass(frozen=True, slots=True)
class Kept:
    """What somebody has at home: the certificate, the verifier, and what the log says of the certificate."""

    certificate: Path
    verifier: Path
    log: Path
    holder: str
    number: str


@pytest.fixture(scope="module")
def kept(live: Live, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("home")
    with live.session() as session:
        clock: Any = SystemClock()
        issued = make_decided(session, clock, make_case(session, clock, "reviewing", uscc=CODE))
    _wait(live, issued.certificate_id)
    with live.session() as session:
        row = session.get_one(Certificate, issued.certificate_id)
        (folder / "certificate.pdf").write_bytes(path_in(live.app, row).read_bytes())
        holder = row.holder
    page = chromium.new_context(base_url=live.address).new_page()
    for name, address in (
        ("verifier.html", "/verify/offline/verifier.html"),
        ("log.json", f"/log/certificate/{issued.number}.json"),
    ):
        (folder / name).write_bytes(page.request.get(f"{live.address}{address}").body())
    page.context.close()
    return Kept(folder / "certificate.pdf", folder / "verifier.html", folder / "log.json", holder, issued.number)


def _wait(live: Live, certificate_id: Any) -> None:
    end = time.monotonic() + MADE_WITHIN
    while time.monotonic() < end:
        with live.session() as session:
            if session.get_one(Certificate, certificate_id).status == "valid":
                return
        time.sleep(0.5)
    raise AssertionError("the worker has not made the file")


OpenVerifier = Callable[..., Page]


@pytest.fixture
def verifier(kept: Kept, chromium: Browser) -> Any:
    """The saved page, opened from the disk; the network is cut and a fault of the program fails the test."""
    opened, faults = [], []

    def open_one(locale: str = "en-GB", width: int = 1280) -> Page:
        context = chromium.new_context(locale=locale, viewport={"width": width, "height": 900})
        context.set_offline(True)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(kept.verifier.as_uri())
        opened.append(context)
        return page

    yield open_one
    for context in opened:
        context.close()
    assert not faults


def check(page: Page, content: Path | bytes, outcome: str) -> None:
    given: Any = content
    if isinstance(content, bytes):
        given = {"name": "certificate.pdf", "mimeType": "application/pdf", "buffer": content}
    page.set_input_files("#file", given)
    expect(page.locator(f'[data-result][data-outcome="{outcome}"]')).to_be_visible()


def _shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize(("locale", "width"), [("en-GB", 1280), ("zh-CN", 390)])
def test_a_certificate_is_found_genuine_without_the_site(
    verifier: OpenVerifier, kept: Kept, locale: str, width: int
) -> None:
    page = verifier(locale, width)
    _shot(page, f"empty-{width}")
    check(page, kept.certificate, "genuine")
    expect(page.get_by_text(kept.holder)).to_be_visible()
    expect(page.get_by_text(kept.number)).to_be_visible()
    assert page.locator(".checks .is-wrong").count() == 0
    assert page.locator(".checks .is-good").count() == 6
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    _shot(page, f"genuine-{width}")


def test_the_log_tells_how_it_stands_and_that_the_file_is_the_one(verifier: OpenVerifier, kept: Kept) -> None:
    page = verifier()
    check(page, kept.certificate, "genuine")
    expect(page.get_by_text("The file alone cannot tell")).to_be_visible()
    page.locator("summary").click()
    page.set_input_files("#log-file", kept.log)
    expect(page.get_by_text("the certificate is valid")).to_be_visible()
    expect(page.get_by_text("The log has the hash of this file")).to_be_visible()
    _shot(page, "with-log")


def test_a_changed_byte_is_found(verifier: OpenVerifier, kept: Kept) -> None:
    content = bytearray(kept.certificate.read_bytes())
    content[len(content) // 3] ^= 1
    page = verifier()
    check(page, bytes(content), "altered")
    expect(page.get_by_text("What was signed is not what stands there")).to_be_visible()
    _shot(page, "altered")


def test_what_is_added_behind_the_end_is_found(verifier: OpenVerifier, kept: Kept) -> None:
    page = verifier()
    check(page, kept.certificate.read_bytes() + b"\n1 0 obj\n<<>>\nendobj\n", "altered")
    expect(page.get_by_text("Something was added after the signature")).to_be_visible()


def test_a_file_of_another_authority_is_foreign(verifier: OpenVerifier, kept: Kept, tmp_path: Path) -> None:
    """Whoever pins other keys trusts none of ours."""
    (tmp_path / "keys.json").write_text(json.dumps({"keys": []}), encoding="utf-8")
    page = verifier()
    page.locator("summary").click()
    page.set_input_files("#keys-file", tmp_path / "keys.json")
    check(page, kept.certificate, "foreign")


@pytest.mark.parametrize("fault", ["removed", "back-dated", "of another"])
def test_a_log_that_was_tampered_with_is_found(verifier: OpenVerifier, kept: Kept, tmp_path: Path, fault: str) -> None:
    log = json.loads(kept.log.read_text(encoding="utf-8"))
    if fault == "removed":
        log["leaves"] = [leaf for leaf in log["leaves"] if leaf["entry"]["kind"] != "file"]
    elif fault == "back-dated":
        log["leaves"][0]["entry"]["at"] = "2020-01-01T00:00:00Z"
    else:
        log["certificate"] = "0" * 64
    (tmp_path / "log.json").write_text(json.dumps(log), encoding="utf-8")
    page = verifier()
    page.locator("summary").click()
    page.set_input_files("#log-file", tmp_path / "log.json")
    check(page, kept.certificate, "contradicted")


@pytest.mark.parametrize(("content", "outcome"), [(b"no PDF at all", "no_pdf"), (b"%PDF-1.7\n%%EOF\n", "unsigned")])
def test_what_is_no_certificate_is_said_to_be_none(verifier: OpenVerifier, content: bytes, outcome: str) -> None:
    page = verifier()
    check(page, content, outcome)


def test_the_same_page_works_on_the_site(new_page: NewPage, kept: Kept) -> None:
    page = new_page(lang="zh", width=1280)
    page.goto("/verify/offline")
    check(page, kept.certificate, "genuine")
