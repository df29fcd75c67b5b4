"""The order of the queue and the random slice. Pure: values in, values out.

Flagged cards come first, those of weeks that are still scored before older ones, by what a label could
change. Every `EVERY`th place is a card of the random slice: their place does not depend on what the models
say, so that they are decided even where nobody reaches the end of the list.
"""

import hashlib
from collections.abc import Hashable, Sequence
from typing import TypeVar

EVERY = 5  # the places of the slice's cards
NEAR_IDENTICAL = 0.7  # Jaccard of the shingles of two texts; one decision holds for both

T = TypeVar("T", bound=Hashable)


def mixed(flagged: Sequence[T], drawn: Sequence[T]) -> list[T]:
    """Both lists in one, each card once: every EVERYth place is the slice's while it has any."""
    kept: list[T] = []
    taken: set[T] = set()
    first, other = iter(flagged), iter(drawn)
    size = len(set(flagged) | set(drawn))
    while len(kept) < size:
        lanes = (other, first) if len(kept) % EVERY == EVERY - 1 else (first, other)
        card = _next(lanes[0], taken) or _next(lanes[1], taken)
        assert card is not None  # there are as many as `size`
        kept.append(card[0])
        taken.add(card[0])
    return kept


def _next(lane: object, taken: set[T]) -> tuple[T] | None:
    for card in lane:  # type: ignore[attr-defined]  # an iterator that is used up bit by bit
        if card not in taken:
            return (card,)
    return None


def place_of(key: str, address: str, week: str) -> float:
    """[0, 1): an article's lot of a week. Nothing but the address, the week and the key decides it."""
    digest = hashlib.blake2b(
        f"{week}|{address}".encode("utf-8", "surrogatepass"),
        key=key.encode()[:64],
        digest_size=8,
    ).digest()
    return int.from_bytes(digest, "big") / 2**64


def chance_of(place: float, before: float, rate: float) -> float:
    """The chance with which an article was drawn, 0 where it was not.

    `before` is its chance as drawn earlier. An article that is flagged only later had both chances with one
    lot, so it was drawn with the larger.
    """
    return max(before, rate) if place < rate or before else 0.0
