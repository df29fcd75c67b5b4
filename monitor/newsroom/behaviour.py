"""How the sample newsroom's servers behave, good and bad, as in the field.

Pure: says what a feed's server does with one request; it keeps no memory and sends nothing. `period`
names the stretch of time whose first request is treated differently, and the caller remembers which
stretches it has seen.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.clock import HELSINKI

MOVED_TO = "/rss/uutiset.xml"
RETRY_AFTER = timedelta(minutes=10)
SLOWNESS = timedelta(seconds=1.5)  # real time, not the newsroom's


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Traits of an outlet's server."""

    charset: str = "utf-8"  # of feed and pages
    dated: bool = True  # False: no machine-readable time anywhere
    compressed: bool = False  # gzip for who accepts it
    cut: bool = False  # the feed breaks off in the middle
    rescue: bool = False  # written like the rescue services' release feed
    status: int = 200  # of the feed
    moved: bool = False  # the feed answers 301 to another path
    busy: bool = False  # 429 to the day's first request
    slow: bool = False  # the week's first answer takes long


BEHAVIOURS: dict[str, Behaviour] = {
    "plain": Behaviour(),
    "gzip": Behaviour(compressed=True),
    "latin1": Behaviour(charset="iso-8859-1"),
    "undated": Behaviour(dated=False),
    "rescue": Behaviour(charset="iso-8859-1", rescue=True),
    "redirect": Behaviour(moved=True),
    "busy": Behaviour(busy=True),
    "slow": Behaviour(slow=True),
    "broken": Behaviour(cut=True),
    "gone": Behaviour(status=410),
    "missing": Behaviour(status=404),
}


@dataclass(frozen=True, slots=True)
class Serve:
    """Answer with the feed, after `delay`."""

    delay: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Redirect:
    """Answer 301."""

    path: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with an error."""

    status: int
    retry_after: timedelta | None = None


def period(behaviour: Behaviour, now: datetime) -> str | None:
    """The day of a busy server, the ISO week of a slow one, in Helsinki; None for the others."""
    local = now.astimezone(HELSINKI)
    if behaviour.busy:
        return local.strftime("%Y-%m-%d")
    return local.strftime("%G-W%V") if behaviour.slow else None


def on_feed_request(
    behaviour: Behaviour, path: str, *, first_of_period: bool
) -> Serve | Redirect | Refuse:
    """What happens to a request for the feed at `path`."""
    if behaviour.status != 200:
        return Refuse(behaviour.status)
    if behaviour.moved and path != MOVED_TO:
        return Redirect(MOVED_TO)
    if first_of_period and behaviour.busy:
        return Refuse(429, RETRY_AFTER)
    return Serve(SLOWNESS if first_of_period and behaviour.slow else timedelta())


def cut(body: bytes) -> bytes:
    """`body` broken off inside an element."""
    return body[: len(body) * 6 // 10]
