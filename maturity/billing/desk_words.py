"""How findings and the news of Stripe are called on the operator's pages: what it is, and what to do about it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from maturity.billing.words import plan_name
from maturity.plans.loader import price_list

GROUPS = {"running": _("Running"), "troubled": _("Not paid"), "over": _("Over")}
STATES = {"open": _("To be seen to"), "settled": _("Settled"), "repaired": _("Put right by itself")}
#: Of events: name and kind of badge.
EVENTS = {
    "waiting": (_("waits"), "caution"),
    "applied": (_("brought in"), "good"),
    "ignored": (_("not needed"), "neutral"),
    "foreign": (_("of another installation"), "neutral"),
    "failed": (_("to be seen to"), "danger"),
}
#: What stands beside an event.
NOTES = {
    "stale": _("something later was brought in already"),
    "gone": _("Stripe does not know it any more"),
    "finding": _("it stands among the findings"),
}
#: code -> what it is, what to do
FINDINGS = {
    "unknown_customer": (
        _("A customer of ours that no tenant has"),
        _("It bears our mark, but its tenant is gone or has another customer. End what it pays at Stripe."),
    ),
    "other_tenant": (
        _("It names another tenant than its customer"),
        _("Nothing was written. Correct the metadata at Stripe, then fetch it again."),
    ),
    "unknown_price": (
        _("A price that is in no price list"),
        _("The plan was left as it is. Give the subscription one of our prices at Stripe."),
    ),
    "second_subscription": (
        _("A second subscription of the same tenant"),
        _("Both run and both are charged. End one at Stripe and pay back what was too much."),
    ),
    "unknown_checkout": (
        _("A page of Stripe's that we did not begin"),
        _("See at Stripe who made it and whether something was paid."),
    ),
    "unknown_order": (
        _("A payment for an order that is not there"),
        _("See at Stripe who paid, and pay it back or assign a plan."),
    ),
    "order_amount": (
        _("Another amount than the order's"),
        _("The order stays open. Pay the money back at Stripe, or agree with the customer on the rest."),
    ),
    "order_not_open": (
        _("A payment for an order that was given up"),
        _("Pay it back at Stripe, or let the customer order anew and assign the plan."),
    ),
    "paid_twice": (_("An order that was paid twice"), _("Pay the second payment back at Stripe.")),
    "refund_failed": (
        _("A refund that the bank sent back"),
        _("The money is with us again. Agree with the customer on another way."),
    ),
    "customer_deleted": (
        _("A customer was deleted at Stripe"),
        _("Its subscriptions ended with it. Ask the tenant to buy anew if it wants to go on."),
    ),
    "dispute": (
        _("A customer takes a payment back through the bank"),
        _("Answer at Stripe before the day that is named there; without an answer the money is lost."),
    ),
    "differed": (_("It differed from Stripe"), _("It was fetched again and is right now.")),
    "payment_differs": (
        _("A payment at Stripe that the ledger has not, or not so"),
        _("It belongs to no invoice or order of ours. See at Stripe what was paid."),
    ),
    "ledger_differs": (
        _("A movement in the ledger that Stripe does not know, or not so"),
        _("The ledger is never changed. Find out where it came from, and note it here."),
    ),
    "sums_differ": (
        _("The sums of a month differ"),
        _("The movements that differ stand here one by one. This one goes once they agree."),
    ),
    "subscription_gone": (
        _("A subscription that Stripe does not know any more"),
        _("It is not charged. End the plan by hand if nothing else gives it."),
    ),
}


def plan_of(code: str, version: str) -> str:
    """The name of a plan, as the price list called it under which it was bought."""
    return plan_name(price_list(version), code)
