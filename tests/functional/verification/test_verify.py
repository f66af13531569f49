"""Verifying for everybody: every outcome by number, by the QR code's address and by file; as page, JSON and badge."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from maturity.certificates.models import Certificate
from maturity.certificates.numbering import new_number
from maturity.clock import FixedClock
from maturity.extensions import db
from maturity.signing.keys import retire
from maturity.signing.models import SigningKey
from maturity.web.registry import READ_RATES
from tests.conftest import Browser
from tests.factories.verification import (
    CODE,
    HOLDER,
    SCOPE,
    altered_at,
    bare_pdf,
    bomb,
    foreign_file,
    issue_file,
    locate,
    locked_file,
    make_certificate,
)
from tests.page import Page
from tests.statements import statements

pytestmark = pytest.mark.database
STANDINGS = {
    "valid": ("证书有效", "The certificate is valid"),
    "suspended": ("证书已暂停", "The certificate is suspended"),
    "withdrawn": ("证书已撤销", "The certificate is withdrawn"),
    "expired": ("证书已过期", "The certificate has expired"),
    "replaced": ("证书已被新证书取代", "The certificate was replaced"),
}


@pytest.fixture
def folder(app: Any) -> Path:
    return Path(app.config["DATA_DIR"]) / "certificates"


@dataclass(frozen=True, slots=True)
class Issued:
    number: str
    content: bytes


@pytest.fixture
def issued(session: Session, clock: FixedClock, folder: Path) -> Issued:
    """A valid certificate with its signed file."""
    certificate = make_certificate(session, clock)
    content = issue_file(session, certificate, folder, clock)
    number = certificate.number
    session.commit()
    return Issued(number, content)


def send(browser: Browser, address: str, content: bytes, number: str) -> Any:
    """As a browser sends it. The client of the tests would put a large file onto the disk by itself."""
    data = {"file": FileStorage(BytesIO(content), "certificate.pdf"), "number": number}
    boundary, body = encode_multipart(data)
    content_type = f"multipart/form-data; boundary={boundary}"
    return browser.client.post(address, input_stream=BytesIO(body), content_length=len(body), content_type=content_type)


def upload(browser: Browser, content: bytes, number: str = "", status: int = 200) -> Page:
    response = send(browser, "/verify/file", content, number)
    assert response.status_code == status, response.text[:500]
    assert "Set-Cookie" not in response.headers
    return Page(response.text, "/verify/file")


def upload_json(browser: Browser, content: bytes, number: str = "", status: int = 200) -> dict[str, Any]:
    response = send(browser, "/verify/file.json", content, number)
    assert response.status_code == status, response.text[:500]
    return dict(response.get_json())


# By number and by the QR code's address


@pytest.mark.parametrize("status", STANDINGS)
def test_each_standing_is_said_in_both_languages(
    browser: Browser, session: Session, clock: FixedClock, status: str
) -> None:
    number = make_certificate(session, clock, status=status).number
    session.commit()
    chinese = browser.get(f"/verify/{number}")
    assert chinese.h1 == [STANDINGS[status][0]]
    assert HOLDER in chinese.text
    assert CODE in chinese.text
    assert "2026年11月24日 10:00" in chinese.text
    assert "齐鲁认证中心" in chinese.text
    assert browser.get(f"/verify/{number}?lang=en").h1 == [STANDINGS[status][1]]


def test_a_typed_number_leads_to_its_own_address(browser: Browser, session: Session, clock: FixedClock) -> None:
    number = make_certificate(session, clock).number
    session.commit()
    for typed in (number.lower(), number.replace("-", " "), f"  {number}  "):
        answer = browser.client.get("/verify", query_string={"number": typed})
        assert answer.location == f"/verify/{number}"
    assert browser.client.get(f"/verify/{number.lower()}").location == f"/verify/{number}"


def test_why_and_since_when_it_does_not_hold(browser: Browser, session: Session, clock: FixedClock) -> None:
    events = (("issued", None), ("suspended", "surveillance_missed"))
    certificate = make_certificate(
        session, clock, status="suspended", status_reason="surveillance_missed", events=events
    )
    number = certificate.number
    session.commit()
    page = browser.get(f"/verify/{number}?lang=en")
    assert "Since 24 November 2026. Reason: Surveillance was missed" in page.text
    history = page.text[page.text.index("What became of it") :]
    assert re.search(r"Suspended ?: Surveillance was missed · log entry 1\b.*Issued · log entry 0\b", history)


def test_the_last_day_is_the_last_whether_the_clock_has_written_it_down_or_not(
    browser: Browser, session: Session, clock: FixedClock
) -> None:
    number = make_certificate(session, clock, valid_until=clock.today()).number
    session.commit()
    assert browser.get(f"/verify/{number}").h1 == ["证书有效"]
    clock.at += timedelta(days=1)
    assert browser.get(f"/verify/{number}").h1 == ["证书已过期"]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("MC-12345", "这不是证书编号"),
        ("<script>alert(1)</script>", "这不是证书编号"),
        ("MC-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZ5", "末位校验字符"),
    ],
)
def test_a_mistyped_number_is_told_from_an_unknown_one(browser: Browser, typed: str, why: str) -> None:
    answer = browser.client.get("/verify", query_string={"number": typed})
    assert answer.status_code == 404
    page = Page(answer.text, "/verify")
    assert page.h1 == ["查无此证书"]
    assert why in page.text
    assert "<script>alert" not in answer.text
    assert [field["value"] for field in page.fields if field.get("id") == "number"] == [typed]


def test_a_demonstration_is_marked_as_one(browser: Browser, session: Session, clock: FixedClock) -> None:
    number = make_certificate(session, clock, is_synthetic=True).number
    session.commit()
    page = browser.get(f"/verify/{number}?lang=en")
    assert page.text.index("Demonstration The enterprise is made up") < page.text.index("The certificate is valid")
    assert browser.client.get(f"/verify/{number}.json").get_json()["certificate"]["demonstration"] is True
    assert "demonstration" in browser.client.get(f"/verify/{number}/badge.svg?language=en").text


def test_it_says_what_it_is_not_and_who_stands_behind_it(browser: Browser, session: Session, clock: FixedClock) -> None:
    number = make_certificate(session, clock).number
    session.commit()
    page = browser.get(f"/verify/{number}?lang=en")
    assert "looked at 41.3% of the weight. For the other 58.7% the holder alone" in page.text
    assert "not a certificate of the national management-system assessment" in page.text


# What the holder shows


def test_what_the_holder_does_not_show_is_nowhere(browser: Browser, session: Session, clock: FixedClock) -> None:
    number = make_certificate(session, clock).number
    session.commit()
    answers = [
        browser.get(f"/verify/{number}").html,
        browser.client.get(f"/verify/{number}.json").text,
        browser.client.get(f"/verify/{number}/badge.svg").text,
    ]
    for hidden in ("71.25", "68.10", "80.00", SCOPE):
        assert not [answer for answer in answers if hidden in answer]


@pytest.mark.parametrize(
    ("shown", "seen", "hidden"),
    [
        ("score", ["71.25"], ["68.10", SCOPE]),
        ("dimensions", ["68.10", "55.40"], ["71.25", SCOPE]),
        ("scope", [SCOPE], ["71.25", "68.10"]),
    ],
)
def test_what_the_holder_shows_is_shown_and_nothing_else(
    browser: Browser, session: Session, clock: FixedClock, shown: str, seen: list[str], hidden: list[str]
) -> None:
    number = make_certificate(session, clock, shows=[shown]).number
    session.commit()
    page, told = browser.get(f"/verify/{number}").text, browser.client.get(f"/verify/{number}.json").get_json()
    assert all(text in page for text in seen)
    assert not [text for text in hidden if text in page]
    assert [name for name in ("score", "dimensions", "scope") if told["certificate"][name] is not None] == [shown]


# Numbers cannot be enumerated


def test_one_that_is_still_being_made_is_as_unknown_as_one_that_is_nowhere(
    browser: Browser, session: Session, clock: FixedClock
) -> None:
    making = make_certificate(session, clock, status="issuing", pdf_sha256=None, pdf_size=None).number
    session.commit()
    nowhere = new_number()
    for ending in ("", ".json", "/badge.svg"):
        one, other = (browser.client.get(f"/verify/{number}{ending}") for number in (making, nowhere))
        assert one.status_code == other.status_code == 404
        assert one.text.replace(making, "N") == other.text.replace(nowhere, "N")


def test_the_same_is_asked_of_the_database_for_a_number_in_the_making_and_one_that_is_nowhere(
    browser: Browser, session: Session, clock: FixedClock
) -> None:
    """So that not even the time an answer takes tells one from the other."""
    making = make_certificate(session, clock, status="issuing", pdf_sha256=None, pdf_size=None).number
    session.commit()
    asked = []
    for number in (making, new_number()):
        with statements(db.engine) as seen:
            browser.client.get(f"/verify/{number}.json")
        asked.append(list(seen))
    assert asked[0] == asked[1]


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [
        ("verification.show", "/verify/{}"),
        ("verification.as_json", "/verify/{}.json"),
        ("verification.badge", "/verify/{}/badge.svg"),
        ("verification.begin", "/verify?number=x{}"),
        ("verification.register_csv", "/certificates-register.csv"),
    ],
)
def test_whoever_tries_many_numbers_has_to_wait(limited: Any, endpoint: str, path: str) -> None:
    client, most = limited.test_client(), int(READ_RATES[endpoint].split()[0])
    here, there = ({"REMOTE_ADDR": f"198.51.100.{number}"} for number in (31, 32))
    for _ in range(most):
        assert client.get(path.format(new_number()), environ_base=here).status_code in (200, 404)
    assert client.get(path.format(new_number()), environ_base=here).status_code == 429
    assert client.get(path.format(new_number()), environ_base=there).status_code != 429


# By the file


def test_the_issued_file_is_recognised_to_the_last_byte(browser: Browser, issued: Issued) -> None:
    page = upload(browser, issued.content)
    assert page.h1 == ["证书有效"]
    assert "与签发的文件逐字节一致" in page.text
    assert "签名有效：由本平台密钥签名" in page.text
    told = upload_json(browser, issued.content)
    assert told["outcome"] == "valid"
    assert told["file"]["comparison"] == "identical"
    signature = told["file"]["signature"]
    assert (signature["state"], signature["time_stamped"], signature["covers_whole_file"]) == ("sound", True, True)
    assert told["file"]["changed"] is None


@pytest.mark.parametrize("status", [name for name in STANDINGS if name != "valid"])
def test_a_sound_file_of_a_certificate_that_no_longer_holds(
    browser: Browser, session: Session, issued: Issued, status: str
) -> None:
    session.query(Certificate).filter_by(number=issued.number).update({"status": status})
    session.commit()
    assert upload(browser, issued.content).h1 == [STANDINGS[status][0]]


@pytest.mark.parametrize(
    ("part", "name", "where"),
    [
        ("page", "1", b"BT /F1 12 Tf"),
        ("attachment", "certificate.json", b'"weight"'),
        ("signature", None, b"/Type /Sig"),
        ("particulars", None, b"/Title"),
    ],
)
def test_altered_bytes_are_told_by_part(
    browser: Browser, issued: Issued, part: str, name: str | None, where: bytes
) -> None:
    at = locate(issued.content, where) + 2
    told = upload_json(browser, altered_at(issued.content, at, b"\x07\x07"))
    assert told["outcome"] == "altered"
    assert told["certificate"]["number"] == issued.number
    assert told["file"]["signature"]["state"] != "sound"
    assert told["file"]["changed"] == [{"from": at, "to": at + 2, "part": part, "name": name}]


def test_an_altered_file_is_told_in_words(browser: Browser, issued: Issued) -> None:
    at = locate(issued.content, b"BT /F1 12 Tf") + 2
    page = upload(browser, altered_at(issued.content, at, b"\x07"))
    assert page.h1 == ["文件被改动过"]
    assert "证书本身的状态： 有效" in page.text
    assert "第 1 页" in page.text
    assert "签名已被破坏" in page.text
    assert HOLDER in page.text


def test_what_was_added_behind_the_end_is_told(browser: Browser, issued: Issued) -> None:
    told = upload_json(browser, issued.content + b"\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
    assert told["outcome"] == "altered"
    assert told["file"]["difference"] == "added"
    assert told["file"]["changed"][0]["from"] == len(issued.content)


def test_a_download_that_broke_off_is_told(browser: Browser, issued: Issued) -> None:
    told = upload_json(browser, issued.content[:-2000], issued.number)
    assert told["file"]["difference"] == "cut"


def test_a_file_written_anew_is_told_with_the_number_it_carries(browser: Browser, issued: Issued) -> None:
    with pikepdf.open(BytesIO(issued.content)) as pdf:
        out = BytesIO()
        pdf.save(out, linearize=True)
    told = upload_json(browser, out.getvalue())
    assert told["outcome"] == "altered"
    assert told["asked"] == issued.number


def test_a_scan_needs_the_number_on_the_paper(browser: Browser, issued: Issued) -> None:
    pdf, out = pikepdf.new(), BytesIO()
    pdf.add_blank_page()
    pdf.save(out)
    assert upload(browser, out.getvalue(), status=404).h1 == ["查无此证书"]
    told = upload_json(browser, out.getvalue(), issued.number)
    assert told["outcome"] == "altered"
    assert told["file"]["difference"] == "rewritten"


def test_a_swapped_number_shows_the_certificate_that_really_has_it(
    browser: Browser, session: Session, clock: FixedClock, folder: Path, issued: Issued
) -> None:
    """Somebody puts the number of a valid certificate into the file of another."""
    other = make_certificate(session, clock, holder="别家企业有限公司", uscc="91370200MA3C5D7Y7X")
    issue_file(session, other, folder, clock)
    number = other.number
    session.commit()
    told = upload_json(browser, issued.content.replace(issued.number.encode(), number.encode()))
    assert told["outcome"] == "altered"
    assert told["certificate"]["holder"]["name"] == "别家企业有限公司"


def test_a_file_that_was_never_issued_is_unknown_even_when_our_key_signed_it(
    browser: Browser, session: Session, clock: FixedClock, tmp_path: Path
) -> None:
    certificate = make_certificate(session, clock, status="issuing", pdf_sha256=None, pdf_size=None)
    content = issue_file(session, certificate, tmp_path, clock)
    certificate.pdf_sha256 = None
    session.commit()
    told = upload_json(browser, content, status=404)
    assert (told["outcome"], told["file"]["signature"]["state"]) == ("unknown", "sound")


def test_a_signature_of_somebody_else_is_told(browser: Browser, clock: FixedClock, issued: Issued) -> None:
    foreign_pdf = foreign_file(bare_pdf(issued.number), clock)
    told = upload_json(browser, foreign_pdf, issued.number)
    assert told["outcome"] == "altered"
    assert told["file"]["signature"]["state"] == "foreign"
    assert "由他人签名" in upload(browser, foreign_pdf, issued.number).text


def test_an_unsigned_file_is_told(browser: Browser, issued: Issued) -> None:
    told = upload_json(browser, bare_pdf(issued.number))
    assert told["outcome"] == "altered"
    assert told["file"]["signature"] == {
        "state": "none",
        "signer": None,
        "signed_at": None,
        "time_stamped": False,
        "covers_whole_file": False,
    }


def test_a_key_that_is_no_longer_believed_is_told(
    browser: Browser, session: Session, clock: FixedClock, issued: Issued
) -> None:
    row = session.query(SigningKey).filter_by(purpose="document").one()
    retire(session, row, clock)
    row.revoked_at = row.retired_at
    session.commit()
    assert upload_json(browser, issued.content)["file"]["signature"]["state"] == "revoked"


def test_an_old_certificate_outlives_its_key(
    browser: Browser, session: Session, clock: FixedClock, issued: Issued
) -> None:
    """Ten years on, long after the certificate of the key ended: the time stamp proves when it was signed."""
    clock.at += timedelta(days=3650)
    told = upload_json(browser, issued.content)
    assert (told["outcome"], told["file"]["signature"]["state"]) == ("expired", "sound")


def test_a_lost_file_is_said_to_be_lost(browser: Browser, folder: Path, issued: Issued) -> None:
    for path in folder.glob("*.pdf"):
        path.unlink()
    at = locate(issued.content, b"BT /F1 12 Tf")
    page = upload(browser, altered_at(issued.content, at, b"\x07"))
    assert "目前读不到签发时的原始文件" in page.text


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "请先选择证书 PDF 文件"),
        (b"PK\x03\x04" + b"x" * 100, "这不是 PDF 文件"),
        (b"%PDF-1.7\n" + b"x" * (10 * 1024**2), "文件超过 10 MB"),
        ("locked", "设有密码"),
    ],
)
def test_what_cannot_be_verified_is_refused_in_words(browser: Browser, content: Any, why: str) -> None:
    page = upload(browser, locked_file() if content == "locked" else content, "MC-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZT", status=422)
    assert why in page.text
    assert "#file" in page.links
    assert [field["value"] for field in page.fields if field.get("name") == "number" and field.get("value")] == [
        "MC-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZT"
    ]
    told = upload_json(browser, locked_file() if content == "locked" else content, status=422)
    assert why in told["message"]


def test_far_too_much_is_refused_before_it_is_read(browser: Browser) -> None:
    page = upload(browser, b"%PDF-1.7\n" + b"x" * (11 * 1024**2), status=413)
    assert "10 MB" in page.text


def test_a_bomb_is_read_in_a_process_with_little_memory(browser: Browser, issued: Issued) -> None:
    """A hundred kilobytes that unpack to gigabytes: what it says is not believed, and we are still here."""
    told = upload_json(browser, bomb(), issued.number)
    assert told["outcome"] == "altered"
    assert told["file"]["signature"]["state"] == "none"


def test_nothing_of_an_uploaded_file_stays(
    app: Any, browser: Browser, issued: Issued, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file in the data folder, none in the folder for temporary ones, not a word of it in the log."""

    def refused(*_args: Any, **_kwargs: Any) -> Any:
        raise AssertionError("something was written to the disk")

    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", refused)
    before = files_in(Path(app.config["DATA_DIR"]))
    secret = b"A-very-secret-sentence"
    padded = issued.content + secret + b"x" * 1024**2
    with caplog.at_level(logging.DEBUG):
        upload(browser, padded)
        upload(browser, b"%PDF-1.7 " + secret, issued.number)
    assert files_in(Path(app.config["DATA_DIR"])) == before
    assert secret.decode() not in caplog.text


def files_in(folder: Path) -> set[str]:
    return {str(Path(root) / name) for root, _, names in os.walk(folder) for name in names if ".db" not in name}


def test_verifying_needs_no_token_and_leaves_no_cookie(app: Any, browser: Browser, issued: Issued) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    upload(browser, issued.content)
    answer = browser.client.get(f"/verify/{issued.number}")
    assert "Set-Cookie" not in answer.headers
    assert "Set-Cookie" not in browser.client.get("/verify").headers


# For machines


def test_json_has_every_documented_key(browser: Browser, issued: Issued) -> None:
    answer = browser.client.get(f"/verify/{issued.number}.json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    told = answer.get_json()
    assert told["format"] == "maturity-verification/1"
    assert told["checked_at"] == "2026-11-24T02:00:00Z"
    documented = (Path(__file__).resolve().parents[3] / "docs" / "verification.md").read_text("utf-8")
    assert not [key for key in keys_of(upload_json(browser, issued.content)) if f"`{key}`" not in documented]


def keys_of(value: Any, path: str = "") -> list[str]:
    """Dotted names; those of dimensions are names of the framework."""
    if not isinstance(value, dict):
        return []
    found = []
    for name, inner in value.items():
        found += [f"{path}{name}", *keys_of(inner, f"{path}{name}.")]
    return found


@pytest.mark.parametrize("status", [*STANDINGS, "unknown"])
def test_the_badge_says_how_it_stands(browser: Browser, session: Session, clock: FixedClock, status: str) -> None:
    known = status != "unknown"
    number = make_certificate(session, clock, status=status).number if known else new_number()
    session.commit()
    answer = browser.client.get(f"/verify/{number}/badge.svg?language=en")
    assert answer.status_code == (200 if known else 404)
    assert answer.mimetype == "image/svg+xml"
    assert status.capitalize() in answer.text
    assert {"valid": "有效期至", "unknown": "未知"}.get(status, "自 2026-11-24 起") in browser.client.get(
        f"/verify/{number}/badge.svg"
    ).text
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age=300" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
