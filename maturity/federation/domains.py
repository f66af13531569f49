"""Domains of e-mail addresses: reading a list of them, and those that belong to everybody. No database, no web."""

from __future__ import annotations

import re

#: Mailboxes that anybody can have: nobody's provider may vouch for these.
PUBLIC_MAIL = frozenset(
    """
    qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com vip.126.com yeah.net 188.com sina.com sina.cn vip.sina.com
    sohu.com aliyun.com 139.com 189.cn wo.cn tom.com 21cn.com gmail.com googlemail.com outlook.com hotmail.com live.com
    live.cn msn.com icloud.com me.com mac.com yahoo.com yahoo.cn yahoo.com.cn proton.me protonmail.com gmx.com gmx.net
    mail.com mail.ru yandex.com yandex.ru zoho.com aol.com
    """.split()  # noqa: SIM905  # a list to be read and added to
)
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])")
_BETWEEN = re.compile(r"[\s,;，；、]+")


class NotADomain(ValueError):
    """What was typed cannot be the domain of an address."""


def domain_of(email: str) -> str:
    """
    >>> domain_of("jane@example.com"), domain_of("")
    ('example.com', '')
    """
    return email.rpartition("@")[2].lower() if "@" in email else ""


def read_domains(typed: str) -> tuple[str, ...]:
    """The domains of a list as people type it, each once, in order.

    >>> read_domains("Example.com, @haiyue.cn；example.com")
    ('example.com', 'haiyue.cn')
    >>> read_domains("海岳.公司")
    ('xn--njtz30b.xn--55qx5d',)
    """
    found = [_read(part) for part in _BETWEEN.split(typed.strip()) if part]
    return tuple(dict.fromkeys(found))


def _read(typed: str) -> str:
    try:
        domain = typed.lstrip("@").rstrip(".").encode("idna").decode().lower()
    except UnicodeError as error:
        raise NotADomain(typed) from error
    if not _DOMAIN.fullmatch(domain):
        raise NotADomain(typed)
    return domain
