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
    "log_empty": _("The log has no entry yet. It begins with the first certificate."),
    "log_no_size": _("The log never had this size. Ask for a size from 1 to that of the latest head."),
    "log_no_entries": _("The log has no such entries. They are numbered from 0 to one less than the size of the log."),
    "log_no_leaf": _("The log of this size has no such entry. Entries are numbered from 0."),
    "log_no_certificate": _(
        "The log has nothing under this number. Write it as it is printed: MC-XXXXX-XXXXX-XXXXX-XXXXX."
    ),
    "log_not_a_number": _("Write the missing part of the address as a whole number."),
    "verify_no_file": _("Choose the PDF of the certificate first."),
    "verify_too_large": _("The file is larger than 10 MB. A certificate is never that large; choose the file you got."),
    "verify_not_pdf": _("This is not a PDF. Choose the PDF of the certificate as you received it."),
    "verify_locked": _(
        "The PDF is protected with a password, and nobody can look inside. Certificates are issued without one: ask "
        "for the file as it was issued."
    ),
    "recheck_by_regulator": _("Samples are drawn by the regulator of a region. You can look at all of them here."),
    "recheck_nothing": _("No valid or suspended certificate fits these filters. Choose others."),
    "recheck_size": _("Give a whole number from 1 to the number of certificates to draw from, and at most 200."),
    "recheck_moved_on": _("This re-check has moved on meanwhile. Load the page again."),
    "recheck_day": _("Choose a day after today, within the days that stand beside the field."),
    "recheck_result": _("Choose what came of the re-check."),
    "recheck_note": _("Say in the note what was found, or how the re-check was refused. Body and enterprise read it."),
    "recheck_action": _("Say what you did about it."),
    "spot_sample": _("There is no such sample, or it is not open to you."),
    "spot_check": _("There is no such re-check, or it is not open to you."),
    "deletion_subscription": _(
        "A subscription runs that would go on charging you. Cancel it on the page Plan and payments first; nothing is "
        "lost by that."
    ),
    "deletion_stands": _("Everything here is going to be deleted. Cancel the deletion first, then buy."),
    "webhook_refused": _("This is not a notice that the payment service signed just now."),
    "order_amount": _("The amount that came is not the amount of the order. Nothing is recorded."),
    "order_not_open": _("The order is not open any more. Look at how it stands."),
    "billing_off": _(
        "Payments by card are switched off on this installation. Plans are assigned by the operator, or paid by bank "
        "transfer where that is offered."
    ),
    "stripe_unreachable": _(
        "The payment service does not answer. Nothing was charged and nothing was changed that you cannot see here. "
        "Try again in a few minutes."
    ),
    "stripe_refused": _(
        "The payment service refused this, and nothing was charged. The operator can see why; tell them when it was."
    ),
    "not_in_place": _(
        "This cannot be paid here yet: the operator has not finished setting up the payment service. Nothing was "
        "charged. Try again later, or pay by bank transfer where that is offered."
    ),
    "plan_not_sold": _("This plan is not on sale for you. Choose one of those on the page."),
    "currency_unknown": _("Choose yuan or US dollars."),
    "currency_fixed": _(
        "You pay in the currency of your first purchase; it cannot be changed. Choose that one, or ask the operator."
    ),
    "seats_out_of_range": _("Give a number of seats that is on sale: it stands beside the field."),
    "too_few_seats": _("More is in use than so many seats hold. Choose more seats."),
    "coupon_unknown": _("There is no such coupon. Write it as you got it, or leave the field empty."),
    "coupon_over": _("This coupon has run out. Leave the field empty to go on without it."),
    "coupon_elsewhere": _("This coupon is not for this plan and period. Choose what it is for, or leave it out."),
    "coupon_used": _("You have used this coupon before; each can be used once. Leave the field empty to go on."),
    "coupon_gone": _("All coupons of this kind are used. Leave the field empty to go on without it."),
    "coupon_with_trial": _("A coupon reduces the first payment, and a trial has none. Choose one of the two."),
    "amount_zero": _("With this coupon nothing would be left to pay. Leave it out, or ask the operator for the plan."),
    "once_is_a_year": _("What is paid once is a year. Choose yearly, or the card with renewal."),
    "trial_used": _("The free trial is for those who never had a plan. Choose another way."),
    "subscribed_already": _("There is a subscription already. Change it on the page Plan and payments."),
    "paid_by_order": _(
        "Your plan is paid in advance by a year that still runs. Add another year, or subscribe when it has ended."
    ),
    "order": _("There is no such order, or it is not open to you."),
    "order_not_payable": _("This order cannot be paid online: it is paid, cancelled, or to be paid by bank transfer."),
    "checkout": _("There is no such payment, or it is not open to you."),
    "subscription": _("There is no such subscription."),
    "finding_settled": _("Somebody has settled this finding already. Load the page again."),
    "no_subscription": _("There is no running subscription that could be changed."),
    "no_customer": _("Nothing was paid by card yet, so there is no card to change."),
    "nothing_changes": _("This is what you have already. Choose another period or number of seats."),
    "preview_stale": _(
        "What was shown does not hold any more; nothing was changed. Look at the amount again and confirm it."
    ),
    "pay_first": _("A payment is overdue. Settle it first with Change the card; then the plan can be changed."),
    "ends_already": _("The subscription is cancelled and ends with its period. Let it go on first, then change it."),
    "charge_declined": _(
        "The bank declined the charge, and nothing was changed. Use another card with Change the card, then try again."
    ),
    "no_card": _(
        "There is no card to charge, and nothing was changed. Enter one with Change the card, then try again."
    ),
    "charge_to_confirm": _(
        "Your bank wants the charge to be confirmed, which cannot be done here. Nothing was changed. Enter the card "
        "again with Change the card, then try again."
    ),
    "evidence_too_much": _("That is too much at once. A file may be 20 MB, and five files can be sent together."),
    "evidence_none_chosen": _("Choose a file first."),
    "evidence_being_checked": _("The malware scanner has not answered yet. Try again in a minute."),
    "evidence_erased": _("This file is erased and cannot be opened any more."),
    "evidence_lost": _("The server does not find this file. Tell the operator; if you still have it, upload it again."),
    "evidence_no_picture": _("There is no picture of this file. Download it instead."),
    "evidence_day": _("Give the last day as a date, such as 2027-03-31, or leave it empty."),
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
    "tenant_suspended": _("The operator has suspended changes here. You can look at everything; ask the operator."),
    "demonstration_only": _("This is a demonstration enterprise: you can look at everything and change nothing."),
    "staff_reason": _("Say why you open this tenant. The tenant reads it in its log."),
    "tenant_kind": _("Only regulators and certification bodies are founded here."),
    "consultancy_unknown": _("No consultancy has this code. Compare it with what the consultancy sent you."),
    "granted_already": _("This consultancy has access already. Change its grant in the list instead."),
    "affiliated_already": _("The enterprise has a head already. Take that affiliation back first."),
    "group_ring": _("This enterprise stands above that one already: a group cannot head itself."),
    "grant_in_the_past": _("This day is over. Choose today or a later day."),
    "grant": _("There is no such grant any more."),
    "client": _("There is no such client, or it no longer lets your consultancy in."),
    "grant_too_narrow": _("The client's grant does not reach this far. Ask the client to widen it."),
    "dashboard_page": _("There is no such page of the dashboard. Choose one of its tabs."),
    "dashboard_chart": _("Nothing is published that would answer this. Choose other filters on the page."),
    "view_name_taken": _("Another view of yours has this name. Choose another one."),
    "view": _("There is no such view of yours any more."),
    "task": _("There is no such task any more."),
    "note": _("There is no such note of yours any more."),
    "yearly_report": _("There is no such report, or it is not open to you."),
    "yearly_section": _("This report has no such section."),
    "yearly_file": _("This file has not been made yet. Ask for it on the page of the report."),
    "yearly_release": _("Choose a published release."),
    "yearly_scope": _("Choose the country, a province, a sector or a division."),
    "yearly_locale": _("Choose Chinese or English."),
    "yearly_action": _("A section can be moved up or down, hidden or shown."),
    "yearly_changed_meanwhile": _("Somebody else saved a version of the report meanwhile. Look at it, then go on."),
    "yearly_untraced": _("A text holds a number that is traced to nothing. Put a reference in its place."),
    "yearly_not_open": _("A report that is being made or is published cannot be edited."),
    "yearly_not_draft": _("Only a draft can be approved."),
    "yearly_not_approved": _("The report is not approved, or was changed since."),
    "yearly_own_approval": _("You saved the newest version. Somebody else has to approve it."),
    "yearly_not_published": _("Only a published report can be corrected; a draft is simply edited."),
    "yearly_correction_reason": _("Say what is corrected, and why."),
    "plan": _("There is no plan yet. Draw one up on the page of the client."),
    "logo": _("There is no logo yet."),
    "plan_changed_meanwhile": _("Somebody else saved the plan meanwhile. Compare the two and save again."),
    "no_result_yet": _("This client has not submitted a result yet."),
    "no_client_chosen": _("Tick at least one client in the list first."),
    "compare_two_to_six": _("Tick two to six clients to compare."),
    "too_many_views": _("You have thirty views. Delete one before you save another."),
    "too_many_letters": _("That would be more than 500 letters in a day. Send the rest tomorrow."),
    "campaign": _("There is no such campaign."),
    "campaign_upload": _("This upload is not there any more. Upload the list again."),
    "campaign_call": _("This invitation is not there any more: the campaign has ended or was changed."),
    "invitee": _("This enterprise is not on the list any more."),
    "quota": _("There is no such quota any more."),
    "park": _("There is no such park any more."),
    "park_name": _("Enter the official name, of at most 120 characters."),
    "park_outside": _("The park must lie where you have a say. Choose another city."),
    "park_twice": _("There is a park of this name already."),
    "park_in_use": _("A campaign covers this park. It stays, because the report names it."),
    "no_jurisdiction": _("The operator has not recorded yet where you have a say. Ask the operator for it."),
    "jurisdiction_unknown": _("Write the whole country, a province, a city or a county."),
    "releases_need_the_country": _("Only a regulator of the whole country releases benchmarks."),
    "not_a_regulator": _("Only a regulator has a jurisdiction."),
    "campaign_place": _("Choose a place where you have a say."),
    "campaign_deadline": _("Choose a day from today on, at most 400 days ahead."),
    "campaign_not_draft": _("The campaign is open: its place, list rules and period stay. Extend or end it instead."),
    "campaign_list_outside": _(
        "Some enterprises of the list would lie outside. Take them off the list first, or keep place, industries and "
        "sizes."
    ),
    "campaign_closed": _("The campaign is closed. Its figures stay as they were at its end."),
    "campaign_not_running": _("The campaign is not running."),
    "campaign_without_list": _("Upload first whom you invite; then open the campaign."),
    "campaign_list_none": _("Choose a file first."),
    "campaign_list_large": _("The file is larger than 20 MB. Keep the columns of the template only."),
    "campaign_list_empty": _("The list has headings and no rows. Fill in one row for each enterprise."),
    "campaign_list_too_long": _("The list has more than 20,000 rows. Split it and upload the parts."),
    "campaign_list_headings": _("Some columns are missing. Use the headings of the template in the first row."),
    "extension_reason": _("Say why in 2 to 300 characters."),
    "extension_day": _("Choose a day after the present deadline, at most 400 days ahead."),
    "reminded_today": _("Those who lag were reminded today already. Do so again tomorrow at the earliest."),
    "nobody_to_remind": _("Nobody who lags has an address on the list. Add addresses by uploading the list again."),
    "quota_of_nothing": _("Choose a city, an industry or both."),
    "quota_amount": _("Enter at least 1, and a share of at most 100 percent."),
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
    "invitation_domain": _(
        "Your enterprise invites addresses at certain domains only. The owner sees them in Settings."
    ),
    "lacking_own": _("You came in through your company. Sign in with your own account to do this."),
    "lacking_provider": _("This enterprise asks for a sign-in through its identity provider. Load the page again."),
    "lacking_second_factor": _("This enterprise asks for a second factor. Load the page again to give it."),
    "second_factor_first": _("Set up a second factor for yourself and sign in with it first."),
    "provider_first": _("Set up an identity provider first."),
    "provider_untried": _("Sign in through the identity provider once yourself, so that it is sure to work."),
    "way_out_first": _("Sign in with your own account and a second factor first: that is your way out if it fails."),
    "provider": _("This address leads to no company's sign-in. Compare it with the letter, or ask your company."),
    "provider_not_https": _("Write the address as https://name.of.the.provider, as the provider gives it."),
    "provider_inside": _("This address lies inside a private network, which this site does not reach."),
    "provider_unreachable": _(
        "The identity provider does not answer. Check its address, or try again in a few minutes."
    ),
    "provider_redirects": _("The identity provider sends us to another address. Enter the one it sends us to."),
    "provider_says_too_much": _("The identity provider answers with too much. Check its address."),
    "provider_undiscovered": _(
        "There is no OpenID Connect description under this address. Check it with your provider's papers."
    ),
    "provider_other_issuer": _(
        "The provider calls itself by another address. Enter the issuer exactly as its description names it."
    ),
    "provider_incomplete": _("The provider's description lacks an address that is needed. Ask who runs it."),
    "provider_without_code_flow": _("The provider does not offer the code flow with PKCE (S256). Ask who runs it."),
    "provider_secret_missing": _("Enter the client secret; with another issuer, the one that belongs to it."),
    "provider_secret_lost": _(
        "The client secret cannot be read any more. The owner has to enter it again in Settings."
    ),
    "provider_domain_missing": _("Enter the domain of your e-mail addresses."),
    "provider_domains_many": _("Enter at most 20 domains."),
    "provider_domain_public": _("Everybody can have an address there. Enter your company's own domain."),
    "provider_domain_foreign": _(
        "You can add only the domain of your own confirmed e-mail address. Confirm one there on your account page."
    ),
    "provider_role": _("Choose a role for those who come uninvited."),
    "provider_said_no": _("The identity provider did not sign you in. Try again, or ask who runs it in your company."),
    "provider_answer_wrong": _(
        "The identity provider's answer could not be verified, so nobody was signed in. Try again."
    ),
    "provider_code_refused": _("The identity provider did not confirm the sign-in. Try again from the beginning."),
    "provider_without_email": _("The identity provider did not give your e-mail address. Tell who runs it."),
    "provider_email_unverified": _(
        "The identity provider has not verified your e-mail address. Verify it there, or tell who runs it."
    ),
    "provider_domain_not_vouched": _(
        "The identity provider may not vouch for addresses at your domain. Ask the owner."
    ),
    "provider_not_invited": _(
        "You are not invited yet. Ask an owner of the enterprise for an invitation to this address."
    ),
    "provider_changed": _("The identity provider was changed meanwhile. Sign in again from the beginning."),
    "provider_other_address": _("Your account has another confirmed address than the one your company gives."),
    "provider_another_person": _(
        "You are signed in with another account. Sign out first, then come in through your company."
    ),
    "provider_members_address": _(
        "An account with this address belongs to the enterprise. Sign in with it to connect."
    ),
    "provider_connected_already": _("This sign-in is connected already. Sign in through your company again."),
    "company_sign_in_over": _("This took too long or was begun in another browser. Sign in again from the beginning."),
    "account_closed": _("This account is closed. Ask the operator of the site."),
    "export": _("There is no such archive any more. Ask for a new one."),
    "export_under_way": _("An archive is being made already. Wait until it is ready."),
    "deletion": _("No deletion is asked for any more."),
    "deletion_name": _("This is not the name. Type it exactly as it stands above."),
    "deletion_asked_already": _("The deletion is asked for already. Its day stands on this page."),
    "receipt": _("There is no such receipt, or its time is over."),
    "closing": _("Your account is not going to be closed."),
    "closing_contact": _("Type the e-mail address or mobile number with which you sign in."),
    "closing_asked_already": _("The closing of your account is asked for already."),
    "closing_sole_owner": _(
        "You are the only owner of an enterprise. Make somebody else its owner first, or delete it."
    ),
    "consent_purpose": _("There is no such purpose. Load the page again."),
    "consent_needed": _("The site cannot be used without this. Close your account if you do not agree any more."),
    "data_region": _("Choose one of the regions offered."),
    "imported_log": _("There is no such log."),
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
    "workbook": _("There is no such uploaded workbook of yours."),
    "workbook_none_chosen": _("Choose the workbook first."),
    "workbook_too_much": _("This file is larger than 20 MB. A workbook from here has less than 1 MB; upload that one."),
    "workbook_not_ours": _(
        "This workbook was not downloaded here, or its hidden sheet was deleted. Download it again and put the answers "
        "into the new one."
    ),
    "workbook_seal_broken": _(
        "The hidden mark of this workbook was changed or comes from another site. Download it again and put the "
        "answers into the new one."
    ),
    "workbook_other_format": _(
        "This workbook was made by another version of the site. Download it again and put the answers into the new one."
    ),
    "workbook_is_register": _("This is a register of many enterprises. Upload it on the page of the clients."),
    "workbook_other_edition": _(
        "This workbook belongs to another edition of the questionnaire than this assessment. Download this "
        "assessment's own workbook."
    ),
    "workbook_other_assessment": _(
        "This workbook belongs to another assessment: another enterprise, year or revision. Open that one, or download "
        "this assessment's own workbook."
    ),
    "workbook_has_errors": _("Nothing was saved, because the workbook has errors. Mend them and upload it again."),
    "workbook_moved_on": _("Something changed meanwhile, so nothing was saved. Look at the changes again, then save."),
    "workbook_expired": _("This uploaded workbook was kept for seven days and is forgotten. Upload it again."),
    "workbook_applied": _("The changes of this workbook are saved already."),
    "workbook_cancelled": _("This workbook was discarded. Upload it again if you need it."),
    "register_is_workbook": _(
        "This is the workbook of a single assessment. Upload it there, or put several into a .zip archive."
    ),
    "register_beheaded": _(
        "The hidden first row of the register was deleted, so that its columns are not known. Download it again."
    ),
    "register_row_moved": _("The hidden mark of this row belongs to another enterprise. Clear its last column."),
    "bulk_upload": _("There is no such upload."),
    "bulk_none_chosen": _("Choose the register or the archive first."),
    "bulk_too_much": _("This file is larger than 50 MB. Split it and upload the parts one after the other."),
    "bulk_failed": _(
        "The upload broke off. The enterprises that are done stay done; upload the file again for the others, or tell "
        "the operator."
    ),
    "bulk_over": _("This upload is over already."),
    "bulk_unknown": _("No enterprise that lets your consultancy in is meant. Check the credit code and the grant."),
    "bulk_twice": _("This credit code stands in an earlier row already. Keep one of the two."),
    "bulk_ambiguous": _("Two of your clients have this credit code. Fill in each on its own page."),
    "bulk_blank": _("This workbook is blank and does not say whose it is. Download the client's own workbook."),
    "bulk_not_allowed": _("Whoever uploaded this may not fill in answers for the consultancy any more."),
    "bulk_not_asked": _("Not asked of this enterprise, and so left out."),
    "bulk_stray": _("In a row that the questionnaire does not know, and so not read."),
    "answer_invalid": _("This answer cannot be saved as typed. The message at the field says why."),
    "job_failed": _("The document could not be made. Nothing is lost; try again, or tell the operator."),
    "job_cancelled": _("The operator stopped this job. Nothing is lost; ask for it again, or ask the operator why."),
    "job_state": _("This job has moved on meanwhile. Load the page again."),
    "letter_state": _("This message has moved on meanwhile. Load the page again."),
    "tenant_state": _("This tenant cannot be suspended or resumed now. Load the page again."),
    "operator_exists": _("This installation has an operator already. Sign in, or ask for an invitation."),
    "set_up": _("There is no such page. Check the address, or start from the home page."),
    "set_up_unfinished": _("Some steps are not done yet. Do those first."),
    "demonstration_incomplete": _("The database holds a part of a demonstration only. Start with an empty database."),
    "font_missing": _("The server lacks the Chinese font. Tell the operator to install it, then try again."),
    "glyph_missing": _("The font cannot print a character of the document. Correct the name it is in and try again."),
    "not_claimed": _(
        "It is not proved yet that this enterprise is yours."
        " The owner proves it in one of three ways, on the home page."
    ),
    "code_is_claimed": _(
        "This credit code is proved and stays. If the enterprise has another one, write to the operator."
    ),
    "claimed_already": _("This enterprise is claimed already. There is nothing to prove."),
    "claim_open_already": _("A proof is being looked at already. Wait for the answer, or take it back first."),
    "claim_unconfirmed": _("Confirm your e-mail address or mobile number on your account page first."),
    "claim_tries": _("Five tries in a month are the most. Try again later, or write to the operator."),
    "claim_code_unfit": _(
        "This code does not fit the credit code of the enterprise, was used, or has run out."
        " Compare both with the letter."
    ),
    "claim_no_address": _("Add the e-mail address that the enterprise gave you on your account page, and confirm it."),
    "claim_free_mail": _("Anybody can have an address there. Use one that the enterprise gave you."),
    "claim_domain_unknown": _(
        "The operator does not know this domain as the enterprise's. Ask the operator to record it, or use another way."
    ),
    "claim_moved_on": _("This claim has moved on meanwhile. Load the page again."),
    "claim_contested": _("Somebody else has this credit code. Decide between the two."),
    "claimant_has_left": _("Whoever claimed has left that enterprise meanwhile. Nothing can be handed over to them."),
    "claim": _("There is no such claim, or it was taken back."),
    "claim_code": _("There is no such code any more: used, taken back, or never issued."),
    "dispute": _("There is nothing to be answered here."),
    "objection": _("There is no such objection."),
    "objection_over": _("This objection is answered or taken back already. Load the page again."),
    "objection_release": _("This release cannot be objected to any more. Choose a later one."),
    "objection_text": _("Write what is wrong and what it should be."),
    "objections_open": _("Five objections are open already. Wait for an answer, or take one back."),
    "objection_correction": _("This release does not correct the one that was objected to. Choose another."),
    "objection_not_founded": _("Only an objection that was found to be right leads to a correction."),
    "benchmark_place": _("There is nothing to be compared yet. The page “Benchmarking” says why."),
    "benchmark_release": _("Nothing is released yet."),
    "dispute_over": _("The time for an answer is over, or the operator has decided."),
    "answer_empty": _("Write why the enterprise is yours."),
    "licence": _("There is no such licence any more."),
    "licence_kind": _("A business licence is a picture or a PDF. Take a photo of it, or scan it, and upload that."),
    "licence_too_large": _("The file is larger than 20 MB. Save it smaller and upload that."),
    "domain": _("This domain is not recorded any more."),
    "domain_recorded_already": _("This domain is recorded for this credit code already."),
    "domain_is_free_mail": _("Anybody can have an address there. It proves nothing about an enterprise."),
    "index_model": _("There is no such model, or it is not open to you."),
    "index_indicator": _("The model has no such indicator."),
    "index_region": _("This region is not part of the model."),
    "index_result": _("There is no such index. The list shows those there are."),
    "index_model_of_another": _("This model is not your own. Copy it first, then change the copy."),
    "index_model_in_force": _("A model in force does not change. Begin a new version instead."),
    "index_draft_exists": _("There is a draft of the next version already. Edit or delete it."),
    "index_models_many": _("You have fifty versions of models. Delete drafts you do not need."),
    "index_model_changed": _("Somebody else saved the draft meanwhile. Open it anew and type your changes again."),
    "index_model_unfinished": _("The draft is not finished. Mend what the editor shows, then enter figures."),
    "index_of_a_draft": _("Put the model in force first; what a draft gives is not frozen."),
    "index_of_nothing": _("There is no index to freeze: too much is missing."),
    "index_same_result": _("Nothing has changed since the index was frozen."),
    "index_result_meanwhile": _("Somebody else froze this index meanwhile. Load the page again and look at it."),
    "index_values_meanwhile": _("Somebody else entered the same figure at this moment. Load the page again."),
    "index_value_released": _(
        "A figure taken from a release cannot be typed over. Take the released figures out first."
    ),
    "index_values_many": _("There are more than 100,000 figures for this model."),
    "index_no_survey": _("The model has no indicator that is fed by a release."),
    "index_no_release": _("No release of this year is published yet. Figures of another year are not taken instead."),
    "prioritisation": _("The areas of this framework cannot be put in order of priority."),
    "prioritisation_of_draft": _("Submit the assessment first; then its areas can be put in order of priority."),
    "prioritisation_without_tables": _("Bring the tables first; the page says which are missing."),
    "table": _("There is no such table, or it was removed."),
    "table_refused": _("Nothing was taken. Mend what is listed and upload the file again."),
    "table_source": _("Write where the table is from, in at most 200 characters."),
    "tables_moved_on": _("A table was changed meanwhile. Enter shares and importance for its headings."),
    "descriptor_long": _("Shorten each text to at most 2,000 characters."),
    "area": _("There is no such area."),
    "horizon_unknown": _("Choose one of the three horizons."),
    "cost_shares_sum": _("The shares of costs must come to 100 %."),
    "importances_zero": _("Give at least one KPI more than 0."),
    "release": _("There is no such release, or it is not published yet."),
    "inclusion_receipt": _("There is no such receipt."),
    "release_not_entrusted": _("The operator has not entrusted you with releases. Ask the operator."),
    "release_framework": _("Choose one of the frameworks."),
    "release_period": _("Choose one of the years."),
    "release_rules": _("Choose one of the versions of the rules."),
    "release_cut_off": _("This day has not come yet. Choose today or an earlier one."),
    "release_under_way": _("A release of this year is under way already. Sign it, or withdraw it first."),
    "release_replaces": _("This year has a release already. Open it and choose Correct."),
    "release_notice": _("Say in both languages what was wrong and what is corrected."),
    "release_not_computing": _("The release is not being computed any more, or another body asked for it."),
    "release_not_in_review": _("The release is not in review any more. Load the page again."),
    "release_asker_signs": _("You asked for this release, so two others sign it or send it back."),
    "release_signed_already": _("You have signed this release. One more person has to look and sign."),
    "release_tampered": _("The cells are not those that were computed. Withdraw the release and tell the operator."),
    "release_reason": _("Say why in 5 to 500 characters."),
    "release_empty": _("Too few enterprises have submitted: no cell can be published."),
    "release_cluster_absent": _(
        "Releases are to be built on a cluster, but what that needs is not installed. Ask the operator to install "
        "requirements-cluster.txt, then compute again."
    ),
    "release_cluster_unreachable": _(
        "The cluster that builds releases cannot be reached. Ask the operator to start it or to unset "
        "MATURITY_CLUSTER, then compute again."
    ),
    "release_cluster_lost": _(
        "The cluster lost its workers while it built the release. Nothing of it was stored. Ask the operator to look "
        "after them, then compute again."
    ),
    "release_cluster_storage": _(
        "A worker of the cluster does not see the frozen data. Ask the operator to put them into a folder that all "
        "machines share, then compute again."
    ),
    "release_cluster_program": _(
        "A worker of the cluster runs another version of this program. Ask the operator to install the same one "
        "everywhere, then compute again."
    ),
    "release_input_lost": _("The frozen data of a release are missing or changed. Restore them from a backup."),
    "step_unknown_step": _("There is no such step."),
    "decision_outdated": _(
        "The recommendation has changed since you opened this page. Read the new one below, then decide."
    ),
    "step_not_now": _("The case has moved on, and this step cannot be taken now. Load the page again."),
    "step_not_yours": _("This step is not yours to take. The page of the case says who may take it."),
    "step_reason_missing": _("Choose a reason from the list."),
    "step_note_missing": _("Say why, in a few words."),
    "step_enterprise_claimed": _("First prove that you speak for the enterprise, on the page “Prove the enterprise”."),
    "step_body_recognised": _("The certification body is not recognised for this framework and level today."),
    "step_dates_set": _("Set the first and the last day of the review; the last one must not have passed."),
    "step_lead_assigned": _("Assign a lead reviewer first."),
    "step_lead_qualified": _("The lead reviewer has no qualification in force for this industry, framework and level."),
    "step_lead_unconflicted": _(
        "The lead reviewer has a conflict of interest with the enterprise. Assign somebody else."
    ),
    "step_lead_independent": _("The lead reviewer has not declared to be independent of the enterprise yet."),
    "step_is_lead": _("Only the lead reviewer can do this."),
    "step_takes_part": _("Only the reviewers assigned to the case can do this."),
    "step_sample_drawn": _("Draw the answers to be verified first."),
    "step_everything_judged": _("Judge every answer of the sample first."),
    "step_rescored": _("Complete the review first, so that the result is scored again."),
    "step_findings_open": _("There is no finding to send. Write one down, or recommend."),
    "step_findings_dated": _("Give every finding a last day."),
    "step_findings_answered": _("Answer every finding first, then hand in."),
    "step_findings_unanswered": _("Every finding is answered; there is nothing to close as not corrected."),
    "step_findings_closed": _("A finding is not closed yet. Close it, send another letter, or recommend to refuse."),
    "step_rounds_left": _("No further review letter can be sent in this case. Conclude with what was answered."),
    "step_level_left": _("No level remains after the review. Recommend to refuse."),
    "step_recommended_by_somebody": _("Nobody has recommended anything yet."),
    "step_recommended_certify": _("The reviewers recommended to refuse. Refuse, or send the case back to them."),
    "step_somebody_else": _("You had a part in this review. Somebody who had none decides."),
    "step_decider_unconflicted": _(
        "You have a conflict of interest with this enterprise. Leave this to somebody else."
    ),
    "step_no_part_in_it": _("You took part in this case. Somebody who did not answers the appeal."),
    "step_appeal_upheld": _("No appeal against this decision was upheld."),
    "step_overdue": _("The last day has not passed yet."),
    "step_long_overdue": _("The case is not overdue long enough to end by itself."),
    "case": _("There is no such case, or it is not open to you."),
    "certificate": _("There is no such certificate, or it is not open to you."),
    "certificate_address": _(
        "The site was not told its address, which stands in every certificate for ever. Set MATURITY_SITE_URL and "
        "start the job again."
    ),
    "certificate_file": _("The file of the certificate is being made. Look again in a few minutes."),
    "certificate_lost": _(
        "The file of the certificate is not on this server any more, or it was changed there. Tell the operator, who "
        "brings it back from the backup."
    ),
    "complaint": _("There is no such appeal or complaint, or it is not open to you."),
    "submission": _("There is no such submitted assessment."),
    "body": _("There is no such certification body."),
    "recognition_over": _("The last day of the recognition has passed. Enter a later day."),
    "recognition_empty": _("Choose at least one framework and one level."),
    "recognition_number": _("Another certification body has this number. Compare it with the approval."),
    "application_synthetic": _(
        "A body of the demonstration certifies enterprises of the demonstration and no others, and no other body does."
    ),
    "application_superseded": _("This result was corrected since. Choose the latest submitted one."),
    "application_estimate": _("This is an estimate. Submit a full assessment to be certified."),
    "application_no_level": _("The result reaches no level, and there is nothing to certify yet. Improve first."),
    "application_scope": _("Say which business and which places the certificate is to cover."),
    "application_scope_long": _("Shorten the scope to at most 500 characters."),
    "application_kind": _("Choose a first certification, a change or a renewal."),
    "application_certified_already": _(
        "The enterprise has a certificate under this framework. Apply for a change or a renewal of it."
    ),
    "application_other_framework": _(
        "The result and the certificate belong to different frameworks. Choose a result of the same one."
    ),
    "application_other_body": _("A change is applied for at the certification body that issued the certificate."),
    "application_certificate_over": _("The certificate does not stand any more. Apply for a first certification."),
    "application_too_early": _(
        "It is too early for a renewal. The page of the certificate says from when it can be applied for."
    ),
    "application_too_late": _("The certificate expired too long ago to be renewed. Apply for a first certification."),
    "application_conflicted": _(
        "The certification body has a conflict of interest with the enterprise and cannot certify it. Choose "
        "another one."
    ),
    "application_running": _("A case under this framework is under way already. Wait for its end, or take it back."),
    "complaint_kind": _("Choose an appeal or a complaint."),
    "complaint_text": _("Say what it is about."),
    "complaint_text_long": _("Shorten the text to at most 5,000 characters."),
    "complaint_outcome": _("Choose what comes of it: upheld, upheld in part or dismissed."),
    "complaint_answered": _("This was answered already."),
    "appeal_undecided": _("Nothing has been decided in this case that could be appealed against."),
    "appeal_too_late": _("The days for an appeal are over. You can complain to the operator."),
    "appeal_made_already": _("An appeal against this decision was made already."),
    "surveillance_note": _("Say what was looked at and what came of it."),
    "surveillance_note_long": _("Shorten the text to at most 2,000 characters."),
    "surveillance_done": _("This surveillance was written down already."),
    "surveillance_too_early": _("It is too early for this surveillance. The page of the certificate says from when."),
    "surveillance_open": _("The surveillance that was missed is still not done. Carry it out first."),
    "standing_note_long": _("Shorten the text to at most 2,000 characters."),
    "reviewer": _("There is no such reviewer in this certification body."),
    "qualification": _("There is no such qualification."),
    "qualification_over": _("This qualification is over already. Enter a later day."),
    "qualification_withdrawn": _("This qualification was withdrawn already."),
    "reviewer_conflicted": _("A conflict of interest stands in the way. Choose somebody else."),
    "reviewer_missing": _("Choose whom to assign."),
    "reviewer_role": _("This person's role does not allow that part. Change the role on the page People."),
    "reviewer_unqualified": _(
        "This person has no qualification in force for this industry, framework and level. Enter it, or choose "
        "somebody else."
    ),
    "part_unknown": _("Choose a part: lead reviewer, reviewer or decider."),
    "assigned_already": _("This person has a part in the case already. End that one first."),
    "decider_reviewed": _("Whoever reviews does not decide, and whoever decides does not review."),
    "lead_there_already": _("The case has a lead reviewer. End that part first."),
    "assignments_closed": _("The case has gone on too far to change this part."),
    "assignment_of_case": _("There is no such part in this case."),
    "assignment_over": _("This part was ended already."),
    "independence_declared": _("You have declared your independence already. Open the file."),
    "independence_first": _("Declare your independence first. Load the file of the case again."),
    "submission_of_case": _("The enterprise has had its data deleted. Only what was certified is left."),
    "item": _("This answer is not in the sample."),
    "item_reason": _("Say why this answer is verified, too."),
    "item_reason_long": _("Shorten the reason to at most 500 characters."),
    "item_there_already": _("This answer is in the sample already."),
    "item_changed_meanwhile": _("Somebody else judged this answer meanwhile."),
    "sample_too_late": _("The review has begun: its sample stays as it was drawn."),
    "sample_without_seed": _("The seed is not recorded yet. Draw the sample again."),
    "sample_drawn_already": _("The sample is drawn already, and stays."),
    "review_closed": _("The case is not under review, or your part does not allow this. Load the page again."),
    "review_incomplete": _("Judge every answer of the sample first."),
    "lead_only": _("Only the lead reviewer can do this."),
    "verdict_missing": _("Choose confirmed, corrected or not evidenced."),
    "verdict_note": _("Say what was seen, and why the answer does not stand."),
    "verdict_note_long": _("Shorten the text to at most 2,000 characters."),
    "correction_wrong": _("The correction cannot be used yet. Look at the marked fields."),
    "correction_incomplete": _("Fill in every field of the correction. What nothing proves is not evidenced."),
    "correction_same": _("The correction is what was declared. Choose confirmed, or change it."),
    "finding": _("There is no such finding."),
    "finding_sent": _("This finding was sent already. It can be closed, and not changed."),
    "finding_not_answered": _("The enterprise has not answered this finding yet."),
    "finding_due": _("This day has passed. Choose today or a later one."),
    "finding_day": _("Enter a day such as 2027-12-31."),
    "finding_grade": _("Choose the grade of the finding."),
    "finding_answer": _("Say what was changed, and where it can be seen."),
    "finding_answer_closed": _("Findings can be answered while the case is being corrected. Load the page again."),
    "finding_needs_none": _("This finding needs no answer any more."),
    "plan_place": _("Choose where it is reviewed."),
    "plan_order": _("The last day is before the first one."),
    "plan_past": _("The first day has passed. Choose today or a later one."),
    "plan_too_late": _("The review has begun: its days stay as they were planned."),
    "certificate_over": _("The certificate does not stand any more. What is shown of it stays as it is."),
    "surveillance": _("There is no such surveillance."),
    "finding_text": _("Say what is wrong."),
    "finding_text_long": _("Shorten the text to at most 2,000 characters."),
    "finding_seen": _("Say what was seen."),
    "minutes": _("The minutes are not there yet. The enterprise gets them when the lead reviewer has recommended."),
    "minutes_glyph": _("A character in a name or text cannot be printed. Replace unusual characters and try again."),
    "plan_required": _("The plan does not open this, or its limit is reached. The page says which plan does."),
    "consultancy_full": _("This consultancy cannot take further clients at present. Ask it to make room."),
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
    402: _("Needs a larger plan"),
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
