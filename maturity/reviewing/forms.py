"""What certification bodies write about their reviewers, and reviewers about a case."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from maturity.certification.reviewers import Interest, Qualification
from maturity.organisations.forms import uscc_message
from maturity.reference.uscc import UsccError, validate
from maturity.reviewing.words import INTERESTS

LEVELS = range(1, 6)


def read_day(text: str | None) -> date | None:
    """A day as fields of type date send it; None for anything else."""
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        return None


class Boxes(SelectMultipleField):
    """Several of a list, each with a box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class QualificationForm(FlaskForm):
    certificate_number = StringField(
        _("Number of the certificate"),
        validators=[
            InputRequired(_("Enter the number of the reviewer's certificate.")),
            Length(max=60, message=_("Shorten the number to at most %(max)d characters.")),
        ],
    )
    valid_until = StringField(_("Valid until"), validators=[InputRequired(_("Enter the last day of validity."))])
    highest_level = SelectField(_("Highest level"), choices=[(str(level), str(level)) for level in LEVELS])
    frameworks = Boxes(_("Frameworks"))
    divisions = Boxes(_("Divisions of industry"))
    parsed_until: date

    def validate_valid_until(self, field: Field) -> None:
        day = read_day(field.data)
        if day is None:
            raise ValidationError(gettext("Enter a day such as 2027-12-31."))
        self.parsed_until = day

    def validate_frameworks(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(gettext("Tick at least one framework."))

    def validate_divisions(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(gettext("Tick at least one division."))

    def qualification(self) -> Qualification:
        return Qualification(
            tuple(self.divisions.data or ()),
            tuple(self.frameworks.data or ()),
            int(self.highest_level.data),
            (self.certificate_number.data or "").strip(),
            self.parsed_until,
        )


class InterestForm(FlaskForm):
    whose = RadioField(_("Whose interest"), choices=[("own", _("Mine")), ("body", _("The certification body's"))])
    enterprise = StringField(
        _("Enterprise"),
        validators=[
            InputRequired(_("Enter the name of the enterprise.")),
            Length(max=120, message=_("Shorten the name to at most %(max)d characters.")),
        ],
    )
    uscc = StringField(_("Unified social credit code"), validators=[InputRequired(_("Enter the 18 characters."))])
    kind = RadioField(
        _("What ties you"), choices=list(INTERESTS.items()), validators=[InputRequired(_("Choose what ties you."))]
    )
    until = StringField(_("Last day (empty while it lasts)"), validators=[Optional()])
    note = TextAreaField(
        _("Remark (may stay empty)"),
        validators=[Length(max=500, message=_("Shorten the text to at most %(max)d characters."))],
    )
    parsed_uscc: str
    parsed_until: date | None = None

    def validate_uscc(self, field: Field) -> None:
        try:
            self.parsed_uscc = validate(field.data or "")
        except UsccError as error:
            raise ValidationError(uscc_message(error)) from error

    def validate_until(self, field: Field) -> None:
        self.parsed_until = read_day(field.data)
        if (field.data or "").strip() and self.parsed_until is None:
            raise ValidationError(gettext("Enter a day such as 2027-12-31."))

    def interest(self, user_id: int) -> Interest:
        return Interest(
            user_id if self.whose.data == "own" else None,
            self.parsed_uscc,
            (self.enterprise.data or "").strip(),
            str(self.kind.data),
            (self.note.data or "").strip(),
            self.parsed_until,
        )
