"""The areas of a framework that is rated in bands, in the order and under the building blocks of its edition."""

from __future__ import annotations

from dataclasses import dataclass

from maturity.adaptive.framework import Framework
from maturity.questionnaires.model import Text

#: The framework whose areas can be put in an order of priority.
FRAMEWORK = "siri_style"
BANDS = tuple(range(6))


@dataclass(frozen=True, slots=True)
class Area:
    """One area that is rated; its id is that of its indicator and of its fact."""

    id: str
    title: Text
    block: str
    block_title: Text
    bands: tuple[Text, ...]  # our own line for each band


def areas_of(framework: Framework) -> tuple[Area, ...]:
    """Every area, building block by building block."""
    return tuple(
        Area(
            indicator.id,
            framework.title(indicator.id),
            dimension.id,
            framework.title(dimension.id),
            tuple(option.label for option in framework.edition.facts[indicator.facts["answer"]].options),
        )
        for dimension in framework.scoring.dimensions
        for group in dimension.groups
        for indicator in sorted(group.indicators, key=lambda item: _position(framework, item.facts["answer"]))
    )


def _position(framework: Framework, fact: str) -> int:
    return framework.edition.order.index(framework.edition.asked_by[fact])


def band_of(option: str) -> int:
    """
    >>> band_of("b3")
    3
    """
    return int(option.removeprefix("b"))
