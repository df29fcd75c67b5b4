"""Values and options that commands share. A wrong one is a sentence that shows a right one."""

from datetime import datetime
from pathlib import Path

import click

from classifiers.reference import Reference
from monitor.clock import HELSINKI
from monitor.feeds.checks import is_web_address
from monitor.values import ALL_GROUPS
from monitor.weeks import end_of_day, first_day

YEARS = range(2000, 2100)  # outside them a date is a slip of the keyboard
PORT = click.IntRange(0, 65535)


class Moment(click.ParamType[datetime]):
    """A local time in Helsinki, YYYY-MM-DDTHH:MM."""

    name = "YYYY-MM-DDTHH:MM"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            moment = _local(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a time like 2026-11-16T06:00", param, ctx)
        if moment.year not in YEARS:
            self.fail(f"{value!r} lies outside the years {YEARS[0]}-{YEARS[-1]}", param, ctx)
        return moment


def _local(text: str) -> datetime:
    """A time in Helsinki. Raises ValueError for what is none, and for one with a zone of its own."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        raise ValueError(text)
    return moment.replace(tzinfo=HELSINKI)


class Day(click.DateTime):
    """A day, YYYY-MM-DD."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        day: datetime = super().convert(value, param, ctx)
        if day.year not in YEARS:
            self.fail(f"{value!r} lies outside the years {YEARS[0]}-{YEARS[-1]}", param, ctx)
        return day


class KnownAt(click.ParamType[datetime]):
    """The end of a day in Helsinki, YYYY-MM-DD, or a local time, YYYY-MM-DDTHH:MM."""

    name = "DATE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        text = str(value)
        try:
            moment = _local(text)
        except ValueError:
            self.fail(
                f"{text!r} is not a day like 2026-11-16 or a time like 2026-11-16T12:00", param, ctx
            )
        if moment.year not in YEARS:
            self.fail(f"{text!r} lies outside the years {YEARS[0]}-{YEARS[-1]}", param, ctx)
        is_day = len(text) <= len("2026-11-16")
        return end_of_day(moment.date()).astimezone(HELSINKI) if is_day else moment


class Week(click.ParamType[str]):
    """An ISO week, 2026-W46."""

    name = "WEEK"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        try:
            year = first_day(str(value)).year
        except ValueError:
            self.fail(f"{value!r} is no ISO week; write it as 2026-W46", param, ctx)
        if year not in YEARS:
            self.fail(f"{value!r} lies outside the years {YEARS[0]}-{YEARS[-1]}", param, ctx)
        return str(value)


class WebAddress(click.ParamType[str]):
    """An http or https address; one without a scheme is taken for https."""

    name = "ADDRESS"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        text = str(value).strip()
        address = text if "://" in text else f"https://{text}"
        if not is_web_address(address):
            self.fail(
                f"{text!r} is no web address; write it as https://www.example.fi/", param, ctx
            )
        return address


class Words(click.ParamType[str]):
    """A name or a reason: something has to stand there."""

    name = "TEXT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        text = str(value).strip()
        if not text:
            self.fail("nothing stands there; write it in words", param, ctx)
        return text


class Units(click.ParamType[tuple[str, ...]]):
    """Unit codes with commas between them, 05,06; nothing is national."""

    name = "CODES"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        return tuple(dict.fromkeys(code for code in str(value).replace(",", " ").split()))


FEEDS_FILE = click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Another feeds.yaml than the one in the settings.",
)


def region_code(region: str, reference: Reference) -> str:
    """The code of a region given by its code or by a name. Raises ClickException for another."""
    for code in reference.units:
        name, short = reference.region[code].name, reference.region[code].short
        names = (code, code.lstrip("0"), name.fi, name.sv, name.en, short.fi, short.sv, short.en)
        if region.strip().casefold() in {n.casefold() for n in names}:
            return code
    raise click.ClickException(
        f"{region!r} is no region; give a name or a code ({', '.join(reference.units)})"
    )


def group_name(reference: Reference, group: str) -> str:
    """A roadmap group's English name; of all together "all groups"."""
    return "all groups" if group == ALL_GROUPS else reference.group[group].name.en
