"""`flask log`: the transparency log, read again from the first leaf to the last, and given out."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from maturity.certificates.log_verification import verify_log
from maturity.db import every_tenant, writing
from maturity.extensions import db
from maturity.transparency import service
from maturity.transparency.checking import Malformed, read_head
from maturity.transparency.statement import SignedHead, head_document
from maturity.web.site import site_clock

log = AppGroup("log", help="The transparency log of certificates: verify it, give out its head.")

_WORDS = {
    "removed": "leaf {0}: the entry was removed",
    "altered": "leaf {0}: the entry was altered",
    "back_dated": "leaf {0}: the entry was dated back",
    "reordered": "leaf {0}: the entry stands at another's place",
    "root": "leaf {0}: the entries up to here do not make the root of the head",
    "forked": "head {0}: two heads of this size, with different roots",
    "rolled_back": "head {0}: the log is shorter than this head, which was kept",
    "head_missing": "head {0}: there is none of this size",
    "head_key": "head {0}: signed with no key of the log that was in force",
    "head_signature": "head {0}: the signature does not fit",
    "head_back_dated": "head {0}: dated before the one before it",
    "node": "tree, place {0}: the hash does not follow from the leaves",
    "column": "leaf {0}: a column beside the entry says something else",
    "not_logged": "{0}: the certificate has no leaf",
    "status_unlogged": "{0}: the status was changed without a leaf",
    "status_since": "{0}: the status has another day than its leaf",
    "status_reason": "{0}: the status has another reason than its leaf",
    "payload_changed": "{0}: what the certificate says is not what was logged",
    "event_unlogged": "{0}: an event has no leaf, or one that says something else",
    "event_missing": "{0}: a leaf has no event",
    "event_time": "{0}: an event has another time than its leaf",
    "issued_twice": "{0}: the number was issued twice",
    "file_changed": "{0}: the stored file is not the one that was issued",
    "file_lost": "{0}: the stored file is gone",
    "file_twice": "{0}: two files were logged",
    "file_unlogged": "{0}: the hash of the file has no leaf",
    "certificate_missing": "the log has a certificate that the database has not: {0}",
}


@log.command()
@click.option(
    "--head",
    "heads",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="a head kept outside the site, as JSON; may be given again",
)
def verify(heads: tuple[Path, ...]) -> None:
    """Read log, certificates and files again and report each deviation; status 1 where there is one."""
    saved = [_head_in(path) for path in heads]
    writing.set(False)
    session = db.session()
    with every_tenant(session):
        found = verify_log(session, current_app.config["DATA_DIR"], site_clock().now(), saved)
    for one in found.findings:
        click.echo(_WORDS[one.code].format(one.place))
    click.echo(f"{found.leaves} leaves, {found.certificates} certificates, {len(found.findings)} deviations")
    if not saved:
        click.echo("Without a head kept outside (--head) a log that was written anew from the beginning is not found.")
    raise SystemExit(1 if found.findings else 0)


def _head_in(path: Path) -> SignedHead:
    try:
        return read_head(json.loads(path.read_text(encoding="utf-8")))
    except (Malformed, ValueError) as error:
        raise click.ClickException(f"{path} is no head of the log. Give one downloaded from /log/head.json.") from error


@log.command()
def head() -> None:
    """The latest signed head as JSON, to be kept outside the site."""
    writing.set(False)
    found = service.latest_head(db.session())
    if found is None:
        raise click.ClickException("The log has no entry yet.")
    click.echo(json.dumps(head_document(found), indent=2))
