"""A published version -> the message that one recipient gets. Pure.

Headers are set through `EmailMessage`, which refuses a line break in them. The text is the brief summary
in words, the HTML part says the same, and the files of the recipient's level are attached.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from markupsafe import escape

from classifiers.reference import Reference
from monitor.i18n import Translator
from monitor.summary.document import Block, Bullets, Document, Heading, Paragraph, Runs, Table
from monitor.summary.edition import Edition
from monitor.summary.forms import document, media_type, page_name
from monitor.summary.recipients import Recipient

ATTACHED = ("pdf", "docx")


def message(
    edition: Edition,
    recipient: Recipient,
    files: Mapping[str, bytes],
    reference: Reference,
    *,
    sender: str,
    web: str,
    at: datetime,
) -> EmailMessage:
    """The message. `files` are the published ones, `web` the public address of the pages or "".

    Raises ValueError for an edition that is not published: a draft never leaves the house by mail.
    """
    if not edition.published:
        raise ValueError(f"{edition.week} version {edition.version} is not published")
    t = Translator(recipient.language)
    made = EmailMessage(policy=SMTP)
    made["Subject"] = subject(edition, t)
    made["From"], made["To"] = sender, recipient.address
    made["Date"] = format_datetime(at)
    made["Message-ID"] = message_id(edition, recipient.address, sender)
    made["Content-Language"] = recipient.language
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answers
    lines = list(_lines(edition, recipient, t, reference, web))
    made.set_content("\n\n".join(lines) + "\n", cte="quoted-printable")
    made.add_alternative(
        _html(lines, subject(edition, t), t.language), subtype="html", cte="base64"
    )
    for form in ATTACHED:
        _attach(made, page_name(recipient.level, recipient.language, form), files, edition.week)
    return made


def subject(edition: Edition, t: Translator) -> str:
    """ "Korjaus: Alueiden tilannekuva, viikko 46/2026"."""
    said = t("life.mail.subject", week=t.week_year(edition.week))
    if edition.reason:
        said = t("life.mail.correction", subject=said)
    return f"[{t('life.sample')}] {said}" if edition.summary.sample else said


def message_id(edition: Edition, address: str, sender: str) -> str:
    """The same for the same version and address, so that a server may know a message sent twice."""
    name = f"{edition.week}-v{edition.version}-{edition.summary.input_hash}-{address}"
    digest = hashlib.sha256(name.encode()).hexdigest()[:24]
    return f"<summary.{edition.week}.{digest}@{sender.rpartition('@')[2]}>"


def _attach(made: EmailMessage, name: str, files: Mapping[str, bytes], week: str) -> None:
    if name not in files:
        return
    main, _, sub = media_type(name).partition(";")[0].partition("/")
    made.add_attachment(files[name], maintype=main, subtype=sub, filename=f"{week}-{name}")


def _lines(
    edition: Edition, recipient: Recipient, t: Translator, reference: Reference, web: str
) -> Iterator[str]:
    week, days = t.week_year(edition.week), t.week_days(edition.week)
    yield t("life.mail.text", week=week, days=days)
    if web:
        yield t(
            "life.mail.link", address=f"{web.rstrip('/')}/summary/{edition.week}?lang={t.language}"
        )
    yield from _words(document(edition, "brief", recipient.language, reference))
    yield t("life.mail.foot")


def _words(brief: Document) -> Iterator[str]:
    yield f"{brief.title}\n{brief.subtitle}"
    for block in brief.blocks:
        said = _block(block)
        if said:
            yield said
    yield from brief.sources


def _block(block: Block) -> str:
    match block:
        case Heading(level=level, text=text):
            return text.upper() if level > 1 else ""
        case Paragraph(runs=runs):
            return _text(runs)
        case Bullets(items=items):
            return "\n".join(f"- {_text(item)}" for item in items)
        case Table():
            return _table(block)
        case _:
            return ""  # a chart's table and words are in the attached files


def _table(table: Table) -> str:
    rows = (zip(table.columns, row, strict=True) for row in table.rows)
    lines = ("; ".join(f"{name}: {_text(cell.runs)}" for name, cell in row) for row in rows)
    return "\n".join([table.caption, *(f"- {line}" for line in lines)])


def _text(runs: Runs) -> str:
    return "".join(f"{r.text} <{r.href}>" if r.href.startswith("http") else r.text for r in runs)


def _html(lines: list[str], title: str, language: str) -> str:
    body = "".join(f"<p>{escape(line)}</p>\n" for line in lines).replace("\n- ", "<br>\n– ")
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title></head>\n<body>\n{body}</body></html>\n"
    )
