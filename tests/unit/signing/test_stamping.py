"""The local time-stamp authority answers as RFC 3161 has it: OpenSSL checks what it says."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from asn1crypto import tsp
from cryptography.hazmat.primitives.serialization import Encoding

from maturity.clock import FixedClock
from maturity.signing.authority import issue_leaf, issue_root, key_from
from maturity.signing.stamping import LocalTimeStamper, asn1_certificate, signer_with
from tests.factories.signing import run

NOW = datetime(2026, 11, 24, 2, 0, 0, 750_000, tzinfo=UTC)
ROOT_KEY, KEY = key_from(b"\x01" * 48), key_from(b"\x02" * 48)
ROOT = issue_root(ROOT_KEY, "maturity.example.cn", NOW)
LEAF = issue_leaf(KEY, ROOT, ROOT_KEY, purpose="timestamp", name="maturity.example.cn", start=NOW, list_url=None)


def answer(request: bytes) -> tsp.TimeStampResp:
    stamper = LocalTimeStamper(signer_with(KEY, LEAF, ROOT), asn1_certificate(LEAF).subject, FixedClock(NOW))
    return asyncio.run(stamper.async_request_tsa_response(tsp.TimeStampReq.load(request)))


def asked(folder: Path, data: bytes) -> tuple[Path, Path]:
    """A question that OpenSSL put, and what it is about."""
    about, question = folder / "data.bin", folder / "question.tsq"
    about.write_bytes(data)
    run("openssl", "ts", "-query", "-data", about, "-sha256", "-cert", "-out", question)
    return question, about


def test_openssl_believes_the_answer_to_its_own_question(tmp_path: Path) -> None:
    question, about = asked(tmp_path, b"what was there")
    reply, root = tmp_path / "reply.tsr", tmp_path / "root.pem"
    reply.write_bytes(answer(question.read_bytes()).dump())
    root.write_bytes(ROOT.public_bytes(Encoding.PEM))
    at = int(NOW.timestamp()) + 60
    trusted = ("-in", reply, "-CAfile", root, "-attime", at)
    assert "OK" in run("openssl", "ts", "-verify", "-queryfile", question, *trusted)
    about.write_bytes(b"something else")
    assert "FAILED" in run("openssl", "ts", "-verify", "-data", about, *trusted, fails=True)


def test_it_says_the_second_and_the_hash_and_repeats_the_nonce(tmp_path: Path) -> None:
    question, _about = asked(tmp_path, b"x")
    stated = answer(question.read_bytes())["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    assert stated["gen_time"].native == NOW.replace(microsecond=0)
    assert stated["message_imprint"]["hashed_message"].native == sha256(b"x").digest()
    assert stated["nonce"].native == tsp.TimeStampReq.load(question.read_bytes())["nonce"].native
