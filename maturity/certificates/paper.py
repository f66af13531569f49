"""The certificate on paper: one bilingual sheet, its annex, and what travels with them in the file.

Everything printed is read from the payload and the proof of the log, so that paper and attachments cannot differ.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import segno

from maturity.certificates.ornament import frame
from maturity.certificates.payload import VERDICTS
from maturity.certificates.words import ANNEX, CERTIFICATE
from maturity.editions.service import canonical
from maturity.questionnaires.model import Text
from maturity.reports.pdf import Attached, render_pdf
from maturity.reports.typesetting import typeset

SHEET = "1"  # counts the changes of the printed sheet
MOST_SCOPE = 340  # as `size_of` counts
#: The attachments, in the order of the annex.
PAYLOAD, PROOF, CREDENTIAL = "certificate.json", "log-proof.json", "credential.jwt"
mimetypes.add_type("application/vc+jwt", ".jwt")


@dataclass(frozen=True, slots=True)
class Issue:
    """What one file is made of. `jws` is the signed payload, `proof` that of the log, `credential` the badge."""

    payload: Mapping[str, Any]
    payload_sha256: str
    jws: str
    proof: Mapping[str, Any]
    credential: str
    site: str
    at: datetime

    @property
    def number(self) -> str:
        return str(self.payload["number"])

    @property
    def address(self) -> str:
        """Where everybody can ask how the certificate stands."""
        return f"{self.site}/verify/{self.number}"


def certificate_pdf(issue: Issue) -> bytes:
    """The file before it is signed; the same issue gives the same bytes."""
    return render_pdf(
        certificate_html(issue), f"certificate {SHEET} {issue.payload_sha256}", attached=attached_to(issue)
    )


def attached_to(issue: Issue) -> tuple[Attached, ...]:
    contents = {
        PAYLOAD: canonical({"payload": dict(issue.payload), "jws": issue.jws}),
        PROOF: canonical(dict(issue.proof)),
        CREDENTIAL: issue.credential.encode(),
    }
    return tuple(Attached(name, ANNEX[name].en, content, issue.at) for name, content in contents.items())


def certificate_html(issue: Issue) -> str:
    """Both languages stand on the sheet; the document as a whole is Chinese, with its English parts marked as such."""
    payload = issue.payload
    return typeset(
        "certificates/certificate.html",
        "zh_CN",
        said=payload,
        issue=issue,
        w=CERTIFICATE,
        a=ANNEX,
        frame=frame(),
        code=segno.make(issue.address, error="m").svg_data_uri(border=0, dark="#0b2f5e", omitsize=True),
        size_of=size_of,
        scope=beginning_of(str(payload["scope"])),
        days={name: both_days(day) for name, day in payload["dates"].items()},
        dimensions=sorted(payload["score"]["dimensions"].items(), key=lambda item: int(item[1]["place"])),
        verdicts=VERDICTS,
        entry=issue.proof["entry"],
        both_days=both_days,
        both_months=both_months,
        attachments=(PAYLOAD, PROOF, CREDENTIAL),
    )


def size_of(text: str) -> str:
    """How large a text is set, by the room it takes: Latin letters take half of what a Chinese one does.

    >>> size_of("青岛精工机床有限公司"), size_of("A" * 90)
    ('wide', 'tiny')
    """
    room = sum(map(_room, text))
    for size, most in (("wide", 32), ("usual", 44), ("narrow", 70)):
        if room <= most:
            return size
    return "tiny"


def _room(character: str) -> int:
    return 2 if ord(character) > 0x2E7F else 1


def beginning_of(text: str, most: int = MOST_SCOPE) -> str:
    """As much of a long text as the sheet has room for; the annex then has all of it.

    >>> beginning_of("数控机床的设计与制造", 8), beginning_of("数控机床", 8)
    ('数控机床', '数控机床')
    """
    room = 0
    for place, character in enumerate(text):
        room += _room(character)
        if room > most:
            return text[:place]
    return text


def both_days(day: str) -> Text:
    """
    >>> both_days("2029-11-23")
    Text(zh='2029年11月23日', en='23 November 2029')
    """
    found = date.fromisoformat(day)
    return Text(f"{found.year}年{found.month}月{found.day}日", f"{found.day} {_MONTHS[found.month - 1]} {found.year}")


def both_months(month: str) -> Text:
    """
    >>> both_months("2027-03")
    Text(zh='2027年3月', en='March 2027')
    """
    year, number = (int(part) for part in month.split("-"))
    return Text(f"{year}年{number}月", f"{_MONTHS[number - 1]} {year}")


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
