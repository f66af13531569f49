"""A regulator's yearly reports: start, edit section by section, comment, approve, publish, correct."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.errors import NotFound
from maturity.extensions import db
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.locale import current_locale
from maturity.web.site import site_clock
from maturity.yearly import service
from maturity.yearly.forms import StartForm, typed_section, with_years
from maturity.yearly.language import Namer
from maturity.yearly.models import ENDINGS, YearlyReport, YearlyVersion
from maturity.yearly.paper import Misplaced, Paper, Section
from maturity.yearly.pictures import svg_of
from maturity.yearly.public_routes import TYPES
from maturity.yearly.public_routes import bp as public_reports
from maturity.yearly.resolved import Resolver, ShownSection, show_section
from maturity.yearly.scope import Scope
from maturity.yearly.service import ReportChanged, Untraced
from maturity.yearly.tokens import bare

bp = Blueprint("yearly", __name__, url_prefix="/t/<uuid:tenant_id>/yearly-reports")
ONE = "/<uuid:report_id>"
SECTION = f"{ONE}/sections/<section_id>"


@bp.record_once
def _with_public_reports(state: BlueprintSetupState) -> None:
    """The list for everybody belongs to no tenant, and so not under this blueprint's address."""
    state.app.register_blueprint(public_reports)


def _who() -> dict[str, Any]:
    return {"actor_id": current_user.id if current_user.is_authenticated else None, "clock": site_clock()}


def _here(access: Access, report: YearlyReport, **more: Any) -> dict[str, Any]:
    return {"tenant_id": access.tenant.id, "report_id": report.id, **more}


def about_words(kind: str, code: str) -> str:
    """What a report is about, in the language of the page."""
    return Namer(current_locale(), {}).cell(Scope(kind, code).focus)


@bp.get("")
@requires(Permission.YEARLY_VIEW)
def index(access: Access) -> ResponseReturnValue:
    reports = service.reports_of(db.session())
    return render_template("yearly/index.html", reports=reports, about=about_words, bare=bare)


@bp.get("/new")
@requires(Permission.YEARLY_EDIT)
def new(access: Access) -> ResponseReturnValue:
    releases = service.usable_releases(db.session())
    shown = {"locale": current_locale(), "title": _("Yearly report on integration")}
    return render_template("yearly/new.html", form=StartForm.over(releases, **shown) if releases else None)


@bp.post("")
@requires(Permission.YEARLY_EDIT)
def start(access: Access) -> ResponseReturnValue:
    form = StartForm.over(service.usable_releases(db.session()))
    if not form.validate_on_submit():
        return render_template("yearly/new.html", form=form), 422
    kind, code = form.kind_and_code()
    report = service.start_report(
        db.session(),
        access.tenant,
        kind=kind,
        code=code,
        release_id=form.release_id.data,
        locale=form.locale.data,
        title=with_years(form.title.data or ""),
        **_who(),
    )
    return redirect(url_for(".show", **_here(access, report)))


@bp.get(ONE)
@requires(Permission.YEARLY_VIEW)
def show(access: Access, report_id: UUID) -> ResponseReturnValue:
    return _overview(access, service.find_report(db.session(), report_id))


def _overview(access: Access, report: YearlyReport) -> str:
    session = db.session()
    job = service.job_of(session, report)
    if report.state == "drafting":
        return render_template("yearly/report.html", report=report, job=job, paper=None, about=about_words, bare=bare)
    version = service.newest_version(session, report)
    paper = Paper.of(version.body)
    open_comments = [comment for comment in service.comments_of(session, report) if comment.settled_at is None]
    return render_template(
        "yearly/report.html",
        report=report,
        job=job,
        version=version,
        paper=paper,
        plain=Resolver(service.book_of(session, report), report.locale).plain,
        versions=service.versions_of(session, report),
        open_comments=open_comments,
        files=service.files_of(session, report),
        is_last_editor=current_user.is_authenticated and current_user.id in service.editors_since(session, report),
        about=about_words,
        bare=bare,
    )


@bp.get(f"{ONE}/progress")
@requires(Permission.YEARLY_VIEW)
def progress(access: Access, report_id: UUID) -> ResponseReturnValue:
    job = service.job_of(db.session(), service.find_report(db.session(), report_id))
    if job is None:
        raise NotFound("yearly_report")
    return jsonify(state=job.state, done=job.progress_done, total=job.progress_total, error=job.error)


@bp.post(f"{ONE}/draft")
@requires(Permission.YEARLY_EDIT)
def draft_again(access: Access, report_id: UUID) -> ResponseReturnValue:
    """After a draft that failed."""
    report = service.find_report(db.session(), report_id)
    if report.state == "drafting":
        service.ask_for_draft(db.session(), report, **_who())
    return redirect(url_for(".show", **_here(access, report)))


@bp.post(f"{ONE}/cover")
@requires(Permission.YEARLY_EDIT)
def save_cover(access: Access, report_id: UUID) -> ResponseReturnValue:
    report = service.find_report(db.session(), report_id)
    lines = [line.strip() for line in request.form.get("signatories", "").replace("\r", "").split("\n")]
    try:
        service.save_cover(
            db.session(),
            report,
            title=with_years(request.form.get("title", "").strip()[: service.LONGEST_TITLE]) or report.title,
            subtitle=with_years(request.form.get("subtitle", "").strip()[: service.LONGEST_TITLE]),
            signatories=[line[:200] for line in lines if line][:20],
            seen_version=_seen(),
            **_who(),
        )
    except ReportChanged:
        flash(_("Somebody else saved a version meanwhile. Nothing was changed; look at it and try again."), "error")
    except Untraced as error:
        flash(fault_words(error.faults[0]), "error")
    return redirect(url_for(".show", **_here(access, report)))


def _seen() -> int:
    return request.form.get("version", 0, type=int) or 0


@bp.get(SECTION)
@requires(Permission.YEARLY_VIEW)
def section(access: Access, report_id: UUID, section_id: str) -> ResponseReturnValue:
    report = service.find_report(db.session(), report_id)
    number = request.args.get("version", type=int)
    version = service.newest_version(db.session(), report, number)
    return _section_page(access, report, version, _section_of(version, section_id))


def _section_of(version: YearlyVersion, section_id: str) -> Section:
    found = Paper.of(version.body).section(section_id)
    if found is None:
        raise NotFound("yearly_section")
    return found


def _section_page(
    access: Access,
    report: YearlyReport,
    version: YearlyVersion,
    typed: Section,
    *,
    new_text: str = "",
    wrong: tuple[Misplaced, ...] = (),
    theirs: ShownSection | None = None,
) -> str:
    session = db.session()
    resolver = Resolver(service.book_of(session, report), report.locale)
    newest = service.newest_version(session, report)
    is_newest = newest.version == version.version
    edits = access.can(Permission.YEARLY_EDIT) and report.state in service.OPEN and is_newest
    return render_template(
        "yearly/section.html",
        report=report,
        version=version,
        newest=newest.version,
        typed=typed,
        shown=show_section(resolver, typed, ""),
        sections=Paper.of(version.body).sections,
        plain=resolver.plain,
        edits=edits,
        comments=service.comments_of(session, report, typed.id),
        comments_here=access.can(Permission.YEARLY_COMMENT),
        wrong=[(fault.block, fault_words(fault)) for fault in wrong],
        theirs=theirs,
        new_text=new_text,
        indicators=resolver.book.indicators,
        bare=bare,
    )


def fault_words(fault: Misplaced) -> str:
    """What is wrong with a text, and the mend."""
    words = {
        "figure_untraced": _(
            "“%(piece)s” is traced to nothing. Put a reference in its place, or declare a year or a clause as "
            "{{=2025}}.",
            piece=fault.piece,
        ),
        "figure_in_words": _(
            "“%(piece)s” is a figure in words. Put a reference in its place, or say it without a quantity.",
            piece=fault.piece,
        ),
        "token_unreadable": _(
            "“%(piece)s” is no reference. Write it like {{cnc_rate.median@34}}, or {{=2025}} for a year.",
            piece=fault.piece,
        ),
        "token_unknown": _(
            "“%(piece)s” names a figure, year or source that the releases do not know.", piece=fault.piece
        ),
        "text_too_long_here": _("“%(piece)s…” is too long. Divide it into several paragraphs.", piece=fault.piece),
    }
    return words[fault.code]


@bp.post(SECTION)
@requires(Permission.YEARLY_EDIT)
def save_section(access: Access, report_id: UUID, section_id: str) -> ResponseReturnValue:
    session = db.session()
    report = service.find_report(session, report_id)
    seen = service.newest_version(session, report, _seen())
    typed = typed_section(_section_of(seen, section_id), request.form)
    try:
        saved = service.save_section(session, access.tenant, report, typed, seen.version, **_who())
    except ReportChanged as error:
        return _shown_beside(access, report, error.current, typed), 409
    except Untraced as error:
        return _section_page(access, report, seen, typed, wrong=error.faults), 422
    flash(_("Version %(number)s is saved.", number=saved.version))
    return redirect(url_for(".section", **_here(access, report, section_id=section_id)))


def _shown_beside(access: Access, report: YearlyReport, current: YearlyVersion, typed: Section) -> str:
    """What was typed stays in the fields; the other version stands beside it. Saving once more comes after it."""
    resolver = Resolver(service.book_of(db.session(), report), report.locale)
    theirs = show_section(resolver, _section_of(current, typed.id), "")
    return _section_page(access, report, current, typed, theirs=theirs)


@bp.post(f"{SECTION}/arrange")
@requires(Permission.YEARLY_EDIT)
def arrange(access: Access, report_id: UUID, section_id: str) -> ResponseReturnValue:
    report = service.find_report(db.session(), report_id)
    try:
        service.arrange(db.session(), report, section_id, request.form.get("action", ""), _seen(), **_who())
    except ReportChanged:
        flash(_("Somebody else saved a version meanwhile. Nothing was changed; look at it and try again."), "error")
    return redirect(url_for(".show", **_here(access, report, _anchor="sections")))


@bp.get(f"{SECTION}/pictures/<int:number>.svg")
@requires(Permission.YEARLY_VIEW)
def picture(access: Access, report_id: UUID, section_id: str, number: int) -> ResponseReturnValue:
    report = service.find_report(db.session(), report_id)
    version = service.newest_version(db.session(), report, request.args.get("version", type=int))
    blocks = _section_of(version, section_id).blocks
    if not 0 <= number < len(blocks) or blocks[number].kind != "chart":
        raise NotFound("chart")
    resolver = Resolver(service.book_of(db.session(), report), report.locale)
    drawn = resolver.picture(blocks[number])
    if drawn is None:
        raise NotFound("chart")
    return Response(svg_of(drawn, resolver.plain(blocks[number].text), ""), mimetype="image/svg+xml")


@bp.post(f"{SECTION}/comments")
@requires(Permission.YEARLY_COMMENT)
def comment(access: Access, report_id: UUID, section_id: str) -> ResponseReturnValue:
    """By those who edit and those who approve."""
    report = service.find_report(db.session(), report_id)
    service.write_comment(db.session(), report, section_id, request.form.get("body", ""), **_who())
    return redirect(url_for(".section", **_here(access, report, section_id=section_id, _anchor="comments")))


@bp.post(f"{ONE}/comments/<uuid:remark_id>/settle")
@requires(Permission.YEARLY_COMMENT)
def settle(access: Access, report_id: UUID, remark_id: UUID) -> ResponseReturnValue:
    report = service.find_report(db.session(), report_id)
    row = service.settle_comment(db.session(), report, remark_id, **_who())
    return redirect(url_for(".section", **_here(access, report, section_id=row.section, _anchor="comments")))


@bp.post(f"{ONE}/print")
@requires(Permission.YEARLY_EDIT)
def ask_for_files(access: Access, report_id: UUID) -> ResponseReturnValue:
    """PDF and Word of the draft, to look at."""
    report = service.find_report(db.session(), report_id)
    if report.state in service.OPEN:
        version = service.newest_version(db.session(), report).version
        service.ask_for_files(db.session(), report, version, is_final=False, **_who())
    return redirect(url_for(".show", **_here(access, report)))


@bp.get(f"{ONE}/file/<ending>")
@requires(Permission.YEARLY_VIEW)
def download(access: Access, report_id: UUID, ending: str) -> ResponseReturnValue:
    report = service.find_report(db.session(), report_id)
    found = service.find_file(db.session(), report, ending) if ending in ENDINGS else None
    if found is None:
        raise NotFound("yearly_file")
    name = f"{report.number or 'draft'}-v{found.version}.{ending}"
    return send_file(BytesIO(found.content), mimetype=TYPES[ending], as_attachment=True, download_name=name)


@bp.post(f"{ONE}/approve")
@requires(Permission.YEARLY_APPROVE)
def approve(access: Access, report_id: UUID) -> ResponseReturnValue:
    report = service.find_report(db.session(), report_id)
    service.approve(db.session(), report, _seen(), **_who())
    flash(_("The report is approved. It can be published now."))
    return redirect(url_for(".show", **_here(access, report)))


@bp.post(f"{ONE}/send-back")
@requires(Permission.YEARLY_APPROVE)
def send_back(access: Access, report_id: UUID) -> ResponseReturnValue:
    report = service.find_report(db.session(), report_id)
    service.send_back(db.session(), report, **_who())
    flash(_("The approval is taken back."))
    return redirect(url_for(".show", **_here(access, report)))


@bp.post(f"{ONE}/publish")
@requires(Permission.YEARLY_APPROVE)
def publish(access: Access, report_id: UUID) -> ResponseReturnValue:
    report = service.find_report(db.session(), report_id)
    service.ask_to_publish(db.session(), report, is_public="is_public" in request.form, **_who())
    return redirect(url_for(".show", **_here(access, report)))


@bp.post(f"{ONE}/correct")
@requires(Permission.YEARLY_EDIT)
def correct(access: Access, report_id: UUID) -> ResponseReturnValue:
    report = service.find_report(db.session(), report_id)
    correction = service.start_correction(db.session(), report, request.form.get("why", ""), **_who())
    flash(_("This is the correction. The published report stays as it is until this one is published."))
    return redirect(url_for(".show", **_here(access, correction)))
