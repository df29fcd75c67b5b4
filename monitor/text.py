"""Cleaning of text that came from outside. Pure; knows nothing of feeds, pages or languages."""

import codecs
import re

# They write markup in letters, or are no character sets of texts: no browser reads them.
_UNSAFE_CHARSETS = frozenset(("utf-7", "unicode-escape", "raw-unicode-escape", "idna", "punycode"))
# Characters no store takes: controls but tab and line ends, lone surrogates, non-characters.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def is_unsafe_charset(name: str) -> bool:
    """Whether `name` is a character set that is never read: one in which markup looks like text."""
    try:
        return codecs.lookup(name).name.replace("_", "-") in _UNSAFE_CHARSETS
    except (LookupError, ValueError):
        return False


def storable(text: str) -> str:
    """`text` without the characters no store takes; the same object where there are none."""
    return _UNSTORABLE.sub("", text)


def one_line(text: str) -> str:
    """`text` without unstorable characters, every run of white space a single space."""
    return " ".join(storable(text).split())


def paragraphs(text: str) -> str:
    """Plain `text` with its lines as paragraphs, parted by a blank line."""
    lines = (" ".join(line.split()) for line in storable(text).split("\n"))
    return "\n\n".join(line for line in lines if line)
