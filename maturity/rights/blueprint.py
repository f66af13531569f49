"""The pages of rights over data: of a tenant, of a person, and of everybody."""

from flask import Blueprint

bp = Blueprint("rights", __name__)
