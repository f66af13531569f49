"""The minutes as PDF: in both languages, from the rows of the case, the same bytes on the same day."""

from __future__ import annotations

import pypdfium2
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.certification.cases import case_for
from maturity.certification.models import CertificationCase
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.reviewing.minutes import minutes_pdf
from maturity.reviewing.verdicts import Verdict
from tests.conftest import Browser
from tests.factories.certification_review import Review, judge_all
from tests.factories.people import keep
from tests.functional.reviewing.conftest import SignedIn, body_of, choice_question, file_of


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", ("Minutes of the review", "not evidenced", "lead reviewer")),
        ("zh_CN", ("评审记录", "无证据", "评审组长")),
    ],
)
def test_the_minutes_say_who_what_and_with_which_outcome(
    session: Session, clock: FixedClock, review: Review, locale: str, said: tuple[str, ...]
) -> None:
    name, _fact, _option = choice_question(review, session)
    judge_all(session, review, clock, **{name: Verdict("not_evidenced", "没有看到台账", {}, 0)})
    with for_tenant(session, review.body_id):
        case = case_for(session, review.case_id, review.body_id)
        seed = case.seed or ""
        content = minutes_pdf(session, case, locale, clock)
        assert content == minutes_pdf(session, case, locale, clock)
    text = text_of(content)
    for words in (*said, "没有看到台账", "赵评审", "李决定", "青岛海岳数控机床有限公司", "齐鲁认证中心"):
        assert words in text.replace("\r\n", "").replace("\n", "") or words in text
    assert seed[:20] in text.replace("\r\n", "")


def test_both_sides_of_the_review_get_them(review: Review, lead: Browser, manager: Browser) -> None:
    for browser, address in (
        (lead, file_of(review, "minutes.pdf")),
        (manager, body_of(review, "cases", str(review.case_id), "minutes.pdf")),
    ):
        reply = browser.client.get(address)
        assert (reply.status_code, reply.mimetype) == (200, "application/pdf")
        assert "no-store" in reply.headers["Cache-Control"]


def test_the_enterprise_gets_them_and_the_seed_once_the_lead_has_recommended(
    session: Session, clock: FixedClock, review: Review, lead: Browser, as_user: SignedIn
) -> None:
    owner = as_user(review.client_owner)
    address = f"/t/{review.client_id}/certification/cases/{review.case_id}/minutes.pdf"
    owner.get(address, status=404)
    judge_all(session, review, clock)
    keep(session)
    lead.post(file_of(review, "result"))
    lead.post(file_of(review, "recommendation"), {"reason": "certify", "note": ""})
    reply = owner.client.get(address)
    assert (reply.status_code, reply.mimetype) == (200, "application/pdf")
    seed = session.scalars(select(CertificationCase.seed).where(CertificationCase.id == review.case_id)).one()
    session.rollback()
    assert str(seed)[:20] in text_of(reply.data).replace("\r\n", "")
    lead.get(address, status=403)


def test_unfinished_minutes_say_so(session: Session, clock: FixedClock, review: Review) -> None:
    with for_tenant(session, review.body_id):
        case = case_for(session, review.case_id, review.body_id)
        assert "The review is not finished" in text_of(minutes_pdf(session, case, "en", clock))
    keep(session)
