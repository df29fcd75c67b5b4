"""Whom to name for readiness data: the line that CC BY 4.0 and other terms ask for under a table.

CC BY 4.0, section 3(a), asks for the creator, the licence and an address where one is given; when it was
fetched is what the statistics' own terms ask for besides. Knows no store.
"""

from dataclasses import dataclass
from datetime import datetime

from monitor.i18n import Translator


@dataclass(frozen=True, slots=True)
class Attribution:
    """Where data in force came from."""

    source: str  # "THL Sotkanet: title (number)"
    licence: str
    address: str  # "" for a file
    on: datetime  # when it was fetched, or imported where nothing was
    fetched: bool


def attribution_line(of: Attribution, language: str) -> str:
    """One sentence in fi, sv or en: source, licence, when, where."""
    t = Translator(language)
    day = t.day(of.on)
    key = "attribution.fetched" if of.fetched else "attribution.imported"
    line = t(key, source=of.source, licence=of.licence, day=day)
    return f"{line} {of.address}".rstrip()
