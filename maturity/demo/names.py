"""Names of synthetic enterprises: plainly made up, and marked so."""

from __future__ import annotations

from random import Random
from typing import Any

from maturity.reference.industries import industry
from maturity.reference.regions import regions

FIRST = tuple("云恒启瑞华盛远诚卓宏立新嘉安汇鼎博凯信泰")
SECOND = tuple("川达航峰泽源腾图林海纳铭和益锐隆丰晟润科")
TRADES = {
    "13": "粮油", "14": "食品", "15": "酒业", "17": "纺织", "18": "服饰", "21": "家居", "22": "纸业", "25": "石化",
    "26": "化工", "27": "药业", "29": "橡塑", "30": "建材", "31": "特钢", "32": "铝业", "33": "金属制品",
    "34": "机械", "35": "装备", "36": "汽车部件", "37": "轨道装备", "38": "电气", "39": "电子", "40": "仪表",
}  # fmt: skip


def enterprise_name(random: Random, profile: dict[str, Any], number: int) -> str:
    """A name such as 济南云川机械有限公司（演示0012）; the number keeps it unique and recognisable."""
    place = regions()[profile["region"]].zh.removesuffix("市").removesuffix("区").removesuffix("县")
    known = industry(profile["industry"])
    trade = TRADES.get(profile["industry"], known.zh[:2] if known else "制造")
    word = random.choice(FIRST) + random.choice(SECOND)
    kind = "集团有限公司" if profile["is_group"] else "有限公司"
    return f"{place}{word}{trade}{kind}（演示{number + 1:04d}）"
