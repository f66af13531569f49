"""Words for what the log says, and which badge a standing gets."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

EVENT_WORDS = {
    "issued": _("Issued"),
    "suspended": _("Suspended"),
    "reinstated": _("Reinstated"),
    "withdrawn": _("Withdrawn"),
    "expired": _("Expired"),
    "renewed": _("Replaced by a renewal"),
    "changed": _("Replaced after a change"),
    "surveyed": _("Surveillance passed"),
}
STATUS_WORDS = {
    "valid": _("Valid"),
    "suspended": _("Suspended"),
    "withdrawn": _("Withdrawn"),
    "expired": _("Expired"),
    "replaced": _("Replaced"),
}
STATUS_KINDS = {
    "valid": "good",
    "suspended": "caution",
    "withdrawn": "danger",
    "expired": "neutral",
    "replaced": "neutral",
}
