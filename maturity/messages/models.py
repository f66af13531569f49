"""The outbox: a message is a row, written in the transaction of its cause and sent after it is committed."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, UtcDateTime

STATES = ("waiting", "sending", "sent", "failed", "kept")


class Message(Base):
    """A letter (`mail`) or a text message (`sms`) to one recipient, in the recipient's language.

    `kept` means that no gateway is configured: nobody tried to send it. The text of a message that was sent is emptied,
    because links and codes in it would outlive their purpose.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("kind in ('mail', 'sms')", name="kind_is_known"),
        CheckConstraint("state in ('waiting', 'sending', 'sent', 'failed', 'kept')", name="state_is_known"),
        Index(None, "state", "due_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    kind: Mapped[str] = mapped_column(Text)
    recipient: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)  # empty for a text message
    body: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    note: Mapped[str | None] = mapped_column(Text)  # why it was not sent: a code, never what a server said
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)  # not before; while sending, the end of the lease
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
