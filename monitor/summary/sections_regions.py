"""Sections about the regions: the country in a paragraph, the matrix, change, why, history. Pure."""

from collections.abc import Sequence

from monitor import charts
from monitor.charts import Point, Tile
from monitor.summary import charts as drawings
from monitor.summary.charts import Slope, Small
from monitor.summary.document import (
    Block,
    Bullets,
    Cell,
    Figure,
    Heading,
    Level,
    Paragraph,
    Run,
    Runs,
    Table,
)
from monitor.summary.values import Driver, Mover, Number, RegionLine
from monitor.summary.wording import Words, band, joined, lower, name_cell, number_cell, text_cell
from monitor.weeks import previous

EXPLAINED: dict[Level, int] = {"brief": 0, "steering": 5, "full": 99}
PARTS: dict[Level, int] = {"brief": 0, "steering": 3, "full": 6}
TOP = 5  # regions of the brief


# --- the country ---------------------------------------------------------------------------------


def national(w: Words, level: Level) -> Sequence[Block]:
    """The national picture in one paragraph, with numbers and why."""
    sentences = [*_scored(w), *_highest(w), *_moved(w), *_news(w), *_country(w), *_unheard(w)]
    return (Paragraph(joined(sentences)),)


def _scored(w: Words) -> list[Runs]:
    n = w.summary.national
    uses = ("national.scored", "national.units")
    if n.scored == 0:
        return [(w.say("national.none", *uses, units=n.units),)]
    key = "national.all" if n.scored == n.units else "national.scored"
    return [(w.say(key, *uses, n=n.scored, units=n.units),)]


def _highest(w: Words) -> list[Runs]:
    if not w.summary.national.highest:
        return []
    line = w.summary.regions[0]
    c = line.combined
    first = w.say(
        "national.highest",
        "national.highest", "regions.0.combined", "interval",
        name=w.region(line.code), value=w.number(Number(value=c.value)),
        interval=w.interval(c), share=w.level_share(), level=w.level(c),
    )  # fmt: skip
    found: list[Runs] = [(first,)]
    field, parts = main_parts(line)
    if parts:
        points = w.t.number(parts[0].value, 1)
        found.append(w.say_of("national.why", parts[0], f"regions.0.{field}.0", points=points))
    rest = [r for r in w.summary.regions[1:3] if r.combined.value is not None]
    if rest:
        names = [f"{w.region(r.code)} ({w.t.number(r.combined.value or 0)})" for r in rest]
        uses = ("regions.1.combined", "regions.2.combined")[: len(rest)]
        found.append((w.say("national.next", *uses, names=w.listed(names)),))
    if line.rank_high is not None and line.rank_high > 1:
        said = w.say(
            "national.order", "regions.0.rank_high", name=w.region(line.code), rank=line.rank_high
        )
        found.append((said,))
    return found


def _moved(w: Words) -> list[Runs]:
    compared = sum(r.change is not None for r in w.summary.regions)
    if compared == 0:
        return [(w.say("national.uncompared", "regions"),)]
    found: list[Runs] = []
    for way, codes in (("risen", w.summary.national.risen), ("fallen", w.summary.national.fallen)):
        if codes:
            at = {r.code: i for i, r in enumerate(w.summary.regions)}
            names = [f"{w.region(c)} ({w.change(w.summary.regions[at[c]])})" for c in codes]
            uses = (f"national.{way}", *(f"regions.{at[code]}.change" for code in codes))
            found.append((w.say(f"national.{way}", *uses, names=w.listed(names)),))
    return found or [(w.say("national.steady", "national.risen", "national.fallen"),)]


def _news(w: Words) -> list[Runs]:
    n = w.summary.national
    if n.articles == 0:
        return [(w.say("national.no_news", "national.articles"),)]
    groups = w.t("report.publishers", n=n.publisher_groups)
    found = [
        w.say(
            "national.news", "national.articles", "national.publisher_groups",
            n=n.articles, groups=groups,
        )
    ]  # fmt: skip
    if n.relevant == 0:
        return [*((s,) for s in found), (w.say("national.none_relevant", "national.relevant"),)]
    found.append(w.say("national.relevant", "national.relevant", n=n.relevant))
    found.append(w.say("national.stories", "national.stories", n=n.stories))
    key = "national.risk" if n.risk_stories else "national.no_risk"
    found.append(w.say(key, "national.risk_stories", n=n.risk_stories))
    return [(s,) for s in found]


def _country(w: Words) -> list[Runs]:
    found: list[Runs] = []
    alerts = w.summary.alerts
    if alerts:
        names = [f"{w.region(a.region)} ({lower(w.topic(a.topic))})" for a in alerts]
        found.append((w.say("national.alerts", "alerts", n=len(alerts), names=w.listed(names, 3)),))
    country = w.summary.country
    if country is None:
        return found
    shared = [w.group(g.group) for g in country.groups if g.kind == "national"]
    if shared:
        said = w.say("national.shared", "country.groups", n=len(shared), names=w.listed(shared))
        found.append((said,))
    quiet = [r.region for r in country.forgotten.regions]
    if quiet:
        uses = "country.forgotten.regions"
        found.append((w.say("national.forgotten", uses, n=len(quiet), names=w.regions(quiet)),))
    return found


def _unheard(w: Words) -> list[Runs]:
    codes = w.summary.national.not_heard
    if not codes:
        return []
    names = w.regions(codes, 8)
    return [(w.say("national.not_heard", "national.not_heard", n=len(codes), names=names),)]


# --- matrix and map ------------------------------------------------------------------------------


def highest(w: Words, level: Level) -> Sequence[Block]:
    """The highest regions in a small table, for one page."""
    known = [r for r in w.summary.regions if r.rank is not None][:TOP]
    if not known:
        return ()
    rows = tuple(
        (
            name_cell(w.region(r.code)),
            text_cell(w.level(r.combined)),
            number_cell(w.number(r.combined), band(r.combined)),
            number_cell(w.rank(r)),
            number_cell(w.change(r)),
        )
        for r in known
    )
    columns = _columns(w, "region", "level", "combined", "rank", "change")
    caption = w.t("report.highest.caption", share=w.level_share())
    return (Table(caption, columns, rows, "highest-table"),)


def _columns(w: Words, *names: str) -> tuple[str, ...]:
    return tuple(w.t(f"report.col.{name}") for name in names)


def map_(w: Words, level: Level) -> Sequence[Block]:
    """The tile grid; its table is the map's data."""
    tiles = [tile for r in w.summary.regions if (tile := _tile(w, r))]
    data = Table(
        w.t("report.map"), _columns(w, "region", "level", "combined"),
        tuple(
            (name_cell(w.region(r.code)), text_cell(w.level(r.combined)), _figure(w, r.combined))
            for r in w.summary.regions
        ),
        "map-data",
    )  # fmt: skip
    alternative = _map_words(w)
    svg = charts.tile_grid(tiles, title=w.t("report.map"), description=alternative, name="grid")
    return (Figure(w.t("report.map.caption"), str(svg), alternative, data),)


def _map_words(w: Words) -> str:
    steps = [
        charts.step(r.combined.value) for r in w.summary.regions if r.combined.value is not None
    ]
    said = [
        w.t("report.map.step", n=steps.count(step), level=w.t(f"step.{step}"))
        for step in (4, 3, 2, 1)
        if step in steps
    ]
    unknown = len(w.summary.regions) - len(steps)
    if unknown:
        said.append(w.t("report.map.unknown", n=unknown))
    return w.t("report.map.alternative", steps=w.listed(said, 5))


def _tile(w: Words, line: RegionLine) -> Tile | None:
    place = w.reference.region[line.code].tile
    if place is None:
        return None
    value, name = line.combined.value, w.region(line.code)
    if value is None:
        return Tile(*place, name, w.t("score.unknown_short"), "", None)
    step = charts.step(value)
    short, word = w.t(f"step.short.{step}"), w.t(f"step.{step}")
    shown = w.t.number(value)
    return Tile(*place, name, shown, short, step, note=f"{name}: {shown}, {word}")


def _figure(w: Words, number: Number, scale: float = 1) -> Cell:
    """A number, or the reason why there is none, in words and not as a figure."""
    if number.value is None:
        return text_cell(w.number(number))
    return number_cell(w.number(number, scale), band(number) if scale == 1 else 0)


def regions(w: Words, level: Level) -> Sequence[Block]:
    """Every region's numbers."""
    rows = tuple(
        (
            name_cell(w.region(r.code)),
            text_cell(w.level(r.combined)),
            _figure(w, r.combined),
            _figure(w, r.readiness, 100),
            _figure(w, r.media, 100),
            number_cell(w.rank(r)),
            number_cell(w.change(r)),
            number_cell(w.t.percent(r.hearing.exposure)),
        )
        for r in w.summary.regions
    )
    columns = _columns(
        w, "region", "level", "combined", "readiness", "media", "rank", "change", "coverage"
    )
    caption = w.t("report.regions.caption", share=w.level_share())
    note = Paragraph((w.say("regions.read", "interval", share=w.level_share()),), kind="note")
    return (note, Table(caption, columns, rows, "regions-table"))


# --- change --------------------------------------------------------------------------------------


def change(w: Words, level: Level) -> Sequence[Block]:
    """What changed and why, and the slope of every region that can be compared."""
    lines = [r for r in w.summary.regions if r.change is not None and r.combined.value is not None]
    if not lines:
        return (Paragraph((w.say("national.uncompared", "regions"),)),)
    share = w.t.number(100 * w.summary.noise_share)
    blocks: list[Block] = [
        Paragraph((w.say("change.read", "noise_share", share=share),), kind="note")
    ]
    movers = w.summary.movers
    if movers:
        blocks.append(Bullets(tuple(_mover(w, i, m) for i, m in enumerate(movers))))
    elif w.summary.schema_version > 1:
        blocks.append(Paragraph((w.say("national.steady", "movers"),)))
    return (*blocks, _slope(w, lines))


def _mover(w: Words, i: int, m: Mover) -> Runs:
    way = "risen" if m.change > 0 else "fallen"
    said = w.say(
        f"change.{way}", f"movers.{i}",
        name=w.region(m.region), points=w.t.number(abs(m.change), 1), noise=w.t.number(m.noise, 1),
    )  # fmt: skip
    if m.cause is None:
        return (said,)
    key = "change.gone" if m.gone else "change.cause"
    points = w.t.signed(m.cause.value, 1)
    return joined([said, w.say_of(key, m.cause, f"movers.{i}.cause", points=points)])


def _slope(w: Words, lines: Sequence[RegionLine]) -> Figure:
    moved = {m.region for m in w.summary.movers}
    made = [
        Slope(
            w.region(r.code),
            (r.combined.value or 0) - (r.change or 0),
            r.combined.value or 0,
            r.code in moved,
            f"{w.region(r.code)} {w.t.number(r.combined.value or 0)} ({w.change(r)})",
        )
        for r in lines
    ]
    heads = (w.t.week(previous(w.summary.week)), w.t.week(w.summary.week))
    rows = tuple(
        (
            name_cell(line.name),
            number_cell(w.t.number(line.before)),
            number_cell(w.t.number(line.after)),
            number_cell(w.change(r)),
        )
        for line, r in zip(made, lines, strict=True)
    )
    columns = (w.t("report.col.region"), *heads, w.t("report.col.change"))
    data = Table(w.t("report.change.figure"), columns, rows, "change-data")
    up, down = sum((r.change or 0) > 0 for r in lines), sum((r.change or 0) < 0 for r in lines)
    words = w.t("report.change.alternative", n=len(lines), up=up, down=down, marked=len(moved))
    svg = drawings.slopes(
        made, heads, title=w.t("report.change.figure"), description=words, name="slope"
    )
    return Figure(w.t("report.change.caption"), str(svg), words, data)


# --- why -----------------------------------------------------------------------------------------


def why(w: Words, level: Level) -> Sequence[Block]:
    """The largest contributions of the highest regions, and what the rest adds up to."""
    explained = [
        (i, r) for i, r in enumerate(w.summary.regions) if r.rank is not None and r.drivers
    ]
    if not explained:
        return ()
    blocks: list[Block] = [Paragraph((w.say("why.read", "regions"),), kind="note")]
    for i, r in explained[: EXPLAINED[level]]:
        blocks.append(Heading(3, w.region(r.code), f"why-{r.code}"))
        blocks.append(Paragraph((_total(w, i, r),)))
        blocks.append(Bullets(_parts(w, i, r, PARTS[level])))
    return blocks


def main_parts(r: RegionLine) -> tuple[str, Sequence[Driver]]:
    """The field of a region's largest parts, and they; those by group where nothing else is known."""
    return ("parts", r.parts) if r.parts else ("drivers", r.drivers)


def _parts(w: Words, i: int, r: RegionLine, most: int) -> tuple[Runs, ...]:
    field, parts = main_parts(r)
    shown = parts[:most]
    items = [
        w.say_of("why.part", d, f"regions.{i}.{field}.{k}", points=w.t.signed(d.value, 1))
        for k, d in enumerate(shown)
    ]
    rest = (r.combined.value or 0) - sum(d.value for d in shown)
    if round(rest, 1):
        uses = (f"regions.{i}.combined", f"regions.{i}.{field}")
        items.append((w.say("why.rest", *uses, points=w.t.signed(rest, 1)),))
    return tuple(items)


def _total(w: Words, i: int, r: RegionLine) -> Run:
    return w.say(
        "why.total", f"regions.{i}.combined", f"regions.{i}.readiness", f"regions.{i}.media",
        value=w.number(r.combined), level=w.level(r.combined),
        readiness=w.number(r.readiness, 100), media=w.number(r.media, 100),
    )  # fmt: skip


# --- history -------------------------------------------------------------------------------------


def history(w: Words, level: Level) -> Sequence[Block]:
    """The last weeks of every region, as small multiples on one scale."""
    lines = [r for r in w.summary.regions if sum(p.combined is not None for p in r.history) > 1]
    if not lines:
        return ()
    weeks = [p.week for p in lines[0].history]
    shown = [
        Small(
            w.region(r.code),
            tuple(Point(p.combined, p.low, p.high) for p in r.history),
            next(
                (w.t.number(p.combined) for p in reversed(r.history) if p.combined is not None), ""
            ),
        )
        for r in lines
    ]
    data = Table(
        w.t("report.history.figure"),
        (w.t("report.col.region"), *(w.t("report.history.week", n=int(x[6:])) for x in weeks)),
        tuple(
            (
                name_cell(w.region(r.code)),
                *(
                    number_cell("–" if p.combined is None else w.t.number(p.combined))
                    for p in r.history
                ),
            )
            for r in lines
        ),
        "history-data",
    )
    known = sum(any(r.history[i].combined is not None for r in lines) for i in range(len(weeks)))
    words = w.t("report.history.alternative", n=known, regions=len(lines))
    svg = drawings.multiples(
        shown, (str(int(weeks[0][6:])), str(int(weeks[-1][6:]))),
        title=w.t("report.history.figure"), description=words, name="history",
    )  # fmt: skip
    caption = w.t("report.history.caption", weeks=len(weeks), share=w.level_share())
    return (Figure(caption, str(svg), words, data),)
