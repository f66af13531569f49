"""The pages of grants and groups, which two modules share."""

from flask import Blueprint

bp = Blueprint("consulting", __name__)
