"""`flask signing`: the keys there are, a new one in force, one that is not to be believed any more."""

from __future__ import annotations

from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.db import act_for, every_tenant, writing
from maturity.extensions import db
from maturity.signing.configured import configured_key
from maturity.signing.keys import KeyNotHere, PublishedKey, key_id_of, public_key_in, public_keys
from maturity.signing.keys import revoke as revoke_key
from maturity.signing.keys import rotate as rotate_key
from maturity.signing.models import PURPOSES
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import PLATFORM
from maturity.web.addresses import site_base
from maturity.web.site import site_clock

signing = AppGroup("signing", help="The keys that sign certificates, time stamps, credentials and the log.")


@signing.command("list")
def list_keys() -> None:
    """Every key: id, purpose, source, since when, state; and whether the configured one answers."""
    writing.set(False)
    for key in public_keys(db.session()):
        click.echo(f"{key.key_id} {key.purpose} {key.source} {key.not_before:%Y-%m-%d} {_state(key)}")
    _tell_configured()


def _state(key: PublishedKey) -> str:
    if key.revoked_at:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if key.retired_at:
        return f"retired {key.retired_at:%Y-%m-%d}"
    return f"in force until {key.not_after:%Y-%m-%d}" if key.not_after else "in force"


def _tell_configured() -> None:
    try:
        found = configured_key(current_app.config["SIGNING"])
    except KeyNotHere as error:
        raise click.ClickException(str(error)) from error
    if found is not None:
        until = found.certificate.not_valid_after_utc
        key_id = key_id_of(public_key_in(found.certificate))
        click.echo(f"configured: {key_id} {found.source} answers, certificate until {until:%Y-%m-%d}")


@signing.command()
@click.argument("purpose", type=click.Choice(PURPOSES))
def rotate(purpose: str) -> None:
    """Put a new embedded key in force for PURPOSE; what the old one signed stays good, and nobody can sign with it.

    A new root means new keys under it. A configured key is changed in the configuration.
    """
    _refuse_configured(purpose)
    session, clock = db.session(), site_clock()
    with every_tenant(session):
        row = rotate_key(session, purpose, clock, site_base())
        key_id = row.key_id
        _note(session, "operation.key_rotated", key=key_id, purpose=purpose)
        session.commit()
    click.echo(f"{key_id} is in force for {purpose}")


def _refuse_configured(purpose: str) -> None:
    settings = current_app.config["SIGNING"]
    if purpose == "document" and (settings.p12 or settings.pkcs11_module):
        raise click.ClickException("Certificates are signed with the configured key; put another one in its place.")
    if purpose == "timestamp" and settings.tsa_url:
        raise click.ClickException("MATURITY_SIGNING_TSA stamps the time; unset it before you make a key here.")


@signing.command()
@click.argument("key_id")
@click.confirmation_option(prompt="Nothing signed with this key will be believed any more, however old. Go on?")
def revoke(key_id: str) -> None:
    """Believe nothing any more that was signed with KEY_ID, because somebody else may have it."""
    session = db.session()
    with every_tenant(session):
        try:
            row = revoke_key(session, key_id, site_clock())
        except LookupError as error:
            raise click.ClickException(f"There is no key {key_id}; flask signing list shows them.") from error
        _note(session, "operation.key_revoked", key=key_id, purpose=row.purpose)
        session.commit()
    click.echo(f"{key_id} is revoked; the next signature makes a new key")


def _note(session: Session, event: str, **details: Any) -> None:
    """In the operator's log, once there is an operator."""
    if session.get(Tenant, PLATFORM) is not None:
        act_for(session, PLATFORM)
        record(session, site_clock(), event, None, PLATFORM, **details)
