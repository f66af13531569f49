"""The words of reviewing, by code."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _

VERDICTS = {"confirmed": _("confirmed"), "corrected": _("corrected"), "not_evidenced": _("not evidenced")}
VERDICT_KINDS = {"confirmed": "good", "corrected": "caution", "not_evidenced": "danger"}
REASONS = {
    "weight": _("Weighs on the level"),
    "implausible": _("Looks implausible"),
    "random": _("Drawn by lot"),
    "chosen": _("Added by hand"),
}
PARTS = {"lead": _("lead reviewer"), "reviewer": _("reviewer"), "decider": _("decider")}
GRADES = {"major": _("major"), "minor": _("minor"), "observation": _("observation")}
GRADE_KINDS = {"major": "danger", "minor": "caution", "observation": "neutral"}
FINDING_STATES = {
    "draft": _("draft"),
    "open": _("to be corrected"),
    "answered": _("answered, to be verified"),
    "closed": _("closed"),
}
STAGES = {
    "apply": _("at the application"),
    "assign": _("when it was to be assigned"),
    "open": _("when the file was opened"),
}
INTERESTS = {
    "employment": _("Employment"),
    "consulting": _("Consulting, training or audit for it"),
    "ownership": _("Shares or another financial interest"),
    "family": _("Close relatives there"),
    "other": _("Another interest"),
}
CONFLICTS = {
    "consulted": _("advised this enterprise"),
    "belonged": _("belongs or belonged to this enterprise"),
    "group": _("belongs or belonged to an enterprise of the same group"),
    "declared": _("declared an interest in this enterprise"),
    "body_consulted": _("the certification body itself advised this enterprise"),
    "body_linked": _("somebody who owns the certification body has a tie to this enterprise"),
    "body_declared": _("the certification body declared an interest in this enterprise"),
}
PLACES = {"remote": _("remote"), "on_site": _("on site"), "both": _("on site and remote")}
#: What somebody declares before a file opens; kept word for word.
INDEPENDENCE = _(
    "I declare that I have no interest in this enterprise, its group or its owners: within the last %(years)s years I"
    " have not worked for it, advised, trained or audited it internally, I hold no shares in it, and no close relative"
    " of mine does. Nobody has told me what the outcome should be. Should this change, I will say so at once and stop."
)


def conflict_words(code: str, until: date | None, free: date | None = None) -> str:
    """One tie in words, with its last day and from when on it is no conflict any more, where these are known."""
    said = str(CONFLICTS[code])
    if until is None:
        return said
    if free is None:
        return gettext("%(tie)s, until %(day)s", tie=said, day=until.isoformat())
    return gettext(
        "%(tie)s, until %(day)s; no conflict from %(free)s on", tie=said, day=until.isoformat(), free=free.isoformat()
    )
