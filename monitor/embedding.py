"""The embedder the settings ask for, and vectors kept so that training texts are embedded once.

What an embedder is, is said in `classifiers.embedding`. What is kept can be deleted at any time.
"""

import hashlib
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from classifiers.embedding import E5, Embedder, EmbeddingError, Vectors, passage
from classifiers.values import Text
from monitor.errors import SettingsError
from monitor.progress import Progress, Silent
from monitor.settings import PREFIX, Settings

CHUNK = 64  # texts embedded between two writes: what a kill costs


def open_embedder(settings: Settings) -> Embedder | None:
    """The embedder of `settings.embedding_dir`; None where none is asked for.

    Raises SettingsError where it cannot be had.
    """
    if settings.embedding_dir is None:
        return None
    try:
        return E5(settings.embedding_dir)
    except EmbeddingError as error:
        raise SettingsError(f"{PREFIX}EMBEDDING_DIR: {error}") from error


def remembering(settings: Settings, progress: Progress | None = None) -> Embedder | None:
    """As `open_embedder`, for texts that are embedded again and again."""
    embedder = open_embedder(settings)
    return embedder and Remembered(embedder, settings.cache_dir, progress)


class Remembered:
    """An embedder that keeps its vectors in a file of `folder`, by the hash of what was embedded."""

    def __init__(self, embedder: Embedder, folder: Path, progress: Progress | None = None) -> None:
        self.name = embedder.name
        self._embedder = embedder
        self._file = folder / "embeddings" / f"{embedder.name}.npz"
        self._progress = progress or Silent()

    def embed(self, texts: Sequence[Text]) -> Vectors:
        """(texts, dimensions). Shows progress over those it does not know yet."""
        keys = [hashlib.sha256(passage(text).encode()).hexdigest() for text in texts]
        known = self._read()
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if new:
            known |= self._made(new, known)
        return np.stack([known[key] for key in keys]) if keys else self._embedder.embed(())

    def _made(self, new: dict[str, Text], known: dict[str, Vectors]) -> dict[str, Vectors]:
        """The vectors of `new`, written beside those known chunk by chunk."""
        made: dict[str, Vectors] = {}
        chunks = [list(new.items())[i : i + CHUNK] for i in range(0, len(new), CHUNK)]
        for chunk in self._progress.over(chunks, f"embed, {CHUNK} texts a step", len(chunks)):
            vectors = self._embedder.embed([text for _, text in chunk])
            made |= zip((key for key, _ in chunk), vectors, strict=True)
            self._write(known | made)
        return made

    def _read(self) -> dict[str, Vectors]:
        try:
            with self._file.open("rb") as file, np.load(file) as kept:
                return dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return {}  # none yet, or damaged: made anew

    def _write(self, known: dict[str, Vectors]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_name(f".{self._file.stem}.{os.getpid()}.npz")
        np.savez(draft, keys=np.array(list(known)), vectors=np.stack(list(known.values())))
        draft.replace(self._file)
