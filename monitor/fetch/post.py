"""Hands messages to a mail server over SMTP: the only module that speaks it.

Says of every message whether the server took it, refused it, or whether that is not known. Does not
decide whether a message is sent, nor whether it is tried again.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage

from monitor.errors import MailError

SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where to hand messages over."""

    host: str
    port: int
    security: str  # starttls | tls | none
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """The server answered for the message."""


@dataclass(frozen=True, slots=True)
class Turned:
    """The server refused it; nobody got it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection ended before the server's answer: it may have been delivered."""

    reason: str


class Post:
    """An open connection."""

    def __init__(self, connection: smtplib.SMTP) -> None:
        self._connection = connection

    def hand(self, message: EmailMessage) -> Taken | Turned | Lost:
        """Hand over one message."""
        try:
            self._connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            return Turned("; ".join(_said(*answer) for answer in error.recipients.values()))
        except smtplib.SMTPResponseException as error:
            return Turned(_said(error.smtp_code, error.smtp_error))
        except (smtplib.SMTPException, OSError) as error:
            return Lost(type(error).__name__)
        return Taken()


@contextmanager
def connected(server: Server, seconds: float = SECONDS) -> Iterator[Post]:
    """A connection to `server`. Raises MailError, with what to do, where there can be none.

    With `starttls` nothing is said in the clear but the wish for TLS; certificates are checked.
    """
    if server.password and server.security == "none":
        raise MailError("the mail password is only sent over TLS; set TILANNEKUVA_SMTP_SECURITY")
    connection = _open(server, seconds)
    try:
        _prepare(connection, server)
        yield Post(connection)
    finally:
        _quit(connection)


def _open(server: Server, seconds: float) -> smtplib.SMTP:
    where = f"{server.host}:{server.port}"
    try:
        if server.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(server.host, server.port, timeout=seconds, context=context)
        return smtplib.SMTP(server.host, server.port, timeout=seconds)
    except (OSError, smtplib.SMTPException) as error:
        raise MailError(
            f"the mail server {where} does not answer ({type(error).__name__}); check "
            "TILANNEKUVA_SMTP_HOST, _PORT and _SECURITY"
        ) from error


def _prepare(connection: smtplib.SMTP, server: Server) -> None:
    try:
        if server.security == "starttls":
            connection.starttls(context=ssl.create_default_context())
        if server.user:
            connection.login(server.user, server.password)
    except smtplib.SMTPAuthenticationError as error:
        raise MailError(
            "the mail server does not know this user and password; check TILANNEKUVA_SMTP_USER and "
            "TILANNEKUVA_SMTP_PASSWORD"
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailError(
            f"the mail server offers no safe connection ({type(error).__name__}); set "
            "TILANNEKUVA_SMTP_SECURITY to tls, or to none on a network you trust"
        ) from error


def _quit(connection: smtplib.SMTP) -> None:
    try:
        connection.quit()
    except (smtplib.SMTPException, OSError):
        connection.close()


def _said(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {said}"[:300]
