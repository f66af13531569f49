"""Public registers: certificates by consent, and certification bodies with their figures."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from maturity.credentials.service import framework_named
from maturity.extensions import db
from maturity.standing.files import csv_text, download
from maturity.verification.blueprint import bp
from maturity.verification.forms import RegisterForm
from maturity.verification.registers import PAGE, Entry, Wanted, bodies, entries, every_entry, frameworks_of
from maturity.verification.rules import rules
from maturity.web.access import public
from maturity.web.filters import industry_name, region_name, words
from maturity.web.site import site_clock


def _asked() -> tuple[RegisterForm, Wanted]:
    form = RegisterForm(request.args)
    found = entries(db.session(), Wanted(), site_clock().today(), 1)[0]
    known = {entry.framework: entry.edition for entry in found}
    names = frameworks_of(db.session(), site_clock().today())
    form.offer([(name, _framework_title(name, known.get(name))) for name in names])
    wanted = Wanted(
        form.name.data or "",
        form.region.data or "",
        form.division.data or "",
        form.framework.data or "",
        form.level.data or "",
    )
    return form, wanted


def _framework_title(framework: str, edition: str | None) -> str:
    return words(framework_named(db.session(), framework, edition).edition.title) if edition else framework


@bp.get("/certificates-register")
@public
def register() -> ResponseReturnValue:
    form, wanted = _asked()
    page = max(1, min(request.args.get("page", 1, type=int), 10_000))
    found, total = entries(db.session(), wanted, site_clock().today(), page)
    return render_template(
        "verification/register.html",
        form=form,
        wanted=wanted,
        found=[(entry, _level_title(entry)) for entry in found],
        total=total,
        page=page,
        pages=max(1, -(-total // PAGE)),
        now=site_clock().now(),
    )


def _level_title(entry: Entry) -> str:
    return words(framework_named(db.session(), entry.framework, entry.edition).level_title(entry.level))


@bp.get("/certificates-register.csv")
@public
def register_csv() -> ResponseReturnValue:
    _form, wanted = _asked()
    head = [
        _("Certificate number"),
        _("Holder"),
        _("Unified social credit code"),
        _("Region"),
        _("Industry"),
        _("Framework"),
        _("Edition"),
        _("Level"),
        _("Certification body"),
        _("Issued on"),
        _("Valid until"),
        _("Demonstration"),
    ]
    rows = [
        [
            one.number,
            one.holder,
            one.uscc,
            region_name(one.region),
            industry_name(one.industry),
            one.framework,
            one.edition,
            one.level,
            one.body_name,
            one.issued_on.isoformat(),
            one.valid_until.isoformat(),
            _("yes") if one.is_synthetic else _("no"),
        ]
        for one in every_entry(db.session(), wanted, site_clock().today())
    ]
    return download(csv_text([head, *rows]), "text/csv", f"certificates-{site_clock().today().isoformat()}.csv")


@bp.get("/certification-bodies")
@public
def bodies_register() -> ResponseReturnValue:
    found = bodies(db.session(), site_clock().today())
    return render_template("verification/bodies.html", found=found, rules=rules())
