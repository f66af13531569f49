"""From starting a report to publishing and correcting it, over HTTP."""

from __future__ import annotations

import re
import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.models import AuditEvent
from maturity.benchmarks.models import AggregateRead
from maturity.yearly.models import YearlyFile, YearlyPublication, YearlyReport, YearlyVersion
from maturity.yearly.paper import Paper
from tests.conftest import Browser
from tests.factories.yearly import run_jobs
from tests.functional.yearly.conftest import Desk, make_release_of


def fields_of(html: str) -> dict[str, str]:
    """The section's form as the page has it."""
    import html as entities

    found = {
        name: entities.unescape(text)
        for name, text in re.findall(r'<textarea[^>]* name="(text-\d+|new)"[^>]*>(.*?)</textarea>', html, re.DOTALL)
    }
    version = re.search(r'name="version" value="(\d+)"', html)
    title = re.search(r'name="title" value="([^"]*)"', html)
    assert version is not None
    assert title is not None
    return {**found, "version": version[1], "title": entities.unescape(title[1])}


def save(browser: Browser, url: str, fields: dict[str, str], status: int = 200, **changes: str) -> Any:
    return browser.post(url, fields | {name.replace("_", "-"): text for name, text in changes.items()}, status=status)


def test_a_report_is_started_and_drafted_in_the_background(app: Any, session: Session, desk: Desk) -> None:
    assert "No report yet" in desk.editor.get(desk.base).text
    release = make_release_of(session).id
    session.rollback()
    form = {"about": "national|", "release_id": str(release), "title": "2025 年度报告", "locale": "zh_CN"}
    page = desk.editor.post(desk.base, form)
    assert "The first version is being drafted" in page.text
    run_jobs(app, session)
    page = desk.editor.get(page.path)
    assert "摘要" in page.text
    assert "披露控制说明" in page.text
    reads = session.scalars(select(AggregateRead)).all()
    assert reads
    assert {read.purpose for read in reads} == {"yearly report"}
    events = set(session.scalars(select(AuditEvent.event).where(AuditEvent.tenant_id == desk.tenant.id)))
    assert "yearly.started" in events


def test_a_title_may_hold_years_and_no_other_figure(session: Session, desk: Desk) -> None:
    release = make_release_of(session).id
    session.rollback()
    form = {"about": "national|", "release_id": str(release), "title": "达到 63% 的报告", "locale": "zh_CN"}
    page = desk.editor.post(desk.base, form, status=422)
    assert "looks like a figure" in page.text
    assert "达到 63% 的报告" in page.html


def test_a_section_is_edited_and_its_figures_shown(session: Session, desk: Desk, report_url: str) -> None:
    url = f"{report_url}/sections/summary"
    page = desk.editor.get(url)
    fields = fields_of(page.html)
    saved = save(desk.editor, url, fields, new="大型企业能力得分的中位数为 {{capability.median@large}}。\n\n第二段。")
    assert "Version 2 is saved" in saved.text
    assert "大型企业能力得分的中位数为 63" in saved.text.replace("  ", " ")
    assert "第二段。" in saved.text
    assert 'title="能力得分，中位数 · 大型企业 · 2025' in saved.html


def test_a_figure_typed_in_is_refused_and_what_was_typed_is_kept(session: Session, desk: Desk, report_url: str) -> None:
    url = f"{report_url}/sections/summary"
    fields = fields_of(desk.editor.get(url).html)
    page = save(desk.editor, url, fields, status=422, text_0="已有 63% 的企业上云。")
    assert "“63” is traced to nothing" in page.text
    assert "已有 63% 的企业上云。" in page.html
    page = save(desk.editor, url, fields, status=422, text_0="已有六成企业上云。")
    assert "is a figure in words" in page.text
    page = save(desk.editor, url, fields, status=422, text_0="{{nothing.median@34}}")
    assert "do not know" in page.text
    session.rollback()
    assert session.scalars(select(YearlyVersion.version)).all() == [1]


def test_a_cell_that_was_not_in_the_draft_is_read_and_noted(session: Session, desk: Desk, report_url: str) -> None:
    url = f"{report_url}/sections/summary"
    before = len(session.scalars(select(AggregateRead)).all())
    session.rollback()
    fields = fields_of(desk.editor.get(url).html)
    page = save(desk.editor, url, fields, new="{{erp.share@35,370000,large}}")
    assert "未发布" in page.text
    assert len(session.scalars(select(AggregateRead)).all()) == before + 1
    session.rollback()


def test_two_editors_of_one_section_see_each_other(desk: Desk, report_url: str) -> None:
    url = f"{report_url}/sections/summary"
    mine, theirs = (fields_of(browser.get(url).html) for browser in (desk.editor, desk.colleague))
    save(desk.colleague, url, theirs, new="同事的话。")
    page = save(desk.editor, url, mine, status=409, new="我的话。")
    assert "Somebody else changed this section meanwhile" in page.text
    assert "同事的话。" in page.text
    assert "我的话。" in page.html
    again = fields_of(page.html)
    saved = save(desk.editor, url, again)
    assert "Version 3 is saved" in saved.text
    assert "我的话。" in saved.text


def test_two_editors_of_different_sections_do_not_disturb_each_other(desk: Desk, report_url: str) -> None:
    one, other = f"{report_url}/sections/summary", f"{report_url}/sections/method"
    mine, theirs = fields_of(desk.editor.get(one).html), fields_of(desk.colleague.get(other).html)
    save(desk.colleague, other, theirs, new="方法的补充。")
    saved = save(desk.editor, one, mine, new="摘要的补充。")
    assert "Version 3 is saved" in saved.text
    assert "方法的补充。" in desk.editor.get(other).text
    assert "摘要的补充。" in desk.editor.get(one).text


def test_sections_are_moved_and_hidden(session: Session, desk: Desk, report_url: str) -> None:
    desk.editor.post(f"{report_url}/sections/key_figures/arrange", {"action": "up", "version": "1"})
    desk.editor.post(f"{report_url}/sections/method/arrange", {"action": "hide", "version": "2"})
    newest = session.scalars(select(YearlyVersion).order_by(YearlyVersion.version.desc())).first()
    assert newest is not None
    paper = Paper.of(newest.body)
    assert [section.id for section in paper.sections[:2]] == ["key_figures", "summary"]
    assert [section.id for section in paper.sections if section.is_hidden] == ["method"]
    session.rollback()
    page = desk.editor.post(f"{report_url}/sections/levels/arrange", {"action": "up", "version": "1"})
    assert "Nothing was changed" in page.text


def test_comments_are_written_and_settled(desk: Desk, report_url: str) -> None:
    url = f"{report_url}/sections/summary"
    page = desk.reviewer.post(f"{url}/comments", {"body": "请补充背景。"})
    assert "请补充背景。" in page.text
    assert "1 comment" in desk.editor.get(report_url).text
    found = re.search(r"/comments/([0-9a-f-]{36})/settle", page.html)
    assert found is not None
    desk.editor.post(f"{report_url}/comments/{found[1]}/settle")
    assert "1 comment" not in desk.editor.get(report_url).text
    desk.viewer.post(f"{url}/comments", {"body": "x"}, status=403)


def test_a_picture_of_a_section_is_drawn(session: Session, desk: Desk, report_url: str) -> None:
    page = desk.viewer.get(f"{report_url}/sections/levels")
    found = re.search(r'src="([^"]+/pictures/\d+\.svg[^"]*)"', page.html)
    assert found is not None
    response = desk.viewer.client.get(found[1].replace("&amp;", "&"))
    assert response.status_code == 200
    assert response.mimetype == "image/svg+xml"
    assert "xmlns=" in response.text[:600]
    desk.viewer.get(f"{report_url}/sections/levels/pictures/999.svg", status=404)


def test_a_viewer_reads_and_changes_nothing(desk: Desk, report_url: str) -> None:
    assert "<textarea" not in desk.viewer.get(f"{report_url}/sections/summary").html
    desk.viewer.post(f"{report_url}/sections/summary", {"version": "1"}, status=403)
    desk.viewer.post(f"{report_url}/approve", {"version": "1"}, status=403)
    desk.editor.post(f"{report_url}/approve", {"version": "1"}, status=403)


def test_who_saved_last_does_not_approve(app: Any, session: Session, desk: Desk, report_url: str) -> None:
    owner = Browser(app.test_client())
    from tests.factories.campaigns import join
    from tests.factories.people import sign_in

    user = join(session, desk.tenant, app.extensions["clock"], "owner")
    sign_in(owner.client, user)
    url = f"{report_url}/sections/summary"
    save(owner, url, fields_of(owner.get(url).html), new="负责人的话。")
    assert "somebody else has to approve" in owner.get(report_url).text
    assert "Somebody else has to approve" in owner.post(f"{report_url}/approve", {"version": "2"}, status=409).text
    assert "Approved" in desk.reviewer.post(f"{report_url}/approve", {"version": "2"}).text


def test_an_edit_after_the_approval_needs_another(session: Session, desk: Desk, report_url: str) -> None:
    desk.reviewer.post(f"{report_url}/approve", {"version": "1"})
    url = f"{report_url}/sections/summary"
    save(desk.editor, url, fields_of(desk.editor.get(url).html), new="又改了。")
    state, version = session.execute(select(YearlyReport.state, YearlyReport.approved_version)).one()
    assert (state, version) == ("draft", None)
    session.rollback()
    desk.reviewer.post(f"{report_url}/publish", {}, status=409)
    desk.reviewer.post(f"{report_url}/approve", {"version": "1"}, status=409)


def test_an_outsider_finds_nothing(app: Any, desk: Desk, report_url: str) -> None:
    assert app.test_client().get(report_url).status_code == 302
    desk.editor.get(f"{desk.base}/{uuid.uuid4()}", status=404)
    assert "还没有报告" in Browser(app.test_client()).get("/reports/yearly").text


def test_a_report_is_published_read_by_everybody_and_corrected(
    app: Any, session: Session, desk: Desk, report_url: str
) -> None:
    for name in ("indicators", "industries", "regions", "published", "appendix", "dimensions", "trend"):  # fewer pages
        version = session.scalar(select(YearlyVersion.version).order_by(YearlyVersion.version.desc()).limit(1))
        session.rollback()
        desk.editor.post(f"{report_url}/sections/{name}/arrange", {"action": "hide", "version": str(version)})
    desk.reviewer.post(f"{report_url}/approve", {"version": "8"})
    page = desk.reviewer.post(f"{report_url}/publish", {"is_public": "y"})
    assert "The files are being made" in page.text
    run_jobs(app, session, "yearly_print")
    row = session.scalars(select(YearlyPublication)).one()
    pdf, number, report_id = row.pdf_sha256, row.number, row.report_id
    session.rollback()
    assert number == "YR-2025-CN-01"
    public = Browser(app.test_client())
    listed = public.get("/reports/yearly")
    assert number in listed.text
    assert pdf in listed.text
    got = public.client.get(f"/reports/yearly/{report_id}/pdf")
    assert got.data.startswith(b"%PDF-")
    import hashlib

    assert hashlib.sha256(got.data).hexdigest() == pdf
    assert public.client.get(f"/reports/yearly/{report_id}/docx").data.startswith(b"PK")
    assert public.client.get(f"/reports/yearly/{uuid.uuid4()}/pdf").status_code == 404
    assert public.client.get(f"/reports/yearly/{report_id}/exe").status_code == 404
    own = desk.viewer.client.get(f"{report_url}/file/pdf")
    assert own.data == got.data
    desk.editor.post(f"{report_url}/sections/summary", {"version": "8"}, status=409)

    assert "Say what is corrected" in desk.editor.post(f"{report_url}/correct", {"why": " "}, status=422).text
    correction = desk.editor.post(f"{report_url}/correct", {"why": "附表有误。"})
    assert "This is the correction" in correction.text
    assert "附表有误。" in correction.text
    desk.reviewer.post(f"{correction.path}/approve", {"version": "1"})
    desk.reviewer.post(f"{correction.path}/publish", {"is_public": "y"})
    run_jobs(app, session, "yearly_print")
    listed = public.get("/reports/yearly")
    assert "已由 YR-2025-CN-02 取代" in listed.text
    assert public.client.get(f"/reports/yearly/{report_id}/pdf").data == got.data
    assert len(session.scalars(select(YearlyFile.sha256).where(YearlyFile.is_final)).all()) == 4
    session.rollback()


def test_a_report_that_is_not_public_is_on_no_public_page(
    app: Any, session: Session, desk: Desk, report_url: str
) -> None:
    desk.reviewer.post(f"{report_url}/approve", {"version": "1"})
    desk.reviewer.post(f"{report_url}/publish", {})
    assert session.scalars(select(YearlyReport.state)).one() == "publishing"
    assert session.scalars(select(YearlyReport.is_public)).one() is False
    session.rollback()
    assert "还没有报告" in Browser(app.test_client()).get("/reports/yearly").text
