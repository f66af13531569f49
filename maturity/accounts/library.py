"""Flask-Security as it is bound to the current app."""

from __future__ import annotations

from typing import Any

from flask import current_app


def library() -> Any:
    return current_app.extensions["security"]
