"""`flask tenant` and `flask retention`: taking a tenant in, and what is over its term."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from maturity.accounts.contacts import Contact, read_contact
from maturity.archives import ArchiveError
from maturity.db import every_tenant, writing
from maturity.extensions import db
from maturity.operation.backup import schema_revision
from maturity.people.letters import write_invitation
from maturity.rights.intake import Accepted, Imported, hash_of_archive, taking_in
from maturity.rights.inventory import entry_of
from maturity.rights.processing import activities
from maturity.rights.residency import region_words, unsuited
from maturity.rights.retention import CLASSES, apply_retention, due
from maturity.web.site import site_clock

tenant = AppGroup("tenant", help="Tenants that move between installations, and where they want their data.")
retention = AppGroup("retention", help="How long records are kept: what is over its term, and doing away with it.")


def _contact(_context: Any, _option: Any, value: str | None) -> Contact | None:
    contact = read_contact(value) if value else None
    if value and contact is None:
        raise click.BadParameter("write an address like name@company.com or a mobile number of 11 digits")
    return contact


@tenant.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--address", required=True, help="where this site is reached, such as https://maturity.example.cn")
@click.option("--sha256", help="the hash shown where the archive was downloaded; another archive is refused")
@click.option("--owner", callback=_contact, help="who is invited as owner, besides those of the archive")
@click.option("--accept-editions", is_flag=True, help="take in editions that this installation does not have")
@click.option("--accept-region", is_flag=True, help="although the tenant wants its data elsewhere")
def import_tenant(
    file: Path, address: str, sha256: str | None, owner: Contact | None, accept_editions: bool, accept_region: bool
) -> None:
    """Take in the tenant of FILE, an archive that another installation exported: all of it, or nothing."""
    if sha256 and hash_of_archive(file) != sha256.strip().lower():
        raise click.ClickException("The archive has another SHA-256 than the one given; get it again.")
    session, clock = db.session(), site_clock()
    writing.set(True)
    config = current_app.config
    accepted = Accepted(editions=accept_editions, region=accept_region, owner=owner)
    here: dict[str, Any] = {"revision": schema_revision(session), "region": config["DATA_REGION"], "clock": clock}
    try:
        with taking_in(session, config["DATA_DIR"], file, accepted, **here) as found:
            links = _write_letters(found, address)
            session.commit()
    except ArchiveError as error:
        raise click.ClickException(f"{error}.") from error
    for line in _told(found):
        click.echo(line)
    for contact, link in links:
        click.echo(f"invited {contact.value}: {link}")


def _write_letters(found: Imported, address: str) -> list[tuple[Contact, str]]:
    links = []
    for contact, token in found.invited:
        with current_app.test_request_context():
            link = address.rstrip("/") + current_app.url_for("people.invitation", token=token)
        names = {"tenant": found.name, "inviter": found.name}
        write_invitation(db.session(), contact, link=link, locale="zh_CN", clock=site_clock(), **names)
        links.append((contact, link))
    return links


def _told(found: Imported) -> list[str]:
    stays = [f"{count} {entry_of(name).title.en.lower()}" for name, count in sorted(found.stay.items())]
    lines = [
        f"{found.name} is taken in as {found.tenant_id}",
        f"{sum(found.tables.values())} rows, {found.files} files, {found.submissions} results scored again and equal",
        f"{found.entries} events of the other installation's log, kept under its hash",
    ]
    lines += [f"edition taken in, not offered for new assessments: {sha256}" for sha256 in found.editions]
    lines += [f"stays in the archive: {', '.join(stays)}"] if stays else []
    lines += [f"{found.same_code} other enterprises here have the same credit code"] if found.same_code else []
    lines += [f"{found.uninvited} members are not invited yet: more than a hundred at once"] if found.uninvited else []
    return lines


@tenant.command()
def residency() -> None:
    """Name the tenants whose data do not lie where they want them. Exit status 1 when there are any."""
    writing.set(False)
    kept = current_app.config["DATA_REGION"]
    with every_tenant(db.session()):
        found = unsuited(db.session(), kept)
    for tenant_id, wanted in found:
        click.echo(f"{tenant_id} wants {region_words(wanted, 'en')} ({wanted})")
    click.echo(f"data lie in {region_words(kept, 'en') or 'a place that is not named'}; {len(found)} tenants differ")
    raise SystemExit(1 if found else 0)


@retention.command("due")
@click.option("--json", "as_json", is_flag=True, help="one JSON object instead of lines")
def show_due(as_json: bool) -> None:
    """Every class of records with its term, and how many are over it now."""
    writing.set(False)
    with every_tenant(db.session()):
        counts = due(db.session(), site_clock())
    if as_json:
        click.echo(json.dumps({name: counts.get(name) for name in CLASSES}, indent=1))
        return
    for name, item in CLASSES.items():
        over = f"{counts[name]} due" if name in counts else "by its own feature"
        click.echo(f"{name}: {item.title.en}, {item.term.en} ({over})")


@retention.command()
def apply() -> None:
    """Do away with what is over its term, as the worker does every night."""
    writing.set(True)
    with every_tenant(db.session()):
        done = apply_retention(db.session(), current_app.config["DATA_DIR"], site_clock())
        db.session.commit()
    for name, count in done.items():
        click.echo(f"{name}: {count}")


@retention.command()
@click.option("--locale", type=click.Choice(["zh_CN", "en"]), default="zh_CN")
def record(locale: str) -> None:
    """The record of processing as text, made from the same data as its page."""
    for item in activities():
        click.echo(f"# {item.purpose.to(locale)}")
        for words in (item.whose, item.data, item.ground, item.recipients):
            click.echo(f"  {words.to(locale)}")
        for kept in item.classes:
            click.echo(f"  - {kept.title.to(locale)}: {kept.term.to(locale)}")
