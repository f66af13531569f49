"""Every text of the site is translated: Chinese complete, nothing fuzzy, nothing left over. English is the source."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
# Babel writes the locale zh_CN in full, and looks for its catalogue under that name.
CATALOGUE = ROOT / "maturity/translations/zh_Hans_CN/LC_MESSAGES/messages.po"
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def extracted() -> Catalog:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "messages.pot"
        command = [Path(sys.executable).parent / "pybabel", "-q", "extract", "-F", "babel.cfg", "-k", "lazy_gettext"]
        subprocess.run([*command, "-o", target, "."], cwd=ROOT, check=True)
        with target.open("rb") as file:
            return read_po(file)


def problems() -> list[str]:
    with CATALOGUE.open("rb") as file:
        chinese = read_po(file, locale="zh_CN")
    found = []
    wanted = {message.id: message for message in extracted() if message.id}
    for text in wanted:
        have = chinese.get(text)
        if have is None or not have.string:
            found.append(f"missing in Chinese: {text!r}")
        elif have.fuzzy:
            found.append(f"fuzzy: {text!r}")
        elif set(PLACEHOLDER.findall(str(text))) != set(PLACEHOLDER.findall(str(have.string))):
            found.append(f"placeholders differ: {text!r}")
    found += [f"no longer used: {m.id!r}" for m in chinese if m.id and m.id not in wanted]
    return found


if __name__ == "__main__":
    listed = problems()
    print("\n".join(listed) or "translations are complete")
    sys.exit(1 if listed else 0)
