"""Letters about objections: to whoever raised one, and to the operator's people."""

from __future__ import annotations

from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from maturity.accounts.contacts import contact_of
from maturity.accounts.models import User
from maturity.clock import Clock
from maturity.messages.service import post_message
from maturity.standing.models import Objection
from maturity.standing.words import FINDINGS
from maturity.web.filters import day


def write_to_enterprise(session: Session, about: str, user: User, objection: Objection, clock: Clock) -> None:
    """`about`: received, answered or corrected."""
    with force_locale(user.locale):
        names = {"day": day(objection.due_on), "finding": str(FINDINGS.get(objection.finding or "", ("", ""))[0])}
        subject, body = {
            "received": (
                gettext("Your objection has arrived"),
                gettext(
                    "The operator has your objection to a release of benchmarks and answers it by %(day)s. It stands "
                    "on the page “Objections” of your enterprise, where you can take it back.",
                    **names,
                ),
            ),
            "answered": (
                gettext("Your objection is answered: %(finding)s", **names),
                gettext(
                    "The operator has answered your objection to a release of benchmarks. The reasons stand on the "
                    "page “Objections” of your enterprise.",
                    **names,
                ),
            ),
            "corrected": (
                gettext("A correction of benchmarks is published"),
                gettext(
                    "A correction has been published that follows your objection. It stands beside the answer on the "
                    "page “Objections” of your enterprise.",
                    **names,
                ),
            ),
        }[about]
        _post(session, user, subject, body, clock)


def write_to_operator(session: Session, user: User, enterprise: str, objection: Objection, clock: Clock) -> None:
    with force_locale(user.locale):
        names = {"enterprise": enterprise, "day": day(objection.due_on)}
        subject = gettext("Objection to benchmarks, to be answered by %(day)s", **names)
        body = gettext(
            "%(enterprise)s objects to a release of benchmarks. It is to be answered by %(day)s, on the page "
            "“Objections” of the operator.",
            **names,
        )
        _post(session, user, subject, body, clock)


def _post(session: Session, user: User, subject: str, body: str, clock: Clock) -> None:
    """In the language of whoever gets it; a mobile number gets the subject alone."""
    if not user.contact:
        return
    contact = contact_of(user.contact)
    if contact.kind == "mobile":
        subject, body = "", gettext("[Integration Maturity] %(text)s. Sign in to read more.", text=subject)
    post_message(
        session, contact.message_kind, contact.value, subject=subject, body=body, locale=user.locale, clock=clock
    )
