"""Files to sign, what signs them, and programs that check signatures and are not pyHanko."""

from __future__ import annotations

import subprocess
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy.orm import Session
from weasyprint import HTML

from maturity.clock import Clock
from maturity.signing.pades import Signer, prepare_signer

SITE = "https://maturity.example.cn"


@lru_cache
def a_pdf(text: str = "评估证书 Certificate") -> bytes:
    """One page as PDF/A-3a, without a signature."""
    page = f'<html lang="zh"><head><title>{text}</title></head><body><h1>{text}</h1></body></html>'
    made: bytes = HTML(string=page).write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True)
    return made


def a_signer(session: Session, clock: Clock) -> Signer:
    """With its keys committed, so that a request sees them, too."""
    signer = prepare_signer(session, clock, SITE)
    session.commit()
    return signer


def signed_pdf(session: Session, clock: Clock, text: str = "评估证书 Certificate") -> bytes:
    return a_signer(session, clock).sign(a_pdf(text), reason="Certificate", location="Shanghai")


def run(*command: Any, fails: bool = False) -> str:
    """What another program says, on both channels."""
    done = subprocess.run(tuple(map(str, command)), capture_output=True, check=False, timeout=60)
    said = (done.stdout + done.stderr).decode(errors="replace")
    assert fails or done.returncode == 0, said
    return said


def parts_of(pdf: bytes, folder: Path, number: int = 0) -> tuple[Path, Path]:
    """A signature (CMS, in DER) and the bytes that it is over, cut out of the file by its own byte range."""
    signature = PdfFileReader(BytesIO(pdf)).embedded_signatures[number]
    first, length, second, rest = (int(part) for part in signature.byte_range)
    cms, covered = folder / f"{number}.der", folder / f"{number}.bin"
    cms.write_bytes(bytes(signature.pkcs7_content))
    covered.write_bytes(pdf[first : first + length] + pdf[second : second + rest])
    return cms, covered
