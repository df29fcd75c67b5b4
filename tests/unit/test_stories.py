"""Which story an article belongs to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.events import Traits, load_reader
from monitor.articles.fingerprint import signature
from monitor.articles.pairs import EVIDENCE, Features, evidence
from monitor.articles.stories import (
    choose_story,
    likeliest,
    load_model,
    probability,
    search_traits,
    sharing,
    weights,
)
from monitor.settings import ROOT

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


# the event of CLOSING_FI, told anew in the other language; and that of CLOSING_SV
CLOSING_IN_SV = (
    "Brahestads jour stängs nattetid i november",
    "Norra Österbottens välfärdsområde stänger nattjouren vid Brahestads sjukhus i november. Patienterna "
    "hänvisas till Uleåborg. Bristen på läkare är orsaken, och tillsynsmyndigheten har hört sig för.",
)
CLOSING_IN_FI = (
    "Pietarsaaren päivystys suljetaan öiksi",
    "Pohjanmaan hyvinvointialue sulkee Pietarsaaren päivystyksen yöajaksi marraskuussa. Asiakkaat "
    "ohjataan Vaasaan. Syynä on lääkäripula, kertoo ylilääkäri.",
)
READER = load_reader(ROOT / "labels")


def _features(
    number: int, item: tuple[str, str], language: str, days: float = 0, story: int | None = None
) -> Features:
    title, text = item
    traits = READER.traits(title, text, language)
    weighed = weights(traits, load_model(), {}, 0)
    when = MONDAY + timedelta(days=days)
    return Features(number, story, language, when, traits.title, weighed, signature(text))


CLOSING = _features(1, CLOSING_FI, "fi", story=10)
JOUREN = _features(2, CLOSING_SV, "sv", story=20)
OTHER = _features(3, ELSEWHERE_FI, "fi", story=30)
POOL = [CLOSING, JOUREN, OTHER]


def _choose(new: Features, pool: list[Features] | None = None) -> tuple[str, int | None]:
    choice = choose_story(new, POOL if pool is None else pool)
    return choice.why, choice.story_id


@pytest.mark.parametrize(
    ("item", "language", "story"), [(OPPOSED_FI, "fi", 10), (OPPOSED_SV, "sv", 20)]
)
def test_a_follow_up_joins_its_story(item: tuple[str, str], language: str, story: int) -> None:
    assert _choose(_features(9, item, language, days=2)) == ("follow-up", story)


@pytest.mark.parametrize(
    ("item", "language", "story"), [(CLOSING_IN_SV, "sv", 10), (CLOSING_IN_FI, "fi", 20)]
)
def test_one_event_told_in_the_other_language_is_one_story(
    item: tuple[str, str], language: str, story: int
) -> None:
    choice = choose_story(_features(9, item, language, days=0.2), POOL)
    assert (choice.why, choice.story_id) == ("follow-up", story)
    assert choice.reason.startswith(f"one event with article {story // 10} (")


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
    known = _features(1, (first, f"05.10.2026 09:12:00 {first}"), language, story=10)
    new = _features(2, (second, f"05.10.2026 11:48:00 {second}"), language)
    assert _choose(new, [known]) == ("new story", None)


@pytest.mark.parametrize(("item", "language"), [(CLOSING_FI, "fi"), (CLOSING_IN_SV, "sv")])
def test_the_same_event_elsewhere_is_another_story(item: tuple[str, str], language: str) -> None:
    assert _choose(_features(9, item, language, days=1), [OTHER]) == ("new story", None)


@pytest.mark.parametrize(
    ("item", "language", "story"), [(CLOSING_FI, "fi", 10), (CLOSING_SV, "sv", 20)]
)
def test_a_copy_under_another_headline_and_shortened(
    item: tuple[str, str], language: str, story: int
) -> None:
    shortened = item[1].rsplit(", ", 1)[0]
    new = _features(9, ("Aivan toinen otsikko", shortened), language, days=1)
    assert _choose(new) == ("copy", story)


def test_another_month_is_another_story() -> None:
    assert _choose(_features(9, OPPOSED_FI, "fi", days=60))[0] == "new story"


def test_without_candidates_a_story_of_its_own() -> None:
    choice = choose_story(CLOSING, [])
    assert (choice.story_id, choice.why, choice.score) == (None, "new story", 0.0)


def test_a_trait_of_many_articles_weighs_less() -> None:
    traits = Traits(frozenset(), frozenset({"wfiraahen", "wfitalous"}))
    weighed = weights(traits, load_model(), {"wfitalous": 900}, 1000)
    assert 0 <= weighed["wfitalous"] < weighed["wfiraahen"] <= 1
    assert search_traits(weighed) == ["wfiraahen", "wfitalous"]


def test_the_likeliest_candidates_share_the_rarest_traits() -> None:
    shared = sharing({"rare": [7], "common": [5, 6], "other": [6]})
    assert shared == {7: ["rare"], 5: ["common"], 6: ["common", "other"]}
    assert likeliest(shared, {"rare": 0.9, "common": 0.2, "other": 0.2}, 2) == [7, 6]


ITEMS = [
    (CLOSING_FI, "fi"), (OPPOSED_FI, "fi"), (ELSEWHERE_FI, "fi"), (CLOSING_IN_FI, "fi"),
    (CLOSING_SV, "sv"), (OPPOSED_SV, "sv"), (CLOSING_IN_SV, "sv"), (("", ""), "sv"),
]  # fmt: skip


@given(st.tuples(st.sampled_from(ITEMS), st.sampled_from(ITEMS)), st.floats(0, 400))
def test_evidence_is_symmetric_and_bounded(
    pair: tuple[tuple[tuple[str, str], str], tuple[tuple[str, str], str]], days: float
) -> None:
    a, b = (_features(n, item, lang, days * n) for n, (item, lang) in enumerate(pair))
    assert evidence(a, b) == pytest.approx(evidence(b, a))
    assert len(evidence(a, b)) == len(EVIDENCE)
    assert all(0 <= value <= 1 for value in evidence(a, b))
    assert 0 <= probability(a, b, load_model()) <= 1


@given(st.permutations(POOL))
def test_the_order_of_candidates_does_not_matter(pool: list[Features]) -> None:
    new = _features(9, OPPOSED_FI, "fi", days=1)
    assert choose_story(new, pool) == choose_story(new, POOL)


@given(st.sampled_from(ITEMS), st.integers(0, 40))
def test_an_article_never_joins_one_outside_the_window(
    item: tuple[tuple[str, str], str], days: int
) -> None:
    far = [replace(c, published=MONDAY - timedelta(days=46 + days)) for c in POOL]
    assert _choose(_features(9, *item), far)[0] in ("new story", "copy")
