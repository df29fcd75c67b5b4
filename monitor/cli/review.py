"""`tilannekuva review`: the queue, a card, deciding and undoing, why something is not listed, the estimate."""

import getpass
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from monitor.cli.opening import open_app
from monitor.cli.parameters import Week

if TYPE_CHECKING:
    from monitor.app import App
    from monitor.people.values import User
    from monitor.review.values import Answer, Card, DecisionMade, Effect, Estimate, Queue, Share

T = TypeVar("T", bound=Callable[..., Any])
REASONS = ("risk", "spreading", "unsure", "first in weeks", "rare topic", "random")
DIRECTIONS = ("risk", "neutral", "progress")
OPERATOR = "operator:"  # before the name of who decides without an account

_who = click.option(
    "--who",
    default=getpass.getuser,
    help="Account that asks or decides; your name on this machine by default.",
)
_operator = click.option(
    "--as-operator",
    is_flag=True,
    help="Decide as this machine's operator, where --who has no account; the audit log says so.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


@click.group("review")
def review_group() -> None:
    """What staff look at first, and their decisions (docs/user-guide.md)."""


@review_group.command("list")
@click.option(
    "--region", default="", help="Only cards that happen in this unit, a code such as 07."
)
@click.option("--topic", default="", help="Only cards on this topic, an id of labels/topics.yaml.")
@click.option("--language", type=click.Choice(["fi", "sv"]), help="Only cards in this language.")
@click.option("--reason", type=click.Choice(REASONS), help="Only cards flagged for this reason.")
@click.option("--mine", is_flag=True, help="Only cards assigned to me.")
@click.option("--discuss", is_flag=True, help="Only the discuss bin.")
@click.option("--text", default="", help="Only headlines that hold this.")
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True)
@_who
@_json
def list_(
    region: str, topic: str, language: str | None, reason: str | None, mine: bool, discuss: bool,
    text: str, limit: int, who: str, as_json: bool,
) -> None:  # fmt: skip
    """The queue, what changes the scores most first."""
    from monitor.review.queue import queue
    from monitor.review.values import QueueFilter

    app = open_app()
    _check(region, app.reference.region, "--region", "a unit code of labels/regions.yaml")
    _check(topic, app.reference.topic, "--topic", "a topic id of labels/topics.yaml")
    wanted = QueueFilter(region, topic, language or "", reason or "", mine, discuss, text)
    found = queue(app, _user(app, who), wanted, limit)
    _echo_json(found) if as_json else _echo_queue(found)


@review_group.command("show")
@click.argument("article", type=int)
@_who
@_json
def show(article: int, who: str, as_json: bool) -> None:
    """The card of ARTICLE: what is said of it, why it is flagged, what a label would change."""
    from monitor.review.card import card

    app = open_app()
    found = card(app, _user(app, who), article)
    if found is None:
        raise click.BadParameter(f"there is no article {article}", param_hint="ARTICLE")
    _echo_json(found) if as_json else _echo_card(found)


@review_group.command("decide")
@click.argument("article", type=int)
@click.option("--confirm", "said", flag_value="confirm", help="Relevant, with the rest as tagged.")
@click.option("--not-relevant", "said", flag_value="not relevant", help="Not relevant.")
@click.option(
    "--region", "regions", multiple=True, help="It happens in this unit; may be repeated."
)
@click.option("--national", is_flag=True, help="It is about the whole country.")
@click.option(
    "--topic",
    "topics",
    multiple=True,
    help="It is on this topic; may be repeated, the main one first.",
)
@click.option("--direction", type=click.Choice(DIRECTIONS), help="What it says of the risk.")
@click.option("--note", default="", help="A note kept with the decision.")
@click.option(
    "--seen", type=int, help="Decisions you have seen of it; those there are now by default."
)
@_who
@_operator
@_json
def decide_command(
    article: int, said: str | None, regions: tuple[str, ...], national: bool, topics: tuple[str, ...],
    direction: str | None, note: str, seen: int | None, who: str, as_operator: bool, as_json: bool,
) -> None:  # fmt: skip
    """Decide ARTICLE and its copies. What is not given stays as it is tagged."""
    from dataclasses import replace

    from monitor.review.card import card
    from monitor.review.decide import decide

    if said is None:
        raise click.UsageError("say --confirm or --not-relevant")
    app = open_app()
    user = _decider(app, who, as_operator)
    found = card(app, user, article)
    if found is None:
        raise click.BadParameter(f"there is no article {article}", param_hint="ARTICLE")
    given = replace(found.proposed, relevant=said == "confirm", note=note)
    if regions or national:
        given = replace(given, regions=regions, national=national)
    given = replace(given, topics=topics or given.topics, direction=direction or given.direction)  # type: ignore[arg-type]  # click has checked it
    result = decide(
        app, user, article, found.content_hash, found.seen if seen is None else seen, given
    )
    _echo_result(result, as_json)


@review_group.command("undo")
@click.argument("decision", type=int)
@_who
@_operator
@_json
def undo_command(decision: int, who: str, as_operator: bool, as_json: bool) -> None:
    """Undo DECISION, the number `review decide` and `review show` give; what stood before stands again."""
    from monitor.review.decide import undo

    app = open_app()
    _echo_result(undo(app, _decider(app, who, as_operator), decision), as_json)


@review_group.command("why")
@click.argument("article")
@_who
@_json
def why_command(article: str, who: str, as_json: bool) -> None:
    """Why ARTICLE, a number or an address, is or is not in the list of an account."""
    from monitor.i18n import Translator
    from monitor.review.why import why
    from monitor.review.wording import said

    app = open_app()
    found = why(app, _user(app, who), article)
    t = Translator("en")
    if as_json:
        _echo_json({**asdict(found), "said": [said(r, t, app.reference) for r in found.reasons]})
        return
    _echo_answer(found)
    for reason in found.reasons:
        other = f" (article {reason.article_id})" if reason.article_id else ""
        click.echo(f"- {said(reason, t, app.reference)}{other}")


@review_group.command("estimate")
@click.option(
    "--week",
    "weeks",
    type=Week(),
    multiple=True,
    help="ISO week such as 2026-W46; may be repeated.",
)
@click.option(
    "--last", type=click.IntRange(1, 260), default=8, show_default=True, help="Or the newest weeks."
)
@_json
def estimate_command(weeks: tuple[str, ...], last: int, as_json: bool) -> None:
    """Precision and recall of each week, from its random slice, with 95 % intervals."""
    from monitor.review.estimate import estimates, newest_weeks

    app = open_app()
    found = estimates(app, weeks or newest_weeks(app, last))
    _echo_json(list(found)) if as_json else _echo_estimates(found)


# --- what is asked of -----------------------------------------------------------------------------


def _user(app: "App", who: str) -> "User":
    """Who looks: the account of that name, or a name alone. Whoever can open the store can read it."""
    return _account(app, who) or _named(app, who)


def _decider(app: "App", who: str, as_operator: bool) -> "User":
    """Who decides: an account that may review; else the operator, under a name no account can have."""
    account = _account(app, who)
    if account is not None:
        return account
    if not as_operator:
        raise click.BadParameter(
            f"{who} has no account: add one (tilannekuva users add), or say --as-operator",
            param_hint="--who",
        )
    return _named(app, f"{OPERATOR}{who}")


def _named(app: "App", name: str) -> "User":
    from monitor.people.values import User

    return User(0, name, name, "analyst", app.settings.language)


def _account(app: "App", who: str) -> "User | None":
    from monitor.db.engine import reading
    from monitor.db.people import find_account

    if not who.strip() or not who.isprintable():
        raise click.BadParameter("a name has letters that can be printed", param_hint="--who")
    with reading(app.engine) as session:
        account = find_account(session, who)
    if account is None:
        return None
    if account.disabled_at is not None or not account.user.may("reviewer"):
        raise click.BadParameter(f"{who} may not review", param_hint="--who")
    return account.user


def _check(value: str, known: Mapping[str, object], option: str, what: str) -> None:
    if value and value not in known:
        raise click.BadParameter(f"{value!r} is not {what}", param_hint=option)


# --- what is shown -------------------------------------------------------------------------------


def _echo_queue(found: "Queue") -> None:
    for place, item in enumerate(found.items, 1):
        marks = [*(str(r) for r in item.reasons), *(["random slice"] if item.random else [])]
        click.echo(f"{place:3}. [{item.article_id}] {_clean(item.title)}")
        click.echo(
            f"     {item.language}  {_clean(item.outlet)}  {item.published:%Y-%m-%d}  {', '.join(marks)}"
        )
        click.echo(f"     {_effect(item.effect)}; {item.others} more of its story")
    click.echo(f"{len(found.items)} of {found.waiting} cards", err=True)


def _effect(effect: "Effect") -> str:
    if not effect.points:
        return (
            "a label moves no score"
            if not effect.alert
            else f"an alert rests on it: {effect.alert}"
        )
    of = " of the media half" if effect.of_media else ""
    alert = f", and an alert rests on it: {effect.alert}" if effect.alert else ""
    where = f"region {effect.region}, {effect.group}"
    return (
        f"a label moves {where} by {effect.points:.2f} points{of} "
        f"(now {effect.now:.1f}, {effect.if_risk:.1f} or {effect.if_not:.1f}){alert}"
    )


def _echo_card(card: "Card") -> None:
    click.echo(f"{_clean(card.title)}\n{card.address}\n")
    click.echo(
        f"{_clean(card.outlet)}, {card.language}, {card.completeness}, {card.published:%Y-%m-%d}"
    )
    for claim in sorted(card.claims, key=lambda c: (c.task, -c.probability)):
        if claim.decided or claim.task == "relevance":
            click.echo(
                f"{claim.task:10} {claim.label:16} {claim.probability:.2f}  {claim.author} {claim.author_id}"
            )
    for flag in card.flags:
        click.echo(f"flagged: {flag.reason} {json.dumps(flag.detail, ensure_ascii=False)}")
    click.echo(_effect(card.effect))
    for what, others in (("copy", card.copies), ("follow-up", card.followups)):
        for other in others:
            click.echo(
                f"{what}: [{other.article_id}] {_clean(other.title)} ({_clean(other.outlet)})"
            )
    for made in card.history:
        click.echo(f"{made.number}. {_made(made)}")


def _made(made: "DecisionMade") -> str:
    what = (
        "undone"
        if made.action == "undo"
        else "relevant"
        if made.given and made.given.relevant
        else "not relevant"
    )
    taken_back = ", undone since" if made.undone else ""
    return f"decision {made.id}: {what}, {made.who} {made.at:%Y-%m-%d %H:%M} UTC{taken_back}"


def _echo_result(result: object, as_json: bool) -> None:
    """Says what came of it; a refusal ends with code 1."""
    from monitor.review.values import Conflict, Decided, Gone, Invalid, NotYours

    if as_json:
        _echo_json({"result": type(result).__name__.lower(), **asdict(result)})  # type: ignore[call-overload]  # one of the values below
    match result:
        case Decided():
            if not as_json:
                click.echo(
                    f"{_made(result.decision)}; {len(result.articles)} articles, {result.flags} flags; "
                    f"scores to be recomputed: {', '.join(result.weeks) or 'none'}"
                )
            return
        case Conflict(made, seen):
            text = f"another was first: {_made(made)}; nothing was changed (--seen {seen} decides over it)"
        case Gone(why):
            text = f"{why}; nothing was changed"
        case NotYours(who):
            text = f"it is {who}'s: they or an analyst can undo it; nothing was changed"
        case Invalid(problems):
            told = ", ".join(f"{field} {problem}" for field, problem in problems.items())
            text = f"this is no decision: {told}; nothing was changed"
        case _:  # pragma: no cover
            raise AssertionError(result)
    click.echo(f"tilannekuva: {text}", err=True)
    raise click.exceptions.Exit(1)


def _echo_answer(answer: "Answer") -> None:
    if answer.article_id is None:
        click.echo("no such article")
    else:
        click.echo(f"[{answer.article_id}] {_clean(answer.title)}")


def _echo_estimates(found: "tuple[Estimate, ...]") -> None:
    if not found:
        click.echo("no week has a random slice yet", err=True)
    for e in found:
        state = "" if e.final else "  (the week is not over)"
        click.echo(
            f"{e.week}  {e.what:9}  precision {_share(e.precision)}  recall {_share(e.recall)}  "
            f"decided {e.decided} of {e.drawn} drawn of {e.articles}{state}"
        )


def _share(share: "Share | None") -> str:
    return "unknown" if share is None else f"{share.value:.2f} [{share.low:.2f}, {share.high:.2f}]"


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _echo_json(value: object) -> None:
    click.echo(json.dumps(_plain(value), ensure_ascii=False, indent=2))


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value
