"""What is asked of the network edge and what comes back. Values only: nothing here opens a socket.

A failure is a value with a reason, a weight for the back-off and a sentence for people.
"""

from dataclasses import dataclass
from enum import StrEnum

from monitor.values import Permission

# How much a failure counts in the back-off.
TEMPORARY, SOFT, HARD = 0.25, 0.5, 1.0


class FailReason(StrEnum):
    """Why nothing usable came back."""

    TIMEOUT = "timeout"
    DNS = "dns"
    REFUSED = "refused"
    CONNECTION_LOST = "connection lost"
    TLS = "tls"
    TOO_LARGE = "too large"
    TOO_MANY_REDIRECTS = "too many redirects"
    BLOCKED_ADDRESS = "blocked address"
    BAD_ADDRESS = "bad address"
    BROKEN_ANSWER = "broken answer"  # not HTTP, or an encoding that cannot be undone
    HTTP_CLIENT_ERROR = "http client error"
    HTTP_SERVER_ERROR = "http server error"
    RATE_LIMITED = "rate limited"
    NOT_FOUND = "not found"
    GONE = "gone"
    NOT_ALLOWED = "not allowed"  # robots.txt or a text-mining reservation; see `permission`
    INTERNAL_ERROR = "internal error"  # a bug of ours; the log has the traceback


@dataclass(frozen=True, slots=True)
class Request:
    """A document to read, conditionally where validators of an earlier answer are given."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    key: str = ""  # the caller's own name for it; comes back with the result
    agreement: str = ""  # stands in for the site's permission, on the site of `url` alone
    query: bytes | None = None  # JSON that is sent with POST; a redirect is asked the same


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document that was read whole."""

    request: Request
    url: str  # address of the last hop
    status: int
    body: bytes  # decompressed
    content_type: str | None  # media type without parameters, lower case
    charset: str | None  # as Content-Type names it
    etag: str | None
    last_modified: str | None
    moved_permanently_to: str | None  # end of the unbroken run of 301 and 308 from the start
    milliseconds: int  # on the wire, without the wait for a turn
    max_age_seconds: int | None  # from Cache-Control, else Expires
    permission: Permission | None = None  # None: not asked


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server says that the document is as it was."""

    request: Request
    url: str
    status: int
    etag: str | None
    last_modified: str | None
    moved_permanently_to: str | None
    milliseconds: int
    max_age_seconds: int | None
    permission: Permission | None = None


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """Nothing usable came back."""

    request: Request
    reason: FailReason
    weight: float  # TEMPORARY, SOFT or HARD
    detail: str  # a sentence for people
    status: int | None = None  # HTTP status where one was given
    retry_after_seconds: float | None = None
    milliseconds: int = 0
    permission: Permission | None = None  # what refused it where the reason is NOT_ALLOWED


Result = Fetched | NotModified | FetchFailed
