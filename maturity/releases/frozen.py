"""The frozen extract of a release: one Parquet file, a row for each contributor under an opaque id.

It is what a release is computed from, and what it can be computed from again. It is written in batches through a
database on disk, so that a million contributors fit in little memory, and known by its SHA-256. The columns are the
builder's, and where a contributor stands in the tree of receipts; there is no name and no credit code.
"""

from __future__ import annotations

import csv
import hashlib
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from maturity.benchmarks.build import in_hundredths
from maturity.benchmarks.population import Population

MEMORY = "1GB"
VALUE, CRITERION = "value:", "criterion:"
_TEXTS = ("enterprise", "group_id", "industry", "city", "park", "size", "key", "leaf", "edition")


@dataclass(frozen=True, slots=True)
class Row:
    """One contributor. `group_id` and `coalitions` are opaque, too; `key` and `leaf` are those of its receipt.

    `edition` is that of the framework which the result was made with.
    """

    enterprise: str
    group_id: str
    industry: str
    city: str
    park: str
    size: str
    level: int
    values: Mapping[str, float]  # missing: does not apply
    criteria: Mapping[str, bool]  # likewise
    reviewed: bool
    key: str
    leaf: str
    edition: str
    coalitions: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Names:
    """The columns that depend on the framework."""

    values: tuple[str, ...]
    criteria: tuple[str, ...]


def write(path: Path, rows: Iterable[Row], names: Names) -> str:
    """Write the file whole, sorted by id, and return its SHA-256. `ValueError` where an id stands twice.

    The rows go through a text file beside it: handing them over as objects takes twenty times as long.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        lines, part = Path(folder) / "rows.csv", Path(folder) / "part.parquet"
        with lines.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(_line(row, names) for row in rows)
        with _database(Path(folder)) as connection:
            connection.execute(_table(names))
            connection.execute(_filling(names), [str(lines)])
            lines.unlink()
            _refuse_twins(connection)
            connection.execute(
                "copy (select * from contributors order by enterprise) to ? "
                "(format parquet, compression zstd, row_group_size 122880)",
                [str(part)],
            )
        part.replace(path)
    return sha256_of(path)


def _database(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(folder / "work.duckdb"))
    connection.execute(f"set memory_limit = '{MEMORY}'")
    connection.execute("set threads = 1")  # the order of rows, hence the bytes, must not depend on the machine
    connection.execute("set temp_directory = ?", [str(folder)])
    return connection


def _table(names: Names) -> str:
    columns = [f'"{name}" varchar not null' for name in _TEXTS]
    columns += ["level tinyint not null", "reviewed boolean not null", "coalitions varchar[] not null"]
    columns += [f'"{VALUE}{_plain(name)}" double' for name in names.values]
    columns += [f'"{CRITERION}{_plain(name)}" boolean' for name in names.criteria]
    return f"create table contributors ({', '.join(columns)})"


def _plain(name: str) -> str:
    """Names of columns come from versioned files; a quote in one would still be a fault of ours."""
    if not name.replace("_", "").isalnum():
        raise ValueError(f"{name!r} is no name of a metric")
    return name


def _line(row: Row, names: Names) -> list[str]:
    """A row as texts, in the order of the columns; what does not apply is empty."""
    return [
        *(getattr(row, name) for name in _TEXTS),
        str(row.level),
        str(row.reviewed),
        ",".join(row.coalitions),
        *(repr(row.values[name]) if name in row.values else "" for name in names.values),
        *(str(row.criteria[name]) if name in row.criteria else "" for name in names.criteria),
    ]


def _filling(names: Names) -> str:
    """Reading the text file into the table, every column as the text it is."""
    width = len(_TEXTS) + 3 + len(names.values) + len(names.criteria)
    texts = ", ".join(f"'c{at}': 'varchar'" for at in range(width))
    first = len(_TEXTS)
    chosen = [f"coalesce(c{at}, '')" for at in range(first)]
    chosen += [f"c{first}::tinyint", f"c{first + 1}::boolean"]
    chosen += [f"case when c{first + 2} is null then [] else string_split(c{first + 2}, ',') end"]
    chosen += [f"c{at}" for at in range(first + 3, width)]
    source = f"read_csv(?, header = false, auto_detect = false, delim = ',', quote = '\"', columns = {{{texts}}})"
    return f"insert into contributors select {', '.join(chosen)} from {source}"  # noqa: S608  # our own names


def _refuse_twins(connection: duckdb.DuckDBPyConnection) -> None:
    twin = connection.execute("select enterprise from contributors group by all having count(*) > 1 limit 1").fetchone()
    if twin is not None:
        raise ValueError(f"{twin[0]} stands twice")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class UnseenExtract(RuntimeError):
    """The extract does not lie where it is said to, or is another file."""


@dataclass(frozen=True, slots=True)
class Extract:
    """A frozen extract by its place and its bytes: the `Source` of a release for work in other processes.

    On another machine the place must be the same folder, on storage that all of them see.
    """

    path: Path
    sha256: str

    def structure(self) -> Population:
        """The contributors without their values and criteria; `UnseenExtract` unless it is this very file."""
        try:
            is_same = sha256_of(self.path) == self.sha256
        except OSError as error:  # not there, or not for this account
            raise UnseenExtract(str(self.path)) from error
        if not is_same:
            raise UnseenExtract(str(self.path))
        return read(self.path, with_figures=False)

    def figure(self, name: str) -> NDArray[np.int32]:
        """One figure as the builder takes it: a whole number for each contributor, -1 where it does not apply."""
        with _reading() as connection:
            names = _names(connection, self.path)
            if f"{CRITERION}{name}" in names:
                return _criterion(connection, self.path, f"{CRITERION}{name}").astype(np.int32)
            if f"{VALUE}{name}" in names:
                return in_hundredths(_value(connection, self.path, f"{VALUE}{name}"))
            return _column(connection, self.path, {"levels": "level"}.get(name, name)).astype(np.int32)


def _reading() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"set memory_limit = '{MEMORY}'")
    return connection


def _names(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    return [row[0] for row in connection.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()]


def read(path: Path, *, with_figures: bool = True) -> Population:
    """The contributors as the builder takes them."""
    with _reading() as connection:
        names = _names(connection, path) if with_figures else []
        return Population(
            enterprise=_texts(connection, path, "enterprise"),
            group=np.unique(_texts(connection, path, "group_id"), return_inverse=True)[1].astype(np.int64),
            industry=_texts(connection, path, "industry"),
            city=_texts(connection, path, "city"),
            park=_texts(connection, path, "park"),
            size=_texts(connection, path, "size"),
            level=_column(connection, path, "level").astype(np.int8),
            values={
                name.removeprefix(VALUE): _value(connection, path, name) for name in names if name.startswith(VALUE)
            },
            criteria={
                name.removeprefix(CRITERION): _criterion(connection, path, name)
                for name in names
                if name.startswith(CRITERION)
            },
            reviewed=_column(connection, path, "reviewed").astype(np.bool_),
            coalitions=_coalitions(connection, path),
        )


def _value(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> NDArray[np.float64]:
    return _column(connection, path, f"coalesce(\"{name}\", 'nan'::double)")


def _criterion(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> NDArray[np.int8]:
    return _column(connection, path, f'coalesce("{name}"::tinyint, -1)').astype(np.int8)


def _column(connection: duckdb.DuckDBPyConnection, path: Path, expression: str) -> NDArray[Any]:
    """One column in the order of the file. One at a time: the whole table as objects would take many times the room."""
    query = f"select {expression} as found from read_parquet(?)"  # noqa: S608  # our own names
    found: NDArray[Any] = np.asarray(connection.execute(query, [str(path)]).fetchnumpy()["found"])
    return found


def _texts(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> NDArray[np.str_]:
    return _column(connection, path, f'"{name}"').astype(np.str_)


def _coalitions(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[NDArray[np.int64], ...]:
    """The rows of each coalition, in the order of their opaque names."""
    rows = connection.execute(
        "select unnest(coalitions) as name, file_row_number as place "
        "from read_parquet(?, file_row_number = true) order by name, place",
        [str(path)],
    ).fetchnumpy()
    names, places = np.asarray(rows["name"]), np.asarray(rows["place"]).astype(np.int64)
    if not len(places):
        return ()
    starts = np.flatnonzero(np.r_[True, names[1:] != names[:-1]])
    return tuple(np.split(places, starts[1:]))


def read_editions(path: Path) -> str | None:
    """The editions of the results counted, from the oldest; None where the file is from before they were noted."""
    with duckdb.connect() as connection:
        names = [row[0] for row in connection.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()]
        if "edition" not in names:
            return None
        query = "select distinct edition from read_parquet(?) order by edition"
        return ", ".join(row[0] for row in connection.execute(query, [str(path)]).fetchall()) or None


def read_leaves(path: Path) -> list[tuple[bytes, bytes]]:
    """Key and leaf of every contributor, for the tree of receipts."""
    with duckdb.connect() as connection:
        rows = connection.execute('select "key", leaf from read_parquet(?)', [str(path)]).fetchall()
    return [(bytes.fromhex(key), bytes.fromhex(leaf)) for key, leaf in rows]
