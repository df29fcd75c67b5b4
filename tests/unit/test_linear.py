"""Features, linear models and their figures."""

from collections import Counter
from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from classifiers import linear, metrics
from classifiers.features import (
    CHARS,
    CONCEPTS,
    TITLE_CHARS,
    TITLE_WORDS,
    WORDS,
    FeatureOptions,
    Featurizer,
)
from classifiers.features import (
    TOPICS as TOPIC_HITS,
)
from classifiers.linear import Fitted, LinearModel, LinearOptions
from classifiers.regress import Known
from classifiers.settle import calibrated
from classifiers.tokens import tokenize
from classifiers.values import DIRECTIONS, Text
from classifiers.vocabulary import Vocabulary, load_vocabulary
from tests.conftest import ROOT
from tests.unit.tiny import tiny_examples

EXAMPLES = [e for e in tiny_examples() if e.relevant]
TOPICS = ("finance", "rescue")
TRUTH = np.array([[t in e.topics for t in TOPICS] for e in EXAMPLES])
GROUPS = [e.story for e in EXAMPLES]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary(ROOT / "labels")


@pytest.fixture(scope="module")
def featurizer(vocabulary: Vocabulary) -> Featurizer:
    return Featurizer(vocabulary)


@pytest.fixture(scope="module")
def fitted(featurizer: Featurizer) -> Fitted:
    counts = featurizer.counts([e.text for e in EXAMPLES])
    return linear.fit(counts, TRUTH, TOPICS, GROUPS, options=LinearOptions(), seed=1)


# --- tokens ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fi", "sv"])
@given(text=st.text("aåäöABC 1.,:;!?”-–()/%\n\u00a0'@", max_size=60))
def test_tokens_are_spacys_and_stand_where_they_say(language: str, text: str) -> None:
    tokens = tokenize(text, language)
    assert all(text[start : start + len(token)] == token for token, start in tokens)
    assert [t for t, _ in tokens] == [
        t.text for t in _SPACY[language](text) if not t.text.isspace()
    ]


@pytest.mark.parametrize("language", ["fi", "sv"])
@given(text=st.text("aeinmsvÄöT.,", max_size=8))
def test_words_that_are_not_given_to_spacy_are_cut_as_it_would(language: str, text: str) -> None:
    assert [t for t, _ in tokenize(text, language)] == [t.text for t in _SPACY[language](text)]


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_abbreviations_and_contractions_are_cut_as_spacy_does(language: str) -> None:
    for rule in (r for r in _SPACY[language].rules if not any(map(str.isspace, r))):
        for run in (rule, rule.strip("."), f"{rule},", f"{rule}.", f"x{rule}"):
            assert [t for t, _ in tokenize(run, language)] == [
                t.text for t in _SPACY[language](run)
            ], run


_SPACY = {language: spacy.blank(language).tokenizer for language in ("fi", "sv")}


# --- features -------------------------------------------------------------------------------------


def test_words_of_both_languages_meet_in_one_concept(featurizer: Featurizer) -> None:
    def concepts(title: str, language: str) -> set[int]:
        columns = featurizer.counts([Text("", title, "", language)]).indices
        return {int(c) for c in columns if c >> featurizer.options.bits == CONCEPTS}

    shared = concepts("terveyskeskuksen jonot", "fi") & concepts("hälsocentralens vårdköer", "sv")
    assert len(shared) >= 2
    assert not concepts("aurinko paistaa", "fi")


def test_the_title_is_counted_apart_from_the_body(featurizer: Featurizer) -> None:
    title, body = featurizer.counts(
        [Text("", "Alijäämä", "", "fi"), Text("", "", "Alijäämä", "fi")]
    )
    words = set(title.indices) & set(body.indices)
    assert all(c >> featurizer.options.bits in (4, 5) for c in words)


SOME = st.lists(
    st.sampled_from(
        [
            "Talousarvio",
            "ylittyi,",
            "taas",
            "taas.",
            "12",
            "345",
            "2025",
            "Ellei",
            "HUS:n",
            "–",
            "(vård)",
            "budgeten",
            "T.ex.",
            "i",
            "Åbo,",
            "\n\n",
            "Etelä-Savon",
            "_x_",
            "5,5%",
            "x",
        ]
    ),
    max_size=12,
).map(" ".join)


@given(title=SOME, body=SOME, language=st.sampled_from(["fi", "sv", "en"]))
def test_counts_are_what_the_description_of_the_features_says(
    featurizer: Featurizer, vocabulary: Vocabulary, title: str, body: str, language: str
) -> None:
    expected: Counter[int] = Counter()
    for content, words, chars in ((title, TITLE_WORDS, TITLE_CHARS), (body, WORDS, CHARS)):
        expected += _described(vocabulary, content, language, (words, chars))
    found = featurizer.counts([Text("", title, body, language)])
    assert dict(zip(found.indices.tolist(), found.data.tolist(), strict=True)) == expected


GRAMS = range(FeatureOptions().shortest, FeatureOptions().longest + 1)


def _described(
    vocabulary: Vocabulary, content: str, language: str, blocks: tuple[int, int]
) -> Counter[int]:
    """Columns of one field, by the book: token after token, each n-gram cut out and hashed."""
    found: list[tuple[int, str]] = []
    before = ""
    language = language if language in ("fi", "sv") else "fi"
    for token, _ in tokenize(content, language):
        form = "0" if token.isdigit() else token.lower()
        if not any(map(str.isalnum, form)):
            before = ""
            continue
        found.append((blocks[0], form))
        found += [(blocks[0], f"{before} {form}")] if before else []
        grams = (f" {form} "[i : i + n] for n in GRAMS for i in range(len(form) + 3 - n))
        found += [(blocks[1], gram) for gram in grams]
        found += [
            (TOPIC_HITS if stem.kind == "topic" else CONCEPTS, stem.feature)
            for stem in vocabulary.hits(form, language)
        ]
        before = form
    return Counter(b << 18 | crc32(f.encode()) & (1 << 18) - 1 for b, f in found)


@given(title=SOME, body=SOME)
def test_a_reading_has_the_counted_features_where_their_tokens_stand(
    featurizer: Featurizer, title: str, body: str
) -> None:
    text = Text("", title, body, "fi")
    reading, counts = featurizer.read(text), featurizer.counts([text])
    columns, times = np.unique(reading.columns, return_counts=True)
    assert columns.tolist() == counts.indices.tolist()
    assert times.tolist() == counts.data.tolist()
    for i, (start, end) in enumerate(zip(reading.starts, reading.ends, strict=True)):
        token = (title if i < reading.titled else body)[start:end]
        own = featurizer.counts(
            [Text("", *((token, "") if i < reading.titled else ("", token)), "fi")]
        )
        assert set(own.indices) <= set(reading.columns[reading.owners == i])


@pytest.mark.parametrize("language", ["fi", "sv"])
@given(
    form=st.text("aehiklnorstuvåä", max_size=14) | st.sampled_from(["hyvinvointialueen", "vård"])
)
def test_the_index_of_stems_finds_every_stem(
    vocabulary: Vocabulary, language: str, form: str
) -> None:
    assert vocabulary.hits(form, language) == [
        stem
        for stem in vocabulary.stems[language]
        if (stem.letters in form if len(stem.letters) >= 6 else form.startswith(stem.letters))
    ]


def test_an_empty_text_has_no_features_and_a_probability(fitted: Fitted) -> None:
    featurizer = Featurizer(load_vocabulary(ROOT / "labels"))
    p = fitted.model.probabilities(featurizer.counts([Text("", "", "", "sv")]))
    assert p.shape == (1, 2)
    assert ((p > 0) & (p < 1)).all()


# --- models ---------------------------------------------------------------------------------------


def test_it_learns_topics_of_texts_it_has_not_seen(fitted: Fitted) -> None:
    assert metrics.micro_f1(TRUTH, fitted.decided) > 0.9


@pytest.mark.parametrize(
    ("title", "language", "topic"),
    [
        ("Talousarvio ylittyi taas", "fi", "finance"),
        ("Budgeten överskreds igen", "sv", "finance"),
        ("Uusi paloasema avattiin", "fi", "rescue"),
        ("Ny brandstation öppnades", "sv", "rescue"),
    ],
)
def test_a_decision_has_its_words_as_evidence(
    fitted: Fitted, featurizer: Featurizer, title: str, language: str, topic: str
) -> None:
    text = Text("t", title, "", language)
    seen = fitted.model.see(featurizer.counts([text]))
    assert [t for t, said in zip(TOPICS, seen.decided[0], strict=True) if said] == [topic]
    (spans,) = fitted.model.spans(featurizer.read(text), seen, 0, [topic])
    words = [title[s.start : s.end].lower() for s in spans]
    assert set(words) & {"talousarvio", "ylittyi", "budgeten", "överskreds", "paloasema", "avattiin", "brandstation", "öppnades"}  # fmt: skip
    assert [s.weight for s in spans] == sorted((s.weight for s in spans), reverse=True)


def test_the_weights_of_all_tokens_add_up_to_the_decision(
    fitted: Fitted, featurizer: Featurizer
) -> None:
    text = Text("t", "Uusi paloasema", "Paloasema avattiin.", "fi")
    seen = fitted.model.see(featurizer.counts([Text("", "Budget", "", "sv"), text]))
    reading, model = featurizer.read(text), fitted.model
    nothing_empty = replace(reading, empty=np.zeros_like(reading.empty))
    (spans,) = model.spans(nothing_empty, seen, 1, ["rescue"])
    j = TOPICS.index("rescue")
    p = seen.probabilities[1, j]
    log_odds = np.log(p / (1 - p)) - model.offset[j] - model.slope[j] * model.intercept[j]
    assert len(spans) == len(reading.empty)  # every token speaks for it, and few enough are shown
    assert sum(s.weight for s in spans) == pytest.approx(log_odds, rel=1e-4)


def test_the_same_seed_learns_the_same_and_state_keeps_it(
    fitted: Fitted, featurizer: Featurizer
) -> None:
    counts = featurizer.counts([e.text for e in EXAMPLES])
    again = linear.fit(counts, TRUTH, TOPICS, GROUPS, options=LinearOptions(), seed=1).model
    stored = LinearModel.from_state(fitted.model.state())
    expected = fitted.model.probabilities(counts)
    assert np.array_equal(again.probabilities(counts), expected)
    assert np.array_equal(stored.probabilities(counts), expected)


def test_learning_in_few_dimensions_is_learning_in_all(featurizer: Featurizer) -> None:
    counts = featurizer.counts([e.text for e in EXAMPLES])
    options = LinearOptions()
    model = linear.fit(counts, TRUTH, TOPICS, GROUPS, options=options, seed=1).model
    matrix = model.matrix(counts)
    plain = LogisticRegression(C=options.strength, class_weight="balanced", max_iter=500)
    expected = plain.fit(matrix, TRUTH[:, 0]).decision_function(matrix)
    found = matrix @ model.coef[0] + model.intercept[0]
    assert np.allclose(found, expected, atol=0.02)


def test_directions_exclude_each_other(featurizer: Featurizer) -> None:
    truth = np.array([[e.direction == d for d in DIRECTIONS] for e in EXAMPLES])
    counts = featurizer.counts([e.text for e in EXAMPLES])
    options = LinearOptions(exclusive=True)
    found = linear.fit(counts, truth, DIRECTIONS, GROUPS, options=options, seed=1)
    p = found.model.probabilities(counts)
    assert np.allclose(p.sum(axis=1), 1)
    assert (found.model.decide(p).sum(axis=1) == 1).all()


@given(
    groups=st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=40), seed=st.integers(0, 9)
)
def test_a_story_never_stands_on_both_sides_of_a_fold(groups: list[str], seed: int) -> None:
    if len(set(groups)) < linear.FOLDS:
        with pytest.raises(ValueError, match="too few"):
            linear.split(groups, seed)
        return
    folds = linear.split(groups, seed)
    assert len({(g, int(f)) for g, f in zip(groups, folds, strict=True)}) == len(set(groups))
    assert set(folds.tolist()) == set(range(linear.FOLDS))


# --- figures --------------------------------------------------------------------------------------

CELLS = st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=30)


@given(cells=CELLS)
def test_the_best_threshold_is_at_least_as_good_as_any_other(
    cells: list[tuple[bool, float]],
) -> None:
    truth, p = np.array([t for t, _ in cells]), np.array([p for _, p in cells])
    best = metrics.micro_f1(truth, p >= metrics.best_threshold(truth, p))
    others = [metrics.micro_f1(truth, p >= t) for t in [0.0, *p]]
    assert not truth.any() or best >= max(others) - 1e-9


def test_figures_of_a_known_table() -> None:
    truth = np.array([[True, False], [True, True], [False, False]])
    said = np.array([[True, True], [False, True], [False, False]])
    assert metrics.precision_recall_f1(truth, said) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert metrics.macro_f1(truth, said) == pytest.approx(2 / 3)
    found = metrics.measure(metrics.micro_f1, truth, said, ["a", "b", "c"], 1)
    assert found.low <= found.value <= found.high
    assert found.n == 3


def test_probabilities_that_tell_the_truth_are_calibrated() -> None:
    rng = np.random.default_rng(1)
    p = rng.random((4000, 1))
    truth = rng.random((4000, 1)) < p
    assert metrics.calibration_error(truth, p) < 0.04
    assert metrics.calibration_error(truth, 1 - p) > 0.3


@pytest.mark.parametrize("labels", [1, 2, 3])
def test_the_main_label_is_learned_beside_the_others(labels: int) -> None:
    rng = np.random.default_rng(0)
    main = np.arange(90) % labels
    texts = np.eye(labels)[main] * 3 + rng.normal(0, 0.1, (90, labels))
    main = np.where(np.arange(90) < 9, -1, main)  # some have none
    truth = np.ones((90, 4), bool)
    known = Known(texts, truth, main, np.ones(90), 3.0)
    coef, intercept = known.learn(np.ones(90, bool))
    assert coef.shape == (8, labels)
    of_main = (texts @ coef.T + intercept)[9:, 4:]
    assert (of_main.argmax(axis=1) == main[9:]).all()
    assert (of_main[:, 3] < of_main.max(axis=1) - 5).all()  # never a main one


def test_a_label_that_is_the_main_one_is_the_likelier_of_two_that_hold() -> None:
    scores = np.array([[1.0, 1.0, 4.0, -4.0]])
    found = calibrated(scores, np.ones(2), np.zeros(2), np.full(2, 0.5), exclusive=False)
    assert found[0, 0] > found[0, 1]
    alone = calibrated(scores[:, :2], np.ones(2), np.zeros(2), np.zeros(2), exclusive=False)
    assert alone[0, 0] == alone[0, 1]
