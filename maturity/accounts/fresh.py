"""For views that change how somebody signs in."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_security import auth_required

from maturity.web.access import View, signed_in


def fresh(view: View) -> View:
    """For anybody who has proved lately to be who they are; others are asked for password or passkey first."""
    guarded: Any = auth_required(
        "session",
        within=lambda: current_app.config["SECURITY_FRESHNESS"],
        grace=lambda: current_app.config["SECURITY_FRESHNESS_GRACE_PERIOD"],
    )(view)
    return signed_in(guarded)
