"""Who may use a route. Every route says so, and one that does not is refused (deny by default)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, abort, g, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.db import act_for, writing
from maturity.errors import NotAllowed, NotFound
from maturity.extensions import db
from maturity.tenancy.door import Lacking, lacking, may_mend
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access, is_new_visit, note_visit, note_way_out, open_tenant
from maturity.web.doors import ask_for, standing
from maturity.web.handlers import ask_to_sign_in
from maturity.web.site import site_clock

View = Callable[..., Any]
Note = Callable[[Session, Access, int, Clock], None]
#: Views of libraries, which cannot carry our mark; all of them are open to everybody or check by themselves.
LIBRARY_ENDPOINTS = frozenset(
    {
        "static",
        "security.login",
        "security.logout",
        "security.register",
        "security.change_password",
        "security.verify",
        "security.two_factor_setup",
        "security.two_factor_setup_validate",
        "security.two_factor_token_validation",
        "security.two_factor_rescue",
        "security.tf_select",
        "security.mf_recovery",
        "security.mf_recovery_codes",
        "security.wan_register",
        "security.wan_register_response",
        "security.wan_delete",
        "security.wan_signin",
        "security.wan_signin_response",
        "security.wan_verify",
        "security.wan_verify_response",
        "security.static",
    }
)
#: The library's views for somebody whom a company's provider has let in: none that changes how one signs in.
WITHOUT_OWN_SIGN_IN = frozenset(
    {
        "static",
        "security.static",
        "security.login",
        "security.logout",
        "security.wan_verify",
        "security.wan_verify_response",
    }
)


def public(view: View) -> View:
    """Open to everybody."""
    view.access = "public"  # type: ignore[attr-defined]  # the mark that deny_undeclared looks for
    return view


def signed_in(view: View) -> View:
    """For anybody who has signed in with the account itself; a company's provider opens its tenant and no account."""
    return _signed_in(view, own=True)


def signed_in_anyhow(view: View) -> View:
    """For anybody who has signed in, be it through a company's provider."""
    return _signed_in(view, own=False)


def _signed_in(view: View, *, own: bool) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            return ask_to_sign_in()
        if own and not standing().own:
            return ask_for(Lacking.OWN)
        return view(*args, **kwargs)

    guarded.access = "signed_in"  # type: ignore[attr-defined]  # the mark that deny_undeclared looks for
    return guarded


def requires(permission: Permission) -> Callable[[View], View]:
    """For those who have the permission in the tenant of the URL; the view gets `access` instead of `tenant_id`.

    Outsiders get 404 and learn nothing; somebody not signed in is asked to, whether the tenant exists or not.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(tenant_id: Any, **kwargs: Any) -> Any:
            user_id = current_user.id if current_user.is_authenticated else None
            access = _open(tenant_id, user_id)
            if access is not None and (lacks := lacking(access, standing())) is not None:
                if lacks is Lacking.OWN:  # what anybody may look at stays open, as to anybody
                    access, user_id = _open(tenant_id, None), None
                elif not _mends(access, permission, lacks):
                    return ask_for(lacks, access.tenant.id)
            if access is None:
                return ask_for(Lacking.OWN) if current_user.is_authenticated else ask_to_sign_in()
            if not access.can(permission):
                raise NotAllowed(_why_not(access), permission.name)
            act_for(db.session(), access.tenant.id, user_id)
            if user_id is not None and is_new_visit(db.session(), access, user_id, site_clock()):
                _note(note_visit, access, user_id)
            if user_id is not None and lacking(access, standing()) is Lacking.PROVIDER:
                _note_once(note_way_out, access, user_id)
            g.access = access
            return view(access=access, **kwargs)

        guarded.access = permission  # type: ignore[attr-defined]  # the mark that deny_undeclared looks for
        return guarded

    return decorate


def _why_not(access: Access) -> str:
    if access.tenant.is_synthetic:
        return "demonstration_only"
    return "tenant_suspended" if access.tenant.suspended_at is not None else "not_allowed"


def _mends(access: Access, permission: Permission, lacks: Lacking) -> bool:
    """Whether an owner goes to mend the settings of a tenant whose provider keeps everybody out."""
    return lacks is Lacking.PROVIDER and permission is Permission.TENANT_SETTINGS and may_mend(access, standing())


def _note_once(note: Note, access: Access, user_id: int) -> None:
    """Once for the tenant and the sign-in."""
    key = f"noted-{note.__name__}"
    if session.get(key) != str(access.tenant.id):
        session[key] = str(access.tenant.id)
        _note(note, access, user_id)


def _note(note: Note, access: Access, user_id: int) -> None:
    """In the transaction of the request where it writes; otherwise in one of its own, since reading commits nothing."""
    if writing.get():
        note(db.session(), access, user_id, site_clock())
        return
    writing.set(True)
    try:
        with Session(db.engine) as own:
            act_for(own, access.tenant.id, user_id)
            note(own, access, user_id, site_clock())
            own.commit()
    finally:
        writing.set(False)


def _open(tenant_id: Any, user_id: int | None) -> Access | None:
    try:
        return open_tenant(db.session(), tenant_id, user_id, site_clock())
    except NotFound:
        if user_id is None or not standing().own:  # a provider learns as little as somebody unknown
            return None
        raise


def deny_undeclared(app: Flask) -> None:
    @app.before_request
    def _deny() -> ResponseReturnValue | None:
        endpoint = request.endpoint
        if endpoint is None:
            return None
        if endpoint in LIBRARY_ENDPOINTS:
            needs_own = endpoint not in WITHOUT_OWN_SIGN_IN and current_user.is_authenticated and not standing().own
            return ask_for(Lacking.OWN) if needs_own else None
        if not hasattr(app.view_functions[endpoint], "access"):
            abort(403)
        return None

    @app.context_processor
    def _can() -> dict[str, Any]:
        access: Access | None = g.get("access")
        return {"can": lambda name: access is not None and access.can(Permission[name]), "access": access}
