"""What regulators type: a campaign, an extension, a quota, a park; and what the operator types of a regulator."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from maturity.campaigns.models import SIZES, Campaign
from maturity.campaigns.places import UnknownPlace, choose_jurisdiction, place_name
from maturity.campaigns.regulators import LONGEST_NAME
from maturity.campaigns.service import (
    EARLIEST_REMINDER,
    LONGEST_REASON,
    LONGEST_TITLE,
    MOST_REMINDERS,
    Plan,
)
from maturity.questionnaires.values import parse_number
from maturity.reference.industries import industries
from maturity.web.filters import SIZE_NAMES
from maturity.web.locale import current_locale

_LIST_MARKS = re.compile(r"[,，;；、\s]+")


def read_day(text: str | None) -> date:
    """The day typed; `ValidationError` otherwise."""
    try:
        return date.fromisoformat((text or "").strip().replace("/", "-"))
    except ValueError as error:
        raise ValidationError(gettext("Write the day as year-month-day, such as 2027-06-30.")) from error


def read_whole(text: str | None, low: int, high: int) -> int:
    """The whole number typed; `ValidationError` outside the bounds."""
    number = parse_number(text or "")
    if number is None or number.denominator != 1 or not low <= number <= high:
        raise ValidationError(gettext("Enter a whole number from %(low)s to %(high)s.", low=low, high=high))
    return int(number)


class CampaignForm(FlaskForm):
    """Strings where numbers and days are typed, so that what was typed is kept when it is refused."""

    title = StringField(
        _("Title"),
        validators=[
            InputRequired(_("Enter a title that those invited will recognise.")),
            Length(max=LONGEST_TITLE, message=_("Shorten the title to at most %(max)d characters.")),
        ],
    )
    framework = RadioField(_("Framework"), validate_choice=False)
    period = RadioField(_("Reporting year"), validate_choice=False)
    region = SelectField(_("Place"), validate_choice=False)
    industries = SelectMultipleField(_("Industries"), validate_choice=False)
    sizes = SelectMultipleField(
        _("Sizes"), validate_choice=False, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    deadline = StringField(_("Deadline"), validators=[InputRequired(_("Enter the last day that counts."))])
    quota = StringField(_("Quota for every city and industry"), validators=[Optional()])
    reminders = StringField(_("Reminders"), validators=[Optional()])
    places: Sequence[tuple[str, Sequence[tuple[str, str]]]] = ()
    parsed_deadline: date
    parsed_quota: int | None = None
    parsed_reminders: tuple[int, ...] = ()

    def offer(
        self,
        frameworks: Mapping[str, str],
        periods: Sequence[int],
        places: Sequence[tuple[str, Sequence[tuple[str, str]]]],
    ) -> CampaignForm:
        """What can be chosen here and now."""
        locale = current_locale()
        self.framework.choices = [SelectChoice(value=name, label=title) for name, title in frameworks.items()]
        self.period.choices = [SelectChoice(value=str(period), label=str(period)) for period in periods]
        self.places = places
        self.region.choices = [(code, label) for _heading, options in places for code, label in options]
        self.industries.choices = [
            SelectChoice(value=item.code, label=item.label(locale))
            for item in industries().values()
            if len(item.code) == 2
        ]
        self.sizes.choices = [SelectChoice(value=name, label=str(SIZE_NAMES[name])) for name in SIZES]
        return self

    def validate_framework(self, field: RadioField) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(gettext("Choose the framework."))

    def validate_period(self, field: RadioField) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(gettext("Choose the reporting year."))

    def validate_region(self, field: SelectField) -> None:
        if (field.data or "") not in {code for code, _label in field.choices}:
            raise ValidationError(gettext("Choose a place where you have a say."))

    def validate_industries(self, field: SelectMultipleField) -> None:
        if set(field.data or ()) - {choice.value for choice in field.choices}:
            raise ValidationError(gettext("Choose industries from the list."))

    def validate_sizes(self, field: SelectMultipleField) -> None:
        if set(field.data or ()) - set(SIZES):
            raise ValidationError(gettext("Choose sizes from the list."))

    def validate_deadline(self, field: StringField) -> None:
        self.parsed_deadline = read_day(field.data)

    def validate_quota(self, field: StringField) -> None:
        self.parsed_quota = (
            read_whole((field.data or "").rstrip("%％ "), 1, 100) if (field.data or "").strip() else None
        )

    def validate_reminders(self, field: StringField) -> None:
        parts = [part for part in _LIST_MARKS.split((field.data or "").strip()) if part]
        if len(parts) > MOST_REMINDERS:
            raise ValidationError(gettext("Give at most %(count)s days.", count=MOST_REMINDERS))
        self.parsed_reminders = tuple(read_whole(part, 0, EARLIEST_REMINDER) for part in parts)

    def plan(self) -> Plan:
        """What was typed; only after `validate`."""
        return Plan(
            title=" ".join((self.title.data or "").split()),
            framework=str(self.framework.data),
            period=int(self.period.data),
            region=self.region.data or "",
            industries=tuple(self.industries.data or ()),
            sizes=tuple(self.sizes.data or ()),
            quota=self.parsed_quota,
            reminders=self.parsed_reminders,
            deadline=self.parsed_deadline,
        )

    @classmethod
    def of(cls, campaign: Campaign) -> CampaignForm:
        """The form filled with what is stored."""
        data: dict[str, Any] = {
            name: getattr(campaign, name) for name in ("title", "framework", "region", "industries", "sizes")
        }
        data |= {"period": str(campaign.period), "deadline": campaign.deadline.isoformat()}
        data["quota"] = "" if campaign.quota is None else str(campaign.quota)
        data["reminders"] = ", ".join(str(days) for days in campaign.reminders)
        return cls(formdata=None, data=data)


class ExtensionForm(FlaskForm):
    deadline = StringField(_("New deadline"), validators=[InputRequired(_("Enter the new last day that counts."))])
    reason = StringField(
        _("Reason"),
        validators=[
            InputRequired(_("Say why. The reason stands in the report.")),
            Length(min=2, max=LONGEST_REASON, message=_("Write %(min)d to %(max)d characters.")),
        ],
    )
    parsed_deadline: date

    def validate_deadline(self, field: StringField) -> None:
        self.parsed_deadline = read_day(field.data)


class QuotaForm(FlaskForm):
    city = SelectField(_("City"), validate_choice=False)
    industry = SelectField(_("Industry"), validate_choice=False)
    kind = RadioField(
        _("What is expected"),
        choices=[
            SelectChoice(value="share", label=_("share of the list, in percent")),
            SelectChoice(value="number", label=_("number of submissions")),
        ],
        default="share",
        validate_choice=False,
        validators=[AnyOf(("share", "number"), _("Choose share or number."))],
    )
    amount = StringField(_("How much"), validators=[InputRequired(_("Enter how much is expected."))])
    parsed_amount: int

    def offer(self, cities: Sequence[tuple[str, str]], found: Sequence[tuple[str, str]]) -> QuotaForm:
        self.city.choices = [("", gettext("every city")), *cities]
        self.industry.choices = [("", gettext("every industry")), *found]
        return self

    def validate_city(self, field: SelectField) -> None:
        if (field.data or "") not in {choice[0] for choice in field.choices}:
            raise ValidationError(gettext("Choose a city of the list."))

    def validate_industry(self, field: SelectField) -> None:
        if (field.data or "") not in {choice[0] for choice in field.choices}:
            raise ValidationError(gettext("Choose an industry of the list."))
        if not field.data and not self.city.data:
            raise ValidationError(gettext("Choose a city, an industry or both."))

    def validate_amount(self, field: StringField) -> None:
        typed = (field.data or "").rstrip("%％ ")
        self.parsed_amount = read_whole(typed, 1, 100 if self.kind.data == "share" else 100_000)


class ParkForm(FlaskForm):
    name = StringField(
        _("Name of the park"),
        validators=[
            InputRequired(_("Enter the official name.")),
            Length(max=LONGEST_NAME, message=_("Shorten the name to at most %(max)d characters.")),
        ],
    )
    city = SelectField(_("City"), validate_choice=False)

    def offer(self, cities: Sequence[tuple[str, str]]) -> ParkForm:
        self.city.choices = list(cities)
        return self

    def validate_city(self, field: SelectField) -> None:
        if field.data not in {choice[0] for choice in field.choices}:
            raise ValidationError(gettext("Choose the city that the park lies in."))


def read_jurisdiction(typed: str | None) -> str:
    """The code meant, empty for the whole country; `ValidationError` with what could be meant."""
    try:
        return choose_jurisdiction(typed or "")
    except UnknownPlace as error:
        if not error.candidates:
            raise ValidationError(
                gettext("There is no such province, city or county. Write its full name or its code of six digits.")
            ) from error
        names = gettext(" or ").join(place_name(code, current_locale()) for code in error.candidates[:4])
        raise ValidationError(gettext("This can be %(names)s. Write one of them.", names=names)) from error


class ProfileForm(FlaskForm):
    """The operator's record of a regulator."""

    region = StringField(_("Where it has a say"))
    office = StringField(
        _("Name on letters and reports"),
        validators=[Length(max=LONGEST_NAME, message=_("Shorten the name to at most %(max)d characters."))],
    )
    releases = BooleanField(_("It prepares and reviews releases of benchmarks"))
    parsed_region: str

    def validate_region(self, field: StringField) -> None:
        self.parsed_region = read_jurisdiction(field.data)

    def validate_releases(self, field: BooleanField) -> None:
        if field.data and getattr(self, "parsed_region", ""):
            raise ValidationError(gettext("Only a regulator of the whole country releases benchmarks."))
