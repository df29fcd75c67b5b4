"""The hand-written stems of labels/: topic vocabularies and bilingual concepts.

A stem of both languages counts as one feature, which is how Finnish texts teach the classifiers about
Swedish ones, and news about a register they have seen little of. Says which stems a word form holds,
not what that means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml

from classifiers.reference import Topic, load_reference

LANGUAGES = ("fi", "sv")
FILES = ("topics.yaml", "concepts.yaml")  # in labels/: what `load_vocabulary` reads
Kind = Literal["topic", "concept"]
_ANYWHERE = 6  # letters from which a stem counts within a compound too
_ENDINGS = {"fi": ("aeiouyäö", 4), "sv": ("aens", 5)}  # what inflection changes; letters to leave


@dataclass(frozen=True, slots=True)
class Stem:
    """One stem and the feature it stands for."""

    letters: str
    kind: Kind
    feature: str


@dataclass(frozen=True)
class Vocabulary:
    """Stems of each language."""

    stems: dict[str, tuple[Stem, ...]]

    def hits(self, form: str, language: str) -> list[Stem]:
        """The stems that the lower-case word form holds, in the order of the files."""
        stems, index = self.stems.get(language, ()), self._index.get(language, {})
        starts = {form[:n] for n in range(_ANYWHERE)}
        starts.update([form[i : i + _ANYWHERE] for i in range(len(form) - _ANYWHERE + 1)])
        near = sorted(i for start in starts if start in index for i in index[start])
        return [stems[i] for i in near if _holds(form, stems[i].letters)]

    @cached_property
    def _index(self) -> dict[str, dict[str, list[int]]]:
        """Language -> first letters of a stem -> its number: a form meets few of a thousand stems."""
        index: dict[str, dict[str, list[int]]] = {}
        for language, stems in self.stems.items():
            found = index.setdefault(language, {})
            for i, stem in enumerate(stems):
                found.setdefault(stem.letters[:_ANYWHERE], []).append(i)
        return index


def load_vocabulary(labels: Path) -> Vocabulary:
    """Read topics.yaml and concepts.yaml in `labels`. Raises OSError, KeyError or yaml.YAMLError."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times faster
    text = (labels / "concepts.yaml").read_text(encoding="utf-8")
    concepts, topics = yaml.load(text, loader)["concepts"], load_reference(labels).topics
    return Vocabulary(
        {lang: (*_topics(topics, lang), *_concepts(concepts, lang)) for lang in LANGUAGES}
    )


def _topics(topics: Sequence[Topic], language: str) -> list[Stem]:
    endings, shortest = _ENDINGS[language]
    found = []
    for topic in topics:
        for term in topic.vocabulary_fi if language == "fi" else topic.vocabulary_sv:
            word = term.lower()
            cut = word.rstrip(endings)
            if " " not in word:
                found.append(Stem(cut if len(cut) >= shortest else word, "topic", topic.id))
    return found


def _concepts(concepts: list[dict[str, Any]], language: str) -> list[Stem]:
    return [Stem(letters, "concept", c["id"]) for c in concepts for letters in c[language]]


def _holds(form: str, letters: str) -> bool:
    return letters in form if len(letters) >= _ANYWHERE else form.startswith(letters)
