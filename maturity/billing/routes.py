"""The pages about paying, one module for each kind of reader."""

from __future__ import annotations

from flask.blueprints import BlueprintSetupState

from maturity.billing import (  # noqa: F401  # views
    buying_routes,
    changing_routes,
    desk_routes,
    models,
    required,
    webhooks,
    words,
)
from maturity.billing.blueprint import bp
from maturity.billing.gateway import Gateway, NullGateway
from maturity.billing.jobs import plan_reconciliation
from maturity.billing.stripe_gateway import StripeGateway
from maturity.jobs.nightly import wind

__all__ = ["bp"]
bp.record_once(lambda state: wind(state, "plan_billing", plan_reconciliation))


@bp.record_once
def _open_the_way_out(state: BlueprintSetupState) -> None:
    key, api = state.app.config["STRIPE_KEY"], state.app.config["STRIPE_API"]
    gateway: Gateway = StripeGateway(key, api) if key else NullGateway()
    state.app.extensions["billing"] = gateway
