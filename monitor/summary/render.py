"""The weekly summary -> a self-contained HTML page in one language, or JSON. Pure.

The template only places what stands here; wording comes from the message catalogues, numbers from the
summary, drawings from `monitor.charts`.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from classifiers.reference import Reference
from monitor import charts
from monitor.charts import Tile
from monitor.i18n import Translator
from monitor.summary.values import Driver, Number, RegionLine, WeeklySummary

TEMPLATES = Path(__file__).parent / "templates"
STORIES_SHOWN = 40
REGIONS_EXPLAINED = 5


def render_json(summary: WeeklySummary) -> str:
    """The summary as indented JSON with a newline at the end."""
    return json.dumps(summary.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"


def render_html(summary: WeeklySummary, language: str, reference: Reference) -> str:
    """A page that needs no other file. Same summary and language, same bytes."""
    template = _environment().get_template("summary.html")
    words = Words(Translator(language), reference)
    return template.render(
        s=summary,
        w=words,
        t=words.t,
        style=Markup(charts.stylesheet() + (TEMPLATES / "summary.css").read_text(encoding="utf-8")),
        grid=words.grid(summary),
        explained=[line for line in summary.regions if line.rank is not None][:REGIONS_EXPLAINED],
        stories=summary.stories[:STORIES_SHOWN],
        gaps=sorted((r for r in summary.regions if r.hearing.exposure < 1), key=_least_heard),
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _least_heard(line: RegionLine) -> tuple[float, str]:
    return (line.hearing.exposure, line.code)


@dataclass(frozen=True, slots=True)
class Words:
    """Names and numbers in one language, for the template."""

    t: Translator
    reference: Reference

    def region(self, code: str) -> str:
        """Short name of a region; what is none is said of the whole country."""
        region = self.reference.region.get(code)
        return region.short.get(self.t.language) if region else self.t("region.NAT")

    def regions(self, codes: Iterable[str]) -> str:
        """Short names, parted by commas."""
        return ", ".join(self.region(code) for code in codes)

    def topic(self, topic: str) -> str:
        """Name of a topic."""
        return self.reference.topic[topic].name.get(self.t.language)

    def group(self, group: str) -> str:
        """Name of a roadmap group."""
        return self.reference.group[group].name.get(self.t.language)

    def number(self, number: Number, scale: float = 1) -> str:
        """ "43 (30-55)", or why there is none. Shares are shown on the scale 0-100 with `scale` 100."""
        if number.value is None:
            return "; ".join(self.t.reason(r) for r in number.reasons) or self.t("score.unknown")
        shown = self.t.number(number.value * scale)
        if number.low is None or number.high is None:
            return shown
        return f"{shown} ({self.t.span(number.low * scale, number.high * scale)})"

    def level(self, number: Number) -> str:
        """The step of a combined risk in words."""
        if number.value is None:
            return self.t("score.unknown")
        return self.t(f"step.{charts.step(number.value)}")

    def step(self, number: Number) -> int:
        """The step 1-4; 0 where there is no number."""
        return 0 if number.value is None else charts.step(number.value)

    def rank(self, line: RegionLine) -> str:
        """ "4–9"; a dash where there is no rank."""
        if line.rank_low is None or line.rank_high is None:
            return "–"
        return self.t.span(line.rank_low, line.rank_high)

    def change(self, line: RegionLine) -> str:
        """Change against the week before, with its sign."""
        return "–" if line.change is None else self.t.signed(line.change)

    def driver(self, driver: Driver) -> str:
        """What a contribution is called, and the group it works through."""
        kind = self.t(f"contribution.{driver.kind}")
        names = {"readiness": self.t.word("component", driver.ref), "story": driver.label}
        what = f"{kind}: {names[driver.kind]}" if driver.kind in names else kind
        return f"{what} ({self.group(driver.group)})"

    def grid(self, summary: WeeklySummary) -> Markup:
        """The tile grid of the combined risk."""
        return charts.tile_grid(
            [tile for line in summary.regions if (tile := self._tile(line))],
            title=self.t("weekly.grid"),
            description=self.t("weekly.grid_desc"),
            name="grid",
        )

    def _tile(self, line: RegionLine) -> Tile | None:
        place = self.reference.region[line.code].tile
        if place is None:
            return None
        value = line.combined.value
        known = value is not None
        step = charts.step(value) if value is not None else None
        return Tile(
            row=place[0],
            column=place[1],
            name=self.region(line.code),
            number=self.t.number(value) if value is not None else self.t("score.unknown"),
            word=self.t(f"step.short.{step}") if known else "",
            step=step,
            note=f"{self.region(line.code)}: {self.number(line.combined)}",
        )
