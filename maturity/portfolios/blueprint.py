"""The pages of the portfolio, which several modules share."""

from flask import Blueprint

bp = Blueprint("portfolios", __name__)
