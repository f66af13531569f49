"""Letters about cases and certificates: to whoever can take the next step, and to the other side what came of one.

Each is put together from the words of the process, in the language of whoever gets it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial

from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.contacts import contact_of
from maturity.accounts.models import User
from maturity.certificates.models import Certificate, CertificateEvent
from maturity.certification.models import CaseStep, CertificationCase, Complaint, Surveillance
from maturity.certification.process import months_after, the_process
from maturity.clock import LOCAL, Clock
from maturity.db import for_tenant
from maturity.messages.service import post_message
from maturity.tenancy.models import Membership, ReviewAssignment, Tenant
from maturity.tenancy.permissions import Permission, permissions_of
from maturity.tenancy.service import PLATFORM
from maturity.web.addresses import site_base
from maturity.web.filters import day_prose, words

#: What the other side learns when it is on the pages and not by letter.
KEPT_QUIET = ("begin", "recommend", "send_back")
#: Who reads letters about a certificate or a complaint, on each side.
READERS = {
    "enterprise": Permission.CERTIFICATION_APPLY,
    "body": Permission.CASE_MANAGE,
    "operator": Permission.CERTIFICATION_OVERSEE,
}
STANDING_WORDS = {
    "issued": _("Certificate %(number)s is issued"),
    "suspended": _("Certificate %(number)s is suspended"),
    "reinstated": _("Certificate %(number)s is valid again"),
    "withdrawn": _("Certificate %(number)s is withdrawn"),
    "expired": _("Certificate %(number)s has expired"),
    "renewed": _("Certificate %(number)s is followed by a renewal"),
    "changed": _("Certificate %(number)s is followed by a changed one"),
    "surveyed": _("Certificate %(number)s has passed its surveillance"),
}
ANSWER_WORDS = {
    "upheld": _("It is upheld."),
    "partly": _("It is upheld in part."),
    "dismissed": _("It is dismissed."),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written, in the language that is set while it is made. `short` goes to mobile numbers, without link."""

    subject: str
    body: str
    short: str


Making = Callable[[], Letter]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who gets a letter, kept apart from the row."""

    user_id: int
    contact: str
    locale: str


# Who reads


def readers_of(
    session: Session, tenant_id: uuid.UUID, permissions: Iterable[Permission], among: frozenset[int] | None = None
) -> list[Reader]:
    """Everybody of a tenant who has one of the permissions and can be written to; `among` narrows it to some."""
    wanted = frozenset(permissions)
    session.flush()
    with for_tenant(session, tenant_id):
        tenant = session.get(Tenant, tenant_id)
        if tenant is None:
            return []
        query = select(User, Membership.role).join(Membership, Membership.user_id == User.id)
        here = query.where(Membership.tenant_id == tenant_id, Membership.ended_at.is_(None)).order_by(User.id)
        return [
            Reader(user.id, user.contact, user.locale)
            for user, role in session.execute(here)
            if user.contact
            and wanted & permissions_of(role, is_synthetic=False, kind=tenant.kind)
            and (among is None or user.id in among)
        ]


def _turn_readers(session: Session, case: CertificationCase) -> tuple[str, list[Reader]]:
    """The side whose turn it is, and of its people those who can take a step forward from here."""
    process = the_process()
    turn = process.states[case.state].turn
    if turn is None:
        return "", []
    wanted = {
        Permission[who.permission]
        for event in process.events.values()
        for who in event.who
        if case.state in event.sources and who.side == turn and who.permission is not None
    }
    if Permission.CASE_REVIEW in wanted:
        wanted = {Permission.CASE_REVIEW}
        return turn, readers_of(session, case.body_id, wanted, _team(session, case))
    return turn, readers_of(session, case.body_id if turn == "body" else case.client_id, wanted)


def _team(session: Session, case: CertificationCase) -> frozenset[int]:
    query = select(ReviewAssignment.user_id).where(
        ReviewAssignment.case_id == case.id,
        ReviewAssignment.ended_at.is_(None),
        ReviewAssignment.part != "decider",
    )
    return frozenset(session.scalars(query))


# Cases


def tell_of_step(session: Session, case: CertificationCase, step: CaseStep, clock: Clock) -> None:
    """Write to whoever can take the next step, and to the side that did not take this one; nobody gets two letters."""
    told = {step.actor_id}
    turn, readers = _turn_readers(session, case)
    for reader in readers:
        if reader.user_id not in told:
            told.add(reader.user_id)
            _send(session, reader, partial(_step_letter, case, step, turn, is_theirs=True), clock)
    if step.event in KEPT_QUIET:
        return
    for side in ("enterprise", "body"):
        if side == step.side:
            continue
        for reader in readers_of(session, _tenant_of(case, side), {READERS[side]}):
            if reader.user_id not in told:
                told.add(reader.user_id)
                _send(session, reader, partial(_step_letter, case, step, side, is_theirs=False), clock)


def _tenant_of(row: CertificationCase | Certificate | Complaint, side: str) -> uuid.UUID:
    return row.body_id if side == "body" else row.client_id


def _step_letter(case: CertificationCase, step: CaseStep, side: str, *, is_theirs: bool) -> Letter:
    event = the_process().events[step.event]
    names = {"client": case.client_name, "body": case.body_name, "step": words(event.words)}
    lines = [
        gettext("The certification of %(client)s by %(body)s has moved on: %(step)s.", **names),
        gettext("It now stands at: %(state)s.", state=words(the_process().states[case.state].words)),
    ]
    if event.reasons is not None and step.reason is not None and step.event != "recommend":
        reason = the_process().reasons[event.reasons][step.reason]
        lines.append(gettext("Reason: %(reason)s.", reason=words(reason.words)))
    if step.note and step.event not in KEPT_QUIET:
        lines.append(gettext("Note:\n%(note)s", note=step.note))
    if is_theirs and case.due_on is not None:
        lines.append(gettext("It is your turn, until %(day)s.", day=day_prose(case.due_on)))
    subject = gettext("Certification of %(client)s: %(step)s", **names)
    return _letter(subject, lines, _case_link(case, side))


def remind_of_case(session: Session, case: CertificationCase, clock: Clock) -> None:
    """To whoever can take the next step, that its last day is near or has passed."""
    turn, readers = _turn_readers(session, case)
    for reader in readers:
        _send(session, reader, partial(_case_reminder, case, turn, clock.today()), clock)


def _case_reminder(case: CertificationCase, side: str, today: date) -> Letter:
    due = case.due_on or today
    names = {
        "client": case.client_name,
        "state": words(the_process().states[case.state].words),
        "day": day_prose(due),
    }
    if due < today:
        subject = gettext("Overdue since %(day)s: the certification of %(client)s", **names)
        line = gettext("The next step was due on %(day)s. The case stands at: %(state)s.", **names)
    else:
        subject = gettext("Until %(day)s: the certification of %(client)s", **names)
        line = gettext("The next step is due on %(day)s. The case stands at: %(state)s.", **names)
    end = gettext("What nobody moves, the platform ends by itself; the page of the case says when.")
    return _letter(subject, [line, end], _case_link(case, side))


def _case_link(case: CertificationCase, side: str) -> str:
    if side == "body":
        return f"{site_base()}/t/{case.body_id}/cases/{case.id}"
    return f"{site_base()}/t/{case.client_id}/certification/cases/{case.id}"


# Certificates


def tell_of_standing(session: Session, certificate: Certificate, event: CertificateEvent, clock: Clock) -> None:
    """Both sides, but whoever did it."""
    for side in ("enterprise", "body"):
        for reader in readers_of(session, _tenant_of(certificate, side), {READERS[side]}):
            if reader.user_id != event.actor_id:
                _send(session, reader, partial(_standing_letter, certificate, event, side), clock)


def _standing_letter(certificate: Certificate, event: CertificateEvent, side: str) -> Letter:
    subject = str(STANDING_WORDS[event.kind]) % {"number": certificate.number}
    lines = [
        gettext(
            "%(what)s. Holder: %(holder)s; issued by %(body)s.",
            what=subject,
            holder=certificate.holder,
            body=certificate.body_name,
        )
    ]
    if event.reason is not None:
        lines.append(gettext("Reason: %(reason)s.", reason=_reason(event.kind, event.reason)))
    if event.note:
        lines.append(gettext("Note:\n%(note)s", note=event.note))
    if event.kind == "suspended":
        last = months_after(event.at.astimezone(LOCAL).date(), the_process().period("suspension_max_months"))
        lines.append(
            gettext("If it is not put right by %(day)s, the platform withdraws the certificate.", day=day_prose(last))
        )
    lines.append(gettext("Everybody who verifies the certificate sees this from now on."))
    return _letter(subject, lines, _certificate_link(certificate, side))


def _reason(kind: str, code: str) -> str:
    name = the_process().changes[kind].reasons
    return words(the_process().reasons[name][code].words) if name else code


def remind_of_surveillance(
    session: Session, certificate: Certificate, surveillance: Surveillance, clock: Clock
) -> None:
    """Both sides: the body has to come, the enterprise to be ready."""

    def letter(side: str) -> Letter:
        names = {"number": certificate.number, "holder": certificate.holder, "day": day_prose(surveillance.due_on)}
        subject = gettext("Until %(day)s: surveillance of certificate %(number)s", **names)
        line = gettext(
            "The surveillance of certificate %(number)s of %(holder)s is due by %(day)s. The certification body "
            "carries it out and writes down what came of it; if it is missed, the certificate is suspended.",
            **names,
        )
        return _letter(subject, [line], _certificate_link(certificate, side))

    _to_both(session, certificate, letter, clock)


def remind_of_expiry(session: Session, certificate: Certificate, clock: Clock) -> None:
    """The holder can apply for a renewal; the body knows what comes."""

    def letter(side: str) -> Letter:
        names = {"number": certificate.number, "holder": certificate.holder, "day": day_prose(certificate.valid_until)}
        subject = gettext("Certificate %(number)s is valid until %(day)s", **names)
        line = gettext(
            "Certificate %(number)s of %(holder)s is valid until %(day)s. A renewal can be applied for already; in "
            "good time, it follows without a gap.",
            **names,
        )
        return _letter(subject, [line], _certificate_link(certificate, side))

    _to_both(session, certificate, letter, clock)


def remind_of_suspension(session: Session, certificate: Certificate, last: date, clock: Clock) -> None:
    """That a suspended certificate will be withdrawn."""

    def letter(side: str) -> Letter:
        names = {"number": certificate.number, "holder": certificate.holder, "day": day_prose(last)}
        subject = gettext("Certificate %(number)s will be withdrawn after %(day)s", **names)
        line = gettext(
            "Certificate %(number)s of %(holder)s is suspended. If the reason is not put right and the certification "
            "body does not reinstate it by %(day)s, the platform withdraws it.",
            **names,
        )
        return _letter(subject, [line], _certificate_link(certificate, side))

    _to_both(session, certificate, letter, clock)


def _to_both(session: Session, certificate: Certificate, letter: Callable[[str], Letter], clock: Clock) -> None:
    for side in ("enterprise", "body"):
        for reader in readers_of(session, _tenant_of(certificate, side), {READERS[side]}):
            _send(session, reader, partial(letter, side), clock)


def _certificate_link(certificate: Certificate, side: str) -> str:
    if side == "body":
        return f"{site_base()}/t/{certificate.body_id}/certificates/{certificate.id}"
    return f"{site_base()}/t/{certificate.client_id}/certification/certificates/{certificate.id}"


# Appeals and complaints


def tell_of_complaint(session: Session, case: CertificationCase, complaint: Complaint, clock: Clock) -> None:
    """An appeal to those who decide at the body, a complaint to the operator."""
    link = _answer_link(complaint)
    for reader in _answering(session, complaint):
        _send(session, reader, partial(_complaint_letter, case, complaint, link), clock)


def _answering(session: Session, complaint: Complaint) -> list[Reader]:
    """Whoever sees to the answer."""
    if complaint.kind == "appeal":
        return readers_of(session, complaint.body_id, {Permission.CASE_DECIDE, Permission.CASE_MANAGE})
    return readers_of(session, PLATFORM, {READERS["operator"]})


def _answer_link(complaint: Complaint) -> str:
    if complaint.kind == "appeal":
        return f"{site_base()}/t/{complaint.body_id}/cases/{complaint.case_id}"
    return f"{site_base()}/t/{PLATFORM}/certification-bodies"


def remind_of_complaint(session: Session, case: CertificationCase, complaint: Complaint, clock: Clock) -> None:
    """To whoever sees to the answer, that its last day is near or has passed."""
    today = clock.today()
    for reader in _answering(session, complaint):
        _send(session, reader, partial(_complaint_reminder, case, complaint, today), clock)


def _complaint_reminder(case: CertificationCase, complaint: Complaint, today: date) -> Letter:
    names = {"client": case.client_name, "body": case.body_name, "day": day_prose(complaint.due_on)}
    if complaint.kind == "appeal":
        late = gettext("Overdue since %(day)s: the answer to the appeal of %(client)s", **names)
        soon = gettext("Until %(day)s: the answer to the appeal of %(client)s", **names)
        line = gettext(
            "%(client)s waits for an answer to its appeal against the decision of %(body)s, due on %(day)s. Somebody "
            "who had no part in the case gives it.",
            **names,
        )
    else:
        late = gettext("Overdue since %(day)s: the answer to the complaint of %(client)s", **names)
        soon = gettext("Until %(day)s: the answer to the complaint of %(client)s", **names)
        line = gettext("%(client)s waits for an answer to its complaint about %(body)s, due on %(day)s.", **names)
    return _letter(late if complaint.due_on < today else soon, [line], _answer_link(complaint))


def _complaint_letter(case: CertificationCase, complaint: Complaint, link: str) -> Letter:
    names = {"client": case.client_name, "body": case.body_name, "day": day_prose(complaint.due_on)}
    if complaint.kind == "appeal":
        subject = gettext("%(client)s appeals against a decision", **names)
        line = gettext(
            "%(client)s appeals against the decision of %(body)s. Somebody who had no part in the case answers it by "
            "%(day)s.",
            **names,
        )
    else:
        subject = gettext("%(client)s complains about %(body)s", **names)
        line = gettext("%(client)s complains about %(body)s. Answer by %(day)s.", **names)
    return _letter(subject, [line], link)


def tell_of_answer(session: Session, case: CertificationCase, complaint: Complaint, clock: Clock) -> None:
    """The enterprise that brought it; of a complaint the body, too, which it is about and which did not answer it."""
    for side in ("enterprise", "body") if complaint.kind == "complaint" else ("enterprise",):
        for reader in readers_of(session, _tenant_of(case, side), {READERS[side]}):
            _send(session, reader, partial(_answer_letter, case, complaint, side), clock)


def _answer_letter(case: CertificationCase, complaint: Complaint, side: str) -> Letter:
    names = {"client": case.client_name, "body": case.body_name}
    if side == "body":
        subject = gettext("The complaint of %(client)s about you is answered", **names)
    elif complaint.kind == "appeal":
        subject = gettext("Your appeal against the decision of %(body)s is answered", **names)
    else:
        subject = gettext("Your complaint about %(body)s is answered", **names)
    lines = [str(ANSWER_WORDS[complaint.outcome or "dismissed"]), complaint.answer]
    return _letter(subject, lines, _case_link(case, side))


# Writing


def _letter(subject: str, lines: Iterable[str], link: str) -> Letter:
    body = "\n\n".join([*lines, link]) + "\n"
    return Letter(subject, body, gettext("[Integration Maturity] %(text)s. Sign in to read more.", text=subject))


def _send(session: Session, reader: Reader, making: Making, clock: Clock) -> None:
    contact = contact_of(reader.contact)
    with force_locale(reader.locale):
        letter = making()
    is_short = contact.kind == "mobile"
    post_message(
        session,
        contact.message_kind,
        contact.value,
        subject="" if is_short else letter.subject,
        body=letter.short if is_short else letter.body,
        locale=reader.locale,
        clock=clock,
    )
