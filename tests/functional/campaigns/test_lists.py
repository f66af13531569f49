"""The invitation list by upload: every mistake with its row, column and mend, nothing lost, and what changes."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.campaigns.models import Campaign, CampaignInvitee, CampaignUpload
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.campaigns import HEADINGS, excel, make_campaign
from tests.factories.enterprises import USCC
from tests.page import Page

OTHER = "91370200264574251E"
GOOD = (USCC, "青岛海岳数控机床有限公司", "青岛市", "C342", "中型", "cio@example.com", "13800138000")


@pytest.fixture
def campaign(session: Session, regulator: Tenant, clock: FixedClock) -> Campaign:
    return make_campaign(session, regulator, clock, invited=0, opened=False)


@pytest.fixture
def here(url: str, campaign: Campaign) -> str:
    return f"{url}/{campaign.id}"


def upload(desk: Browser, here: str, content: bytes, name: str = "list.xlsx", status: int = 200) -> Page:
    return desk.post(f"{here}/list", {"file": (BytesIO(content), name)}, status=status)


def invitees(session: Session) -> list[CampaignInvitee]:
    session.rollback()
    found = list(session.scalars(select(CampaignInvitee).order_by(CampaignInvitee.uscc)))
    session.expunge_all()
    session.rollback()
    return found


def test_a_good_row_is_understood_and_taken_in(session: Session, desk: Browser, here: str) -> None:
    preview = upload(desk, here, excel(GOOD))
    assert invitees(session) == []
    desk.post(preview.path)
    (row,) = invitees(session)
    assert (row.uscc, row.city, row.county, row.industry, row.size) == (USCC, "370200", "", "342", "medium")
    assert (row.email, row.mobile, row.state) == ("cio@example.com", "+8613800138000", "invited")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (0, "", "The code is missing."),
        (0, f"{USCC[:-1]}A", "The check character does not fit."),
        (0, "123", "you typed 3"),
        (0, 911100006000373, "Excel turned the code into a number."),
        (0, "=A1", "The cell holds a formula."),
        (1, "", "The name is missing."),
        (1, "长" * 121, "Shorten the name"),
        (2, "", "The city is missing."),
        (2, "亚特兰蒂斯", "There is no city or county"),
        (2, "南京市", "lies outside the campaign's place"),
        (3, "", "The industry is missing."),
        (3, "诗歌", "is no industry of GB/T 4754"),
        (3, "C99", "is no industry of GB/T 4754"),
        (4, "巨大", "is no size"),
        (5, "nobody", "is no e-mail address"),
        (5, "13800138000", "is no e-mail address"),
        (6, "12345", "is no mobile number"),
        (6, "a@example.com", "is no mobile number"),
    ],
)
def test_a_wrong_cell_is_named_with_its_mend(
    session: Session, desk: Browser, here: str, column: int, value: Any, message: str
) -> None:
    row = [*GOOD]
    row[column] = value
    page = upload(desk, here, excel((OTHER, "乙", "济南市", "13", "", "", ""), tuple(row)))
    assert message in page.text
    assert re.search(rf"{'ABCDEFG'[column]} · ", page.text)
    assert "1 row has a mistake and is not taken in." in page.text
    assert "Take in 1 enterprise" in page.text


def test_rows_with_mistakes_are_kept_while_the_others_are_taken_in(session: Session, desk: Browser, here: str) -> None:
    preview = upload(desk, here, excel(GOOD, ("123", "乙厂", "济南市", "13", "", "", "")))
    page = desk.post(preview.path)
    assert "1 added, 0 changed, 0 unchanged." in page.text
    assert "1 row was not taken in." in page.text
    assert len(invitees(session)) == 1
    response = desk.client.get(f"{preview.path}/mistakes.xlsx")
    sheet = load_workbook(BytesIO(response.data)).active
    assert sheet is not None
    cells = [cell.value for cell in sheet[2]]
    assert cells[:4] == ["123", "乙厂", "济南市", "13"]
    assert cells[7] == 3
    assert "you typed 3" in str(cells[8])


def test_the_file_of_mistakes_can_be_mended_and_uploaded(session: Session, desk: Browser, here: str) -> None:
    preview = upload(desk, here, excel(("123", "乙厂", "济南市", "13", "", "", "")))
    book = load_workbook(BytesIO(desk.client.get(f"{preview.path}/mistakes.xlsx").data))
    assert book.active is not None
    book.active["A2"] = OTHER
    target = BytesIO()
    book.save(target)
    desk.post(upload(desk, here, target.getvalue()).path)
    assert [row.uscc for row in invitees(session)] == [OTHER]


def test_a_code_that_stands_twice_is_one_enterprise(session: Session, desk: Browser, here: str) -> None:
    later = (USCC, "青岛海岳集团", "青岛市", "C342", "", "", "")
    preview = upload(desk, here, excel(GOOD, later))
    assert "1 row repeated a code and was merged" in preview.text
    desk.post(preview.path)
    (row,) = invitees(session)
    assert (row.name, row.email, row.size) == ("青岛海岳集团", "cio@example.com", "medium")


def test_a_second_upload_adds_and_changes_and_says_what(session: Session, desk: Browser, here: str) -> None:
    desk.post(upload(desk, here, excel(GOOD)).path)
    moved = (USCC, "青岛海岳数控机床有限公司", "黄岛区", "C342", "", "", "")
    preview = upload(desk, here, excel(moved, (OTHER, "乙厂", "济南市", "13", "", "", "")))
    assert "黄岛区" in preview.text or "Huangdao" in preview.text
    page = desk.post(preview.path)
    assert "1 added, 1 changed, 0 unchanged." in page.text
    first = next(row for row in invitees(session) if row.uscc == USCC)
    assert (first.county, first.email) == ("370211", "cio@example.com")


def test_the_same_list_again_changes_nothing(session: Session, desk: Browser, here: str) -> None:
    desk.post(upload(desk, here, excel(GOOD)).path)
    assert "Take in" not in upload(desk, here, excel(GOOD)).text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_csv_file_is_read_in_the_encodings_that_excel_writes(
    session: Session, desk: Browser, here: str, encoding: str, separator: str
) -> None:
    text = "\n".join(separator.join(row) for row in (HEADINGS, GOOD))
    desk.post(upload(desk, here, text.encode(encoding), "list.csv").path)
    assert [row.name for row in invitees(session)] == [GOOD[1]]


def test_headings_may_have_remarks_another_order_and_a_column_for_the_county(
    session: Session, desk: Browser, here: str
) -> None:
    headings = ("企业名称*", "地市", "区县", "信用代码（18位）", "所属行业", "备注")
    row = ("甲厂", "青岛市", "黄岛区", USCC, "通用设备制造业", "无")
    desk.post(upload(desk, here, excel(row, headings=headings)).path)
    assert [(found.city, found.county, found.industry) for found in invitees(session)] == [("370200", "370211", "34")]


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "list.xlsx", "Choose a file first.|The file is empty."),
        (b"", "list.csv", "The file is empty."),
        (b"PK\x03\x04 broken", "list.xlsx", "damaged|neither Excel"),
        (b"%PDF-1.7 no list", "list.xlsx", "damaged|neither Excel|no Excel"),
        (b"\x00\x01\x02\xff\xfe\x80", "list.csv", "neither Excel"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "list.xls", "old kind"),
        (excel(), "list.xlsx", "The list has headings and no rows."),
        (excel(("a", "b"), headings=("x", "y")), "list.xlsx", "There is no column for: Unified social credit code"),
        ("企业名称,行业\n甲,34\n".encode(), "list.csv", "There is no column for: Unified social credit code, City"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_what_to_do(
    session: Session, desk: Browser, here: str, content: bytes, name: str, message: str
) -> None:
    page = upload(desk, here, content, name, status=422)
    assert any(part in page.text for part in message.split("|"))
    assert session.scalar(select(CampaignUpload.id)) is None
    session.rollback()


def test_no_file_at_all_is_said(desk: Browser, here: str) -> None:
    assert "Choose a file first." in desk.post(f"{here}/list", status=422).text


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_the_template_can_be_uploaded_as_it_comes(
    session: Session, desk: Browser, url: str, here: str, ending: str
) -> None:
    content = desk.client.get(f"{url}/template.{ending}").data
    assert "The list has headings and no rows." in upload(desk, here, content, f"list.{ending}", status=422).text


def test_a_campaign_over_a_county_asks_for_the_county(
    session: Session, desk: Browser, regulator: Tenant, url: str, clock: FixedClock
) -> None:
    campaign = make_campaign(session, regulator, clock, invited=0, opened=False, region="370211")
    page = upload(desk, f"{url}/{campaign.id}", excel(GOOD))
    assert "The campaign is over one county." in page.text
    row = (USCC, "甲", "黄岛区", "34", "", "", "")
    assert "Take in 1 enterprise" in upload(desk, f"{url}/{campaign.id}", excel(row)).text


def test_a_campaign_of_some_industries_and_sizes_takes_no_others(
    session: Session, desk: Browser, regulator: Tenant, url: str, clock: FixedClock
) -> None:
    narrow = {"industries": ("34",), "sizes": ("medium",)}
    campaign = make_campaign(session, regulator, clock, invited=0, opened=False, **narrow)
    rows = ((OTHER, "乙", "济南市", "13", "中型", "", ""), (USCC, "甲", "青岛市", "34", "大型", "", ""))
    page = upload(desk, f"{url}/{campaign.id}", excel(*rows))
    assert "does not take the industry" in page.text
    assert "does not take the size" in page.text
    missing = upload(desk, f"{url}/{campaign.id}", excel((USCC, "甲", "青岛市", "34", "", "", "")))
    assert "The size is missing" in missing.text


def test_an_upload_can_be_discarded(session: Session, desk: Browser, here: str) -> None:
    preview = upload(desk, here, excel(GOOD))
    assert "An upload waits for you" in desk.get(f"{here}/list").text
    desk.post(f"{preview.path}/discard")
    assert "An upload waits for you" not in desk.get(f"{here}/list").text
    assert invitees(session) == []


def test_an_enterprise_can_be_taken_off(session: Session, desk: Browser, here: str) -> None:
    desk.post(upload(desk, here, excel(GOOD)).path)
    (row,) = invitees(session)
    assert "is taken off the list" in desk.post(f"{here}/enterprises/{row.id}/remove").text
    assert invitees(session) == []


def test_those_listed_are_filtered_and_exported(
    session: Session, desk: Browser, regulator: Tenant, url: str, clock: FixedClock
) -> None:
    campaign = make_campaign(session, regulator, clock, invited=6)
    here = f"{url}/{campaign.id}/enterprises"
    assert "6 enterprises" in desk.get(here).text
    assert "3 enterprises" in desk.get(f"{here}?city=370100").text
    assert "2 enterprises" in desk.get(f"{here}?industry=13").text
    assert "1 enterprise" in desk.get(f"{here}?text={USCC}").text
    assert "Nothing fits" in desk.get(f"{here}?state=submitted").text
    sheet = load_workbook(BytesIO(desk.client.get(f"{here}.xlsx?city=370100").data)).active
    assert sheet is not None
    assert sheet.max_row == 4
    text = desk.client.get(f"{here}.csv").data.decode("utf-8-sig")
    assert len(text.strip().splitlines()) == 7


def test_a_name_cannot_become_a_formula(
    session: Session, desk: Browser, regulator: Tenant, url: str, clock: FixedClock
) -> None:
    campaign = make_campaign(session, regulator, clock, invited=0, opened=False)
    content = f"{','.join(HEADINGS)}\n{USCC},=HYPERLINK(1),青岛市,34,,,\n".encode()
    desk.post(upload(desk, f"{url}/{campaign.id}", content, "a.csv").path)
    text = desk.client.get(f"{url}/{campaign.id}/enterprises.csv").data.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
