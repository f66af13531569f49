"""Internet domains as people write them, and those that give an address to anybody."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "free_mail.txt"
LONGEST = 253
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


def read_domain(typed: str) -> str | None:
    """What was typed as a domain, in the form in which mail uses it; None where it is none.

    >>> read_domain(" @Haiyue-CNC.com. "), read_domain("https://www.haiyue.cn/about"), read_domain("海岳.中国")
    ('haiyue-cnc.com', 'haiyue.cn', 'xn--njtz30b.xn--fiqs8s')
    >>> read_domain("haiyue"), read_domain("a..cn"), read_domain("10.0.0.1"), read_domain("")
    (None, None, None, None)
    """
    text = re.sub(r"^[a-z]+://", "", typed.strip().lower()).partition("/")[0].rpartition("@")[2].strip(".")
    try:
        text = text.removeprefix("www.").encode("idna").decode("ascii")
    except UnicodeError:
        return None
    labels = text.split(".")
    if len(labels) < 2 or len(text) > LONGEST or labels[-1].isdecimal():
        return None
    return text if all(_LABEL.fullmatch(label) for label in labels) else None


def is_free_mail(domain: str) -> bool:
    """Whether anybody can have an address there, or below it.

    >>> is_free_mail("qq.com"), is_free_mail("vip.163.com"), is_free_mail("my163.com"), is_free_mail("haiyue.cn")
    (True, True, False, False)
    """
    labels = domain.lower().split(".")
    return any(".".join(labels[start:]) in free_mail() for start in range(len(labels)))


@cache
def free_mail() -> frozenset[str]:
    lines = DATA.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
