"""The words for roles: what a person with one may do, as a colleague would say it."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

#: role -> (name, what it may do), in the order in which they are offered
ROLE_WORDS: dict[str, tuple[LazyString, LazyString]] = {
    "owner": (_("Owner"), _("everything: people, particulars, answers, submitting")),
    "signatory": (_("Signatory"), _("reads everything, declares the answers true and submits; usually the CIO")),
    "editor": (_("Editor"), _("answers all questions and changes the particulars")),
    "contributor": (_("Contributor"), _("answers questions")),
    "reviewer": (_("Reviewer"), _("reads everything and has reports made")),
    "viewer": (_("Viewer"), _("reads everything")),
}
