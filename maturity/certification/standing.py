"""How a certificate stands, and the one way to change it: a leaf of the log first, then the row and its event."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.certificates.models import Certificate, CertificateEvent
from maturity.certification import letters, process
from maturity.certification.cases import Actor, log_both, refused, taker_of
from maturity.certification.models import Surveillance
from maturity.certification.process import Refusal, months_after, the_process
from maturity.clock import LOCAL, Clock
from maturity.errors import Conflict, Invalid, NotFound
from maturity.transparency.service import append, status_entry

LONGEST_NOTE = 2000
#: What people need to change how a certificate stands; the clock needs nothing.
PERMISSIONS = {"body": "CASE_MANAGE", "enterprise": "CERTIFICATION_APPLY"}
#: What people do and everybody should be able to follow: the body says why in words.
NEED_WORDS = ("reinstated", "withdrawn", "suspended")


def change_standing(
    session: Session,
    certificate: Certificate,
    kind: str,
    actor: Actor,
    clock: Clock,
    *,
    reason: str | None = None,
    note: str = "",
) -> CertificateEvent:
    """Suspend, reinstate, withdraw, survey or let expire, or refuse with the code of what is in the way.

    The certificate is locked first. The leaf in the public log, the row, its event, both tenants' logs and the letters
    come into being in the caller's transaction or not at all.
    """
    require_side(session, certificate, actor)
    session.flush()
    session.refresh(certificate, with_for_update=True)
    status = process.standing_after(certificate.status, kind, actor.side, reason)
    if isinstance(status, Refusal):
        raise refused(status.code, kind)
    words = _note(note, kind, actor)
    _require_surveyed(session, certificate, kind, actor)
    leaf = append(session, status_entry(certificate.number, kind, status, reason, certificate.payload_sha256), clock)
    if status != certificate.status:
        certificate.status, certificate.status_reason, certificate.status_since = status, reason, clock.now()
    event = _event(certificate, kind, reason, words, actor, leaf, clock)
    session.add(event)
    session.flush()
    details = {"certificate_id": str(certificate.id), "number": certificate.number}
    if reason is not None:
        details["reason"] = reason
    log_both(session, clock, certificate, f"certificate.{kind}", actor, **details)
    letters.tell_of_standing(session, certificate, event, clock)
    return event


def require_side(session: Session, certificate: Certificate, actor: Actor) -> None:
    """A certificate is changed by the body that issued it, its holder or the clock; it is unknown to anybody else."""
    if actor.side == "clock":
        return
    own = {"body": certificate.body_id, "enterprise": certificate.client_id}.get(actor.side)
    if own is None or actor.tenant_id != own:
        raise NotFound("certificate")
    if PERMISSIONS[actor.side] not in taker_of(session, actor).permissions:
        raise refused("not_yours")


def _note(given: str, kind: str, actor: Actor) -> str:
    words = given.strip()
    if not words and actor.side == "body" and kind in NEED_WORDS:
        raise Invalid("step_note_missing", kind)
    if len(words) > LONGEST_NOTE:
        raise Invalid("standing_note_long")
    return words


def _require_surveyed(session: Session, certificate: Certificate, kind: str, actor: Actor) -> None:
    """What was suspended for a surveillance that was missed comes back when that is done."""
    if kind != "reinstated" or actor.side == "clock":
        return
    missed = select(Surveillance.id).where(
        Surveillance.certificate_id == certificate.id,
        Surveillance.missed_at.is_not(None),
        Surveillance.done_on.is_(None),
    )
    if session.scalar(missed.limit(1)) is not None:
        raise Conflict("surveillance_open")


def _event(
    certificate: Certificate, kind: str, reason: str | None, note: str, actor: Actor, leaf: int, clock: Clock
) -> CertificateEvent:
    return CertificateEvent(
        id=uuid.uuid4(),
        certificate_id=certificate.id,
        client_id=certificate.client_id,
        body_id=certificate.body_id,
        kind=kind,
        reason=reason,
        note=note,
        actor_id=actor.user_id,
        actor_name=actor.name,
        at=clock.now(),
        leaf=leaf,
    )


# Days


def suspended_until(certificate: Certificate) -> date | None:
    """The last day of a suspension; after it the clock withdraws the certificate."""
    if certificate.status != "suspended":
        return None
    since = certificate.status_since.astimezone(LOCAL).date()
    return months_after(since, the_process().period("suspension_max_months"))


def ends_by_clock(certificate: Certificate, today: date) -> tuple[str, str | None] | None:
    """What the clock has to do with a certificate today: the change and its reason; whichever day came first counts."""
    suspension = suspended_until(certificate)
    if suspension is not None and suspension < today and suspension <= certificate.valid_until:
        return "withdrawn", "not_corrected"
    if certificate.status in the_process().changes["expired"].sources and certificate.valid_until < today:
        return "expired", None
    return None
