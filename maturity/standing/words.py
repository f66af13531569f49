"""What pages and letters say of objections and of a place among peers."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

#: what an objection is about -> (its title, what it means)
ABOUT: dict[str, tuple[LazyString, LazyString]] = {
    "placement": (
        _("We are placed among the wrong peers"),
        _("The industry, region or size under which the enterprise was counted."),
    ),
    "counting": (
        _("We were counted although we should not be, or left out"),
        _("Whether the enterprise is in the release at all, and with which result."),
    ),
    "figure": (_("A figure looks wrong"), _("One of the figures of the release, and why it cannot be so.")),
}
#: state of an objection -> (what the badge says, its colour)
STATES: dict[str, tuple[LazyString, str]] = {
    "open": (_("being looked at"), "accent"),
    "answered": (_("answered"), "good"),
    "withdrawn": (_("taken back"), "neutral"),
}
#: what the operator found -> (what the badge says, its colour)
FINDINGS: dict[str, tuple[LazyString, str]] = {
    "founded": (_("founded"), "good"),
    "partly_founded": (_("founded in part"), "good"),
    "unfounded": (_("not founded"), "neutral"),
}
#: why there is no place among peers -> (what is said, what to do about it)
NO_PLACE: dict[str, tuple[LazyString, LazyString]] = {
    "nothing_submitted": (
        _("No result to compare yet"),
        _("A place among peers is that of a submitted result. Answers of a draft are compared with nobody."),
    ),
    "other_framework": (
        _("No result that is compared"),
        _("Benchmarks are released for the integration assessment. Your results so far are of other frameworks."),
    ),
    "settled": (
        _("The score is a range"),
        _(
            "Your assessment was submitted as soon as its level was settled: its score lies between two values, and a "
            "range has no place among scores. Answer the rest in a correction, and it is compared."
        ),
    ),
    "unclaimed": (
        _("Prove first that the enterprise is yours"),
        _("Only enterprises whose credit code is proved are counted in benchmarks and compared with them."),
    ),
    "nothing_released": (
        _("No benchmarks are released yet"),
        _("Once there is a release for your reporting year, you see here where you stand. Nothing has to be done."),
    ),
}
#: charts of a place -> the heading of their part of the page
PARTS: dict[str, LazyString] = {
    "position": _("Scores"),
    "levels": _("Stages"),
    "profile": _("Dimensions"),
    "rates": _("Key rates of the enterprise"),
    "criteria": _("What enterprises have reached"),
    "trend": _("Over the releases"),
}
#: states of the consent to be counted -> (what the badge says, its colour)
CONSENT: dict[str, tuple[LazyString, str]] = {
    "given": (_("agreed"), "good"),
    "withdrawn": (_("withdrawn"), "caution"),
    "never": (_("not agreed"), "neutral"),
}
#: what the thresholds of the rules are counted in
UNITS: dict[str, LazyString] = {
    "groups": _("groups"),
    "percent": _("percent"),
    "points": _("points"),
    "decimal places": _("decimal places"),
}
