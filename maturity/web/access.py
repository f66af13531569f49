"""Who may use a route. Every route says so, and one that does not is refused (deny by default)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, abort, g, request
from flask_login import current_user
from sqlalchemy.orm import Session

from maturity.db import act_for, writing
from maturity.errors import NotAllowed, NotFound
from maturity.extensions import db
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access, is_new_visit, note_visit, open_tenant
from maturity.web.handlers import ask_to_sign_in
from maturity.web.site import site_clock

View = Callable[..., Any]
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


def public(view: View) -> View:
    """Open to everybody."""
    view.access = "public"  # type: ignore[attr-defined]  # the mark that deny_undeclared looks for
    return view


def signed_in(view: View) -> View:
    """For anybody who has signed in."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            return ask_to_sign_in()
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
            if access is None:
                return ask_to_sign_in()
            if not access.can(permission):
                raise NotAllowed("demonstration_only" if access.tenant.is_synthetic else "not_allowed", permission.name)
            act_for(db.session(), access.tenant.id, user_id)
            if user_id is not None and is_new_visit(db.session(), access, user_id, site_clock()):
                _note_visit(access, user_id)
            g.access = access
            return view(access=access, **kwargs)

        guarded.access = permission  # type: ignore[attr-defined]  # the mark that deny_undeclared looks for
        return guarded

    return decorate


def _note_visit(access: Access, user_id: int) -> None:
    """In the transaction of the request where it writes; otherwise in one of its own, since reading commits nothing."""
    if writing.get():
        note_visit(db.session(), access, user_id, site_clock())
        return
    writing.set(True)
    try:
        with Session(db.engine) as session:
            act_for(session, access.tenant.id, user_id)
            note_visit(session, access, user_id, site_clock())
            session.commit()
    finally:
        writing.set(False)


def _open(tenant_id: Any, user_id: int | None) -> Access | None:
    try:
        return open_tenant(db.session(), tenant_id, user_id, site_clock())
    except NotFound:
        if user_id is None:
            return None
        raise


def deny_undeclared(app: Flask) -> None:
    @app.before_request
    def _deny() -> None:
        endpoint = request.endpoint
        if endpoint is None or endpoint in LIBRARY_ENDPOINTS:
            return
        if not hasattr(app.view_functions[endpoint], "access"):
            abort(403)

    @app.context_processor
    def _can() -> dict[str, Any]:
        access: Access | None = g.get("access")
        return {"can": lambda name: access is not None and access.can(Permission[name]), "access": access}
