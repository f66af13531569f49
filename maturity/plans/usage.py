"""How much of a limit is used."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024**2
GIGABYTE = 1024**3


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a limit is used, in the limit's own unit; a limit of None is none."""

    used: int
    limit: int | None

    @property
    def percent(self) -> int:
        """Of the limit, from 0 to 100; more than the limit is still 100.

        >>> Usage(256, 1024).percent, Usage(2048, 1024).percent, Usage(5, None).percent
        (25, 100, 0)
        """
        if self.limit is None:
            return 0
        return min(100, 100 * self.used // self.limit) if self.limit else 100

    @property
    def is_over(self) -> bool:
        """Whether more is in use than the limit allows, as after a smaller plan.

        >>> Usage(6, 5).is_over, Usage(5, 5).is_over
        (True, False)
        """
        return self.limit is not None and self.used > self.limit

    def has_room_for(self, more: int) -> bool:
        """
        >>> Usage(1000, 1024).has_room_for(24), Usage(1000, 1024).has_room_for(25), Usage(9**9, None).has_room_for(1)
        (True, False, True)
        """
        return self.limit is None or self.used + more <= self.limit
