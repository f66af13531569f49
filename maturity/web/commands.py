"""Commands under `flask`: what operates the site."""

from __future__ import annotations

import click
from flask import Flask, current_app

from maturity.audit.commands import audit
from maturity.billing.commands import billing
from maturity.certificates.commands import log
from maturity.certification.commands import certificates
from maturity.db import every_tenant
from maturity.extensions import db
from maturity.operation.commands import backup, operator, restore
from maturity.portfolios.commands import portfolios
from maturity.releases.commands import release
from maturity.rights.commands import retention, tenant
from maturity.signing.commands import signing
from maturity.web.site import site_clock


def configure(app: Flask) -> None:
    app.cli.add_command(seed)
    app.cli.add_command(rescore)
    app.cli.add_command(worker)
    app.cli.add_command(audit)
    app.cli.add_command(portfolios)
    app.cli.add_command(operator)
    app.cli.add_command(tenant)
    app.cli.add_command(retention)
    app.cli.add_command(backup)
    app.cli.add_command(restore)
    app.cli.add_command(release)
    app.cli.add_command(certificates)
    app.cli.add_command(signing)
    app.cli.add_command(log)
    app.cli.add_command(billing)


@click.command()
@click.option("--print-sign-ins", is_flag=True, help="only print the demonstration sign-ins")
@click.option("--small", is_flag=True, help="a small demonstration, for tests")
@click.option(
    "--with-demonstration/--without-demonstration",
    "demonstration",
    default=None,
    help="synthetic enterprises and sign-ins with a published password, or editions and peer figures alone; "
    "without is the default in production",
)
def seed(print_sign_ins: bool, small: bool, demonstration: bool | None) -> None:
    """Store the library's editions and peer figures and, outside production, the demonstration in an empty database."""
    from maturity.demo.service import (
        PEERS,
        SIGN_INS,
        IncompleteDemonstration,
        print_demo_sign_ins,
        seed_everything,
    )

    if demonstration is None:
        demonstration = current_app.config["ENVIRONMENT"] != "production"
    extent = SIGN_INS if demonstration else PEERS
    if not print_sign_ins:
        try:
            seed_everything(db.session(), site_clock(), small=small, tell=click.echo, extent=extent)
        except IncompleteDemonstration as error:
            raise click.ClickException(str(error)) from error
        db.session.commit()
    print_demo_sign_ins(db.session(), click.echo)


@click.command()
@click.option("--verify", is_flag=True, required=True, help="score every submission again and compare the bytes")
def rescore(verify: bool) -> None:
    """Prove that every stored result still follows from its own facts."""
    from maturity.assessments.submission import verify_all

    with every_tenant(db.session()):
        checked, different = verify_all(db.session())
    for submission_id in different:
        click.echo(f"different: {submission_id}")
    click.echo(f"{checked} submissions, {len(different)} different")
    raise SystemExit(1 if different + _verify_reviews() else 0)


def _verify_reviews() -> list[str]:
    """The same of results with the corrections of a review; silent where nothing was ever reviewed."""
    from maturity.reviewing.verifying import verify_reviews

    with every_tenant(db.session()):
        checked, different = verify_reviews(db.session())
    for case_id in different:
        click.echo(f"different: review of case {case_id}")
    if checked:
        click.echo(f"{checked} reviewed results, {len(different)} different")
    return different


@click.command()
def worker() -> None:
    """Run the job worker until it is stopped."""
    from maturity.jobs.worker import run_worker

    run_worker(current_app._get_current_object())  # type: ignore[attr-defined]  # the proxy's target
