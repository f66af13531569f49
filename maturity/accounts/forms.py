"""Registration, sign-in and the account page: Flask-Security's forms with our words and two fields more."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_security.forms import ChangePasswordForm, LoginForm, RegisterFormV2, VerifyForm
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length

from maturity.web.locale import LOCALES, current_locale

LONGEST_NAME = 80
NAME_RULES = [
    InputRequired(_("Enter your name.")),
    Length(max=LONGEST_NAME, message=_("Shorten the name to at most %(max)d characters.")),
]
LANGUAGE: dict[str, Any] = {
    "choices": [SelectChoice(value=value, label=label) for value, label in LOCALES.items()],
    "validate_choice": False,
    "validators": [AnyOf(list(LOCALES), _("Choose one of the two languages."))],
}


class SignInForm(LoginForm):
    """The validators are inherited; only labels are ours."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email.label.text = _("E-mail address")
        self.password.label.text = _("Password")

    remember = BooleanField(_("Stay signed in on this computer"))


class RegistrationForm(RegisterFormV2):
    name = StringField(_("Your name"), validators=NAME_RULES)
    locale = RadioField(_("Language"), default=current_locale, **LANGUAGE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email.label.text = _("E-mail address")
        self.password.label.text = _("Password")


class AccountForm(FlaskForm):
    name = StringField(_("Your name"), validators=NAME_RULES)
    locale = RadioField(_("Language"), **LANGUAGE)


class ConfirmForm(VerifyForm):
    """Asks for the password again before something important, when the last sign-in is long ago."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.label.text = _("Password")


class PasswordForm(ChangePasswordForm):
    new_password_confirm = None  # the field can be shown instead

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.label.text = _("Present password")
        self.new_password.label.text = _("New password")
