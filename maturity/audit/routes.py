"""The page on which the owner reads, filters and exports the log of the enterprise."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from maturity.audit.export import as_csv, as_json_lines
from maturity.audit.log import Cursor, Filters, LogReader, choices
from maturity.errors import Invalid, NotFound
from maturity.extensions import db
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.locale import current_locale
from maturity.web.site import site_clock

bp = Blueprint("audit", __name__, url_prefix="/t/<uuid:tenant_id>")


@bp.get("/log")
@requires(Permission.AUDIT_VIEW)
def show(access: Access) -> ResponseReturnValue:
    filters, after = Filters.of(request.args), _cursor()
    wrong = filters.wrong()
    reader = _reader(access)
    entries, more = ([], False) if wrong else reader.page(filters, after)
    page = render_template(
        "audit/log.html",
        filters=filters,
        wrong=wrong,
        entries=entries,
        older=str(entries[-1].cursor) if more else None,
        is_first=after is None,
        people=reader.people,
        name_of=reader.name_of,
        choices=choices(current_locale()),
    )
    return page, 422 if wrong else 200


@bp.get("/log.csv")
@requires(Permission.AUDIT_VIEW)
def download_csv(access: Access) -> ResponseReturnValue:
    return _file(as_csv(_reader(access).everything(_filters())), "csv", "text/csv")


@bp.get("/log.jsonl")
@requires(Permission.AUDIT_VIEW)
def download_json(access: Access) -> ResponseReturnValue:
    return _file(as_json_lines(_reader(access).everything(_filters())), "jsonl", "application/jsonl")


def _reader(access: Access) -> LogReader:
    return LogReader(db.session(), access.tenant.id, current_locale())


def _filters() -> Filters:
    filters = Filters.of(request.args)
    if filters.wrong():
        raise Invalid("http_400")  # the page offers no such address
    return filters


def _cursor() -> Cursor | None:
    text = request.args.get("after")
    if text is None:
        return None
    cursor = Cursor.parse(text)
    if cursor is None:
        raise NotFound("http_404")
    return cursor


def _file(lines: Iterator[str], ending: str, kind: str) -> Response:
    response = Response(stream_with_context(lines), content_type=f"{kind}; charset=utf-8")
    name = f"log-{site_clock().today().isoformat()}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
