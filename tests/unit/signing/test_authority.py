"""The local authority: what its certificates and lists say, as OpenSSL reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from maturity.signing.authority import issue_leaf, issue_root, key_from, revocation_list
from tests.factories.signing import run

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ROOT_KEY, KEY = key_from(b"\x01" * 48), key_from(b"\x02" * 48)
ROOT = issue_root(ROOT_KEY, "maturity.example.cn", NOW)


def leaf(purpose: str = "document", start: datetime = NOW) -> x509.Certificate:
    url = "https://maturity.example.cn/signing-keys/0123456789abcdef.crl"
    return issue_leaf(KEY, ROOT, ROOT_KEY, purpose=purpose, name="maturity.example.cn", start=start, list_url=url)


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_the_same_secret_gives_the_same_key() -> None:
    assert key_from(b"\x01" * 48).private_numbers() == ROOT_KEY.private_numbers()
    assert ROOT_KEY.private_numbers() != KEY.private_numbers()


@pytest.mark.parametrize("purpose", ["document", "timestamp"])
def test_openssl_builds_the_path_to_the_root(tmp_path: Path, purpose: str) -> None:
    root = written(tmp_path, "root.pem", ROOT.public_bytes(Encoding.PEM))
    own = written(tmp_path, "leaf.pem", leaf(purpose).public_bytes(Encoding.PEM))
    at = int((NOW + timedelta(days=1)).timestamp())
    assert "OK" in run("openssl", "verify", "-x509_strict", "-attime", at, "-CAfile", root, own)


def test_openssl_reads_which_certificate_is_revoked(tmp_path: Path) -> None:
    revoked = leaf()
    found = revocation_list(ROOT, ROOT_KEY, [(revoked, NOW)], NOW)
    path = written(tmp_path, "list.crl", found)
    root = written(tmp_path, "root.pem", ROOT.public_bytes(Encoding.PEM))
    said = run("openssl", "crl", "-inform", "DER", "-in", path, "-noout", "-text", "-CAfile", root)
    assert "verify OK" in said
    assert f"{revoked.serial_number:X}" in said
    assert said.count("Serial Number:") == 1


def test_no_certificate_outlives_its_authority() -> None:
    late = ROOT.not_valid_after_utc - timedelta(days=10)
    assert leaf(start=late).not_valid_after_utc == ROOT.not_valid_after_utc


def test_what_signs_documents_stamps_no_time_and_the_other_way_round() -> None:
    uses = {
        purpose: {
            one.dotted_string for one in leaf(purpose).extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        }
        for purpose in ("document", "timestamp")
    }
    assert not uses["document"] & uses["timestamp"]
