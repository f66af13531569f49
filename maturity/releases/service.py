"""The way of a release: asked for, computed, looked through and signed by two other people, published for good."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.service import record
from maturity.benchmarks.models import AggregateRead, BenchmarkRelease
from maturity.benchmarks.parameters import CURRENT
from maturity.benchmarks.service import ask_for_release, publish
from maturity.campaigns.models import Regulator
from maturity.clock import LOCAL, Clock
from maturity.db import TENANT
from maturity.editions.service import current_editions
from maturity.errors import Conflict, Invalid, NotAllowed, NotFound
from maturity.jobs.models import Job
from maturity.jobs.service import ask_for_job
from maturity.releases.computing import stored_hash
from maturity.releases.models import ReleaseReview
from maturity.tenancy.models import Membership, Tenant

COMPUTE, RECEIPTS = "release", "release_receipts"
SIGNATURES = 2
LONGEST_REASON, SHORTEST_REASON = 500, 5
FIRST_PERIOD = 2000
RULES = (CURRENT,)
UNDER_WAY = ("computing", "review")
READS = 200


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. A correction names what it replaces, with a notice in both languages."""

    framework: str
    period: int
    cut_off: date
    rules_version: str = CURRENT
    replaces_id: int | None = None
    notice_zh: str = ""
    notice_en: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a release stands: who decided what, the job while it is computed, what it corrects and what corrects it."""

    release: BenchmarkRelease
    reviews: tuple[ReleaseReview, ...]
    job: Job | None
    replaces: BenchmarkRelease | None
    replaced_by: BenchmarkRelease | None

    @property
    def signatures(self) -> int:
        return sum(1 for review in self.reviews if review.decision == "signed")

    def is_signed_by(self, user_id: int) -> bool:
        return any(review.user_id == user_id and review.decision == "signed" for review in self.reviews)

    @property
    def has_failed(self) -> bool:
        return self.release.state == "computing" and self.job is not None and self.job.state == "failed"


def is_entrusted(session: Session, tenant: Tenant) -> bool:
    """Whether a tenant prepares and reviews releases: the operator, and a regulator the operator entrusted with it."""
    if tenant.kind == "operator":
        return True
    if tenant.kind != "regulator":
        return False
    query = select(Regulator.releases).where(Regulator.tenant_id == tenant.id)
    return bool(session.scalar(query))


def require_entrusted(session: Session, tenant: Tenant) -> None:
    if not is_entrusted(session, tenant):
        raise NotAllowed("release_not_entrusted")


def ask(session: Session, tenant: Tenant, request: Request, *, actor_id: int, clock: Clock) -> BenchmarkRelease:
    """Have a release computed. `Conflict` while another of the framework and period is under way."""
    require_entrusted(session, tenant)
    replaces = _checked(session, request, clock)
    cut_off_at = min(_end_of(request.cut_off), clock.now().replace(microsecond=0))
    notice = {"zh": request.notice_zh.strip(), "en": request.notice_en.strip()} if replaces else None
    release = ask_for_release(
        session,
        request.framework,
        request.period,
        cut_off_at=cut_off_at,
        rules_version=request.rules_version,
        is_synthetic=False,
        clock=clock,
        actor_id=actor_id,
        replaces=replaces,
        notice=notice,
    )
    _ask_for_job(session, tenant.id, COMPUTE, release.id, actor_id, clock)
    _record(session, clock, "release.asked", actor_id, tenant.id, release, framework=release.framework)
    session.flush()
    return release


def _checked(session: Session, request: Request, clock: Clock) -> BenchmarkRelease | None:
    if request.framework not in current_editions(session):
        raise Invalid("release_framework", request.framework)
    if not FIRST_PERIOD <= request.period <= clock.today().year:
        raise Invalid("release_period")
    if request.rules_version not in RULES:
        raise Invalid("release_rules", request.rules_version)
    if request.cut_off > clock.today():
        raise Invalid("release_cut_off")
    same = (BenchmarkRelease.framework == request.framework) & (BenchmarkRelease.period == request.period)
    under_way = select(BenchmarkRelease.id).where(same, BenchmarkRelease.state.in_(UNDER_WAY))
    if session.scalar(under_way.limit(1)) is not None:
        raise Conflict("release_under_way")
    standing = session.scalar(
        select(BenchmarkRelease)
        .where(same, BenchmarkRelease.state == "published", ~BenchmarkRelease.is_synthetic)
        .order_by(BenchmarkRelease.id.desc())
        .limit(1)
    )
    if request.replaces_id != (standing.id if standing else None):
        # A second release of a period without a word about the first would leave readers with two truths.
        raise Invalid("release_replaces", str(standing.id) if standing else "")
    if standing is not None and not (request.notice_zh.strip() and request.notice_en.strip()):
        raise Invalid("release_notice")
    return standing


def _end_of(day: date) -> datetime:
    """In UTC, which is how the hash of the release spells it."""
    return datetime.combine(day + timedelta(days=1), time(), LOCAL).astimezone(UTC)


def compute_again(session: Session, tenant: Tenant, release_id: int, *, actor_id: int, clock: Clock) -> None:
    """Queue the computation anew after it failed."""
    require_entrusted(session, tenant)
    release = _locked(session, release_id)
    mine = (Job.kind == COMPUTE) & (Job.key == str(release.id)) & (Job.tenant_id == tenant.id)
    if release.state != "computing" or session.scalar(select(Job.id).where(mine)) is None:
        raise Conflict("release_not_computing")  # another body's job is not ours to repeat
    _ask_for_job(session, tenant.id, COMPUTE, release.id, actor_id, clock)


def sign(session: Session, tenant: Tenant, release_id: int, *, actor_id: int, clock: Clock) -> bool:
    """Sign a release as it is stored; the second signature publishes it. Whether it was the second."""
    require_entrusted(session, tenant)
    release = _reviewable(session, release_id, actor_id)
    if _has_signed(session, release.id, actor_id):
        raise Conflict("release_signed_already")
    if stored_hash(session, release) != release.sha256:
        raise Conflict("release_tampered")
    _add_review(session, release, tenant, "signed", "", actor_id, clock)
    _record(session, clock, "release.signed", actor_id, tenant.id, release)
    signed = (ReleaseReview.release_id == release.id) & (ReleaseReview.decision == "signed")
    if len(session.scalars(select(ReleaseReview.user_id).where(signed).distinct()).all()) < SIGNATURES:
        return False
    publish(session, release, clock)
    _ask_for_job(session, tenant.id, RECEIPTS, release.id, actor_id, clock)
    _record(session, clock, "release.published", actor_id, tenant.id, release)
    session.flush()
    return True


def send_back(session: Session, tenant: Tenant, release_id: int, reason: str, *, actor_id: int, clock: Clock) -> None:
    """A reviewer does not let it pass: the release is withdrawn, and the reason stays."""
    require_entrusted(session, tenant)
    release = _reviewable(session, release_id, actor_id)
    _withdraw(session, release, tenant, "returned", reason, actor_id, clock)


def withdraw(session: Session, tenant: Tenant, release_id: int, reason: str, *, actor_id: int, clock: Clock) -> None:
    """Whoever prepares releases takes one back before it is published, be it computed or not."""
    require_entrusted(session, tenant)
    release = _locked(session, release_id)
    if release.state not in UNDER_WAY:
        raise Conflict("release_not_in_review")
    _withdraw(session, release, tenant, "withdrawn", reason, actor_id, clock)


def _withdraw(
    session: Session,
    release: BenchmarkRelease,
    tenant: Tenant,
    decision: str,
    reason: str,
    actor_id: int,
    clock: Clock,
) -> None:
    reason = " ".join(reason.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Invalid("release_reason")
    _add_review(session, release, tenant, decision, reason, actor_id, clock)
    release.state = "withdrawn"
    _record(session, clock, f"release.{decision}", actor_id, tenant.id, release, reason=reason)
    session.flush()


def _reviewable(session: Session, release_id: int, actor_id: int) -> BenchmarkRelease:
    release = _locked(session, release_id)
    if release.state != "review":
        raise Conflict("release_not_in_review")
    if release.requested_by == actor_id:
        raise NotAllowed("release_asker_signs")
    return release


def _locked(session: Session, release_id: int) -> BenchmarkRelease:
    query = select(BenchmarkRelease).where(BenchmarkRelease.id == release_id, ~BenchmarkRelease.is_synthetic)
    release = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if release is None:
        raise NotFound("release")
    return release


def _has_signed(session: Session, release_id: int, user_id: int) -> bool:
    mine = (ReleaseReview.release_id == release_id) & (ReleaseReview.user_id == user_id)
    query = select(ReleaseReview.id).where(mine, ReleaseReview.decision == "signed")
    return session.scalar(query.limit(1)) is not None


def _add_review(
    session: Session,
    release: BenchmarkRelease,
    tenant: Tenant,
    decision: str,
    reason: str,
    actor_id: int,
    clock: Clock,
) -> None:
    session.add(
        ReleaseReview(
            release_id=release.id,
            user_id=actor_id,
            body_id=tenant.id,
            body=tenant.name,
            decision=decision,
            reason=reason,
            sha256=release.sha256,
            at=clock.now(),
        )
    )
    session.flush()


def _ask_for_job(
    session: Session, tenant_id: uuid.UUID, kind: str, release_id: int, actor_id: int, clock: Clock
) -> None:
    payload = {"release_id": release_id}
    ask_for_job(session, tenant_id, kind, str(release_id), payload, actor_id=actor_id, clock=clock)


def _record(
    session: Session,
    clock: Clock,
    event: str,
    actor_id: int,
    tenant_id: uuid.UUID,
    release: BenchmarkRelease,
    **more: Any,
) -> None:
    what: dict[str, Any] = {"release_id": str(release.id), "period": release.period} | more
    record(session, clock, event, actor_id, tenant_id, **what)


# Reading


def releases_for(session: Session, *, entrusted: bool) -> list[BenchmarkRelease]:
    """Everything an entrusted body sees, the latest first; others see what is published."""
    query = select(BenchmarkRelease).where(_visible(entrusted=entrusted))
    order = (BenchmarkRelease.is_synthetic, BenchmarkRelease.period.desc(), BenchmarkRelease.id.desc())
    return list(session.scalars(query.order_by(*order)))


def failed_of(session: Session, releases: Sequence[BenchmarkRelease]) -> frozenset[int]:
    """Those of which the computation failed, as far as the reader's tenant asked for it."""
    waiting = {str(release.id): release.id for release in releases if release.state == "computing"}
    query = select(Job.key).where(Job.kind == COMPUTE, Job.state == "failed", Job.key.in_(waiting))
    return frozenset(waiting[key] for key in session.scalars(query))


def _visible(*, entrusted: bool) -> ColumnElement[bool]:
    if entrusted:
        return BenchmarkRelease.id.is_not(None)
    return BenchmarkRelease.state == "published"


def find_release(session: Session, release_id: int, *, entrusted: bool) -> BenchmarkRelease:
    query = select(BenchmarkRelease).where(BenchmarkRelease.id == release_id, _visible(entrusted=entrusted))
    found = session.scalar(query)
    if found is None:
        raise NotFound("release")
    return found


def standing_of(session: Session, release: BenchmarkRelease, *, entrusted: bool) -> Standing:
    """The release with what was decided about it, for those entrusted; its corrections for everybody."""
    reviews: list[ReleaseReview] = []
    job = None
    if entrusted:
        query = select(ReleaseReview).where(ReleaseReview.release_id == release.id).order_by(ReleaseReview.at)
        reviews = list(session.scalars(query))
        mine = (Job.kind == COMPUTE) & (Job.key == str(release.id))
        job = session.scalar(select(Job).where(mine))  # of the tenant that asked; another sees that it is computed
    replaces = session.get(BenchmarkRelease, release.replaces_id) if release.replaces_id else None
    return Standing(release, tuple(reviews), job, replaces, correction_of(session, release))


def names_of_reviewers(session: Session, reviews: Sequence[ReleaseReview]) -> dict[int, str]:
    """By number, as far as the reader's own tenant knows them: of another body only the body is told."""
    numbers = {review.user_id for review in reviews}
    if not numbers:
        return {}
    tenant_id = session.info.get(TENANT)
    query = (
        select(User.id, User.name)
        .join(Membership, Membership.user_id == User.id)
        .where(User.id.in_(numbers), Membership.tenant_id == tenant_id)
    )
    return {number: name or "" for number, name in session.execute(query)}


def correction_of(session: Session, release: BenchmarkRelease) -> BenchmarkRelease | None:
    """The published release that replaces this one; to be told wherever this one is cited."""
    query = select(BenchmarkRelease).where(
        BenchmarkRelease.replaces_id == release.id, BenchmarkRelease.state == "published"
    )
    return session.scalar(query.order_by(BenchmarkRelease.id.desc()).limit(1))


def reads_by(session: Session, tenant: Tenant) -> list[AggregateRead]:
    """What a regulator read; the operator sees what all of them did."""
    query = select(AggregateRead)
    if tenant.kind != "operator":
        query = query.where(AggregateRead.reader_id == tenant.id)
    return list(session.scalars(query.order_by(AggregateRead.at.desc(), AggregateRead.id).limit(READS)))
