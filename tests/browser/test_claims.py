"""One claim from beginning to end: the licence is uploaded, looked at by the operator, and open to objections."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from maturity.clock import SystemClock
from maturity.tenancy.models import Membership
from maturity.tenancy.service import PLATFORM, ensure_platform
from tests.browser.conftest import Live, NewPage
from tests.browser.page import check_page
from tests.factories import files
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user

pytestmark = pytest.mark.browser
REASON = "与公示系统一致，执照在有效期内。"


@dataclass(frozen=True, slots=True)
class Sides:
    owner: int
    staff: int
    address: str
    name: str


@pytest.fixture
def sides(live: Live) -> Sides:
    clock: Any = SystemClock()
    with live.session() as session:
        ensure_platform(session, clock)
        owner, staff = make_user(session, name="李明", locale="zh_CN"), make_user(session, name="赵敏", locale="zh_CN")
        session.add(Membership(tenant_id=PLATFORM, user_id=staff.id, role="owner", created_at=clock.now()))
        name = f"青岛认领{owner.id}号有限公司"
        tenant = make_enterprise(session, owner, clock, name=name)
        return Sides(owner.id, staff.id, f"/t/{tenant.id}", name)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_claim_by_licence(new_page: NewPage, sides: Sides, tmp_path: Path, width: int) -> None:
    photo = tmp_path / "营业执照.jpg"
    photo.write_bytes(files.picture("JPEG", (900, 640)))
    owner = new_page(user=sides.owner, width=width)
    owner.goto(f"{sides.address}/")
    owner.get_by_role("link", name="认领企业").click()
    check_page(owner)
    owner.locator("#licence").set_input_files(photo)
    owner.get_by_role("button", name="上传执照").click()
    expect(owner.get_by_role("heading", name="进度")).to_be_visible()
    check_page(owner)

    staff = new_page(user=sides.staff, width=width)
    queue = f"/t/{PLATFORM}/operation/claims"
    staff.goto(queue)
    row = staff.get_by_role("row").filter(has_text=sides.name)
    expect(row).to_be_visible()
    for _ in range(60):  # until the worker has looked at the file
        if row.get_by_text("未扫描").count():
            break
        staff.wait_for_timeout(500)
        staff.goto(queue)
    check_page(staff)
    row.get_by_role("link").click()
    staff.wait_for_function("() => document.querySelector('.licence img')?.naturalWidth > 0")
    check_page(staff)
    staff.get_by_label("执照通过").check()
    staff.get_by_role("textbox", name="原因").fill(REASON)
    staff.get_by_role("button", name="记录裁定").click()
    expect(staff.get_by_text("裁定已记录")).to_be_visible()

    owner.reload()
    expect(owner.get_by_text("异议期").first).to_be_visible()
    check_page(owner)
    owner.goto(f"{sides.address}/")
    expect(owner.get_by_text("认领正在处理")).to_be_visible()
