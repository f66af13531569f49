"""Recommendations: each follows from a rule over the figures, and names the figure that triggered it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from maturity.yearly.drafting.draft import Draft
from maturity.yearly.language import Side, side, side_of_value
from maturity.yearly.paper import Section

Rule = Callable[[Draft], Iterator[tuple[str, str]]]


def recommendations(d: Draft) -> Section:
    found = [pair for rule in RULES for pair in rule(d)]
    blocks = [
        d.paragraph(
            d.say(
                "以下建议由固定规则从已发布的数字得出：每条先写触发它的数字，再写建议。规则只用于提示，取舍由编写单"
                "位决定。",
                "These recommendations follow by fixed rules from published figures: each begins with the figures "
                "that triggered it. "
                "The rules suggest; what is kept is for the editors to decide.",
            )
        )
    ]
    for heading in dict.fromkeys(heading for heading, _text in found):
        blocks.append(d.heading(heading, heading))
        blocks += [d.paragraph(text) for named, text in found if named == heading]
    if not found:
        blocks.append(d.paragraph(d.say("已发布的数字没有触发任何规则。", "No published figure triggered a rule.")))
    return d.section("recommendations", "政策建议", "Recommendations", blocks)


def _sizes_apart(d: Draft) -> Iterator[tuple[str, str]]:
    large, small = d.scope.sizes[0], d.scope.sizes[2]
    for name in ("cnc_rate", "capability"):
        one, other = (d.figure(name, key) if name in d.book.indicators else None for key in (large, small))
        if one is not None and other is not None and side(one, other) is Side.HIGHER:
            yield (
                d.say("缩小规模差距", "Narrow the gap between sizes"),
                d.joined(
                    [
                        d.compared(name, large, small),
                        d.say(
                            "小型企业宜从标准化的云服务和成套的轻量改造方案入手，由链主企业和园区带动，优先补齐设备数控"
                            "化和核心业务上系统两项。",
                            "Small enterprises best begin with standard cloud services and ready-made light retrofits, "
                            "led by the head of "
                            "their chain or their park, with numerical control of equipment and core systems first.",
                        ),
                    ]
                ),
            )
            return


def _held_up(d: Draft) -> Iterator[tuple[str, str]]:
    texts = {
        "B": d.say(
            "加强网络、设备和数据等基础条件，把设备改造和数据采集放在前面。",
            "Strengthen networks, equipment and data; retrofit equipment and collect its data first.",
        ),
        "S": d.say(
            "补齐研发、生产、采购、销售等环节的单项系统，以普及为先。",
            "Complete single applications in design, production, purchasing and sales, with coverage first.",
        ),
        "G": d.say(
            "推进管理与控制、产供销之间的集成，统一主数据和接口标准，减少人工转录。",
            "Integrate management with control, and purchasing with production and sales; unify master data and "
            "interfaces so that nothing is typed twice.",
        ),
        "X": d.say(
            "支持产业链协同平台、服务型制造和个性化定制等新模式的试点。",
            "Support pilots of chain-wide collaboration, service-oriented manufacturing and customisation.",
        ),
    }
    told: set[str] = set()
    for gate in sorted(d.book.gates.values(), key=lambda gate: gate.level):
        figure = d.figure(gate.dimension, d.scope.focus) if gate.dimension in d.book.indicators else None
        if figure is None or gate.dimension not in texts or gate.dimension in told:
            continue
        if side_of_value(figure, gate.value) is not Side.LOWER:
            continue
        told.add(gate.dimension)
        level = d.book.levels[gate.level].to(d.locale)
        trigger = d.sentence(
            d.say(
                f"{d.where(d.scope.focus)}{d.title(gate.dimension)}的中位数 "
                f"{d.token(gate.dimension, d.scope.focus)} 低于“{level}”的门槛 {{{{gate:{gate.id}}}}}",
                f"the median of “{d.title(gate.dimension)}”, {d.token(gate.dimension, d.scope.focus)}, is below the "
                f"gate of “{level}”, {{{{gate:{gate.id}}}}}",
            )
        )
        yield d.say("突破阶段瓶颈", "Clear what holds enterprises up"), d.joined([trigger, texts[gate.dimension]])


def _tools_ahead_of_integration(d: Draft) -> Iterator[tuple[str, str]]:
    focus = d.scope.focus
    for many, few in (("erp", "production_supply_sales_integration"), ("mes", "management_control_integration")):
        if many not in d.book.indicators or few not in d.book.indicators:
            continue
        one, other = d.figure(many, focus), d.figure(few, focus)
        if one is not None and other is not None and side(one, other) is Side.HIGHER:
            trigger = d.sentence(
                d.say(
                    f"{d.title(many)}为 {d.token(many, focus)}，{d.title(few)}为 {d.token(few, focus)}",
                    f"“{d.title(many)}” stands at {d.token(many, focus)}, “{d.title(few)}” at {d.token(few, focus)}",
                )
            )
            yield (
                d.say("从有系统到系统贯通", "From having systems to joining them"),
                d.joined(
                    [
                        trigger,
                        d.say(
                            "系统已有而集成不足，扶持重点宜由购置转向打通：以订单到交付的一条业务线为试点，验收看数据是"
                            "否自动流转。",
                            "Systems are there and integration is not: support should move from buying to joining. "
                            "Begin "
                            "with one line of "
                            "business from order to delivery, and accept it by whether data flow by themselves.",
                        ),
                    ]
                ),
            )


def _equipment_not_networked(d: Draft) -> Iterator[tuple[str, str]]:
    focus, digital, networked = d.scope.focus, "equipment_digital_rate", "equipment_networked_rate"
    if digital not in d.book.indicators or networked not in d.book.indicators:
        return
    one, other = d.figure(digital, focus), d.figure(networked, focus)
    if one is not None and other is not None and side(one, other) is Side.HIGHER:
        trigger = d.sentence(
            d.say(
                f"{d.title(digital)}的中位数为 {d.token(digital, focus)}，{d.title(networked)}的中位数为 "
                f"{d.token(networked, focus)}",
                f"the median of “{d.title(digital)}” is {d.token(digital, focus)}, that of “{d.title(networked)}” "
                f"{d.token(networked, focus)}",
            )
        )
        yield (
            d.say("设备联网", "Connect equipment"),
            d.joined(
                [
                    trigger,
                    d.say(
                        "已数字化而未联网的设备是见效最快的一块：采用边缘采集和通用协议，先联关键工序，再联辅助设备。",
                        "Equipment that is digital and not connected is where effort shows soonest: collect at the "
                        "edge "
                        "with common protocols, "
                        "key processes first, auxiliary equipment after them.",
                    ),
                ]
            ),
        )


def _lagging_parts(d: Draft) -> Iterator[tuple[str, str]]:
    wholes = (
        (d.scope.sectors, lambda key: d.names.industry(key.industry)),
        (d.scope.cities or d.scope.macros, lambda key: d.names.region(key.region)),
    )
    for keys, name_of in wholes:
        whole = d.figure("capability", d.scope.focus)
        if whole is None:
            return
        behind = [key for key in keys if (own := d.figure("capability", key)) and side(own, whole) is Side.LOWER]
        behind = sorted(behind, key=lambda key: d.figure("capability", key).value)[:4]  # type: ignore[union-attr]  # known
        if not behind:
            continue
        told = d.say("、", ", ").join(
            f"{name_of(key)}{d.say('（', ' (')}{d.token('capability', key)}{d.say('）', ')')}" for key in behind
        )
        trigger = d.sentence(
            d.say(
                f"能力得分中位数低于{d.where(d.scope.focus)}整体（{d.token('capability', d.scope.focus)}）的有：{told}",
                f"with a median capability score below that of {d.where(d.scope.focus)} "
                f"({d.token('capability', d.scope.focus)}) there are {told}",
            )
        )
        yield (
            d.say("分类施策", "Different measures for different parts"),
            d.joined(
                [
                    trigger,
                    d.say(
                        "宜组织对口诊断，先看规模构成，再看维度短板，把扶持资金投向差距所在的环节。",
                        "Have them diagnosed by specialists, look at the mix of sizes first and at weak dimensions "
                        "next, "
                        "and put support where "
                        "the gap is.",
                    ),
                ]
            ),
        )


def _coverage(d: Draft) -> Iterator[tuple[str, str]]:
    keys = [*d.scope.divisions, *d.scope.cities]
    withheld = [key for key in keys if d.book.cell(key) is None]
    if withheld:
        yield (
            d.say("扩大参评面", "Widen the coverage"),
            d.say(
                "部分行业大类或城市参评企业不足，未达到发布条件。宜在下一年度有针对性地组织参评，使其达到单元最少集"
                "团数 {{rule:least_groups}} 和发布四分位数的最少集团数 {{rule:least_for_quartiles}}。",
                "Some divisions or cities have too few enterprises to be published. Invite more of them next year, "
                "so that they reach the "
                "{{rule:least_groups}} groups a cell needs and the {{rule:least_for_quartiles}} that quartiles need.",
            ),
        )


RULES: tuple[Rule, ...] = (
    _sizes_apart,
    _held_up,
    _tools_ahead_of_integration,
    _equipment_not_networked,
    _lagging_parts,
    _coverage,
)
