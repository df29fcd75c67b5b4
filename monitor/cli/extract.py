"""`tilannekuva extract`: show what the extractor finds in one saved page."""

import gzip
import json
import sys
import zlib
from pathlib import Path

import click

from monitor.articles.extract import extract
from monitor.values import Extracted, Page, Unusable


@click.command("extract")
@click.argument("file", metavar="FILE")
@click.option(
    "--url", default="", help="Address the page was read from; relative links resolve against it."
)
@click.option("--charset", default=None, help="Character set its server named, where it did.")
def extract_command(file: str, url: str, charset: str | None) -> None:
    """Print the article in the saved page FILE as JSON.

    FILE may be gzipped; - reads standard input. Exit code 1 where the page holds no article: the JSON
    then says why.
    """
    found = extract(Page(url, _read(file), charset))
    click.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
    sys.exit(0 if isinstance(found, Extracted) else 1)


def _read(file: str) -> bytes:
    try:
        body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise click.UsageError(f"'{file}' is a damaged gzip file") from error
    except OSError as error:
        raise click.UsageError(f"'{file}' cannot be read: {error.strerror}") from error


def _as_json(found: Extracted | Unusable) -> dict[str, object]:
    if isinstance(found, Unusable):
        found = Extracted("", "", None, None, "und", 0.0, "title only", "", found.reason)
        return {
            **_fields(found),
            "title": None,
            "text": None,
            "language": None,
            "completeness": None,
        }
    return _fields(found)


def _fields(found: Extracted) -> dict[str, object]:
    return {
        "title": found.title,
        "text": found.text,
        "published": found.published.isoformat() if found.published else None,
        "published_source": found.published_source,
        "language": found.language,
        "language_confidence": found.language_confidence,
        "completeness": found.completeness,
        "reason": found.reason,
        "canonical": found.canonical,
    }
