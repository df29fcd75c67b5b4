"""What labels mean: regions, topics and roadmap groups, read from labels/*.yaml.

Does not know about articles, feeds or the store.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml

NATIONAL = "NAT"
ALAND = "91"
Language = Literal["fi", "sv", "en"]


@dataclass(frozen=True, slots=True)
class Names:
    """One thing's name in the three languages of the interface."""

    fi: str
    sv: str
    en: str

    def get(self, language: str) -> str:
        """The name in `language`, Finnish where the language is none of the three."""
        return {"fi": self.fi, "sv": self.sv, "en": self.en}.get(language, self.fi)


@dataclass(frozen=True, slots=True)
class Region:
    """A unit of labels/regions.yaml."""

    code: str
    kind: str  # county | city | joint_authority | aland
    name: Names  # official
    short: Names
    aliases: tuple[str, ...]  # brands and abbreviations, both languages
    predecessors: tuple[str, ...]
    rescue: str | None
    bilingual: bool
    population: int | None
    tile: tuple[int, int] | None  # row, column, from 1
    members: tuple[str, ...]  # of a joint authority
    first: date | None = None  # day from which it exists; None: as far back as anything is known
    last: date | None = None  # its last day, where it has been merged or ended
    collab_area: int | None = None  # collaborative area of its specialised care, 1-5

    def exists_on(self, day: date) -> bool:
        """Whether the unit exists on `day`."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of labels/topics.yaml."""

    id: str
    name: Names
    definition: str
    groups: tuple[str, ...]  # roadmap groups it rolls up to
    vocabulary_fi: tuple[str, ...]
    vocabulary_sv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A roadmap preparation group."""

    id: str
    name: Names


@dataclass(frozen=True)
class Reference:
    """All label definitions. `units` are the 23 that are scored; Åland is not among them."""

    regions: tuple[Region, ...]
    topics: tuple[Topic, ...]
    groups: tuple[Group, ...]

    @cached_property
    def region(self) -> dict[str, Region]:
        return {r.code: r for r in self.regions}

    @cached_property
    def topic(self) -> dict[str, Topic]:
        return {t.id: t for t in self.topics}

    @cached_property
    def group(self) -> dict[str, Group]:
        return {g.id: g for g in self.groups}

    @cached_property
    def units(self) -> tuple[str, ...]:
        return tuple(r.code for r in self.regions if r.kind != "aland")

    def units_on(self, day: date) -> tuple[str, ...]:
        """Those of `units` that exist on `day`: a merger takes nothing from the weeks before it."""
        return tuple(code for code in self.units if self.region[code].exists_on(day))

    @cached_property
    def topics_of_group(self) -> dict[str, tuple[str, ...]]:
        return {g.id: tuple(t.id for t in self.topics if g.id in t.groups) for g in self.groups}


def load_reference(labels: Path) -> Reference:
    """Read regions.yaml and topics.yaml in `labels`. Raises OSError, KeyError or yaml.YAMLError."""
    regions = _load(labels / "regions.yaml")["regions"]
    topics = _load(labels / "topics.yaml")
    return Reference(
        tuple(_region(r) for r in regions),
        tuple(_topic(t) for t in topics["topics"]),
        tuple(Group(g["id"], _names(g)) for g in topics["groups"]),
    )


def _load(path: Path) -> Any:
    return yaml.load(
        path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )


def _names(row: dict[str, Any], prefix: str = "") -> Names:
    return Names(*(row[f"{prefix}{language}"] for language in ("fi", "sv", "en")))


def _region(row: dict[str, Any]) -> Region:
    return Region(
        code=row["code"],
        kind=row["kind"],
        name=_names(row),
        short=_names(row, "short_"),
        aliases=tuple(dict.fromkeys([*row["aliases_fi"], *row["aliases_sv"]])),
        predecessors=tuple(row["predecessors"]),
        rescue=row["rescue"],
        bilingual=row["bilingual"],
        population=row["population"],
        tile=tuple(row["tile"]) if row["tile"] else None,
        members=tuple(row["members"]),
        first=row.get("first"),
        last=row.get("last"),
        collab_area=row.get("collab_area"),
    )


def _topic(row: dict[str, Any]) -> Topic:
    return Topic(
        id=row["id"],
        name=_names(row),
        definition=row["definition"],
        groups=tuple(row["groups"]),
        vocabulary_fi=tuple(row["vocabulary_fi"]),
        vocabulary_sv=tuple(row["vocabulary_sv"]),
    )
