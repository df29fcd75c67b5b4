"""Says what an error or an HTTP status means: a reason, how much it counts, a sentence for people.

It makes no request.
"""

import socket
import ssl
from dataclasses import dataclass

import aiohttp

from monitor.fetch.answer import BodyTooLarge, BrokenBody
from monitor.fetch.guard import BlockedAddress
from monitor.fetch.results import HARD, SOFT, TEMPORARY, FailReason


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure before it is tied to a request."""

    reason: FailReason
    weight: float
    detail: str


def failure_of_status(status: int, host: str) -> Failure:
    """What an HTTP status that is neither success nor redirect means."""
    match status:
        case 404:
            return Failure(FailReason.NOT_FOUND, HARD, f"{host} has nothing at this address (404)")
        case 410:
            return Failure(
                FailReason.GONE, HARD, f"{host} says this address is gone for good (410)"
            )
        case 429:
            return Failure(
                FailReason.RATE_LIMITED, TEMPORARY, f"{host} asks for fewer requests (429); waiting"
            )
        case 408 | 425:
            return Failure(
                FailReason.HTTP_CLIENT_ERROR,
                TEMPORARY,
                f"{host} asks to try again later ({status})",
            )
        case 401 | 402 | 403 | 451:
            return Failure(FailReason.HTTP_CLIENT_ERROR, SOFT, f"{host} refuses access ({status})")
        case 502 | 503 | 504:
            return Failure(
                FailReason.HTTP_SERVER_ERROR,
                TEMPORARY,
                f"{host} is out of service for now ({status})",
            )
        case _ if status >= 500:
            return Failure(FailReason.HTTP_SERVER_ERROR, SOFT, f"{host} has an error ({status})")
        case _:
            return Failure(
                FailReason.HTTP_CLIENT_ERROR, SOFT, f"{host} does not accept the request ({status})"
            )


def failure_of_error(error: Exception, host: str, seconds: float) -> Failure | None:
    """What an expected error of the network means; None for one that is a bug."""
    match error:
        case TimeoutError():
            return Failure(
                FailReason.TIMEOUT, TEMPORARY, f"{host} did not answer within {seconds:g} seconds"
            )
        case BodyTooLarge():
            return Failure(
                FailReason.TOO_LARGE,
                HARD,
                f"the answer of {host} is larger than fetch_max_bytes allows",
            )
        case aiohttp.ClientConnectorDNSError():
            return _failure_of_name(error.os_error, host)
        case ssl.SSLError() | ssl.CertificateError() | aiohttp.ClientSSLError():
            return Failure(
                FailReason.TLS,
                SOFT,
                f"the secure connection to {host} failed; check its certificate",
            )
        case aiohttp.InvalidURL():
            return Failure(FailReason.BAD_ADDRESS, HARD, "the address is not a valid web address")
        case aiohttp.ClientConnectorError():
            return Failure(FailReason.REFUSED, SOFT, f"{host} does not accept connections")
        case aiohttp.ClientResponseError() | BrokenBody() | aiohttp.ClientPayloadError():
            return Failure(
                FailReason.BROKEN_ANSWER, SOFT, f"{host} sent an answer that cannot be read"
            )
        case aiohttp.ClientConnectionError() | OSError():
            return Failure(
                FailReason.CONNECTION_LOST, TEMPORARY, f"the connection to {host} broke off"
            )
    return None


def _failure_of_name(error: OSError, host: str) -> Failure:
    if isinstance(error, BlockedAddress):
        return blocked(host)
    if error.errno == socket.EAI_AGAIN:
        return Failure(
            FailReason.DNS,
            TEMPORARY,
            f"the name {host} cannot be looked up now; is the network up?",
        )
    return Failure(FailReason.DNS, SOFT, f"the name {host} is not known; check the address")


def blocked(host: str) -> Failure:
    """A host that leads into a private network."""
    return Failure(
        FailReason.BLOCKED_ADDRESS,
        HARD,
        f"{host} is on a private or reserved network; allow_private_addresses permits that",
    )


BAD_ADDRESS = Failure(
    FailReason.BAD_ADDRESS, HARD, "the address is not a web address that begins with http or https"
)
