"""Starting a report, and what an editor typed into a section."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from maturity.benchmarks.lattice import SECTOR, sectors
from maturity.benchmarks.models import BenchmarkRelease
from maturity.reference.industries import industry
from maturity.reference.regions import provinces
from maturity.web.locale import current_locale
from maturity.yearly.paper import DRAWN, WRITTEN, Block, Section
from maturity.yearly.scope import INDUSTRY, NATIONAL, REGION, codes_of
from maturity.yearly.service import LONGEST_TITLE
from maturity.yearly.tokens import faults

_BARE_YEAR = re.compile(r"(?<![\d{=.–-])((?:19|20)\d{2})(?![\d}%.])")
#: A section takes at most so many paragraphs more at once.
MOST_NEW = 20


def with_years(text: str) -> str:
    """A title's bare years, declared as what they are.

    >>> with_years("2025 年度报告"), with_years("{{=2025}} report")
    ('{{=2025}} 年度报告', '{{=2025}} report')
    """
    return _BARE_YEAR.sub(r"{{=\1}}", text)


class StartForm(FlaskForm):
    about = SelectField(_("What the report is about"), validators=[InputRequired(_("Choose one."))])
    release_id = SelectField(_("Release"), coerce=int, validators=[InputRequired(_("Choose one."))])
    title = StringField(
        _("Title"),
        validators=[
            InputRequired(_("Give the report a title.")),
            Length(max=LONGEST_TITLE, message=_("Shorten this to at most %(max)d characters.")),
        ],
    )
    locale = RadioField(
        _("Language of the report"),
        choices=[("zh_CN", "中文"), ("en", "English")],
        validators=[InputRequired(_("Choose one."))],
    )

    @classmethod
    def over(cls, releases: Sequence[BenchmarkRelease], **shown: Any) -> StartForm:
        form = cls(**shown)
        form.about.choices = _abouts()
        form.release_id.choices = [(release.id, _release_words(release)) for release in releases]
        return form

    def validate_title(self, field: StringField) -> None:
        wrong = faults(with_years(field.data or ""))
        if wrong:
            raise ValidationError(
                gettext(
                    "“%(piece)s” looks like a figure. A title may hold years and no other number.", piece=wrong[0].piece
                )
            )

    def kind_and_code(self) -> tuple[str, str]:
        kind, _colon, code = str(self.about.data).partition("|")
        return kind, code


def _abouts() -> dict[str, list[tuple[str, str]]]:
    locale = current_locale()
    found = sectors()
    divisions = [code for code in codes_of(INDUSTRY) if not code.startswith(SECTOR)]
    return {
        gettext("The country"): [(f"{NATIONAL}|", gettext("China, all industries"))],
        gettext("A province"): [(f"{REGION}|{place.code}", place.title(locale)) for place in provinces()],
        gettext("A sector"): [(f"{INDUSTRY}|{SECTOR}{item.id}", item.title(locale)) for item in found.values()],
        gettext("A division"): [
            (f"{INDUSTRY}|{code}", item.label(locale)) for code in divisions if (item := industry(code)) is not None
        ],
    }


def _release_words(release: BenchmarkRelease) -> str:
    if release.is_synthetic:
        return gettext("%(year)s, synthetic data", year=release.period)
    return str(release.period)


def typed_section(section: Section, form: Mapping[str, str]) -> Section:
    """The section as it was typed: texts and captions by the number of their block, and new paragraphs at its end.

    A written block that was emptied is taken out; charts and tables are hidden or shown, never changed.
    """
    blocks: list[Block] = []
    for number, block in enumerate(section.blocks):
        is_hidden = f"hide-{number}" in form
        if block.kind in WRITTEN:
            text = _lines(form.get(f"text-{number}", block.text), block.kind)
            if text:
                blocks.append(replace(block, text=text, is_hidden=is_hidden))
        elif block.kind in DRAWN:
            caption = form.get(f"text-{number}", block.text).strip() or block.text
            blocks.append(replace(block, text=caption, is_hidden=is_hidden))
        else:
            blocks.append(replace(block, is_hidden=is_hidden))
    new = [part.strip() for part in form.get("new", "").replace("\r", "").split("\n\n") if part.strip()]
    added = [Block("paragraph", " ".join(part.split("\n"))) for part in new[:MOST_NEW]]
    at = next((number for number, block in enumerate(blocks) if block.kind not in (*WRITTEN, *DRAWN)), len(blocks))
    title = form.get("title", section.title).strip() or section.title
    return replace(section, title=title[:LONGEST_TITLE], blocks=(*blocks[:at], *added, *blocks[at:]))


def _lines(text: str, kind: str) -> str:
    lines = [line.strip() for line in text.replace("\r", "").split("\n")]
    return "\n".join(line for line in lines if line) if kind == "list" else " ".join(line for line in lines if line)
