"""What consultants type: views, tasks, notes, letters, plans and the brand."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from maturity.portfolios.plans import CHAPTERS, STATUSES, Measure, Plan
from maturity.portfolios.words import CHAPTER_WORDS, STATUS_WORDS
from maturity.questionnaires.values import decimal_text, parse_number

LONGEST_TEXT = 2000
MOST_WAN = 10_000_000
_SHORT = Length(max=200, message=_("Shorten the text to at most %(max)d characters."))
_LONG = Length(max=LONGEST_TEXT, message=_("Shorten the text to at most %(max)d characters."))


def _day(text: str | None) -> date | None:
    """The day typed, None for nothing; `ValidationError` otherwise."""
    typed = (text or "").strip().replace("/", "-")
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError as error:
        raise ValidationError(gettext("Write the day as year-month-day, such as 2027-06-30.")) from error


class ViewForm(FlaskForm):
    name = StringField(
        _("Name of the view"),
        validators=[
            InputRequired(_("Give the view a name.")),
            Length(max=30, message=_("Shorten the name to at most %(max)d characters.")),
        ],
    )
    shared = BooleanField(_("Show it to everybody of the consultancy"))


class TaskForm(FlaskForm):
    title = StringField(_("What is to be done"), validators=[InputRequired(_("Say what is to be done.")), _SHORT])
    due_on = StringField(_("By (may stay empty)"))
    person = SelectField(_("Who"), validate_choice=False)
    client = SelectField(_("Client"), validate_choice=False)
    parsed_due: date | None = None

    def validate_due_on(self, field: Field) -> None:
        self.parsed_due = _day(field.data)

    @property
    def person_id(self) -> int | None:
        text = str(self.person.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class NoteForm(FlaskForm):
    body = TextAreaField(_("Note"), validators=[InputRequired(_("Write something first.")), _LONG])
    shared = RadioField(
        _("Who sees it"),
        choices=[
            SelectChoice(value="no", label=_("Only your consultancy")),
            SelectChoice(value="yes", label=_("The client, too")),
        ],
        default="no",
        validate_choice=False,
        validators=[AnyOf(("no", "yes"), _("Choose who sees the note."))],
    )


class ReminderForm(FlaskForm):
    text = TextAreaField(_("Your words"), validators=[InputRequired(_("Write what the letter is to say.")), _LONG])


class InvitationListForm(FlaskForm):
    pasted = TextAreaField(_("Paste the list"))
    file = FileField(_("Or choose a file (CSV or Excel)"))


class BrandForm(FlaskForm):
    name = StringField(
        _("Name on documents"),
        validators=[
            InputRequired(_("Enter the name that documents are to show.")),
            Length(max=120, message=_("Shorten the name to at most %(max)d characters.")),
        ],
    )
    logo = FileField(_("Logo (PNG or JPEG; may stay empty)"))
    without_logo = BooleanField(_("Take the present logo away"))

    def refuse_logo(self) -> None:
        self.logo.errors = [
            gettext("This is no PNG or JPEG picture that can be used. Save the logo as PNG and try again.")
        ]


class MeasureForm(Form):
    """A row of the plan. What the assessment said of it goes along unseen."""

    title = StringField(_("Measure"), validators=[_SHORT])
    goal = StringField(_("Goal"), validators=[_SHORT])
    owner = StringField(_("Owner"), validators=[_SHORT])
    cost_wan = StringField(_("Cost (10,000 yuan)"))
    since = StringField(_("From"))
    until = StringField(_("To"))
    status = SelectField(
        _("Status"),
        choices=[SelectChoice(value=name, label=STATUS_WORDS[name]) for name in STATUSES],
        validate_choice=False,
        validators=[AnyOf(STATUSES, _("Choose a status."))],
        default="planned",
    )
    origin = HiddenField()  # the number of the row in the version seen, for what is not typed

    def validate_cost_wan(self, field: Field) -> None:
        if not (field.data or "").strip():
            return
        amount = parse_number(field.data)
        if amount is None or not 0 <= amount <= MOST_WAN:
            raise ValidationError(gettext("Enter an amount from 0, in 10,000 yuan, such as 12.5."))

    def validate_since(self, field: Field) -> None:
        _day(field.data)

    def validate_until(self, field: Field) -> None:
        last = _day(field.data)
        try:
            first = _day(self.since.data)
        except ValidationError:
            return
        if first and last and last < first:
            raise ValidationError(gettext("This is before the measure begins."))


class PlanForm(FlaskForm):
    version = IntegerField()
    goal = TextAreaField(_("Goal of the plan"), validators=[InputRequired(_("Say what the plan is to reach.")), _LONG])
    measures = FieldList(FormField(MeasureForm), max_entries=60)
    trend = TextAreaField(CHAPTER_WORDS["trend"], validators=[_LONG])
    standards = TextAreaField(CHAPTER_WORDS["standards"], validators=[_LONG])
    security = TextAreaField(CHAPTER_WORDS["security"], validators=[_LONG])
    training = TextAreaField(CHAPTER_WORDS["training"], validators=[_LONG])
    benefits = TextAreaField(CHAPTER_WORDS["benefits"], validators=[_LONG])
    organisation = TextAreaField(CHAPTER_WORDS["organisation"], validators=[_LONG])

    @classmethod
    def showing(cls, plan: Plan, version: int) -> PlanForm:
        """The plan with an empty row for one measure more."""
        rows = [_row(item, str(number)) for number, item in enumerate(plan.measures)]
        return cls(formdata=None, version=version, goal=plan.goal, measures=[*rows, {}], **plan.texts)

    def plan(self, earlier: Plan) -> Plan:
        """What was typed as a plan; rows without a name are left out, so emptying the name takes a measure away."""
        measures = tuple(_measure(row.data, earlier) for row in self.measures if (row.data["title"] or "").strip())
        texts = {name: (self[name].data or "").strip() for name in CHAPTERS}
        return Plan(earlier.locale, earlier.basis, (self.goal.data or "").strip(), texts, measures)


def _row(item: Measure, origin: str) -> dict[str, Any]:
    names = ("title", "goal", "owner", "cost_wan", "since", "until", "status")
    return {"origin": origin, **{name: getattr(item, name) for name in names}}


def _measure(data: dict[str, Any], earlier: Plan) -> Measure:
    origin = str(data["origin"] or "")
    known = origin.isascii() and origin.isdigit() and int(origin) < len(earlier.measures)
    seen = earlier.measures[int(origin)] if known else Measure(title="")
    amount = parse_number(data["cost_wan"] or "")
    days = {name: found.isoformat() if (found := _day(data[name])) else "" for name in ("since", "until")}
    return Measure(
        title=data["title"].strip(),
        goal=(data["goal"] or "").strip(),
        owner=(data["owner"] or "").strip(),
        cost_wan="" if amount is None else decimal_text(amount),
        status=data["status"],
        indicator=seen.indicator,
        dimension=seen.dimension,
        present=seen.present,
        points=seen.points,
        **days,
    )
