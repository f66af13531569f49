"""`flask release`: the releases there are, and proving one by computing it again."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from maturity.benchmarks.models import BenchmarkRelease
from maturity.db import every_tenant, writing
from maturity.extensions import db
from maturity.releases.computing import LostInput
from maturity.releases.computing import verify as verify_release
from maturity.releases.service import releases_for
from maturity.web.site import site_clock

release = AppGroup("release", help="Releases of benchmarks: list them, compute one again.")


@release.command("list")
def list_releases() -> None:
    """Every release: number, framework, period, state, contributors as published, hash."""
    writing.set(False)
    with every_tenant(db.session()):
        for row in releases_for(db.session(), entrusted=True):
            kind = " synthetic" if row.is_synthetic else ""
            click.echo(f"{row.id} {row.framework} {row.period} {row.state}{kind} {row.population} {row.sha256 or '-'}")


@release.command()
@click.argument("number", type=int)
def verify(number: int) -> None:
    """Compute release NUMBER again from its frozen extract; status 1 where a byte differs."""
    session = db.session()
    with every_tenant(session):
        row = session.get(BenchmarkRelease, number)
        if row is None or row.sha256 is None:
            raise click.ClickException(
                f"There is no computed release {number}; flask release list shows those there are."
            )
        try:
            verdict = verify_release(session, row, current_app.config["DATA_DIR"], site_clock())
        except LostInput as error:
            raise click.ClickException(f"The frozen extract of release {error} is missing or changed.") from error
    for what, held in (
        ("cells in the database have the hash of the release", verdict.stored),
        ("frozen extract has its hash", verdict.input),
        ("cells computed again are byte-identical", verdict.cells),
        ("root of the receipts is the same", verdict.root),
    ):
        click.echo(f"{'not checked' if held is None else 'yes' if held else 'NO'}: {what}")
    raise SystemExit(0 if verdict.is_good else 1)
