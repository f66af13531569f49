"""The people of a tenant, and the page an invitation leads to."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.accounts.contacts import shown
from maturity.extensions import db
from maturity.people.forms import InvitationForm, RoleForm
from maturity.people.letters import write_invitation
from maturity.people.roles import ROLE_WORDS
from maturity.people.service import (
    accept_invitation,
    change_role,
    end_membership,
    find_invitation,
    has_to_prove,
    invite,
    is_meant,
    members_of,
    open_invitations,
    revoke_invitation,
)
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires, signed_in
from maturity.web.addresses import site_url
from maturity.web.locale import current_locale
from maturity.web.navigation import tenant_home
from maturity.web.site import site_clock

bp = Blueprint("people", __name__)


def _who() -> dict[str, Any]:
    return {"actor_id": current_user.id, "clock": site_clock()}


@bp.get("/t/<uuid:tenant_id>/people")
@requires(Permission.PEOPLE_VIEW)
def index(access: Access) -> ResponseReturnValue:
    return _page(access, InvitationForm(formdata=None))


@bp.post("/t/<uuid:tenant_id>/people")
@requires(Permission.PEOPLE_MANAGE)
def invite_person(access: Access) -> ResponseReturnValue:
    form = InvitationForm()
    form.domains = access.tenant.invitation_domains
    if not form.validate_on_submit():
        return _page(access, form), 422
    contact = form.parsed_contact
    _invitation, token = invite(db.session(), access.tenant.id, contact, str(form.role.data), **_who())
    link = site_url(".invitation", token=token)
    names = {"tenant": access.tenant.name, "inviter": current_user.name}
    write_invitation(db.session(), contact, link=link, locale=current_locale(), clock=site_clock(), **names)
    flash(_("The invitation to %(contact)s is on its way. It is good for 14 days.", contact=shown(contact.value)))
    return redirect(url_for(".index", tenant_id=access.tenant.id))


def _page(access: Access, form: InvitationForm) -> str:
    manages = access.can(Permission.PEOPLE_MANAGE)
    return render_template(
        "people/index.html",
        form=form,
        roles=ROLE_WORDS,
        members=members_of(db.session(), access.tenant.id),
        invitations=open_invitations(db.session(), access.tenant.id) if manages else [],
        now=site_clock().now(),
        shown=shown,
    )


@bp.post("/t/<uuid:tenant_id>/people/<int:user_id>/role")
@requires(Permission.PEOPLE_MANAGE)
def give_role(access: Access, user_id: int) -> ResponseReturnValue:
    form = RoleForm()
    if not form.validate_on_submit():
        return _page(access, InvitationForm(formdata=None)), 422
    change_role(db.session(), access.tenant.id, user_id, str(form.role.data), **_who())
    flash(_("The role is changed. It counts from the next page the person opens."))
    return redirect(url_for(".index", tenant_id=access.tenant.id))


@bp.post("/t/<uuid:tenant_id>/people/<int:user_id>/remove")
@requires(Permission.PEOPLE_MANAGE)
def remove(access: Access, user_id: int) -> ResponseReturnValue:
    end_membership(db.session(), access.tenant.id, user_id, **_who())
    flash(_("The person is removed. What they answered stays, with their name."))
    return redirect(url_for(".index", tenant_id=access.tenant.id))


@bp.post("/t/<uuid:tenant_id>/leave")
@requires(Permission.PEOPLE_VIEW)
def leave(access: Access) -> ResponseReturnValue:
    """Somebody ends their own membership."""
    end_membership(db.session(), access.tenant.id, current_user.id, **_who())
    flash(_("You have left %(tenant)s.", tenant=access.tenant.name))
    return redirect(url_for("organisations.home"))


@bp.post("/t/<uuid:tenant_id>/invitations/<uuid:invitation_id>/revoke")
@requires(Permission.PEOPLE_MANAGE)
def revoke(access: Access, invitation_id: uuid.UUID) -> ResponseReturnValue:
    revoke_invitation(db.session(), access.tenant.id, invitation_id, **_who())
    flash(_("The invitation is taken back; its link does not work any more."))
    return redirect(url_for(".index", tenant_id=access.tenant.id))


@bp.get("/invitations/<token>")
@signed_in
def invitation(token: str) -> ResponseReturnValue:
    asked = find_invitation(db.session(), token, site_clock())
    standing = {"is_meant": is_meant(asked, current_user), "has_to_prove": has_to_prove(asked, current_user)}
    return render_template("people/invitation.html", asked=asked, token=token, roles=ROLE_WORDS, **standing)


@bp.post("/invitations/<token>")
@signed_in
def accept(token: str) -> ResponseReturnValue:
    asked = find_invitation(db.session(), token, site_clock())
    accept_invitation(db.session(), asked, current_user, site_clock())
    flash(_("Welcome. You belong to %(tenant)s now.", tenant=asked.tenant.name))
    return redirect(tenant_home(asked.tenant))
