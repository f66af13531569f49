"""What an enterprise writes to object, and what the operator writes in answer."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length

from maturity.standing.models import ABOUT, FINDINGS
from maturity.standing.objections import LONGEST_ANSWER, LONGEST_TEXT
from maturity.standing.words import ABOUT as ABOUT_WORDS
from maturity.standing.words import FINDINGS as FINDING_WORDS

SHORTEST = 10
_LENGTH = _("Write %(min)d to %(max)d characters.")


class ObjectionForm(FlaskForm):
    release = SelectField(
        _("Release"), validate_choice=False, validators=[InputRequired(_("Choose the release that you object to."))]
    )
    about = RadioField(
        _("What is wrong"),
        choices=[SelectChoice(value=name, label=words[0]) for name, words in ABOUT_WORDS.items()],
        validate_choice=False,
        validators=[AnyOf(ABOUT, _("Choose what is wrong."))],
    )
    figure = SelectField(_("Which figure"), validate_choice=False)
    text = TextAreaField(
        _("What is wrong, and what it should be"),
        validators=[
            InputRequired(_("Write what is wrong and what it should be.")),
            Length(min=SHORTEST, max=LONGEST_TEXT, message=_LENGTH),
        ],
    )

    def offer(self, releases: Sequence[tuple[str, str]], figures: Sequence[tuple[str, str]]) -> None:
        self.release.choices = [SelectChoice(value=value, label=label) for value, label in releases]
        self.figure.choices = [SelectChoice(value=value, label=label) for value, label in figures]

    def validate_release(self, field: SelectField) -> None:
        AnyOf([choice.value for choice in field.choices], _("Choose one of the releases."))(self, field)

    def validate_figure(self, field: SelectField) -> None:
        if self.about.data == "figure":
            AnyOf([choice.value for choice in field.choices if choice.value], _("Choose the figure."))(self, field)


class AnswerForm(FlaskForm):
    finding = RadioField(
        _("Finding"),
        choices=[SelectChoice(value=name, label=words[0]) for name, words in FINDING_WORDS.items()],
        validate_choice=False,
        validators=[AnyOf(FINDINGS, _("Choose a finding."))],
    )
    answer = TextAreaField(
        _("Reasons"),
        validators=[
            InputRequired(_("Write the reasons.")),
            Length(min=SHORTEST, max=LONGEST_ANSWER, message=_LENGTH),
        ],
    )


class CorrectionForm(FlaskForm):
    correction = SelectField(
        _("Release that corrects it"),
        validate_choice=False,
        validators=[InputRequired(_("Choose the release that corrects it."))],
    )

    def offer(self, releases: Sequence[tuple[str, str]]) -> None:
        self.correction.choices = [SelectChoice(value=value, label=label) for value, label in releases]

    def validate_correction(self, field: SelectField) -> None:
        AnyOf([choice.value for choice in field.choices], _("Choose one of the releases."))(self, field)
