"""Values and options that commands share. A wrong one is a sentence that shows a right one."""

from datetime import datetime
from pathlib import Path

import click

from monitor.clock import HELSINKI
from monitor.feeds.checks import is_web_address
from monitor.weeks import first_day

YEARS = range(2000, 2100)  # outside them a date is a slip of the keyboard
PORT = click.IntRange(0, 65535)


class Moment(click.ParamType[datetime]):
    """A local time in Helsinki, YYYY-MM-DDTHH:MM."""

    name = "YYYY-MM-DDTHH:MM"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value)).replace(tzinfo=HELSINKI)
        except ValueError:
            self.fail(f"{value!r} is not a time like 2026-11-16T06:00", param, ctx)
        if moment.year not in YEARS:
            self.fail(f"{value!r} lies outside the years {YEARS[0]}-{YEARS[-1]}", param, ctx)
        return moment


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
