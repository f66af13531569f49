"""The pages of claims: the enterprise's own and the operator's, in one blueprint."""

from flask import Blueprint

bp = Blueprint("claims", __name__, url_prefix="/t/<uuid:tenant_id>")
