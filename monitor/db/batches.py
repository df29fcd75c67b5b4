"""Cuts long lists for queries with IN: databases bound the number of parameters."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
AT_ONCE = 500


def batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """`values` in order, in parts of at most AT_ONCE."""
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))
