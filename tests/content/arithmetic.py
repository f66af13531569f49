"""Sums as people write them in the scenarios, worked out exactly: `100 * (2*1/4 + 1*0) / 3 = 50/3 ≈ 16.67`.

Numbers, + - * /, parentheses, min and max; nothing else. What stands on the two sides of = must be equal, and what
follows ≈ is the value as it is shown, to two places.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

_NUMBER = re.compile(r"\d+(\.\d+)?")
_SHOWN = re.compile(r"-?\d+\.\d\d")
_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: dict[str, Callable[..., Fraction]] = {"min": min, "max": max}


class WrongSum(ValueError):
    """The text is no sum, or its sides differ."""


class Sum(NamedTuple):
    """The exact value and, where the text gives it, the value as shown."""

    value: Fraction
    shown: Decimal | None


def work_out(text: str) -> Sum:
    """
    >>> work_out("100 * (2*1/4 + 1*0) / 3 = 50/3 ≈ 16.67")
    Sum(value=Fraction(50, 3), shown=Decimal('16.67'))
    >>> work_out("min(41/52 / 0.9, 1)").value
    Fraction(205, 234)
    """
    sides, _, shown = text.partition("≈")
    first, *others = [_evaluate(side.strip()) for side in sides.split("=")]
    for value in others:
        if value != first:
            raise WrongSum(f"{text!r}: {first} is not {value}")
    if not shown:
        return Sum(first, None)
    if not _SHOWN.fullmatch(shown.strip()):
        raise WrongSum(f"{text!r}: write two places after ≈")
    rounded = Decimal(shown.strip())
    if abs(Fraction(rounded) - first) >= Fraction(1, 100):
        raise WrongSum(f"{text!r}: {float(first):.6f} is not about {rounded}")
    return Sum(first, rounded)


def _evaluate(side: str) -> Fraction:
    try:
        return _value(ast.parse(side, mode="eval").body, side)
    except (SyntaxError, ZeroDivisionError) as error:
        raise WrongSum(f"{side!r}: {error}") from error


def _value(node: ast.expr, source: str) -> Fraction:
    """Numbers are read from the text, so that 0.1 is one tenth and not the nearest float."""
    match node:
        case ast.Constant():
            text = ast.get_source_segment(source, node) or ""
            if _NUMBER.fullmatch(text):
                return Fraction(text)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, source)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, source), _value(right, source))
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as parts, keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(_value(part, source) for part in parts))
    raise WrongSum(f"{source!r}: {ast.unparse(node)!r} is neither a number nor + - * / ( ) min max")
