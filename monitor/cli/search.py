"""`tilannekuva search`: articles by words and fields, and the index they are found in."""

import json
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.opening import open_app
from monitor.clock import HELSINKI

if TYPE_CHECKING:
    from monitor.search.find import Hit, Results


class _WordsOrCommand(click.Group):
    """What is no command of the group is a query."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "--help", "-h"):
            args = ["find", *args]
        return super().parse_args(ctx, args)


@click.group("search", cls=_WordsOrCommand)
def search_group() -> None:
    """Search the articles: `tilannekuva search QUERY`, or keep the index: `tilannekuva search index`.

    All words must occur, in any form of Finnish or Swedish; "words in a row" together; -word not at all;
    begin* begins so. Fields: region: topic: outlet: language: from: to: decided:yes|no, for instance

        tilannekuva search 'alijäämä* -lakko region:HUS from:2026-11-01'
    """


@search_group.command("find", context_settings={"ignore_unknown_options": True})
@click.argument("query", nargs=-1, required=True)
@click.option(
    "--order",
    type=click.Choice(["newest", "best"]),
    default="newest",
    show_default=True,
    help="Newest first, or of the newest thousand the best.",
)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--after", default="", help="Go on where a page ended: its `more`.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def find_command(query: tuple[str, ...], order: str, limit: int, after: str, as_json: bool) -> None:
    """Print the articles that QUERY asks for. Exit code 2 where it cannot be read."""
    from monitor.i18n import Translator
    from monitor.search.find import find_articles
    from monitor.search.values import Wrong

    app = open_app()
    asked = " ".join(query)
    found = find_articles(
        app, asked, order="best" if order == "best" else "newest", after=after, limit=limit
    )
    if isinstance(found, Wrong):
        raise click.UsageError(Translator("en")(f"search.wrong.{found.why}", **found.values))
    if as_json:
        click.echo(json.dumps(_record(found, asked), ensure_ascii=False))
        return
    for hit in found.hits:
        click.echo(_line(hit))
    if not found.hits:
        click.echo("nothing was found")
    if found.more:
        click.echo(f"more: --after {found.more}", err=True)
    if found.waiting:
        click.echo(f"articles that wait to be indexed: {found.waiting}", err=True)


@search_group.command("index")
@click.option("--all", "everything", is_flag=True, help="Make the whole index anew.")
def index_command(everything: bool) -> None:
    """Index the articles that wait, now; the service does it by itself. Finds those that are missing."""
    from monitor.db import search
    from monitor.db.engine import transaction
    from monitor.search.fill import A_TICK, index_due

    app = open_app(shown=True)
    with transaction(app.engine) as session:
        search.enter_missing(session)
        if everything:
            search.expire_all(session)
    done = 0
    while some := index_due(app, A_TICK):
        done += some
    click.echo(f"indexed: {done}")


def _line(hit: "Hit") -> str:
    article = hit.article
    day = article.published.astimezone(HELSINKI).date().isoformat()
    return f"{article.id:>8}  {day}  {article.language:<3} {hit.outlet[:24]:<24}  {article.title}"


def _record(found: "Results", query: str) -> dict[str, Any]:
    return {
        "query": query,
        "articles": [
            {
                "id": hit.article.id,
                "address": hit.article.address,
                "title": hit.article.title,
                "language": hit.article.language,
                "outlet": hit.outlet,
                "published": hit.article.published.isoformat(),
                "regions": [c.label for c in hit.claims if c.task == "region" and c.decided],
                "topics": [c.label for c in hit.claims if c.task == "topic" and c.decided],
            }
            for hit in found.hits
        ],
        "more": found.more,
        "waiting": found.waiting,
    }
