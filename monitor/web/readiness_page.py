"""The page of readiness as values: the roadmap matrix of a month, its order, its history. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from classifiers.reference import Reference
from monitor import charts
from monitor.charts import Point
from monitor.i18n import Translator
from monitor.readiness.bands import Band, Bands, digits
from monitor.readiness.history import Cell, Picture, country, month_of
from monitor.readiness.roadmap import Shares, View
from monitor.values import ALL_GROUPS
from monitor.web.overview import collation

VIEWS: tuple[View, ...] = ("schedule", "target")
BEHIND = 3  # regions named in the first sentence

# The tone of each band, by how many there are: the darkest, with its pattern, is the lowest band.
_TONES = {2: (4, 1), 3: (4, 2, 1), 4: (4, 3, 2, 1), 5: (4, 3, 2, 1, 0)}


@dataclass(frozen=True, slots=True)
class Square:
    """One cell of the matrix in words and numbers."""

    shares: Shares
    number: str  # share finished, as it is written; "" where no task was due
    started: str
    word: str  # message id of the band, or of why there is none
    tone: int | None  # 0-4
    old: date | None  # day of the oldest report in it, where that is of an earlier month


@dataclass(frozen=True, slots=True)
class Row:
    """One unit."""

    code: str
    name: str
    squares: Mapping[str, Square]  # by group or "all"; what was not reported is absent


@dataclass(frozen=True, slots=True)
class Key:
    """One line of the legend."""

    tone: int
    word: str  # message id
    limit: str


@dataclass(frozen=True, slots=True)
class Series:
    """A unit's months."""

    code: str
    name: str
    values: tuple[Shares | None, ...]  # None: nothing was reported that month
    spark: Markup


def columns(reference: Reference) -> tuple[str, ...]:
    """The groups, then all of them together."""
    return (*(g.id for g in reference.groups), ALL_GROUPS)


def square(cell: Cell, view: View, bands: Bands, month: str, t: Translator) -> Square:
    """A cell as it is shown in the matrix of `month`."""
    shares = cell.views.get(view)
    old = cell.oldest if month_of(cell.oldest) < month else None
    if shares.share_finished is None or shares.share_started is None:
        word = "roadmap.none_due" if cell.views.target.total else "roadmap.no_tasks"
        return Square(shares, "", "", word, None, old)
    band = bands.of(shares.share_finished)
    return Square(
        shares,
        t.percent(shares.share_finished, digits(shares.share_finished, bands)),
        t.percent(shares.share_started),
        "band.done" if shares.finished == shares.total else f"band.{band.word}",
        tone(band, bands),
        old,
    )


def tone(band: Band, bands: Bands) -> int:
    """How dark a band is drawn, 0-4."""
    return _TONES[bands.count][band.number - 1]


def rows(found: Picture, view: View, bands: Bands, ref: Reference, t: Translator) -> list[Row]:
    """A row per unit, in the units' order; a unit without a report has no squares."""
    return [
        Row(code, ref.region[code].short.get(t.language), squares(found, code, view, bands, ref, t))
        for code in ref.units
    ]


def squares(
    found: Picture, code: str, view: View, bands: Bands, ref: Reference, t: Translator
) -> Mapping[str, Square]:
    """One unit's row by group or "all"; what was not reported is absent."""
    return {
        group: square(found.cells[code, group], view, bands, found.month, t)
        for group in columns(ref)
        if (code, group) in found.cells
    }


def together(found: Picture, view: View, bands: Bands, t: Translator) -> Mapping[str, Square]:
    """The whole country by group."""
    sums = country(found.cells)
    # a region's old report is marked in its own row
    return {g: square(cell, view, bands, "", t) for g, cell in sums.items()}


def ordered(found: Sequence[Row], sort: str) -> list[Row]:
    """By "name", or by the share finished in a column, the least first; "-" turns it round.

    Without an order the units stand in their official one. What is unknown stands last.
    """
    name, reverse = sort.removeprefix("-"), sort.startswith("-")
    if not name:
        return list(found)
    if name == "name":
        return sorted(found, key=lambda r: collation(r.name), reverse=reverse)
    known = [(share, r) for r in found for share in [_share(r, name)] if share is not None]
    unknown = [r for r in found if _share(r, name) is None]
    known.sort(key=lambda pair: pair[0], reverse=reverse)
    return [*(r for _, r in known), *unknown]


def _share(row: Row, group: str) -> float | None:
    return row.squares[group].shares.share_finished if group in row.squares else None


def behind(found: Sequence[Row], bands: Bands) -> list[Row]:
    """The units with the least finished of all, as long as they are not in the best band."""
    least = [r for r in ordered(found, ALL_GROUPS) if _share(r, ALL_GROUPS) is not None]
    best = bands.count
    return [r for r in least if bands.of(_share(r, ALL_GROUPS) or 0).number < best][:BEHIND]


def key(bands: Bands, t: Translator) -> list[Key]:
    """The legend, the best band first."""
    return [Key(tone(b, bands), f"band.{b.word}", _limit(b, t)) for b in reversed(bands.all)]


def _limit(band: Band, t: Translator) -> str:
    high = _percent(band.to, t)
    if band.number == 1:
        return t("roadmap.at_most", limit=high)
    low = _percent(band.above, t)
    over = t("roadmap.over", limit=low)
    return over if band.to == 1 else t("roadmap.between", low=low, high=high)


def _percent(share: float, t: Translator) -> str:
    return t.percent(share, 0 if round(share * 100, 6) % 1 == 0 else 1)


# --- history -------------------------------------------------------------------------------------


def series(found: Picture, view: View, ref: Reference, t: Translator) -> list[Series]:
    """Every unit's total by month, as a chart and as numbers; a month without a report is a gap."""
    return [
        _series(found, code, ALL_GROUPS, view, ref.region[code].short.get(t.language), t)
        for code in ref.units
    ]


def group_series(
    found: Picture, code: str, view: View, ref: Reference, t: Translator
) -> list[Series]:
    """One unit's months by group, the total last."""
    names = {g.id: g.name.get(t.language) for g in ref.groups} | {ALL_GROUPS: t("group.all")}
    return [_series(found, code, group, view, names[group], t) for group in columns(ref)]


def _series(found: Picture, code: str, group: str, view: View, name: str, t: Translator) -> Series:
    told = found.history(code, group)
    values = tuple(None if cell is None else cell.views.get(view) for cell in told)
    shares = [None if v is None else v.share_finished for v in values]
    last = shares[-1] if shares else None
    spark = charts.sparkline(
        [Point(share) for share in shares],
        top=1.0,
        title=t(
            "roadmap.spark",
            name=name,
            first=t.month(found.past[0]),
            last=t.month(found.past[-1]),
        ),
        description=t("roadmap.spark_desc"),
        name=f"months-{code}-{group}",
        last="" if last is None else t.number(last * 100),
    )
    return Series(code, name, values, spark)
