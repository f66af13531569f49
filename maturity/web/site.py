"""The Flask application with one transaction per request, owned by the edge."""

from __future__ import annotations

from typing import cast

from flask import Flask, Response, current_app, request
from flask.typing import ResponseReturnValue

from maturity.clock import Clock
from maturity.db import writing
from maturity.extensions import db

WRITING_METHODS = ("POST", "PUT", "PATCH", "DELETE")
#: Signing in hashes, and a provider or Stripe is asked for a long time; none must hold SQLite's only write lock
#: meanwhile.
READS_ALTHOUGH_POSTED = (
    "security.login",
    "federation.save_provider",
    "verification.examine",
    "verification.examine_json",
    "billing.buy",
    "billing.pay_order",
    "billing.give_up_checkout",
    "billing.confirm",
    "billing.cancel",
    "billing.resume",
    "billing.portal",
)


class Site(Flask):
    """Use cases flush; the edge commits when the answer is good and rolls back otherwise."""

    @property
    def clock(self) -> Clock:
        return cast("Clock", self.extensions["clock"])

    def preprocess_request(self) -> ResponseReturnValue | None:
        writing.set(request.method in WRITING_METHODS and request.endpoint not in READS_ALTHOUGH_POSTED)
        return super().preprocess_request()

    def dispatch_request(self) -> ResponseReturnValue:
        response: Response = self.make_response(super().dispatch_request())
        if request.method in WRITING_METHODS:
            # Committing here, and not after the request, lets a failed commit become an error page.
            if response.status_code < 400:
                db.session.commit()
            else:
                db.session.rollback()
        return response


def site_clock() -> Clock:
    """The clock of the current app."""
    return cast("Clock", current_app.extensions["clock"])
