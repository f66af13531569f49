"""The blueprint of the pages for everybody, which several modules give views to."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("public", __name__)
