"""What is typed to ask for a release, and why one is sent back or taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from maturity.adaptive.framework import Framework
from maturity.benchmarks.models import BenchmarkRelease
from maturity.releases.service import LONGEST_REASON, RULES, SHORTEST_REASON, Request
from maturity.web.filters import words

LONGEST_NOTICE = 1000


class AskForm(FlaskForm):
    """A framework, a year, the day of the cut-off and the rules; a correction says in both languages what it mends."""

    framework = RadioField(_("Framework"), validate_choice=False)
    period = RadioField(_("Reporting year"), validate_choice=False)
    cut_off = StringField(_("Cut-off"), validators=[InputRequired(_("Enter the last day whose submissions count."))])
    rules_version = RadioField(_("Rules"), validate_choice=False)
    notice_zh = TextAreaField(_("Notice in Chinese"), validators=[Length(max=LONGEST_NOTICE)])
    notice_en = TextAreaField(_("Notice in English"), validators=[Length(max=LONGEST_NOTICE)])
    parsed_cut_off: date

    def offer(self, frameworks: Sequence[Framework], periods: Sequence[int]) -> None:
        """What there is to choose from."""
        named = [SelectChoice(item.edition.framework, words(item.edition.title)) for item in frameworks]
        self.framework.choices = named
        self.period.choices = [SelectChoice(str(period), str(period)) for period in periods]
        self.rules_version.choices = [SelectChoice(version, version) for version in RULES]

    def validate_framework(self, field: RadioField) -> None:
        _require_choice(field, gettext("Choose the framework."))

    def validate_period(self, field: RadioField) -> None:
        _require_choice(field, gettext("Choose the year."))

    def validate_rules_version(self, field: RadioField) -> None:
        _require_choice(field, gettext("Choose the rules."))

    def validate_cut_off(self, field: StringField) -> None:
        try:
            self.parsed_cut_off = date.fromisoformat((field.data or "").strip().replace("/", "-"))
        except ValueError as error:
            raise ValidationError(gettext("Write the day as year-month-day, such as 2027-06-30.")) from error

    def request_for(self, replaces: BenchmarkRelease | None) -> Request:
        return Request(
            framework=self.framework.data,
            period=int(self.period.data),
            cut_off=self.parsed_cut_off,
            rules_version=self.rules_version.data,
            replaces_id=replaces.id if replaces else None,
            notice_zh=self.notice_zh.data or "",
            notice_en=self.notice_en.data or "",
        )


def _require_choice(field: RadioField, message: str) -> None:
    if field.data not in {choice.value for choice in field.choices}:
        raise ValidationError(message)


class ReasonForm(FlaskForm):
    reason = StringField(
        _("Reason"),
        validators=[
            InputRequired(_("Say why. Whoever prepared the release reads it.")),
            Length(min=SHORTEST_REASON, max=LONGEST_REASON, message=_("Write %(min)d to %(max)d characters.")),
        ],
    )
