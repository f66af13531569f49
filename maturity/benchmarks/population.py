"""Those who contribute to a release, in columns: what the builder of a release takes, and nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: the most a value can be, in hundredths of a point
MOST = 10_000


class UnfitPopulation(ValueError):
    """The columns do not fit each other, or hold what no contributor can have."""


@dataclass(frozen=True, slots=True)
class Population:
    """The contributors of one framework and period as of a cut-off; one row is one enterprise, sorted by its id.

    Values run from 0 to 100 and count to two places. An enterprise to which a value does not apply has NaN there, or
    -1 for a criterion. A coalition is the rows that one party knows anyway: the clients of a consultancy, the companies
    of a group.
    """

    enterprise: NDArray[np.str_]
    group: NDArray[np.int64]
    industry: NDArray[np.str_]
    city: NDArray[np.str_]
    park: NDArray[np.str_]
    size: NDArray[np.str_]
    level: NDArray[np.int8]
    values: Mapping[str, NDArray[np.float64]]
    criteria: Mapping[str, NDArray[np.int8]]
    reviewed: NDArray[np.bool_]
    coalitions: tuple[NDArray[np.int64], ...] = field(default=())

    def __len__(self) -> int:
        return len(self.enterprise)

    def check(self) -> None:
        """`UnfitPopulation` unless the columns are as long as each other and hold what they should."""
        columns: list[NDArray[Any]] = [
            self.group, self.industry, self.city, self.park, self.size, self.level, self.reviewed,
            *self.values.values(), *self.criteria.values(),
        ]  # fmt: skip
        if any(len(column) != len(self) for column in columns):
            raise UnfitPopulation("columns of different lengths")
        if not bool(np.all(self.enterprise[:-1] < self.enterprise[1:])):
            raise UnfitPopulation("enterprises are not sorted by their id, or one stands twice")
        for name, column in self.values.items():
            if np.nanmin(column, initial=0.0) < 0 or np.nanmax(column, initial=0.0) > MOST / 100:
                raise UnfitPopulation(f"{name} is not between 0 and 100")
        for name, held in self.criteria.items():
            if not bool(np.isin(held, (-1, 0, 1)).all()):
                raise UnfitPopulation(f"{name} is neither met, nor not, nor without application")

    def fingerprint(self) -> str:
        """A SHA-256 over every column, the same on every machine: what a release says it was computed from."""
        found = sha256()
        for name in ("enterprise", "industry", "city", "park", "size"):
            found.update("\n".join([name, *getattr(self, name).tolist(), ""]).encode("utf-8"))
        numbers: dict[str, NDArray[Any]] = {
            "group": self.group, "level": self.level, "reviewed": self.reviewed, **self.criteria,
        }  # fmt: skip
        numbers |= {name: np.rint(np.nan_to_num(column, nan=-1) * 100) for name, column in self.values.items()}
        for name, column in sorted(numbers.items()):
            found.update(name.encode("utf-8") + column.astype("<i8").tobytes())
        for members in self.coalitions:
            found.update(b"coalition" + members.astype("<i8").tobytes())
        return found.hexdigest()

    def rows(self, chosen: NDArray[Any]) -> Population:
        """The part of it in these rows, or where this is true; coalitions keep their members that are in it."""
        kept = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else np.asarray(chosen)
        at = np.full(len(self), -1, dtype=np.int64)
        at[kept] = np.arange(len(kept))
        return Population(
            self.enterprise[kept],
            self.group[kept],
            self.industry[kept],
            self.city[kept],
            self.park[kept],
            self.size[kept],
            self.level[kept],
            {name: column[kept] for name, column in self.values.items()},
            {name: column[kept] for name, column in self.criteria.items()},
            self.reviewed[kept],
            tuple(at[members][at[members] >= 0] for members in self.coalitions),
        )
