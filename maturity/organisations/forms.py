"""The enterprise form: what people type is understood, or refused with the mend."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from maturity.organisations.choosing import (
    Ambiguous,
    choose_industry,
    choose_region,
    industry_label,
    region_label,
)
from maturity.organisations.models import Enterprise
from maturity.questionnaires.values import parse_number
from maturity.reference.uscc import UsccError, validate
from maturity.web.locale import current_locale

PRODUCTION_TYPES = [
    (
        "discrete_mass",
        _("Discrete, mass or series"),
        _("Cars, appliances, bearings: the same products again and again"),
    ),
    ("discrete_small_batch", _("Discrete, small batch or single"), _("Machine tools, moulds, ships: made to order")),
    ("process", _("Process"), _("Chemicals, steel, cement, medicines: flows and batches")),
    ("mixed", _("Mixed"), _("Food, textiles, paint: a process first, pieces and packing after")),
]
MOST_PEOPLE = 2_000_000
MOST_REVENUE_WAN = Decimal(10_000_000_00)


def uscc_message(error: UsccError) -> str:
    """What is wrong with a credit code and how to mend it."""
    if error.kind == "length":
        return gettext("The code has 18 characters; you typed %(count)s.", count=error.hint)
    if error.kind in ("character", "digit_expected"):
        if error.hint:
            wanted = {"position": error.position, "hint": error.hint}
            return gettext("Character %(position)s cannot be right. Did you mean %(hint)s?", **wanted)
        return gettext(
            "Character %(position)s cannot occur there. Compare it with the licence.", position=error.position
        )
    return gettext("The check character does not fit. Compare the code with the licence, character by character.")


class EnterpriseForm(FlaskForm):
    """Strings on purpose: the values are parsed here, so that what was typed is kept when it is refused."""

    name = StringField(
        _("Name of the enterprise"),
        validators=[
            InputRequired(_("Enter the name as on the business licence.")),
            Length(max=120, message=_("Shorten the name to at most %(max)d characters.")),
        ],
    )
    uscc = StringField(_("Unified social credit code"), validators=[InputRequired(_("Enter the 18 characters."))])
    industry = StringField(_("Industry"), validators=[InputRequired(_("Type your industry and choose one."))])
    region = StringField(_("Region"), validators=[InputRequired(_("Type your city and choose one."))])
    headcount = StringField(_("Staff at year-end"), validators=[InputRequired(_("Enter the number of people."))])
    revenue_wan = StringField(
        _("Operating revenue of the last full year"), validators=[InputRequired(_("Enter the revenue in 10,000 yuan."))]
    )
    production_type = RadioField(
        _("Production type"),
        choices=[SelectChoice(value=value, label=label) for value, label, _example in PRODUCTION_TYPES],
        validate_choice=False,
        validators=[
            AnyOf([value for value, *_words in PRODUCTION_TYPES], _("Choose the type that fits most of your output."))
        ],
    )
    designs_products = BooleanField(_("We develop our own products or formulations"), default=True)
    exports = BooleanField(_("We export"))
    is_group = BooleanField(_("We control subsidiaries that produce"))

    def validate_uscc(self, field: StringField) -> None:
        try:
            self.parsed_uscc = validate(field.data or "")
        except UsccError as error:
            raise ValidationError(uscc_message(error)) from error

    def validate_industry(self, field: StringField) -> None:
        self.parsed_industry = _choose(choose_industry, field.data or "")

    def validate_region(self, field: StringField) -> None:
        self.parsed_region = _choose(choose_region, field.data or "")

    def validate_headcount(self, field: StringField) -> None:
        number = parse_number(field.data or "")
        if number is None or number < 0 or number.denominator != 1 or number > MOST_PEOPLE:
            raise ValidationError(gettext("Enter a whole number of people, such as 320."))
        self.parsed_headcount = int(number)

    def validate_revenue_wan(self, field: StringField) -> None:
        number = parse_number(field.data or "")
        if number is None or number < 0 or number > MOST_REVENUE_WAN:
            raise ValidationError(gettext("Enter an amount in 10,000 yuan, such as 24000 for 240 million yuan."))
        self.parsed_revenue = Decimal(number.numerator) / Decimal(number.denominator)

    def values(self) -> dict[str, Any]:
        """The checked values by column name; only after `validate`."""
        return {
            "name": (self.name.data or "").strip(),
            "uscc": self.parsed_uscc,
            "industry": self.parsed_industry,
            "region": self.parsed_region,
            "headcount": self.parsed_headcount,
            "revenue_wan": self.parsed_revenue.quantize(Decimal("0.0001")),
            "production_type": self.production_type.data,
            "designs_products": self.designs_products.data,
            "exports": self.exports.data,
            "is_group": self.is_group.data,
        }

    @classmethod
    def of(cls, enterprise: Enterprise) -> EnterpriseForm:
        """The form filled with what is stored, in the words people chose from."""
        locale = current_locale()
        data = {column: getattr(enterprise, column) for column in ("name", "uscc", "production_type", "is_group")}
        data |= {"designs_products": enterprise.designs_products, "exports": enterprise.exports}
        data["industry"] = industry_label(enterprise.industry, locale)
        data["region"] = region_label(enterprise.region, locale)
        data["headcount"] = str(enterprise.headcount)
        data["revenue_wan"] = format(enterprise.revenue_wan.normalize(), "f")
        return cls(data=data)


def _choose(choose: Callable[[str, str], str], text: str) -> str:
    try:
        return choose(text, current_locale())
    except Ambiguous as error:
        raise ValidationError(_ambiguous_message(error, text.strip()[:40])) from error


def _ambiguous_message(error: Ambiguous, typed: str) -> str:
    if not error.candidates:
        return gettext("Nothing fits “%(typed)s”. Try another word or the code.", typed=typed)
    several = gettext("; ").join(error.candidates)
    return gettext("Several fit: %(several)s. Type more of the name.", several=several)
