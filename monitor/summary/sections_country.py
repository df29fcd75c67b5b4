"""Sections about the country: alerts, national against regional, support, forgotten regions, roadmap. Pure."""

from collections.abc import Mapping, Sequence

from monitor import charts
from monitor.readiness.bands import digits, make_bands
from monitor.summary import charts as drawings
from monitor.summary.charts import Row
from monitor.summary.document import (
    Block,
    Bullets,
    Cell,
    Figure,
    Level,
    Paragraph,
    Run,
    Table,
)
from monitor.summary.values import (
    AlertLine,
    ForgottenLine,
    GroupLine,
    Roadmap,
    RoadmapCell,
    SupportLine,
)
from monitor.summary.wording import Words, joined, lower, name_cell, number_cell, text_cell
from monitor.values import ALL_GROUPS

SUPPORT: dict[Level, int] = {"brief": 3, "steering": 5, "full": 15}


# --- alerts --------------------------------------------------------------------------------------


def alerts(w: Words, level: Level) -> Sequence[Block]:
    """Cells of region and topic far above their past; with every parameter where all is told."""
    blocks: list[Block] = [Paragraph(joined(_alert_words(w)))]
    found = w.summary.alerts
    if not found:
        return blocks
    columns = ("region", "topic", "observed", "expected", "threshold", "p")
    rows = tuple(
        (
            name_cell(w.region(a.region)),
            text_cell(w.topic(a.topic)),
            number_cell(w.t.number(a.observed, 1)),
            number_cell(w.t.number(a.expected, 1)),
            number_cell(w.t.number(a.threshold, 1)),
            number_cell(w.t.number(a.p_value, 4)),
        )
        for a in found
    )
    heads = tuple(w.t(f"report.col.{c}") for c in columns)
    blocks.append(Table(w.t("report.alerts.caption"), heads, rows, "alerts-table"))
    if level == "full":
        blocks.append(_parameters(w, found))
    return blocks


def _alert_words(w: Words) -> list[Run]:
    found, country = w.summary.alerts, w.summary.country
    said = [w.say("alerts.some" if found else "alerts.none", "alerts", n=len(found))]
    if country is not None:
        said.append(
            w.say(
                "alerts.tested", "country.cells_tested", "country.regions_tested",
                n=country.cells_tested, regions=country.regions_tested,
            )
        )  # fmt: skip
    if found:
        said.append(w.say("alerts.read", "alerts"))
    return said


def _parameters(w: Words, found: Sequence[AlertLine]) -> Table:
    """A parameter in each row, an alert in each column: they are alike in most."""
    names = sorted({name for a in found for name in a.parameters})
    rows = tuple(
        (name_cell(name), *(number_cell(_parameter(w, a.parameters.get(name))) for a in found))
        for name in names
    )
    heads = tuple(f"{w.region(a.region)}, {lower(w.topic(a.topic))}" for a in found)
    columns = (w.t("report.col.parameter"), *heads)
    method = found[0].method
    caption = w.t("report.alerts.parameters", method=method)
    return Table(caption, columns, rows, "alerts-parameters")


def _parameter(w: Words, value: float | str | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return w.t.number(value, 0 if value == int(value) else 3)


# --- national against regional -------------------------------------------------------------------


def groups(w: Words, level: Level) -> Sequence[Block]:
    """Each preparation group: the country's risk, single regions', or nobody's; and the matrix."""
    blocks: list[Block] = []
    country = w.summary.country
    if country is not None and country.groups:
        blocks.append(Paragraph((w.say("groups.read", "country.groups"),), kind="note"))
        items = tuple((_group(w, i, g),) for i, g in enumerate(country.groups))
        blocks.append(Bullets(items))
    figure = _matrix(w)
    return (*blocks, figure) if figure else blocks


def _group(w: Words, i: int, g: GroupLine) -> Run:
    values: dict[str, object] = {"group": w.group(g.group), "n": g.tested}
    if g.kind in ("national", "regional"):
        values["names"] = w.regions(g.regions, 8)
    if g.kind in ("national", "neither"):
        values |= {"elevated": g.elevated, "chance": w.t.number(g.by_chance, 1)}
    return w.say(f"groups.{g.kind}", f"country.groups.{i}", **values)


def _matrix(w: Words) -> Figure | None:
    ids = [g.id for g in w.reference.groups]
    rows, table = [], []
    for r in w.summary.regions:
        cells, row = [], [name_cell(w.region(r.code))]
        for group in ids:
            number = r.groups.get(group)
            value = None if number is None else number.value
            shown = "–" if value is None else w.t.number(value)
            step = None if value is None else charts.step(value)
            cells.append((shown, step, f"{w.region(r.code)}, {w.group(group)}: {shown}"))
            row.append(number_cell(shown, step or 0))
        rows.append(Row(w.region(r.code), tuple(cells)))
        table.append(tuple(row))
    if not any(step for row in rows for _, step, _ in row.cells):
        return None
    names = tuple(w.group(group) for group in ids)
    title, words = w.t("report.groups.figure"), _matrix_words(w, ids)
    data = Table(title, (w.t("report.col.region"), *names), tuple(table), "groups-data")
    svg = drawings.matrix(rows, names, title=title, description=words, name="groups")
    return Figure(w.t("report.groups.caption"), str(svg), words, data)


def _matrix_words(w: Words, ids: Sequence[str]) -> str:
    found = [
        (number.value, r.code, group)
        for r in w.summary.regions
        for group in ids
        if (number := r.groups.get(group)) is not None and number.value is not None
    ]
    value, code, group = max(found)
    high = sum(charts.step(v) >= 3 for v, _, _ in found)
    return w.t(
        "report.groups.alternative",
        n=len(found), high=high, name=w.region(code), group=w.group(group), value=w.t.number(value),
    )  # fmt: skip


# --- support -------------------------------------------------------------------------------------


def support(w: Words, level: Level) -> Sequence[Block]:
    """Where closing the readiness gap would take most off."""
    country = w.summary.country
    if country is None or not country.support:
        return ()
    shown = country.support[: SUPPORT[level]]
    if level == "brief":
        return (Bullets(tuple((_support(w, i, s),) for i, s in enumerate(shown))),)
    note = Paragraph((w.say("support.read", "country.support"),), kind="note")
    names = ("region", "group", "gap", "median", "reduction", "component", "remedy")
    rows = tuple(
        (
            name_cell(w.region(s.region)),
            text_cell(w.group(s.group)),
            number_cell(w.t.number(100 * s.gap)),
            number_cell(w.t.number(100 * s.median_gap)),
            number_cell(f"{w.t.number(s.reduction)} ({w.t.span(s.low, s.high)})"),
            text_cell(w.t.word("component", s.component) if s.component else "–"),
            text_cell(w.t(f"report.support.{s.remedy}")),
        )
        for s in shown
    )
    columns = tuple(w.t(f"report.col.{name}") for name in names)
    caption = w.t("report.support.caption", n=len(shown), share=w.level_share())
    return (note, Table(caption, columns, rows, "support-table"))


def _support(w: Words, i: int, s: SupportLine) -> Run:
    return w.say(
        "support.line", f"country.support.{i}",
        name=w.region(s.region), group=w.group(s.group), points=w.t.number(s.reduction),
        interval=w.t.span(s.low, s.high), gap=w.t.number(100 * s.gap),
    )  # fmt: skip


# --- forgotten -----------------------------------------------------------------------------------


def forgotten(w: Words, level: Level) -> Sequence[Block]:
    """Regions of which little is said while their readiness is poor."""
    country = w.summary.country
    if country is None:
        return ()
    picture, base = country.forgotten, "country.forgotten"
    weeks = w.say("forgotten.read", f"{base}.weeks", n=len(picture.weeks))
    blocks: list[Block] = [Paragraph((weeks,), kind="note")]
    if picture.regions:
        items = tuple((_forgotten(w, i, f),) for i, f in enumerate(picture.regions))
        blocks.append(Bullets(items))
    else:
        blocks.append(Paragraph((w.say("forgotten.none", f"{base}.regions"),)))
    if picture.unknown:
        names = w.regions(picture.unknown, 8)
        said = w.say("forgotten.unknown", f"{base}.unknown", n=len(picture.unknown), names=names)
        blocks.append(Paragraph((said,), kind="warning"))
    return blocks


def _forgotten(w: Words, i: int, f: ForgottenLine) -> Run:
    why = "both" if len(f.why) > 1 else f.why[0].replace(" ", "_")
    return w.say(
        f"forgotten.{why}", f"country.forgotten.regions.{i}",
        name=w.region(f.region), gap=w.t.number(100 * f.readiness), rank=f.readiness_rank,
        ranked=f.ranked, rate="–" if f.per_100_000 is None else w.t.number(f.per_100_000, 2),
        heard=w.t.percent(f.exposure),
    )  # fmt: skip


# --- roadmap -------------------------------------------------------------------------------------


def roadmap(w: Words, level: Level) -> Sequence[Block]:
    """Critical tasks finished of those due, region by group, in bands."""
    found = w.summary.roadmap
    if found is None or not found.cells:
        return ()
    cells = {(c.region, c.group): c for c in found.cells}
    return (Paragraph(joined(_roadmap_words(w, found))), _roadmap_table(w, found, cells))


def _roadmap_words(w: Words, found: Roadmap) -> list[Run]:
    totals = [c for c in found.cells if c.group == ALL_GROUPS]
    due, done = sum(c.due for c in totals), sum(c.due_finished for c in totals)
    of, finished = sum(c.total for c in totals), sum(c.finished for c in totals)
    said = [w.say("roadmap.read", "roadmap.day", day=w.t.date(found.day))]
    if due:
        share = w.t.percent(done / due)
        said.append(w.say("roadmap.due", "roadmap.cells", n=due, done=done, share=share))
    if of:
        share, day = w.t.percent(finished / of), w.t.day(found.target)
        uses = ("roadmap.cells", "roadmap.target")
        said.append(w.say("roadmap.target", *uses, n=of, done=finished, share=share, day=day))
    return said


def _roadmap_table(w: Words, found: Roadmap, cells: Mapping[tuple[str, str], RoadmapCell]) -> Table:
    ids = [*(g.id for g in w.reference.groups), ALL_GROUPS]
    rows = tuple(
        (name_cell(w.region(r)), *(_task_cell(w, found, cells.get((r, g))) for g in ids))
        for r in w.reference.units
        if any((r, g) in cells for g in ids)
    )
    names = [w.group(g.id) for g in w.reference.groups]
    columns = (w.t("report.col.region"), *names, w.t("report.col.all_groups"))
    limits = w.listed([f"{w.t.number(x)} %" for x in found.limits], 9)
    caption = w.t("report.roadmap.caption", limits=limits)
    return Table(caption, columns, rows, "roadmap-table")


def _task_cell(w: Words, found: Roadmap, cell: RoadmapCell | None) -> Cell:
    if cell is None or cell.due == 0:
        return number_cell("–")
    bands = make_bands(found.limits)
    share = cell.due_finished / cell.due
    # A low share is a high risk: the best band has the lightest shade.
    shade = round(1 + 3 * (bands.count - bands.of(share).number) / (bands.count - 1))
    done = cell.due_finished == cell.due
    word = w.t("band.done" if done else f"band.{bands.of(share).word}")
    return number_cell(f"{w.t.percent(share, digits(share, bands))} {word}", shade)
