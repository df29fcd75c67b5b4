"""How far people agree who decided the same texts: Krippendorff's alpha and Cohen's kappa.

Pure: decisions in, figures out. A text is the same where its hash is; of each person the latest decision
counts. Topics, main topic and direction are asked of those who hold the text relevant.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from sklearn.metrics import cohen_kappa_score

from classifiers.decisions import Decision, latest
from classifiers.metrics import DRAWS, Floats
from monitor.training.decisions import adjudicated

Labels = frozenset[str]
Distance = Callable[[Hashable, Hashable], float]
Answers = Mapping[str, Hashable]  # who -> what they said of one text

SETS = {"region": "MASI", "topic": "MASI"}  # tasks answered with a set of labels
_ASKED: dict[str, Callable[[Decision], Hashable | None]] = {  # None: no answer
    "relevance": lambda d: d.relevant,
    "region": lambda d: frozenset(d.where),
    "topic": lambda d: frozenset(d.topics) if d.relevant else None,
    "main topic": lambda d: (d.topics or ("",))[0] if d.relevant else None,
    "direction": lambda d: d.direction,
}


@dataclass(frozen=True, slots=True)
class Alpha:
    """Krippendorff's alpha of one task, or of one label of it."""

    task: str
    label: str  # "" for the task as a whole
    texts: int  # with two answers or more
    said: int  # of these, where at least one gave the label; of a whole task the same as texts
    value: float | None  # None where there is only one answer in all: chance cannot be told
    low: float | None  # 95 % by bootstrap over stories; None where that cannot be told
    high: float | None


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa of two people on one task."""

    task: str
    a: str
    b: str
    texts: int  # that both answered
    value: float | None  # None where both gave one answer throughout


@dataclass(frozen=True, slots=True)
class Agreement:
    """All that `labels agreement` shows."""

    texts: int  # decided by anybody
    shared: int  # decided by two people or more
    people: Mapping[str, int]  # who -> texts
    alphas: tuple[Alpha, ...]
    kappas: tuple[Kappa, ...]


def agreement(decisions: Iterable[Decision], *, seed: int) -> Agreement:
    """Figures of every task and of every label that anybody gave to a shared text."""
    # a third word that settles what others said is no answer of its own
    texts = latest(d for d in decisions if not adjudicated(d))
    shared = [dict(sorted(people.items())) for people in texts.values() if len(people) > 1]
    stories = [_story(people.values()) for people in shared]
    return Agreement(
        len(texts),
        len(shared),
        dict(sorted(Counter(who for people in texts.values() for who in people).items())),
        tuple(a for task in _ASKED for a in _alphas(task, shared, stories, seed)),
        tuple(k for task in _ASKED for k in _kappas(task, shared)),
    )


def masi(a: Labels, b: Labels) -> float:
    """Distance of two label sets, [0, 1]: 1 - Jaccard x monotonicity (1 where equal, 2/3 where one holds
    the other, 1/3 where they overlap, 0 where they share nothing). Two empty sets are equal.

    Passonneau (2006), Measuring Agreement on Set-valued Items (MASI) for Semantic and Pragmatic
    Annotation, LREC.
    """
    if a == b:
        return 0.0
    common = a & b
    if not common:
        return 1.0
    monotonicity = 2 / 3 if common in (a, b) else 1 / 3
    return 1 - len(common) / len(a | b) * monotonicity


def nominal(a: Hashable, b: Hashable) -> float:
    """0 for the same answer, 1 for another."""
    return float(a != b)


def alpha(
    units: Sequence[Sequence[Hashable]],
    distance: Distance = nominal,
    stories: Sequence[str] | None = None,
    seed: int = 0,
) -> tuple[float | None, float | None, float | None]:
    """Krippendorff's alpha, 1 - observed / expected disagreement, with its 95 % interval.

    `units` are the answers to each text, any number of them; a text with fewer than two counts for nothing.
    The interval is the percentiles of draws of whole `stories` (each text its own unless given); it is None
    where there are fewer than two. Alpha is None where all answers are the same.

    Krippendorff (2019), Content Analysis, 4th ed., 12.2.3; Hayes and Krippendorff (2007), Answering the
    Call for a Standard Reliability Measure for Coding Data, Communication Methods and Measures 1, 77-89.
    """
    rows = [i for i, unit in enumerate(units) if len(unit) > 1]
    if not rows:
        return None, None, None
    observed, counts, distances = _tables([units[i] for i in rows], distance)
    once = np.ones((1, len(rows)))
    value = _values(once, observed, counts, distances)[0]
    groups = [stories[i] if stories else str(i) for i in rows]
    drawn = _values(_draws(groups, seed), observed, counts, distances)
    drawn = drawn[~np.isnan(drawn)]
    if np.isnan(value):
        return None, None, None
    if len(set(groups)) < 2 or not len(drawn):
        return float(value), None, None
    low, high = np.percentile(drawn, (2.5, 97.5))
    return float(value), float(low), float(high)


def _tables(
    units: Sequence[Sequence[Hashable]], distance: Distance
) -> tuple[Floats, Floats, Floats]:
    """Disagreement within each unit (units), how often it has each value (units, values), and how far
    values are apart (values, values)."""
    values = list(dict.fromkeys(answer for unit in units for answer in unit))
    place = {value: j for j, value in enumerate(values)}
    distances = np.array([[distance(a, b) for b in values] for a in values])
    counts = np.zeros((len(units), len(values)))
    for i, unit in enumerate(units):
        for answer in unit:
            counts[i, place[answer]] += 1
    within = np.einsum("uv,vw,uw->u", counts, distances, counts, optimize=True)
    return within / (counts.sum(axis=1) - 1), counts, distances


def _values(weights: Floats, observed: Floats, counts: Floats, distances: Floats) -> Floats:
    """Alpha for each row of `weights` (draws, units); NaN where chance disagreement is none."""
    totals = weights @ counts
    n = totals.sum(axis=1)
    expected = np.einsum("dv,vw,dw->d", totals, distances, totals, optimize=True) / (n - 1)
    actual = weights @ observed
    known = expected > 0
    result = np.full(len(weights), np.nan)
    result[known] = 1 - actual[known] / expected[known]
    return result


def _draws(groups: Sequence[str], seed: int) -> Floats:
    """How often each unit is in each draw of whole groups: (draws, units)."""
    names, index = np.unique(np.asarray(groups), return_inverse=True)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), DRAWS)
    return drawn[:, index].astype(float)


def _story(decisions: Iterable[Decision]) -> str:
    """People may have named the story differently; the last word counts."""
    last = max(decisions, key=lambda d: d.when)
    return last.story or last.key


def _answers(task: str, shared: Sequence[Mapping[str, Decision]]) -> list[dict[str, Hashable]]:
    said = [{who: _ASKED[task](d) for who, d in people.items()} for people in shared]
    return [{who: answer for who, answer in unit.items() if answer is not None} for unit in said]


def _alphas(
    task: str, shared: Sequence[Mapping[str, Decision]], stories: Sequence[str], seed: int
) -> list[Alpha]:
    asked = [
        (list(unit.values()), story)
        for unit, story in zip(_answers(task, shared), stories, strict=True)
        if len(unit) > 1
    ]
    units, groups = [unit for unit, _ in asked], [story for _, story in asked]
    distance: Distance = masi if task in SETS else nominal  # type: ignore[assignment]
    whole = Alpha(task, "", len(units), len(units), *alpha(units, distance, groups, seed))
    if task not in SETS:
        return [whole]
    found = [whole]
    for label in sorted({label for unit in units for answer in unit for label in _set(answer)}):
        binary = [[label in _set(answer) for answer in unit] for unit in units]
        said = sum(any(unit) for unit in binary)
        found.append(Alpha(task, label, len(units), said, *alpha(binary, nominal, groups, seed)))
    return found


def _kappas(task: str, shared: Sequence[Mapping[str, Decision]]) -> list[Kappa]:
    units = _answers(task, shared)
    pairs = sorted({pair for unit in units for pair in combinations(sorted(unit), 2)})
    return [_kappa(task, a, b, [u for u in units if a in u and b in u]) for a, b in pairs]


def _kappa(task: str, a: str, b: str, units: Sequence[Answers]) -> Kappa:
    """Of a task answered with sets: over every pair of a text and a label that either of the two gave."""
    said = [[unit[who] for unit in units] for who in (a, b)]
    if task in SETS:
        labels = sorted({label for answers in said for answer in answers for label in _set(answer)})
        said = [
            [label in _set(answer) for answer in answers for label in labels] for answers in said
        ]
    first, second = ([str(answer) for answer in answers] for answers in said)
    known = len({*first, *second}) > 1
    return Kappa(task, a, b, len(units), float(cohen_kappa_score(first, second)) if known else None)


def _set(answer: Hashable) -> Labels:
    assert isinstance(answer, frozenset)
    return answer
