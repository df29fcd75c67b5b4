"""Which story an article belongs to: a copy, a follow-up, or a story of its own; and which stories are one.

One article at a time against candidates, in one language or across Finnish and Swedish. A new article that
belongs to two standing stories may show that they are one; nothing else joins stories. A pair is judged by
a logistic model on what the two share (story_model.yaml, fitted by `bench.stories_fit`). Nothing here reads a
store or a clock.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import yaml

from monitor.articles.events import Traits
from monitor.articles.fingerprint import similarity
from monitor.articles.pairs import EVIDENCE, SEARCHED, Features, could_follow, evidence

COPY_WINDOW = timedelta(days=45)
COPY_SIMILARITY = 0.5  # MinHash; a copy that lost a third of its text still has 0.6
SEARCH_TRAITS = 32  # the rarest of an article find its candidates
ASKED_TRAITS = 48  # whose commonness is asked for
CANDIDATES = 30  # compared in full
MOST_JOININGS = (
    5  # stories that one article may join to its own: the others wait for the next article
)
JOINED_MEMBERS = 6  # of each story that are compared before two stories are joined
MOST_LINK = 5.0  # log odds: one pair decides no average
MODEL_FILE = Path(__file__).with_name("story_model.yaml")
Why = Literal["new story", "copy", "follow-up"]


@dataclass(frozen=True, slots=True)
class StoryChoice:
    """Where an article belongs."""

    story_id: int | None  # None: a story of its own
    why: Why
    score: float  # [0, 1]: similarity of the copy, or probability of the follow-up
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Joining:
    """Two standing stories that a new article shows to be one."""

    story_ids: tuple[int, int]
    reason: str


@dataclass(frozen=True, slots=True)
class PairModel:
    """A logistic model of one event or two."""

    coefficients: tuple[float, ...]  # in the order of EVIDENCE
    intercept: float
    threshold: float  # probability from which two articles are one story

    def log_odds(self, evidence: Iterable[float]) -> float:
        return self.intercept + sum(c * x for c, x in zip(self.coefficients, evidence, strict=True))

    def margin(self, evidence: Iterable[float]) -> float:
        """By how much the log odds pass those of the threshold."""
        return self.log_odds(evidence) - math.log(self.threshold / (1 - self.threshold))


@dataclass(frozen=True)
class StoryModel:
    """The pair models, and how common traits are in texts of this field."""

    same: PairModel  # both articles in one language
    cross: PairModel
    texts: int = 0  # texts `common` was counted in
    common: Mapping[str, int] = field(default_factory=dict)  # trait -> texts that hold it
    # mean margin between the articles of two stories from which a third article may join them
    join: float = 0.0


def weights(
    traits: Traits, model: StoryModel, counts: Mapping[str, int], articles: int
) -> dict[str, float]:
    """How rare each trait is, [0, 1]: log((N+1)/(n+1)) / log(N+1).

    n and N are counted in the texts of the model and, by `counts` and `articles`, in the window.
    """
    size = model.texts + articles + 1
    scale = math.log(size + 1)
    return {
        trait: max(0.0, math.log(size / (1 + model.common.get(trait, 0) + counts.get(trait, 0))) / scale)
        for trait in sorted(traits.all)
    }  # fmt: skip


def search_traits(weighed: Mapping[str, float], most: int = SEARCH_TRAITS) -> list[str]:
    """The rarest traits, by which an article looks for candidates and is found as one."""
    fit = [trait for trait in weighed if trait[0] in SEARCHED]
    return sorted(fit, key=lambda t: (-weighed[t], t))[:most]


def sharing(postings: Mapping[str, Iterable[int]]) -> dict[int, list[str]]:
    """Trait -> articles turned round: article -> the traits it shares."""
    found: dict[int, list[str]] = {}
    for trait, articles in postings.items():
        for number in articles:
            found.setdefault(number, []).append(trait)
    return found


def likeliest(
    shared: Mapping[int, Iterable[str]], weighed: Mapping[str, float], limit: int = CANDIDATES
) -> list[int]:
    """Of candidates with the traits each shares, the `limit` whose shared traits are rarest."""
    score = {
        number: sum(weighed.get(t, 0.0) ** 2 for t in traits) for number, traits in shared.items()
    }
    return sorted(score, key=lambda number: (-score[number], number))[:limit]


def choose_story(
    new: Features, candidates: Iterable[Features], model: StoryModel | None = None
) -> StoryChoice:
    """The story of the best candidate, or none.

    A copy outranks a follow-up; ties go to the older article.
    """
    model = model or load_model()
    pool = sorted(
        (c for c in candidates if c.story_id is not None and c.article_id != new.article_id),
        key=lambda c: (c.published, c.article_id),
    )
    copies = [(similarity(new.signature, c.signature), c) for c in pool]
    best = max(copies, key=lambda pair: pair[0], default=None)
    if best and best[0] >= COPY_SIMILARITY:
        return StoryChoice(
            best[1].story_id, "copy", best[0], f"copy of article {best[1].article_id}"
        )
    return _follow_up(new, [c for c in pool if could_follow(new, c)], model)


def _follow_up(new: Features, pool: list[Features], model: StoryModel) -> StoryChoice:
    scored = [(probability(new, c, model), c) for c in pool]
    # above its own threshold first: the two models are calibrated apart
    over = [(p - model_of(new, c, model).threshold, p, c) for p, c in scored]
    best = max(over, key=lambda item: item[0], default=None)
    if best and best[0] >= 0:
        why = ", ".join(telling(new, best[2], model))
        reason = f"one event with article {best[2].article_id} ({best[1]:.2f}): {why}"
        return StoryChoice(best[2].story_id, "follow-up", best[1], reason)
    return StoryChoice(None, "new story", max((p for p, _ in scored), default=0.0))


def joinings(
    new: Features,
    candidates: Iterable[Features],
    choice: StoryChoice,
    model: StoryModel | None = None,
) -> tuple[Joining, ...]:
    """Which standing stories are one with that of `choice`, now that `new` belongs to both.

    Either `new` is a copy of articles of both; or it is one event with an article of each, and the
    articles of the two, the JOINED_MEMBERS likeliest of each, are so on the average, too. One bridge is
    not enough: stories would grow together link by link.
    """
    if choice.story_id is None:
        return ()
    model = model or load_model()
    stories: dict[int, list[Features]] = {}
    for other in candidates:
        if other.story_id is not None and other.article_id != new.article_id:
            stories.setdefault(other.story_id, []).append(other)
    mine = stories.pop(choice.story_id, [])
    found = (
        (story, _joined(new, mine, members, model)) for story, members in sorted(stories.items())
    )
    joined = (Joining((choice.story_id, story), why) for story, why in found if why)
    return tuple(islice(joined, MOST_JOININGS))


def _joined(
    new: Features, mine: Sequence[Features], members: Sequence[Features], model: StoryModel
) -> str:
    """Why the stories with these articles are one; "" where they are two."""
    both = [_copied(new, some) for some in (mine, members)]
    if both[0] is not None and both[1] is not None:
        return f"article {new.article_id} is a copy of {both[0].article_id} and of {both[1].article_id}"
    if not any(link(new, other, model) >= 0 for other in members):
        return ""
    near = [_nearest(new, some, model) for some in (mine, members)]
    links = [link(a, b, model) for a in near[0] for b in near[1]]
    average = sum(links) / len(links) if links else -math.inf
    if average < model.join:
        return ""
    return f"article {new.article_id} tells of one event with {near[0][0].article_id} and {near[1][0].article_id}"


def _copied(new: Features, members: Iterable[Features]) -> Features | None:
    close = [m for m in members if similarity(new.signature, m.signature) >= COPY_SIMILARITY]
    return min(close, key=lambda m: m.article_id, default=None)


def _nearest(new: Features, members: Sequence[Features], model: StoryModel) -> list[Features]:
    ranked = sorted(members, key=lambda m: (-link(new, m, model), m.article_id))
    return ranked[:JOINED_MEMBERS]


def link(a: Features, b: Features, model: StoryModel) -> float:
    """How far two articles are above the threshold of one event, in log odds; bounded, symmetric."""
    if similarity(a.signature, b.signature) >= COPY_SIMILARITY:
        return MOST_LINK
    if not could_follow(a, b):
        return -MOST_LINK
    margin = model_of(a, b, model).margin(evidence(a, b))
    return max(-MOST_LINK, min(MOST_LINK, margin))


def model_of(a: Features, b: Features, model: StoryModel) -> PairModel:
    """The pair model for the languages of the two."""
    return model.same if a.language == b.language else model.cross


def probability(a: Features, b: Features, model: StoryModel) -> float:
    """That two articles tell of one event, [0, 1]; symmetric."""
    log_odds = model_of(a, b, model).log_odds(evidence(a, b))
    return 1 / (1 + math.exp(-max(-500.0, min(500.0, log_odds))))


def telling(a: Features, b: Features, model: StoryModel) -> list[str]:
    """The three kinds of evidence that spoke most for one event."""
    parts = zip(model_of(a, b, model).coefficients, evidence(a, b), EVIDENCE, strict=True)
    found = sorted(((c * x, name) for c, x, name in parts if c * x > 0), reverse=True)
    return [name for _, name in found[:3]]


@lru_cache(maxsize=1)
def load_model(path: Path = MODEL_FILE) -> StoryModel:
    """The fitted model that ships with the program."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    value: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), loader)
    return StoryModel(
        _pair_model(value["same"]),
        _pair_model(value["cross"]),
        value["texts"],
        value["common"],
        float(value["join"]),
    )


def _pair_model(value: Mapping[str, Any]) -> PairModel:
    coefficients = tuple(float(value["coefficients"][name]) for name in EVIDENCE)
    return PairModel(coefficients, float(value["intercept"]), float(value["threshold"]))
