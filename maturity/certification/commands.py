"""`flask certificates`: proving that what was certified is still what stands there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from maturity.certificates.files import folder_of, stored_pdf
from maturity.certificates.inspecting import payload_in
from maturity.certificates.models import Certificate
from maturity.certification.certifying import unlike_their_cases
from maturity.db import every_tenant
from maturity.errors import NotFound
from maturity.extensions import db

certificates = AppGroup("certificates", help="Certificates: prove what they say and that their files are there.")


@certificates.command()
def verify() -> None:
    """Work out again what every certificate says, and read every file; status 1 where anything differs.

    That the log has everything is `flask log verify`.
    """
    with every_tenant(db.session()):
        count, found = _verified(db.session(), current_app.config["DATA_DIR"])
    for line in found:
        click.echo(line)
    click.echo(f"{count} certificates, {len(found)} deviations")
    raise SystemExit(1 if found else 0)


def _verified(session: Session, data_dir: Path) -> tuple[int, list[str]]:
    found: list[str] = []
    names: set[str] = set()
    count = 0
    for certificate, differences in unlike_their_cases(session):
        count += 1
        names.add(f"{certificate.pdf_sha256}.pdf")
        found += [f"different: {certificate.number} {name}" for name in differences]
        found += [f"{name}: {certificate.number}" for name in _of_file(data_dir, certificate)]
    found += [f"unknown: {path.name}" for path in sorted(folder_of(data_dir).glob("*.pdf")) if path.name not in names]
    return count, found


def _of_file(data_dir: Path, certificate: Certificate) -> Iterator[str]:
    """What is wrong with a stored file: lost or changed; or it says something else than the row."""
    if certificate.status == "issuing":
        return
    try:
        content = stored_pdf(data_dir, certificate)
    except NotFound:
        yield "lost or changed"
        return
    if payload_in(content) != certificate.payload.encode():
        yield "says something else"
