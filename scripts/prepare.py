"""Bring the database up to date and fill an empty one with the demonstration; the words go to standard output.

Exit status 0: ready, and the demonstration sign-ins are printed. 1: not, and one message says why and what to do.
"""

from __future__ import annotations

import argparse
import errno
import sqlite3
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402  # found through the path above, as are all below
from alembic import command  # noqa: E402
from alembic.util import CommandError  # noqa: E402

from config import Config, MissingConfiguration, from_env  # noqa: E402
from maturity.results.fonts import MissingFont, cjk_font_file  # noqa: E402

DAMAGED = ("not a database", "malformed", "disk image")
FULL = ("disk is full", "disk i/o error", "no space left")
Say = Callable[[str], None]


class CannotPrepare(Exception):
    """The database cannot be used; the message says what to do."""


def main(argv: list[str], say: Say = print) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a small demonstration, made in seconds")
    options = parser.parse_args(argv)
    try:
        config = from_env()
    except MissingConfiguration as error:
        say(str(error))
        return 1
    try:
        prepare(config, small=options.small, say=say)
    except Exception as error:  # the edge: everything becomes a message
        say(explain(error, config))
        return 1
    return 0


def prepare(config: Config, *, small: bool, say: Say) -> None:
    cjk_font_file()
    if config.SQLALCHEMY_DATABASE_URI.startswith("sqlite:"):
        check_file(Path(sa.make_url(config.SQLALCHEMY_DATABASE_URI).database or ""))
    from maturity.app import create_app

    app = create_app(config)
    with app.app_context():
        command.upgrade(app.extensions["migrate"].migrate.get_config(str(ROOT / "migrations")), "head")
        seed(small=small, say=say)


def check_file(path: Path) -> None:
    """A damaged file is found now, not by whoever happens to open the page that needs the damaged part."""
    if not path.exists():
        return
    connection = sqlite3.connect(path)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    finally:
        connection.close()
    if found != "ok":
        raise sqlite3.DatabaseError(f"malformed: {found}")


def seed(*, small: bool, say: Say) -> None:
    from maturity.demo.service import print_demo_sign_ins, seed_everything
    from maturity.extensions import db
    from maturity.web.site import site_clock

    def tell(text: str) -> None:
        print(f"Making the demonstration data: {text}", file=sys.stderr, flush=True)

    seed_everything(db.session(), site_clock(), small=small, tell=tell)
    db.session.commit()
    print_demo_sign_ins(db.session(), say)


def explain(error: Exception, config: Config) -> str:
    """One message for the person who started the site; what nobody foresaw is kept whole in the data folder."""
    text = str(getattr(error, "orig", None) or error)
    where = sa.make_url(config.SQLALCHEMY_DATABASE_URI).render_as_string(hide_password=True)
    if isinstance(error, MissingFont):
        return text
    if isinstance(error, CommandError) and "Can't locate revision" in text:
        return (
            f"the database {where} was made by a newer version of this site ({text.rstrip('.')}). "
            "Bring this folder up to date, or choose another data folder with --data"
        )
    if isinstance(error, sqlite3.DatabaseError | sa.exc.DatabaseError):
        reason = explain_database(text, where, config)
        if reason:
            return reason
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"the disk of {config.DATA_DIR} is full. Make room and start again; nothing was lost"
    kept = config.DATA_DIR / "start-failure.log"
    kept.write_text("".join(traceback.format_exception(error)))
    return f"the database {where} could not be prepared ({type(error).__name__}: {text}). The whole report is in {kept}"


def explain_database(text: str, where: str, config: Config) -> str | None:
    said = text.lower()
    if any(part in said for part in DAMAGED):
        return (
            f"a database file in {config.DATA_DIR} is damaged ({text}; {where}). "
            "Put it back from a backup, or choose another data folder with --data"
        )
    if "locked" in said:
        return f"another program is writing to the database {where}. Stop it and start again"
    if any(part in said for part in FULL):
        return f"the disk of {config.DATA_DIR} is full. Make room and start again; nothing was lost"
    if "readonly" in said or "unable to open" in said:
        return (
            f"this account may not write the database {where} ({text}). Mend its owner, or choose another with --data"
        )
    if "connection" in said:
        return (
            f"the database server does not answer at {where}. Start it, or mend DATABASE_URL ({text.splitlines()[0]})"
        )
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
