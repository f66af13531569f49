"""The pages of accounts that are ours; signing in, passwords and factors are Flask-Security's views."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)
