"""Tokens of Finnish and Swedish text with their offsets, by spaCy's rules. Needs no downloaded model.

spaCy's tokeniser treats every run of characters between blanks on its own, so each distinct run is
tokenised once and remembered: some twenty times faster than building a document per text, with the same tokens
(tests/unit/test_linear.py compares the two).
"""

import re
from functools import cache, lru_cache
from typing import Any

# No word is as long as this, and spaCy needs time quadratic in the length of a run of emoji.
_RUN = re.compile(r"\S{1,200}")
_LANGUAGES = ("fi", "sv")
_REMEMBERED = 200_000  # distinct runs; about 60 MB when full


def tokenize(text: str, language: str) -> list[tuple[str, int]]:
    """The tokens of `text` and where each starts. Languages other than fi and sv are taken as fi."""
    language = language if language in _LANGUAGES else "fi"
    return [
        (token, run.start() + offset)
        for run in _RUN.finditer(text)
        for token, offset in _run_tokens(run[0], language)
    ]


@cache
def function_words(language: str) -> frozenset[str]:
    """Words that carry no subject (spaCy's stop words), lower case: no evidence for anything."""
    from importlib import import_module

    language = language if language in _LANGUAGES else "fi"
    return frozenset(import_module(f"spacy.lang.{language}.stop_words").STOP_WORDS)


@lru_cache(maxsize=_REMEMBERED)
def _run_tokens(run: str, language: str) -> tuple[tuple[str, int], ...]:
    return tuple((token.text, token.idx) for token in _tokenizer(language)(run))


@cache
def _tokenizer(language: str) -> Any:
    import spacy  # slow to import: only those who tokenise pay

    return spacy.blank(language).tokenizer
