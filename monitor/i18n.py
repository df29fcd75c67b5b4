"""Words, numbers, dates and weeks in the three languages of the interface.

Messages are looked up in `monitor/locale/<area>.<language>.yaml`; every key is in all three languages.
Numbers and dates are formatted by Babel; a day is a day in Helsinki. Knows nothing of pages or of the
store, and never guesses: a key that is missing is a bug and raises KeyError.
"""

from collections.abc import Mapping
from datetime import date as Day
from datetime import datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent

from monitor.clock import HELSINKI
from monitor.weeks import first_day

LANGUAGES = ("fi", "sv", "en")
FOLDER = Path(__file__).parent / "locale"

Message = str | Mapping[str, str]
"""A sentence with {named} places, or one per plural form (`one`, `other`) chosen by `n`."""


class Translator:
    """Says things in one language: `t("score.rank", n=3)`, `t.percent(0.4)`, `t.week("2026-W46")`."""

    def __init__(self, language: str) -> None:
        """Raises KeyError for a language other than fi, sv, en."""
        self.language = language
        self._messages = catalogues()[language]
        self._locale = Locale.parse({"en": "en_GB"}.get(language, language))

    def __call__(self, key: str, **values: object) -> str:
        """The message of `key`. Integers among `values` are written with grouping; `n` picks the
        plural form. Raises KeyError for an unknown key or a place without a value."""
        message = self._messages[key]
        if not isinstance(message, str):
            message = message[self._plural(values["n"])]
        if not values and "{" not in message:
            return message  # nearly all of a page's
        return message.format(**{name: self._shown(value) for name, value in values.items()})

    def has(self, key: str) -> bool:
        """Whether there is a message of this key."""
        return key in self._messages

    def _plural(self, n: object) -> str:
        assert isinstance(n, int | float)
        return "one" if self._locale.plural_form(n) == "one" else "other"

    def _shown(self, value: object) -> object:
        return self.number(value) if isinstance(value, int) else value

    # --- numbers ---------------------------------------------------------------------------------

    def number(self, value: float, digits: int = 0) -> str:
        """`value` with `digits` decimals and the language's own marks."""
        return _decimal(self._locale, _no_minus_zero(value, digits), digits)

    def signed(self, value: float, digits: int = 0) -> str:
        """A change, with its sign: "+3", "−2", "±0"."""
        rounded = _no_minus_zero(value, digits)
        if rounded == 0:
            return "±" + self.number(0, digits)
        return ("+" if rounded > 0 else "−") + self.number(abs(rounded), digits)

    def percent(self, share: float, digits: int = 0) -> str:
        """A share of one in percent."""
        return _percent(self._locale, _no_minus_zero(share, digits + 2), digits)

    def span(self, low: float, high: float, digits: int = 0) -> str:
        """ "12–40"; one number where both are written alike."""
        first, last = self.number(low, digits), self.number(high, digits)
        return first if first == last else f"{first}–{last}"

    # --- time ------------------------------------------------------------------------------------

    def date(self, day: Day | datetime) -> str:
        """ "la 21.11.2026", "lö 21.11.2026", "Sat 21 Nov 2026"."""
        pattern = "EEE d MMM y" if self.language == "en" else "EEEEEE d.M.y"
        return _date(self._locale, _helsinki_day(day), pattern)

    def day(self, day: Day | datetime) -> str:
        """ "21.11.2026", "21 Nov 2026": where a column has no room for the weekday."""
        pattern = "d MMM y" if self.language == "en" else "d.M.y"
        return _date(self._locale, _helsinki_day(day), pattern)

    def moment(self, instant: datetime) -> str:
        """Date and time in Helsinki: "la 21.11.2026 klo 8.15"."""
        pattern = "HH:mm" if self.language == "en" else "H.mm"
        local = instant.astimezone(HELSINKI).time().replace(second=0, microsecond=0)
        clock = _clock(self._locale, local, pattern)
        return self("time.moment", date=self.date(instant), clock=clock)

    def ago(self, instant: datetime, now: datetime) -> str:
        """ "3 tuntia sitten"; the exact moment belongs beside it."""
        past = min(timedelta(seconds=-1), instant - now)  # a clock that runs ahead is no future
        return format_timedelta(past, add_direction=True, locale=self._locale)

    def week(self, week: str) -> str:
        """ "viikko 47", "vecka 47", "week 47" of "2026-W47"."""
        return self("time.week", number=str(int(week[6:])))

    def week_year(self, week: str) -> str:
        """ "viikko 47/2026"."""
        return f"{self.week(week)}/{week[:4]}"

    def week_days(self, week: str) -> str:
        """Monday to Sunday of a week: "16.11.–22.11.2026"."""
        monday = first_day(week)
        pattern, dash = ("d MMM", " – ") if self.language == "en" else ("d.M.", "–")
        start = _date(self._locale, monday, pattern)
        return start + dash + self.day(monday + timedelta(days=6))

    def month(self, month: str) -> str:
        """ "lokakuu 2026", "oktober 2026", "October 2026" of "2026-10"."""
        return _date(self._locale, Day.fromisoformat(f"{month}-01"), "LLLL y")

    def month_short(self, month: str) -> str:
        """ "10/2026", for the head of a narrow column."""
        return f"{int(month[5:])}/{month[:4]}"

    # --- wording of ids --------------------------------------------------------------------------

    def reason(self, reason: str) -> str:
        """A NotReady reason in words. `reason` is an id, or `id:parameter:...` such as "coverage:0.12".

        In the message `{p0}`, `{p1}` are the parameters and `{p0_percent}` the first as a share. An id
        without a message is shown as a reason that has no wording yet, never hidden.
        """
        name, *parameters = reason.split(":")
        key = f"reason.{name}"
        if not self.has(key):
            return self("reason.other", id=reason)
        message = self._messages[key]
        assert isinstance(message, str)
        shown = {f"p{i}": self._parameter(p) for i, p in enumerate(parameters)}
        shares = {f"p{i}_percent": self._share(p) for i, p in enumerate(parameters)}
        places = _Blank({**shown, **shares})
        return message.format_map(places)

    def silence(self, why: str) -> str:
        """Why a source was silent, from the coverage ledger: "failing: timeout: ..." or "not polled"."""
        verdict, _, reason = why.partition(": ")
        said = self.word("coverage", verdict)
        return f"{said}: {self.failure(reason)}" if reason else said

    def failure(self, reason: str) -> str:
        """Why a poll or a page failed, from its recorded reason: "timeout: what happened"."""
        return self.word("failure", reason.partition(": ")[0])

    def word(self, area: str, name: str) -> str:
        """The word of an id of `area` ("outcome", "failure", "feed", ...); the id itself where it has none."""
        key = f"{area}.{name.replace(' ', '_')}"
        return self(key) if self.has(key) else name

    def _parameter(self, text: str) -> str:
        value = _number(text)
        if value is None:
            return text
        return self.number(value, 0 if value == int(value) else 2)

    def _share(self, text: str) -> str:
        value = _number(text)
        return text if value is None else self.percent(value)


class _Blank(dict[str, str]):
    """Places a reason did not bring stay empty: an older score may carry fewer parameters."""

    def __missing__(self, key: str) -> str:
        return ""


@lru_cache(maxsize=1)
def catalogues() -> dict[str, dict[str, Message]]:
    """language -> key -> message, all areas together. Raises ValueError for a key given twice."""
    found: dict[str, dict[str, Message]] = {language: {} for language in LANGUAGES}
    for path in sorted(FOLDER.glob("*.*.yaml")):
        language = path.name.split(".")[1]
        messages: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        twice = found[language].keys() & messages.keys()
        if twice:
            raise ValueError(f"{path.name}: {sorted(twice)} stand in another catalogue too")
        found[language].update(messages)
    return found


# A page writes the same few numbers and days over and over, and Babel takes a tenth of a millisecond for each.
@lru_cache(maxsize=4096)
def _decimal(locale: Locale, value: float, digits: int) -> str:
    return str(format_decimal(value, _pattern(digits), locale))


@lru_cache(maxsize=4096)
def _percent(locale: Locale, share: float, digits: int) -> str:
    pattern = locale.percent_formats[None].pattern.replace("#,##0", _pattern(digits))
    return str(format_percent(share, pattern, locale))


@lru_cache(maxsize=4096)
def _date(locale: Locale, day: Day, pattern: str) -> str:
    return str(format_date(day, pattern, locale))


@lru_cache(maxsize=4096)
def _clock(locale: Locale, of_day: time, pattern: str) -> str:
    return str(format_time(of_day, pattern, locale=locale))


def _pattern(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits else "")


def _no_minus_zero(value: float, digits: int) -> float:
    # "−0" would be read as a fall
    return round(float(value), digits) + 0.0


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _helsinki_day(day: Day | datetime) -> Day:
    return day.astimezone(HELSINKI).date() if isinstance(day, datetime) else day
