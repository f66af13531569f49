"""Commands under `flask portfolios`."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from maturity.portfolios.projection import rebuild

portfolios = AppGroup("portfolios", help="What consultancies see of their clients.")


@portfolios.command("rebuild")
def rebuild_portfolios() -> None:
    """Gather the figures of every client afresh."""
    count = rebuild(current_app._get_current_object())  # type: ignore[attr-defined]  # the proxy's target
    click.echo(f"{count} clients gathered")
