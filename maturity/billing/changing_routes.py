"""Changing a subscription, ending it, and the way to Stripe's own pages."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.billing import words
from maturity.billing.blueprint import bp
from maturity.billing.buying_forms import ChangeForm, ConfirmForm
from maturity.billing.buying_routes import too_few_seats
from maturity.billing.changing import (
    PREVIEW_LASTS,
    Shown,
    Wanted,
    cancel_with_period,
    confirm_change,
    go_on,
    open_portal,
    preview_change,
    read_instant,
    running_subscription,
)
from maturity.billing.fetching import ask_to_bring_in
from maturity.billing.gateway import Gateway, Preview, gateway_of
from maturity.billing.models import Subscription
from maturity.billing.usages import TooFewSeats, used_limits
from maturity.errors import Conflict, Invalid, MaturityError, Unavailable
from maturity.extensions import db
from maturity.plans.loader import price_list
from maturity.plans.pricing import quote_plan
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.addresses import site_url
from maturity.web.locale import current_locale
from maturity.web.messages import message_for
from maturity.web.site import site_clock


def _gateway() -> Gateway:
    return gateway_of(_app())


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's target
    return app


def _bring_in(tenant_id: uuid.UUID, subscription_id: str) -> None:
    """So that a page soon shows it; Stripe's own notice does the same."""
    ask_to_bring_in(tenant_id, "subscription", subscription_id, site_clock())


@bp.get("/t/<uuid:tenant_id>/billing/change")
@requires(Permission.BILLING_MANAGE)
def change(access: Access) -> ResponseReturnValue:
    """The form; with what is wanted in the address also what it would charge. Nothing is changed by looking."""
    row = running_subscription(db.session())
    if "interval" not in request.args:
        form = ChangeForm(formdata=None, interval=row.interval, seats=str(row.seats))
        return _change_page(access, row, form)
    form = ChangeForm(request.args, meta={"csrf": False})
    if not form.validate():
        return _change_page(access, row, form), 422
    try:
        wanted = Wanted(str(form.interval.data), form.number)
        preview = preview_change(_gateway(), access.tenant.id, wanted, site_clock())
    except (Invalid, Conflict, Unavailable) as error:
        _blame(form, error)
        return _change_page(access, running_subscription(db.session()), form), error.status
    return _change_page(access, running_subscription(db.session()), form, preview)


def _change_page(access: Access, row: Subscription, form: ChangeForm, preview: Preview | None = None) -> str:
    prices = price_list(row.version)
    plan = prices.plans[row.plan]
    return render_template(
        "billing/change.html",
        row=row,
        plan=plan,
        form=form,
        preview=preview,
        confirm=_confirm_form(form, preview) if preview is not None else None,
        minutes=int(PREVIEW_LASTS.total_seconds()) // 60,
        quotes={name: quote_plan(prices, plan, name, row.currency, plan.least_seats) for name in plan.prices},
        tax=prices.taxes[row.currency],
        used=used_limits(db.session(), access.tenant, site_clock()),
        words_of=words,
    )


def _confirm_form(form: ChangeForm, preview: Preview) -> ConfirmForm:
    at, due = int(preview.at.timestamp()), preview.due_now_minor
    values = {"interval": form.interval.data, "seats": str(form.number), "at": str(at), "due": str(due)}
    return ConfirmForm(formdata=None, **values)


def _blame(form: ChangeForm, error: MaturityError) -> None:
    message = too_few_seats(error) if isinstance(error, TooFewSeats) else message_for(error.code)
    field: Any = getattr(form, error.subject, None) if error.subject in ("seats", "interval") else None
    if field is not None:
        field.errors = [message]
    else:
        form.form_errors.append(message)


@bp.post("/t/<uuid:tenant_id>/billing/change")
@requires(Permission.BILLING_MANAGE)
def confirm(access: Access) -> ResponseReturnValue:
    """Make the change as it was shown. Stripe is asked between short transactions (`READS_ALTHOUGH_POSTED`)."""
    form, tenant_id = ConfirmForm(), access.tenant.id
    again = url_for(".change", tenant_id=tenant_id, interval=form.interval.data, seats=form.seats.data)
    if not form.validate_on_submit() or not _is_amount(form.due.data):
        return redirect(again)
    wanted = Wanted(str(form.interval.data), form.number)
    shown = Shown(read_instant(str(form.at.data)), int(str(form.due.data)))
    try:
        _bring_in(tenant_id, confirm_change(_gateway(), tenant_id, wanted, shown, current_user.id, site_clock()))
    except (Invalid, Conflict, Unavailable) as error:
        flash(too_few_seats(error) if isinstance(error, TooFewSeats) else message_for(error.code), "error")
        return redirect(again)
    flash(_("The subscription is changed."))
    return redirect(url_for(".show", tenant_id=tenant_id))


def _is_amount(typed: str | None) -> bool:
    return (typed or "").removeprefix("-").isdecimal() and len(typed or "") <= 15


@bp.get("/t/<uuid:tenant_id>/billing/cancel")
@requires(Permission.BILLING_MANAGE)
def ask_to_cancel(access: Access) -> ResponseReturnValue:
    row = running_subscription(db.session())
    if row.ends_at is not None:
        return redirect(url_for(".show", tenant_id=access.tenant.id))
    return render_template(
        "billing/cancel.html",
        row=row,
        plan=price_list(row.version).plans[row.plan],
        basic=price_list(row.version).basic(access.tenant.kind),
        used=used_limits(db.session(), access.tenant, site_clock()),
        words_of=words,
    )


@bp.post("/t/<uuid:tenant_id>/billing/cancel")
@requires(Permission.BILLING_MANAGE)
def cancel(access: Access) -> ResponseReturnValue:
    tenant_id = access.tenant.id
    _bring_in(tenant_id, cancel_with_period(_gateway(), tenant_id, current_user.id, site_clock()))
    flash(_("The subscription ends with its period. Until then everything stays open, and you can take this back."))
    return redirect(url_for(".show", tenant_id=tenant_id))


@bp.post("/t/<uuid:tenant_id>/billing/resume")
@requires(Permission.BILLING_MANAGE)
def resume(access: Access) -> ResponseReturnValue:
    tenant_id = access.tenant.id
    _bring_in(tenant_id, go_on(_gateway(), tenant_id, current_user.id, site_clock()))
    flash(_("The subscription goes on."))
    return redirect(url_for(".show", tenant_id=tenant_id))


@bp.post("/t/<uuid:tenant_id>/billing/portal")
@requires(Permission.BILLING_MANAGE)
def portal(access: Access) -> ResponseReturnValue:
    """Through a page of ours: browsers let a form lead to this site alone (Content-Security-Policy, form-action)."""
    tenant_id = access.tenant.id
    url = open_portal(_gateway(), site_url(".show", tenant_id=tenant_id), current_locale())
    return render_template("billing/leaving.html", url=url)
