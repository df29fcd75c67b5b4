"""What the readers of readiness files say in English, in the reader's own language. Pure.

The English sentence is the key: the messages `said.*` of the English catalogue are what the code writes, with
a {place} where it writes a value. A sentence that no message fits stays English, and says so.
"""

import re
from functools import lru_cache

from monitor.i18n import Translator, catalogues

PREFIX = "said."


def said(sentence: str, t: Translator) -> tuple[str, str]:
    """`sentence` in the translator's language, and the language it is in."""
    if t.language == "en":
        return sentence, "en"
    for key, pattern in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            return t(key, **{name: said(part, t)[0] for name, part in found.groupdict().items()}), (
                t.language
            )
    return sentence, "en"


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The messages as patterns, those that say most of themselves first."""
    messages = {k: str(m) for k, m in catalogues()["en"].items() if k.startswith(PREFIX)}
    ordered = sorted(messages, key=lambda key: -len(re.sub(r"{\w+}", "", messages[key])))
    return tuple((key, _pattern(messages[key])) for key in ordered)


def _pattern(message: str) -> re.Pattern[str]:
    parts = re.split(r"{(\w+)}", message)
    made = [re.escape(p) if i % 2 == 0 else f"(?P<{p}>.*?)" for i, p in enumerate(parts)]
    return re.compile("".join(made), re.DOTALL)
