"""The pages of a place among peers: the enterprise's, the operator's and everybody's, in one blueprint."""

from flask import Blueprint

bp = Blueprint("standing", __name__)
