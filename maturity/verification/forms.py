"""What is typed for verification, for the registers, and for supervision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, Optional, ValidationError

from maturity.questionnaires.values import parse_number
from maturity.reference.industries import industries
from maturity.reference.regions import provinces
from maturity.verification.models import RESULTS
from maturity.verification.registers import LONGEST_NAME
from maturity.verification.service import LONGEST_ASKED
from maturity.verification.supervision import LONGEST_SEED, LONGEST_TEXT
from maturity.verification.words import STATE_WORDS, STATUS_WORDS
from maturity.web.locale import current_locale


class _Asking(FlaskForm):
    """Changes nothing, so that it needs no token, and whoever asks gets no cookie."""

    class Meta:
        csrf = False


class NumberForm(_Asking):
    number = StringField(_("Certificate number"), validators=[Length(max=LONGEST_ASKED)])


class FileForm(_Asking):
    file = FileField(_("PDF of the certificate"))
    number = StringField(_("Number on the paper (if you like)"), validators=[Length(max=LONGEST_ASKED)])


class RegisterForm(_Asking):
    name = StringField(_("Name of the enterprise"), validators=[Length(max=LONGEST_NAME)])
    region = SelectField(_("Province"), validate_choice=False)
    division = SelectField(_("Industry"), validate_choice=False)
    framework = SelectField(_("Framework"), validate_choice=False)
    level = SelectField(_("Level"), validate_choice=False)

    def offer(self, frameworks: Sequence[tuple[str, str]]) -> None:
        """What may be chosen; anything else in the address is as if nothing were chosen."""
        locale, every = current_locale(), [("", gettext("All"))]
        self.region.choices = every + [(one.code, one.title(locale)) for one in provinces()]
        divisions = [item for item in industries().values() if len(item.code) == 2]
        self.division.choices = every + [(item.code, item.label(locale)) for item in divisions]
        self.framework.choices = every + list(frameworks)
        self.level.choices = every + [(str(level), str(level)) for level in range(1, 6)]
        for field in (self.region, self.division, self.framework, self.level):
            if field.data not in dict(field.choices):
                field.data = ""
        self.name.data = " ".join((self.name.data or "").split())[:LONGEST_NAME]


class FilterForm(_Asking):
    status = SelectField(_("Status"), validate_choice=False)
    level = SelectField(_("Level"), validate_choice=False)
    body_id = SelectField(_("Certification body"), validate_choice=False)
    due = SelectField(_("Surveillance"), validate_choice=False)

    def offer(self, bodies: Sequence[tuple[str, str]]) -> None:
        every = [("", gettext("All"))]
        self.status.choices = every + [(code, str(words)) for code, words in STATUS_WORDS.items()]
        self.level.choices = every + [(str(level), str(level)) for level in range(1, 6)]
        self.body_id.choices = every + list(bodies)
        self.due.choices = [*every, ("soon", gettext("Due soon")), ("missed", gettext("Missed"))]
        for field in (self.status, self.level, self.body_id, self.due):
            if field.data not in dict(field.choices):
                field.data = ""


class DrawForm(FlaskForm):
    size = StringField(_("How many"), validators=[InputRequired(_("Enter how many certificates to draw."))])
    seed = StringField(
        _("Seed (if you like)"),
        validators=[Length(max=LONGEST_SEED, message=_("Shorten the text to at most %(max)d characters."))],
    )
    parsed_size: int

    def validate_size(self, field: Field) -> None:
        number = parse_number(field.data or "")
        if number is None or number.denominator != 1 or number < 1:
            raise ValidationError(gettext("Enter a whole number, such as 5."))
        self.parsed_size = int(number)


_TEXT = Length(max=LONGEST_TEXT, message=_("Shorten the text to at most 2,000 characters."))


class AskForm(FlaskForm):
    request_text = TextAreaField(_("What is to be shown"), validators=[_TEXT])
    due_on = StringField(_("By"), validators=[Optional()])
    parsed_day: date | None = None

    def validate_due_on(self, field: Field) -> None:
        try:
            self.parsed_day = date.fromisoformat((field.data or "").strip().replace("/", "-"))
        except ValueError as error:
            raise ValidationError(gettext("Write the day as year-month-day, such as 2027-06-30.")) from error


class ResultForm(FlaskForm):
    result = RadioField(
        _("What came of it"),
        choices=[SelectChoice(code, STATE_WORDS[code]) for code in RESULTS],
        validators=[AnyOf(RESULTS, message=_("Choose what came of the re-check."))],
    )
    note = TextAreaField(_("Note for body and enterprise"), validators=[_TEXT])


class ActionForm(FlaskForm):
    action = TextAreaField(
        _("What you did about it"), validators=[InputRequired(_("Say what you did about it.")), _TEXT]
    )


def numbered(form: FlaskForm, prefix: str) -> Any:
    """The form with ids of its own, where a page has several of them."""
    for field in form:
        field.id = f"{field.id}-{prefix}"
    return form
