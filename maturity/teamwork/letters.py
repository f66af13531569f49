"""What the site writes to people who answer together: asked to answer, reminded, mentioned, asked to sign, sent back.

Each in the recipient's language; a person without an e-mail address gets one sentence as a text message.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import LazyString, force_locale, gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from maturity.accounts.contacts import contact_of
from maturity.accounts.models import User
from maturity.clock import Clock
from maturity.messages.service import post_message
from maturity.questionnaires.model import Question, Section
from maturity.web.filters import day_prose

#: letter -> (subject, body, the same as a text message)
_LETTERS: dict[str, tuple[LazyString, LazyString, LazyString]] = {
    "assigned": (
        _("%(who)s asks you to answer part of the assessment for %(period)s"),
        _("%(who)s asks you to answer these sections of the assessment for %(period)s:\n\n%(list)s\n\n%(link)s"),
        _("%(who)s asks you to answer part of the assessment for %(period)s: %(link)s"),
    ),
    "reminded": (
        _("Questions of the assessment for %(period)s wait for your answer"),
        _("These questions of the assessment for %(period)s wait for your answer:\n\n%(list)s\n\n%(link)s"),
        _("Questions of the assessment for %(period)s wait for your answer: %(link)s"),
    ),
    "mentioned": (
        _("You are mentioned in comments on the assessment"),
        _("Colleagues mention you in comments on the assessment:\n\n%(list)s"),
        _("Colleagues mention you in comments on the assessment: %(link)s"),
    ),
    "signature_asked": (
        _("The assessment for %(period)s waits for your signature"),
        _(
            "%(who)s says that the assessment for %(period)s is ready. Look through it, then declare the answers true "
            "and submit, or send it back with a note:\n\n%(link)s"
        ),
        _("The assessment for %(period)s waits for your signature: %(link)s"),
    ),
    "sent_back": (
        _("The assessment for %(period)s comes back unsigned"),
        _("%(who)s does not sign the assessment for %(period)s yet and writes:\n\n%(note)s\n\n%(link)s"),
        _("%(who)s does not sign the assessment for %(period)s yet: %(link)s"),
    ),
}


def write(session: Session, user: User, letter: str, clock: Clock, **details: str) -> None:
    """Put a letter into the outbox; `details` are in the recipient's language already. Without a contact, nothing."""
    if not user.contact:
        return
    contact = contact_of(user.contact)
    subject, body, text = _LETTERS[letter]
    with force_locale(user.locale):
        if contact.kind == "mobile":
            said, title = gettext("[Integration Maturity] ") + str(text) % details, ""
        else:
            greeting = gettext("Dear %(name)s,", name=user.name) if user.name else gettext("Dear user,")
            closing = gettext("Integration Maturity\nThis message was sent by itself; nobody reads answers to it.")
            said, title = f"{greeting}\n\n{str(body) % details}\n\n{closing}\n", str(subject) % details
    post_message(
        session, contact.message_kind, contact.value, subject=title, body=said, locale=user.locale, clock=clock
    )


def somebody(name: str | None, locale: str) -> str:
    with force_locale(locale):
        return name or gettext("somebody")


def section_lines(sections: Sequence[Section], due_on: date | None, locale: str) -> str:
    """The titles, one a line, and the day by which they are due."""
    lines = [f"- {section.title.to(locale)}" for section in sections]
    with force_locale(locale):
        if due_on is not None:
            lines.append("\n" + gettext("Please answer them by %(day)s.", day=day_prose(due_on)))
    return "\n".join(lines)


def question_lines(groups: Sequence[tuple[Section, date | None, Sequence[Question]]], locale: str) -> str:
    """The open questions under their section and its day."""
    parts = []
    with force_locale(locale):
        for section, due_on, questions in groups:
            title = section.title.to(locale)
            heading = gettext("%(section)s, due on %(day)s", section=title, day=day_prose(due_on)) if due_on else title
            parts.append("\n".join([heading, *(f"- {question.wording.to(locale)}" for question in questions)]))
    return "\n\n".join(parts)
