"""The dashboard's charts as data: each feeds the picture, the interactive figure, the table and the files alike."""

from __future__ import annotations

from dataclasses import dataclass

from maturity.results.charts import Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Board(Chart):
    """What every chart of the dashboard carries besides finding, source and table.

    `mark` says that the figures are of no real enterprises, and stands on the picture itself; `notes` stand under it.
    """

    mark: str
    notes: tuple[str, ...] = ()
    file: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A row of a comparison: a value, and the middle half where it is a median."""

    label: str
    value: int
    low: int | None
    high: int | None
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared(Board):
    """One indicator in several populations, against the whole they are parts of."""

    marks: tuple[Mark, ...]
    reference: tuple[int, str] | None
    unit: str
    value_label: str
    range_label: str


@dataclass(frozen=True, slots=True)
class ProfileRow:
    label: str
    value: int
    low: int | None
    high: int | None
    reference: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Board):
    """All indicators of one population, in groups of one kind each, against a wider population."""

    groups: tuple[tuple[str, tuple[ProfileRow, ...]], ...]
    own_label: str
    range_label: str
    reference_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelShares(Board):
    """Shares of levels in percent by population; levels that stand together are one part."""

    rows: tuple[tuple[str, tuple[tuple[tuple[int, ...], int], ...]], ...]
    levels: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """`value` is None where nothing is published."""

    row: int
    column: int
    label: str
    value: int | None
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles(Board):
    """A map of equal tiles; `edges` are the lower ends of the classes that the tiles are coloured by."""

    tiles: tuple[Tile, ...]
    edges: tuple[int, ...]
    unit: str
    not_published: str


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    before: int
    after: int
    is_same: bool
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed(Board):
    """From one release to the next, by population; `basis_break` says why the two do not stand on one basis."""

    steps: tuple[Step, ...]
    unit: str
    before_label: str
    after_label: str
    basis_break: str


@dataclass(frozen=True, slots=True)
class Year:
    year: int
    value: int
    low: int | None
    high: int | None


Segments = tuple[tuple[Year, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines(Board):
    """An indicator over the releases, a panel for each population, cut wherever the basis changes.

    `whole` runs through every panel in grey, so that they can be compared; `years` are those of the axis.
    """

    panels: tuple[tuple[str, Segments], ...]
    whole: Segments
    whole_label: str
    own_label: str
    range_label: str
    break_label: str
    years: tuple[int, ...]
    unit: str


@dataclass(frozen=True, slots=True)
class Goal:
    """A target with how it is meant: ≥, > or about."""

    year: float
    value: float
    comparator: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Against(Board):
    """Published national figures, cut where their population changes, with targets; and the site's own, apart."""

    segments: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]
    goals: tuple[Goal, ...]
    released: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]
    break_label: str
    unit: str
