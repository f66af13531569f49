"""The public log: leaves, the hashes of its tree, and its heads. Rows are only ever added, none names anybody."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.audit.append_only import refuse_changes
from maturity.db import Base, UtcDateTime


class LogLeaf(Base):
    """An entry, in the order in which it came; leaves are numbered from 0 without a gap."""

    __tablename__ = "log_leaves"
    __table_args__ = (CheckConstraint("number >= 0", name="they_are_numbered_from_0"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry: Mapped[str] = mapped_column(Text)  # canonical JSON
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary)
    #: The entry's `certificate`: the hash of a number, by which whoever has the number finds the entries.
    certificate: Mapped[str] = mapped_column(Text, index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LogNode(Base):
    """The hash of a complete subtree, at the place that `tree.place_of` gives it."""

    __tablename__ = "log_nodes"

    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class LogHead(Base):
    """The signed head of each size the log had."""

    __tablename__ = "log_heads"
    __table_args__ = (CheckConstraint("size > 0", name="an_empty_log_has_none"),)

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[str] = mapped_column(Text)  # 64 hexadecimal digits
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    key_id: Mapped[str] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(Text)  # Ed25519, 128 hexadecimal digits


refuse_changes(LogLeaf.__table__, "number")
refuse_changes(LogNode.__table__, "place")
refuse_changes(LogHead.__table__, "size")
