"""How well each region could be heard in a week, from the days of its sources.

Quiet is not safe: a source that was reached and had nothing new is quiet, one that was not reached is
silent with a reason, and only the first says anything about its region. A source that is reached and says
a fifth of what it usually says is heard by a fifth. Decides from days alone; knows neither store nor
clock. National sources count for no region's exposure, for their news is about all of them; what they
report of a region counts in `reported`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.coverage.calendar import day_bounds, days_between
from monitor.coverage.constants import load_ledger_constants
from monitor.coverage.verdicts import SourceDay, Verdict
from monitor.values import Coverage
from monitor.weeks import first_day

# Units without an area of their own are heard through those they serve. labels/regions.yaml says the
# same; a test keeps the two equal.
SERVES: Mapping[str, tuple[str, ...]] = {"HUS": ("01", "02", "03", "04", "90")}
# Stories that the equal weights of a region's publisher groups are worth against what they reported.
EQUAL_WEIGHT = load_ledger_constants().ledger_region.equal_weight
NOTHING_KNOWN: Mapping[str, float] = {}


@dataclass(frozen=True, slots=True)
class Source:
    """One source."""

    id: str
    home: tuple[str, ...]  # () is national
    group: str  # publisher group
    lang: str


@dataclass(frozen=True, slots=True)
class Hearing:
    """The verdict on one source and week."""

    source: Source
    verdict: Verdict
    share: float  # [0, 1]: of its usual hearing that the week had
    reason: str = ""  # why it was silent: "failing: timeout" or "not polled"

    @property
    def alive(self) -> bool:
        return self.share > 0


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The share of a region's usual hearing that was alive in a week, each share in [0, 1]."""

    region: str
    week: str
    share: float  # of the sources at home here: the score's exposure
    reported: float | None  # by what all sources usually report of it; None where nothing is known
    groups: tuple[tuple[str, float], ...]  # publisher group at home here -> share
    languages: tuple[tuple[str, float], ...]  # language of the sources at home here -> share


def hearing(source: Source, week: str, days: Iterable[SourceDay]) -> Hearing:
    """Judge one source by its days; those of other weeks are left aside.

    A day counts with the share of its hours that answers reach, times how loud the source was. Hours
    that have not come yet are not heard.
    """
    hours = _hours(week)
    mine = sorted((d for d in days if d.day in hours), key=lambda d: d.day)
    heard = sum(hours[d.day] * d.heard for d in mine) / sum(hours.values())
    if heard > 0:
        verdict = Verdict.HEARD if any(d.facts.entries for d in mine) else Verdict.QUIET
        return Hearing(source, verdict, min(1.0, heard))
    verdict, reason = _silence(mine)
    return Hearing(source, verdict, 0.0, f"{verdict}: {reason}" if reason else str(verdict))


def _silence(days: Sequence[SourceDay]) -> tuple[Verdict, str]:
    """Why nothing was heard in these days: the newest failure, else what they were."""
    for day in reversed(days):
        if day.verdict in (Verdict.FAILING, Verdict.NOT_ALLOWED):
            return day.verdict, day.reason or "no reason recorded"
    for day in reversed(days):
        if day.facts.polled.failures:
            return Verdict.FAILING, day.facts.polled.reason or "no reason recorded"
    quieter = any(day.verdict is Verdict.QUIETER for day in days)
    return (Verdict.QUIETER if quieter else Verdict.NOT_POLLED), ""


def _hours(week: str) -> dict[date, float]:
    monday = first_day(week)
    days = days_between(monday, monday + timedelta(days=6))
    return {d: (day_bounds(d)[1] - day_bounds(d)[0]).total_seconds() for d in days}


def coverage(
    region: str,
    week: str,
    hearings: Iterable[Hearing],
    serves: Mapping[str, Collection[str]] = SERVES,
    usual: Mapping[str, float] = NOTHING_KNOWN,
) -> Coverage:
    """What was heard of `region`.

    Exposure is the mean over publisher groups of the mean share of the group's sources: papers of one
    chain count as one voice, and a dead paper is still missed. 0 where the region has no source. A
    group weighs EQUAL_WEIGHT / groups + `usual`, the stories of the region it reports while it is heard
    (see `usual_reports`): where one paper tells most of a region's news, losing it costs more.
    """
    mine = at_home(region, hearings, serves)
    alive = [h for h in mine if h.alive]
    return Coverage(
        region=region,
        week=week,
        exposure=_exposure(mine, usual),
        sources=len(mine),
        alive=len(alive),
        groups=len({h.source.group for h in alive}),
        languages=tuple(sorted({h.source.lang for h in alive})),
        silent=tuple((h.source.id, h.reason) for h in mine if not h.alive),
    )


def breakdown(
    region: str,
    week: str,
    hearings: Sequence[Hearing],
    serves: Mapping[str, Collection[str]] = SERVES,
    usual: Mapping[str, float] = NOTHING_KNOWN,
) -> Breakdown:
    """What was heard of `region`, by publisher group, by language and by what is usually reported."""
    mine = at_home(region, hearings, serves)
    languages = sorted({h.source.lang for h in mine})
    return Breakdown(
        region=region,
        week=week,
        share=_exposure(mine, usual),
        reported=_reported(mine, hearings, usual),
        groups=tuple((g, _share(hs)) for g, hs in sorted(_grouped(mine).items())),
        languages=tuple(
            (lang, _exposure([h for h in mine if h.source.lang == lang], usual))
            for lang in languages
        ),
    )


def usual_reports(stories: Mapping[str, float], heard: Mapping[str, float]) -> dict[str, float]:
    """Publisher group -> stories of a region it would have reported in the weeks looked back on, had
    it been heard in all of them.

    `stories` are those it did report, `heard` the weeks it was heard, in whole weeks. So a paper that
    has been dead for long is missed no less. A group heard for less than a week has no usual.
    """
    longest = max(heard.values(), default=0.0)
    return {g: n * longest / heard[g] for g, n in stories.items() if heard.get(g, 0.0) >= 1}


def at_home(
    region: str, hearings: Iterable[Hearing], serves: Mapping[str, Collection[str]] = SERVES
) -> list[Hearing]:
    """The hearings of the sources whose home is `region`, or one that it serves, by id."""
    area = {region, *serves.get(region, ())}
    return sorted((h for h in hearings if area & set(h.source.home)), key=lambda h: h.source.id)


def _exposure(mine: Sequence[Hearing], usual: Mapping[str, float]) -> float:
    groups = _grouped(mine)
    if not groups:
        return 0.0
    weights = {g: EQUAL_WEIGHT / len(groups) + usual.get(g, 0.0) for g in groups}
    total = sum(weights.values())
    # A sum of shares may pass its count by a rounding error, an exposure may not pass 1.
    return min(1.0, sum(weights[g] * _share(hs) for g, hs in groups.items()) / total)


def _reported(
    mine: Sequence[Hearing], everyone: Iterable[Hearing], usual: Mapping[str, float]
) -> float | None:
    """A group is heard through its sources at home here; through all of them where it has none."""
    here, anywhere = _grouped(mine), _grouped(everyone)
    known = {g: n for g, n in usual.items() if n > 0 and g in anywhere}
    if not known:
        return None
    heard = sum(n * _share(here.get(g) or anywhere[g]) for g, n in sorted(known.items()))
    return min(1.0, heard / sum(known.values()))


def _grouped(hearings: Iterable[Hearing]) -> dict[str, list[Hearing]]:
    groups: dict[str, list[Hearing]] = defaultdict(list)
    for h in hearings:
        groups[h.source.group].append(h)
    return groups


def _share(hearings: Sequence[Hearing]) -> float:
    return sum(h.share for h in hearings) / len(hearings)
