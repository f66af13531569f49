"""`flask operator`, `backup` and `restore`: what runs an installation from its command line."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app

from maturity.accounts.contacts import read_contact
from maturity.archives import ArchiveError
from maturity.assessments.submission import verify_all
from maturity.db import act_for, every_tenant
from maturity.errors import Conflict
from maturity.extensions import db
from maturity.installation.service import BACKUP, make_token, note_life
from maturity.operation.backup import Contents, make_backup, restore_backup
from maturity.people.letters import write_invitation
from maturity.people.service import invite
from maturity.tenancy.service import PLATFORM, ensure_platform
from maturity.web.messages import message_for
from maturity.web.site import site_clock


@click.group()
def operator() -> None:
    """The staff that runs this installation."""


@operator.command(name="invite")
@click.argument("contact")
@click.option("--address", required=True, help="where the site is reached, such as https://maturity.example.cn")
def invite_operator(contact: str, address: str) -> None:
    """Invite CONTACT (e-mail address or mobile number) as an owner of the operator's tenant and print the link."""
    person = read_contact(contact)
    if person is None:
        raise click.BadParameter("write an address like name@company.com or a mobile number of 11 digits")
    session, clock = db.session(), site_clock()
    ensure_platform(session, clock)
    act_for(session, PLATFORM)
    _invitation, token = invite(session, PLATFORM, person, "owner", actor_id=None, clock=clock)
    with current_app.test_request_context():
        path = current_app.url_for("people.invitation", token=token)
    link = address.rstrip("/") + path
    names = {"tenant": "平台运营方 · Platform operator", "inviter": "flask operator"}
    write_invitation(session, person, link=link, locale="zh_CN", clock=clock, **names)
    session.commit()
    click.echo(link)


@operator.command(name="set_up")
def open_set_up() -> None:
    """Print a token for the set-up of a new installation, good once and for a day; an earlier one is void."""
    session = db.session()
    try:
        token = make_token(session, site_clock())
    except Conflict as error:
        raise click.ClickException(message_for(error.code)) from error
    session.commit()
    click.echo("Open /set-up on this site within 24 hours and enter this token, which is shown only once:")
    click.echo(f"\n  {token}\n")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write everything but the secrets to FILE, while the site goes on."""
    try:
        made = make_backup(db.session(), *_installation(), file, site_clock())
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error
    note_backup(made)
    click.echo(f"{sum(made.tables.values())} rows of {len(made.tables)} tables and {made.files} files in {file}")


def note_backup(made: Contents) -> None:
    """So that the operator's page says when the last one was made."""
    with every_tenant(db.session()):
        rows = sum(made.tables.values())
        note_life(db.session(), BACKUP, site_clock(), f"{rows:,} rows, {made.files} files")
        db.session.commit()


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--other-secret", is_flag=True, help="although the installation has another secret")
def restore(file: Path, other_secret: bool) -> None:
    """Fill a migrated, empty database from FILE, and prove every result by scoring it again."""
    session = db.session()
    try:
        found = restore_backup(session, *_installation(), file, other_secret=other_secret)
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error
    session.commit()
    with every_tenant(session):
        checked, different = verify_all(session)
    click.echo(f"{sum(found.tables.values())} rows of {len(found.tables)} tables and {found.files} files restored")
    click.echo(f"{checked} submissions, {len(different)} different")
    raise SystemExit(1 if different else 0)


def _installation() -> tuple[Path, str]:
    return current_app.config["DATA_DIR"], current_app.config["SECRET_KEY"]
