"""The letter to whoever uploaded a file in which the scanner found something."""

from __future__ import annotations

from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from maturity.accounts.contacts import contact_of
from maturity.accounts.models import User
from maturity.clock import Clock
from maturity.evidence.models import EvidenceFile
from maturity.messages.service import post_message


def write_finding(session: Session, file: EvidenceFile, clock: Clock) -> None:
    """In the language of the uploader; somebody without a contact reads it beside the question alone."""
    user = session.get(User, file.uploaded_by) if file.uploaded_by is not None else None
    if user is None or not user.contact:
        return
    contact = contact_of(user.contact)
    with force_locale(user.locale):
        words = {"name": file.name, "finding": file.finding or ""}
        body = gettext(
            "The malware scanner found “%(finding)s” in “%(name)s”, which you uploaded as evidence. The file has been "
            "destroyed and nobody could download it. Have the device checked that it came from, and upload a clean "
            "copy.",
            **words,
        )
        subject = gettext("A file you uploaded has been destroyed")
        if contact.kind == "mobile":
            subject, body = "", gettext("[Integration Maturity] ") + body
    post_message(
        session, contact.message_kind, contact.value, subject=subject, body=body, locale=user.locale, clock=clock
    )
