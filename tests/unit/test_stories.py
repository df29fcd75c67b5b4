"""Which story an article belongs to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.fingerprint import signature
from monitor.articles.stories import Features, Window, choose_story, features, overlap

MONDAY = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
CLOSING_FI = (
    "Raahen päivystys suljetaan yöksi",
    "Pohjois-Pohjanmaan hyvinvointialue sulkee Raahen sairaalan yöpäivystyksen marraskuussa. "
    "Potilaat ohjataan Ouluun. Perusteena on pula lääkäreistä, ja valvova viranomainen on kuullut asiasta.",
)
OPPOSED_FI = (
    "Kaupunginjohtaja arvostelee Raahen päivystyksen sulkemista",
    "Kaupunki vaatii, että Raahen sairaalan yöpäivystys jatkuu. Hyvinvointialue sulkee sen marraskuussa, "
    "ja matka Ouluun on pitkä.",
)
ELSEWHERE_FI = (
    "Iisalmen päivystys suljetaan yöksi",
    "Pohjois-Savon hyvinvointialue sulkee Iisalmen sairaalan yöpäivystyksen marraskuussa. Potilaat ohjataan "
    "Kuopioon. Syynä on pula lääkäreistä.",
)
CLOSING_SV = (
    "Jouren i Jakobstad stängs nattetid",
    "Österbottens välfärdsområde stänger jouren i Jakobstad i november. Klienterna hänvisas till Vasa. "
    "Orsaken är bristen på läkare, säger överläkaren.",
)
OPPOSED_SV = (
    "Staden protesterar mot att jouren i Jakobstad stängs",
    "Staden kräver att Jakobstad behåller jouren nattetid. Vägen till Vasa är lång, och i november stänger "
    "välfärdsområdet dörren.",
)


def _features(
    number: int, item: tuple[str, str], language: str, days: float = 0, story: int | None = None
) -> Features:
    title, text = item
    when = MONDAY + timedelta(days=days)
    return features(number, title, text, language, when, signature(text), story)


CLOSING = _features(1, CLOSING_FI, "fi", story=10)
JOUREN = _features(2, CLOSING_SV, "sv", story=20)
OTHER = _features(3, ELSEWHERE_FI, "fi", story=30)
WINDOW = Window([CLOSING, JOUREN, OTHER])


def _choose(new: Features) -> tuple[str, int | None]:
    choice = choose_story(new, WINDOW.candidates(new), WINDOW.rarity(new.language))
    return choice.why, choice.story_id


@pytest.mark.parametrize(
    ("item", "language", "story"), [(OPPOSED_FI, "fi", 10), (OPPOSED_SV, "sv", 20)]
)
def test_a_follow_up_joins_its_story(item: tuple[str, str], language: str, story: int) -> None:
    assert _choose(_features(9, item, language, days=2)) == ("follow-up", story)


@pytest.mark.parametrize(
    ("first", "second", "language"),
    [
        ("Turku/Åbo, rakennuspalo: pieni", "Turku/Åbo, tieliikenneonnettomuus: pieni", "fi"),
        ("Åbo/Turku, byggnadsbrand: liten", "Åbo/Turku, trafikolycka: liten", "sv"),
    ],
)
def test_two_short_notices_from_one_town_are_two_events(
    first: str, second: str, language: str
) -> None:
    window = Window([_features(1, (first, f"05.10.2026 09:12:00 {first}"), language, story=10)])
    new = _features(2, (second, f"05.10.2026 11:48:00 {second}"), language)
    assert choose_story(new, window.candidates(new), window.rarity(language)).why == "new story"


def test_the_same_event_elsewhere_is_another_story() -> None:
    alone = Window([OTHER])
    new = _features(9, CLOSING_FI, "fi", days=1)
    choice = choose_story(new, alone.candidates(new), alone.rarity("fi"))
    assert (choice.why, choice.story_id) == ("new story", None)


@pytest.mark.parametrize(
    ("item", "language", "story"), [(CLOSING_FI, "fi", 10), (CLOSING_SV, "sv", 20)]
)
def test_a_copy_under_another_headline_and_shortened(
    item: tuple[str, str], language: str, story: int
) -> None:
    shortened = item[1].rsplit(", ", 1)[0]
    copy = _features(9, ("Aivan toinen otsikko", shortened), language, days=1)
    choice = choose_story(copy, [CLOSING, JOUREN, OTHER])
    assert (choice.why, choice.story_id) == ("copy", story)


def test_another_language_and_another_month_are_other_stories() -> None:
    assert _choose(replace(_features(9, OPPOSED_FI, "fi"), language="sv"))[0] == "new story"
    assert _choose(_features(9, OPPOSED_FI, "fi", days=30))[0] == "new story"


def test_without_candidates_a_story_of_its_own() -> None:
    choice = choose_story(CLOSING, [])
    assert (choice.story_id, choice.why, choice.score) == (None, "new story", 0.0)


_TITLES = st.lists(
    st.sampled_from([CLOSING_FI, OPPOSED_FI, ELSEWHERE_FI, CLOSING_SV]), min_size=2, max_size=2
)


@given(_TITLES)
def test_overlap_is_symmetric_and_bounded(pair: list[tuple[str, str]]) -> None:
    a, b = (_features(n, item, "fi") for n, item in enumerate(pair))
    assert 0 <= overlap(a, b) <= 1.0000001
    assert overlap(a, b) == pytest.approx(overlap(b, a))


@given(st.permutations([CLOSING, JOUREN, OTHER]))
def test_the_order_of_candidates_does_not_matter(pool: list[Features]) -> None:
    new = _features(9, OPPOSED_FI, "fi", days=1)
    assert choose_story(new, pool) == choose_story(new, [CLOSING, JOUREN, OTHER])
