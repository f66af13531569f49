"""The pages of the workbooks, which two modules share."""

from flask import Blueprint

bp = Blueprint("workbooks", __name__)
