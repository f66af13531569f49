"""The chapters of an improvement plan as data, which the Word file and the PDF both show.

The order is that of the outline local guides give for such a plan: present state with the list of hardware and
software, gaps and trends, goals, tasks, data standards, security, budget, schedule, training, benefits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from unicodedata import east_asian_width

from flask_babel import gettext as _

from maturity.portfolios.plans import Measure, Plan
from maturity.portfolios.words import STATUS_WORDS
from maturity.web.filters import grouped

Row = tuple[str, ...]
LONGEST, GAP = 42, 4  # half-width characters


def width_of(text: str) -> int:
    """In half-width characters."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: heading row, rows of texts, the indices of columns with numerals, and whether the last row is a sum."""

    header: Row
    rows: tuple[Row, ...]
    numbers: tuple[int, ...] = ()
    caption: str = ""
    has_total: bool = False

    def shares(self) -> tuple[int, ...]:
        """The width of each column in percent: its longest text decides, within limits; a Chinese character is two.

        >>> Grid(("No.", "Measure"), (("1", "x" * 80),)).shares()
        (13, 87)
        """
        rows = (self.header, *self.rows)
        most = [min(max(width_of(row[i]) for row in rows), LONGEST) + GAP for i in range(len(self.header))]
        shares = [100 * share // sum(most) for share in most]
        return (*shares[:-1], 100 - sum(shares[:-1]))


Block = str | Grid


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    blocks: tuple[Block, ...]


def chapters_of(plan: Plan) -> tuple[Chapter, ...]:
    """Every chapter that has something to say, in the language that is set; numbered by whoever shows them."""
    made = ((title, tuple(block for block in build(plan) if _says(block))) for title, build in _outline())
    return tuple(Chapter(title, blocks) for title, blocks in made if blocks)


def _says(block: Block) -> bool:
    return bool(block.strip()) if isinstance(block, str) else bool(block.rows)


def _outline() -> Sequence[tuple[str, Callable[[Plan], Iterable[Block]]]]:
    return (
        (_("Purpose and basis"), _purpose),
        (_("Present state"), _present),
        (_("Hardware and software in place"), _inventory),
        (_("Gaps and trends"), _gaps),
        (_("Goals"), _goals),
        (_("Tasks"), _tasks),
        (_("Data standards"), lambda plan: _paragraphs(plan, "standards")),
        (_("Security"), lambda plan: _paragraphs(plan, "security")),
        (_("Budget"), _budget),
        (_("Schedule"), _schedule),
        (_("Training"), lambda plan: _paragraphs(plan, "training")),
        (_("Benefits"), lambda plan: _paragraphs(plan, "benefits")),
        (_("Organisation"), lambda plan: _paragraphs(plan, "organisation")),
    )


def _paragraphs(plan: Plan, chapter: str) -> list[Block]:
    return [line.strip() for line in plan.texts.get(chapter, "").splitlines()]


def _purpose(plan: Plan) -> Iterable[Block]:
    basis = plan.basis
    yield _(
        "This plan follows from the assessment of %(enterprise)s for %(period)s, which the enterprise declared itself: "
        "stage %(level)s, %(stage)s, capability %(capability)s of 100. It says what is to be done by whom, by when and "
        "at what cost.",
        enterprise=basis["enterprise"],
        period=basis["period"],
        level=basis["level"],
        stage=basis["stage"],
        capability=basis["capability"],
    )


def _present(plan: Plan) -> Iterable[Block]:
    basis = plan.basis
    colon, stop = _(": "), _(".")
    yield f"{basis['headline']}{stop}"
    rows = [(_("Unified social credit code"), basis["uscc"]), (_("Industry"), basis["industry"])]
    rows.append((_("Region"), basis["region"]))
    yield Grid((_("Particulars"), ""), tuple(rows))
    scores = tuple((item["title"], item["score"]) for item in basis["dimensions"])
    yield Grid((_("Dimension"), _("Score (0–100)")), scores, (1,), _("Scores by dimension") + colon.strip())


def _inventory(plan: Plan) -> Iterable[Block]:
    for title, key in ((_("Hardware"), "hardware"), (_("Software"), "software")):
        rows = tuple((item["title"], item["value"]) for item in plan.basis[key])
        yield Grid((title, _("In place (self-declared)")), rows)


def _gaps(plan: Plan) -> Iterable[Block]:
    basis = plan.basis
    if basis["gates"]:
        yield _("Before the next stage, %(stage)s, these gates are missing:", stage=basis["next_stage"])
    gates = tuple((item["title"], item["needed"], item["present"], item["short"]) for item in basis["gates"])
    yield Grid((_("Gate"), _("Needed"), _("Present"), _("Short by")), gates, (1, 2, 3))
    gaps = tuple((item.title, item.dimension, item.present, item.points) for item in plan.counted if item.indicator)
    yield Grid((_("Indicator"), _("Dimension"), _("Present state"), _("Points to be had")), gaps, (3,))
    yield from _paragraphs(plan, "trend")


def _goals(plan: Plan) -> Iterable[Block]:
    yield plan.goal
    years = sorted({item.until[:4] for item in plan.counted if item.until})
    joiner = _("; ")
    rows = tuple((year, joiner.join(item.title for item in plan.counted if item.until[:4] == year)) for year in years)
    yield Grid((_("By the end of"), _("Done by then")), rows)


def _numbered(plan: Plan) -> list[tuple[str, Measure]]:
    return [(str(number), item) for number, item in enumerate(plan.counted, start=1)]


def _tasks(plan: Plan) -> Iterable[Block]:
    rows = tuple(
        (number, item.title, item.goal, item.owner or "—", str(STATUS_WORDS[item.status]))
        for number, item in _numbered(plan)
    )
    yield Grid((_("No."), _("Measure"), _("Goal"), _("Owner"), _("Status")), rows)


def _budget(plan: Plan) -> Iterable[Block]:
    rows = [(number, item.title, grouped(Decimal(item.cost_wan))) for number, item in _numbered(plan) if item.cost_wan]
    if rows:
        rows.append(("", _("Total"), grouped(plan.cost_wan)))
    header = (_("No."), _("Measure"), _("Cost (10,000 yuan)"))
    yield Grid(header, tuple(rows), (2,), has_total=bool(rows))
    unknown = [item.title for item in plan.counted if not item.cost_wan]
    if unknown:
        yield _("Not estimated yet: %(measures)s.", measures=_("; ").join(unknown))


def _schedule(plan: Plan) -> Iterable[Block]:
    dated = [(number, item) for number, item in _numbered(plan) if item.since or item.until]
    ordered = sorted(dated, key=lambda pair: (pair[1].since or pair[1].until, int(pair[0])))
    rows = tuple(
        (number, item.title, item.since or "—", item.until or "—", item.owner or "—") for number, item in ordered
    )
    yield Grid((_("No."), _("Measure"), _("From"), _("To"), _("Owner")), rows)
