"""The blueprint of reviewing: pages of the certification body, and the file of a case in the enterprise."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("reviewing", __name__)
