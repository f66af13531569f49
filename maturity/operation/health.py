"""How the parts of the installation are: each as a finding in plain words, with what to do where it is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from maturity.audit.models import AccountEvent, AuditEvent, UnsealedEvent
from maturity.clock import Clock
from maturity.db import every_tenant
from maturity.evidence.scanner import scanner_for
from maturity.installation.models import SignOfLife
from maturity.installation.service import BACKUP, WORKER, last_seen
from maturity.jobs.models import Job
from maturity.messages.models import Message

GOOD, CAUTION, DANGER, OFF = "good", "caution", "danger", "neutral"
SILENT_AFTER = timedelta(minutes=2)
WAITS_TOO_LONG = timedelta(minutes=10)
LAGS = timedelta(minutes=1)
BACKUP_IS_OLD = timedelta(days=2)
LITTLE, VERY_LITTLE = 5 * 1024**3, 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """`state` is good, caution, danger, or neutral for what is switched off; `mend` says what to do."""

    code: str
    part: str
    state: str
    words: str
    mend: str = ""


def findings(session: Session, config: Mapping[str, Any], clock: Clock) -> list[Finding]:
    """Every part, in the order in which one would look."""
    now = clock.now()
    with every_tenant(session, "operate"):
        signs = last_seen(session)
        return [
            _database(session),
            _worker(signs.get(WORKER), now),
            *_jobs(session, now),
            _queue(config),
            _mail(session, config, now),
            _sms(config),
            _payments(config),
            _scanner(config),
            _sealer(session, now),
            _disk(config["DATA_DIR"]),
            _backup(signs.get(BACKUP), now),
        ]


def _database(session: Session) -> Finding:
    session.execute(text("select 1"))
    if session.get_bind().dialect.name == "postgresql":
        return Finding("database", _("Database"), GOOD, _("PostgreSQL answers."))
    return Finding("database", _("Database"), GOOD, _("The embedded database (SQLite) answers."))


def _worker(sign: SignOfLife | None, now: datetime) -> Finding:
    mend = _("Start it with the service manager; without it no report, letter or seal is made.")
    if sign is None:
        return Finding("worker", _("Worker"), DANGER, _("No worker has been seen yet."), mend)
    if now - sign.at > SILENT_AFTER:
        return Finding(
            "worker", _("Worker"), DANGER, _("The worker has been silent for %(time)s.", time=_ago(now - sign.at)), mend
        )
    return Finding("worker", _("Worker"), GOOD, _("The worker was seen %(time)s ago.", time=_ago(now - sign.at)))


def _jobs(session: Session, now: datetime) -> Iterator[Finding]:
    due = (Job.state == "queued") & (Job.due_at.is_(None) | (Job.due_at <= now))
    oldest = session.scalar(select(func.min(Job.created_at)).where(due))
    failed = session.scalar(select(func.count(Job.id)).where(Job.state == "failed")) or 0
    if oldest is not None and now - oldest > WAITS_TOO_LONG:
        words = _("The oldest job has waited for %(time)s.", time=_ago(now - oldest))
        yield Finding("jobs", _("Jobs"), CAUTION, words, _("See whether the worker runs, or run a second one."))
    elif failed:
        yield Finding(
            "jobs", _("Jobs"), CAUTION, _("%(count)s jobs failed.", count=failed), _("Look at them on the page Jobs.")
        )
    else:
        yield Finding("jobs", _("Jobs"), GOOD, _("No job waits for long, none failed."))


def _queue(config: Mapping[str, Any]) -> Finding:
    if not config["REDIS_URL"]:
        return Finding("queue", _("Queue"), GOOD, _("Jobs are woken through a file in the data folder."))
    import redis

    try:
        redis.Redis.from_url(config["REDIS_URL"], socket_timeout=2, socket_connect_timeout=2).ping()
    except redis.RedisError:
        mend = _("Start it. Nothing is lost meanwhile: a sweep finds the jobs, later.")
        return Finding("queue", _("Queue"), DANGER, _("Redis does not answer."), mend)
    return Finding("queue", _("Queue"), GOOD, _("Redis answers."))


def _mail(session: Session, config: Mapping[str, Any], now: datetime) -> Finding:
    if not config["SMTP_URL"]:
        mend = _("Set MATURITY_SMTP_URL and MATURITY_MAIL_FROM.")
        return Finding("mail", _("Mail"), OFF, _("Switched off: no letter is sent."), mend)
    failed = _count(session, Message.state == "failed", Message.kind == "mail")
    late = _count(session, Message.state == "waiting", Message.created_at < now - WAITS_TOO_LONG)
    if failed or late:
        words = _("%(failed)s letters failed, %(late)s wait for long.", failed=failed, late=late)
        return Finding("mail", _("Mail"), CAUTION, words, _("Look at them on the page Outbox."))
    return Finding("mail", _("Mail"), GOOD, _("Letters go out; none failed in the last 30 days."))


def _sms(config: Mapping[str, Any]) -> Finding:
    if not config["SMS_URL"]:
        mend = _("Set MATURITY_SMS_URL and MATURITY_SMS_SECRET.")
        return Finding("sms", _("Text messages"), OFF, _("Switched off: no text message is sent."), mend)
    return Finding("sms", _("Text messages"), GOOD, _("A gateway is configured."))


def _payments(config: Mapping[str, Any]) -> Finding:
    """Whether Stripe can be asked, and its notices believed; whether it answers is seen when somebody pays."""
    if not config["STRIPE_KEY"]:
        mend = _("Set MATURITY_STRIPE_KEY and MATURITY_STRIPE_WEBHOOK_SECRET, then run flask billing catalogue.")
        return Finding(
            "payments", _("Payments by card"), OFF, _("Switched off: plans are assigned, or paid by transfer."), mend
        )
    if not config["STRIPE_WEBHOOK_SECRETS"]:
        mend = _("Set MATURITY_STRIPE_WEBHOOK_SECRET. Until then payments are noticed by the nightly comparison.")
        return Finding("payments", _("Payments by card"), CAUTION, _("No secret of webhooks is configured."), mend)
    return Finding("payments", _("Payments by card"), GOOD, _("Stripe is configured, with the secret of its webhooks."))


def _count(session: Session, *where: Any) -> int:
    return session.scalar(select(func.count(Message.id)).where(*where)) or 0


def _scanner(config: Mapping[str, Any]) -> Finding:
    scanner = scanner_for(config["CLAMD"])
    if not scanner.is_configured:
        mend = _("Set MATURITY_CLAMD to where ClamAV listens.")
        return Finding(
            "scanner", _("Malware scanner"), OFF, _("Switched off: evidence is kept unscanned and marked so."), mend
        )
    if not scanner.answers():
        mend = _("Start clamd. Files wait until it answers.")
        return Finding("scanner", _("Malware scanner"), DANGER, _("The scanner does not answer."), mend)
    return Finding("scanner", _("Malware scanner"), GOOD, _("The scanner answers."))


def _sealer(session: Session, now: datetime) -> Finding:
    waiting = select(UnsealedEvent.event_id)
    moments = [
        session.scalar(select(func.min(model.at)).where(model.id.in_(waiting))) for model in (AuditEvent, AccountEvent)
    ]
    oldest = min((moment for moment in moments if moment is not None), default=None)
    if oldest is not None and now - oldest > LAGS:
        words = _("The oldest event has waited for its seal for %(time)s.", time=_ago(now - oldest))
        return Finding(
            "audit", _("Audit log"), CAUTION, words, _("See whether the worker runs; it seals twice a second.")
        )
    return Finding("audit", _("Audit log"), GOOD, _("All events are sealed, or were a moment ago."))


def _disk(data: Path) -> Finding:
    free = shutil.disk_usage(data).free
    words = _("%(size)s GB are free in the data folder.", size=format(free / 1024**3, ",.1f"))
    if free < LITTLE:
        state = DANGER if free < VERY_LITTLE else CAUTION
        return Finding("disk", _("Disk"), state, words, _("Make room, or move the data folder to a larger disk."))
    return Finding("disk", _("Disk"), GOOD, words)


def _backup(sign: SignOfLife | None, now: datetime) -> Finding:
    mend = _("Run flask backup every night, and keep the file elsewhere.")
    if sign is None:
        return Finding("backup", _("Backup"), CAUTION, _("No backup was made with flask backup yet."), mend)
    words = _("The last backup was made %(time)s ago: %(what)s.", time=_ago(now - sign.at), what=sign.note)
    return Finding("backup", _("Backup"), CAUTION if now - sign.at > BACKUP_IS_OLD else GOOD, words, mend)


def _ago(span: timedelta) -> str:
    """In the largest unit that is full: 40 s, 12 min, 5 h, 3 days."""
    seconds = max(0, int(span.total_seconds()))
    if seconds >= 86400:
        return _("%(n)s days", n=seconds // 86400)
    if seconds >= 3600:
        return _("%(n)s h", n=seconds // 3600)
    if seconds >= 60:
        return _("%(n)s min", n=seconds // 60)
    return _("%(n)s s", n=seconds)
