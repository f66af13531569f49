"""A stateful Stripe for tests, on a port of its own, spoken to by the official client.

Faithful to the documents of version 2026-10-28.endive as far as the product uses it: customers, products, prices, tax
rates, coupons, checkout sessions with a page, the customer portal with a page, subscriptions with trials, proration,
dunning and cancellation, invoices and previews, payment intents, charges, refunds, events and signed webhooks. Its
clock stands still until `advance`. Left out: everything else, such as subscription schedules, connected accounts,
payment methods as objects of their own, currencies without minor units.

    with running_stripe() as stripe:
        stripe.url, stripe.key, stripe.secret        # what an installation is configured with
        stripe.pay(session_id, card=GOOD)            # what a person does on the page, without a browser
        stripe.advance(days=31)                      # renewals, ends of trials, retries, in order
        stripe.deliver()                             # send the events that wait, to the address of `stripe.listen(url)`
        stripe.fail_next("POST", "/v1/refunds", 500, after=True)   # the effect took place, the answer got lost
"""

from tests.stripe_server.server import StripeServer, running_stripe
from tests.stripe_server.state import DECLINED, FAILS_LATER, GOOD, POOR

__all__ = ["DECLINED", "FAILS_LATER", "GOOD", "POOR", "StripeServer", "running_stripe"]
