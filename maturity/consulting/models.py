"""What consultants leave with an enterprise."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime


class ConsultantNote(TenantScoped, Base):
    """A note of a consultant that the enterprise sees: the enterprise's row, written through a live grant.

    The names are kept as they were, because the enterprise sees neither the consultancy's tenant nor its people. The
    id is that of the note in the consultancy.
    """

    __tablename__ = "consultant_notes"
    __table_args__ = (Index(None, "tenant_id", "written_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    grant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("grants.id"))
    consultancy_name: Mapped[str] = mapped_column(Text)
    author_name: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
