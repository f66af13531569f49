"""Inviting somebody, and giving a member another role."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, ValidationError

from maturity.accounts.contacts import Contact, read_contact
from maturity.people.roles import ROLE_WORDS


def _choices() -> list[SelectChoice]:
    return [SelectChoice(value=role, label=name) for role, (name, _does) in ROLE_WORDS.items()]


class InvitationForm(FlaskForm):
    contact = StringField(
        _("E-mail address or mobile number"),
        validators=[InputRequired(_("Enter the e-mail address or the mobile number of your colleague."))],
    )
    role = RadioField(
        _("Role"),
        choices=_choices(),
        default="contributor",
        validate_choice=False,
        validators=[AnyOf(list(ROLE_WORDS), _("Choose a role."))],
    )
    parsed_contact: Contact
    domains: Sequence[str] = ()

    def validate_contact(self, field: StringField) -> None:
        contact = read_contact(field.data)
        if contact is None:
            raise ValidationError(gettext("Write an address like name@company.com or a mobile number of 11 digits."))
        if self.domains and contact.value.rpartition("@")[2] not in self.domains:
            domains = ", ".join(self.domains)
            raise ValidationError(gettext("Your enterprise invites addresses at %(domains)s only.", domains=domains))
        self.parsed_contact = contact


class RoleForm(FlaskForm):
    role = SelectField(
        _("Role"),
        choices=_choices(),
        validate_choice=False,
        validators=[AnyOf(list(ROLE_WORDS), _("Choose a role."))],
    )
