"""What the look at a feed says to people. Pure: values in, lines out."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from monitor.clock import HELSINKI
from monitor.feeds.checks import LANGS
from monitor.feeds.discover import Discovery
from monitor.feeds.trial import Trial
from monitor.feeds.write import clean, free_id, group_of, slug
from monitor.fetch.results import Fetched, FetchFailed
from monitor.values import FeedSpec


def trial_lines(spec: FeedSpec, trial: Trial) -> Iterator[str]:
    """What was asked, what came back, and what a poll would have made of it."""
    request, result, intent = trial.request, trial.result, trial.intent
    poll, state = intent.poll, intent.state
    known = [name for name in (request.etag, request.last_modified) if name]
    yield f"feed       {spec.id}: {spec.title}"
    yield f"asked      {request.url}" + (f" (if changed since {', '.join(known)})" if known else "")
    yield f"answer     {_answer(trial)}"
    if not isinstance(result, FetchFailed) and result.url != request.url:
        lasting = " for good; put the new address into feeds.yaml"
        yield f"redirected to {result.url}" + (lasting if result.moved_permanently_to else "")
    yield f"outcome    {poll.outcome}" + (f": {poll.reason}" if poll.reason else "")
    if intent.changes or intent.rejected:
        yield (
            f"items      {poll.items}: {poll.new} new, {poll.seen} seen, {poll.revised} revised, "
            f"{poll.rejected} rejected"
        )
    yield f"next poll  {_moment(state.next_poll)} (Helsinki)"
    for change in intent.changes:
        entry = change.entry
        yield f"{change.kind:<10} {_moment(entry.published)}  {entry.title}  {entry.link}".rstrip()
    for item in intent.rejected:
        yield f"rejected   item {item.position + 1}: {item.reason}"
    yield "nothing was stored"


def _answer(trial: Trial) -> str:
    result = trial.result
    status = f"HTTP {result.status}" if result.status else "none"
    parts = [f"{status} in {result.milliseconds} ms"]
    if isinstance(result, Fetched):
        parts += [f"{len(result.body):,} bytes", result.content_type or "no content type"]
    return ", ".join(parts)


def _moment(instant: datetime | None) -> str:
    return f"{instant.astimezone(HELSINKI):%Y-%m-%d %H:%M}" if instant else "no time".ljust(16)


def found_specs(
    found: Discovery, home: tuple[str, ...], kind: str, group: str
) -> Iterator[FeedSpec]:
    """The feeds that were found, as entries of feeds.yaml, each with an id of its own."""
    taken: set[str] = set()
    for feed in found.feeds:
        site = group_of(feed.url)
        title = clean(feed.title) or (urlsplit(feed.url).hostname or feed.url)
        wanted = slug(feed.title or site, site)
        spec = FeedSpec(
            id=free_id(wanted, taken),
            url=feed.url,
            title=title,
            lang=feed.lang if feed.lang in LANGS else "fi",
            home=home,
            group=slug(group, site) if group else site,
            kind=kind,
        )
        taken.add(spec.id)
        yield spec
