"""Damages documents as cables, editors and attackers do: the same seed gives the same damage."""

import random
from collections.abc import Callable, Sequence

Mutation = Callable[[bytearray, random.Random], None]
CODECS = ("utf-16", "utf-32", "cp037", "latin-1", "utf-7")


def damaged(whole: bytes, rng: random.Random, baits: Sequence[bytes]) -> bytes:
    """`whole` after one to three mutations; `baits` are what breaks readers of its kind."""

    def bait(body: bytearray, rng: random.Random) -> None:
        for _ in range(rng.randint(1, 4)):
            start = rng.randrange(len(body) + 1)
            body[start:start] = rng.choice(baits)

    mutations: tuple[Mutation, ...] = (_flip, _cut, _repeat, bait, bait, _swap)
    body = bytearray(whole)
    for _ in range(rng.randint(1, 3)):
        if body:
            rng.choice(mutations)(body, rng)
    return bytes(body)


def with_pieces(whole: bytes, pieces: Sequence[tuple[float, bytes]]) -> bytes:
    """`whole` with each piece put in at its share of the length."""
    for share, piece in pieces:
        at = int(share * len(whole))
        whole = whole[:at] + piece + whole[at:]
    return whole


def _flip(body: bytearray, rng: random.Random) -> None:
    for _ in range(rng.randint(1, 40)):
        body[rng.randrange(len(body))] = rng.randrange(256)


def _cut(body: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(body))
    del body[start : start + rng.choice((1, 3, 50, len(body)))]


def _repeat(body: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(body))
    part = body[start : start + rng.choice((1, 20, 400))]
    body[start:start] = part * rng.choice((1, 5, 50))


def _swap(body: bytearray, rng: random.Random) -> None:
    codec = rng.choice(CODECS)
    body[:] = body.decode("utf-8", "replace").encode(codec, "replace")
