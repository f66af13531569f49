"""The site with two routes more: what the stack itself costs, without questionnaire, engine and page.

Served only by the measures. Both routes stand behind the same session, the same token and the same tenant check as
the routes they are compared with.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, render_template_string, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.dialects import postgresql, sqlite

from config import from_env
from maturity.app import create_app
from maturity.assessments.models import Answer, AnswerVersion
from maturity.extensions import db
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires

bp = Blueprint("floor", __name__, url_prefix="/t/<uuid:tenant_id>/floor/<uuid:assessment_id>")
INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
FRAME = """{% extends "layouts/app.html" %}{% block title %}Floor{% endblock %}
{% block content %}<h1>Floor</h1>{% endblock %}"""


@bp.post("/answers/<question_id>")
@requires(Permission.ASSESSMENT_ANSWER)
def answer(access: Access, assessment_id: UUID, question_id: str) -> ResponseReturnValue:
    """Write what was sent over what stands there, and append it to the history. Nothing is read or understood."""
    seen = request.form.get(f"version.{question_id}", 0, type=int)
    facts = {name: values for name, values in request.form.lists() if not name.startswith("version.")}
    key = {"assessment_id": assessment_id, "question_id": question_id}
    row: dict[str, Any] = {
        "facts": facts,
        "state": "answered",
        "version": seen + 1,
        "saved_by": current_user.id,
        "saved_at": datetime.now(UTC),
    }
    session = db.session()
    insert = INSERT[session.get_bind(Answer).dialect.name]
    upsert = insert(Answer).on_conflict_do_update(index_elements=list(key), set_=row)
    session.execute(upsert, {"tenant_id": access.tenant.id, **key, **row})
    session.add(AnswerVersion(tenant_id=access.tenant.id, **key, **row))
    session.flush()
    return jsonify(version=seen + 1)


@bp.get("/page")
@requires(Permission.ASSESSMENT_ANSWER)
def page(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """The frame every page of a tenant has, with nothing in it."""
    return render_template_string(FRAME)


def application() -> Any:
    app = create_app(from_env())
    app.register_blueprint(bp)
    return app
