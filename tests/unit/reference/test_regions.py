import re

import pytest

from maturity.reference.regions import (
    COUNTIES,
    DATA,
    MACRO_REGIONS,
    children,
    city_of,
    counties,
    full_name,
    macro_region_of,
    official_name,
    province_of,
    provinces,
    region,
    regions,
    search,
)


def found(text: str) -> list[str]:
    return [full_name(item.code, "zh_CN") for item in search(text)]


def test_there_are_thirty_four_provinces() -> None:
    assert len(provinces()) == 34


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("140000", "山西", "Shanxi"),
        ("610000", "陕西", "Shaanxi"),
        ("150000", "内蒙古", "Inner Mongolia"),
        ("540000", "西藏", "Tibet"),
        ("810000", "香港", "Hong Kong"),
        ("820000", "澳门", "Macao"),
    ],
)
def test_a_province_has_its_usual_names(code: str, zh: str, en: str) -> None:
    assert (regions()[code].zh, regions()[code].title("en")) == (zh, en)


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("长治市", "Changzhi"),
        ("长宁区", "Changning"),
        ("闵行区", "Minhang"),
        ("漯河市", "Luohe"),
        ("六安市", "Lu'an"),
        ("泰安市", "Tai'an"),
        ("吕梁市", "Lüliang"),
        ("哈尔滨市", "Harbin"),
        ("丰都县", "Fengdu"),
        ("忠县", "Zhongxian"),
        ("神农架林区", "Shennongjia"),
        ("延边朝鲜族自治州", "Yanbian"),
        ("伊犁哈萨克自治州", "Ili"),
    ],
)
def test_a_place_is_spelt_as_it_is_said(zh: str, en: str) -> None:
    assert [item.en for item in regions().values() if item.zh == zh] == [en]


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("乐清市", "Yueqing"),
        ("乐陵市", "Laoling"),
        ("六合区", "Luhe"),
        ("珲春市", "Hunchun"),
        ("子长市", "Zichang"),
        ("单县", "Shanxian"),
    ],
)
def test_a_county_is_spelt_as_it_is_said(zh: str, en: str) -> None:
    assert [item.en for item in counties().values() if item.zh == zh] == [en]


CODES = [(item.code, item.parent) for item in regions().values()] + [
    (item.code, item.parent) for item in counties().values()
]


def test_every_code_is_six_digits_and_in_its_parent() -> None:
    assert all(re.fullmatch(r"\d{6}", code) and code.startswith(parent[:2]) for code, parent in CODES)


def test_every_parent_is_known() -> None:
    assert {parent for _, parent in CODES if parent} <= regions().keys()


def test_no_county_is_a_place_of_its_own() -> None:
    assert not regions().keys() & counties().keys()


def test_every_place_has_an_english_name() -> None:
    assert all(item.en[0].isupper() for item in regions().values())


def test_the_lists_stay_small() -> None:
    assert DATA.stat().st_size + COUNTIES.stat().st_size < 300_000


@pytest.mark.parametrize(
    ("province", "some"),
    [
        ("110000", {"东城区", "朝阳区"}),
        ("500000", {"万州区", "城口县"}),
        ("370000", {"济南市", "菏泽市"}),
        ("410000", {"郑州市", "济源市"}),
        ("420000", {"武汉市", "仙桃市", "神农架林区"}),
        ("460000", {"海口市", "琼海市"}),
        ("650000", {"乌鲁木齐市", "石河子市"}),
    ],
)
def test_a_province_leads_to_what_lies_directly_under_it(province: str, some: set[str]) -> None:
    assert some <= {item.zh for item in children(province)}


def test_no_place_is_called_after_its_administration() -> None:
    assert not [item.zh for item in regions().values() if "直辖" in item.zh or item.zh in ("市辖区", "县")]


@pytest.mark.parametrize("code", ["", "990000", "3701", "370199", "370102"])
def test_what_is_no_place_is_none(code: str) -> None:
    assert region(code) is None


@pytest.mark.parametrize(
    ("code", "zh"),
    [("320583", "苏州市"), ("320500", "苏州市"), ("110105", "朝阳区"), ("659001", "石河子市"), ("441900", "东莞市")],
)
def test_a_code_lies_in_its_city(code: str, zh: str) -> None:
    place = city_of(code)
    assert place is not None
    assert place.zh == zh


@pytest.mark.parametrize("code", ["370000", "990101", ""])
def test_a_province_or_an_unknown_code_lies_in_no_city(code: str) -> None:
    assert city_of(code) is None


def test_the_province_of_a_county_is_known() -> None:
    assert province_of("370102").zh == "山东"
    with pytest.raises(KeyError):
        province_of("990101")


MACRO = {
    "east": "北京 天津 河北 上海 江苏 浙江 福建 山东 广东 海南",
    "central": "山西 安徽 江西 河南 湖北 湖南",
    "west": "内蒙古 广西 重庆 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆",
    "northeast": "辽宁 吉林 黑龙江",
    "other": "台湾 香港 澳门",
}


@pytest.mark.parametrize("macro", MACRO)
def test_macro_regions_are_those_of_the_statistics_office(macro: str) -> None:
    assert [item.zh for item in provinces() if item.macro == macro] == MACRO[macro].split()


def test_every_macro_region_has_a_name() -> None:
    assert {macro_region_of(code) for code in regions()} == set(MACRO_REGIONS)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("150000", "内蒙古自治区"),
        ("310000", "上海市"),
        ("370000", "山东省"),
        ("650000", "新疆维吾尔自治区"),
        ("810000", "香港特别行政区"),
    ],
)
def test_a_province_has_a_full_name(code: str, name: str) -> None:
    assert official_name(regions()[code]) == name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("济南", "山东 济南市"),
        ("济南市", "山东 济南市"),
        (" 济 南 ", "山东 济南市"),
        ("山东济南", "山东 济南市"),
        ("山东 济南市", "山东 济南市"),
        ("山东省济南市", "山东 济南市"),
        ("山东省济南市历下区", "山东 济南市"),
        ("Jinan, Shandong", "山东 济南市"),
        ("JINAN", "山东 济南市"),
        ("Xi'an", "陕西 西安市"),
        ("Xi’an", "陕西 西安市"),
        ("lvliang", "山西 吕梁市"),
        ("Luliang", "山西 吕梁市"),
        ("北京市", "北京"),
        ("山东省", "山东"),
        ("内蒙古自治区", "内蒙古"),
        ("inner mongolia", "内蒙古"),
        ("北京市朝阳区", "北京 朝阳区"),
        ("吉林市", "吉林 吉林市"),
        ("吉林市昌邑区", "吉林 吉林市"),
        ("370100", "山东 济南市"),
        ("3701", "山东 济南市"),
        ("370102", "山东 济南市"),
        ("昆山", "江苏 苏州市"),
        ("义乌", "浙江 金华市"),
        ("顺德", "广东 佛山市"),
        ("Kunshan", "江苏 苏州市"),
        ("苏州昆山", "江苏 苏州市"),
        ("江苏省苏州市昆山市", "江苏 苏州市"),
        ("苏州工业园区", "江苏 苏州市"),
        ("长宁县", "四川 宜宾市"),
        ("济源", "河南 济源市"),
    ],
)
def test_a_place_is_found_by_what_people_type(typed: str, name: str) -> None:
    assert found(typed) == [name]


def test_a_name_borne_by_two_places_offers_both() -> None:
    assert found("Suzhou") == ["江苏 苏州市", "安徽 宿州市"]
    assert found("朝阳") == ["北京 朝阳区", "辽宁 朝阳市"]


def test_a_province_decides_between_places_of_one_name() -> None:
    assert found("Suzhou, Anhui") == ["安徽 宿州市"]


def test_names_that_begin_so_come_before_names_that_contain_it() -> None:
    assert found("海")[0].endswith(("海淀区", "海口市", "海南"))


@pytest.mark.parametrize("typed", ["", " ", "’", ",", "zzz", "99", "山东省广州市", "x" * 5000, "山东省" * 500])
def test_what_fits_no_place_finds_nothing(typed: str) -> None:
    assert found(typed) == []


def test_no_more_places_than_the_limit_are_offered() -> None:
    assert len(search("市", limit=5)) == 5


def test_every_choosable_place_is_found_by_its_full_name() -> None:
    for item in regions().values():
        assert item in search(province_of(item.code).zh + item.zh if item.parent else official_name(item)), item
        assert item in search(full_name(item.code, "en")), item
