"""The queue's order, the random slice, and what a decision must say."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.reference import Reference
from monitor.i18n import LANGUAGES, Translator
from monitor.review.given import problems, proposed, tidied
from monitor.review.order import EVERY, chance_of, mixed, place_of
from monitor.review.values import Given, Why
from monitor.review.why import CODES
from monitor.review.wording import said
from monitor.values import FlagReason
from tests.risk_examples import claim

CARDS = st.lists(st.integers(0, 60), unique=True, max_size=40)


@given(flagged=CARDS, drawn=CARDS)
def test_every_card_stands_once_and_each_lane_keeps_its_order(
    flagged: list[int], drawn: list[int]
) -> None:
    order = mixed(flagged, drawn)
    assert Counter(order) == Counter(set(flagged) | set(drawn))
    alone = [card for card in order if card not in drawn]
    assert alone == [card for card in flagged if card not in drawn]


@given(flagged=CARDS, drawn=CARDS)
def test_the_slice_has_its_fixed_places(flagged: list[int], drawn: list[int]) -> None:
    order = mixed(flagged, drawn)
    for place in range(EVERY - 1, len(order), EVERY):
        before = set(order[:place])
        if set(drawn) - before:
            assert order[place] == next(card for card in drawn if card not in before)


def test_the_first_card_is_what_changes_most() -> None:
    assert mixed([9, 8, 7, 6, 5, 4], [1, 2]) == [9, 8, 7, 6, 1, 5, 4, 2]


def test_lots_are_even_and_depend_on_week_address_and_key_alone() -> None:
    lots = [place_of("k", f"https://a.example/{n}", "2026-W46") for n in range(20_000)]
    for rate in (0.01, 0.1, 0.5):
        share = sum(lot < rate for lot in lots) / len(lots)
        assert share == pytest.approx(rate, abs=4 * (rate * (1 - rate) / len(lots)) ** 0.5)
    assert lots[0] == place_of("k", "https://a.example/0", "2026-W46")
    others = (
        place_of("k", "https://a.example/0", "2026-W47"),
        place_of("l", "https://a.example/0", "2026-W46"),
    )
    assert lots[0] not in others


@given(place=st.floats(0, 1, exclude_max=True), rate=st.floats(0, 1), later=st.floats(0, 1))
def test_a_chance_is_that_of_having_been_drawn(place: float, rate: float, later: float) -> None:
    first = chance_of(place, 0.0, rate)
    assert first in (0.0, rate)
    second = chance_of(place, first, later)
    assert bool(second) == (place < max(rate, later) and bool(max(rate, later)))
    if second:
        assert second == (max(rate, later) if first or later >= rate else later)


def test_a_decision_says_what_is_needed_and_nothing_unknown(reference: Reference) -> None:
    good = Given(True, ("07",), (), False, ("finance",), "risk")
    assert problems(good, reference) == {}
    assert problems(Given(False), reference) == {}
    assert problems(Given(True), reference) == {"direction": "needed"}
    wrong = Given(True, ("99",), ("x",), False, ("weather",), "up")  # type: ignore[arg-type]
    assert set(problems(wrong, reference)) == {"regions", "mentioned", "topics", "direction"}
    assert problems(Given(False, ("07",), ("07",), True), reference) == {
        "regions": "not both",
        "mentioned": "not both",
    }
    assert problems(Given(False, note="a" * 5000), reference) == {"note": "too long"}


def test_of_what_is_not_relevant_no_topic_or_direction_is_kept() -> None:
    given = tidied(Given(False, ("07", "07"), (), False, ("finance",), "risk", " a "))
    assert given == Given(False, ("07",), note="a")


def test_confirming_says_what_is_tagged() -> None:
    claims = [
        claim("relevance", "relevant", 0.4),
        claim("region", "07", 0.8, role="happens"),
        claim("region", "08", 0.3),
        claim("region", "09", 0.1, role="mentioned"),
        claim("topic", "finance", 0.6),
        claim("topic", "ict", 0.9),
        claim("direction", "risk", 0.45),
        claim("direction", "neutral", 0.4),
    ]
    assert proposed(claims) == Given(True, ("07",), ("09",), False, ("ict", "finance"), "risk")
    assert proposed([claim("region", "NAT", 0.9, role="happens")]).national
    assert proposed([]).direction == "neutral"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_its_words(language: str, reference: Reference) -> None:
    t = Translator(language)
    values: dict[str, str | int | float] = {
        "permission": "refused by robots", "feed": "yle", "attempts": 2, "outcome": "x", "why": "y",
        "who": "anna", "at": "2026-11-16T04:00:00+00:00", "until": "2026-11-17T00:00:00+02:00",
        "region": "07", "topic": "finance", "language": "fi", "reason": "first in weeks", "text": "{t}",
        "places": 1000, "place": 1, "chance": 0.25, "budget": 120, "story": 3,
    }  # fmt: skip
    told = {code: said(Why(code, values), t, reference) for code in CODES}
    assert len(set(told.values())) == len(CODES)
    assert "first" not in told["filter_reason"] or language == "en"
    assert all(t.has(f"review.reason.{str(r).replace(' ', '_')}") for r in FlagReason)
