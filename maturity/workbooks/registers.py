"""The register of a consultancy's clients, as their answers of one year stand, and the result of an upload."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session
from xlsxwriter.worksheet import Worksheet

from maturity.adaptive.framework import Framework
from maturity.assessments.answering import load_sheet
from maturity.assessments.models import FRAMEWORK
from maturity.assessments.reach import reach_of
from maturity.assessments.service import latest_revision
from maturity.clock import Clock
from maturity.editions.service import current_edition, framework_by_hash
from maturity.errors import MaturityError
from maturity.organisations.service import enterprise_of, profile_of
from maturity.portfolios.clients import Client
from maturity.portfolios.visits import inside
from maturity.questionnaires.model import Text
from maturity.questionnaires.path import applicable_questions
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.workbooks.models import BulkLine
from maturity.workbooks.register_writing import Row, make_register
from maturity.workbooks.seals import Label, seal
from maturity.workbooks.writing import ACCENT, PAPER, Book, Styles, plain_text


@dataclass(frozen=True, slots=True)
class Register:
    """A register being made: of which edition, year and language."""

    framework: Framework
    whole: Label
    secret: str

    @classmethod
    def begin(cls, session: Session, period: int, secret: str, locale: str) -> Register:
        """Of the newest edition."""
        edition = current_edition(session, FRAMEWORK)
        return cls(framework_by_hash(session, edition), Label("register", edition, locale, period=period), secret)

    def row(self, session: Session, access: Access, client: Client, *, actor_id: int, clock: Clock) -> Row | None:
        """The client's row, None where the grant is too narrow; the look inside is in the client's own log."""
        try:
            with inside(session, access, client, actor_id, clock, Permission.ASSESSMENT_ANSWER) as inner:
                return _row(session, inner, self.framework, self.whole, self.secret, actor_id)
        except MaturityError:
            return None

    def content(self, rows: Sequence[Row]) -> bytes:
        period, locale = self.whole.period, self.whole.locale
        title = Text(f"{period} 报告期", f"Reporting year {period}").to(locale)
        return make_register(self.framework, rows, seal(self.whole, self.secret), locale, title)


def _row(session: Session, access: Access, framework: Framework, whole: Label, secret: str, actor_id: int) -> Row:
    """What stands in the client; of an assessment of another edition nothing is shown, and its row is refused later."""
    enterprise = enterprise_of(session)
    assessment = latest_revision(session, enterprise.id, whole.period)
    tenant = str(access.tenant.id)
    if assessment is None or assessment.edition_sha256 != whole.edition:
        profile = profile_of(enterprise) if assessment is None else assessment.profile
        applicable = applicable_questions(framework.edition, profile)
        label = Label("row", whole.edition, whole.locale, tenant=tenant, period=whole.period)
        return Row(enterprise.uscc, enterprise.name, seal(label, secret), applicable=applicable)
    sheet = load_sheet(session, assessment, framework)
    reach = reach_of(session, access, actor_id, assessment.id)
    questions = framework.edition.questions
    within = {name for name in framework.edition.order if reach.holds(questions[name].section)}
    label = Label(
        kind="row",
        edition=whole.edition,
        locale=whole.locale,
        assessment=str(assessment.id),
        tenant=tenant,
        versions={name: stored.version for name, stored in sheet.answers.items() if name in within},
        period=whole.period,
    )
    facts = {name: value for name, value in sheet.facts.items() if framework.edition.asked_by[name] in within}
    applicable = applicable_questions(framework.edition, assessment.profile) & within
    return Row(enterprise.uscc, enterprise.name, seal(label, secret), facts, applicable)


def result_workbook(
    lines: Sequence[BulkLine],
    said: Mapping[str, str],
    headings: Sequence[str],
    details: Sequence[Sequence[tuple[str, str]]],
) -> bytes:
    """Each enterprise with its outcome, and a row for each thing to mend or to know, by its cell.

    `said` are the words for outcomes and `details` the places and words of each line, in the reader's language.
    """
    buffer = io.BytesIO()
    book = Book(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    styles, sheet = Styles(book), book.add_worksheet(headings[0])
    for column, (heading, width) in enumerate(zip(headings[1:], _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, styles.of(bold=True, font_color=PAPER, bg_color=ACCENT))
    row = 1
    for line, told in zip(lines, details, strict=True):
        for place, words in told or [("", "")]:
            _write_line(sheet, styles, row, line, said[line.outcome], place, words)
            row += 1
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, max(row - 1, 1), len(_WIDTHS) - 1)
    book.close()
    return buffer.getvalue()


_WIDTHS = (7, 24, 30, 16, 9, 11, 26, 80)


def _write_line(
    sheet: Worksheet, styles: Styles, row: int, line: BulkLine, outcome: str, place: str, words: str
) -> None:
    sheet.write_number(row, 0, line.number, styles.of())
    texts = (line.uscc, line.name, outcome)
    for column, text in enumerate(texts, start=1):
        sheet.write_string(row, column, plain_text(text), styles.of())
    sheet.write_number(row, 4, line.changed, styles.of())
    sheet.write_number(row, 5, line.unchanged, styles.of())
    sheet.write_string(row, 6, plain_text(place or line.place), styles.of())
    sheet.write_string(row, 7, plain_text(words), styles.of())


def clients_that_answer(clients: Sequence[Client]) -> tuple[Client, ...]:
    """Those whose grant lets answers be filled in."""
    return tuple(client for client in clients if client.grant.scope != "view")
