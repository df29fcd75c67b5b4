"""The review's pure parts: forms and addresses read back, keys that are clear, probabilities in words."""

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from classifiers.reference import NATIONAL, Reference
from monitor.i18n import LANGUAGES, Translator
from monitor.review.values import Effect, Given, QueueFilter
from monitor.values import Claim, Evidence, Flag, FlagReason
from monitor.web import review_form, review_keys, review_page
from monitor.web.text import EXTRACT, PASSAGE, PASSAGES, marks, passages

ids = st.lists(st.sampled_from(["01", "05", "19", "HUS"]), unique=True, max_size=3).map(tuple)
decisions = st.builds(
    Given,
    relevant=st.booleans(),
    regions=ids,
    national=st.booleans(),
    topics=st.lists(st.sampled_from(["finance", "ict"]), unique=True).map(tuple),
    direction=st.sampled_from([None, "risk", "neutral", "progress"]),
)


@given(decisions)
def test_what_a_page_carries_in_hidden_fields_is_read_back_as_it_was(decision: Given) -> None:
    form = FormData([*review_form.fields(decision, "mine_"), ("act", "mine")])
    assert review_form.given_of(form) == decision


def test_confirming_says_what_the_page_proposed_and_not_what_was_ticked_meanwhile() -> None:
    shown = Given(True, ("05",), ("01",), False, ("finance",), "risk")
    ticked = [("region", "19"), ("topic", "ict"), ("direction", "progress"), ("note", " huom ")]
    form = [*review_form.fields(shown, "as_"), *ticked]
    confirmed = review_form.given_of(FormData([*form, ("act", "confirm")]))
    assert confirmed == Given(True, ("05",), ("01",), False, ("finance",), "risk", "huom")
    edited = review_form.given_of(FormData([*form, ("act", "edit")]))
    assert edited == Given(True, ("19",), (), False, ("ict",), "progress", "huom")
    refused = review_form.given_of(FormData([*form, ("act", "irrelevant")]))
    assert refused is not None
    assert (refused.relevant, refused.topics, refused.direction) == (False, (), None)


def test_a_form_that_says_no_act_decides_nothing() -> None:
    assert review_form.given_of(FormData([("act", "delete"), ("region", "05")])) is None
    assert review_form.whole(FormData([("seen", "²")]), "seen") == -1
    assert review_form.whole(FormData([("seen", "12")]), "seen") == 12


text = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30)


@given(st.builds(QueueFilter, region=text, text=text, mine=st.booleans(), discuss=st.booleans()))
def test_the_address_of_a_filter_names_that_filter(wanted: QueueFilter) -> None:
    again = review_form.filter_named(review_form.query_of(wanted))
    assert (again.mine, again.discuss) == (wanted.mine, wanted.discuss)
    assert (again.region, again.text) == (wanted.region.strip(), wanted.text.strip())


def test_nothing_but_a_filter_gets_into_the_address_a_form_goes_on_to() -> None:
    form = FormData([("q", "region=05&next=https://evil.example/&mine=1#x")])
    assert review_form.carried(form) == "region=05"
    assert review_form.carried(FormData([("q", "//evil.example")])) == ""


# --- keys ----------------------------------------------------------------------------------------


def test_the_standard_keys_are_clear() -> None:
    assert review_keys.problems(review_keys.STANDARD) == {}
    assert set(review_keys.BAR) <= set(review_keys.STANDARD)
    letters = list(review_keys.PAGES.values())
    assert len(letters) == len(set(letters))


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"confirm": "x"}, {"confirm": "twice", "irrelevant": "twice"}),
        ({"confirm": "X"}, {"confirm": "twice", "irrelevant": "twice"}),
        ({"undo": "1"}, {"undo": "reserved"}),
        ({"undo": " "}, {"undo": "reserved"}),
        ({"undo": ""}, {"undo": "not_one"}),
        ({"undo": "zz"}, {"undo": "not_one"}),
        ({"undo": "ö"}, {}),
    ],
)
def test_keys_that_are_not_clear_are_refused(
    changes: dict[str, str], wrong: dict[str, str]
) -> None:
    assert review_keys.problems({**review_keys.STANDARD, **changes}) == wrong


@given(st.dictionaries(st.sampled_from([*review_keys.STANDARD]), st.sampled_from(string.printable)))
def test_the_keys_in_force_are_always_clear(own: dict[str, str]) -> None:
    assert review_keys.problems(review_keys.in_force(own)) == {}


def test_a_choice_from_before_an_action_existed_gets_that_actions_standard_key() -> None:
    own = {k: v for k, v in review_keys.STANDARD.items() if k != "discuss"} | {"confirm": "h"}
    assert review_keys.in_force(own) == {**review_keys.STANDARD, "confirm": "h"}


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_probabilities_are_words_and_numbers_and_never_scores(language: str) -> None:
    t = Translator(language)
    said = [review_page.likely(p, t) for p in (0.97, 0.85, 0.7, 0.5, 0.3, 0.05)]
    assert len({s.rsplit(",", 1)[0] for s in said}) == len(said)
    assert all(s.endswith("%") for s in said)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", list(FlagReason))
def test_every_reason_is_a_sentence_also_without_its_figures(
    language: str, reason: FlagReason, reference: Reference
) -> None:
    t = Translator(language)
    assert review_page.reason(Flag(1, reason, 0.5), reference, t).endswith(".")
    detail: dict[str, str | float | int] = {
        "relevant": 0.8, "risk": 0.7, "share": 0.02, "publisher_groups": 4, "weeks": 6,
        "region": "18", "regions": "18, 05", "topic": "ict", "threshold": 0.4,
    }  # fmt: skip
    said = review_page.reason(Flag(1, reason, 0.5, detail), reference, t)
    assert "{" not in said
    assert any(figure in said for figure in ("80", "4", "6", "2"))


def test_a_decision_in_one_line_names_every_part(reference: Reference) -> None:
    t = Translator("sv")
    given = Given(True, ("05",), ("19",), False, ("finance",), "progress")
    said = review_page.given_words(given, reference, t)
    assert said.startswith(f"{t('review.said.relevant')} · ")
    assert "nämnda: " in said
    assert said.endswith("visar framsteg") or said.endswith(t("direction.progress"))
    nothing = review_page.given_words(Given(False), reference, t)
    assert nothing == t("review.said.irrelevant")


def test_an_effect_says_which_number_moves_and_where_it_stands(reference: Reference) -> None:
    t = Translator("fi")
    moves = Effect(3.24, "19", "all", 41.0, 44.2, 39.9, of_media=True, alert="ict")
    points, scale, media, alert = review_page.effect(moves, reference, t)
    assert "3,2" in points
    assert "41,0" in scale
    assert "mediapaine" in media
    assert reference.topic["ict"].name.fi in alert
    still = Effect(0.0, "", "", 0.0, 0.0, 0.0)
    assert review_page.effect(still, reference, t) == (t("review.effect.none"),)


# --- passages ------------------------------------------------------------------------------------

LONG = "Aluksi kerrottiin muusta. " * 12 + "Kainuun alue irtisanoo. " + "Sitten muuta taas. " * 15
LONG += "Potilaat joutuvat odottamaan kauan. " + "Lopuksi vielä jotain aivan muuta. " * 5


def claim(task: str, label: str, words: str) -> Claim:
    start = LONG.index(words)
    evidence = Evidence("text", start, start + len(words), words, "word")
    return Claim(1, "v1:a", task, label, 0.9, True, "model", "m", evidence=(evidence,))  # type: ignore[arg-type]


def test_evidence_outside_the_extract_gets_a_short_passage_of_its_own() -> None:
    claims = [claim("region", "18", "Kainuun"), claim("direction", "risk", "joutuvat odottamaan")]
    found = marks(claims, "text", "", "v1:a", LONG)
    shown = passages(LONG, found)
    marked = [p.kind for passage in shown for p in passage if p.kind]
    assert marked == ["region", "direction"], "both, in reading order"
    assert len(shown) == 2


@given(
    st.text(alphabet="abc åäö.\n<&", max_size=900),
    st.lists(st.tuples(st.integers(0, 900), st.integers(1, 40)), max_size=8),
)
def test_passages_are_short_true_and_never_overlap(body: str, spans: list[tuple[int, int]]) -> None:
    evidence = [Evidence("text", a, a + n, body[a : a + n], "word") for a, n in spans]
    claims = [Claim(1, "h", "topic", "x", 0.9, True, "model", "m", evidence=(e,)) for e in evidence]
    found = marks(claims, "text", "", "h", body)
    shown = ["".join(p.text for p in passage).strip("… ") for passage in passages(body, found)]
    flat = body.replace("\n", " ")
    at = 0
    for passage in shown:
        at = flat.index(passage, at) + len(passage)
    assert len(shown) <= 1 + PASSAGES
    assert sum(map(len, shown)) <= EXTRACT + PASSAGES * PASSAGE


def test_national_stands_among_the_regions_and_is_found_in_every_language(
    reference: Reference,
) -> None:
    names = review_page._region_names(NATIONAL, reference)
    assert [t in names for t in ("Koko maa", "Hela landet")] == [True, True]


# --- the main topic ------------------------------------------------------------------------------


def test_the_topic_marked_as_the_main_one_comes_first() -> None:
    form = [("topic", "finance"), ("topic", "ict"), ("direction", "risk"), ("act", "edit")]
    for main, topics in (
        ("ict", ("ict", "finance")), ("rescue", ("finance", "ict")), ("", ("finance", "ict")),
    ):  # fmt: skip
        made = review_form.given_of(FormData([*form, ("main", main)]))
        assert made is not None
        assert made.topics == topics


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_of_several_topics_the_main_one_is_named(language: str, reference: Reference) -> None:
    t = Translator(language)
    several = Given(True, ("05",), (), False, ("ict", "finance"), "risk")
    name = reference.topic["ict"].name.get(language)
    assert t("review.said.main", name=name) in review_page.given_words(several, reference, t)
    one = review_page.given_words(replace(several, topics=("ict",)), reference, t)
    assert name in one
    assert t("review.main") not in one
