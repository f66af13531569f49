"""Typing a name before something is deleted, and choosing where data may lie."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from maturity.rights.residency import region_choices
from maturity.web.locale import current_locale


class DeletionForm(FlaskForm):
    name = StringField(_("Name, as it stands above"), validators=[InputRequired(_("Type the name first."))])


class ClosingForm(FlaskForm):
    contact = StringField(
        _("Your e-mail address or mobile number"),
        validators=[InputRequired(_("Type the e-mail address or mobile number with which you sign in."))],
    )


class RegionForm(FlaskForm):
    region = SelectField(_("Where the data have to lie"), validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [("", str(_("No requirement"))), *region_choices(current_locale())]
        self.region.choices = [SelectChoice(value=code, label=words) for code, words in offered]
