"""Inviting enterprises from a list, and the page their letter leads to."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from maturity.consulting.service import UnknownConsultancy, enterprises_owned, find_consultancy
from maturity.errors import NotFound
from maturity.extensions import db
from maturity.organisations.forms import uscc_message
from maturity.portfolios.blueprint import bp
from maturity.portfolios.forms import InvitationListForm
from maturity.portfolios.invitations import invitations_of, known_codes, send_invitations
from maturity.portfolios.lists import Line, UnreadableList, check_rows, rows_of_file, rows_of_text
from maturity.reference.uscc import UsccError
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires, signed_in
from maturity.web.addresses import site_url
from maturity.web.locale import current_locale
from maturity.web.messages import message_for
from maturity.web.site import site_clock


@bp.get("/t/<uuid:tenant_id>/clients/invite")
@requires(Permission.PORTFOLIO_EDIT)
def invite(access: Access) -> ResponseReturnValue:
    return _page(access, InvitationListForm(formdata=None))


def _page(access: Access, form: InvitationListForm, **more: Any) -> str:
    sent = invitations_of(db.session(), access.tenant.id, site_clock())
    return render_template("portfolios/invite.html", form=form, sent=sent, told=_told, **{"lines": ()} | more)


def _lines(access: Access, form: InvitationListForm) -> tuple[Line, ...]:
    content = form.file.data.read() if form.file.data else b""
    rows = rows_of_file(content) if content else rows_of_text(form.pasted.data or "")
    return check_rows(rows, known_codes(db.session(), access.tenant.id, site_clock()))


@bp.post("/t/<uuid:tenant_id>/clients/invite/check")
@requires(Permission.PORTFOLIO_EDIT)
def check_invitations(access: Access) -> ResponseReturnValue:
    """Every row with its mistakes; nothing is sent."""
    form = InvitationListForm()
    try:
        lines = _lines(access, form)
    except UnreadableList as error:
        form.pasted.errors = [message_for(error.code)]
        return _page(access, form), 422
    form.pasted.data = form.pasted.data or _as_text(lines)
    return _page(access, form, lines=lines, good=_as_text([line for line in lines if line.is_good]))


def _as_text(lines: Any) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows((line.uscc, line.name, line.email) for line in lines)
    return buffer.getvalue()


@bp.post("/t/<uuid:tenant_id>/clients/invite")
@requires(Permission.PORTFOLIO_EDIT)
def send(access: Access) -> ResponseReturnValue:
    """The rows confirmed, checked once more."""
    form = InvitationListForm()
    try:
        lines = _lines(access, form)
    except UnreadableList as error:
        form.pasted.errors = [message_for(error.code)]
        return _page(access, form), 422
    if any(not line.is_good for line in lines):
        return _page(access, form, lines=lines, good=_as_text([line for line in lines if line.is_good])), 422
    link = site_url(".by_code", code=access.tenant.code)
    who = {"actor_id": current_user.id, "clock": site_clock()}
    count = send_invitations(db.session(), access.tenant, lines, link=link, locale=current_locale(), **who)
    flash(ngettext("One letter is on its way.", "%(num)s letters are on their way.", count))
    return redirect(url_for(".invite", tenant_id=access.tenant.id))


def _told(problem: str | UsccError) -> str:
    """What is wrong with a cell, and the mend."""
    if isinstance(problem, UsccError):
        return uscc_message(problem)
    code, _colon, row = problem.partition(":")
    return {
        "twice": _("The same code stands in row %(row)s.", row=row),
        "client": _("This enterprise is your client already."),
        "invited": _("You wrote to this enterprise less than a week ago."),
        "name_missing": _("The name is missing."),
        "name_too_long": _("Shorten the name to at most 120 characters."),
        "email_wrong": _("This is no e-mail address."),
    }[code]


@bp.get("/consultancies/<code>")
@signed_in
def by_code(code: str) -> ResponseReturnValue:
    """Where the letter leads: which of the person's enterprises is to let the consultancy in."""
    try:
        consultancy = find_consultancy(db.session(), code[:40])
    except UnknownConsultancy as error:
        raise NotFound("consultancy_unknown") from error
    owned = enterprises_owned(db.session(), current_user.id)
    return render_template("portfolios/by_code.html", consultancy=consultancy, owned=owned)
