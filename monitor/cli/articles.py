"""`tilannekuva articles`: what an article said when, its story, joining stories, taking a text away."""

import sys
from typing import TYPE_CHECKING, NoReturn

import click

from monitor.cli.parameters import Words
from monitor.clock import HELSINKI

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session

    from monitor.articles.diff import Change
    from monitor.db.revisions import Revision

ID = click.IntRange(1, 2**31 - 1)


@click.group("articles")
def articles_group() -> None:
    """Show an article's history and story; join stories and part them; take a text away."""


@articles_group.command("show")
@click.argument("article_id", metavar="ID", type=ID)
def show(article_id: int) -> None:
    """Print article ID: where it is from, its story, and every revision with what changed."""
    from monitor.app import make_app
    from monitor.articles.diff import as_lines
    from monitor.db import articles, deletions, revisions
    from monitor.db.engine import reading
    from monitor.settings import load_settings

    with reading(make_app(load_settings()).engine) as session:
        article = articles.get(session, article_id)
        if article is None:
            _unknown(article_id)
        grave = revisions.tombstone(session, article_id)
        asked = deletions.proposals(session, article_id)
        past = revisions.history(session, article_id)
        story = _story_lines(session, article.story_id)
    click.echo(f"{article.title}\n{article.address}")
    click.echo(
        f"{article.publisher_group}, {article.language}, published {_local(article.published)}"
    )
    if grave:
        click.echo(f"text removed {_local(grave.at)}: {grave.why}")
    for proposal in asked:
        click.echo(f"feed {proposal.feed_id} says it is deleted, read {_local(proposal.at)}: {proposal.why}")  # fmt: skip
    if asked and not grave:
        click.echo(f"  to follow it: tilannekuva articles remove {article_id} --why ... --by ...")
    for line in story:
        click.echo(line)
    for number, revision in enumerate(past):
        click.echo(f"\nrevision {revision.number}, read {_local(revision.at)}")
        before = past[number - 1] if number else None
        for line in as_lines(_changes(before, revision)):
            click.echo(line)


@articles_group.command("diff")
@click.argument("article_id", metavar="ID", type=ID)
@click.option("--from", "first", type=ID, help="Revision to start from; the one before --to.")
@click.option("--to", "last", type=ID, help="Revision to end with; the newest.")
@click.option("--html", is_flag=True, help="An HTML fragment with <ins> and <del>.")
def diff_command(article_id: int, first: int | None, last: int | None, html: bool) -> None:
    """Print what changed in article ID between two revisions.

    Lines begin with + (added), - (removed) or ~ (changed: [-old-] {+new+}). Exit code 1 where nothing changed.
    """
    from monitor.app import make_app
    from monitor.articles.diff import as_html, as_lines, changed
    from monitor.db import revisions
    from monitor.db.engine import reading
    from monitor.settings import load_settings

    with reading(make_app(load_settings()).engine) as session:
        past = {r.number: r for r in revisions.history(session, article_id)}
    if not past:
        _unknown(article_id)
    last = last or max(past)
    before, after = past.get(first or max(1, last - 1)), past.get(last)
    if before is None or after is None:
        raise click.UsageError(f"article {article_id} has revisions 1 to {max(past)}")
    changes = _changes(before, after)
    click.echo(as_html(changes) if html else "\n".join(as_lines(changes)))
    sys.exit(0 if changed(changes) else 1)


@articles_group.command("remove")
@click.argument("article_id", metavar="ID", type=ID)
@click.option(
    "--why", type=Words(), required=True, help="Kept with the article and in the audit trail."
)
@click.option("--by", "who", type=Words(), required=True, help="Who decided it.")
def remove(article_id: int, why: str, who: str) -> None:
    """Take away the text of article ID and of all its revisions. It cannot be undone.

    Its address, headlines, hashes and claims stay, so that scores keep what they point to.
    """
    from monitor.app import make_app
    from monitor.db import articles, revisions
    from monitor.db.engine import transaction
    from monitor.settings import load_settings

    app = make_app(load_settings())
    with transaction(app.engine) as session:
        if articles.get(session, article_id) is None:
            _unknown(article_id)
        done = revisions.take_away(session, article_id, why, who, app.clock())
    click.echo("text removed" if done else "the text had been removed before; nothing changed")


@articles_group.command("merge")
@click.argument("story_id", metavar="STORY", type=ID)
@click.argument("into_id", metavar="INTO", type=ID)
@click.option(
    "--why", type=Words(), required=True, help="Kept with the merge and in the audit trail."
)
@click.option("--by", "who", type=Words(), required=True, help="Who decided it.")
def merge(story_id: int, into_id: int, why: str, who: str) -> None:
    """Make two stories one: the articles of STORY go over to INTO. `unmerge` takes it back."""
    from monitor.app import make_app
    from monitor.db import merges
    from monitor.db.engine import transaction
    from monitor.settings import load_settings

    app = make_app(load_settings())
    try:
        with transaction(app.engine) as session:
            made = merges.merge(session, story_id, into_id, why, who, app.clock())
    except LookupError as error:
        _unknown(error.args[0], "story")
    if made is None:
        click.echo("the two are one story already; nothing changed")
        return
    click.echo(f"story {made.story_id} merged into {made.into_id}: {len(made.article_ids)} articles moved")  # fmt: skip


@articles_group.command("unmerge")
@click.argument("story_id", metavar="STORY", type=ID)
@click.option(
    "--why", type=Words(), required=True, help="Kept with the story and in the audit trail."
)
@click.option("--by", "who", type=Words(), required=True, help="Who decided it.")
def unmerge(story_id: int, why: str, who: str) -> None:
    """Take STORY out of the story it was merged into, with the articles it brought.

    The program does not join the two again.
    """
    from monitor.app import make_app
    from monitor.db import merges
    from monitor.db.engine import transaction
    from monitor.settings import load_settings

    app = make_app(load_settings())
    try:
        with transaction(app.engine) as session:
            made = merges.undo(session, story_id, why, who, app.clock())
    except LookupError as error:
        _unknown(error.args[0], "story")
    if made is None:
        click.echo(f"story {story_id} is merged into no other; nothing changed")
        return
    click.echo(f"story {made.story_id} taken out of {made.into_id}")


def _changes(before: "Revision | None", after: "Revision") -> "list[Change]":
    from monitor.articles.diff import diff, paragraphs

    now = paragraphs(after.title, after.text)
    return diff(paragraphs(before.title, before.text) if before else now, now)


def _story_lines(session: "Session", story_id: int | None) -> list[str]:
    from monitor.db import articles, merges, stories

    story = stories.story(session, story_id) if story_id else None
    if story is None:
        return ["in no story yet"]
    groups = len(story.publisher_groups)
    lines = [
        f"story {story.id}: {len(story.article_ids)} articles of {groups} independent publisher groups"
    ]
    for number in story.article_ids:
        member = articles.get(session, number)
        if member is not None:
            lines.append(f"  {number}  {_local(member.published)}  {member.language}  {member.publisher_group}  {member.title}")  # fmt: skip
    for m in merges.history(session, story.id):
        done = "taken out of" if m.undone else "merged into"
        lines.append(
            f"story {m.story_id} {done} {m.into_id}, {_local(m.at)}, by {m.who}: {m.reason}"
        )
    return lines


def _local(at: "datetime") -> str:
    return f"{at.astimezone(HELSINKI):%Y-%m-%d %H:%M}"


def _unknown(number: int, what: str = "article") -> NoReturn:
    click.echo(f"tilannekuva: there is no {what} {number}", err=True)
    sys.exit(2)
