"""The sign-in policy, the identity provider, and the address by which a company's sign-in is found."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from maturity.accounts.contacts import Contact, read_contact
from maturity.federation.domains import NotADomain, read_domains
from maturity.federation.service import Policy, ProviderTerms, roles_for_arrivals
from maturity.people.roles import ROLE_WORDS
from maturity.tenancy.models import ARRIVALS, IdentityProvider, Tenant

LONGEST_ADDRESS, LONGEST_CLIENT, LONGEST_SECRET, LONGEST_LIST = 500, 255, 1000, 1000
_TOO_LONG = _("Shorten this to at most %(max)d characters.")


class _WithDomains(FlaskForm):
    read: tuple[str, ...] = ()

    def validate_domains(self, field: StringField) -> None:
        try:
            self.read = read_domains(field.data or "")
        except NotADomain as error:
            raise ValidationError(
                gettext("“%(typed)s” is no domain. Write it like company.com, several with commas.", typed=str(error))
            ) from error


class PolicyForm(_WithDomains):
    second_factor = BooleanField(_("Everybody needs a second factor"))
    provider = BooleanField(_("Everybody signs in through our identity provider"))
    domains = StringField(_("Invite addresses at these domains only"), validators=[Length(max=LONGEST_LIST)])

    @classmethod
    def of(cls, tenant: Tenant) -> PolicyForm:
        shown = {"second_factor": tenant.second_factor_required, "provider": tenant.provider_required}
        return cls(formdata=None, data={**shown, "domains": ", ".join(tenant.invitation_domains)})

    def policy(self) -> Policy:
        return Policy(bool(self.second_factor.data), bool(self.provider.data), self.read)


class ProviderForm(_WithDomains):
    issuer = StringField(
        _("Issuer address"),
        validators=[
            InputRequired(_("Enter the issuer address of your identity provider.")),
            Length(max=LONGEST_ADDRESS, message=_TOO_LONG),
        ],
    )
    client_id = StringField(
        _("Client ID"),
        validators=[
            InputRequired(_("Enter the client ID that your provider gave this site.")),
            Length(max=LONGEST_CLIENT, message=_TOO_LONG),
        ],
    )
    client_secret = PasswordField(_("Client secret"), validators=[Length(max=LONGEST_SECRET, message=_TOO_LONG)])
    domains = StringField(
        _("Domains of your e-mail addresses"),
        validators=[
            InputRequired(_("Enter the domain of your e-mail addresses.")),
            Length(max=LONGEST_LIST, message=_TOO_LONG),
        ],
    )
    arrivals = RadioField(
        _("Who may come in for the first time"),
        choices=[
            SelectChoice(value="invited", label=_("Invited people only")),
            SelectChoice(value="everybody", label=_("Everybody with an address at these domains")),
        ],
        default="invited",
        validate_choice=False,
        validators=[AnyOf(list(ARRIVALS), _("Choose one of the two."))],
    )
    default_role = SelectField(_("Role of those who come uninvited"), validate_choice=False)
    is_trusted = BooleanField(_("A sign-in through it counts as one with a second factor"))

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = list(roles_for_arrivals(kind))
        self.default_role.choices = [SelectChoice(value=role, label=ROLE_WORDS[role][0]) for role in self.roles]

    @classmethod
    def of(cls, provider: IdentityProvider | None, kind: str) -> ProviderForm:
        if provider is None:
            return cls(formdata=None, kind=kind, data={"default_role": "viewer"})
        data = {name: getattr(provider, name) for name in ("issuer", "client_id", "arrivals", "default_role")}
        more = {"domains": ", ".join(provider.domains), "is_trusted": provider.is_trusted}
        return cls(formdata=None, kind=kind, data={**data, **more})

    def terms(self) -> ProviderTerms:
        role = str(self.default_role.data or "")
        return ProviderTerms(
            issuer=(self.issuer.data or "").strip(),
            client_id=(self.client_id.data or "").strip(),
            client_secret=(self.client_secret.data or "").strip(),
            domains=self.read,
            arrivals=str(self.arrivals.data),
            default_role=role if role in self.roles else "viewer",
            is_trusted=bool(self.is_trusted.data),
        )


class BeginForm(FlaskForm):
    """What is asked of somebody new, as at registration."""

    privacy = BooleanField(
        _("I have read the privacy policy and agree to it"),
        validators=[InputRequired(_("Read the privacy policy and tick the box if you agree."))],
    )


class CompanyForm(FlaskForm):
    email = StringField(
        _("Your e-mail address at work"), validators=[InputRequired(_("Enter your e-mail address at work."))]
    )
    contact: Contact | None = None

    def validate_email(self, field: StringField) -> None:
        self.contact = read_contact(field.data)
        if self.contact is None or self.contact.kind != "email":
            raise ValidationError(gettext("Write the e-mail address like name@company.com."))
