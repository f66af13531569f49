"""The declaration with which an assessment is submitted. Answers have no form: their questions parse them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length

from maturity.assessments.submission import Declaration


class DeclarationForm(FlaskForm):
    name = StringField(_("Name of the signatory"), validators=[InputRequired(_("Enter who declares.")), Length(max=80)])
    title = StringField(
        _("Position"), validators=[InputRequired(_("Enter the position, such as general manager.")), Length(max=80)]
    )
    truthful = BooleanField(
        _("I declare that the answers are true to the best of our knowledge and that evidence can be shown."),
        validators=[InputRequired(_("Tick the declaration to submit."))],
    )
    queries_confirmed = BooleanField(_("We have checked the remarks above; the answers are right."))

    def declaration(self) -> Declaration:
        name, title = (self.name.data or "").strip(), (self.title.data or "").strip()
        return Declaration(name, title, bool(self.queries_confirmed.data))
