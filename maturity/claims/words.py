"""What pages say of claims: the ways of proving, where a claim stands, what was decided."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

METHODS: dict[str, LazyString] = {
    "invitation_code": _("invitation code"),
    "licence": _("business licence"),
    "domain": _("e-mail address of the enterprise"),
}
#: state of a claim -> (what the badge says, its colour)
STATES: dict[str, tuple[LazyString, str]] = {
    "review": (_("being looked at"), "accent"),
    "proved": (_("open to objections"), "accent"),
    "confirmed": (_("confirmed"), "good"),
    "handed_over": (_("handed over"), "good"),
    "refused": (_("not accepted"), "caution"),
    "withdrawn": (_("taken back"), "neutral"),
}
DECISIONS: dict[str, LazyString] = {
    "upheld": _("The enterprise stays with you."),
    "handed_over": _("The enterprise was handed over."),
    "dropped": _("The other claim has ended; nothing had to be decided."),
}
#: What the operator decided, as its own records say it.
JUDGED: dict[str, LazyString] = {
    "accepted": _("The licence was accepted."),
    "confirmed": _("The claim was confirmed."),
    "refused": _("The claim was not accepted."),
    "handed_over": _("The enterprise was handed over."),
}
#: state of a licence -> (what the badge says, its colour)
LICENCES: dict[str, tuple[LazyString, str]] = {
    "waiting": (_("being checked"), "accent"),
    "unscanned": (_("not scanned"), "caution"),
    "clean": (_("scanned"), "good"),
    "infected": (_("malware, destroyed"), "danger"),
}
#: Reasons that no person wrote.
BY_DEFAULT, ENDED = "by_default", "ended"
_REASONS: dict[str, LazyString] = {
    BY_DEFAULT: _("No decision was made in time."),
    ENDED: _("The other claim was taken back or not accepted."),
}


def reason_words(reason: str | None) -> str:
    """
    >>> reason_words("The licence is of 2009.")
    'The licence is of 2009.'
    """
    return str(_REASONS.get(reason or "", reason or ""))
