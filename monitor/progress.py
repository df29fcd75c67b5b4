"""Progress of long work: a bar on a terminal, plain lines elsewhere.

A use-case takes a `Progress` and calls `step`; it does not know where the result is shown.
"""

import sys
from collections.abc import Iterable, Iterator
from typing import Protocol, TextIO, TypeVar

from tqdm import tqdm

T = TypeVar("T")


class Progress(Protocol):
    """Shows how far a piece of work has come."""

    def over(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        """Yield `items`, showing `what` and how many of `total` are done."""
        ...


class Silent:
    """Shows nothing: for the worker and tests."""

    def over(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        yield from items


class Shown:
    """A tqdm bar where `stream` is a terminal; else one line when the work ends."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream

    def over(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        if self._stream.isatty():
            yield from tqdm(items, desc=what, total=total, file=self._stream, leave=False)
            return
        done = 0
        for item in items:
            yield item
            done += 1
        self._stream.write(f"{what}: {done}\n")
