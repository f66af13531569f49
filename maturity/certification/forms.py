"""What enterprises, certification bodies and the operator write on the pages of certification."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from maturity.certification.application import LONGEST_SCOPE
from maturity.certification.bodies import Recognition
from maturity.certification.models import OUTCOMES
from maturity.certification.planning import PLACES, Plan
from maturity.certification.shown import OUTCOME_WORDS, PLACE_WORDS, SHOWABLE_WORDS

LONGEST_NOTE = 2000
LEVELS = range(1, 6)
Choices = Iterable[tuple[str, str]]


def _too_long(most: int = LONGEST_NOTE) -> Length:
    return Length(max=most, message=_("Shorten the text to at most %(max)d characters."))


def _offer(field: Any, choices: Choices) -> None:
    field.choices = [SelectChoice(value=value, label=label) for value, label in choices]


def _read_day(field: Field) -> date:
    try:
        return date.fromisoformat((field.data or "").strip())
    except ValueError:
        raise ValidationError(gettext("Enter a day such as 2027-12-31.")) from None


class Boxes(SelectMultipleField):
    """Several of a list, each with a box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ConfirmedForm(FlaskForm):
    """What cannot be undone is asked for twice."""

    confirm = BooleanField(_("I have read what this means."))

    def validate_confirm(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(gettext("Confirm that you have read what this means."))


class NoteForm(ConfirmedForm):
    note = TextAreaField(_("Remark (may stay empty)"), validators=[_too_long()])


class ReasonForm(ConfirmedForm):
    """A reason from the list of the process, with words if one likes."""

    reason = RadioField(
        _("Reason"), choices=[], validate_choice=False, validators=[InputRequired(_("Choose a reason."))]
    )
    note = TextAreaField(_("Remark (may stay empty)"), validators=[_too_long()])

    def offer(self, reasons: Choices) -> None:
        _offer(self.reason, reasons)


# The enterprise


class ApplyForm(FlaskForm):
    submission = RadioField(
        _("Result to be certified"),
        choices=[],
        validate_choice=False,
        validators=[InputRequired(_("Choose the result that is to be certified."))],
    )
    body = RadioField(
        _("Certification body"),
        choices=[],
        validate_choice=False,
        validators=[InputRequired(_("Choose a certification body."))],
    )
    scope = TextAreaField(
        _("What the certificate is to cover"),
        validators=[
            InputRequired(_("Say which business and which places the certificate is to cover.")),
            Length(max=LONGEST_SCOPE, message=_("Shorten the text to at most %(max)d characters.")),
        ],
    )
    agreed = BooleanField(_("Reviewers of this body may open the submitted answers, their history and their evidence."))

    def offer(self, submissions: Choices, bodies: Choices) -> None:
        _offer(self.submission, submissions)
        _offer(self.body, bodies)

    def validate_submission(self, field: Field) -> None:
        _require_offered(field, gettext("Choose the result that is to be certified."))

    def validate_body(self, field: Field) -> None:
        _require_offered(field, gettext("Choose a certification body."))

    def validate_agreed(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(gettext("Without access to answers and evidence nobody can review. Agree, or leave."))


def _require_offered(field: Any, message: str) -> None:
    if field.data not in {choice.value for choice in field.choices}:
        raise ValidationError(message)


class FindingForm(FlaskForm):
    answer = TextAreaField(
        _("How it was put right"),
        validators=[InputRequired(_("Say what was changed, and where it can be seen.")), _too_long()],
    )


class ComplaintForm(FlaskForm):
    kind = RadioField(
        _("What you bring"), choices=[], validate_choice=False, validators=[InputRequired(_("Choose one."))]
    )
    text = TextAreaField(
        _("What is wrong, and what you want"),
        validators=[
            InputRequired(_("Say what is wrong and what you want.")),
            Length(min=20, max=LONGEST_NOTE, message=_("Write %(min)d to %(max)d characters.")),
        ],
    )

    def offer(self, kinds: Choices) -> None:
        _offer(self.kind, kinds)

    def validate_kind(self, field: Field) -> None:
        _require_offered(field, gettext("Choose one."))


class ShownForm(FlaskForm):
    """Nothing ticked: verification shows level and dates alone, and the certificate is in no list."""

    shows = Boxes(
        _("Show on verification as well"),
        choices=[SelectChoice(value=name, label=label) for name, label in SHOWABLE_WORDS.items()],
    )
    in_register = BooleanField(_("List the certificate in the public register"))


class NumberForm(FlaskForm):
    """The number of the certificate, typed, for what ends it."""

    number = StringField(_("Number of the certificate"))
    note = TextAreaField(_("Remark (may stay empty)"), validators=[_too_long()])
    expected: str = ""

    def validate_number(self, field: Field) -> None:
        require_number(field, self.expected)


def require_number(field: Field, expected: str) -> None:
    if "".join((field.data or "").split()).upper() != expected.upper():
        raise ValidationError(gettext("Type the number as it stands on the certificate: %(number)s.", number=expected))


# The certification body


class PlanForm(FlaskForm):
    place = RadioField(
        _("Where it is reviewed"),
        choices=[SelectChoice(value=name, label=PLACE_WORDS[name]) for name in PLACES],
        validate_choice=False,
        validators=[InputRequired(_("Choose where it is reviewed."))],
    )
    review_from = StringField(_("First day"), validators=[InputRequired(_("Enter the first day of the review."))])
    review_until = StringField(_("Last day"), validators=[InputRequired(_("Enter the last day of the review."))])
    first: date
    last: date

    def validate_review_from(self, field: Field) -> None:
        self.first = _read_day(field)

    def validate_review_until(self, field: Field) -> None:
        self.last = _read_day(field)

    def plan(self) -> Plan:
        return Plan(str(self.place.data), self.first, self.last)


class DecisionForm(FlaskForm):
    #: Which recommendation the page showed.
    seen = HiddenField()
    decision = RadioField(
        _("Your decision"), choices=[], validate_choice=False, validators=[InputRequired(_("Choose a decision."))]
    )
    note = TextAreaField(_("Reason (needed unless you certify)"), validators=[_too_long()])
    independent = BooleanField(
        _("I had no part in the review, have no interest in this enterprise, and have read result and findings.")
    )

    def offer(self, decisions: Choices) -> None:
        _offer(self.decision, decisions)

    def validate_decision(self, field: Field) -> None:
        _require_offered(field, gettext("Choose a decision."))

    def validate_note(self, field: Field) -> None:
        if self.decision.data not in (None, "decide_certify") and not (field.data or "").strip():
            raise ValidationError(gettext("Say why: the enterprise and the reviewers read it."))

    def validate_independent(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(gettext("Confirm it, or leave the decision to somebody else."))


class StandingForm(FlaskForm):
    """What is to happen to a certificate; what ends it asks for its number."""

    kind = RadioField(
        _("What is to happen"),
        choices=[],
        validate_choice=False,
        validators=[InputRequired(_("Choose what is to happen."))],
    )
    suspend_reason = SelectField(_("Why it is suspended"), choices=[], validate_choice=False)
    withdraw_reason = SelectField(_("Why it is withdrawn"), choices=[], validate_choice=False)
    note = TextAreaField(
        _("In words, for the holder"),
        validators=[InputRequired(_("Say why in words: the holder reads it.")), _too_long()],
    )
    number = StringField(_("Number of the certificate, if you withdraw it"))
    expected: str = ""

    def offer(self, kinds: Choices, suspend: Choices, withdraw: Choices) -> None:
        _offer(self.kind, kinds)
        first = [("", gettext("Choose a reason"))]
        _offer(self.suspend_reason, [*first, *suspend])
        _offer(self.withdraw_reason, [*first, *withdraw])

    @property
    def reason(self) -> str | None:
        chosen = {"suspended": self.suspend_reason, "withdrawn": self.withdraw_reason}.get(str(self.kind.data))
        return str(chosen.data) if chosen is not None else None

    def validate_kind(self, field: Field) -> None:
        _require_offered(field, gettext("Choose what is to happen."))

    def validate_suspend_reason(self, field: Field) -> None:
        if self.kind.data == "suspended" and not field.data:
            raise ValidationError(gettext("Choose why it is suspended."))

    def validate_withdraw_reason(self, field: Field) -> None:
        if self.kind.data == "withdrawn" and not field.data:
            raise ValidationError(gettext("Choose why it is withdrawn."))

    def validate_number(self, field: Field) -> None:
        if self.kind.data == "withdrawn":
            require_number(field, self.expected)


class SurveyForm(FlaskForm):
    note = TextAreaField(
        _("What was looked at and found"),
        validators=[InputRequired(_("Say what was looked at and found.")), _too_long()],
    )


class OutcomeForm(FlaskForm):
    outcome = RadioField(
        _("Outcome"),
        choices=[SelectChoice(value=name, label=OUTCOME_WORDS[name]) for name in OUTCOMES],
        validate_choice=False,
        validators=[InputRequired(_("Choose the outcome."))],
    )
    text = TextAreaField(
        _("The answer"), validators=[InputRequired(_("Write the answer: the enterprise reads it.")), _too_long()]
    )


# The operator


class RecognitionForm(FlaskForm):
    number = StringField(
        _("Number of the approval"),
        validators=[
            InputRequired(_("Enter the number of the approval, as the authority wrote it.")),
            Length(max=60, message=_("Shorten the number to at most %(max)d characters.")),
        ],
    )
    contact = StringField(
        _("How applicants reach it"),
        validators=[
            InputRequired(_("Say how applicants reach it: a telephone number or an address.")),
            Length(max=120, message=_("Shorten the text to at most %(max)d characters.")),
        ],
    )
    frameworks = Boxes(_("Frameworks"), choices=[], validate_choice=False)
    levels = Boxes(_("Levels it may certify"), choices=[(str(level), str(level)) for level in LEVELS])
    until = StringField(_("Last day"), validators=[InputRequired(_("Enter the last day of the recognition."))])
    parsed_until: date

    def offer(self, frameworks: Sequence[tuple[str, str]]) -> None:
        _offer(self.frameworks, frameworks)

    def validate_frameworks(self, field: Field) -> None:
        known = {choice.value for choice in self.frameworks.choices}
        if not field.data or not set(field.data) <= known:
            raise ValidationError(gettext("Tick at least one framework."))

    def validate_levels(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(gettext("Tick at least one level."))

    def validate_until(self, field: Field) -> None:
        self.parsed_until = _read_day(field)

    def recognition(self) -> Recognition:
        return Recognition(
            " ".join((self.number.data or "").split()),
            " ".join((self.contact.data or "").split()),
            tuple(self.frameworks.data or ()),
            tuple(int(level) for level in self.levels.data or ()),
            self.parsed_until,
        )


class RecognitionChangeForm(FlaskForm):
    status = RadioField(
        _("What is to happen"),
        choices=[],
        validate_choice=False,
        validators=[InputRequired(_("Choose what is to happen."))],
    )
    reason = TextAreaField(
        _("Reason"),
        validators=[
            InputRequired(_("Write the reason: the certification body reads it.")),
            Length(max=500, message=_("Shorten the text to at most %(max)d characters.")),
        ],
    )
    confirm = BooleanField(_("I have read what this means."))

    def offer(self, statuses: Choices) -> None:
        _offer(self.status, statuses)

    def validate_status(self, field: Field) -> None:
        _require_offered(field, gettext("Choose what is to happen."))

    def validate_confirm(self, field: Field) -> None:
        if not field.data and self.status.data in ("suspended", "withdrawn"):
            raise ValidationError(gettext("Confirm that you have read what this means."))
