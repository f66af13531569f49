"""What the holder of a certificate chooses to show, and what somebody pastes who was shown it."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from maturity.credentials.disclosing import HIDDEN
from maturity.credentials.service import LARGEST

HIDDEN_WORDS = {
    "number": _("Number of the certificate"),
    "holder": _("Name of the enterprise"),
    "uscc": _("Unified social credit code"),
    "scope": _("Scope"),
    "score": _("Score"),
}


class DisclosureForm(FlaskForm):
    """Nothing ticked shows the level alone."""

    shown = SelectMultipleField(
        _("Show as well"),
        choices=[SelectChoice(value=name, label=HIDDEN_WORDS[name]) for name in HIDDEN],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    dimensions = SelectMultipleField(
        _("Scores of dimensions"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )

    def offer(self, dimensions: Sequence[tuple[str, str]]) -> None:
        self.dimensions.choices = [SelectChoice(value=value, label=label) for value, label in dimensions]


class CheckForm(FlaskForm):
    credential = TextAreaField(
        _("Credential"),
        validators=[
            InputRequired(_("Paste the credential that you were given.")),
            Length(max=LARGEST, message=_("This is longer than any credential of ours. Paste the credential alone.")),
        ],
        filters=[lambda typed: "".join((typed or "").split())],
    )
