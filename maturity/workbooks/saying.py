"""Answers in a person's words, on the page that shows what a workbook changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from maturity.accounts.service import name_of
from maturity.adaptive.framework import Framework
from maturity.assessments.answering import StoredAnswer
from maturity.clock import LOCAL, Clock
from maturity.questionnaires.model import Pair, Text
from maturity.questionnaires.plausibility import show
from maturity.questionnaires.values import InvalidValue, from_json
from maturity.web.filters import clock_time, day, fact_words, words
from maturity.web.locale import current_locale


class Saying:
    """What the preview says; names of people are looked up once."""

    def __init__(self, session: Session, framework: Framework, clock: Clock) -> None:
        self._session, self._framework, self._clock = session, framework, clock

    def answer(self, question_id: str, facts: Mapping[str, Any]) -> str:
        """An answer with labels where it has several parts; empty where there is none."""
        edition = self._framework.edition
        names = [name for name in edition.questions[question_id].facts if name in facts]
        parts = [(words(edition.facts[name].label), self._value(name, facts[name])) for name in names]
        several = len(edition.questions[question_id].facts) > 1
        return _("; ").join(f"{label}{_(': ')}{said}" if several else said for label, said in parts)

    def _value(self, fact_id: str, data: Any) -> str:
        """Both years of a pair: either may be what changed."""
        edition = self._framework.edition
        fact = edition.facts[fact_id]
        try:
            value = from_json(fact, data)
        except InvalidValue:
            return ""
        if isinstance(value, Pair):
            return show(edition, fact_id, value, current_locale())
        return fact_words(data, fact, edition)

    def wording(self, question_id: str) -> str:
        return words(self._framework.edition.questions[question_id].wording)

    def current(self, stored: StoredAnswer) -> str:
        """Who changed an answer on the site, when, and to what."""
        who = name_of(self._session, stored.saved_by) or _("somebody")
        said = self.answer(stored.question_id, stored.facts) or _("no answer")
        when = self._moment(stored.saved_at) if stored.saved_at else ""
        return _("%(who)s changed this answer at %(when)s to: %(answer)s.", who=who, when=when, answer=said)

    def _moment(self, at: datetime) -> str:
        today = at.astimezone(LOCAL).date() == self._clock.today()
        return clock_time(at) if today else f"{day(at)} {clock_time(at)}"

    def text(self, text: Text) -> str:
        return words(text)
