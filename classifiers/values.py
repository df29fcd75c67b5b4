"""What goes into the classifiers and what comes out."""

from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["risk", "neutral", "progress"]
DIRECTIONS: tuple[Direction, ...] = ("risk", "neutral", "progress")
TASKS = ("relevance", "region", "topic", "direction")


@dataclass(frozen=True, slots=True)
class Text:
    """One article as the classifiers see it."""

    id: str
    title: str
    text: str
    language: str  # fi | sv; others are treated as fi with no vocabulary of their own
    home: tuple[
        str, ...
    ] = ()  # regions the outlet reports on, a weak hint; () is national or unknown


@dataclass(frozen=True, slots=True)
class Span:
    """Characters a decision rests on."""

    field: Literal["title", "text"]
    start: int
    end: int  # exclusive
    why: str  # gazetteer entry or feature
    weight: float = 0.0  # contribution in log-odds


@dataclass(frozen=True, slots=True)
class RegionTag:
    """One candidate region of a text."""

    code: str  # region code or NAT
    happens: float  # calibrated probability that the text is about this region
    decided: bool  # happens is over its threshold
    role: Literal["happens", "mentioned"]
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelTag:
    """One label of a linear task."""

    label: str
    probability: float  # calibrated
    decided: bool
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Tags:
    """All that is said of one text. Topics and direction are empty for an irrelevant text."""

    id: str
    relevance: LabelTag  # label "relevant"
    regions: tuple[RegionTag, ...] = ()  # every candidate, the likeliest first
    topics: tuple[LabelTag, ...] = ()  # every topic over 0.05 or decided, the likeliest first
    direction: tuple[LabelTag, ...] = ()  # all three, exactly one decided


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text."""

    text: Text
    relevant: bool
    regions: tuple[str, ...]
    mentioned: tuple[str, ...]
    national: bool
    topics: tuple[str, ...]  # main first
    direction: Direction | None
    story: str  # examples of one story never stand on both sides of a split
    origin: str = ""  # file and line it came from
    tags: dict[str, str] = field(default_factory=dict)  # register, note: for reports
    source: str = "corpus"  # corpus: invented, ours | decision: a person's, of other people's text
