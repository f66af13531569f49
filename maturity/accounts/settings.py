"""How Flask-Security is set: its features, its addresses, and our words in place of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from maturity.accounts import forms
from maturity.accounts.contacts import read_contact
from maturity.accounts.factors import OnceOnlyTotp, Passkeys, RecoveryCodes
from maturity.accounts.passwords import TOO_SIMPLE, Passwords


def _email(typed: str) -> str | None:
    contact = read_contact(typed)
    return contact.value if contact and contact.kind == "email" else None


def _mobile(typed: str) -> str | None:
    contact = read_contact(typed)
    return contact.value if contact and contact.kind == "mobile" else None


_CODE_WRONG = _("This code is not right, or it was used already. Take the one the app shows now.")
_START_AGAIN = _("That took too long. Start again.")
_FEATURES: dict[str, Any] = {
    "USER_IDENTITY_ATTRIBUTES": [{"email": {"mapper": _email}}, {"us_phone_number": {"mapper": _mobile}}],
    "RETURN_GENERIC_RESPONSES": True,
    "API_ENABLED_METHODS": ["session"],
    "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    # The second set of RFC 9106, section 4: 64 MiB, three passes, four lanes. Older hashes are renewed at sign-in.
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    "PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__type": "ID",
        "argon2__memory_cost": 65536,
        "argon2__time_cost": 3,
        "argon2__parallelism": 4,
    },
    "PASSWORD_LENGTH_MIN": 12,
    "PASSWORD_CONFIRM_REQUIRED": False,  # the field can be shown; typing twice only doubles the mistakes
    "REGISTERABLE": True,
    "USE_REGISTER_V2": True,
    "SEND_REGISTER_EMAIL": False,  # letters go through the outbox
    "CHANGEABLE": True,
    "SEND_PASSWORD_CHANGE_EMAIL": False,  # likewise
    "SEND_PASSWORD_RESET_NOTICE_EMAIL": False,  # likewise
    "FRESHNESS": timedelta(hours=1),
    "FRESHNESS_GRACE_PERIOD": timedelta(minutes=10),
    "TWO_FACTOR": True,
    "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,  # seconds a clock may be wrong, either way
    "TWO_FACTOR_RESCUE_EMAIL": False,
    "TOTP_ISSUER": "Integration Maturity",
    "MULTI_FACTOR_RECOVERY_CODES": True,
    "WEBAUTHN": True,
    "WAN_RP_NAME": "Integration Maturity",
    "WAN_ALLOW_AS_FIRST_FACTOR": True,
    "WAN_ALLOW_USER_HINTS": False,  # which passkeys somebody has would tell who has an account
    "LOGOUT_METHODS": ["POST"],
}
_ADDRESSES = {
    "LOGIN_URL": "/sign-in",
    "LOGOUT_URL": "/sign-out",
    "REGISTER_URL": "/register",
    "CHANGE_URL": "/account/password",
    "VERIFY_URL": "/account/confirm",
    "TWO_FACTOR_SETUP_URL": "/account/authenticator",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/code",
    "TWO_FACTOR_SELECT_URL": "/sign-in/factor",
    "TWO_FACTOR_RESCUE_URL": "/sign-in/rescue",
    "MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery-code",
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/account/codes",
    "WAN_REGISTER_URL": "/account/passkeys",
    "WAN_DELETE_URL": "/account/passkeys/remove",
    "WAN_SIGNIN_URL": "/sign-in/passkey",
    "WAN_VERIFY_URL": "/account/confirm/passkey",
    "POST_LOGIN_VIEW": "/home",
    "POST_REGISTER_VIEW": "/enterprises/new",
    "POST_LOGOUT_VIEW": "/",
    "POST_CHANGE_VIEW": "/account",
    "POST_VERIFY_VIEW": "/account",
    "TWO_FACTOR_POST_SETUP_VIEW": "/account",
    "TWO_FACTOR_ERROR_VIEW": "/sign-in",
    "WAN_POST_REGISTER_VIEW": "/account/passkeys",
}
_TEMPLATES = {
    "LOGIN_USER_TEMPLATE": "accounts/sign_in.html",
    "REGISTER_USER_TEMPLATE": "accounts/register.html",
    "CHANGE_PASSWORD_TEMPLATE": "accounts/password.html",
    "VERIFY_TEMPLATE": "accounts/confirm.html",
    "TWO_FACTOR_SETUP_TEMPLATE": "accounts/authenticator.html",
    "TWO_FACTOR_VERIFY_CODE_TEMPLATE": "accounts/code_at_sign_in.html",
    "TWO_FACTOR_SELECT_TEMPLATE": "accounts/choose_factor.html",
    "MULTI_FACTOR_RECOVERY_TEMPLATE": "accounts/recovery_at_sign_in.html",
    "WAN_REGISTER_TEMPLATE": "accounts/passkeys.html",
    "WAN_SIGNIN_TEMPLATE": "accounts/passkey_at_sign_in.html",
    "WAN_VERIFY_TEMPLATE": "accounts/confirm_by_passkey.html",
}
#: Every message that the features above can show. A test walks the pages and finds none of the library's own.
_MESSAGES = {
    "API_ERROR": (_("Type this as plain text."), "error"),
    "GENERIC_AUTHN_FAILED": (_("The account or the password is not right. Check both."), "error"),
    "UNAUTHORIZED": (_("You may not open this page."), "error"),
    "UNAUTHENTICATED": (_("Sign in to go on."), "error"),
    "REAUTHENTICATION_REQUIRED": (_("Confirm first that it is you."), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (_("Thank you. You can go on."), "success"),
    "ANONYMOUS_USER_REQUIRED": (_("You are signed in already."), "error"),
    "USER_DOES_NOT_EXIST": (_("The account or the password is not right. Check both."), "error"),
    "DISABLED_ACCOUNT": (_("This account is closed. Ask the operator of the site."), "error"),
    "EMAIL_NOT_PROVIDED": (_("Enter your e-mail address or mobile number."), "error"),
    "INVALID_EMAIL_ADDRESS": (_("Write the e-mail address like name@company.com."), "error"),
    "PHONE_INVALID": (_("Write the mobile number with its 11 digits."), "error"),
    "PASSWORD_NOT_PROVIDED": (_("Enter your password."), "error"),
    "PASSWORD_INVALID_LENGTH": (_("The password needs at least %(length)s characters."), "error"),
    "PASSWORD_TOO_SIMPLE": (TOO_SIMPLE, "error"),
    "PASSWORD_MISMATCH": (_("The two passwords differ. Type the same one twice."), "error"),
    "RETYPE_PASSWORD_MISMATCH": (_("The two passwords differ. Type the same one twice."), "error"),
    "INVALID_PASSWORD": (_("This is not your present password."), "error"),
    "INVALID_PASSWORD_CODE": (_("The password or the code is not right."), "error"),
    "PASSWORD_IS_THE_SAME": (_("Choose a password that differs from the present one."), "error"),
    "PASSWORD_CHANGE": (_("Your password is changed. All other devices are signed out."), "success"),
    "FORGOT_PASSWORD": (_("Forgot the password?"), "info"),
    "INVALID_REDIRECT": (_("The page to return to is not on this site."), "error"),
    "INVALID_CODE": (_CODE_WRONG, "error"),
    "INVALID_INPUT": (_("Type this as plain text."), "error"),
    "INVALID_INPUT_LENGTH": (_("Shorten this to at most %(length)s characters."), "error"),
    "INVALID_RECOVERY_CODE": (_("This recovery code is not right, or it was used already."), "error"),
    "NO_RECOVERY_CODES_SETUP": (_("You have no recovery codes yet."), "info"),
    "TWO_FACTOR_INVALID_TOKEN": (_CODE_WRONG, "error"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (_("You are signed in."), "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        _("The authenticator app is set up. From now on its code is asked for at sign-in."),
        "success",
    ),
    "TWO_FACTOR_PERMISSION_DENIED": (_("Sign in again from the beginning."), "error"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (_("This cannot be chosen."), "error"),
    "TWO_FACTOR_DISABLED": (_("The authenticator app is removed. Its code is no longer asked for."), "success"),
    "TWO_FACTOR_SETUP_EXPIRED": (_START_AGAIN, "error"),
    "WEBAUTHN_EXPIRED": (_START_AGAIN, "error"),
    "WEBAUTHN_NAME_REQUIRED": (_("Give the passkey a name, such as the device it is on."), "error"),
    "WEBAUTHN_NAME_INUSE": (_("You have a passkey named %(name)s already. Choose another name."), "error"),
    "WEBAUTHN_NAME_NOT_FOUND": (_("You have no passkey named %(name)s."), "error"),
    "WEBAUTHN_NAME_DISALLOWED_CHARACTERS": (_("Use letters, digits, spaces and hyphens in the name."), "error"),
    "WEBAUTHN_CREDENTIAL_DELETED": (_("The passkey %(name)s is removed."), "success"),
    "WEBAUTHN_REGISTER_SUCCESSFUL": (_("The passkey %(name)s is added."), "success"),
    "WEBAUTHN_CREDENTIAL_ID_INUSE": (_("This passkey is registered already."), "error"),
    "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": (_("This passkey is not known here."), "error"),
    "WEBAUTHN_ORPHAN_CREDENTIAL_ID": (_("This passkey is not known here."), "error"),
    "WEBAUTHN_NO_VERIFY": (_("The passkey could not be verified. Try again."), "error"),
    "WEBAUTHN_CREDENTIAL_WRONG_USAGE": (_("This passkey is for another use."), "error"),
    "WEBAUTHN_MISMATCH_USER_HANDLE": (_("This passkey belongs to another account."), "error"),
}
SECURITY: dict[str, Any] = {
    **{f"SECURITY_{name}": value for part in (_FEATURES, _ADDRESSES, _TEMPLATES) for name, value in part.items()},
    **{f"SECURITY_MSG_{name}": message for name, message in _MESSAGES.items()},
    "REMEMBER_COOKIE_DURATION": timedelta(days=30),  # as long as a device may rest
    "REMEMBER_COOKIE_HTTPONLY": True,
    "REMEMBER_COOKIE_SAMESITE": "Lax",
}
FORMS: dict[str, Any] = {
    "login_form": forms.SignInForm,
    "register_form": forms.RegistrationForm,
    "change_password_form": forms.PasswordForm,
    "verify_form": forms.ConfirmForm,
    "two_factor_setup_form": forms.AuthenticatorForm,
    "two_factor_verify_code_form": forms.AuthenticatorCodeForm,
    "two_factor_select_form": forms.FactorForm,
    "mf_recovery_form": forms.RecoveryCodeForm,
    "wan_register_form": forms.PasskeyForm,
    "wan_register_response_form": forms.PasskeyMadeForm,
    "wan_delete_form": forms.PasskeyRemovalForm,
    "wan_signin_form": forms.PasskeySignInForm,
    "wan_signin_response_form": forms.PasskeyAnswerForm,
}
#: Parts of the library with our rules in them.
PARTS: dict[str, Any] = {
    "password_util_cls": Passwords,
    "totp_cls": OnceOnlyTotp,
    "mf_recovery_codes_util_cls": RecoveryCodes,
    "webauthn_util_cls": Passkeys,
}
