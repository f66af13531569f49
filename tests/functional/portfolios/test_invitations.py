"""Inviting from a list: every row checked, nothing sent unseen, and nobody learns who is known to the site."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.clock import FixedClock
from maturity.consulting.service import read_code
from maturity.messages.models import Message
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.enterprises import USCC, add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.factories.portfolios import give, keep, sweep
from tests.page import Page

OTHER = "91370200264574251E"
GOOD = f"{USCC},青岛海岳,a@example.com"


@pytest.fixture
def url(consultancy: Tenant) -> str:
    return f"/t/{consultancy.id}/clients/invite"


def letters(session: Session) -> int:
    session.rollback()
    count = session.scalar(select(func.count()).select_from(Message)) or 0
    session.rollback()
    return count


def confirmed(page: Page) -> str:
    """What the button that sends would send."""
    found = re.search(r'name="pasted" value="([^"]*)"', page.html)
    assert found
    return html.unescape(found.group(1))


def test_nothing_is_sent_before_it_was_seen(session: Session, consultant: Browser, url: str) -> None:
    page = consultant.post(f"{url}/check", {"pasted": GOOD})
    assert "1 row checked" in page.text
    assert letters(session) == 0
    assert "One letter is on its way." in consultant.post(url, {"pasted": confirmed(page)}).text
    assert letters(session) == 1
    assert "青岛海岳" in consultant.get(url).text


def test_the_letter_leads_to_the_page_of_the_code(
    session: Session, consultant: Browser, consultancy: Tenant, url: str
) -> None:
    consultant.post(url, {"pasted": GOOD})
    letter = session.scalars(select(Message)).one()
    session.rollback()
    assert letter.recipient == "a@example.com"
    assert f"/consultancies/{consultancy.code}" in letter.body
    assert "青岛海岳" in letter.body


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"{USCC[:-1]}A,甲,a@example.com", "check character does not fit"),
        ("123,甲,a@example.com", "you typed 3"),
        (f"{USCC},,a@example.com", "The name is missing."),
        (f"{USCC},{'长' * 121},a@example.com", "Shorten the name"),
        (f"{USCC},甲,nobody", "no e-mail address"),
        (f"{USCC},甲,13800138000", "no e-mail address"),
        (f"{USCC},甲", "no e-mail address"),
    ],
)
def test_a_wrong_row_is_named_and_not_sent(
    session: Session, consultant: Browser, url: str, row: str, message: str
) -> None:
    page = consultant.post(f"{url}/check", {"pasted": row})
    assert message in page.text
    assert "Send" not in page.text.partition("The list")[0].partition("row checked")[2]
    assert message in consultant.post(url, {"pasted": row}, 422).text
    assert letters(session) == 0


def test_the_good_rows_go_without_the_wrong_ones(session: Session, consultant: Browser, url: str) -> None:
    page = consultant.post(f"{url}/check", {"pasted": f"{GOOD}\n{OTHER},乙,wrong\n{USCC},重复,b@example.com"})
    assert "2 rows have mistakes" in page.text
    assert "The same code stands in row 1." in page.text
    assert confirmed(page).strip() == GOOD
    consultant.post(url, {"pasted": confirmed(page)})
    assert letters(session) == 1


@pytest.mark.parametrize(
    "pasted",
    [
        f"{USCC}\t青岛海岳\ta@example.com",
        f"{USCC};青岛海岳;a@example.com",
        f"企业名称,电子邮箱,统一社会信用代码\n青岛海岳,a@example.com,{USCC}",
        f"E-mail;Name;Code\na@example.com;青岛海岳;{USCC}",
        f"\ufeff{GOOD}\r\n\r\n",
    ],
)
def test_lists_come_in_many_shapes(consultant: Browser, url: str, pasted: str) -> None:
    assert confirmed(consultant.post(f"{url}/check", {"pasted": pasted})).strip() == GOOD


def _workbook(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        _workbook([["统一社会信用代码", "企业名称", "邮箱"], [USCC, "青岛海岳", "a@example.com"]]),
        GOOD.encode("gb18030"),
        GOOD.encode(),
    ],
    ids=["xlsx", "gb18030", "utf-8"],
)
def test_a_file_is_read(consultant: Browser, url: str, content: bytes) -> None:
    page = consultant.post(f"{url}/check", {"file": (BytesIO(content), "list")})
    assert confirmed(page).strip() == GOOD


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"pasted": ""}, "The list is empty."),
        ({"pasted": "code,name,email"}, "The list is empty."),
        ({"pasted": "\n".join([GOOD] * 201)}, "more than 200 rows"),
        ({"file": (BytesIO(b"PK\x03\x04 broken"), "a.xlsx")}, "cannot be read"),
        ({"file": (BytesIO(b"\xff\xfe\xff\xff"), "a.csv")}, "cannot be read"),
    ],
)
def test_what_is_no_list_is_refused(consultant: Browser, url: str, data: dict[str, Any], message: str) -> None:
    assert message in consultant.post(f"{url}/check", data, 422).text


def test_an_enterprise_is_not_written_to_twice_in_a_week(
    session: Session, clock: FixedClock, consultant: Browser, url: str
) -> None:
    consultant.post(url, {"pasted": GOOD})
    assert "less than a week ago" in consultant.post(url, {"pasted": GOOD}, 422).text
    clock.at += timedelta(days=8)
    consultant.post(url, {"pasted": GOOD})
    assert letters(session) == 2
    assert consultant.get(url).text.count(USCC) == 1


def test_nobody_learns_whether_an_enterprise_or_an_address_is_known(
    session: Session, clock: FixedClock, consultant: Browser, url: str
) -> None:
    """The same page, the same letter, whether the site knows both or neither."""
    owner = make_user(session, email="known@example.com")
    make_enterprise(session, owner, clock, name="已登记")
    keep(session)
    known = consultant.post(f"{url}/check", {"pasted": f"{USCC},甲,known@example.com"})
    unknown = consultant.post(f"{url}/check", {"pasted": f"{OTHER},甲,nobody@example.com"})
    alike = unknown.text.replace(OTHER, USCC).replace("nobody@", "known@")
    assert known.text == alike
    consultant.post(url, {"pasted": confirmed(known)})
    consultant.post(url, {"pasted": confirmed(unknown)})
    page = consultant.get(url)
    assert page.text.count("granted") == 0
    one, two = session.scalars(select(Message).order_by(Message.recipient)).all()
    assert one.body == two.body


def test_an_invitation_that_led_to_a_grant_says_so(
    app: Any, session: Session, clock: FixedClock, consultant: Browser, consultancy: Tenant, url: str
) -> None:
    consultant.post(url, {"pasted": GOOD})
    tenant = make_enterprise(session, make_user(session), clock)
    give(session, tenant, consultancy, clock)
    sweep(app)
    assert "granted on 2026-11-24" in consultant.get(url).text
    assert "is your client already" in consultant.post(url, {"pasted": GOOD}, 422).text


# The page the letter leads to


@pytest.fixture
def several(session: Session, clock: FixedClock) -> tuple[User, list[Tenant]]:
    """Somebody who owns two enterprises and edits a third."""
    user = make_user(session)
    made = [make_enterprise(session, user, clock, name=name) for name in ("甲", "乙")]
    third = make_enterprise(session, make_user(session), clock, name="丙")
    add_member(session, third, user, "editor", clock)
    keep(session)
    return user, [*made, third]


def test_an_owner_chooses_the_enterprise_and_finds_the_code_filled_in(
    browser: Browser, consultancy: Tenant, several: tuple[User, list[Tenant]]
) -> None:
    user, tenants = several
    sign_in(browser.client, user)
    page = browser.get(f"/consultancies/{consultancy.code}")
    assert "海岳咨询" in page.text
    ways = [link for link in page.links if link.endswith(f"/consultants?code={consultancy.code}")]
    assert set(ways) == {f"/t/{tenant.id}/consultants?code={consultancy.code}" for tenant in tenants[:2]}
    assert f'value="{read_code(str(consultancy.code))}"' in browser.get(ways[0]).html


def test_whoever_owns_nothing_is_told_what_to_do(browser: Browser, session: Session, consultancy: Tenant) -> None:
    user = make_user(session)
    keep(session)
    sign_in(browser.client, user)
    assert "No enterprise of yours yet" in browser.get(f"/consultancies/{consultancy.code}").text
    browser.get("/consultancies/AAAAAAAA", 404)


def test_a_stranger_signs_in_first(browser: Browser, consultancy: Tenant) -> None:
    with browser.client.get(f"/consultancies/{consultancy.code}") as response:
        assert response.status_code == 302
        assert f"/consultancies/{consultancy.code}" in unquote(response.location)
