"""The regional index: normalise, weigh, sum; rank within peers; what is missing is marked and never hidden.

Exact: ratios are rational numbers; a logarithm is taken to forty digits and kept to thirty, so that the same figures
always give the same index. Values are printed half to even, which gives the published digits wherever the published
parts determine them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache

from maturity.regional.model import IndexClass, IndexModel, Indicator, PeerGroup

#: How a figure of an indicator came about.
OBSERVED, LAST_YEAR, PEER_MEDIAN = "observed", "last_year", "peer_median"
#: Why there is none.
MISSING, WITHHELD, NO_BASE, UNUSABLE = "missing", "withheld", "no_base", "unusable"
#: Why a region has no index.
TOO_MUCH_MISSING, EMPTY_CLASS = "too_much_missing", "empty_class"
LEAST_FOR_A_MEDIAN = 3
_DIGITS, _KEPT = 40, 30


@dataclass(frozen=True, slots=True)
class Datum:
    """One figure with where it is from; `value` is None where a release withholds it."""

    value: Fraction | None
    comparator: str = ""
    source: str = ""
    provenance: str = ""
    release: str = ""


#: indicator, region, year -> figure
Values = Mapping[tuple[str, str, int], Datum]


@dataclass(frozen=True, slots=True)
class Part:
    """What one indicator did for a region; `weight` is its share of the whole index after what is left out."""

    indicator: str
    how: str
    datum: Datum | None
    score: Fraction | None
    weight: Fraction
    base: Fraction | None

    @property
    def contribution(self) -> Fraction | None:
        return None if self.score is None else self.score * self.weight

    @property
    def is_imputed(self) -> bool:
        return self.how in (LAST_YEAR, PEER_MEDIAN)


@dataclass(frozen=True, slots=True)
class ClassIndex:
    id: str
    value: Fraction | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class RegionIndex:
    """`imputed` and `left_out` are shares of the model's weight; beyond what the model allows there is no total."""

    region: str
    total: Fraction | None
    classes: tuple[ClassIndex, ...]
    imputed: Fraction
    left_out: Fraction
    reason: str

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(part for one in self.classes for part in one.parts)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The index of a year for every region of the model, and for the region it is referred to."""

    year: int
    regions: tuple[RegionIndex, ...]
    reference: RegionIndex

    def of(self, region: str) -> RegionIndex | None:
        every = (*self.regions, self.reference)
        return next((one for one in every if one.region == region), None)

    @property
    def has_index(self) -> bool:
        return any(one.total is not None for one in self.regions)


@dataclass(frozen=True, slots=True)
class Standing:
    """A rank with what it is a rank among: n regions with an index, of so many in the group."""

    rank: int
    is_tied: bool
    n: int
    of: int


@cache
def _ln2() -> Decimal:
    with localcontext() as context:
        context.prec = _DIGITS + 10
        return Decimal(2).ln()


def log2(value: Fraction) -> Fraction:
    """
    >>> log2(Fraction(2)), log2(Fraction(4)), log2(Fraction(1))
    (Fraction(1, 1), Fraction(2, 1), Fraction(0, 1))
    """
    with localcontext() as context:
        context.prec = _DIGITS + 10
        exact = (Decimal(value.numerator) / Decimal(value.denominator)).ln() / _ln2()
        return Fraction(exact.quantize(Decimal(1).scaleb(-_KEPT)))


def normalise(indicator: Indicator, value: Fraction, base: Fraction | None, base_value: Fraction) -> Fraction | None:
    """The figure on the scale of the index; None where the formula says nothing about such a figure.

    A ratio or logarithm gives the base value at the base and has no upper end; less being better, base over value
    stands in the place of value over base. Goalposts give 0 to 100.
    """
    if indicator.normalisation == "plain":
        return value
    if indicator.normalisation == "range":
        return _between(indicator, value)
    if base is None:
        return None
    if indicator.direction == "down":
        if value <= 0:
            return None
        ratio = base / value
    else:
        ratio = value / base
    if indicator.normalisation == "ratio":
        return base_value * ratio
    return None if ratio <= -1 else base_value * log2(1 + ratio)


def _between(indicator: Indicator, value: Fraction) -> Fraction:
    low, high = indicator.low or Fraction(0), indicator.high or Fraction(0)
    share = (value - low) / (high - low)
    share = min(max(share, Fraction(0)), Fraction(1))
    return 100 * (share if indicator.direction == "up" else 1 - share)


def compute(model: IndexModel, year: int, values: Values) -> Outcome:
    """The index of every region in a year."""
    bases = _bases(model, values)
    made = {code: _region(model, code, year, values, bases) for code in (*model.regions, model.reference)}
    return Outcome(year, tuple(made[code] for code in model.regions), made[model.reference])


def compute_one(model: IndexModel, region: str, year: int, values: Values) -> RegionIndex:
    """The index of one region, as `compute` gives it."""
    return _region(model, region, year, values, _bases(model, values))


def _bases(model: IndexModel, values: Values) -> dict[str, Fraction | None]:
    return {indicator.id: base_of(model, indicator, values) for indicator in model.indicators}


def base_of(model: IndexModel, indicator: Indicator, values: Values) -> Fraction | None:
    """What the indicator is normalised by; None while the reference's figure of the base year is missing or useless."""
    if not indicator.needs_reference:
        return indicator.base
    datum = values.get((indicator.id, model.reference, model.base_year))
    return datum.value if datum and datum.value is not None and datum.value > 0 else None


def _region(
    model: IndexModel, code: str, year: int, values: Values, bases: Mapping[str, Fraction | None]
) -> RegionIndex:
    classes = tuple(_class(model, one, code, year, values, bases) for one in model.classes)
    weights = {i.id: one.weight * i.weight for one in model.classes for i in one.indicators}
    parts = [part for one in classes for part in one.parts]
    imputed = sum((weights[part.indicator] for part in parts if part.is_imputed), Fraction(0))
    left_out = sum((weights[part.indicator] for part in parts if part.score is None), Fraction(0))
    reason = ""
    if any(one.value is None for one in classes):
        reason = EMPTY_CLASS
    elif imputed + left_out > model.most_missing:
        reason = TOO_MUCH_MISSING
    total = None if reason else total_of(model, {one.id: one.value for one in classes})
    return RegionIndex(code, total, classes, imputed, left_out, reason)


def total_of(model: IndexModel, classes: Mapping[str, Fraction | None]) -> Fraction:
    """The classes by their weights."""
    return sum((one.weight * (classes[one.id] or Fraction(0)) for one in model.classes), Fraction(0))


def _class(
    model: IndexModel,
    one: IndexClass,
    code: str,
    year: int,
    values: Values,
    bases: Mapping[str, Fraction | None],
) -> ClassIndex:
    """What has no score is left out, and the others carry its weight."""
    found = []
    for indicator in one.indicators:
        how, datum = _figure(model, indicator, code, year, values)
        base = bases[indicator.id]
        score = None
        if datum is not None and datum.value is not None:
            score = normalise(indicator, datum.value, base, model.base_value)
            if score is None:
                how = NO_BASE if base is None else UNUSABLE
        found.append((indicator, how, datum, score, base))
    carried = sum((i.weight for i, _, _, score, _ in found if score is not None), Fraction(0))
    parts = tuple(
        Part(i.id, how, datum, score, one.weight * i.weight / carried if score is not None else Fraction(0), base)
        for i, how, datum, score, base in found
    )
    value = None
    if carried:
        value = sum((i.weight * score for i, _, _, score, _ in found if score is not None), Fraction(0)) / carried
    return ClassIndex(one.id, value, parts)


def _figure(model: IndexModel, indicator: Indicator, code: str, year: int, values: Values) -> tuple[str, Datum | None]:
    """The figure itself, or what stands in for it: only ever another figure that was observed."""
    own = values.get((indicator.id, code, year))
    if own is not None and own.value is not None:
        return OBSERVED, own
    for way in model.imputations:
        if way == LAST_YEAR:
            before = values.get((indicator.id, code, year - 1))
            if before is not None and before.value is not None:
                return LAST_YEAR, before
        else:
            median = peer_median(model.primary_group(code), indicator.id, year, values)
            if median is not None:
                return PEER_MEDIAN, Datum(median)
    return (MISSING if own is None else WITHHELD), None


def peer_median(group: PeerGroup | None, indicator: str, year: int, values: Values) -> Fraction | None:
    """The median of what was observed in the group; None of fewer than three."""
    members = group.regions if group else ()
    data = (values.get((indicator, code, year)) for code in members)
    known = sorted(datum.value for datum in data if datum is not None and datum.value is not None)
    if len(known) < LEAST_FOR_A_MEDIAN:
        return None
    middle = len(known) // 2
    return known[middle] if len(known) % 2 else (known[middle - 1] + known[middle]) / 2


# ---- printing, ranks, growth


def printed(value: Fraction, places: int) -> Decimal:
    """Rounded half to even.

    >>> str(printed(Fraction("98.825"), 1)), str(printed(Fraction("66.135"), 2)), str(printed(Fraction(50), 1))
    ('98.8', '66.14', '50.0')
    """
    return Decimal(round(value * 10**places)).scaleb(-places)


def ranks(totals: Mapping[str, Fraction | None], group: PeerGroup, places: int) -> dict[str, Standing]:
    """Ranks by the value as printed: who cannot be told apart on paper shares a rank, and the next one is skipped.

    >>> from maturity.questionnaires.model import Text
    >>> four = PeerGroup("g", Text("", ""), ("a", "b", "c", "d"))
    >>> found = ranks({"a": Fraction("70.04"), "b": Fraction("70.01"), "c": Fraction(60), "x": Fraction(99)}, four, 1)
    >>> [(code, one.rank, one.is_tied, one.n, one.of) for code, one in found.items()]
    [('a', 1, True, 3, 4), ('b', 1, True, 3, 4), ('c', 3, False, 3, 4)]
    """
    known = {code: totals.get(code) for code in group.regions}
    rows = {code: printed(value, places) for code, value in known.items() if value is not None}
    ordered = sorted(rows.values(), reverse=True)
    return {
        code: Standing(ordered.index(value) + 1, ordered.count(value) > 1, len(rows), len(group.regions))
        for code, value in sorted(rows.items(), key=lambda item: -item[1])
    }


def growth(first: Fraction, last: Fraction, years: int) -> Decimal | None:
    """Compound growth in per cent a year, two places; None where there is nothing to grow from.

    >>> growth(Fraction("52.73"), Fraction("66.14"), 3)
    Decimal('7.85')
    """
    if first <= 0 or last <= 0 or years < 1:
        return None
    with localcontext() as context:
        context.prec = _DIGITS
        ratio = last / first
        power = (Decimal(ratio.numerator) / Decimal(ratio.denominator)).ln() / years
        return ((power.exp() - 1) * 100).quantize(Decimal("0.01"))


# ---- what published figures allow


@dataclass(frozen=True, slots=True)
class Check:
    """A published total against its published parts: `low` and `high` are what the rounding of the parts allows."""

    exact: Fraction
    low: Fraction
    high: Fraction
    gives_the_digit: bool
    is_possible: bool


def check_total(
    model: IndexModel, classes: Mapping[str, Decimal], total: Decimal, *, slack: Fraction | None = None
) -> Check:
    """Whether the parts as printed give the total as printed and, where not, whether parts that print so could.

    `slack` is how far a part may lie from its printed value: half a unit of its last place, unless said otherwise.
    """
    known: dict[str, Fraction | None] = {name: Fraction(value) for name, value in classes.items()}
    exact = total_of(model, known)
    places = _places(total)
    room = sum(
        (one.weight * (_half_unit(classes[one.id]) if slack is None else slack) for one in model.classes), Fraction(0)
    )
    low, high = exact - room, exact + room
    half = _half_unit(total)
    possible = low <= Fraction(total) + half and high >= Fraction(total) - half
    return Check(exact, low, high, printed(exact, places) == total, possible)


def _places(value: Decimal) -> int:
    return max(-int(value.as_tuple().exponent), 0)


def _half_unit(value: Decimal) -> Fraction:
    return Fraction(1, 2 * 10 ** _places(value))


def mean_total(results: Iterable[RegionIndex]) -> Fraction | None:
    """The unweighted mean of the regions that have an index."""
    known: Sequence[Fraction] = [one.total for one in results if one.total is not None]
    return sum(known, Fraction(0)) / len(known) if known else None
