"""Cleaning of text that came from outside. Pure; knows nothing of feeds, pages or languages."""

import re

# Characters no store takes: controls but tab and line ends, lone surrogates, non-characters.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"\s+")


def storable(text: str) -> str:
    """`text` without the characters no store takes; the same object where there are none."""
    return _UNSTORABLE.sub("", text)


def one_line(text: str) -> str:
    """`text` without unstorable characters, every run of white space a single space."""
    return _SPACE.sub(" ", storable(text)).strip()


def paragraphs(text: str) -> str:
    """Plain `text` with its lines as paragraphs, parted by a blank line."""
    lines = (one_line(line) for line in storable(text).split("\n"))
    return "\n\n".join(line for line in lines if line)
