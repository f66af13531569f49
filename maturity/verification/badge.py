"""The badge a holder puts on its own pages: level, standing and date as a small picture. Pure.

It says what everybody with the number may know and nothing else, whatever the holder lets verification show.
"""

from __future__ import annotations

import unicodedata
from html import escape

#: Standing -> colour behind its words; all of them bear white letters (contrast of 4.5 and more).
COLOURS = {
    "valid": "#1b6b3a",
    "suspended": "#8a4b00",
    "withdrawn": "#a11d1d",
    "expired": "#565d66",
    "replaced": "#565d66",
    "unknown": "#565d66",
}
_HEIGHT, _PAD, _SIZE = 44, 12, 13


def badge_svg(*, name: str, level: str, standing: str, standing_words: str, dated: str) -> str:
    """Two lines at the left, what it is and the level; at the right how it stands and when that was looked up."""
    left = max(_width(name, 11), _width(level, _SIZE)) + 2 * _PAD
    right = max(_width(standing_words, _SIZE), _width(dated, 11)) + 2 * _PAD
    label = escape(", ".join(part for part in (name, level, standing_words, dated) if part))
    font = 'font-family="system-ui, -apple-system, Noto Sans CJK SC, Microsoft YaHei, sans-serif"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" '
        f'viewBox="0 0 {left + right} {_HEIGHT}" role="img" aria-label="{label}"><title>{label}</title>'
        f'<rect width="{left + right}" height="{_HEIGHT}" rx="6" fill="#f4f6f8"/>'
        f'<path d="M{left} 0h{right - 6}a6 6 0 0 1 6 6v{_HEIGHT - 12}a6 6 0 0 1-6 6h-{right - 6}z" '
        f'fill="{COLOURS[standing]}"/>'
        f'<rect x=".5" y=".5" width="{left + right - 1}" height="{_HEIGHT - 1}" rx="5.5" fill="none" stroke="#c9d0d8"/>'
        f"<g {font}>"
        f"{_line(_PAD, 17, 11, '#4a525c', name)}{_line(_PAD, 34, _SIZE, '#14202e', level, bold=True)}"
        f"{_line(left + _PAD, 18, _SIZE, '#ffffff', standing_words, bold=True)}"
        f"{_line(left + _PAD, 34, 11, '#ffffff', dated)}</g></svg>"
    )


def _line(x: int, y: int, size: int, colour: str, text: str, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}"{weight}>{escape(text)}</text>'


def _width(text: str, size: int) -> int:
    """About how wide the text is set: a Chinese sign is as wide as it is high, a Latin one a little over half."""
    signs = sum(1.0 if unicodedata.east_asian_width(sign) in "WF" else 0.6 for sign in text)
    return int(signs * size) + 1
