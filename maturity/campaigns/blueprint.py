"""The pages of campaigns, which several modules share: the regulator's and the invited enterprise's."""

from flask import Blueprint

bp = Blueprint("campaigns", __name__, url_prefix="/t/<uuid:tenant_id>")
