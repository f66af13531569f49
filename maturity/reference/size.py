"""The size class of an industrial enterprise: 统计上大中小微型企业划分办法（2017）, from headcount and revenue."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

SIZES = ("micro", "small", "medium", "large")
#: size -> (least persons, least revenue in 10,000 yuan); both must be met
LIMITS: dict[str, tuple[int, Decimal]] = {
    "large": (1000, Decimal(40000)),
    "medium": (300, Decimal(2000)),
    "small": (20, Decimal(300)),
}
ABOVE_SCALE_WAN = Decimal(2000)


@dataclass(frozen=True, slots=True)
class SizeReason:
    """Why a class was or was not reached."""

    size: str
    least_headcount: int
    least_revenue_wan: Decimal
    headcount_met: bool
    revenue_met: bool


def size_class(headcount: int, revenue_wan: Decimal) -> str:
    """The highest class both of whose lower limits are met, else micro.

    >>> size_class(1000, Decimal(39999)), size_class(19, Decimal(50000)), size_class(300, Decimal(2000))
    ('medium', 'micro', 'medium')
    """
    return next((reason.size for reason in explain_size(headcount, revenue_wan) if _met(reason)), "micro")


def explain_size(headcount: int, revenue_wan: Decimal) -> tuple[SizeReason, ...]:
    """Each class from large down, with the limits met or missed."""
    return tuple(
        SizeReason(size, persons, revenue, headcount >= persons, revenue_wan >= revenue)
        for size, (persons, revenue) in LIMITS.items()
    )


def _met(reason: SizeReason) -> bool:
    return reason.headcount_met and reason.revenue_met


def is_above_scale(revenue_wan: Decimal) -> bool:
    """规模以上: yearly main-business revenue of 20 million yuan or more."""
    return revenue_wan >= ABOVE_SCALE_WAN
