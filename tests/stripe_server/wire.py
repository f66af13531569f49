"""What goes over the wire: nested forms, errors, lists and expansion, in Stripe's shapes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

Json = dict[str, Any]
_KEY = re.compile(r"([^\[\]]+)|\[([^\[\]]*)\]")


class StripeFault(Exception):
    """An error as Stripe answers it."""

    def __init__(self, status: int, kind: str, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": message, **more}}


def missing(kind: str, name: str) -> StripeFault:
    return StripeFault(404, "invalid_request_error", "resource_missing", f"No such {kind}: '{name}'", param="id")


def bad(message: str, param: str = "", code: str = "parameter_invalid_empty") -> StripeFault:
    return StripeFault(400, "invalid_request_error", code, message, param=param)


def card_fault(decline: str) -> StripeFault:
    return StripeFault(402, "card_error", "card_declined", "Your card was declined.", decline_code=decline)


def parse_form(text: str) -> Json:
    """`a[b][0]=x` as nested dicts and lists."""
    found: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        keys = [one or other for one, other in _KEY.findall(name)]
        place = found
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place[keys[-1]] = value
    return {name: _listed(value) for name, value in found.items()}


def _listed(value: Any) -> Any:
    """Keys 0, 1, … are a list; an array of plain values is written with empty brackets or numbers."""
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(part) for name, part in value.items()}
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def whole(value: Any, param: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise bad(f"Invalid integer: {value}", param, "parameter_invalid_integer") from error


def page_of(rows: Iterable[Json], params: Mapping[str, Any], url: str) -> Json:
    """A list, the newest first, from after `starting_after`."""
    found = [row for row in rows if _is_within(row, params.get("created"))]
    found.reverse()
    after = params.get("starting_after")
    if after is not None:
        places = [number for number, row in enumerate(found) if row["id"] == after]
        if not places:
            raise missing("object", str(after))
        found = found[places[0] + 1 :]
    limit = whole(params.get("limit", 10), "limit")
    if not 1 <= limit <= 100:
        raise bad("Invalid limit", "limit", "parameter_invalid_integer")
    return {"object": "list", "url": url, "has_more": len(found) > limit, "data": found[:limit]}


def _is_within(row: Json, created: Any) -> bool:
    if created is None:
        return True
    if not isinstance(created, dict):
        return bool(row["created"] == whole(created, "created"))
    at = row["created"]
    tests = {"gte": at.__ge__, "gt": at.__gt__, "lte": at.__le__, "lt": at.__lt__}
    return all(tests[name](whole(value, "created")) for name, value in created.items())
