"""Giving sections to people."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, SelectMultipleField
from wtforms.validators import InputRequired, Optional


class AssignmentForm(FlaskForm):
    """The choices are the board's; which are good the use case knows."""

    sections = SelectMultipleField(
        _("Sections"), validate_choice=False, validators=[InputRequired(_("Tick at least one section."))]
    )
    people = SelectMultipleField(
        _("People"),
        coerce=int,
        validate_choice=False,
        validators=[InputRequired(_("Tick at least one person."))],
    )
    due_on = DateField(_("Due on (may stay empty)"), validators=[Optional()])
