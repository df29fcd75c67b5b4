"""Hashes that tell whether two texts are the same, or nearly.

`content_hash` changes when a reader would see a change; `signature`, `bands` and `similarity` find
copies with a paragraph dropped or a headline changed. Decides nothing about stories.
"""

import hashlib
import re
import struct
import unicodedata
from collections.abc import Sequence

import numpy as np
from datasketch import MinHash

HASH_VERSION = "v1"
PERMUTATIONS = 128
SEED = 1
SHINGLE_WORDS = 4
# 42 bands of 3 rows: a pair of Jaccard 0.3 becomes a candidate with probability 0.68, one of 0.5 with
# 0.996 (1 - (1 - s^r)^b, Leskovec et al., Mining of Massive Datasets, 3.4.2). Candidates are compared in
# full, so a false one costs a little time and a missed one a story.
ROWS = 3
BANDS = PERMUTATIONS // ROWS

_WORD = re.compile(r"\w+")


def content_hash(title: str, text: str) -> str:
    """`v1:` and the SHA-256 over title and text, blind to case of spaces, quotes and dashes."""
    joined = f"{_normal(title)}\n{_normal(text)}"
    return f"{HASH_VERSION}:{hashlib.sha256(joined.encode('utf-8', 'surrogatepass')).hexdigest()}"


def signature(text: str) -> bytes:
    """The MinHash of `text`'s shingles of four words: 128 unsigned 32-bit numbers, little-endian.

    b"" for a text without words. A text shorter than a shingle is one shingle.
    """
    words = _WORD.findall(_normal(text).casefold())
    if not words:
        return b""
    sketch = MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme="affine32")
    sketch.update_batch(_shingles(words))
    return np.asarray(sketch.hashvalues, dtype="<u4").tobytes()


def bands(signature: bytes) -> tuple[int, ...]:
    """One signed 32-bit number per band; two texts that share one at the same place are candidates.

    32 bits, so that they fit an INTEGER column on every database; a chance collision costs one comparison.
    """
    width = 4 * ROWS
    pieces = [signature[n * width : (n + 1) * width] for n in range(BANDS)] if signature else []
    digests = (hashlib.blake2b(piece, digest_size=4).digest() for piece in pieces)
    return tuple(struct.unpack("<i", digest)[0] for digest in digests)


def similarity(a: bytes, b: bytes) -> float:
    """Estimated Jaccard similarity of the two texts' shingles, [0, 1]; 0 where either is empty.

    The standard error is sqrt(s(1-s)/128), at most 0.044.
    """
    if not a or not b:
        return 0.0
    return float(np.mean(np.frombuffer(a, "<u4") == np.frombuffer(b, "<u4")))


def _shingles(words: Sequence[str]) -> list[bytes]:
    last = max(1, len(words) - SHINGLE_WORDS + 1)
    shingles = {" ".join(words[n : n + SHINGLE_WORDS]) for n in range(last)}
    return [shingle.encode("utf-8", "surrogatepass") for shingle in sorted(shingles)]


_SAME = str.maketrans({"“": '"', "”": '"', "„": '"', "»": '"', "«": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "\u00ad": ""})  # fmt: skip


def _normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).translate(_SAME).split())
