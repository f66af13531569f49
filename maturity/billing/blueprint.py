"""The blueprint of billing; its views are registered by `routes`."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("billing", __name__)
