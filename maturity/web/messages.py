"""The words for every code an error can carry: what happened, that nothing is lost, and what to do."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext

_ = lazy_gettext
MESSAGES = {
    "tenant": _("There is no such page, or it is not open to you."),
    "assessment": _("There is no such assessment, or it is not open to you."),
    "question": _("This question is not part of the questionnaire."),
    "chart": _("There is no such chart of this result. The result page shows those there are."),
    "report": _("There is no such report. Ask for it again on the result page."),
    "not_allowed": _("Your role does not allow this. Ask the owner of the enterprise for the permission."),
    "demonstration_only": _("This is a demonstration enterprise: you can look at everything and change nothing."),
    "page_expired": _("This page was open for too long. Load it again; your saved answers are safe."),
    "database_busy": _("The system is busy. Nothing is lost: wait a few seconds and try again."),
    "storage_full": _("The server has no space left. What was saved is safe; tell the operator and try again later."),
    "assessment_submitted": _("This assessment is submitted and cannot be changed. Open a correction instead."),
    "assessment_revised_already": _("There is a newer revision of this assessment. Go on with that one."),
    "assessment_incomplete": _("Some questions are not answered yet. The review page lists them."),
    "assessment_implausible": _("Some answers contradict each other or need your confirmation. See the review page."),
    "period_already_started": _("There is an assessment for this period already. Go on with it from the home page."),
    "period_not_open": _("This reporting period is not open. Choose one of those offered."),
    "question_not_asked": _(
        "This question is not asked now: it does not apply, or an answer it builds on is not there. Nothing was saved."
    ),
    "answer_changed_meanwhile": _("Somebody else changed this answer. Compare the two and choose."),
    "answer_invalid": _("This answer cannot be saved as typed. The message at the field says why."),
    "job_failed": _("The document could not be made. Nothing is lost; try again, or tell the operator."),
    "font_missing": _("The server lacks the Chinese font. Tell the operator to install it, then try again."),
    "glyph_missing": _("The font cannot print a character of the document. Correct the name it is in and try again."),
    "http_400": _("The request could not be understood. Go back, load the page again and retry."),
    "http_401": _("Your session has ended. Sign in again; your saved answers are safe."),
    "http_403": _("You may not open this page."),
    "http_404": _("There is no such page. Check the address, or start from the home page."),
    "http_405": _("This address cannot be used that way. Start from the home page."),
    "http_413": _("That is too much at once. Send less than 1 MB."),
    "http_429": _("Too many attempts. Wait a minute and try again."),
    "http_500": _("Something went wrong on our side. What was saved is safe; please try again."),
}
TITLES = {
    400: _("That did not work"),
    401: _("Please sign in again"),
    403: _("Not allowed"),
    404: _("Page not found"),
    405: _("That did not work"),
    409: _("The state has changed"),
    413: _("Too much at once"),
    422: _("Please check the input"),
    429: _("One moment, please"),
    503: _("Temporarily unavailable"),
}


def message_for(code: str) -> str:
    return str(MESSAGES.get(code) or MESSAGES["http_500"])


def title_for(status: int) -> str:
    return str(TITLES.get(status) or gettext("Something went wrong"))
