"""The prices for everybody; for a tenant its plan, and buying one."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.billing import words
from maturity.billing.blueprint import bp
from maturity.billing.buying import (
    Addresses,
    Buyer,
    Way,
    begin_order_checkout,
    begin_subscription,
    give_up,
    order_year,
)
from maturity.billing.buying_forms import ALIPAY, CARD, ONCE, SUBSCRIPTION, TRANSFER, TRIAL, WECHAT, BuyForm
from maturity.billing.choosing import Choice
from maturity.billing.fetching import ask_to_bring_in
from maturity.billing.gateway import Gateway, gateway_of
from maturity.billing.models import Checkout, Order
from maturity.billing.overview import Overview, invoices_of, overview_of, paid_orders
from maturity.billing.settings import settings_of
from maturity.billing.usages import TooFewSeats
from maturity.errors import Conflict, Invalid, MaturityError, NotFound, Unavailable
from maturity.extensions import db
from maturity.plans.loader import KINDS, current_price_list, price_list
from maturity.plans.model import CURRENCIES, Plan
from maturity.plans.pricing import Quote, quote_plan
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import public, requires
from maturity.web.addresses import site_url
from maturity.web.locale import current_locale
from maturity.web.messages import message_for
from maturity.web.site import site_clock

bp.add_app_template_filter(words.amount, "amount")


@bp.get("/plans")
@public
def plans() -> ResponseReturnValue:
    prices = current_price_list(site_clock().today())
    currency = _asked_currency("cny" if current_locale().startswith("zh") else "usd")
    by_kind = {kind: [plan for plan in prices.plans.values() if plan.kind == kind] for kind in KINDS}
    return render_template(
        "billing/plans.html",
        prices=prices,
        currency=currency,
        by_kind={kind: sorted(found, key=lambda plan: plan.rank) for kind, found in by_kind.items() if found},
        quote=lambda plan, interval: quote_plan(prices, plan, interval, currency, plan.least_seats),
        words_of=words,
        is_on=_is_on(),
        takes_transfers=settings_of(db.session()).takes_transfers,
    )


def _asked_currency(otherwise: str) -> str:
    asked = request.args.get("currency", "")
    return asked if asked in CURRENCIES else otherwise


def _is_on() -> bool:
    return _gateway().is_on


@bp.get("/t/<uuid:tenant_id>/billing")
@requires(Permission.BILLING_VIEW)
def show(access: Access) -> ResponseReturnValue:
    found = overview_of(db.session(), access.tenant, site_clock())
    return render_template("billing/show.html", found=found, words_of=words, is_on=_is_on())


@bp.get("/t/<uuid:tenant_id>/billing/invoices")
@requires(Permission.BILLING_VIEW)
def invoices(access: Access) -> ResponseReturnValue:
    session = db.session()
    return render_template(
        "billing/invoices.html", invoices=invoices_of(session), orders=paid_orders(session), words_of=words
    )


# Choosing


@bp.get("/t/<uuid:tenant_id>/billing/buy")
@requires(Permission.BILLING_MANAGE)
def choose(access: Access) -> ResponseReturnValue:
    found = overview_of(db.session(), access.tenant, site_clock())
    plan = _asked_plan(found, request.args.get("plan"))
    if plan is None or found.subscription is not None:
        return redirect(url_for(".show", tenant_id=access.tenant.id))
    form = BuyForm(formdata=None)
    form.plan.data, form.currency.data = plan.code, _currency_of(found, request.args.get("currency"))
    form.interval.data = "month" if request.args.get("interval") == "month" else "year"
    form.seats.data = request.args.get("seats", str(plan.least_seats))[:5]
    form.way.data = _default_way(ways(found, plan, form.currency.data))
    return _buy_page(found, plan, form)


def _asked_plan(found: Overview, code: str | None) -> Plan | None:
    """The plan asked for, else the first on sale; None where nothing is sold to this kind of tenant."""
    return next((plan for plan in found.sold if plan.code == code), next(iter(found.sold), None))


def _currency_of(found: Overview, asked: str | None) -> str:
    """Fixed by the first purchase; else as asked, else yuan on Chinese pages."""
    if found.customer is not None and found.customer.currency:
        return found.customer.currency
    return str(asked) if asked in CURRENCIES else "cny" if current_locale().startswith("zh") else "usd"


def ways(found: Overview, plan: Plan, currency: str) -> list[str]:
    """How it can be paid here and now, what is offered first at the top.

    Alipay and WeChat Pay come to the mainland's customers through Stripe in yuan, for what is paid once.
    """
    transfer = [TRANSFER] if found.settings.takes_transfers and currency == "cny" else []
    if not _is_on():
        return transfer
    trial = [TRIAL] if plan.trial_days and found.may_try else []
    paid_ahead = found.given_by is not None and found.given_by.source == "order"
    recurring = [] if paid_ahead else [SUBSCRIPTION, *trial]
    once = [CARD, *([ALIPAY, WECHAT] if currency == "cny" else [])]
    return [*transfer, *recurring, *once]


def _default_way(offered: list[str]) -> str:
    return offered[0] if offered else ""


def _buy_page(found: Overview, plan: Plan, form: BuyForm) -> str:
    currency = _currency_of(found, form.currency.data)
    offered = ways(found, plan, currency)
    form.way.choices = [(way, label) for way, label in form.way.choices if way in offered]
    return render_template(
        "billing/buy.html",
        found=found,
        plan=plan,
        form=form,
        currency=currency,
        offered=offered,
        quotes={name: quote_plan(found.prices, plan, name, currency, plan.least_seats) for name in plan.prices},
        tax=found.prices.taxes[currency],
        words_of=words,
        is_on=_is_on(),
    )


@bp.post("/t/<uuid:tenant_id>/billing/buy")
@requires(Permission.BILLING_MANAGE)
def buy(access: Access) -> ResponseReturnValue:
    """Begin what was chosen. Stripe is asked between short transactions (`READS_ALTHOUGH_POSTED`)."""
    form, tenant_id = BuyForm(), access.tenant.id
    found = overview_of(db.session(), access.tenant, site_clock())
    plan = _asked_plan(found, form.plan.data)
    if plan is None:
        raise Conflict("plan_not_sold")
    if form.validate_on_submit() and form.way.data not in ways(found, plan, form.currency.data or ""):
        form.way.errors = [_("It cannot be paid like this. Choose one of the ways below.")]
    if form.errors:
        return _buy_page(found, plan, form), 422
    try:
        return _begin(tenant_id, form)
    except (Invalid, Conflict, Unavailable) as error:
        _blame(form, error)
        found = overview_of(db.session(), access.tenant, site_clock())
        return _buy_page(found, plan, form), error.status


def _begin(tenant_id: uuid.UUID, form: BuyForm) -> ResponseReturnValue:
    method, buyer = form.way.data or "", _buyer(tenant_id)
    if method in ONCE:
        order_id = order_year(buyer, _choice(form), method, site_clock())
        if method == TRANSFER:
            return _ordered(tenant_id, order_id)
        return _led(tenant_id, begin_order_checkout(_gateway(), buyer, order_id, site_clock()))
    return _led(tenant_id, begin_subscription(_gateway(), buyer, _choice(form), site_clock()))


def _choice(form: BuyForm) -> Choice:
    names = ("plan", "interval", "currency", "coupon")
    values = {name: form[name].data or "" for name in names}
    return Choice(**values, seats=form.number, trial=form.way.data == TRIAL)


def _ordered(tenant_id: uuid.UUID, order_id: uuid.UUID) -> ResponseReturnValue:
    """To the page of the order with the bank account, where there is one."""
    flash(_("The order is placed. Transfer the amount with its number; the plan opens when the money has come."))
    if "billing.order_page" in current_app.view_functions:
        return redirect(url_for(".order_page", tenant_id=tenant_id, order_id=order_id))
    return redirect(url_for(".show", tenant_id=tenant_id))


def _gateway() -> Gateway:
    return gateway_of(_app())


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's target
    return app


def _buyer(tenant_id: uuid.UUID) -> Buyer:
    def returned(checkout_id: uuid.UUID) -> str:
        return site_url(".checkout", tenant_id=tenant_id, checkout_id=checkout_id, done=1)

    def given_up(checkout_id: uuid.UUID) -> str:
        return site_url(".checkout", tenant_id=tenant_id, checkout_id=checkout_id, left=1)

    return Buyer(tenant_id, current_user.id, current_locale(), Addresses(returned, given_up))


def _blame(form: BuyForm, error: MaturityError) -> None:
    """The message at the field that is to be mended; without one, above the form."""
    field: Any = getattr(form, error.subject, None) if error.subject else None
    if isinstance(error, TooFewSeats):
        field, message = form.seats, too_few_seats(error)
    else:
        message = message_for(error.code)
    if field is not None and hasattr(field, "errors") and error.subject not in ("plan", "currency"):
        field.errors = [message]
    else:
        form.form_errors.append(message)


def too_few_seats(error: TooFewSeats) -> str:
    """What is in use, what would hold it, and the mend."""
    return _(
        "%(people)s people and %(clients)s clients are in use; at least %(needed)s seats hold them. Choose as many, or "
        "first end memberships on the page People and have clients take grants back.",
        people=error.used.get("members", 0),
        clients=error.used.get("clients", 0),
        needed=error.needed,
    )


def _led(tenant_id: uuid.UUID, way: Way) -> ResponseReturnValue:
    """Through our own page: browsers let a form lead to this site alone (Content-Security-Policy, form-action)."""
    if way.replaced:
        flash(_("The payment that was begun before is closed; nothing was charged for it."))
    if way.is_over:
        flash(_("This was paid already in another window."))
    return redirect(
        url_for(".checkout", tenant_id=tenant_id, checkout_id=way.checkout_id, go=None if way.is_over else 1)
    )


# Paying an order, and coming back


@bp.post("/t/<uuid:tenant_id>/billing/orders/<uuid:order_id>/pay")
@requires(Permission.BILLING_MANAGE)
def pay_order(access: Access, order_id: uuid.UUID) -> ResponseReturnValue:
    """Lead to the page on which an open order is paid."""
    tenant_id = access.tenant.id
    if db.session.get(Order, order_id) is None:
        raise NotFound("order")
    return _led(tenant_id, begin_order_checkout(_gateway(), _buyer(tenant_id), order_id, site_clock()))


@bp.get("/t/<uuid:tenant_id>/billing/checkouts/<uuid:checkout_id>")
@requires(Permission.BILLING_VIEW)
def checkout(access: Access, checkout_id: uuid.UUID) -> ResponseReturnValue:
    """Where somebody is led to Stripe's page, and comes back to. What happened there is asked, not believed."""
    tenant_id = access.tenant.id
    row = _looked_up(checkout_id)
    is_leaving = "go" in request.args and row.state == "open" and bool(row.url)
    order = db.session.get(Order, row.order_id) if row.order_id is not None else None
    return render_template(
        "billing/checkout.html",
        row=row,
        order=order,
        stage=_stage(row, order, is_leaving=is_leaving),
        has_left="left" in request.args,
        prices=price_list(row.version),
        quote=_quote(row) if order is None else None,
        words_of=words,
        here=url_for(".checkout", tenant_id=tenant_id, checkout_id=checkout_id, done=1),
    )


def _looked_up(checkout_id: uuid.UUID) -> Checkout:
    """The row; unless the browser is only on its way there, the worker is asked to look at how it stands at Stripe."""
    row = _checkout(checkout_id)
    session_id, order_id = row.session_id, row.order_id
    is_settled = row.state == "expired" or (row.state == "complete" and order_id is None)
    if session_id is None or is_settled or "go" in request.args or not _is_on():
        return row
    ask_to_bring_in(row.tenant_id, "checkout", session_id, site_clock())
    return _checkout(checkout_id)


def _quote(row: Checkout) -> Quote:
    """What the first period of a subscription costs, as the price list says."""
    prices = price_list(row.version)
    coupon = prices.coupons.get(row.coupon)
    return quote_plan(prices, prices.plans[row.plan], row.interval, row.currency, row.seats, coupon)


def _checkout(checkout_id: uuid.UUID) -> Checkout:
    row = db.session.get(Checkout, checkout_id)
    if row is None:
        raise NotFound("checkout")
    return row


def _stage(row: Checkout, order: Order | None, *, is_leaving: bool) -> str:
    """leaving, paid, checking, open or expired."""
    if order is not None and order.state in ("paid", "refunded"):
        return "paid"
    if row.state == "complete":
        return "checking" if order is not None else "paid"
    if row.state == "expired":
        return "expired"
    if "done" in request.args:
        return "checking"
    return "leaving" if is_leaving else "open"


@bp.post("/t/<uuid:tenant_id>/billing/checkouts/<uuid:checkout_id>/give-up")
@requires(Permission.BILLING_MANAGE)
def give_up_checkout(access: Access, checkout_id: uuid.UUID) -> ResponseReturnValue:
    tenant_id = access.tenant.id
    _checkout(checkout_id)
    if not give_up(_gateway(), _buyer(tenant_id), checkout_id, site_clock()):
        return redirect(url_for(".checkout", tenant_id=tenant_id, checkout_id=checkout_id))
    flash(_("The payment is closed. Nothing was charged."))
    return redirect(url_for(".show", tenant_id=tenant_id))
