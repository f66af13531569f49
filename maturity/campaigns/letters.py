"""Letters of a campaign, to the contacts on the regulator's list; nobody there need have an account."""

from __future__ import annotations

from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from maturity.accounts.contacts import Contact
from maturity.campaigns.models import Campaign
from maturity.clock import Clock
from maturity.messages.service import post_message
from maturity.web.filters import day_prose


def write_invitation(
    session: Session,
    contact: Contact,
    campaign: Campaign,
    *,
    regulator: str,
    enterprise: str,
    uscc: str,
    code: str,
    link: str,
    locale: str,
    clock: Clock,
) -> None:
    """With a code, for whether the enterprise is registered or proved is not known to whoever invites."""
    with force_locale(locale):
        names = {
            "regulator": regulator,
            "enterprise": enterprise,
            "title": campaign.title,
            "period": campaign.period,
            "deadline": day_prose(campaign.deadline),
            "code": code,
            "uscc": uscc,
            "link": link,
        }
        subject = gettext("%(regulator)s invites you to take part in “%(title)s”", **names)
        body = gettext(
            "%(regulator)s invites %(enterprise)s (credit code %(uscc)s) to assess how far its informatization and "
            "industrialization are integrated: “%(title)s”, reporting year %(period)s, until %(deadline)s.\n\n"
            "1. Sign in or register the enterprise: %(link)s\n"
            "2. If it is not proved yet that you speak for it, open “Prove the enterprise” on its home page and enter "
            "this code, good once and for 60 days: %(code)s\n"
            "3. The campaign then stands on the home page. Answer the questions and submit.\n\n"
            "%(regulator)s sees whether and when you started and submitted. It sees neither your answers nor your "
            "result. Benchmarks are published only where no enterprise can be recognised.",
            **names,
        )
        if contact.kind == "mobile":
            subject = ""
            body = gettext(
                "[Integration Maturity] %(regulator)s invites you to “%(title)s” until %(deadline)s. Code %(code)s, "
                "%(link)s",
                **names,
            )
    post_message(session, contact.message_kind, contact.value, subject=subject, body=body, locale=locale, clock=clock)


def write_reminder(
    session: Session,
    contact: Contact,
    campaign: Campaign,
    *,
    regulator: str,
    enterprise: str,
    code: str,
    has_started: bool,
    link: str,
    locale: str,
    clock: Clock,
) -> None:
    """To whoever has not submitted; `code` is empty while that of an earlier letter is good."""
    with force_locale(locale):
        names = {
            "regulator": regulator,
            "enterprise": enterprise,
            "title": campaign.title,
            "deadline": day_prose(campaign.deadline),
            "link": link,
        }
        subject = gettext("“%(title)s” ends on %(deadline)s", **names)
        if has_started:
            body = gettext(
                "%(enterprise)s has started its assessment for “%(title)s” by %(regulator)s and not submitted it yet. "
                "It counts until the end of %(deadline)s.\n\nGo on where you stopped: %(link)s",
                **names,
            )
        else:
            body = gettext(
                "%(regulator)s has invited %(enterprise)s to “%(title)s”. It counts until the end of %(deadline)s.\n\n"
                "Sign in or register: %(link)s",
                **names,
            )
        if code:
            body += "\n\n" + gettext(
                "To prove that you speak for the enterprise, enter this code: %(code)s. Earlier codes are void.",
                code=code,
            )
        if contact.kind == "mobile":
            subject = ""
            body = gettext(
                "[Integration Maturity] “%(title)s” of %(regulator)s ends on %(deadline)s: %(link)s", **names
            )
            if code:
                body += gettext(" Code %(code)s", code=code)
    post_message(session, contact.message_kind, contact.value, subject=subject, body=body, locale=locale, clock=clock)
