"""`flask billing`: putting at Stripe what is sold, comparing with it, and giving plans by hand."""

from __future__ import annotations

import uuid
from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup

from maturity.billing.assigning import ASSIGNING, assign_plan
from maturity.billing.catalogue import Different, sync_catalogue
from maturity.billing.gateway import StripeRefused, StripeUnreachable, gateway_of
from maturity.billing.reconciling import reconcile as compare
from maturity.billing.stripe_gateway import StripeGateway
from maturity.db import every_tenant
from maturity.errors import Invalid, NotFound
from maturity.extensions import db
from maturity.plans.loader import current_price_list, price_lists
from maturity.web.site import site_clock

billing = AppGroup("billing", help="Payments: what is sold at Stripe, comparing with it, plans given by hand.")


@billing.command()
@click.option("--version", "versions", multiple=True, help="a price list; without one that in force today")
def catalogue(versions: tuple[str, ...]) -> None:
    """Make at Stripe the products, prices, tax rates, coupons and portal settings that lack; check the others.

    Can be run at any time and as often as one likes; run it after every change of the price list or of the key.
    """
    gateway = gateway_of(current_app._get_current_object())  # type: ignore[attr-defined]  # the proxy's target
    if not isinstance(gateway, StripeGateway):
        raise click.ClickException("No key of Stripe's is configured; set MATURITY_STRIPE_KEY.")
    made = 0
    for version in versions or (current_price_list(site_clock().today()).version,):
        made += _put_in_place(gateway, version)
    click.echo(f"{made} made; everything else was there already")


def _put_in_place(gateway: StripeGateway, version: str) -> int:
    if version not in price_lists():
        raise click.ClickException(f"There is no price list {version}; there are {', '.join(price_lists())}.")
    made = 0
    try:
        for name in sync_catalogue(gateway.catalogue, price_lists()[version]):
            click.echo(f"made {name}")
            made += 1
    except Different as error:
        raise click.ClickException(f"{error}. A changed price needs a new price list.") from error
    except StripeUnreachable as error:
        raise click.ClickException("Stripe does not answer. Run it again; what was made stays.") from error
    except StripeRefused as error:
        raise click.ClickException(f"Stripe refused: {error.code} {error.message}".strip()) from error
    return made


@billing.command()
@click.option("--dry-run", is_flag=True, help="only count what differs")
def reconcile(dry_run: bool) -> None:
    """Compare everything with Stripe, bring in what was missed, and put the rest before a person."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's target
    if not gateway_of(app).is_on:
        raise click.ClickException("No key of Stripe's is configured; set MATURITY_STRIPE_KEY.")
    try:
        with app.test_request_context():
            found = compare(app, dry_run=dry_run)
    except StripeUnreachable as error:
        raise click.ClickException("Stripe does not answer. Run it again; what was done stays.") from error
    click.echo(f"{found.looked_at} looked at, {found.differed} differed, {found.repaired} repaired, {found.open} open")


@billing.command()
@click.argument("tenant", type=click.UUID)
@click.argument("plan")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="the last day; without it there is no end")
@click.option("--seats", type=click.IntRange(1), default=1, show_default=True)
@click.option("--reason", required=True, help="why: the tenant reads it in its log")
def assign(tenant: uuid.UUID, plan: str, until: datetime | None, seats: int, reason: str) -> None:
    """Give a tenant a plan from now on. Given again, it takes the place of what was given by hand before."""
    session, clock = db.session(), site_clock()
    with every_tenant(session):
        try:
            assign_plan(session, tenant, plan, until.date() if until else None, seats, reason, clock)
        except (Invalid, NotFound) as error:
            raise click.ClickException(ASSIGNING[error.code]) from error
        session.commit()
        end = f"until {until.date()}" if until else "without an end"
        click.echo(f"{plan}, {seats} seats, {end}")
