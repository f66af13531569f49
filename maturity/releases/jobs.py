"""The worker's part: computing a release, and giving those counted in a published one their receipts."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from maturity.audit.service import record
from maturity.benchmarks.models import BenchmarkRelease
from maturity.benchmarks.service import store_built
from maturity.db import every_tenant
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.worker import JobFailure, Progress, begin_writing
from maturity.releases.cluster import ClusterTrouble
from maturity.releases.computing import LostInput, build, freeze, judged_against, path_of, tree_of
from maturity.releases.frozen import read_editions
from maturity.releases.keys import keys_of
from maturity.releases.receipts import BATCH, issue, still_to_issue

STEPS = 3


def compute_release(app: Flask, job: Job, progress: Progress) -> None:
    """Freeze the extract, compute, and store all of it in one transaction: a worker that dies leaves nothing half.

    An extract that an earlier attempt froze is used as it is. A cluster in trouble fails the job for good: its machines
    have their own second tries, and somebody has to look at them.
    """
    session, clock, data = db.session(), app.extensions["clock"], app.config["DATA_DIR"]
    release_id, tenant_id = int(job.payload["release_id"]), job.tenant_id
    begin_writing(session)
    keys = keys_of(session, clock)
    session.commit()
    progress(0, STEPS)
    with every_tenant(session):
        release = session.get_one(BenchmarkRelease, release_id)
        if release.state != "computing":
            return  # taken back meanwhile
        input_sha256 = freeze(session, release, data, keys)
        begin_writing(session)
        session.get_one(BenchmarkRelease, release_id).input_sha256 = input_sha256
        session.commit()
    progress(1, STEPS)
    with every_tenant(session):
        release = session.get_one(BenchmarkRelease, release_id)
        against = judged_against(session, release)
        try:
            built = build(session, release, against, data, keys, app.config["CLUSTER"])
        except LostInput as error:
            raise JobFailure("release_input_lost", str(error)) from error
        except ClusterTrouble as error:
            raise JobFailure(error.code, str(error)) from error
        root = tree_of(release_id, data, keys).root.hex()
        edition = read_editions(path_of(data, release_id))
    if not built.cells:
        raise JobFailure("release_empty")
    progress(2, STEPS)
    with every_tenant(session):
        begin_writing(session)
        release = session.scalars(
            select(BenchmarkRelease).where(BenchmarkRelease.id == release_id).with_for_update()
        ).one()
        if release.state != "computing":
            return
        release.judged_against, release.merkle_root = against, root
        store_built(session, release, built, input_sha256, edition)
    record(session, clock, "release.computed", None, tenant_id, release_id=str(release_id), cells=len(built.cells))


def issue_receipts(app: Flask, job: Job, progress: Progress) -> None:
    """Receipts for those counted, a batch in each transaction; whoever has one already is passed over."""
    session, clock, data = db.session(), app.extensions["clock"], app.config["DATA_DIR"]
    release_id = int(job.payload["release_id"])
    begin_writing(session)
    keys = keys_of(session, clock)
    session.commit()
    with every_tenant(session):
        release = session.get_one(BenchmarkRelease, release_id)
        tree = tree_of(release_id, data, keys)
        if tree.root.hex() != release.merkle_root:
            raise JobFailure("release_input_lost", str(release_id))
        waiting = still_to_issue(session, release, data, keys)
    total = max(1, len(waiting))
    for start in range(0, len(waiting), BATCH):
        with every_tenant(session):
            begin_writing(session)
            issue(
                session,
                session.get_one(BenchmarkRelease, release_id),
                tree,
                waiting[start : start + BATCH],
                keys,
                clock,
            )
            session.commit()
        progress(min(total, start + BATCH), total)
