"""The declaration with which an assessment is submitted. Answers have no form: their questions parse them."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from maturity.assessments.submission import Declaration, Implausible


def _plain(typed: str | None) -> str:
    """The words without blanks around them and without control characters, which no name has."""
    return "".join(character for character in typed or "" if character.isprintable()).strip()


class DeclarationForm(FlaskForm):
    name = StringField(
        _("Name of the signatory"),
        filters=[_plain],
        validators=[
            DataRequired(_("Enter who declares.")),
            Length(max=80, message=_("Shorten the name to at most %(max)d characters.")),
        ],
    )
    title = StringField(
        _("Position"),
        filters=[_plain],
        validators=[
            DataRequired(_("Enter the position, such as general manager.")),
            Length(max=80, message=_("Shorten the position to at most %(max)d characters.")),
        ],
    )
    truthful = BooleanField(
        _("I declare that the answers are true to the best of our knowledge and that evidence can be shown."),
        validators=[InputRequired(_("Tick the declaration to submit."))],
    )
    without_signatory = BooleanField(
        _("I submit without the signatory. This is recorded."),
        validators=[InputRequired(_("Tick that you submit without the signatory, or ask for the signature."))],
    )
    as_settled = BooleanField(
        _(
            "I submit the settled level without the questions left. The scores are then a range, and the result takes"
            " no part in peer comparison or campaigns."
        ),
        validators=[InputRequired(_("Tick that you submit the settled level, or answer the questions left."))],
    )
    queries_confirmed = BooleanField(_("We have checked the remarks above; the answers are right."))

    def fit(self, *, overrides: bool, stops: bool = False) -> DeclarationForm:
        """The form for this person: only who passes the signatory over is asked to say so, and only who stops at a
        settled level that the rest is left."""
        if not overrides:
            del self.without_signatory
        if not stops:
            del self.as_settled
        return self

    def declaration(self) -> Declaration:
        stops = bool(self.as_settled.data) if self.as_settled else False
        return Declaration(self.name.data or "", self.title.data or "", bool(self.queries_confirmed.data), stops)

    def refuse(self, error: Implausible, message: str) -> None:
        """Say at the right place why the answers cannot be submitted: a contradiction, or a remark to confirm."""
        if error.evaluation.errors:
            self.form_errors.append(message)
        else:
            self.queries_confirmed.errors = [gettext("Check the remarks and tick that the answers are right.")]
