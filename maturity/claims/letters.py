"""Letters about claims. The claimant's say nothing of others; the incumbent's say nothing of who the claimant is."""

from __future__ import annotations

from datetime import datetime

from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from maturity.accounts.contacts import Contact, contact_of
from maturity.accounts.models import User
from maturity.clock import Clock
from maturity.messages.service import post_message
from maturity.web.filters import day


def write_to_claimant(session: Session, about: str, user: User, enterprise: str, clock: Clock) -> None:
    """`about`: confirmed, refused, handed_over, licence_accepted, licence_refused or licence_infected."""
    with force_locale(user.locale):
        names = {"enterprise": enterprise}
        subject, body = {
            "confirmed": (
                gettext("%(enterprise)s is claimed", **names),
                gettext(
                    "It is confirmed that you speak for %(enterprise)s. Campaigns, benchmarks and certificates are "
                    "open to it from now on.",
                    **names,
                ),
            ),
            "refused": (
                gettext("Your claim of %(enterprise)s is not accepted", **names),
                gettext(
                    "What you gave does not suffice to confirm that you speak for %(enterprise)s. Answers and results "
                    "stay as they are. You can prove it in another way, on the page “Prove the enterprise”.",
                    **names,
                ),
            ),
            "handed_over": (
                gettext("%(enterprise)s is handed over to you", **names),
                gettext(
                    "The operator has decided that you speak for the enterprise with this credit code. You are the "
                    "owner of %(enterprise)s from now on, with its answers, results and evidence; it stands on your "
                    "home page beside the enterprise that you registered yourself. Nobody else can open it until you "
                    "invite them.",
                    **names,
                ),
            ),
            "licence_accepted": (
                gettext("The licence of %(enterprise)s is accepted", **names),
                gettext(
                    "The operator has looked at the business licence of %(enterprise)s. For seven days objections can "
                    "be raised; then you get the answer.",
                    **names,
                ),
            ),
            "licence_refused": (
                gettext("The licence of %(enterprise)s is not accepted", **names),
                gettext(
                    "The operator could not accept the business licence of %(enterprise)s. The page “Prove the "
                    "enterprise” says why, and how to go on.",
                    **names,
                ),
            ),
            "licence_infected": (
                gettext("The licence of %(enterprise)s has been destroyed", **names),
                gettext(
                    "The malware scanner found something in the file that you uploaded as the business licence of "
                    "%(enterprise)s. It has been destroyed and nobody has seen it. Have the device checked that it "
                    "came from, and upload a clean copy.",
                    **names,
                ),
            ),
        }[about]
        _post(session, user, subject, body, clock)


def write_to_incumbent(
    session: Session, about: str, user: User, enterprise: str, clock: Clock, *, until: datetime | None = None
) -> None:
    """`about`: disputed, upheld, dropped or handed_over."""
    with force_locale(user.locale):
        names = {"enterprise": enterprise, "day": day(until) if until else ""}
        subject, body = {
            "disputed": (
                gettext("Somebody else claims %(enterprise)s", **names),
                gettext(
                    "Somebody else has given a proof of speaking for the enterprise with the credit code of "
                    "%(enterprise)s. Tell the operator by %(day)s why it is yours, on the page “Prove the enterprise”. "
                    "Until the operator decides, nothing changes for you.",
                    **names,
                ),
            ),
            "upheld": (
                gettext("%(enterprise)s stays with you", **names),
                gettext("The other claim of %(enterprise)s was not accepted. Nothing changes for you.", **names),
            ),
            "dropped": (
                gettext("The other claim of %(enterprise)s has ended", **names),
                gettext("Nobody else claims %(enterprise)s any more. Nothing changes for you.", **names),
            ),
            "handed_over": (
                gettext("%(enterprise)s was handed over", **names),
                gettext(
                    "The operator has decided that somebody else speaks for %(enterprise)s. You can no longer open it. "
                    "Answers and results stay with the enterprise. If you think that this is wrong, write to the "
                    "operator.",
                    **names,
                ),
            ),
        }[about]
        _post(session, user, subject, body, clock)


def write_code(session: Session, contact: Contact, code: str, uscc: str, locale: str, clock: Clock) -> None:
    """In the issuer's language; whether the enterprise is registered is not known."""
    with force_locale(locale):
        names = {"code": code, "uscc": uscc}
        subject = gettext("Invitation code for the enterprise with the credit code %(uscc)s", **names)
        body = gettext(
            "With this code you prove that you speak for the enterprise with the credit code %(uscc)s:\n\n%(code)s\n\n"
            "Register the enterprise, open “Prove the enterprise” on its home page and enter the code within 60 days. "
            "It is good once. Give it to nobody who does not speak for the enterprise.",
            **names,
        )
        if contact.kind == "mobile":
            body = gettext(
                "[Integration Maturity] Invitation code for %(uscc)s: %(code)s. Good once, for 60 days.", **names
            )
    subject = "" if contact.kind == "mobile" else subject
    post_message(session, contact.message_kind, contact.value, subject=subject, body=body, locale=locale, clock=clock)


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
