"""What a person is told about a value that cannot be used: reason code to words, in both languages."""

from __future__ import annotations

from maturity.questionnaires.model import Text

_MESSAGES = {
    "percent_sign": Text(
        "“{label_zh}”请填数量或金额，不要带百分号，比例由系统计算。",
        "Enter the count or amount for “{label_en}” without a percent sign; the percentage is computed for you.",
    ),
    "not_a_number": Text(
        "“{label_zh}”须为数字，您填的是“{typed}”。请只填数字，如 1200 或 35.5。",
        "“{label_en}” must be a number; you typed “{typed}”. Use digits only, such as 1200 or 35.5.",
    ),
    "too_many_digits": Text(
        "“{label_zh}”位数太多，最多 {limit} 位数字，请检查单位。",
        "“{label_en}” has too many digits, {limit} at most; please check the unit.",
    ),
    "not_whole": Text(
        "“{label_zh}”须为整数，您填的是“{typed}”。请去掉小数。",
        "“{label_en}” must be a whole number; you typed “{typed}”. Leave out the decimals.",
    ),
    "too_small": Text(
        "“{label_zh}”不能小于 {limit}，请检查。", "“{label_en}” cannot be less than {limit}; please check."
    ),
    "too_large": Text(
        "“{label_zh}”不能大于 {limit}，请检查。", "“{label_en}” cannot be more than {limit}; please check."
    ),
    "unknown_option": Text(
        "“{label_zh}”没有“{typed}”这个选项，请从列出的选项中选择。",
        "“{label_en}” has no option “{typed}”; choose one of those listed.",
    ),
    "exclusive_option": Text(
        "“{label_zh}”选了“以上均无”就不能再选其他项，请二者选一。",
        "For “{label_en}” “none of these” cannot be combined with other options; keep one or the other.",
    ),
    "row_missing": Text(
        "“{label_zh}”的“{row_zh}”一行还没有选择，请为每一行选一项。",
        "The row “{row_en}” of “{label_en}” has no choice yet; choose one in every row.",
    ),
    "current_missing": Text(
        "“{label_zh}”缺少报告期的数，请先填报告期，上年可以留空。",
        "“{label_en}” lacks the figure of the reporting period; fill that in first, the prior year may stay empty.",
    ),
    "not_a_date": Text(
        "“{label_zh}”须为日期，您填的是“{typed}”。请写成 2025-12-31。",
        "“{label_en}” must be a date; you typed “{typed}”. Write it as 2025-12-31.",
    ),
    "text_too_long": Text(
        "“{label_zh}”最多 {limit} 个字，请缩短。",
        "“{label_en}” can hold {limit} characters at most; please shorten it.",
    ),
    "empty": Text("“{label_zh}”还没有填写。", "“{label_en}” is still empty."),
}


def message(code: str, **details: str) -> Text:
    """The words for a reason code with its details filled in."""
    template = _MESSAGES[code]
    return Text(template.zh.format(**details), template.en.format(**details))
