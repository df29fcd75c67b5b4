"""What each strategy seeks, the random slice, the cap per story, and that the seed decides everything."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.training.choose import (
    STRATEGIES,
    Pool,
    Reading,
    Strategy,
    choose,
    doubt,
    equal_stories,
)

TOPICS = ("finance", "rescue", "language_equality")


def _pool(
    relevance: Sequence[float],
    topics: Sequence[Sequence[float]] | None = None,
    stories: Sequence[str] | None = None,
    vectors: Sequence[Sequence[float]] | None = None,
    known: sp.csr_matrix | None = None,
    **more: object,
) -> Pool:
    n = len(relevance)
    said = np.asarray([[0.0] * 3] * n if topics is None else topics, float).reshape(n, 3)
    return Pool(
        stories=tuple(stories or (f"s{i}" for i in range(n))),
        readings=(
            Reading("relevance", ("relevant",), np.asarray(relevance, float)[:, None], np.array([0.5])),
            Reading("topic", TOPICS, said, np.full(3, 0.4)),
        ),
        vectors=sp.csr_matrix(np.eye(n) if vectors is None else np.asarray(vectors, float)),
        known=known if known is not None else sp.csr_matrix((0, n)),
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def _random_pool(n: int, seed: int) -> Pool:
    rng = np.random.default_rng(seed)
    stories = [f"s{i}" for i in rng.integers(0, max(1, n // 2), n)]
    vectors = rng.random((n, 6)) + 0.01
    return _pool(rng.random(n).tolist(), rng.random((n, 3)).tolist(), stories, vectors.tolist())


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 40), st.integers(1, 50), st.sampled_from(STRATEGIES), st.integers(0, 2**31),
    st.integers(1, 3),
)  # fmt: skip
def test_no_text_twice_the_cap_holds_and_the_seed_decides(
    size: int, count: int, strategy: Strategy, seed: int, per_story: int
) -> None:
    pool = _random_pool(size, seed)
    found = choose(pool, count, strategy=strategy, seed=seed, per_story=per_story)
    rows = [p.row for p in found]
    assert len(set(rows)) == len(rows) <= min(count, size)
    assert found == choose(pool, count, strategy=strategy, seed=seed, per_story=per_story)
    slice_ = [p for p in found if p.chosen_as == "random"]
    wanted = count if strategy == "random" else round(count / 5)
    assert found[: len(slice_)] == slice_
    assert len(slice_) == min(wanted, size)
    # The slice is of all texts, else it would be no fair sample; the cap holds for what is chosen.
    taken = Counter(pool.stories[p.row] for p in slice_)
    for proposal in found[len(slice_) :]:
        taken[pool.stories[proposal.row]] += 1
        assert taken[pool.stories[proposal.row]] <= per_story
    assert all(p.why for p in found)


def test_the_slice_gives_every_text_the_same_chance() -> None:
    pool = _pool([0.5] * 5 + [0.99] * 15, stories=["one"] * 10 + [f"s{i}" for i in range(10)])
    drawn = Counter(
        p.row
        for seed in range(600)
        for p in choose(pool, 20 // 2, strategy="uncertain", seed=seed)
        if p.chosen_as == "random"
    )
    assert sum(drawn.values()) == 1200
    # 60 expected of each of the 20; four standard deviations.
    assert all(abs(drawn[row] - 60) < 4 * 60**0.5 for row in range(20))


def test_the_nearest_to_the_threshold_are_the_most_uncertain() -> None:
    found = choose(_pool([0.05, 0.52, 0.95, 0.3, 0.7]), 3, strategy="uncertain", seed=3)
    chosen = [p for p in found if p.chosen_as == "uncertain"]
    left = [r for r in (1, 3, 4) if r not in {p.row for p in found if p.chosen_as == "random"}]
    assert chosen[0].row == left[0]
    assert "relevance" in chosen[0].why
    assert "decided from 0.50" in chosen[0].why


def test_doubt_is_one_at_the_threshold_and_none_where_all_is_sure() -> None:
    p = np.array([[0.4, 0.0], [0.0, 1.0], [0.2, 0.0]])
    reading = Reading("topic", ("a", "b"), p, np.array([0.4, 0.4]))
    assert doubt(reading).tolist() == pytest.approx([1.0, 0.0, 0.5])
    ways = Reading("direction", ("r", "n", "p"), np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]),
                   np.full(3, 0.3), exclusive=True)  # fmt: skip
    assert doubt(ways).tolist() == [1.0, 0.0]


def test_a_text_surely_not_relevant_is_not_asked_for_its_topics() -> None:
    pool = _pool([0.001, 0.999], [[0.4, 0, 0], [0.4, 0, 0]])
    (only,) = choose(pool, 1, strategy="uncertain", seed=1)  # a fifth of one is none
    assert (only.row, only.chosen_as) == (1, "uncertain")
    assert "topic finance" in only.why


def test_near_copies_are_not_both_taken() -> None:
    vectors = [[1.0, 0.0, 0.0], [1.0, 0.01, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.01]]
    pool = _pool([0.5] * 4, vectors=vectors, known=sp.csr_matrix((0, 3)))
    found = choose(pool, 2, strategy="diverse", seed=0)
    assert {p.row // 2 for p in found} == {0, 1}
    known = _pool([0.5] * 4, vectors=vectors, known=sp.csr_matrix([[1.0, 0.0, 0.0]]))
    (first,) = choose(known, 1, strategy="diverse", seed=0)
    assert first.row in (2, 3)
    assert first.why == "0% like the nearest text labelled or chosen"


def test_the_label_with_the_fewest_examples_is_sought_until_it_has_some() -> None:
    topics = [[0.9, 0, 0]] * 4 + [[0, 0.9, 0]] * 4 + [[0, 0, 0.9]] * 4
    examples = {("topic", "finance"): 90, ("topic", "rescue"): 3, ("topic", "language_equality"): 1}
    pool = _pool([1.0] * 12, topics, examples=examples)
    chosen = [p for p in choose(pool, 7, strategy="rare", seed=5) if p.chosen_as == "rare"]
    assert chosen[0].why == "rare label: topic language_equality 0.90, 1 examples"
    kinds = [p.row // 4 for p in chosen]
    assert kinds[0] == 2
    assert 1 in kinds[1:4]  # what was chosen counts, so the next rarest has its turn
    assert 0 not in kinds[:4]


def test_mixed_has_some_of_each() -> None:
    pool = _random_pool(200, 4)
    found = Counter(p.chosen_as for p in choose(pool, 50, strategy="mixed", seed=4))
    assert found == {"random": 10, "rare": 5, "uncertain": 35}


def test_a_story_decided_already_is_left_alone_outside_the_slice() -> None:
    pool = _pool([0.5, 0.5, 0.9], stories=["a", "a", "b"], asked={"a": 1})
    assert [p.row for p in choose(pool, 2, strategy="uncertain", seed=1)] == [2]
    both = choose(pool, 2, strategy="uncertain", seed=1, per_story=2)
    assert [p.row for p in both] == [0, 2]


def test_an_empty_pool_gives_nothing() -> None:
    for strategy in STRATEGIES:
        assert choose(_pool([]), 5, strategy=strategy, seed=1) == []


def test_pairs_that_are_alike_share_a_story() -> None:
    stories = equal_stories([(0, 2), (2, 3)], 5)
    assert stories[0] == stories[2] == stories[3]
    assert len(set(stories)) == 3
