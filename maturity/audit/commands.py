"""`flask audit`: sealing by hand, the chain's head, and its verification."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any

import click
from cryptography.exceptions import InvalidTag
from flask import current_app
from flask.cli import AppGroup

from maturity.audit.keys import rewrap
from maturity.audit.sealer import head, seal_pending
from maturity.audit.verification import Verification, verify_log
from maturity.db import every_tenant, writing
from maturity.extensions import db

audit = AppGroup("audit", help="The audit log: seal it, verify it, give out its head.")
NOTED = re.compile(r"([1-9][0-9]*):([0-9a-f]{64})")


@audit.command()
def seal() -> None:
    """Seal the events that wait, as the worker does by itself twice a second."""
    click.echo(f"{seal_pending(current_app._get_current_object())} events sealed")  # type: ignore[attr-defined]  # the proxy's target


@audit.command("head")
def show_head() -> None:
    """Print the last link as POSITION:HASH, for somebody outside to note."""
    writing.set(False)
    position, link = head(db.session())
    if position == 0:
        raise click.ClickException("The chain is empty; start the worker or run flask audit seal.")
    click.echo(f"{position}:{link}")


def _parse_noted(_context: Any, _option: Any, values: tuple[str, ...]) -> dict[int, str]:
    noted: dict[int, str] = {}
    for value in values:
        match = NOTED.fullmatch(value.strip())
        if match is None:
            raise click.BadParameter(f"{value!r} is not POSITION:HASH as flask audit head prints it")
        noted[int(match[1])] = match[2]
    return noted


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="one JSON object instead of lines")
@click.option(
    "--expect", "noted", multiple=True, metavar="POSITION:HASH", callback=_parse_noted, help="a head noted before"
)
def verify(as_json: bool, noted: dict[int, str]) -> None:
    """Walk the chain and name every row that was tampered with, deleted, inserted or put in another order."""
    writing.set(False)
    with every_tenant(db.session()):
        found = verify_log(db.session(), noted)
    click.echo(json.dumps(_as_data(found), indent=2) if as_json else "\n".join(_as_lines(found)))
    raise SystemExit(1 if found.findings else 0)


def _as_data(found: Verification) -> dict[str, Any]:
    return {
        "sealed": found.length,
        "head": f"{found.length}:{found.head}",
        "unsealed": found.unsealed,
        "findings": [asdict(finding) for finding in found.findings],
    }


def _as_lines(found: Verification) -> list[str]:
    lines = [
        f"{finding.position} {finding.kind}: {finding.note} ({finding.event_id or '-'})" for finding in found.findings
    ]
    return [*lines, f"{found.length} sealed, {found.unsealed} not yet, {len(found.findings)} wrong"]


@audit.command("rewrap")
@click.option(
    "--old-secret", envvar="MATURITY_OLD_SECRET_KEY", required=True, help="better given as MATURITY_OLD_SECRET_KEY"
)
def rewrap_all(old_secret: str) -> None:
    """After MATURITY_SECRET_KEY was changed: make what is personal in the log readable again."""
    with every_tenant(db.session()):
        try:
            count = rewrap(db.session(), old_secret, current_app.config["SECRET_KEY"])
        except InvalidTag as error:
            raise click.ClickException("The keys do not open with this secret; nothing was changed.") from error
        db.session.commit()
    click.echo(f"{count} keys wrapped anew")
