"""What the site writes to people about their account: one letter a line of the table, in the language they chose.

Every letter says what happened, what to do, and what to do if it was somebody else. A text message is one sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import LazyString, force_locale, gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from maturity.accounts.contacts import Contact
from maturity.clock import Clock
from maturity.messages.service import post_message

_NOT_YOU = _("If it was not you, sign in, change your password and look at the signed-in devices on your account page.")


@dataclass(frozen=True, slots=True)
class Letter:
    subject: LazyString
    body: LazyString
    text: LazyString  # the same as a text message


LETTERS = {
    "confirm": Letter(
        _("Confirm your e-mail address"),
        _(
            "Open this link within %(lasts)s to confirm that this is your e-mail address:\n\n%(link)s\n\n"
            "If you did not register, ignore this message: without the link nobody can use your address."
        ),
        _("Your confirmation code is %(code)s. It is good for %(lasts)s. Give it to nobody."),
    ),
    "change": Letter(
        _("Confirm your new e-mail address"),
        _(
            "Open this link within %(lasts)s to use this e-mail address for your account:\n\n%(link)s\n\n"
            "If you did not ask for this, ignore this message: nothing changes."
        ),
        _("Your code for changing the mobile number is %(code)s. It is good for %(lasts)s. Give it to nobody."),
    ),
    "reset": Letter(
        _("Choose a new password"),
        _(
            "Open this link within %(lasts)s to choose a new password:\n\n%(link)s\n\n"
            "If you did not ask for this, ignore this message: your password stays as it is."
        ),
        _("Your code for a new password is %(code)s. It is good for %(lasts)s. Give it to nobody."),
    ),
    "taken": Letter(
        _("You have an account already"),
        _(
            "Somebody, perhaps you, gave this e-mail address for an account. It belongs to your account already, and "
            "nothing has changed.\n\nSign in: %(sign_in)s\nIf you forgot the password: %(reset)s"
        ),
        _("Somebody gave this number for an account. It belongs to your account already; nothing has changed."),
    ),
    "account.password_changed": Letter(
        _("Your password was changed"),
        _("The password of your account was changed. All other devices are signed out."),
        _("The password of your account was changed. If it was not you, reset it at once."),
    ),
    "account.password_reset": Letter(
        _("Your password was reset"),
        _("A new password was chosen for your account with a message sent to you. All devices are signed out."),
        _("A new password was chosen for your account. If it was not you, reset it at once."),
    ),
    "account.contact_changed": Letter(
        _("You sign in differently from now on"),
        _("The e-mail address or mobile number of your account was changed. This one is no longer used."),
        _("The mobile number of your account was changed. This one is no longer used."),
    ),
    "account.second_factor_added": Letter(
        _("A second factor was added"),
        _("An authenticator app or a passkey was added to your account."),
        _("A second factor was added to your account."),
    ),
    "account.second_factor_removed": Letter(
        _("A second factor was removed"),
        _("An authenticator app or a passkey was removed from your account."),
        _("A second factor was removed from your account."),
    ),
    "account.recovery_code_used": Letter(
        _("A recovery code was used"),
        _("Somebody signed in to your account with one of your recovery codes."),
        _("Somebody signed in to your account with a recovery code."),
    ),
    "account.recovery_codes_made": Letter(
        _("New recovery codes were made"),
        _("New recovery codes were made for your account. The earlier ones are void."),
        _("New recovery codes were made for your account."),
    ),
}


def write_to(
    session: Session, contact: Contact, locale: str, letter: str, clock: Clock, *, name: str = "", **details: str
) -> None:
    """Put a letter or text message into the outbox, in the recipient's language."""
    wanted = LETTERS[letter]
    with force_locale(locale):
        if contact.kind == "mobile":
            subject, body = "", gettext("[Integration Maturity] ") + str(wanted.text) % details
        else:
            greeting = gettext("Dear %(name)s,", name=name) if name else gettext("Dear user,")
            parts = [greeting, str(wanted.body) % details]
            if letter.startswith("account."):
                parts.append(str(_NOT_YOU))
            parts.append(gettext("Integration Maturity\nThis message was sent by itself; nobody reads answers to it."))
            subject, body = str(wanted.subject), "\n\n".join(parts) + "\n"
    post_message(session, contact.message_kind, contact.value, subject=subject, body=body, locale=locale, clock=clock)


def lasting(span: timedelta) -> str:
    """A span in words, in the language of the moment: minutes, else hours, else days."""
    hours, minutes = divmod(round(span.total_seconds() / 60), 60)
    if minutes:
        return ngettext("%(num)d minute", "%(num)d minutes", hours * 60 + minutes)
    days, hours_left = divmod(hours, 24)
    if hours_left or not days:
        return ngettext("%(num)d hour", "%(num)d hours", hours)
    return ngettext("%(num)d day", "%(num)d days", days)
