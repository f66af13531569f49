"""What two releases must share before a line may join them or one be subtracted from the other."""

from __future__ import annotations

from typing import Protocol

from maturity.questionnaires.model import Text

UNKNOWN = Text("未记录", "not recorded")


class Based(Protocol):
    """A release as far as comparing goes. `edition` names the framework's edition, or those, of the results counted."""

    @property
    def is_synthetic(self) -> bool: ...
    @property
    def rules_version(self) -> str: ...
    @property
    def edition(self) -> str | None: ...


def basis_break(before: Based, after: Based) -> Text | None:
    """Why two releases do not stand on one basis; None where they do.

    An edition that was not recorded is taken for another one: nobody can say that it was the same.
    """
    if before.is_synthetic != after.is_synthetic:
        return Text("合成数据与真实数据", "synthetic and real data")
    if before.edition != after.edition:
        old, new = edition_words(before.edition), edition_words(after.edition)
        return Text(
            f"评估模型版本由 {old.zh} 改为 {new.zh}", f"the edition of the framework changed from {old.en} to {new.en}"
        )
    if before.rules_version != after.rules_version:
        return Text("发布规则改变", "rules of release changed")
    return None


def edition_words(edition: str | None) -> Text:
    """
    >>> edition_words("2026.1").zh, edition_words(None).en
    ('2026.1', 'not recorded')
    """
    return Text(edition, edition) if edition else UNKNOWN
