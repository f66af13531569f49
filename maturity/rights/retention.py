"""How long each class of records is kept: one table, which the nightly job applies and the record of processing shows.

A term that another feature applies by itself is named here all the same, from that feature's own constant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from maturity.accounts.models import ContactProof, FailedAttempts, SignIn
from maturity.accounts.sign_ins import IDLE
from maturity.audit.keys import erase_subject
from maturity.audit.vocabulary import subject_of_invitation
from maturity.clock import Clock
from maturity.evidence.models import RETENTION_YEARS
from maturity.evidence.retention import UNUSED_DAYS
from maturity.jobs.models import Job
from maturity.messages.models import Message
from maturity.messages.service import KEPT_FOR
from maturity.questionnaires.model import Text
from maturity.rights.erasure import GRACE as TENANT_GRACE
from maturity.rights.erasure import RECEIPT_YEARS
from maturity.rights.exports import OFFERED_FOR, remove_over
from maturity.rights.models import AccountDeletion, TenantDeletion, TenantExport
from maturity.rights.persons import GRACE as ACCOUNT_GRACE
from maturity.teamwork.models import Presence
from maturity.tenancy.models import Invitation, StaffVisit

DAY, YEAR = timedelta(days=1), timedelta(days=365)
LOST_INVITATION = timedelta(days=30)
#: The Cybersecurity Law asks for six months of logs; the log of who did what is kept for good.
VISITS_KEPT = 3 * YEAR
JOBS_KEPT = timedelta(days=90)
EXPORT_NOTED = YEAR
RECEIPTS_KEPT = RECEIPT_YEARS * YEAR


@dataclass(frozen=True, slots=True)
class Class:
    """A class of records: which tables, for how long, and what happens then.

    Without `due` another feature applies the term, or the records stay as long as what they belong to.
    """

    title: Text
    term: Text
    tables: tuple[str, ...]
    due: Callable[[Session, datetime], int] | None = None
    apply: Callable[[Session, Clock, Path], int] | None = None


def _count(session: Session, table: Any, over: Any) -> int:
    return session.scalar(select(func.count()).select_from(table).where(over)) or 0


def _rows(table: Any, over: Callable[[datetime], ColumnElement[bool]]) -> dict[str, Any]:
    """Records that are simply deleted when their term is over."""

    def due(session: Session, now: datetime) -> int:
        return _count(session, table, over(now))

    def apply(session: Session, clock: Clock, _data: Path) -> int:
        gone: Any = session.execute(delete(table).where(over(clock.now())).execution_options(synchronize_session=False))
        return int(gone.rowcount)

    return {"due": due, "apply": apply}


def _days(span: timedelta) -> Text:
    return Text(f"{span.days} 天", f"{span.days} days")


def _years(count: int) -> Text:
    return Text(f"{count} 年", "1 year" if count == 1 else f"{count} years")


def _with(before: tuple[str, str], term: Text, after: tuple[str, str] = ("", "")) -> Text:
    return Text(f"{before[0]}{term.zh}{after[0]}", f"{before[1]}{term.en}{after[1]}")


def _lost(now: datetime) -> ColumnElement[bool]:
    """Invitations that came to nothing, a month after they ran out or were taken back."""
    over = or_(Invitation.revoked_at < now - LOST_INVITATION, Invitation.expires_at < now - LOST_INVITATION)
    return Invitation.accepted_at.is_(None) & over


def _forget_invitations(session: Session, clock: Clock, _data: Path) -> int:
    """With the key of what the log says about somebody who never came."""
    numbers = list(session.scalars(select(Invitation.id).where(_lost(clock.now()))))
    for number in numbers:
        erase_subject(session, subject_of_invitation(number), clock)
    session.execute(delete(Invitation).where(Invitation.id.in_(numbers)))
    return len(numbers)


def _old_receipts(now: datetime) -> ColumnElement[bool]:
    return (TenantDeletion.done_at < now - RECEIPTS_KEPT) & TenantDeletion.receipt.is_not(None)


def _forget_receipts(session: Session, clock: Clock, _data: Path) -> int:
    """The receipt goes; that there was a deletion, and the hash that stands in the log, stay."""
    gone: Any = session.execute(
        update(TenantDeletion)
        .where(_old_receipts(clock.now()))
        .values(receipt=None, receipt_token_hash=None)
        .execution_options(synchronize_session=False)
    )
    return int(gone.rowcount)


def _exports_over(now: datetime) -> ColumnElement[bool]:
    return TenantExport.removed_at.is_(None) & (TenantExport.made_at < now - OFFERED_FOR)


CLASSES: Mapping[str, Class] = {
    "accounts": Class(
        Text("账户", "Accounts"),
        _with(("注销申请后 ", ""), _days(ACCOUNT_GRACE), ("", " after the person asked for it to be closed")),
        ("users", "webauthn", "recovery_codes", "roles_users", "identities"),
    ),
    "tenant_data": Class(
        Text("企业数据", "Data of tenants"),
        _with(("删除申请后 ", ""), _days(TENANT_GRACE), ("", " after an owner asked for deletion")),
        ("enterprises", "assessments", "answers", "answer_versions", "submissions", "document_files"),
    ),
    "sign_in_devices": Class(
        Text("已登录的设备", "Signed-in devices"),
        _with(("最后使用后 ", ""), _days(IDLE), ("", " after the last use")),
        ("sign_ins",),
        **_rows(SignIn, lambda now: SignIn.seen_at < now - IDLE),
    ),
    "contact_proofs": Class(
        Text("确认邮箱或手机号的链接和验证码", "Links and codes that prove a contact"),
        _with(("过期后 ", ""), Text("1 天", "1 day"), ("", " after they ran out")),
        ("contact_proofs",),
        **_rows(ContactProof, lambda now: ContactProof.expires_at < now - DAY),
    ),
    "failed_attempts": Class(
        Text("登录失败次数", "Failed sign-ins"),
        _with(("最后一次后 ", ""), Text("1 天", "1 day"), ("", " after the last one")),
        ("failed_attempts",),
        **_rows(FailedAttempts, lambda now: FailedAttempts.last_at < now - DAY),
    ),
    "letters": Class(
        Text("发出的邮件和短信", "Letters and text messages"),
        _days(KEPT_FOR),
        ("outbox",),
        **_rows(Message, lambda now: Message.created_at < now - KEPT_FOR),
    ),
    "lost_invitations": Class(
        Text("未被接受的邀请", "Invitations that came to nothing"),
        _with(("失效后 ", ""), _days(LOST_INVITATION), ("", " after they ended")),
        ("invitations",),
        due=lambda session, now: _count(session, Invitation, _lost(now)),
        apply=_forget_invitations,
    ),
    "presence": Class(
        Text("此刻谁在填报", "Who is answering at the moment"),
        Text("1 天", "1 day"),
        ("presences",),
        **_rows(Presence, lambda now: Presence.until < now - DAY),
    ),
    "staff_visits": Class(
        Text("平台运营人员来访", "Visits of the operator's staff"),
        _years(VISITS_KEPT.days // YEAR.days),
        ("staff_visits",),
        **_rows(StaffVisit, lambda now: StaffVisit.until < now - VISITS_KEPT),
    ),
    "evidence": Class(
        Text("证明材料", "Evidence"),
        _with(("默认至所属报告期后 ", "by default "), _years(RETENTION_YEARS), (" ，企业可改", " after the period")),
        ("evidence_files", "evidence_links"),
    ),
    "unused_evidence": Class(
        Text("不再证明任何回答的材料", "Evidence that proves no answer"),
        Text(f"{UNUSED_DAYS} 天", f"{UNUSED_DAYS} days"),
        ("evidence_files",),
    ),
    "exports": Class(
        Text("导出的数据文件", "Archives of exports"),
        _days(OFFERED_FOR),
        ("tenant_exports",),
        due=lambda session, now: _count(session, TenantExport, _exports_over(now)),
        apply=lambda session, clock, data: remove_over(session, data, clock),
    ),
    "export_records": Class(
        Text("导出记录", "Records of exports"),
        _years(EXPORT_NOTED.days // YEAR.days),
        ("tenant_exports",),
        **_rows(
            TenantExport,
            lambda now: (
                (TenantExport.asked_at < now - EXPORT_NOTED)
                & or_(TenantExport.made_at.is_(None), TenantExport.removed_at.is_not(None))
            ),
        ),
    ),
    "jobs": Class(
        Text("已完成的后台任务", "Finished background jobs"),
        _days(JOBS_KEPT),
        ("jobs",),
        **_rows(Job, lambda now: Job.finished_at < now - JOBS_KEPT),
    ),
    "audit_log": Class(
        Text("审计日志", "Audit log"),
        Text(
            "平台存续期间；其中的个人信息随账户或企业删除",
            "as long as the installation; what is personal in it goes with the account or the tenant",
        ),
        ("audit_events", "account_events", "audit_seals", "subject_keys"),
    ),
    "consents": Class(
        Text("同意记录", "Records of consent"),
        Text("账户存续期间，之后只留编号", "as long as the account, then with its number alone"),
        ("person_consents", "tenant_consents"),
    ),
    "receipts": Class(
        Text("已删除企业的删除证明", "Receipts of deleted tenants"),
        _years(RECEIPT_YEARS),
        ("tenant_deletions",),
        due=lambda session, now: _count(session, TenantDeletion, _old_receipts(now)),
        apply=_forget_receipts,
    ),
    "closings": Class(
        Text("账户注销记录", "Records of closed accounts"),
        _years(RECEIPT_YEARS),
        ("account_deletions",),
        **_rows(AccountDeletion, lambda now: AccountDeletion.done_at < now - RECEIPTS_KEPT),
    ),
}


def due(session: Session, clock: Clock) -> dict[str, int]:
    """How many records of each class are over their term now; the session works across tenants."""
    return {name: item.due(session, clock.now()) for name, item in CLASSES.items() if item.due is not None}


def apply_retention(session: Session, data: Path, clock: Clock) -> dict[str, int]:
    """Do away with what is over its term; how much of each class. The session works across tenants."""
    done = {name: item.apply(session, clock, data) for name, item in CLASSES.items() if item.apply is not None}
    session.flush()
    return done
