"""Reads robots.txt: the only module that knows protego. Pure: it makes no request.

Follows RFC 9309: the longest match wins, 4xx means no rules, and a file that cannot be had (5xx, no
answer) means that nothing may be fetched, for a bounded time. 429 counts as such: it asks for patience
and says nothing about rules.
"""

import re
from datetime import datetime, timedelta

from protego import Protego

from monitor.fetch.permission import Site

KEPT = timedelta(hours=24)  # RFC 9309, 2.4
ASK_AGAIN = timedelta(hours=1)  # a server with an error is asked again this soon
# RFC 9309 speaks of "a reasonably long period"; a longer one would leave a region unheard for a month
# because of one broken file.
UNREADABLE_REFUSES = timedelta(days=7)
MAX_BYTES = 512_000  # RFC 9309, 2.5 asks for 500 KiB at least; the rest is not read
# Crawl-delay is no part of RFC 9309; a site that asks for an hour would never be read.
LONGEST_DELAY = 60.0
_AGENT = re.compile(r"^\s*user[- ]?agent\s*:?\s*([^#\r\n]*)", re.IGNORECASE)


def is_unreadable(status: int | None) -> bool:
    """Whether robots.txt with this status (None: no answer) says nothing, not even that there is none."""
    return status is None or status == 429 or status >= 500


def text_of(body: bytes) -> str:
    """robots.txt as text; bytes that are not UTF-8 stand only for themselves."""
    return body.decode("utf-8-sig", "replace").replace("\x00", "")


def refuses_all(site: Site, now: datetime) -> bool:
    """Whether nothing may be fetched now because robots.txt cannot be had."""
    since = site.unreadable_since
    return since is not None and now - since < UNREADABLE_REFUSES


class Rules:
    """The rules of one robots.txt for the robot with the product token `token`."""

    def __init__(self, text: str, token: str) -> None:
        self._token = token.lower()
        self._parsed = Protego.parse("\n".join(self._ours(line) for line in text.splitlines()))

    def allow(self, url: str) -> bool:
        """Whether the robot may fetch `url`."""
        return bool(self._parsed.can_fetch(url, self._token))

    @property
    def delay(self) -> float:
        """Seconds between two requests that the file asks of the robot, LONGEST_DELAY at most."""
        asked = self._parsed.crawl_delay(self._token)
        return min(max(float(asked or 0.0), 0.0), LONGEST_DELAY)

    def _ours(self, line: str) -> str:
        # The groups of all other robots become one: a file of ten thousand robots and rules would else
        # take their product in time.
        named = _AGENT.match(line)
        if named is None:
            return line
        name = named[1].split("/")[0].strip().lower()
        return f"User-agent: {name if name in ('*', self._token) else '-'}"
