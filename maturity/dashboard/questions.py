"""The questions a regulator comes with, each with the view that answers it, as far as anything published does."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from maturity.dashboard.asked import Asked
from maturity.dashboard.breakdown import broken_down
from maturity.dashboard.scene import Scene
from maturity.dashboard.words import place_words


@dataclass(frozen=True, slots=True)
class Question:
    """`answer` says what will be seen, so that nobody opens a view in vain."""

    text: str
    answer: str
    page: str
    asked: Asked


def questions(scene: Scene) -> list[Question]:
    """In the order in which they are asked in December."""
    industries = _where(scene, "division", Asked(indicator="cnc_rate", by="division", order="value"))
    cities = Asked(region=scene.home, indicator="capability", by="city", order="value")
    place = scene.words(place_words(industries.region))
    asked = [
        Question(
            _("In which industries is the CNC rate of key processes below %(place)s?", place=place),
            _("Industries by their median, against the whole, with ranks"),
            "compare",
            industries,
        ),
        _where_it_leads(scene, cities),
        Question(
            _("What has changed since last year?"),
            _("Scores of two releases side by side, by sector"),
            "change",
            _where(scene, "sector", Asked(indicator="capability", by="sector")),
        ),
        Question(
            _("Are the targets met?"),
            _("Published targets (≥, > or about) against published actuals"),
            "targets",
            Asked(indicator="cnc_rate"),
        ),
        Question(
            _("Which levels have enterprises reached?"),
            _("Level shares by size of enterprise"),
            "levels",
            _where(scene, "size", Asked(by="size")),
        ),
        Question(
            _("How far are small enterprises behind large ones?"),
            _("Shares of enterprises with ERP, by size"),
            "compare",
            _where(scene, "size", Asked(indicator="erp", by="size", order="place")),
        ),
        Question(
            _("How does %(place)s stand in all key indicators?", place=scene.words(place_words(scene.home_or_nation))),
            _("CNC rate, R&D tools, ERP, e-commerce, integration and readiness on one page"),
            "profile",
            Asked(region=scene.home_or_nation),
        ),
        Question(
            _("How have the sectors moved over the years?"),
            _("Small multiples: one sector a panel, the whole in grey"),
            "panels",
            Asked(indicator="cnc_rate", by="sector"),
        ),
    ]
    return [question for question in asked if question.asked.indicator in ("", *scene.indicators)]


def _where_it_leads(scene: Scene, cities: Asked) -> Question:
    """Cities of the reader's province where any is published, else provinces."""
    if cities.region and _shown(scene, cities, "city"):
        place = scene.words(place_words(cities.region))
        text = _("Which cities of %(place)s lead?", place=place)
        return Question(text, _("A map of tiles, with ranks in the table"), "map", cities.but(by="", order=""))
    provinces = Asked(indicator="capability")
    return Question(
        _("Which provinces lead?"), _("A map of tiles, with ranks in the table"), "map", provinces
    )  # fmt: skip


def _where(scene: Scene, by: str, asked: Asked) -> Asked:
    """In the reader's province where the parts are published there, else in the whole country."""
    inside = asked.but(region=scene.home_or_nation)
    return inside if _shown(scene, inside, by) else asked


def _shown(scene: Scene, asked: Asked, by: str) -> bool:
    """Whether two parts at least can be compared."""
    what = asked.indicator or ("levels" if by == "size" else "")
    return sum(scene.desk.has(scene.release, part, what) for part in broken_down(asked, by, scene.home).parts) > 1
