"""The closing report: coverage by city, industry and size against the quota, how it grew, and how it was counted.

One view feeds the page, the PDF and the CSV. Its figures are counts of the regulator's own list; a benchmark is never
in it. Of a campaign that still runs it is an interim report and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.campaigns.board import Board, Cover
from maturity.campaigns.charts import (
    Coverage,
    Funnel,
    OverTime,
    cover_table,
    coverage_chart,
    funnel_chart,
    percent,
    time_chart,
)
from maturity.campaigns.models import SIZES, Campaign, CampaignExtension, CampaignInvitee
from maturity.campaigns.pictures import draw
from maturity.campaigns.places import place_name, short_name
from maturity.campaigns.regulators import office_of, places_of
from maturity.campaigns.service import board_of, extensions_of, series_of
from maturity.clock import Clock
from maturity.editions.service import canonical, current_edition, digest, framework_by_hash
from maturity.jobs.models import Job
from maturity.jobs.service import ask_for_job
from maturity.reference.industries import industry
from maturity.reference.uscc import is_synthetic
from maturity.results.charts import Table
from maturity.web.filters import SIZE_NAMES, day

KIND = "campaign_report"
TEMPLATE_VERSION = "1"


@dataclass(frozen=True, slots=True)
class ReportView:
    """Everything the report says, in one language."""

    title: str
    office: str
    is_final: bool
    is_synthetic: bool
    asof: str
    facts: tuple[tuple[str, str], ...]
    findings: tuple[str, ...]
    funnel: Funnel
    time: OverTime | None
    coverage: Coverage
    tables: tuple[tuple[str, Table], ...]
    extensions: Table | None
    method: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CampaignPaper:
    """A report to be printed, in its language, with the key of everything it says."""

    view: ReportView
    locale: str
    campaign: Campaign

    @property
    def key(self) -> str:
        view = self.view
        told = {
            "facts": [list(fact) for fact in view.facts],
            "findings": list(view.findings),
            "tables": [[title, list(table.header), [list(row) for row in table.rows]] for title, table in view.tables],
            "time": [list(row) for row in view.time.table.rows] if view.time else [],
            "extensions": [list(row) for row in view.extensions.rows] if view.extensions else [],
            "names": [view.title, view.office, view.asof],
        }
        return digest("|".join((KIND, TEMPLATE_VERSION, self.locale, digest(canonical(told)))).encode())


def campaign_paper(session: Session, campaign: Campaign, locale: str, clock: Clock) -> CampaignPaper:
    with force_locale(locale):
        return CampaignPaper(report_view(session, campaign, locale, clock), locale, campaign)


def report_html(paper: CampaignPaper) -> str:
    """The finished page for the PDF."""
    with force_locale(paper.locale):
        return render_template(
            "campaigns/report_pdf.html",
            view=paper.view,
            pictures={chart.name: draw(chart) for chart in (paper.view.funnel, paper.view.coverage)}
            | ({"time": draw(paper.view.time)} if paper.view.time else {}),
            document_number=paper.key[:12].upper(),
            report_locale=paper.locale,
        )


def ask_for_report(session: Session, paper: CampaignPaper, *, actor_id: int, clock: Clock) -> Job:
    campaign = paper.campaign
    payload = {"campaign_id": str(campaign.id), "locale": paper.locale, "kind": KIND}
    return ask_for_job(session, campaign.tenant_id, KIND, paper.key, payload, actor_id=actor_id, clock=clock)


def report_view(session: Session, campaign: Campaign, locale: str, clock: Clock) -> ReportView:
    """As the campaign stands now; the language is set already."""
    board, series = board_of(session, campaign), series_of(session, campaign, clock)
    extensions = extensions_of(session, campaign)
    asof = asof_line(campaign, clock)
    source = source_line(session, campaign, clock, locale)
    return ReportView(
        title=campaign.title,
        office=office_of(session, campaign.tenant_id),
        is_final=campaign.state == "closed",
        is_synthetic=lists_synthetic(session, campaign),
        asof=asof,
        facts=facts_of(session, campaign, locale),
        findings=tuple(findings_of(board, locale)),
        funnel=funnel_chart(board, source, locale),
        time=time_chart(board, series, deadlines(campaign, extensions), source, locale) if series else None,
        coverage=coverage_chart(board, source, locale),
        tables=tuple(_tables(board, locale)),
        extensions=_extension_table(extensions),
        method=method_lines(),
    )


def lists_synthetic(session: Session, campaign: Campaign) -> bool:
    """Whether any enterprise of the list is made up."""
    query = select(CampaignInvitee.uscc).where(CampaignInvitee.campaign_id == campaign.id)
    return any(is_synthetic(code) for code in session.scalars(query))


def asof_line(campaign: Campaign, clock: Clock) -> str:
    if campaign.state == "closed":
        return _("As of the end of the campaign, %(day)s", day=day(campaign.deadline))
    return _("As of %(day)s; the campaign is not closed yet", day=day(clock.now()))


def source_line(session: Session, campaign: Campaign, clock: Clock, locale: str) -> str:
    """What stands under every chart: population, period, and where the figures come from."""
    names = {
        "place": place_name(campaign.region, locale, places_of(session)),
        "period": campaign.period,
        "asof": asof_line(campaign, clock),
    }
    line = _(
        "Enterprises on the invitation list of the campaign, %(place)s, reporting year %(period)s. %(asof)s", **names
    )
    return line + (_(". Synthetic demonstration data") if lists_synthetic(session, campaign) else "")


def facts_of(session: Session, campaign: Campaign, locale: str) -> tuple[tuple[str, str], ...]:
    """The particulars of the campaign in words."""
    framework = framework_by_hash(session, current_edition(session, campaign.framework))
    industries = [found.title(locale) for found in map(industry, campaign.industries) if found]
    sizes = [str(SIZE_NAMES[name]) for name in campaign.sizes]
    comma = "、" if locale.startswith("zh") else ", "
    until = day(campaign.deadline)
    return (
        (_("Place"), place_name(campaign.region, locale, places_of(session))),
        (_("Framework"), framework.edition.title.to(locale)),
        (_("Reporting year"), str(campaign.period)),
        (_("Industries"), comma.join(industries) or _("all")),
        (_("Sizes"), comma.join(sizes) or _("all")),
        (_("Opened"), day(campaign.opened_at) if campaign.opened_at else "—"),
        (_("Deadline"), until),
        (
            _("Quota"),
            _("%(share)s %% of the list, in every city and industry", share=campaign.quota) if campaign.quota else "—",
        ),
    )


def deadlines(campaign: Campaign, extensions: list[CampaignExtension]) -> tuple[tuple[date, str], ...]:
    """The days that stand as lines in the chart over time."""
    earlier = [
        (row.before, _("first deadline") if not place else _("extended")) for place, row in enumerate(extensions)
    ]
    return (*earlier, (campaign.deadline, _("deadline")))


def findings_of(board: Board, locale: str) -> list[str]:
    """What the figures say, in sentences."""
    total = board.total
    said = [
        _(
            "Of %(invited)s enterprises invited, %(started)s started and %(submitted)s submitted (%(share)s).",
            invited=total.invited,
            started=total.started,
            submitted=total.submitted,
            share=percent(total.share, locale),
        )
    ]
    if total.target is not None:
        names = {"target": total.target, "missing": total.missing}
        said.append(
            _("The target of %(target)s submissions is reached.", **names)
            if total.is_reached
            else _("%(missing)s submissions are missing to the target of %(target)s.", **names)
        )
    behind = board.lagging()
    if behind and any(cover.quota for cover in board.cities):
        names_of = _(", ").join(short_name(cover.key[0], locale) for cover in behind[:5])
        said.append(
            ngettext(
                "%(num)s city is behind its target: %(cities)s.",
                "%(num)s cities are behind their targets, furthest: %(cities)s.",
                len(behind),
                cities=names_of,
            )
        )
    return said


def _tables(board: Board, locale: str) -> list[tuple[str, Table]]:
    def of_industry(code: str) -> str:
        found = industry(code)
        return found.label(locale) if found else code

    def of_size(code: str) -> str:
        return str(SIZE_NAMES[code]) if code else _("not stated")

    tables = [
        (_("Coverage by city"), cover_table(board.cities, _("City"), lambda key: short_name(key, locale), locale)),
        (_("Coverage by industry"), cover_table(board.industries, _("Industry"), of_industry, locale)),
        (_("Coverage by size"), cover_table(_by_size(board.sizes), _("Size"), of_size, locale)),
    ]
    if board.crossed:
        rows = [_joined(cover, short_name(cover.key[0], locale), of_industry(cover.key[1])) for cover in board.crossed]
        tables.append((_("Quotas of a city and an industry"), cover_table(rows, _("City and industry"), None, locale)))
    return tables


def _by_size(covers: Sequence[Cover]) -> list[Cover]:
    """From large to micro, those without a size last."""
    order = {size: place for place, size in enumerate(SIZES)}
    return sorted(covers, key=lambda cover: order.get(cover.key[0], len(order)))


def _joined(cover: Cover, city: str, industry_label: str) -> Cover:
    """The same cover under one name."""
    key = (f"{city} · {industry_label}",)
    return Cover(key, cover.invited, cover.started, cover.submitted, cover.reviewed, cover.quota)


def _extension_table(extensions: list[CampaignExtension]) -> Table | None:
    if not extensions:
        return None
    header = (_("Extended on"), _("Deadline before"), _("New deadline"), _("Reason"))
    return Table(
        header, tuple((day(row.extended_at), day(row.before), day(row.after), row.reason) for row in extensions)
    )


def method_lines() -> tuple[str, ...]:
    """How it was counted."""
    return (
        _(
            "Counted are the enterprises on the invitation list, each once, by its unified social credit code. An "
            "enterprise counts once control of its code is proved and its place lies in the campaign's."
        ),
        _(
            "Started: an assessment of this framework and reporting year was begun. Submitted: it was submitted "
            "in full by the deadline; a level that was settled early without all answers does not count. Reviewed: "
            "it was reviewed. Whoever is at a step is counted in those before it."
        ),
        _(
            "Targets: a share of the list, rounded up, or a number. City is the prefecture, or the district of a "
            "municipality; industry is the division of GB/T 4754-2017; size is as stated in the list."
        ),
        _(
            "The regulator sees who takes part among those it invited, and no answer and no result. These figures are "
            "counts of its own list and no benchmark."
        ),
    )
