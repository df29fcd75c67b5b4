"""Which texts to label next. Pure: what the models say of a pool of texts in, proposals out.

Five strategies. Each begins with a random slice, a fifth of the proposals drawn from the whole pool with
equal chance and marked as such, so that precision and recall can be estimated from it without bias; the
others are chosen by what the models say, and those figures would be of hard texts only. After the slice:

- uncertain: the texts whose decisions lie nearest to their thresholds (Lewis & Gale 1994)
- diverse: greedy farthest-first in the feature space, from what is labelled already (k-centre: Gonzalez
  1985; Sener & Savarese 2018), so that near copies are not both asked
- rare: the texts likely to hold the labels with the fewest examples; each one chosen makes its labels
  less rare for the next
- mixed: a tenth rare; of the others the most uncertain are shortlisted and taken farthest first
- random: nothing but the slice

Outside the slice no story is asked more often than the cap allows. Equal input and seed, equal proposals.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from classifiers.metrics import Floats

Strategy = Literal["mixed", "uncertain", "diverse", "rare", "random"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
RANDOM_SHARE = 0.2
# Of mixed. Of five settings those with the best relevance by `bench.labelling` on seeds 5 to 8 (four
# seeds, the same corpus: a difference that small may be noise).
RARE_SHARE = 0.1
SHORTLIST = 2  # uncertain texts for each one taken
RARE_TASKS = ("topic", "region", "direction")  # relevance has no rare side worth seeking


@dataclass(frozen=True)
class Reading:
    """What one task's model says of the pool."""

    task: str
    labels: tuple[str, ...]
    probabilities: Floats  # (texts, labels), calibrated
    thresholds: Floats  # (labels,)
    exclusive: bool = False  # exactly one label holds


@dataclass(frozen=True)
class Pool:
    """Texts that nobody has labelled, in a fixed order."""

    stories: tuple[str, ...]  # texts of one event name the same one
    readings: tuple[Reading, ...]
    vectors: sp.csr_matrix  # (texts, features): what alike means
    known: sp.csr_matrix  # (labelled texts, features)
    examples: Mapping[tuple[str, str], int] = field(
        default_factory=dict
    )  # (task, label) -> how many
    asked: Mapping[str, int] = field(default_factory=dict)  # story -> texts of it labelled already


@dataclass(frozen=True, slots=True)
class Proposal:
    """One text to label and why."""

    row: int  # in the pool
    chosen_as: Strategy  # never mixed; "random" is the unbiased slice
    why: str


@dataclass(frozen=True)
class _Scores:
    """A figure per text and what it rests on."""

    value: Floats  # (texts,)
    why: Sequence[str]


def choose(
    pool: Pool, count: int, *, strategy: Strategy = "mixed", seed: int, per_story: int = 1
) -> list[Proposal]:
    """At most `count` proposals: the random slice first, then in the order they were chosen."""
    picker = _Picker(pool, per_story)
    size = len(pool.stories)
    slice_ = count if strategy == "random" else round(count * RANDOM_SHARE)
    for row in np.random.default_rng(seed).permutation(size)[:slice_].tolist():
        picker.take(row, "random", "random slice: drawn with equal chance")
    rest = min(count, size) - len(picker.chosen)
    match strategy:
        case "uncertain":
            picker.uncertain(rest)
        case "diverse":
            picker.diverse(rest)
        case "rare":
            picker.rare(rest)
        case "mixed":
            picker.rare(round(count * RARE_SHARE))
            picker.uncertain_apart(min(count, size) - len(picker.chosen))
    return picker.chosen


class _Picker:
    """Takes texts one after the other and remembers what that rules out."""

    def __init__(self, pool: Pool, per_story: int) -> None:
        self.chosen: list[Proposal] = []
        self._pool = pool
        self._per_story = per_story
        self._stories = np.asarray(pool.stories, dtype=object)
        self._asked = Counter(pool.asked)
        self._free = np.array([self._asked[s] < per_story for s in pool.stories], bool)

    def take(self, row: int, chosen_as: Strategy, why: str) -> None:
        self.chosen.append(Proposal(row, chosen_as, why))
        story = self._pool.stories[row]
        self._asked[story] += 1
        self._free[row] = False
        if self._asked[story] >= self._per_story:
            self._free[self._stories == story] = False

    def uncertain(self, count: int) -> None:
        """The most doubtful."""
        scores = doubts(self._pool)
        for row in np.argsort(-scores.value, kind="stable").tolist():
            if count <= 0:
                return
            if self._free[row]:
                self.take(row, "uncertain", scores.why[row])
                count -= 1

    def uncertain_apart(self, count: int) -> None:
        """Of the most doubtful those that are least alike."""
        scores = doubts(self._pool)
        best = [r for r in np.argsort(-scores.value, kind="stable").tolist() if self._free[r]]
        self._farthest(np.array(best[: SHORTLIST * count], int), count, scores)
        if short := count - sum(p.chosen_as == "uncertain" for p in self.chosen):
            self.uncertain(short)  # the cap per story left gaps in the shortlist

    def diverse(self, count: int) -> None:
        """Farthest first among all."""
        self._farthest(np.flatnonzero(self._free), count, None)

    def rare(self, count: int) -> None:
        """The likeliest to hold what there are the fewest examples of."""
        scarcity = _Scarcity(self._pool)
        for _ in range(count):
            value = np.where(self._free, scarcity.value(), -1.0)
            row = int(value.argmax()) if len(value) else 0
            if not len(value) or value[row] < 0:
                return
            self.take(row, "rare", scarcity.why(row))
            scarcity.add(row)

    def _farthest(self, rows: npt.NDArray[np.int64], count: int, scores: _Scores | None) -> None:
        vectors = _unit(self._pool.vectors)
        own = vectors[rows]
        nearest = _nearest(own, _unit(self._pool.known))
        nearest = np.maximum(nearest, _nearest(own, vectors[[p.row for p in self.chosen]]))
        for _ in range(count):
            free = self._free[rows]
            if not free.any():
                return
            at = int(np.where(free, -nearest, -np.inf).argmax())
            row = int(rows[at])
            alike = f"{nearest[at]:.0%} like the nearest text labelled or chosen"
            why = f"{scores.why[row]}; {alike}" if scores else alike
            self.take(row, "uncertain" if scores else "diverse", why)
            nearest = np.maximum(nearest, _nearest(own, own[[at]]))


# --- uncertainty -----------------------------------------------------------------------------------


def doubts(pool: Pool) -> _Scores:
    """How near each text's decisions lie to their thresholds, in [0, 1]: the mean of the tasks.

    Topics and direction are asked of relevant texts, so theirs count by the probability of relevance.
    """
    size = len(pool.stories)
    total, weight = np.zeros(size), np.zeros(size)
    best, why = np.full(size, -1.0), [""] * size
    for reading in pool.readings:
        own, share = doubt(reading), _asked_share(pool, reading.task)
        total, weight = total + own * share, weight + share
        for i in np.flatnonzero(own * share > best).tolist():
            best[i], why[i] = own[i] * share[i], _why_doubtful(reading, i)
    return _Scores(total / np.maximum(weight, 1e-9), why)


def doubt(reading: Reading) -> Floats:
    """(texts,): 1 at a threshold, 0 where every decision is sure."""
    near = _nearness(reading)
    if reading.exclusive:
        first_two = np.sort(reading.probabilities, axis=1)[:, -2:]
        return np.asarray(1 - (first_two[:, -1] - first_two[:, 0]), float)
    return np.asarray(near.max(axis=1, initial=0.0), float)


def _nearness(reading: Reading) -> Floats:
    p, t = reading.probabilities, np.clip(reading.thresholds, 1e-6, 1 - 1e-6)
    near: Floats = 1 - np.where(p < t, (t - p) / t, (p - t) / (1 - t))
    return near


def _asked_share(pool: Pool, task: str) -> Floats:
    relevance = [r for r in pool.readings if r.task == "relevance"]
    if task in ("relevance", "region") or not relevance:
        return np.ones(len(pool.stories))
    return np.asarray(relevance[0].probabilities[:, 0], float)


def _why_doubtful(reading: Reading, i: int) -> str:
    p = reading.probabilities[i]
    if reading.exclusive:
        first, second = np.argsort(-p, kind="stable")[:2]
        names = reading.labels
        return f"{reading.task} {names[first]} {p[first]:.2f} or {names[second]} {p[second]:.2f}"
    j = int(_nearness(reading)[i].argmax())
    label = "" if reading.task == "relevance" else f" {reading.labels[j]}"
    return f"{reading.task}{label} {p[j]:.2f}, decided from {reading.thresholds[j]:.2f}"


# --- rarity ----------------------------------------------------------------------------------------


class _Scarcity:
    """How much each text is likely to add to the labels with the fewest examples."""

    def __init__(self, pool: Pool) -> None:
        readings = [r for r in pool.readings if r.task in RARE_TASKS]
        self._names = [(r.task, label) for r in readings for label in r.labels]
        self._have = np.array([pool.examples.get(name, 0) for name in self._names], float)
        self._real = self._have.copy()
        columns = [
            r.probabilities * (_asked_share(pool, r.task)[:, None] if r.task != "region" else 1.0)
            for r in readings
        ]
        self._holds = np.hstack([np.zeros((len(pool.stories), 0)), *columns])

    def value(self) -> Floats:
        """(texts,): the largest probability times scarcity, 1 / sqrt(1 + examples)."""
        return np.asarray(self._weighted().max(axis=1, initial=0.0), float)

    def add(self, row: int) -> None:
        """Count what the text is expected to hold."""
        self._have += self._holds[row]

    def why(self, row: int) -> str:
        if not self._names:
            return "rare labels: none known"
        j = int(self._weighted()[row].argmax())
        task, label = self._names[j]
        return f"rare label: {task} {label} {self._holds[row, j]:.2f}, {self._real[j]:.0f} examples"

    def _weighted(self) -> Floats:
        weighted: Floats = self._holds / np.sqrt(1 + self._have)
        return weighted


# --- likeness --------------------------------------------------------------------------------------


def _unit(vectors: sp.csr_matrix) -> sp.csr_matrix:
    length = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags(1 / np.maximum(length, 1e-12)) @ vectors)


def _nearest(own: sp.csr_matrix, others: sp.csr_matrix) -> Floats:
    """(own,): the largest cosine to any of `others`, 0 where there are none."""
    if not others.shape[0] or not own.shape[0]:
        return np.zeros(own.shape[0])
    cosines = np.asarray((own @ others.T).max(axis=1).todense()).ravel()
    nearest: Floats = np.maximum(cosines.astype(float), 0.0)
    return nearest


def equal_stories(alike: Sequence[tuple[int, int]], size: int) -> tuple[str, ...]:
    """A story for each of `size` texts; those joined by pairs of `alike` share one."""
    first = list(range(size))
    for a, b in alike:
        one, other = sorted((first[a], first[b]))
        first = [one if f == other else f for f in first]
    return tuple(f"s{f}" for f in first)
