"""The pages of signing in through a company, and of a tenant's settings."""

from flask import Blueprint

bp = Blueprint("federation", __name__)
