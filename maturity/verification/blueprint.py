"""The blueprint that the modules of verification, registers and supervision share."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("verification", __name__)
