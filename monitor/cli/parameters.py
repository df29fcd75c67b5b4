"""Values the commands take: a moment and a week. A wrong one is a sentence that shows a right one."""

from datetime import datetime

import click

from monitor.clock import HELSINKI
from monitor.weeks import first_day


class Moment(click.ParamType[datetime]):
    """A local time in Helsinki, YYYY-MM-DDTHH:MM."""

    name = "YYYY-MM-DDTHH:MM"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            return datetime.fromisoformat(str(value)).replace(tzinfo=HELSINKI)
        except ValueError:
            self.fail(f"{value!r} is not a time like 2026-11-16T06:00", param, ctx)


class Week(click.ParamType[str]):
    """An ISO week, 2026-W46."""

    name = "WEEK"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        try:
            first_day(str(value))
        except ValueError:
            self.fail(f"{value!r} is no ISO week; write it as 2026-W46", param, ctx)
        return str(value)
