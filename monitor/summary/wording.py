"""The summary's words in one language: names, numbers, sentences.

Every sentence is a message of the catalogue with values of the summary in it, and carries the names of the
fields they came from (`Run.uses`), so that each can be traced to its numbers. Nothing is composed freely.
Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from babel.lists import format_list

from classifiers.reference import Reference
from monitor import charts
from monitor.i18n import Translator
from monitor.summary.document import Cell, Run, Runs
from monitor.summary.values import Driver, Number, RegionLine, WeeklySummary

NAMED = 5  # of a longer list, the rest is counted
HERE = "\0"  # where a headline stands in a sentence


@dataclass(frozen=True, slots=True)
class Words:
    """Names, numbers and sentences of one summary in one language."""

    summary: WeeklySummary
    reference: Reference
    t: Translator

    # --- sentences -------------------------------------------------------------------------------

    def say(self, key: str, *uses: str, **values: object) -> Run:
        """The sentence `report.KEY`; `uses` are the fields it says."""
        return Run(self.t(f"report.{key}", **values), uses=uses)

    def say_of(self, key: str, what: Driver, *uses: str, **values: object) -> Runs:
        """A sentence about a contribution, whose headline stays in its own language."""
        said = self.t(f"report.{key}", what=HERE, **values)
        before, after = said.split(HERE)
        return (Run(before, uses=uses), *self.driver(what), Run(after))

    def driver(self, driver: Driver) -> Runs:
        """What a contribution is called, with the group it works through where it has one."""
        group = f", {self.group(driver.group)}" if driver.group else ""
        if driver.kind == "story":
            language = "" if driver.language == self.t.language else driver.language
            return (
                Run(self.t("report.driver.story") + " "),
                Run(self.quoted(driver.label), lang=language),
                *((Run(group),) if group else ()),
            )
        known = driver.kind == "readiness"
        name = self.t.word("component", driver.ref) if known else ""
        return (Run(self.t(f"report.driver.{driver.kind}", name=lower(name)) + group),)

    def quoted(self, text: str) -> str:
        """A headline in quotation marks; its own would stand inside them otherwise."""
        left, right = ("“", "”") if self.t.language == "en" else ("”", "”")
        return f"{left}{text}{right}"

    # --- names -----------------------------------------------------------------------------------

    def region(self, code: str) -> str:
        """Short name of a region; what is none is said of the whole country."""
        region = self.reference.region.get(code)
        return region.short.get(self.t.language) if region else self.t("region.NAT")

    def regions(self, codes: Sequence[str], most: int = NAMED) -> str:
        """ "Kainuu, Lappi ja Satakunta"; of a longer list the first ones and how many more."""
        return self.listed([self.region(code) for code in codes], most)

    def listed(self, names: Sequence[str], most: int = NAMED) -> str:
        """Names as a list in a sentence."""
        if len(names) > most + 1:
            more = self.t("report.more", n=len(names) - most)
            names = [*names[:most], more]
        return str(format_list(list(names), locale=self.t.language))

    def group(self, group: str) -> str:
        """Name of a roadmap preparation group."""
        return self.reference.group[group].name.get(self.t.language)

    def topic(self, topic: str) -> str:
        """Name of a topic."""
        return self.reference.topic[topic].name.get(self.t.language)

    def feed(self, feed: str) -> str:
        """Title of a source; its id where the summary does not know the title."""
        return self.summary.feeds.get(feed, feed)

    # --- numbers ---------------------------------------------------------------------------------

    def number(self, number: Number, scale: float = 1) -> str:
        """ "43 (30–55)", or why there is none. Shares are shown on the scale 0-100 with `scale` 100."""
        if number.value is None:
            return "; ".join(self.t.reason(r) for r in number.reasons) or self.t("score.unknown")
        shown = self.t.number(number.value * scale)
        interval = self.interval(number, scale)
        return f"{shown} ({interval})" if interval else shown

    def interval(self, number: Number, scale: float = 1) -> str:
        """ "30–55"; "" where there is none."""
        if number.low is None or number.high is None:
            return ""
        return self.t.span(number.low * scale, number.high * scale)

    def level(self, number: Number) -> str:
        """The step of a combined risk in words."""
        if number.value is None:
            return self.t("score.unknown")
        return self.t(f"step.{charts.step(number.value)}")

    def rank(self, line: RegionLine) -> str:
        """ "4–9"; a dash where there is no rank."""
        if line.rank_low is None or line.rank_high is None:
            return "–"
        return self.t.span(line.rank_low, line.rank_high)

    def change(self, line: RegionLine) -> str:
        """Change against the week before, with its sign."""
        return "–" if line.change is None else self.t.signed(line.change)

    def level_share(self) -> str:
        """Level of the intervals: "80"."""
        return self.t.number(100 * self.summary.interval)


def name_cell(text: str) -> Cell:
    """The cell that names its row."""
    return Cell((Run(text),), header=True)


def text_cell(text: str, lang: str = "") -> Cell:
    """A cell of words."""
    return Cell((Run(text, lang=lang),))


def number_cell(text: str, band: int = 0) -> Cell:
    """A cell of figures."""
    return Cell((Run(text),), number=True, band=band)


def band(number: Number) -> int:
    """The step 1-4 of a combined risk; 0 where there is none."""
    return 0 if number.value is None else charts.step(number.value)


def joined(sentences: Iterable[Run | Runs]) -> Runs:
    """Sentences one after another, with a space between them."""
    found: list[Run] = []
    for sentence in sentences:
        runs = (sentence,) if isinstance(sentence, Run) else sentence
        if found:
            found.append(Run(" "))
        found += runs
    return tuple(found)


def lower(name: str) -> str:
    """The name as it stands inside a sentence; "ICT, tiedonhallinta" keeps its capitals."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
