"""Founding a tenant, and stating why one is opened."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from maturity.accounts.contacts import Contact, read_contact
from maturity.campaigns.forms import read_jurisdiction
from maturity.operation.service import FOUNDED_BY_OPERATOR, LONGEST_REASON, SHORTEST_REASON

KIND_WORDS = {
    "enterprise": _("Enterprise"),
    "consultancy": _("Consultancy"),
    "certification_body": _("Certification body"),
    "regulator": _("Regulator"),
    "operator": _("Operator"),
}


class FoundForm(FlaskForm):
    kind = RadioField(
        _("Kind"),
        choices=[SelectChoice(value=kind, label=KIND_WORDS[kind]) for kind in FOUNDED_BY_OPERATOR],
        default="regulator",
        validate_choice=False,
        validators=[AnyOf(FOUNDED_BY_OPERATOR, _("Choose the kind."))],
    )
    name = StringField(
        _("Name"),
        validators=[
            InputRequired(_("Enter the official name.")),
            Length(max=120, message=_("Shorten the name to at most %(max)d characters.")),
        ],
    )
    region = StringField(_("Where the regulator has a say"))
    releases = BooleanField(_("It prepares and reviews releases of benchmarks"))
    contact = StringField(
        _("E-mail address or mobile number of the first owner"),
        validators=[InputRequired(_("Enter where the first owner is invited."))],
    )
    parsed_contact: Contact
    parsed_region: str = ""

    def validate_region(self, field: StringField) -> None:
        """Of a regulator; it means nothing for the other kinds."""
        if self.kind.data == "regulator":
            self.parsed_region = read_jurisdiction(field.data)

    def validate_releases(self, field: BooleanField) -> None:
        if field.data and self.parsed_region:
            raise ValidationError(gettext("Only a regulator of the whole country releases benchmarks."))

    def validate_contact(self, field: StringField) -> None:
        contact = read_contact(field.data)
        if contact is None:
            raise ValidationError(gettext("Write an address like name@company.com or a mobile number of 11 digits."))
        self.parsed_contact = contact


class ReasonForm(FlaskForm):
    reason = StringField(
        _("Reason"),
        validators=[
            InputRequired(_("Say why you open this tenant. The tenant reads it in its log.")),
            Length(
                min=SHORTEST_REASON,
                max=LONGEST_REASON,
                message=_("Write %(min)d to %(max)d characters, such as the number of the request."),
            ),
        ],
    )


class SuspendForm(FlaskForm):
    reason = StringField(
        _("Reason"),
        validators=[
            InputRequired(_("Say why. The tenant's people read it on every page.")),
            Length(
                min=SHORTEST_REASON,
                max=LONGEST_REASON,
                message=_("Write %(min)d to %(max)d characters, so that the tenant's people understand it."),
            ),
        ],
    )


class CancelForm(FlaskForm):
    reason = StringField(
        _("Reason"),
        validators=[
            InputRequired(_("Say why you stop this job. The tenant reads it in its log.")),
            Length(min=5, max=LONGEST_REASON, message=_("Write %(min)d to %(max)d characters.")),
        ],
    )
