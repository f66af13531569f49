"""Every text of the site is translated: Chinese complete, nothing fuzzy, nothing left over. English is the source."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
# Babel writes the locale zh_CN in full, and looks for its catalogue under that name.
CATALOGUE = ROOT / "maturity/translations/zh_Hans_CN/LC_MESSAGES/messages.po"
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")


def extracted() -> Catalog:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "messages.pot"
        pybabel = str(Path(sys.executable).parent / "pybabel")
        command = [pybabel, "-q", "extract", "-F", "babel.cfg", "-k", "lazy_gettext", "-o", str(target), "."]
        subprocess.run(command, cwd=ROOT, check=True)
        with target.open("rb") as file:
            return read_po(file)


def problems(wanted: Catalog, chinese: Catalog) -> list[str]:
    """What keeps the Chinese catalogue from being complete, one line each."""
    used = {(message.id, message.context): message for message in wanted if message.id}
    found = [line for message in used.values() for line in _problems_of(message, chinese)]
    found += [f"no longer used: {m.id!r}" for m in chinese if m.id and (m.id, m.context) not in used]
    return found


def _problems_of(wanted: Message, chinese: Catalog) -> list[str]:
    # A text with plural forms is a tuple, in both catalogues.
    have = chinese.get(wanted.id, wanted.context)
    forms = _forms(have.string) if have is not None else []
    if have is None or not forms or not all(forms):
        return [f"missing in Chinese: {wanted.id!r}"]
    if have.fuzzy:
        return [f"fuzzy: {wanted.id!r}"]
    expected = set(PLACEHOLDER.findall(_forms(wanted.id)[-1]))
    if any(set(PLACEHOLDER.findall(form)) != expected for form in forms):
        return [f"placeholders differ: {wanted.id!r}"]
    return []


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


if __name__ == "__main__":
    with CATALOGUE.open("rb") as catalogue:
        listed = problems(extracted(), read_po(catalogue, locale="zh_CN"))
    print("\n".join(listed) or "translations are complete")
    sys.exit(1 if listed else 0)
