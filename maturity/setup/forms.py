"""The forms of the set-up: the operator's account, the site, a test letter, and what to fill it with."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from maturity.accounts.contacts import Contact
from maturity.accounts.forms import CONTACT, CONTACT_RULES, LANGUAGE, NAME_RULES
from maturity.accounts.library import library
from maturity.accounts.service import owner_of
from maturity.extensions import db
from maturity.installation.models import EXTENTS
from maturity.installation.service import is_token
from maturity.web.locale import current_locale
from maturity.web.site import site_clock

EXTENT_WORDS = {
    "none": _("Editions only"),
    "peers": _("Editions and peer figures from a synthetic population"),
    "enterprises": _("These, and synthetic enterprises that everybody can look at"),
}


class OperatorForm(FlaskForm):
    token = StringField(_("Set-up token"), validators=[InputRequired(_("Enter the token of the console."))])
    name = StringField(_("Your name"), validators=NAME_RULES)
    email = StringField(CONTACT, validators=CONTACT_RULES)
    password = PasswordField(_("Password"), validators=[InputRequired(_("Enter a password."))])
    locale = RadioField(_("Language"), default=current_locale, **LANGUAGE)
    contact: Contact | None = None

    def validate_token(self, field: StringField) -> None:
        if not is_token(db.session(), field.data or "", site_clock()):
            raise ValidationError(
                gettext("This token is not right or has run out. Print a new one with flask operator set_up.")
            )

    def validate_email(self, _field: StringField) -> None:
        # Only who has the token learns whether somebody has this contact.
        if not self.token.errors and self.contact and owner_of(db.session(), self.contact) is not None:
            raise ValidationError(gettext("An account has this contact already. Use another one."))

    def validate_password(self, field: PasswordField) -> None:
        known: dict[str, Any] = {"name": self.name.data, "email": self.email.data}
        wrong, normal = library().password_util.validate(field.data or "", True, **known)
        if wrong:
            raise ValidationError(str(wrong[0]))
        field.data = normal


class SiteForm(FlaskForm):
    name = StringField(
        _("Who operates this site"),
        validators=[
            InputRequired(_("Enter the name of the organisation that operates this site.")),
            Length(max=120, message=_("Shorten the name to at most %(max)d characters.")),
        ],
    )
    address = StringField(
        _("Address of the site"),
        validators=[InputRequired(_("Enter the address at which people reach this site."))],
    )
    residency = TextAreaField(
        _("Where the data are kept"),
        validators=[
            InputRequired(_("Say where the data are kept. People read it on the privacy page.")),
            Length(max=500, message=_("Shorten this to at most %(max)d characters.")),
        ],
    )

    def validate_address(self, field: StringField) -> None:
        parts = urlsplit((field.data or "").strip())
        schemes = ("https",) if current_app.config["ENVIRONMENT"] == "production" else ("https", "http")
        is_plain = not parts.username and not parts.query and not parts.fragment and parts.path in ("", "/")
        if parts.scheme not in schemes or not parts.hostname or not is_plain:
            raise ValidationError(gettext("Write it like https://maturity.example.cn, without a path."))


class LetterForm(FlaskForm):
    email = StringField(CONTACT, validators=CONTACT_RULES)
    contact: Contact | None = None


class ContentForm(FlaskForm):
    extent = RadioField(
        _("What to begin with"),
        choices=[SelectChoice(value=name, label=EXTENT_WORDS[name]) for name in EXTENTS],
        default="peers",
        validate_choice=False,
        validators=[AnyOf(EXTENTS, _("Choose one of the three."))],
    )
