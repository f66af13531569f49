"""A consultancy's name; and what an enterprise lets it do until when."""

from __future__ import annotations

from datetime import date

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from maturity.accounts.contacts import Contact, read_contact
from maturity.consulting.service import LONGEST_YEARS
from maturity.organisations.forms import EnterpriseForm
from maturity.web.site import site_clock

#: scope -> (name, what the consultancy's people may do with it)
SCOPE_WORDS: dict[str, tuple[LazyString, LazyString]] = {
    "view": (_("View"), _("see answers, results and reports")),
    "answer": (_("Fill in"), _("also answer questions and have reports made")),
    "manage": (_("Manage"), _("also change the particulars; submitting stays with you")),
}


class ConsultancyForm(FlaskForm):
    name = StringField(
        _("Name of the consultancy"),
        validators=[
            InputRequired(_("Enter the name as on the business licence.")),
            Length(max=120, message=_("Shorten the name to at most %(max)d characters.")),
        ],
    )


class _Terms(FlaskForm):
    """Scope and last day, as both giving and changing need them."""

    scope = RadioField(
        _("What the consultancy may do"),
        choices=[SelectChoice(value=scope, label=name) for scope, (name, _does) in SCOPE_WORDS.items()],
        default="answer",
        validate_choice=False,
        validators=[AnyOf(list(SCOPE_WORDS), _("Choose what the consultancy may do."))],
    )
    until = StringField(_("Last day"), validators=[InputRequired(_("Enter the last day, such as 2027-06-30."))])
    parsed_until: date

    def validate_until(self, field: Field) -> None:
        today = site_clock().today()
        try:
            day = date.fromisoformat((field.data or "").strip().replace("/", "-"))
        except ValueError as error:
            raise ValidationError(gettext("Write the day as year-month-day, such as 2027-06-30.")) from error
        if day < today:
            raise ValidationError(gettext("This day is over. Choose today or a later day."))
        if day > date(today.year + LONGEST_YEARS, 12, 31):
            raise ValidationError(
                gettext("A grant lasts until the end of %(year)s at most.", year=today.year + LONGEST_YEARS)
            )
        self.parsed_until = day


class GrantForm(_Terms):
    code = StringField(
        _("Code of the consultancy"), validators=[InputRequired(_("Enter the code the consultancy gave you."))]
    )

    def refuse_code(self) -> None:
        self.code.errors = [gettext("No consultancy has this code. Compare it with what the consultancy sent you.")]


class SubsidiaryForm(EnterpriseForm):
    """The particulars of a subsidiary, and who is to own it."""

    owner = StringField(
        _("E-mail address or mobile number of the first owner"),
        validators=[InputRequired(_("Enter where the first owner is invited."))],
    )
    parsed_owner: Contact

    def validate_owner(self, field: Field) -> None:
        contact = read_contact(field.data)
        if contact is None:
            raise ValidationError(gettext("Write an address like name@company.com or a mobile number of 11 digits."))
        self.parsed_owner = contact


class TermsForm(_Terms):
    """Changing a grant: the consultancy stays."""
