"""What claimants, incumbents and the operator write about a claim."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from maturity.claims.service import LONGEST_ANSWER
from maturity.organisations.forms import uscc_message
from maturity.reference.mail_domains import is_free_mail, read_domain
from maturity.reference.uscc import UsccError, validate

SHORTEST_REASON, LONGEST_REASON = 10, 300


class CodeForm(FlaskForm):
    code = StringField(_("Invitation code"), validators=[InputRequired(_("Enter the code from the letter."))])


class AnswerForm(FlaskForm):
    answer = TextAreaField(
        _("Why the enterprise is yours"),
        validators=[
            InputRequired(_("Write why the enterprise is yours.")),
            Length(max=LONGEST_ANSWER, message=_("Shorten the text to at most 2,000 characters.")),
        ],
    )


class _Coded(FlaskForm):
    uscc = StringField(_("Unified social credit code"), validators=[InputRequired(_("Enter the 18 characters."))])
    parsed_uscc: str

    def validate_uscc(self, field: Field) -> None:
        try:
            self.parsed_uscc = validate(field.data or "")
        except UsccError as error:
            raise ValidationError(uscc_message(error)) from error


class IssueForm(_Coded):
    sent_to = StringField(
        _("Where it is sent"),
        validators=[
            InputRequired(_("Enter an e-mail address or a mobile number of the enterprise, or how you send the code.")),
            Length(max=120, message=_("Shorten the text to at most %(max)d characters.")),
        ],
    )


class DomainForm(_Coded):
    domain = StringField(_("Domain"), validators=[InputRequired(_("Enter a domain such as company.com."))])
    source = StringField(
        _("Where you have it from"),
        validators=[
            InputRequired(_("Say where you have it from, such as the number of the ICP filing.")),
            Length(max=120, message=_("Shorten the text to at most %(max)d characters.")),
        ],
    )
    parsed_domain: str

    def validate_domain(self, field: Field) -> None:
        domain = read_domain(field.data or "")
        if domain is None:
            raise ValidationError(gettext("This is no domain. Write it as after the @ of an address: company.com."))
        if is_free_mail(domain):
            raise ValidationError(gettext("Anybody can have an address there. It proves nothing about an enterprise."))
        self.parsed_domain = domain


def _reason(label: object, message: object) -> TextAreaField:
    return TextAreaField(
        label,
        validators=[
            InputRequired(message),
            Length(
                min=SHORTEST_REASON,
                max=LONGEST_REASON,
                message=_("Write %(min)d to %(max)d characters."),
            ),
        ],
    )


class ReviewForm(FlaskForm):
    decision = RadioField(
        _("Decision"),
        choices=[
            SelectChoice(value="accept", label=_("Accept the licence")),
            SelectChoice(value="reject", label=_("Do not accept it")),
        ],  # fmt: skip
        validate_choice=False,
        validators=[AnyOf(["accept", "reject"], _("Choose a decision."))],
    )
    reason = _reason(_("Reason"), _("Write the reason."))


class DecisionForm(FlaskForm):
    """For a proof: to confirm or refuse it; where there is an incumbent, to keep it or to hand over."""

    decision = RadioField(
        _("Decision"), choices=[], validate_choice=False, validators=[InputRequired(_("Choose a decision."))]
    )
    reason = _reason(_("Reason"), _("Write the reason."))

    def offer(self, *, is_contested: bool) -> None:
        choices = (
            [("refuse", _("The incumbent keeps the enterprise")), ("hand_over", _("Hand the enterprise over"))]
            if is_contested
            else [("confirm", _("Confirm now")), ("refuse", _("Do not accept the claim"))]
        )
        self.decision.choices = [SelectChoice(value=value, label=label) for value, label in choices]
