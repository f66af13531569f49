"""The operator's pages about subscriptions, the news of Stripe, and what differed."""

from __future__ import annotations

import uuid

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.billing import desk, desk_words, words
from maturity.billing.blueprint import bp
from maturity.billing.desk_forms import SettleForm
from maturity.billing.fetching import ask_to_bring_in
from maturity.billing.gateway import SwitchedOff, gateway_of
from maturity.extensions import db
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.site import site_clock


def _is_on() -> bool:
    return gateway_of(current_app._get_current_object()).is_on  # type: ignore[attr-defined]  # the proxy's target


@bp.get("/t/<uuid:tenant_id>/billing/subscriptions")
@requires(Permission.BILLING_OVERSEE)
def subscriptions(access: Access) -> ResponseReturnValue:
    text = request.args.get("q", "").strip()[:80]
    asked = {"group": request.args.get("state", ""), "text": text}
    found = desk.subscriptions_page(db.session(), page=request.args.get("page", 1, type=int), **asked)
    count = desk.open_findings(db.session())
    said = {"words_of": words, "desk_words": desk_words, "is_on": _is_on(), "findings": count}
    return render_template("billing/desk_subscriptions.html", found=found, text=text, **said)


@bp.get("/t/<uuid:tenant_id>/billing/subscriptions/<uuid:subscription_id>")
@requires(Permission.BILLING_OVERSEE)
def subscription(access: Access, subscription_id: uuid.UUID) -> ResponseReturnValue:
    found = desk.particulars(db.session(), subscription_id)
    said = {"words_of": words, "desk_words": desk_words, "is_on": _is_on()}
    return render_template("billing/desk_subscription.html", found=found, **said)


@bp.post("/t/<uuid:tenant_id>/billing/subscriptions/<uuid:subscription_id>/fetch")
@requires(Permission.BILLING_OVERSEE)
def fetch_again(access: Access, subscription_id: uuid.UUID) -> ResponseReturnValue:
    """The worker asks Stripe; the page shows it as soon as it has."""
    operator_id, stripe_id = access.tenant.id, desk.particulars(db.session(), subscription_id).row.stripe_id
    if not _is_on():
        raise SwitchedOff
    ask_to_bring_in(operator_id, "subscription", stripe_id, site_clock())
    flash(_("It is being fetched. Look at this page again in a moment."))
    return redirect(url_for(".subscription", tenant_id=operator_id, subscription_id=subscription_id))


@bp.get("/t/<uuid:tenant_id>/billing/findings")
@requires(Permission.BILLING_OVERSEE)
def findings(access: Access) -> ResponseReturnValue:
    state, page = request.args.get("state", ""), request.args.get("page", 1, type=int)
    found = desk.findings_page(db.session(), state=state, page=page)
    return render_template("billing/desk_findings.html", found=found, desk_words=desk_words)


@bp.get("/t/<uuid:tenant_id>/billing/findings/<uuid:payment_finding_id>")
@requires(Permission.BILLING_OVERSEE)
def finding(access: Access, payment_finding_id: uuid.UUID) -> ResponseReturnValue:
    return _finding(payment_finding_id, SettleForm(formdata=None))


def _finding(payment_finding_id: uuid.UUID, form: SettleForm) -> str:
    line = desk.finding_line(db.session(), payment_finding_id)
    return render_template("billing/desk_finding.html", finding=line, form=form, desk_words=desk_words)


@bp.post("/t/<uuid:tenant_id>/billing/findings/<uuid:payment_finding_id>")
@requires(Permission.BILLING_OVERSEE)
def settle_finding(access: Access, payment_finding_id: uuid.UUID) -> ResponseReturnValue:
    form = SettleForm()
    if not form.validate_on_submit():
        return _finding(payment_finding_id, form), 422
    operator_id, who = access.tenant.id, {"actor_id": current_user.id, "clock": site_clock()}
    desk.settle_finding(db.session(), operator_id, payment_finding_id, form.note.data or "", **who)
    flash(_("The finding is settled."))
    return redirect(url_for(".findings", tenant_id=operator_id))
