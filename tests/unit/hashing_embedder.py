"""An embedder for tests: a vector for each word from its hash, summed. The same word, the same vector."""

import hashlib
from collections.abc import Sequence

import numpy as np

from classifiers.embedding import Vectors, passage
from classifiers.values import Text


class HashingEmbedder:
    """Deterministic, needs no model, and knows which words texts share."""

    def __init__(self, name: str = "hashing-1", dimensions: int = 64) -> None:
        self.name = name
        self.asked = 0  # texts embedded so far
        self._dimensions = dimensions

    def embed(self, texts: Sequence[Text]) -> Vectors:
        """(texts, dimensions), of unit length."""
        self.asked += len(texts)
        rows = [sum(map(self._word, passage(t).split()), self._word("")) for t in texts]
        vectors = np.reshape(rows, (len(texts), self._dimensions)).astype(np.float32)
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def _word(self, word: str) -> Vectors:
        seed = int.from_bytes(hashlib.sha256(word.lower().encode()).digest()[:4], "big")
        return np.random.default_rng(seed).standard_normal(self._dimensions).astype(np.float32)
