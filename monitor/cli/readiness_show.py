"""`tilannekuva readiness show` and `organiser`: what is known of a region or an organiser, in words."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.opening import open_app
from monitor.cli.parameters import Day, region_code
from monitor.clock import HELSINKI
from monitor.weeks import end_of_day

if TYPE_CHECKING:
    from classifiers.reference import Reference
    from monitor.i18n import Translator
    from monitor.readiness.grants import Drawdown
    from monitor.readiness.organisers import Link, Organiser
    from monitor.readiness.roadmap import Shares
    from monitor.readiness.run import Readiness

DAY = Day()
_lang = click.option(
    "--lang", type=click.Choice(["fi", "sv", "en"]), default="en", show_default=True
)


@click.command("show")
@click.argument("region")
@click.option("--on", type=DAY, help="The day the data speak of; today else.")
@click.option("--known", type=DAY, help="Only what had been imported by the end of that day.")
@_lang
def show_command(region: str, on: datetime | None, known: datetime | None, lang: str) -> None:
    """Show the readiness of REGION (code or name): the two roadmap views, components, grants,
    organisers, events.
    """
    from monitor.db.engine import reading
    from monitor.i18n import Translator
    from monitor.readiness.run import readiness_at

    app = open_app()
    code = region_code(region, app.reference)
    day = on.date() if on else app.clock().astimezone(HELSINKI).date()
    until = end_of_day(known.date()) if known else None
    with reading(app.engine) as session:
        found = readiness_at(session, day, until)
    for line in _Show(code, found, app.reference, Translator(lang)).lines():
        click.echo(line)


@click.command("organiser")
@click.argument("name")
@click.option("--on", type=DAY, help="The day; today else.")
@_lang
def organiser_command(name: str, on: datetime | None, lang: str) -> None:
    """Show which region the organiser NAME belongs to on a day, and all its links."""
    from difflib import get_close_matches

    from monitor.db.engine import reading
    from monitor.db.readiness import links_known
    from monitor.i18n import Translator
    from monitor.readiness.organisers import name_key, organisers

    app = open_app()
    with reading(app.engine) as session:
        known = organisers(links_known(session))
    found = known.get(name_key(name))
    if found is None:
        near = {known[key].name: None for key in get_close_matches(name_key(name), known, n=3)}
        hint = f"; near it: {', '.join(near)}" if near else ""
        click.echo(f"no import tells of an organiser '{name}'{hint}", err=True)
        sys.exit(1)
    day = on.date() if on else app.clock().astimezone(HELSINKI).date()
    for line in _organiser_lines(found, day, app.reference, Translator(lang)):
        click.echo(line)


def _organiser_lines(
    organiser: "Organiser", day: date, reference: "Reference", t: "Translator"
) -> Iterable[str]:
    kind = t.word("organiser", organiser.kind)
    ids = f", {organiser.business_id}" if organiser.business_id else ""
    also = f" / {organiser.also}" if organiser.also else ""
    yield f"{organiser.name}{also} ({kind}{ids})"
    names = [reference.region[code].short.get(t.language) for code in organiser.regions_on(day)]
    yield f"{t.day(day)}: {', '.join(names) or t('show.no_region')}"
    for link in organiser.links:
        name = reference.region[link.region].short.get(t.language)
        yield f"  {_span(link, t)}  {name}  {link.note}".rstrip()


def _span(link: "Link", t: "Translator") -> str:
    return f"{t.day(link.first)}–{t.day(link.last) if link.last else ''}"


class _Show:
    """The lines on one region."""

    def __init__(
        self, code: str, known: "Readiness", reference: "Reference", t: "Translator"
    ) -> None:
        self.code, self.known, self.reference, self.t = code, known, reference, t

    def lines(self) -> Iterable[str]:
        name = self.reference.region[self.code].name.get(self.t.language)
        yield f"{name} ({self.code}), {self.t.day(self.known.as_of)}"
        yield from self._roadmap()
        yield from self._components()
        yield from self._grants()
        yield from self._organisers()
        yield from self._events()

    def _roadmap(self) -> Iterable[str]:
        from monitor.readiness.roadmap import views

        cells = views(self.known.tasks, self.known.as_of)
        yield ""
        head = (self.t(f"show.{key}") for key in ("tasks", "schedule", "target"))
        yield "{:<38} {:<20} {}".format(*head)
        for group in self.reference.groups:
            view = cells.get((self.code, group.id))
            shown = (
                f"{self._shares(view.schedule):<20} {self._shares(view.target)}"
                if view
                else self.t("detail.no_report")
            )
            yield f"  {group.name.get(self.t.language):<36} {shown}"

    def _shares(self, shares: "Shares") -> str:
        if not shares.total:
            return self.t("show.no_tasks")
        return f"{shares.started:>2} / {shares.finished:>2} / {shares.total:>2}"

    def _components(self) -> Iterable[str]:
        from monitor.readiness.details import words
        from monitor.readiness.state import components

        known, t = self.known, self.t
        for group in self.reference.groups:
            yield ""
            yield group.name.get(t.language)
            for c in components(self.code, group.id, known.as_of, known.observations, known.tasks):
                done = "" if c.done is None else t.percent(c.done)
                age = "" if c.age_days is None else f", {t('show.age', n=c.age_days)}"
                state = t.word("readiness", c.state.value)
                part = t.word("component", c.component)
                yield f"  {part:<24} {done:>6}  {state}: {words(c.detail, t)}{age}"

    def _grants(self) -> Iterable[str]:
        from monitor.readiness.grants import drawdowns

        mine = (grant for grant in self.known.grants if grant.region == self.code)
        found = drawdowns(mine, self.known.as_of)
        if found:
            yield ""
            yield self.t("show.grants")
        for history in found:
            yield from self._grant(history)

    def _grant(self, history: Sequence["Drawdown"]) -> Iterable[str]:
        t, newest = self.t, history[-1]
        grant = newest.grant
        group = self.reference.group.get(grant.group)
        where = group.name.get(t.language) if group else t("show.whole_region")
        yield f"  {grant.programme} ({where})"
        said = [
            t("show.granted", sum=t.number(grant.granted), day=t.day(grant.deadline)),
            t("show.drawn", paid=t.percent(newest.paid), used=t.percent(newest.used),
              time=t.percent(newest.time), day=t.day(grant.as_of)),
        ]  # fmt: skip
        if grant.milestones_due is not None:
            reached = grant.milestones_done or 0
            said.append(t("show.milestones", done=reached, of=grant.milestones_due))
        yield f"    {'; '.join(said)}"
        if len(history) > 1:
            past = (
                f"{t.day(d.grant.as_of)} {t.percent(d.used)} / {t.percent(d.time)}" for d in history
            )
            yield f"    {t('show.used_time')}: {', '.join(past)}"

    def _organisers(self) -> Iterable[str]:
        mine = [link for link in self.known.links if link.region == self.code]
        spans: dict[tuple[date, date | None, str], list[Link]] = defaultdict(list)
        now = [link for link in mine if link.holds_on(self.known.as_of)]
        for link in now:
            spans[link.first, link.last, link.kind].append(link)
        if mine:
            yield ""
            yield self.t("show.organisers")
        for _, links in sorted(spans.items(), key=lambda item: (item[0][0], item[0][2])):
            names = ", ".join(sorted(link.organiser for link in links))
            kind = self.t.word("organiser", links[0].kind)
            yield f"  {_span(links[0], self.t)}  {kind}: {names}"
        if len(now) < len(mine):
            yield f"  {self.t('show.other_days', n=len(mine) - len(now))}"

    def _events(self) -> Iterable[str]:
        events = [e for e in self.known.events if e.region == self.code]
        if events:
            yield ""
            yield self.t("show.events")
        for event in events:
            kind = self.t.word("event", event.kind)
            yield f"  {self.t.day(event.on)}  {kind}  {event.note}".rstrip()
