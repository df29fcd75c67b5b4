"""Features, linear models and their figures."""

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from classifiers import linear, metrics
from classifiers.features import CONCEPTS, Featurizer
from classifiers.linear import Fitted, LinearModel, LinearOptions
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
    tokens = tuple(featurizer.tokens(text))
    counts = featurizer.count([tokens])
    decided = fitted.model.decide(fitted.model.probabilities(counts))
    assert [t for t, said in zip(TOPICS, decided[0], strict=True) if said] == [topic]
    spans = fitted.model.spans(tokens, counts, topic)
    words = [title[s.start : s.end].lower() for s in spans]
    assert set(words) & {"talousarvio", "ylittyi", "budgeten", "överskreds", "paloasema", "avattiin", "brandstation", "öppnades"}  # fmt: skip
    assert [s.weight for s in spans] == sorted((s.weight for s in spans), reverse=True)


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
