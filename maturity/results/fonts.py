"""The CJK font: asked of fontconfig once, and a start-up error when it is not there.

Without it pictures and reports would show boxes, silently: text extraction would still look right.
"""

from __future__ import annotations

import shutil
import subprocess
from functools import lru_cache

FAMILY = "Noto Sans CJK SC"


class MissingFont(RuntimeError):
    """The installation lacks the font; the message says which package brings it."""


@lru_cache(maxsize=1)
def cjk_font_file() -> str:
    """The file of the CJK font; raises `MissingFont`."""
    program = shutil.which("fc-match")
    if program is None:
        raise MissingFont("fontconfig is not installed; install the Debian packages fontconfig and fonts-noto-cjk.")
    asked = [program, "-f", "%{file}|%{family}", FAMILY]
    found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout  # noqa: S603  # fixed arguments
    path, _, families = found.partition("|")
    if FAMILY not in families:
        raise MissingFont(f"the font {FAMILY} is not installed; install the Debian package fonts-noto-cjk.")
    return path
