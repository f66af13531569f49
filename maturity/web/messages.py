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
    "assignment": _("This section is not assigned to that person any more."),
    "due_day_has_passed": _("This day has passed. Choose today or a later one."),
    "comment": _("There is no such comment, or it was deleted."),
    "comment_empty": _("Write something first."),
    "comment_too_old": _("A comment can be changed for 15 minutes. Write another one instead."),
    "comment_of_another": _("Only the person who wrote a comment can change or delete it."),
    "text_too_long": _("Shorten the text to at most 2,000 characters."),
    "thread_is_empty": _("Nobody has commented on this question yet."),
    "evidence": _("There is no such evidence, or it is not open to you."),
    "evidence_too_much": _("That is too much at once. A file may be 20 MB, and five files can be sent together."),
    "evidence_none_chosen": _("Choose a file first."),
    "evidence_being_checked": _("The malware scanner has not answered yet. Try again in a minute."),
    "evidence_erased": _("This file is erased and cannot be opened any more."),
    "evidence_lost": _("The server does not find this file. Tell the operator; if you still have it, upload it again."),
    "evidence_no_picture": _("There is no picture of this file. Download it instead."),
    "evidence_caption_long": _("Shorten the remark to at most 200 characters."),
    "evidence_of_earlier_revision": _(
        "This remark was made in an earlier revision and stays as it is. Take the file away here and add it again to "
        "describe it anew."
    ),
    "evidence_relied_on": _("A submitted result rests on this file. Confirm that you want it erased all the same."),
    "evidence_not_confirmed": _("Confirm that the file is to be erased for good."),
    "evidence_years": _("Give a whole number of years from 1 to 30."),
    "no_signatory": _("The enterprise has no signatory. Invite one on the People page, or let the owner submit."),
    "signature_asked_already": _("The signatory is asked already."),
    "signature_not_asked": _("There is no open request for a signature any more. Load the review page again."),
    "note_missing": _("Say in the note what is to be done before you sign."),
    "not_allowed": _("Your role does not allow this. Ask the owner of the enterprise for the permission."),
    "demonstration_only": _("This is a demonstration enterprise: you can look at everything and change nothing."),
    "staff_reason": _("Say why you open this tenant. The tenant reads it in its log."),
    "tenant_kind": _("Only regulators and certification bodies are founded here."),
    "consultancy_unknown": _("No consultancy has this code. Compare it with what the consultancy sent you."),
    "granted_already": _("This consultancy has access already. Change its grant in the list instead."),
    "grant_in_the_past": _("This day is over. Choose today or a later day."),
    "grant": _("There is no such grant any more."),
    "client": _("There is no such client, or it no longer lets your consultancy in."),
    "grant_too_narrow": _("The client's grant does not reach this far. Ask the client to widen it."),
    "view": _("There is no such view of yours any more."),
    "task": _("There is no such task any more."),
    "note": _("There is no such note of yours any more."),
    "plan": _("There is no plan yet. Draw one up on the page of the client."),
    "logo": _("There is no logo yet."),
    "plan_changed_meanwhile": _("Somebody else saved the plan meanwhile. Compare the two and save again."),
    "no_result_yet": _("This client has not submitted a result yet."),
    "no_client_chosen": _("Tick at least one client in the list first."),
    "compare_two_to_six": _("Tick two to six clients to compare."),
    "too_many_views": _("You have thirty views. Delete one before you save another."),
    "too_many_letters": _("That would be more than 500 letters in a day. Send the rest tomorrow."),
    "list_has_errors": _("Some rows have mistakes. Mend them or leave them out."),
    "list_unreadable": _("This list cannot be read. Save it as CSV or Excel with code, name and e-mail, or paste it."),
    "list_empty": _("The list is empty. Paste one row for each enterprise: code, name, e-mail address."),
    "list_too_long": _("The list has more than 200 rows. Split it."),
    "logo_unusable": _("This is no PNG or JPEG picture that can be used. Save the logo as PNG and try again."),
    "invitation": _(
        "This invitation is not open any more: accepted, taken back or older than 14 days. Ask for a new one."
    ),
    "invitation_unproved": _("Confirm this e-mail address or mobile number on your account page first, then accept."),
    "invitation_of_another": _("This invitation went to another address. Sign in with the account of that address."),
    "member": _("This person does not belong to the enterprise any more."),
    "member_already": _("This person belongs to the enterprise already."),
    "too_many_invitations": _("A hundred invitations are open. Take some back before you send more."),
    "last_owner": _("Every enterprise keeps an owner. Make somebody else the owner first."),
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
