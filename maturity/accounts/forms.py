"""Registration, sign-in, second factors and the account page: Flask-Security's forms with our fields and words."""

from __future__ import annotations

from datetime import datetime
from math import ceil
from typing import Any

from flask import current_app, has_request_context, request
from flask import session as flask_session
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_security import hash_password, verify_password
from flask_security.forms import (
    ChangePasswordForm,
    LoginForm,
    RegisterFormV2,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
)
from flask_security.recovery_codes import MfRecoveryForm
from flask_security.tf_plugin import TwoFactorSelectForm
from flask_security.webauthn import (
    WebAuthnDeleteForm,
    WebAuthnRegisterForm,
    WebAuthnRegisterResponseForm,
    WebAuthnSigninForm,
    WebAuthnSigninResponseForm,
)
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, StopValidation

from maturity.accounts.attempts import Counted, blocked_until, by_account, by_factor, by_network
from maturity.accounts.contacts import Contact, read_contact
from maturity.accounts.library import library
from maturity.accounts.models import User
from maturity.accounts.policy import second_factor_required
from maturity.accounts.recording import count_failures, forget
from maturity.accounts.service import CANDIDATES, people_with
from maturity.accounts.sign_ins import note_second_factor
from maturity.extensions import db
from maturity.web.locale import LOCALES, current_locale
from maturity.web.site import site_clock

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
CONTACT = _("E-mail address or mobile number")
STAY = _("Stay signed in on this computer")


def is_contact(form: Any, field: Field) -> None:
    """Keeps what was understood in `form.contact`, and an address in the field as it is compared."""
    form.contact = read_contact(field.data) if isinstance(field.data, str) else None
    if form.contact is None:
        raise StopValidation(
            gettext("Write an e-mail address like name@company.com, or a mainland mobile number of 11 digits.")
        )
    if form.contact.kind == "email":
        field.data = form.contact.value


CONTACT_RULES = [DataRequired(_("Enter your e-mail address or mobile number.")), is_contact]
CODE_RULES = [DataRequired(_("Enter the code."))]


def locked_message(until: datetime) -> str:
    minutes = max(1, ceil((until - site_clock().now()).total_seconds() / 60))
    return gettext("Too many failed attempts. Try again in %(minutes)s min, or reset the password.", minutes=minutes)


class SignInForm(LoginForm):
    """One field for both contacts. An account that does not exist costs as much time as one that does."""

    email = StringField(CONTACT, validators=[InputRequired(_("Enter your e-mail address or mobile number."))])
    remember = BooleanField(STAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.label.text = _("Password")

    def validate(self, **kwargs: Any) -> bool:
        if not super(LoginForm, self).validate(**kwargs):
            return False
        session, clock = db.session(), site_clock()
        contact = read_contact(self.email.data)
        counted = self._counted(contact)
        until = blocked_until(session, counted, clock)
        if until:
            self.form_errors.append(locked_message(until))
            return False
        people = people_with(session, contact) if contact else []
        self.user = _whose(people, library().password_util.normalize(self.password.data))
        if self.user is None:
            if not count_failures(counted):
                self.password.errors.append("")  # the library puts its one message for all failures in place of it
            else:
                self.form_errors.append(gettext("Too many failed attempts. Wait a little, or reset the password."))
            return False
        self.user_authenticated, self.ifield = True, self.email
        forget(counted[0])  # and by that a transaction that may write begins: a device will be noted
        return True

    def _counted(self, contact: Contact | None) -> tuple[Counted, Counted]:
        typed = contact.value if contact else str(self.email.data).strip().lower()
        return by_account(typed), by_network(request.remote_addr)


def _whose(people: list[User], password: str) -> User | None:
    """Whose password it is. As many are compared for nobody as for somebody."""
    hashes = [str(person.password) if person.password else None for person in people]
    db.session.rollback()  # comparing takes long, and nothing is to be held meanwhile
    found: User | None = None
    for person, stored in zip(people, hashes, strict=True):
        if stored is None:
            hash_password(password)
        elif verify_password(password, stored) and found is None:
            found = person
    for _missing in range(CANDIDATES - len(people)):
        hash_password(password)
    return found


class RegistrationForm(RegisterFormV2):
    """Whether somebody has the contact already is not looked up here: the page must not tell."""

    name = StringField(_("Your name"), validators=NAME_RULES)
    locale = RadioField(_("Language"), default=current_locale, **LANGUAGE)
    email = StringField(CONTACT, validators=CONTACT_RULES)
    privacy = BooleanField(
        _("I have read the privacy policy and agree to it"),
        validators=[InputRequired(_("Read the privacy policy and tick the box if you agree."))],
    )
    contact: Contact | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.label.text = _("Password")
        if not has_request_context():  # the operator's command has none of them; the person will give them
            del self.name
            del self.locale
            del self.privacy

    def to_dict(self, only_user: bool) -> dict[str, Any]:
        """The columns of a new person: the contact is claimed until it is proved."""
        columns: dict[str, Any] = super().to_dict(only_user)
        if only_user:
            columns |= {"email": None, "claimed": self.contact.value if self.contact else None}
            columns["name"] = (columns["name"] or "").strip()
        return columns


class AccountForm(FlaskForm):
    name = StringField(_("Your name"), validators=NAME_RULES)
    locale = RadioField(_("Language"), **LANGUAGE)


class ConfirmForm(VerifyForm):
    """Asks for the password again before something important, when the last sign-in is long ago."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.label.text = _("Password")

    def validate(self, **kwargs: Any) -> bool:
        return _guarded(self, self.password, lambda: super(ConfirmForm, self).validate(**kwargs))


class PasswordForm(ChangePasswordForm):
    new_password_confirm = None  # the field can be shown instead

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.label.text = _("Present password")
        self.new_password.label.text = _("New password")

    def validate(self, **kwargs: Any) -> bool:
        self.user = current_user
        return _guarded(self, self.password, lambda: super(PasswordForm, self).validate(**kwargs))


class ContactForm(FlaskForm):
    """Asking for a message: to reset the password, or to a new address or number."""

    email = StringField(CONTACT, validators=CONTACT_RULES)
    contact: Contact | None = None


class CodeForm(FlaskForm):
    code = StringField(_("Code from the message"), validators=CODE_RULES)


class NewPasswordForm(FlaskForm):
    """A new password behind a link."""

    token = HiddenField()
    password = PasswordField(_("New password"), validators=[InputRequired(_("Enter your password."))])
    user: User | None = None

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        if not super().validate(*args, **kwargs):
            return False
        wrong, self.password.data = library().password_util.validate(self.password.data, False, user=self.user)
        self.password.errors = [*self.password.errors, *(wrong or [])]
        return not wrong


class NewPasswordByCodeForm(NewPasswordForm):
    """The same behind a code. Who it is for is known only after the code, so that nothing of them is compared."""

    code = StringField(_("Code from the message"), validators=CODE_RULES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = User(name="")


class AuthenticatorForm(TwoFactorSetupForm):
    """`setup` is given by the page's buttons: `authenticator` or `disable`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.setup.label.text = _("Authenticator app")


class AuthenticatorCodeForm(TwoFactorVerifyCodeForm):
    """The code of the authenticator app, at set-up and at sign-in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code.label.text = _("Code of the authenticator app")

    def validate(self, **kwargs: Any) -> bool:
        if isinstance(self.code.data, str):
            self.code.data = "".join(self.code.data.split())
        return _guarded(self, self.code, lambda: super(AuthenticatorCodeForm, self).validate(**kwargs))


class SecondFactorForm(FlaskForm):
    """The code of the app, or a recovery code, from somebody who is signed in already."""

    code = StringField(_("Code of the authenticator app, or a recovery code"), validators=CODE_RULES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = current_user

    def validate(self, **kwargs: Any) -> bool:
        return super().validate(**kwargs) and _guarded(self, self.code, self._is_right)

    def _is_right(self) -> bool:
        typed = "".join((self.code.data or "").split())
        if len(typed) == 6 and self.user.tf_totp_secret:
            window = current_app.config["SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY"]
            key, check = self.user.tf_totp_secret, library().totp_factory.verify_totp
            if check(token=typed, totp_secret=key, user=self.user, window=window):
                return True
        codes = library().mf_recovery_codes_util
        if codes.check_recovery_code(self.user, typed):
            return bool(codes.delete_recovery_code(self.user, typed))
        self.code.errors = [gettext("This code is not right, or it was used already.")]
        return False


class RecoveryCodeForm(MfRecoveryForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code.label.text = _("Recovery code")

    def validate(self, **kwargs: Any) -> bool:
        return _guarded(self, self.code, lambda: super(RecoveryCodeForm, self).validate(**kwargs))


def _guarded(form: Any, field: Field, check: Any) -> bool:
    """Check what only the person can know, a few times; after that they have to wait."""
    counted = (by_factor(form.user.id),)
    until = blocked_until(db.session(), counted, site_clock())
    if until:
        minutes = max(1, ceil((until - site_clock().now()).total_seconds() / 60))
        field.errors = [gettext("Too many failed attempts. Try again in %(minutes)s min.", minutes=minutes)]
        return False
    if check():
        forget(*counted, keep=True)
        return True
    if field.errors and field.data:
        count_failures(counted)
    return False


class FactorForm(TwoFactorSelectForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.which.label.text = _("How do you want to confirm the sign-in?")


class PasskeyForm(WebAuthnRegisterForm):
    """A new passkey: a name to know it by, and what it is for."""

    usage = RadioField(
        _("What it is for"),
        choices=[
            SelectChoice(value="first", label=_("Sign in with it instead of the password")),
            SelectChoice(value="secondary", label=_("Ask for it after the password")),
        ],
        default="first",
        validate_choice=False,
        validators=[AnyOf(["first", "secondary"], _("Choose one of the two uses."))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name.label.text = _("Name of the passkey")


class PasskeyMadeForm(WebAuthnRegisterResponseForm):
    """What the browser sends back for a new passkey."""


class PasskeyRemovalForm(WebAuthnDeleteForm):
    def validate(self, **kwargs: Any) -> bool:
        if not super().validate(**kwargs):
            return False
        after = [passkey for passkey in current_user.webauthn if passkey.name != self.clean_name]
        has_one = current_user.tf_totp_secret or after
        if second_factor_required(current_user) and not has_one:
            self.name.errors = [gettext("Your enterprise requires a second factor. Add another one first.")]
            return False
        return True


class PasskeySignInForm(WebAuthnSigninForm):
    remember = BooleanField(STAY)


class PasskeyAnswerForm(WebAuthnSigninResponseForm):
    """What the browser sends back for a passkey that is used."""

    def validate(self, **kwargs: Any) -> bool:
        if not super().validate(**kwargs):
            return False
        assert self.user is not None  # noqa: S101  # the library has found the passkey's owner
        if self.is_verify and self.user.id != current_user.id:
            # The library compares e-mail addresses, and people with a mobile number alone have none.
            self.credential.errors = [gettext("This passkey belongs to another account.")]
            return False
        if not self.user.is_active:
            self.credential.errors = [gettext("This account is closed. Ask the operator of the site.")]
            return False
        if self.is_verify:
            note_second_factor(db.session(), flask_session.get("_user_id"))
        return True
