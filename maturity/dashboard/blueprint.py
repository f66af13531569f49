"""The pages of the dashboard, which several modules share."""

from flask import Blueprint

bp = Blueprint("dashboard", __name__)
