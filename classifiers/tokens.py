"""Tokens of Finnish and Swedish text with their offsets, by spaCy's rules. Needs no downloaded model.

spaCy's tokeniser treats every run of characters between blanks on its own. So a run need not be made a
document of its own: most are a word with at most a comma or a full stop, which none of spaCy's rules
takes apart; only the others are given to spaCy. The tokens are the same (tests/unit/test_linear.py
compares the two). Whoever reads many texts remembers what each run becomes (`classifiers.features`).
"""

import re
from functools import cache
from typing import Any

RUN = re.compile(r"\S+")
# No word is as long as this, and spaCy needs time quadratic in the length of a run of emoji.
_LONGEST = 200
_LANGUAGES = ("fi", "sv")
# Two small letters before the full stop: rules for abbreviations and initials look no further back.
_PLAIN = re.compile(r"([A-Za-zÅÄÖåäö]*[a-zåäö]{2})([.,]?)")


def tokenize(text: str, language: str) -> list[tuple[str, int]]:
    """The tokens of `text` and where each starts. Languages other than fi and sv are taken as fi."""
    return [
        (token, run.start() + at + offset)
        for run in RUN.finditer(text)
        for at in range(0, run.end() - run.start(), _LONGEST)
        for token, offset in _run_tokens(run[0][at : at + _LONGEST], language)
    ]


def _run_tokens(run: str, language: str) -> list[tuple[str, int]]:
    tokenizer, exceptions = _tokenizer(language if language in _LANGUAGES else "fi")
    plain = _PLAIN.fullmatch(run)
    if plain is None or run in exceptions or plain[1] in exceptions:
        return [(token.text, token.idx) for token in tokenizer(run)]
    word, mark = plain.groups()
    return [(word, 0), (mark, len(word))] if mark else [(word, 0)]


@cache
def function_words(language: str) -> frozenset[str]:
    """Words that carry no subject (spaCy's stop words), lower case: no evidence for anything."""
    from importlib import import_module

    language = language if language in _LANGUAGES else "fi"
    return frozenset(import_module(f"spacy.lang.{language}.stop_words").STOP_WORDS)


@cache
def _tokenizer(language: str) -> tuple[Any, frozenset[str]]:
    """spaCy's tokeniser and the strings it has rules of their own for: abbreviations and the like."""
    import spacy  # slow to import: only those who tokenise pay

    tokenizer: Any = spacy.blank(language).tokenizer
    return tokenizer, frozenset(tokenizer.rules)
