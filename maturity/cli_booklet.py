"""What `booklet` does: the printed questionnaire of an edition, written to a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from maturity.adaptive.framework import Framework
from maturity.editions.service import canonical, digest
from maturity.reports.booklet import variant_booklet
from maturity.reports.booklet_pages import variant_html
from maturity.reports.pdf import MissingGlyph, render_pdf
from maturity.reports.public_booklets import PublicBooklet
from maturity.reports.typesetting import MissingTranslations
from maturity.results.fonts import MissingFont

LOCALES = {"zh": "zh_CN", "en": "en"}


class BookletRefused(Exception):
    """The booklet cannot be made as asked; `code` has words on the command line."""

    def __init__(self, code: str, **details: object) -> None:
        self.code = code
        self.details = details
        super().__init__(code)


def make_booklet(framework: Framework, variant: str, lang: str, target: Path) -> dict[str, Any]:
    """Write the PDF; keys: file, questions, bytes, sha256. The bytes are those that the site offers."""
    with _written(target) as part:
        content = _rendered(framework, variant, LOCALES[lang])
        part.write_bytes(content)
    return {
        "file": str(target),
        "questions": sum(1 for _ in variant_booklet(framework, variant).entries()),
        "bytes": len(content),
        "sha256": sha256(content).hexdigest(),
    }


def _rendered(framework: Framework, variant: str, locale: str) -> bytes:
    edition = digest(canonical(framework.bundle))
    identity = PublicBooklet(edition, framework.edition.edition, variant, locale).key
    try:
        return render_pdf(variant_html(framework, variant, locale), identity)
    except MissingTranslations as error:
        raise BookletRefused("no_translations") from error
    except MissingFont as error:
        raise BookletRefused("no_font", reason=error) from error
    except MissingGlyph as error:
        raise BookletRefused("no_glyph", character=error.character) from error


@contextmanager
def _written(target: Path) -> Iterator[Path]:
    """A file beside the target that takes its place when all went well; what cannot be is refused before the work."""
    part = None
    try:
        if target.is_dir():
            raise BookletRefused("is_folder", file=target)
        if not target.parent.is_dir():
            raise BookletRefused("no_folder", file=target.parent)
        handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
        os.close(handle)
        part = Path(name)
        yield part
        part.chmod(0o644)
        part.replace(target)
    except OSError as error:
        raise BookletRefused("unwritable", file=target, reason=error.strerror) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
