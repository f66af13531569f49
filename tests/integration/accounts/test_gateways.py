"""The gateways against real servers on this machine: SMTP with and without TLS, an HTTP gateway for text messages."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from maturity.messages.gateways import (
    Gateway,
    NotEver,
    NotNow,
    NullGateway,
    Outgoing,
    SmsGateway,
    SmtpGateway,
    WrongAddress,
    mail_gateway,
    sms_gateway,
)

LETTER = Outgoing("6f1c1f5e", "jane@example.com", "确认您的电子邮箱", "您好：\n\nhttp://site.example/link?token=abc\n")
SENDER = "两化融合 <no-reply@site.example>"


class Mailbox:
    """Takes letters, but for recipients that it refuses."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.signed_in: list[str] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:  # noqa: N802  # named by aiosmtpd
        if address.startswith("nobody"):
            return "550 no such mailbox"
        if address.startswith("busy"):
            return "450 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802  # named by aiosmtpd
        self.letters.append(message_from_bytes(envelope.content or b"", policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.signed_in.append(data.login.decode())
        return AuthResult(success=data.password == b"p@ss", handled=False)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def plain(mailbox: Mailbox) -> Iterator[int]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.port
    controller.stop()


def free_port() -> int:
    """aiosmtpd looks whether it answers at the port it was told, so that 0 will not do."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def starttls(mailbox: Mailbox, tls: ssl.SSLContext) -> Iterator[int]:
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=tls,
        require_starttls=True,
        authenticator=mailbox.authenticate,
        auth_required=True,
    )
    controller.start()
    yield controller.port
    controller.stop()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def test_a_letter_arrives_as_it_was_written(mailbox: Mailbox, plain: int) -> None:
    SmtpGateway(f"smtp+plain://127.0.0.1:{plain}", SENDER).send(LETTER)
    (letter,) = mailbox.letters
    assert (letter["To"], letter["From"], letter["Subject"]) == ("jane@example.com", SENDER, LETTER.subject)
    assert letter.get_content().replace("\r\n", "\n") == LETTER.body
    assert letter["Message-ID"].endswith("@site.example>")


def test_a_letter_goes_over_tls_with_name_and_password(mailbox: Mailbox, starttls: int, trusted: None) -> None:
    SmtpGateway(f"smtp://site:p%40ss@localhost:{starttls}", SENDER).send(LETTER)
    assert mailbox.signed_in == ["site"]
    assert len(mailbox.letters) == 1


def test_an_unknown_certificate_is_not_trusted(mailbox: Mailbox, starttls: int) -> None:
    with pytest.raises(NotNow, match="unreachable"):
        SmtpGateway(f"smtp://site:p%40ss@localhost:{starttls}", SENDER).send(LETTER)
    assert not mailbox.letters


def test_a_wrong_password_is_mended_by_the_operator(mailbox: Mailbox, starttls: int, trusted: None) -> None:
    with pytest.raises(NotNow, match="refused"):
        SmtpGateway(f"smtp://site:wrong@localhost:{starttls}", SENDER).send(LETTER)


def test_a_server_without_tls_gets_nothing(mailbox: Mailbox, plain: int) -> None:
    with pytest.raises(NotNow):
        SmtpGateway(f"smtp://localhost:{plain}", SENDER).send(LETTER)
    assert not mailbox.letters


@pytest.mark.parametrize(("recipient", "error"), [("nobody@example.com", NotEver), ("busy@example.com", NotNow)])
def test_a_refusal_is_for_good_or_for_now(plain: int, recipient: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="refused"):
        SmtpGateway(f"smtp+plain://127.0.0.1:{plain}", SENDER).send(Outgoing("1", recipient, "", ""))


def test_a_server_that_is_away_may_come_back() -> None:
    with pytest.raises(NotNow, match="unreachable"):
        SmtpGateway("smtp+plain://127.0.0.1:9", SENDER).send(LETTER)


class SmsServer(BaseHTTPRequestHandler):
    taken: list[tuple[str | None, dict[str, str]]] = []  # emptied by the fixture
    status = 200

    def do_POST(self) -> None:  # named by http.server
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append((self.headers["Authorization"], json.loads(content)))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def sms(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    SmsServer.taken.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), SmsServer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/send"
    server.shutdown()
    thread.join()
    server.server_close()


TEXT = Outgoing("6f1c1f5e", "+8613800138000", "", "【两化融合】您的验证码是 123456")


def test_a_text_message_is_posted_with_the_secret(sms: str) -> None:
    SmsGateway(sms, "secret").send(TEXT)
    assert SmsServer.taken == [
        ("Bearer secret", {"to": "+8613800138000", "text": "【两化融合】您的验证码是 123456", "id": "6f1c1f5e"})
    ]


@pytest.mark.parametrize(
    ("status", "error"), [(400, NotEver), (401, NotNow), (429, NotNow), (500, NotNow), (503, NotNow)]
)
def test_a_gateways_answer_is_for_good_or_for_now(
    sms: str, monkeypatch: pytest.MonkeyPatch, status: int, error: type[Exception]
) -> None:
    monkeypatch.setattr(SmsServer, "status", status)
    with pytest.raises(error, match="refused"):
        SmsGateway(sms, "secret").send(TEXT)


def test_a_gateway_that_is_away_may_come_back() -> None:
    with pytest.raises(NotNow, match="unreachable"):
        SmsGateway("http://127.0.0.1:9/", "secret").send(TEXT)


@pytest.mark.parametrize("gateway", [mail_gateway(None, ""), sms_gateway(None, None)])
def test_without_configuration_nothing_is_sent(gateway: Gateway) -> None:
    assert isinstance(gateway, NullGateway)
    assert not gateway.is_on


@pytest.mark.parametrize("url", ["smtp.example.com", "http://smtp.example.com", "smtps://", "smtp+plain://example.com"])
def test_a_wrong_address_of_the_mail_server_is_refused_at_start(url: str) -> None:
    with pytest.raises(WrongAddress):
        mail_gateway(url, SENDER)


@pytest.mark.parametrize("url", ["http://sms.example.com/", "ftp://sms.example.com/", "sms.example.com"])
def test_a_wrong_address_of_the_sms_gateway_is_refused_at_start(url: str) -> None:
    with pytest.raises(WrongAddress):
        sms_gateway(url, "secret")


def test_no_secret_of_a_gateway_is_shown() -> None:
    shown = repr(
        (SmtpGateway("smtps://site:p%40ss@smtp.example.com", SENDER), SmsGateway("https://sms.example/", "s3"))
    )
    assert "p%40ss" not in shown
    assert "s3" not in shown
