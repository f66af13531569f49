"""The offline verifier as one file: style, program and keys stand in it, and it loads nothing. Pure but for reading."""

from __future__ import annotations

import re
from pathlib import Path

#: The modules in the order in which one needs another.
MODULES = ("der", "certificates", "cms", "pdf", "tree", "log", "checking", "words", "page")
_IMPORT = re.compile(r"^import \{[^}]*\} from \"\./\w+\.js\";\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function|class|const)", re.MULTILINE)
_CLOSES = re.compile(r"</(?=script|style)", re.IGNORECASE)


def program_in(folder: Path) -> str:
    """The modules of the verifier as one. Their names differ, so that none hides another's.

    Raises ValueError where a module would end the element that it stands in.
    """
    text = "\n".join(_EXPORT.sub("", _IMPORT.sub("", _read(folder / "js/verifier" / f"{name}.js"))) for name in MODULES)
    return _harmless(text)


def style_in(folder: Path) -> str:
    return _harmless(_read(folder / "css/verifier.css"))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _harmless(text: str) -> str:
    if _CLOSES.search(text):
        raise ValueError("the text would end the element that it is put into")
    return text
