"""The engraved frame of a certificate, as one picture behind the text. Pure: the same bytes every time.

It is ornament and no security feature; what protects a certificate is its signature.
"""

from __future__ import annotations

import base64
from functools import cache
from math import cos, pi, sin

WIDTH, HEIGHT = 210.0, 297.0  # millimetres
#: Outer and inner line of the frame, from the edge of the sheet.
OUTER, INNER = 9.0, 15.0
INK, PALE, FAINT = "#0a4488", "#8fabd0", "#edf2f9"
_STEPS = 8  # points to a wave


@cache
def frame() -> str:
    """The picture as a data URI."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" '
        f'width="{WIDTH:g}mm" height="{HEIGHT:g}mm" fill="none">'
        f'<path d="{_rosette(WIDTH / 2, 146, 66)}{_rosette(WIDTH / 2, 146, 29)}" stroke="{FAINT}" stroke-width=".22"/>'
        f'<path d="{_band()}" stroke="{PALE}" stroke-width=".18"/>'
        f"{_box(OUTER, 0.7)}{_box(OUTER + 0.9, 0.2)}{_box(INNER - 0.9, 0.2)}{_box(INNER, 0.45)}"
        f"{''.join(_corner(x, y) for x in (OUTER, WIDTH - OUTER) for y in (OUTER, HEIGHT - OUTER))}"
        "</svg>"
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _box(inset: float, width: float) -> str:
    size = f'width="{WIDTH - 2 * inset:g}" height="{HEIGHT - 2 * inset:g}"'
    return f'<rect x="{inset:g}" y="{inset:g}" {size} stroke="{INK}" stroke-width="{width:g}"/>'


def _band() -> str:
    """Waves that cross each other between the two lines, along all four sides."""
    middle, height = (OUTER + INNER) / 2, (INNER - OUTER) / 2 - 1.1
    lines = []
    for phase in (pi * n / 3 for n in range(6)):
        across, down = _wave(WIDTH, height, phase), _wave(HEIGHT, height, phase)
        lines += [_path([(at, place + off) for at, off in across]) for place in (middle, HEIGHT - middle)]
        lines += [_path([(place + off, at) for at, off in down]) for place in (middle, WIDTH - middle)]
    return "".join(lines)


def _wave(length: float, height: float, phase: float) -> list[tuple[float, float]]:
    """Points along a side, and how far each lies off its middle."""
    start, end = INNER + 0.5, length - INNER - 0.5
    waves = round((end - start) / 7.5)
    count = waves * _STEPS
    return [
        (start + (end - start) * n / count, height * sin(2 * pi * waves * n / count + phase)) for n in range(count + 1)
    ]


def _corner(x: float, y: float) -> str:
    """A small rosette where two sides meet."""
    size = (INNER - OUTER) / 2
    cx, cy = (x + size if x < WIDTH / 2 else x - size), (y + size if y < HEIGHT / 2 else y - size)
    rings = "".join(_petals(cx, cy, size * 0.62, size * 0.22, 8, turn) for turn in (0.0, pi / 8))
    return (
        f'<path d="{rings}" stroke="{INK}" stroke-width=".18"/>'
        f'<circle cx="{cx:g}" cy="{cy:g}" r="{size * 0.16:g}" fill="{INK}"/>'
    )


def _rosette(cx: float, cy: float, size: float) -> str:
    """The large one behind the text: closed waves around a circle, each turned a little further."""
    turned = (pi * n / 96 for n in range(16))
    return "".join(_petals(cx, cy, size * 0.72, size * 0.28, 12, turn) for turn in turned)


def _petals(cx: float, cy: float, radius: float, depth: float, count: int, turn: float) -> str:
    steps = count * 2 * _STEPS
    points = []
    for n in range(steps + 1):
        angle = 2 * pi * n / steps
        at = radius + depth * cos(count * (angle + turn))
        points.append((cx + at * cos(angle), cy + at * sin(angle)))
    return _path(points)


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
