"""By industry, by size, by region: pictures and tables of the same indicators, narrowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.words import CONTRIBUTORS
from maturity.yearly.drafting.draft import Draft, Keys
from maturity.yearly.paper import Block, Section
from maturity.yearly.scope import INDUSTRY, NATIONAL, REGION

#: What the broken-down tables show, as far as a release has it.
SHOWN = (
    "capability",
    "cnc_rate",
    "equipment_networked_rate",
    "rd_tools",
    "erp",
    "mes",
    "production_supply_sales_integration",
    "smart_ready",
)


def _shown(d: Draft) -> list[str]:
    return [name for name in SHOWN if name in d.book.indicators][:6]


def _table(d: Draft, caption: str, keys: Keys, name_of: Callable[[CellKey], str]) -> Block | None:
    names = _shown(d)
    there = [key for key in keys if d.book.cell(key) is not None]
    head = [d.say("单元", "Cell"), d.say(CONTRIBUTORS.zh, CONTRIBUTORS.en), *(d.title(name) for name in names)]
    rows = [
        [name_of(key), d.token("cell", key, "contributors"), *(d.token(name, key) for name in names)] for key in there
    ]
    missing = len(keys) - len(there)
    note = (
        d.say("整体未达到发布条件的单元不列出。", "Cells that are withheld as a whole are not listed.")
        if missing
        else ""
    )
    return d.table(caption, head, rows, wide=True, note=note)


def _sentences(d: Draft, keys: Keys, name_of: Callable[[CellKey], str], names: Sequence[str]) -> list[str]:
    told = []
    for name in names:
        if name in d.book.indicators:
            ends = d.extremes(name, keys, name_of)
            if ends:
                told.append(ends)
    return told


def industries(d: Draft) -> Section:
    def name_of(key: CellKey) -> str:
        return d.names.industry(key.industry)

    own = d.scope.focus
    blocks: list[Block | None] = []
    if d.scope.sectors:
        blocks += [
            d.finding(d.extremes("capability", d.scope.sectors, name_of)),
            d.boxes(
                d.say("各大类行业的能力得分", "Capability score by sector"),
                [(name_of(key), "capability", key) for key in d.scope.sectors],
            ),
            _table(d, d.say("各大类行业的主要指标", "Key indicators by sector"), d.scope.sectors, name_of),
            d.bullets(_sentences(d, d.scope.sectors, name_of, _shown(d)[1:])),
        ]
    there = [key for key in d.scope.divisions if d.figure("capability", key) is not None]
    if there:
        zh = "行业大类按国民经济行业分类（{{=GB/T 4754-2017}}）划分。"
        en = "Divisions are those of the industrial classification ({{=GB/T 4754-2017}})."
        blocks += [
            d.heading("各行业大类", "Divisions"),
            d.paragraph(d.say(zh, en), _compared_with_sisters(d), d.extremes("capability", there, name_of)),
            d.boxes(
                d.say("各行业大类的能力得分", "Capability score by division"),
                [(name_of(key), "capability", key) for key in there],
            ),
        ]
        cnc = [key for key in there if d.figure("cnc_rate", key) is not None]
        if cnc:
            blocks += [
                d.paragraph(d.extremes("cnc_rate", cnc, name_of)),
                d.boxes(
                    d.say("各行业大类的关键工序数控化率", "CNC rate of key processes by division"),
                    [(name_of(key), "cnc_rate", key) for key in cnc],
                ),
            ]
        blocks.append(
            _table(d, d.say("各行业大类的主要指标", "Key indicators by division"), d.scope.divisions, name_of)
        )
    if not blocks and d.scope.kind == REGION:
        blocks = [
            d.paragraph(d.say(f"{d.where(own)}各行业未达到发布条件。", f"no industry of {d.where(own)} is published."))
        ]
    return d.section("industries", "分行业", "By industry", blocks)


def _compared_with_sisters(d: Draft) -> str:
    if d.scope.kind != INDUSTRY or d.scope.focus not in d.scope.divisions or not d.scope.wider:
        return ""
    return d.compared("capability", d.scope.focus, d.scope.wider[0])


def sizes(d: Draft) -> Section:
    def name_of(key: CellKey) -> str:
        return d.names.size(key.size)

    keys = d.scope.sizes
    told = [d.compared("capability", keys[0], keys[1]), d.compared("capability", keys[1], keys[2])]
    if "cnc_rate" in d.book.indicators:
        told += [d.compared("cnc_rate", keys[0], keys[2])]
    blocks: list[Block | None] = [
        d.finding(told[0]),
        d.paragraph(*told[1:]),
        d.paragraph(
            d.say(
                "企业规模按《统计上大中小微型企业划分办法（{{=2017}}）》，由从业人员和营业收入两项共同决定。",
                "Size follows the official classification of {{=2017}}, by persons employed and revenue together.",
            )
        ),
        d.boxes(
            d.say("各规模企业的能力得分", "Capability score by size"),
            [(name_of(key), "capability", key) for key in keys],
        ),
        _table(d, d.say("各规模企业的主要指标", "Key indicators by size"), keys, name_of),
    ]
    crossed = d.scope.crossed
    by_industry = d.scope.kind != INDUSTRY
    for name in ("capability", "cnc_rate"):
        if name not in d.book.indicators:
            continue
        rows = [
            [
                d.names.industry(row[0].industry) if by_industry else d.names.region(row[0].region),
                *(d.token(name, key) for key in row),
            ]
            for row in crossed
            if any(d.figure(name, key) for key in row)
        ]
        head = [d.say("行业", "Sector") if by_industry else d.say("地区", "Region"), *(name_of(key) for key in keys)]
        zh = f"{d.title(name)}的中位数：{'行业' if by_industry else '地区'}与规模"
        blocks.append(
            d.table(
                d.say(zh, f"Median of “{d.title(name)}” by {'sector' if by_industry else 'region'} and size"),
                head,
                rows,
            )
        )
    blocks.append(
        d.note(
            "比较不同行业或地区时宜看同一规模：规模构成不同，总体中位数之差可能只是构成之差。",
            "Compare sectors or regions within one size: where the mix of sizes differs, overall medians may differ "
            "for that alone.",
        )
    )
    return d.section("sizes", "分规模", "By size", blocks)


def regions(d: Draft) -> Section:
    def name_of(key: CellKey) -> str:
        return d.names.region(key.region)

    blocks: list[Block | None] = []
    if d.scope.macros:
        blocks += [
            d.finding(d.extremes("capability", d.scope.macros, name_of)),
            d.boxes(
                d.say("各地区的能力得分", "Capability score by macro-region"),
                [(name_of(key), "capability", key) for key in d.scope.macros],
            ),
            _table(d, d.say("各地区的主要指标", "Key indicators by macro-region"), d.scope.macros, name_of),
        ]
    if d.scope.cities:
        blocks += _cities(d, name_of)
    there = d.known(d.scope.provinces, "capability")
    if there:
        blocks += [
            d.heading("各省（区、市）", "Provinces")
            if d.scope.kind != REGION
            else d.heading("与邻近省份比较", "Beside neighbouring provinces"),
            d.paragraph(d.extremes("capability", there, name_of)),
            d.tiles(
                d.say("各省（区、市）能力得分的中位数", "Median capability score by province"),
                "capability",
                d.scope.provinces,
            )
            if d.scope.kind != REGION
            else None,
            d.boxes(
                d.say("各省（区、市）的能力得分", "Capability score by province"),
                [(name_of(key), "capability", key) for key in there],
            ),
            _table(d, d.say("各省（区、市）的主要指标", "Key indicators by province"), d.scope.provinces, name_of),
        ]
        if d.scope.kind == NATIONAL and "cnc_rate" in d.book.indicators:
            blocks += [
                d.paragraph(d.extremes("cnc_rate", there, name_of)),
                d.tiles(
                    d.say("各省（区、市）关键工序数控化率的中位数", "Median CNC rate by province"),
                    "cnc_rate",
                    d.scope.provinces,
                ),
            ]
    groups = d.known(d.scope.groups, "capability")
    if groups:
        blocks += [
            d.heading("重点区域", "Named regions"),
            d.paragraph(
                d.say(
                    "重点区域由若干省市合成，与各省之间的差额同样经过披露控制。",
                    "Named regions are unions of provinces and cities; their differences from provinces are "
                    "controlled as well.",
                ),
                d.extremes("capability", groups, name_of),
            ),
            d.boxes(
                d.say("重点区域的能力得分", "Capability score of named regions"),
                [(name_of(key), "capability", key) for key in groups],
            ),
        ]
    return d.section("regions", "分地区", "By region", blocks)


def _cities(d: Draft, name_of: Callable[[CellKey], str]) -> list[Block | None]:
    there = d.known(d.scope.cities, "capability")
    if not there:
        return [
            d.paragraph(
                d.say(
                    f"{d.where(d.scope.focus)}各市未达到发布条件。",
                    f"no city of {d.where(d.scope.focus)} is published.",
                )
            )
        ]
    return [
        d.heading("各市", "Cities"),
        d.finding(d.extremes("capability", there, name_of)),
        d.boxes(
            d.say("各市的能力得分", "Capability score by city"), [(name_of(key), "capability", key) for key in there]
        ),
        _table(d, d.say("各市的主要指标", "Key indicators by city"), d.scope.cities, name_of),
        d.paragraph(d.withheld_of(d.scope.cities, "capability")),
    ]
