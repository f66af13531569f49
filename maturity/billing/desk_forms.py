"""The form by which somebody says what became of a finding."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

SHORTEST, LONGEST = 5, 300


def _tidy(value: Any) -> str:
    return " ".join((value or "").split())


class SettleForm(FlaskForm):
    note = StringField(
        _("How it was settled"),
        filters=[_tidy],
        validators=[
            InputRequired(_("Say what you did, so that nobody looks for it again.")),
            Length(min=SHORTEST, max=LONGEST, message=_("Write %(min)d to %(max)d characters.")),
        ],
    )
