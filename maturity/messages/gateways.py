"""The ways out: mail over SMTP with TLS, text messages over an HTTP gateway, and the null twin of both."""

from __future__ import annotations

import json
import smtplib
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

TIMEOUT_SECONDS = 20
LOOPBACK = ("localhost", "127.0.0.1", "::1")
#: Ways to an SMTP server: `smtps` is TLS from the first byte, `smtp` turns to TLS before anything is said; `smtp+plain`
#: never does and is for a relay on the same machine alone.
SMTP_PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a gateway needs to know of a message."""

    id: str
    recipient: str
    subject: str
    body: str


class NotNow(Exception):
    """It could not be sent this time; trying again may help."""


class NotEver(Exception):
    """The gateway refused the message for good, as with a recipient that does not exist."""


class WrongAddress(ValueError):
    """The address of a gateway cannot be used; the message says what is wrong with it."""


class Gateway(Protocol):
    @property
    def is_on(self) -> bool:
        """Whether anything leaves the machine; the null twin says no."""

    def send(self, message: Outgoing) -> None:
        """Hand the message over; `NotNow` or `NotEver` if that failed."""


@dataclass(frozen=True, slots=True)
class NullGateway:
    """Nothing is configured: messages stay in the outbox, and the site says that they do."""

    is_on: bool = field(default=False, init=False)

    def send(self, message: Outgoing) -> None:
        raise NotNow("no_gateway")


@dataclass(frozen=True, slots=True)
class SmtpGateway:
    """Mail through one SMTP server, such as `smtps://user:password@smtp.example.com`."""

    url: str = field(repr=False)
    sender: str
    is_on: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in SMTP_PORTS or not parts.hostname:
            raise WrongAddress("write it as smtps://user:password@host, or smtp://… for a server with STARTTLS")
        if parts.scheme == "smtp+plain" and parts.hostname not in LOOPBACK:
            raise WrongAddress("smtp+plain sends everything readable: it may only lead to this machine")

    def send(self, message: Outgoing) -> None:
        parts = urlsplit(self.url)
        try:
            with _connected(parts) as server:
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                server.send_message(self._letter(message))
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _text in error.recipients.values()]
            raise (NotEver if all(code >= 500 for code in codes) else NotNow)("refused") from error
        except smtplib.SMTPResponseException as error:
            refused_for_good = error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
            raise (NotEver if refused_for_good else NotNow)("refused") from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotNow("unreachable") from error

    def _letter(self, message: Outgoing) -> EmailMessage:
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self.sender, message.recipient, message.subject
        letter["Message-ID"] = make_msgid(idstring=message.id, domain=self.sender.rpartition("@")[2].rstrip(">"))
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.body)
        return letter


def _connected(parts: SplitResult) -> smtplib.SMTP:
    """A connection that is encrypted already, unless it stays on this machine."""
    host, port = str(parts.hostname), parts.port or SMTP_PORTS[parts.scheme]
    if parts.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    try:
        if parts.scheme == "smtp":
            server.starttls(context=ssl.create_default_context())
    except BaseException:
        server.close()
        raise
    return server


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """Text messages through an HTTP gateway: `{"to": "+86…", "text": "…", "id": "…"}` with the secret as bearer."""

    url: str
    secret: str = field(repr=False)
    is_on: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise WrongAddress("it must begin with https://; http:// may only lead to this machine")

    def send(self, message: Outgoing) -> None:
        content = json.dumps({"to": message.recipient, "text": message.body, "id": message.id}, ensure_ascii=False)
        request = urllib.request.Request(  # noqa: S310  # the scheme is checked above
            self.url,
            content.encode(),
            {"Content-Type": "application/json; charset=utf-8", "Authorization": f"Bearer {self.secret}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310  # likewise
                return
        except urllib.error.HTTPError as error:
            error.close()
            # What is wrong with the secret or the rate is mended at the gateway, and the message still goes out.
            for_good = 400 <= error.code < 500 and error.code not in (401, 403, 408, 429)
            raise (NotEver if for_good else NotNow)("refused") from error
        except OSError as error:
            raise NotNow("unreachable") from error


def mail_gateway(url: str | None, sender: str) -> Gateway:
    return SmtpGateway(url, sender) if url else NullGateway()


def sms_gateway(url: str | None, secret: str | None) -> Gateway:
    return SmsGateway(url, secret or "") if url else NullGateway()
