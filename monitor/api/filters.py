"""What may be asked for: query parameters, described and checked. Anything else is refused by name.

A pattern says exactly what is taken, so that a program can know from the OpenAPI document alone whether
a request will be understood.
"""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from classifiers.reference import Reference
from monitor.api.read import LATEST, Selection
from monitor.api.records import Kind
from monitor.api.weekly import Pick
from monitor.values import ALL_GROUPS

MAX_LIMIT = 500
Format = Literal["json", "csv"]
Lang = Literal["fi", "sv", "en"]


def _long_years() -> str:
    years = range(2000, 2100)
    return "|".join(str(y) for y in years if date(y, 12, 28).isocalendar().week == 53)


# Weeks of this century: 53 of them in years that have so many.
_WEEK = f"(20[0-9]{{2}}-W(0[1-9]|[1-4][0-9]|5[0-2])|({_long_years()})-W53)"
WEEK_PATTERN = f"^{_WEEK}$"
ASKED_PATTERN = f"^({LATEST}|{_WEEK})$"
CURSOR_PATTERN = f"^{_WEEK}(:[A-Za-z0-9_+-]{{1,60}}){{0,3}}$"


class Asked(BaseModel):
    """Parameters that every list has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    week: str | None = Field(
        None, pattern=ASKED_PATTERN, description="One ISO week, or `latest`.", examples=["2026-W46"]
    )
    first: str | None = Field(
        None, alias="from", pattern=WEEK_PATTERN, description="First week.", examples=["2026-W40"]
    )
    last: str | None = Field(
        None, alias="to", pattern=WEEK_PATTERN, description="Last week.", examples=["2026-W46"]
    )
    lang: Lang = Field("fi", description="Language of the attribution lines.")

    def selection(self, *, drafts: bool = False) -> Selection:
        """What is asked for, as the use-case takes it. Weeks outside of any condition are left out."""

        def named(field: str) -> frozenset[str]:
            return frozenset(getattr(self, field, None) or ())

        return Selection(
            week=self.week or "",
            first=self.first or "",
            last=self.last or "",
            pick=Pick(named("region"), named("group"), named("topic")),
            after=getattr(self, "cursor", None) or "",
            limit=getattr(self, "limit", None),
            drafts=drafts,
            language=self.lang,
        )


FILTERS: dict[Kind, tuple[str, ...]] = {
    "signals": ("region", "topic"),
    "stories": ("region", "group", "topic"),
    "scores": ("region", "group"),
    "readiness": ("region", "group"),
    "coverage": ("region",),
    "alerts": ("region", "topic"),
    "summaries": (),
}


def page_parameters(kind: Kind, reference: Reference) -> Any:
    """The parameters of a list: those of `Asked`, what can be picked, limit and cursor."""
    paging: dict[str, Any] = {
        "limit": (int, Field(100, ge=1, le=MAX_LIMIT, description="Most items in one answer.")),
        "cursor": (
            str | None,
            Field(
                None,
                pattern=CURSOR_PATTERN,
                description="Where to go on; `next` of an answer has it.",
            ),
        ),
    }
    return _made(f"{kind}_page", kind, reference, paging)


def export_parameters(kind: Kind, reference: Reference) -> Any:
    """The parameters of a whole selection."""
    form: dict[str, Any] = {"format": (Format, Field("json", description="What to write."))}
    return _made(f"{kind}_export", kind, reference, form)


def _made(name: str, kind: Kind, reference: Reference, further: dict[str, Any]) -> Any:
    codes = {
        "region": reference.units,
        "group": (*(g.id for g in reference.groups), ALL_GROUPS),
        "topic": tuple(t.id for t in reference.topics),
    }
    picks: dict[str, Any] = {
        what: (
            list[Literal[codes[what]]] | None,  # type: ignore[valid-type]  # of the label definitions
            Field(None, description=f"Only this {what}; more of them by repeating it."),
        )
        for what in FILTERS[kind]
    }
    return create_model(name, __base__=Asked, **picks, **further)
