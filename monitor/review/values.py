"""The values of the review: what the queue shows, what a person decides, and what came of it.

Frozen and complete in themselves; no rule, no store. `seen`, everywhere, is the number of decisions on an
article (undoings counted) that a person's page had shown: whoever decides hands it back, and where another
has decided meanwhile they get a `Conflict`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from monitor.values import Claim, Completeness, Flag, FlagReason

Direction = Literal["risk", "neutral", "progress"]
Action = Literal["decide", "undo"]
COPY_RULE = "rule: copy of a decided article"  # source of a decision of a copy that came after it

# --- the queue -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Effect:
    """How far a label of a story is expected to move a score, in points of the combined score (0-100)."""

    points: float  # expected absolute change of the cell it moves most; 0 where no score can move
    region: str  # that cell; "" where points is 0
    group: str
    now: float  # the cell's combined score as it stands
    if_risk: float  # what it would be if the story counted there in full, raising risk
    if_not: float  # what it would be if the story did not count there
    of_media: bool = False  # readiness data is missing: points are those of the media half alone
    alert: str = ""  # topic of an alert of this week that rests on the story; "" where none does


@dataclass(frozen=True, slots=True)
class Looking:
    """A person who has a card open now. Expires by itself and blocks nobody."""

    who: str  # account name
    shown: str  # the name people see
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A card in the queue: one story, or one article of the random slice."""

    article_id: int  # what is opened and decided
    story_id: int | None
    title: str  # in the article's language
    language: str
    outlet: str  # feed title
    published: datetime
    reasons: tuple[FlagReason, ...]  # of the article's open flags, strongest first; () in the slice
    effect: Effect
    completeness: Completeness
    random: bool  # of the random slice: decide it whatever it is
    others: int  # further articles of its story that lie behind the card
    regions: tuple[str, ...]  # decided, where it happens
    topics: tuple[str, ...]
    looking: tuple[Looking, ...]  # others than the person who asks
    assigned: str | None  # account name
    discuss: bool
    notes: int  # hand-over and discussion notes on it


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a person wants to see of the queue; every part left empty lets all through."""

    region: str = ""
    topic: str = ""
    language: str = ""
    reason: str = ""  # a FlagReason's value, or "random"
    mine: bool = False  # assigned to me
    discuss: bool = False  # only the discuss bin; without it, cards in the bin are left out
    text: str = ""  # in the headline


@dataclass(frozen=True, slots=True)
class Queue:
    """The cards to show, in order, and how many there are."""

    items: tuple[QueueItem, ...]
    waiting: int  # cards that pass the filter, at most `COUNT_TO` of `monitor.db.review`
    more: bool  # there are more than `items`
    skipped: int  # cards this person put off until tomorrow
    stale: tuple[str, ...]  # weeks whose scores are being recomputed


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter a person keeps under a name."""

    id: int
    name: str
    filter: QueueFilter


# --- the card ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Given:
    """What a person decides of an article. Of one that is not relevant nothing but regions is asked."""

    relevant: bool
    regions: tuple[str, ...] = ()  # unit codes where it happens or whom it concerns; () if national
    mentioned: tuple[str, ...] = ()  # unit codes only mentioned
    national: bool = False
    topics: tuple[str, ...] = ()  # main first
    direction: Direction | None = None  # needed of a relevant article
    note: str = ""


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """A row of an article's history: a decision, or the undoing of one."""

    id: int
    article_id: int
    number: int  # 1 for the article's first; `seen` is the newest number, 0 where there is none
    action: Action
    who: str
    at: datetime
    given: Given | None  # None of an undoing
    content_hash: str  # of the text that was decided
    through: int | None  # article on whose card it was made, where this one is a copy of that
    undoes: int | None  # number of the decision that was undone
    undone: bool  # whether it was undone since
    source: str = ""  # file name of an imported decision, or COPY_RULE


@dataclass(frozen=True, slots=True)
class Other:
    """Another article of the card's story."""

    article_id: int
    title: str
    language: str
    outlet: str
    publisher_group: str
    published: datetime
    address: str
    completeness: Completeness
    decided_by: str | None  # who has the last word on it


@dataclass(frozen=True, slots=True)
class CardNote:
    """A note on a card."""

    id: int
    who: str
    at: datetime
    kind: Literal["hand over", "discuss", "discussed"]
    text: str
    to: str | None = None  # account name a card was handed over to


@dataclass(frozen=True, slots=True)
class CardRevision:
    """A text the article had."""

    number: int
    at: datetime
    title: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Card:
    """Everything a person needs to decide one story."""

    article_id: int
    story_id: int | None
    address: str
    title: str
    text: str  # "" where it was taken away; untrusted
    language: str
    outlet: str
    publisher_group: str
    published: datetime
    completeness: Completeness
    completeness_reason: str
    content_hash: str  # hand back when deciding
    seen: int  # hand back when deciding
    removed: str | None  # why its text was taken away
    copies: tuple[Other, ...]  # near-identical: the decision holds for them too
    followups: tuple[Other, ...]  # of the same story, with decisions of their own
    claims: tuple[Claim, ...]  # in force, with probability and evidence
    flags: tuple[Flag, ...]  # open ones
    effect: Effect
    random: bool
    revisions: tuple[CardRevision, ...]  # the oldest first
    history: tuple[DecisionMade, ...]  # the oldest first
    proposed: Given  # what "confirm" would say: the claims in force, relevant
    looking: tuple[Looking, ...]
    assigned: str | None
    discuss: bool
    notes: tuple[CardNote, ...]
    stale: tuple[str, ...]  # weeks whose scores are being recomputed


# --- deciding ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decided:
    """It is kept."""

    decision: DecisionMade
    articles: tuple[int, ...]  # the article and its copies
    flags: int  # closed; of an undoing, opened again
    weeks: tuple[str, ...]  # whose scores are recomputed within seconds
    before: tuple[Claim, ...]  # in force before, on the article
    again: bool = False  # a request that had been carried out before: nothing was done now


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another has decided since the page was shown; nothing was changed."""

    decision: DecisionMade  # the newest
    seen: int  # the number to hand back to decide over it


@dataclass(frozen=True, slots=True)
class Gone:
    """It cannot be decided."""

    why: Literal["no article", "no such text", "removed", "no decision"]


@dataclass(frozen=True, slots=True)
class Invalid:
    """What was given is no decision; nothing was changed."""

    # field of Given -> id of what is wrong: "unknown", "needed", "not both", "too long"
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotYours:
    """Another's decision is undone by themself or an analyst."""

    who: str


# --- why is this not in my list ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Why:
    """One reason; `review.why.CODE` words it with `values`."""

    code: str
    values: dict[str, str | int | float] = field(default_factory=dict)
    article_id: int | None = None  # an article to go to, where the reason names one


@dataclass(frozen=True, slots=True)
class Answer:
    """Why an article is or is not in a person's list, the decisive reason first."""

    article_id: int | None  # None where there is no such article
    title: str
    language: str  # of the title; "" where there is no such article
    in_list: bool
    place: int | None  # 1-based, where it is among the first cards
    reasons: tuple[Why, ...]


# --- the weekly estimate -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """An estimated share with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """Precision and recall of a week from its random slice."""

    week: str
    what: Literal["relevance", "flags"]
    level: float  # of the intervals, 0.95
    articles: int  # of the week that were tagged
    drawn: int
    decided: int  # of those, by people; the estimate rests on these
    precision: Share | None  # None where nothing can be said
    recall: Share | None
    models: tuple[str, ...]  # model sets in use that week
    final: bool  # the week has ended
