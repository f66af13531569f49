"""An owner takes everything away with a real worker; the pages of rights have no barriers."""

from __future__ import annotations

import json
import os
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from maturity.clock import SystemClock
from maturity.rights.erasure import ask_for_deletion
from maturity.tenancy.models import Tenant
from tests.browser.conftest import Live, NewPage
from tests.browser.page import check_page
from tests.factories.assessments import make_result
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user

pytestmark = pytest.mark.browser
VISITS = [(1280, "zh"), (390, "zh"), (1280, "en"), (390, "en")]
SHOTS = os.environ.get("RIGHTS_SHOTS")


def _enterprise(live: Live) -> tuple[uuid.UUID, int]:
    with live.session() as session:
        clock: Any = SystemClock()
        owner = make_user(session, name="王建国", email=f"{uuid.uuid4().hex[:8]}@example.com")
        tenant = make_enterprise(session, owner, clock)
        make_result(session, tenant, clock)
        return tenant.id, int(owner.id)


def _shot(page: Any, name: str, width: int, lang: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}-{lang}.png"), full_page=True)


def test_an_owner_makes_an_archive_and_downloads_it(
    new_page: NewPage, live: Live, chromium: Browser, tmp_path: Path
) -> None:
    tenant_id, owner = _enterprise(live)
    page = new_page(lang="en", user=owner)
    page.goto(f"/t/{tenant_id}/data")
    page.get_by_role("button", name="Make an archive").click()
    link = page.get_by_role("link", name="Download", exact=True)
    expect(link).to_be_visible(timeout=60_000)
    check_page(page)
    _shot(page, "data-ready", 1280, "en")
    with page.expect_download() as waiting:
        link.click()
    target = tmp_path / "export.zip"
    waiting.value.save_as(target)
    with zipfile.ZipFile(target) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        archive.extractall(tmp_path / "export")
    assert manifest["tenant"]["id"] == str(tenant_id)
    offline = chromium.new_page()
    offline.goto((tmp_path / "export" / "index.html").as_uri())
    expect(offline.get_by_role("heading", level=1)).to_contain_text("青岛海岳数控机床有限公司")
    _shot(offline, "archive", 1280, "en")


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_the_pages_of_rights_have_no_barriers(
    new_page: NewPage, live: Live, faults: Any, width: int, lang: str
) -> None:
    faults.expect("422")  # the forms that are sent empty
    tenant_id, owner = _enterprise(live)
    page = new_page(width=width, lang=lang, user=owner)
    for name, address in (
        ("data", f"/t/{tenant_id}/data"),
        ("own", "/account/data"),
        ("close-alone", "/account/close"),
        ("processing", "/privacy/processing"),
        ("text", "/privacy/texts/privacy"),
        ("privacy", "/privacy"),
        ("delete", f"/t/{tenant_id}/data/delete"),
        ("settings", f"/t/{tenant_id}/settings"),
    ):
        page.goto(address)
        check_page(page)
        _shot(page, name, width, lang)
    page.goto(f"/t/{tenant_id}/data/delete")
    page.locator("main form button.button--danger").click()
    expect(page.locator("#error-summary")).to_be_focused()
    check_page(page)
    _shot(page, "delete-error", width, lang)
    with live.session() as session:
        tenant = session.get_one(Tenant, tenant_id)
        ask_for_deletion(session, tenant, tenant.name, actor_id=owner, site="", clock=SystemClock())
    page.goto(f"/t/{tenant_id}/data")
    check_page(page)
    _shot(page, "deletion-asked", width, lang)
    with live.session() as session:
        person = int(make_user(session, name="李梅", email=f"{uuid.uuid4().hex[:8]}@example.com").id)
    page = new_page(width=width, lang=lang, user=person)
    page.goto("/account/close")
    check_page(page)
    _shot(page, "close", width, lang)
    page = new_page(width=width, lang=lang)
    page.goto("/register")
    check_page(page)
    _shot(page, "register", width, lang)
