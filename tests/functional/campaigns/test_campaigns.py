"""A campaign from the plan to the report, over HTTP."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.campaigns.models import Campaign, CampaignInvitee
from maturity.clock import FixedClock
from maturity.messages.models import Message
from tests.conftest import Browser
from tests.factories.assessments import make_result
from tests.factories.campaigns import excel, sweep
from tests.factories.claims import make_claimed, work_off
from tests.factories.enterprises import USCC
from tests.factories.people import sign_in

FORM = {
    "title": "2025 年度整体性评估",
    "framework": "lianghua",
    "period": "2025",
    "region": "370000",
    "deadline": "2026-12-31",
    "quota": "20",
    "reminders": "14, 7、1",
}
ROW = (USCC, "青岛海岳数控机床有限公司", "青岛市", "C342", "中型", "cio@example.com", "")


def campaign_of(session: Session) -> Campaign:
    session.rollback()
    found = session.scalars(select(Campaign)).one()
    session.expunge_all()
    session.rollback()
    return found


def invitees(session: Session) -> list[CampaignInvitee]:
    session.rollback()
    session.expire_all()
    found = list(session.scalars(select(CampaignInvitee).order_by(CampaignInvitee.uscc)))
    session.expunge_all()
    session.rollback()
    return found


def upload(desk: Browser, url: str, content: bytes, name: str = "list.xlsx", status: int = 200) -> Any:
    return desk.post(url, {"file": (BytesIO(content), name)}, status=status)


def test_a_campaign_goes_from_plan_to_closing_report(
    app: Any, session: Session, desk: Browser, official: User, url: str, clock: FixedClock
) -> None:
    page = desk.get(url)
    assert "No campaign yet" in page.text
    assert "Invitation list" in desk.post(f"{url}/new", FORM).text
    campaign = campaign_of(session)
    assert campaign.reminders == [14, 7, 1]
    here = f"{url}/{campaign.id}"
    preview = upload(desk, f"{here}/list", excel(ROW))
    assert "Take in 1 enterprise" in preview.text
    accepted = desk.post(preview.path)
    assert "1 added, 0 changed, 0 unchanged." in accepted.text
    opened = desk.post(f"{here}/open")
    assert "Open; 1 enterprise is called." in opened.text
    work_off(app, session, clock)
    letter = session.scalars(select(Message)).one()
    session.expunge_all()
    session.rollback()
    assert letter.recipient == "cio@example.com"
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", letter.body)
    tenant = make_claimed(session, clock)
    sweep(app)
    make_result(session, tenant, clock)
    session.commit()
    sweep(app)
    board = desk.get(here)
    assert "1 submitted" in board.text or "100.0" in board.text
    clock.at = campaign.closes_at + timedelta(minutes=1)
    work_off(app, session, clock)
    sign_in(desk.client, session.get_one(User, official.id))
    assert "closed" in desk.get(here).text
    report = desk.get(f"{here}/report")
    assert "Closing report" in report.text
    assert "The target of 1 submissions is reached." in report.text
