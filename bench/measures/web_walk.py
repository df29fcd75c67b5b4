"""A small HTTP client that walks pages as many users at once, and what it measured.

Written on bare sockets: a client library would take more of the shared cores than the server it measures.
"""

import asyncio
import math
import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Step:
    """One request of a walk."""

    page: str  # the route it is counted under
    address: str


@dataclass
class Measured:
    """Milliseconds by page, and what went wrong."""

    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    sizes: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    seconds: float = 0.0

    @property
    def requests(self) -> int:
        return sum(map(len, self.taken.values()))

    def add(self, step: Step, status: int, size: int, milliseconds: float) -> None:
        """Note one answer."""
        self.taken[step.page].append(milliseconds)
        self.sizes[step.page] = max(size, self.sizes.get(step.page, 0))
        if status != 200:
            self.wrong[step.page].append(f"{status} {step.address}")


class Connection:
    """A kept-alive connection to the server on loopback."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._port = port
        told = {"Host": f"127.0.0.1:{port}", **headers}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, address: str) -> tuple[int, bytes]:
        """Status and body."""
        return await self.ask(f"GET {address} HTTP/1.1\r\n{self._head}\r\n".encode())

    async def post(self, address: str, form: bytes) -> tuple[int, bytes]:
        """Status and body of a sent form."""
        kind = "Content-Type: application/x-www-form-urlencoded\r\n"
        head = f"POST {address} HTTP/1.1\r\n{self._head}{kind}Content-Length: {len(form)}\r\n\r\n"
        return await self.ask(head.encode() + form)

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send it; once more on a fresh connection where the server has closed this one."""
        try:
            return await self._ask(request)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.close()
            return await self._ask(request)

    async def _ask(self, request: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head.split(" ", 2)[1])
        if "transfer-encoding: chunked" in head:
            return status, await _chunks(reader)
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0] or 0)
        return status, await reader.readexactly(length)

    def close(self) -> None:
        """Let go of the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    found = []
    while size := int(await reader.readline(), 16):
        found.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(found)


async def walk(
    port: int, walks: Sequence[Callable[[], Sequence[Step]]], headers: Sequence[Mapping[str, str]],
    think: float, seconds: float,
) -> Measured:  # fmt: skip
    """Everybody walks until the time is over; between two pages each thinks `think` seconds on average."""
    measured = Measured()
    start = time.perf_counter()
    users = (
        _user(port, steps, head, think, start + seconds, measured, random.Random(n))
        for n, (steps, head) in enumerate(zip(walks, headers, strict=True))
    )
    await asyncio.gather(*users)
    measured.seconds = time.perf_counter() - start
    return measured


async def _user(
    port: int, steps: Callable[[], Sequence[Step]], headers: Mapping[str, str], think: float, until: float,
    measured: Measured, rng: random.Random,
) -> None:  # fmt: skip
    connection = Connection(port, headers)
    while time.perf_counter() < until:
        for step in steps():
            if think:
                await asyncio.sleep(rng.expovariate(1 / think))
            if time.perf_counter() >= until:
                break
            begun = time.perf_counter()
            status, body = await connection.get(step.address)
            measured.add(step, status, len(body), (time.perf_counter() - begun) * 1000)
    connection.close()


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that at least this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
