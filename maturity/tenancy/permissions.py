"""What can be done in a tenant, and which roles may: one enum, one map, asked by routes and templates alike."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Permission(Enum):
    """Each with the sentence a person would read."""

    ENTERPRISE_VIEW = "See the enterprise's particulars and its home page."
    ENTERPRISE_EDIT = "Change the enterprise's particulars."
    ASSESSMENT_VIEW = "See assessments, answers and results."
    ASSESSMENT_ANSWER = "Start assessments and answer questions."
    ASSESSMENT_SUBMIT = "Declare the answers true and submit, and open a correction."
    REPORT_VIEW = "Download reports and questionnaires."
    REPORT_CREATE = "Have a report made."


_VIEW = frozenset({Permission.ENTERPRISE_VIEW, Permission.ASSESSMENT_VIEW, Permission.REPORT_VIEW})
_ANSWER = _VIEW | {Permission.ASSESSMENT_ANSWER, Permission.REPORT_CREATE}
ROLE_PERMISSIONS: Mapping[str, frozenset[Permission]] = {
    "owner": frozenset(Permission),
    "editor": _ANSWER | {Permission.ENTERPRISE_EDIT},
    "contributor": _ANSWER,
    "viewer": _VIEW,
}
#: Synthetic enterprises are shown to everybody; nobody can change them.
PUBLIC_PERMISSIONS = _VIEW


def permissions_of(role: str | None, *, is_synthetic: bool) -> frozenset[Permission]:
    """
    >>> Permission.ASSESSMENT_SUBMIT in permissions_of("contributor", is_synthetic=False)
    False
    """
    own = ROLE_PERMISSIONS.get(role or "", frozenset())
    return own | PUBLIC_PERMISSIONS if is_synthetic else own
