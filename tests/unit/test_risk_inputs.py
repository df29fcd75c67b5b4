"""Articles and claims -> weighted stories: who speaks, and what counts once."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.risk.inputs import (
    ArticleSignal,
    StorySignal,
    probability,
    spread,
    story_signals,
    tally,
)
from monitor.weeks import week_of
from tests.risk_examples import (
    CONSTANTS,
    RISK_IN_SATAKUNTA,
    TOPICS,
    WEEK,
    article,
    claim,
    week_inputs,
)

FACTOR = CONSTANTS.stories.spread
CARE = "palveluiden_jarjestaminen"


def _one(*articles: ArticleSignal) -> StorySignal:
    (found,) = story_signals(articles, week_of, TOPICS)
    return found


def _weight(*articles: ArticleSignal) -> float:
    return tally([_one(*articles)], FACTOR, by="groups")["06", CARE]


def test_a_single_article_gives_its_probabilities_to_the_story() -> None:
    found = _one(article())
    assert (found.week, found.relevant, found.raises, found.progress) == (WEEK, 0.9, 0.6, 0.1)
    assert found.regions == (("06", 0.8),)
    assert dict(found.groups) == {CARE: 0.7}


def test_the_weight_is_the_product_of_the_four_tasks() -> None:
    assert abs(_weight(article()) - 0.9 * 0.8 * 0.7 * (0.6 - 0.1)) < 1e-12


def test_a_group_takes_its_likeliest_topic_and_not_the_sum_of_them() -> None:
    claims = (*RISK_IN_SATAKUNTA, claim("topic", "rescue", 0.4))
    assert dict(_one(article(claims=claims)).groups) == {CARE: 0.7}


@given(
    copies=st.integers(1, 5),
    hours=st.integers(-9, 60),
    full=st.booleans(),
    other=st.booleans(),
)
def test_copies_within_a_publisher_group_change_nothing(
    copies: int, hours: int, full: bool, other: bool
) -> None:
    """The same text again under another address of the same group, whenever it appears."""
    base = [article(full=full)]
    if other:
        base.append(article(2, "svenska yle", full=True, title="Lång kö till jouren"))
    again = [
        replace(base[0], article=100 + i, published=base[0].published + timedelta(hours=hours))
        for i in range(copies)
    ]
    before, after = _one(*base), _one(*base, *again)
    assert replace(after, title=before.title) == before


def test_a_later_rewrite_within_the_group_changes_nothing_either() -> None:
    rewritten = article(2, claims=(claim("relevance", "relevant", 0.2),), hours=5)
    assert _weight(article(), rewritten) == _weight(article())


def test_an_independent_group_adds_weight_slowly() -> None:
    two = _weight(article(), article(2, "hufvudstadsbladet"))
    assert _weight(article()) < two < 2 * _weight(article())
    assert spread(1, FACTOR) == 1.0


def test_a_full_text_speaks_before_a_teaser() -> None:
    teaser = article(1, "a", (claim("relevance", "relevant", 0.3),), full=False)
    assert _one(teaser, article(2, "b", hours=9)).relevant == 0.9


def test_a_persons_word_on_one_article_stands_for_the_story() -> None:
    decided = (
        claim("relevance", "relevant", 1.0, "person", decided=False),
        *RISK_IN_SATAKUNTA[1:],
    )
    assert _one(article(), article(2, "turun sanomat", decided)).relevant == 0.0


def test_a_region_only_mentioned_by_a_persons_word_is_not_where_it_happens() -> None:
    said = claim("region", "17", 1.0, "person", role="mentioned")
    assert probability(said) == 0.0
    assert probability(claim("region", "17", 0.3, role="mentioned")) == 0.3


def test_an_article_without_direction_does_not_thin_out_those_that_have_one() -> None:
    quiet = article(2, "ilkka", (claim("relevance", "relevant", 0.5),))
    assert _one(article(), quiet).raises == 0.6


def test_a_story_counts_once_in_each_week_it_lives() -> None:
    found = story_signals([article(), article(2, hours=24 * 7)], week_of, TOPICS)
    assert [s.week for s in found] == [WEEK, "2026-W47"]


def test_progress_weighs_against_risk() -> None:
    claims = (*RISK_IN_SATAKUNTA[:3], claim("direction", "progress", 0.9))
    assert _weight(article(claims=claims)) < 0


def test_the_hash_follows_every_input_and_nothing_else() -> None:
    inputs = week_inputs()
    assert inputs.digest() == week_inputs().digest()
    assert replace(inputs, seed=2).digest() != inputs.digest()
    assert replace(inputs, models=(("topic", "v1-b"),)).digest() != inputs.digest()
