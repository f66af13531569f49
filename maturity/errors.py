"""What can go wrong in a use case, named for what happened. The edge turns these into pages and JSON once."""

from __future__ import annotations


class MaturityError(Exception):
    """`code` names what happened; `web.messages` has its words in both languages."""

    status = 500

    def __init__(self, code: str, subject: str = "") -> None:
        self.code = code
        self.subject = subject
        super().__init__(f"{code} {subject}".strip())


class NotFound(MaturityError):
    """There is no such thing, or none that this tenant may know of."""

    status = 404


class NotAllowed(MaturityError):
    """The person may see this but not do that."""

    status = 403


class Conflict(MaturityError):
    """The state has moved on; nothing was changed."""

    status = 409


class Invalid(MaturityError):
    """The input cannot be used; nothing was changed."""

    status = 422


class Unavailable(MaturityError):
    """A part is temporarily unable to work; nothing was lost and trying again helps."""

    status = 503
