"""The use-case: sends a published version to the distribution list, to each address at most once.

That a message is about to be handed over is stored before it is, and what became of it after. A crash
between the two leaves "sending": it may have been delivered, so it is not sent again unless a person says
so (`again`).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage

from sqlalchemy import Engine

from classifiers.reference import Reference
from monitor.clock import Clock
from monitor.db import editions
from monitor.db.editions import Sending
from monitor.db.engine import reading, transaction
from monitor.errors import SettingsError
from monitor.fetch.post import Lost, Post, Server, Taken, Turned, connected
from monitor.settings import Settings
from monitor.summary import mail
from monitor.summary.edition import Edition
from monitor.summary.forms import File, page_name
from monitor.summary.recipients import Recipient, is_address
from monitor.summary.run import Refused


@dataclass(frozen=True, slots=True)
class Plan:
    """Who gets the newest published version, and who has it already."""

    edition: Edition
    due: tuple[Recipient, ...]
    done: tuple[Sending, ...]  # sent, or possibly sent


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a sending."""

    edition: Edition
    tried: tuple[Sending, ...]
    already: int
    left: int  # not tried, because the connection ended


def plan(
    engine: Engine, week: str, recipients: Sequence[Recipient], again: Collection[str] = ()
) -> Plan | Refused:
    """Who is due. Only a published version is ever sent."""
    with reading(engine) as session:
        edition = editions.published(session, week)
        if edition is None:
            newest = editions.latest(session, week)
            return Refused(week, "never published" if newest else "no summary")
        known = editions.sendings(session, week, edition.version)
    had = {a: s for a, s in known.items() if s.state != "refused" and a not in again}
    due = tuple(r for r in recipients if r.address not in had)
    return Plan(edition, due, tuple(had[r.address] for r in recipients if r.address in had))


def previews(
    engine: Engine, planned: Plan, reference: Reference, settings: Settings, clock: Clock
) -> Iterator[File]:
    """One message per language and level that is due, as a file that a mail program opens."""
    sender = _sender(settings)
    with reading(engine) as session:
        files = editions.files(session, planned.edition.week, planned.edition.version)
    for (language, level), one in {(r.language, r.level): r for r in planned.due}.items():
        made = mail.message(
            planned.edition, one, files, reference, sender=sender, web=settings.public_address,
            at=clock(),
        )  # fmt: skip
        yield page_name(level, language, "eml"), made.as_bytes


def send(
    engine: Engine, planned: Plan, reference: Reference, settings: Settings, clock: Clock
) -> Sent:
    """Send to everyone who is due. Raises SettingsError, MailError."""
    sender, server = _sender(settings), _server(settings)
    edition, already = planned.edition, len(planned.done)
    if not planned.due:
        return Sent(edition, (), already, 0)
    with reading(engine) as session:
        files = editions.files(session, edition.week, edition.version)
    tried: list[Sending] = []
    with connected(server) as post:
        for recipient in planned.due:
            made = mail.message(
                edition, recipient, files, reference, sender=sender, web=settings.public_address,
                at=clock(),
            )  # fmt: skip
            one = Sending(
                recipient.address, recipient.language, recipient.level, "sending", "", clock()
            )
            tried.append(_hand(engine, edition, one, made, post))
            if tried[-1].state == "unknown":
                break
    return Sent(edition, tuple(tried), already, len(planned.due) - len(tried))


def _hand(
    engine: Engine, edition: Edition, one: Sending, made: EmailMessage, post: Post
) -> Sending:
    week, version = edition.week, edition.version
    with transaction(engine) as session:
        editions.begin_sending(session, week, version, one, made["Message-ID"])
    done = _outcome(one, post.hand(made))
    with transaction(engine) as session:
        editions.end_sending(session, week, version, one.address, done.state, done.detail)
    return done


def _outcome(one: Sending, answer: Taken | Turned | Lost) -> Sending:
    match answer:
        case Taken():
            return replace(one, state="sent")
        case Turned(reason):
            return replace(one, state="refused", detail=reason)
        case Lost(reason):
            return replace(one, state="unknown", detail=reason)


def _sender(settings: Settings) -> str:
    if not is_address(settings.smtp_sender):
        raise SettingsError(
            f"TILANNEKUVA_SMTP_SENDER={settings.smtp_sender!r} is no e-mail address; set it to the one "
            "the summary is sent from"
        )
    return settings.smtp_sender


def _server(settings: Settings) -> Server:
    if not settings.smtp_host:
        raise SettingsError("no mail server; set TILANNEKUVA_SMTP_HOST")
    return Server(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        settings.smtp_password.get_secret_value(),
    )
