"""What a reader types: the name of a view."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length

LONGEST_NAME = 40


def _stripped(text: Any) -> Any:
    return text.strip() if isinstance(text, str) else text


class ViewForm(FlaskForm):
    name = StringField(
        _("Name of the view"),
        filters=[_stripped],
        validators=[
            DataRequired(_("Give the view a name.")),
            Length(max=LONGEST_NAME, message=_("Shorten the name to at most %(max)d characters.")),
        ],
    )
    shared = BooleanField(_("Show it to everybody in the office"))


class RenameForm(FlaskForm):
    name = StringField(
        _("New name"),
        filters=[_stripped],
        validators=[
            DataRequired(_("Give the view a name.")),
            Length(max=LONGEST_NAME, message=_("Shorten the name to at most %(max)d characters.")),
        ],
    )
