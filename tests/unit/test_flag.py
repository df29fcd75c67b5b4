"""Claims in force, claims from tags, and the reasons for a flag: the pure rules of tagging."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.values import LabelTag, RegionTag, Span, Tags
from monitor.tagging.flag import FlagContext, flags_of, within_budget
from monitor.tagging.standing import RANK, in_force
from monitor.tagging.tag import RESCUE_RULE, claims_of, readable, text_of
from monitor.values import Article, Author, Claim, Flag, FlagReason, Role, Task

AT = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
VERSIONS = {"relevance": "v1-r", "region": "v1-g", "topic": "v1-t", "direction": "v1-d"}


def _article(title: str = "Pohteen alijäämä kasvoi", language: str = "fi") -> Article:
    return Article(
        id=7, address="https://a.example/1", feed_id="a", publisher_group="g", feed_home=("19",),
        title=title, text="Alijäämä on 60 miljoonaa.", language=language, language_confidence=1.0,
        completeness="full", text_source="page", published=AT, published_source="feed",
        first_seen=AT, content_hash="v1:x", revision=1,
    )  # fmt: skip


def _claim(
    task: Task, label: str, p: float = 0.9, *, decided: bool = True, author: Author = "model",
    role: Role | None = None, author_id: str = "",
) -> Claim:  # fmt: skip
    return Claim(7, "v1:x", task, label, p, decided, author, author_id or author, role)


# --- tags to claims -------------------------------------------------------------------------------


def _tags() -> Tags:
    return Tags(
        "7",
        LabelTag("relevant", 0.8, True, (Span("text", 0, 8, "words:relevant", 1.5),)),
        (RegionTag("19", 0.9, True, "happens", (Span("title", 0, 7, "brand Pohde"),)),
         RegionTag("17", 0.2, False, "mentioned")),
        (LabelTag("finance", 0.7, True), LabelTag("governance", 0.2, False)),
        (LabelTag("risk", 0.6, True), LabelTag("neutral", 0.3, False), LabelTag("progress", 0.1, False)),
    )  # fmt: skip


def test_every_label_said_is_a_claim_with_its_version_and_characters() -> None:
    claims = claims_of(_article(), _tags(), VERSIONS)
    assert [(c.task, c.label, c.author_id) for c in claims] == [
        ("relevance", "relevant", "v1-r"),
        ("region", "19", "v1-g"), ("region", "17", "v1-g"),
        ("topic", "finance", "v1-t"), ("topic", "governance", "v1-t"),
        ("direction", "risk", "v1-d"), ("direction", "neutral", "v1-d"), ("direction", "progress", "v1-d"),
    ]  # fmt: skip
    assert claims[0].evidence[0].text == "Alijäämä"
    assert claims[1].evidence[0].text == "Pohteen"
    assert {c.content_hash for c in claims} == {"v1:x"}


def test_the_issuer_of_a_rescue_notice_knows_the_place() -> None:
    article = _article("Mustasaari/Korsholm, maastopalo: pieni")
    said = in_force(claims_of(article, _tags(), VERSIONS, issued_for=("17",)))
    regions = {c.label: c for c in said if c.task == "region"}
    assert [code for code, c in regions.items() if c.decided] == ["17"]
    assert regions["17"].author_id == RESCUE_RULE
    assert regions["17"].evidence[0].text == "Mustasaari/Korsholm"
    assert next(c for c in said if c.task == "relevance").author == "model"


@pytest.mark.parametrize(("language", "known"), [("fi", True), ("sv", True), ("und", True), ("en", False), ("se", False)])  # fmt: skip
def test_only_finnish_and_swedish_are_read(language: str, known: bool) -> None:
    assert readable(_article(language=language)) is known
    assert text_of(_article(language=language)).home == ("19",)


# --- what is in force -----------------------------------------------------------------------------


def test_a_person_outranks_a_rule_outranks_a_model() -> None:
    model = _claim("region", "19")
    rule = _claim("region", "19", 0.0, decided=False, author="rule")
    person = _claim("region", "19", 1.0, author="person")
    assert in_force([model, rule]) == (rule,)
    assert in_force([person, model, rule]) == (person,)


def test_a_later_tagging_replaces_the_earlier_whole() -> None:
    old = [
        _claim("relevance", "relevant"),
        _claim("topic", "finance"),
        _claim("region", "19", author="rule"),
    ]
    new = [_claim("relevance", "relevant", 0.1, decided=False)]
    assert in_force([*old, *new]) == tuple(new)


def test_a_persons_word_outlives_a_new_tagging() -> None:
    person = _claim("direction", "progress", 1.0, author="person")
    tagging = [
        _claim("relevance", "relevant"),
        _claim("direction", "risk"),
        _claim("direction", "neutral", decided=False),
    ]
    assert person in in_force([*tagging, person, *tagging])
    assert [c.label for c in in_force([*tagging, person, *tagging]) if c.task == "direction"] == [
        "progress"
    ]


def test_a_person_changes_one_topic_and_leaves_the_others() -> None:
    tagging = [_claim("relevance", "relevant"), _claim("topic", "finance"), _claim("topic", "ict")]
    refused = _claim("topic", "ict", 0.0, decided=False, author="person")
    assert [(c.label, c.decided) for c in in_force([*tagging, refused])[1:]] == [
        ("finance", True),
        ("ict", False),
    ]


CLAIMS = st.lists(
    st.builds(
        _claim,
        st.sampled_from(("relevance", "region", "topic", "direction")),
        st.sampled_from("ab"),
        st.floats(0, 1),
        decided=st.booleans(),
        author=st.sampled_from(("model", "rule", "person")),
    ),
    max_size=14,
)


@given(claims=CLAIMS)
def test_what_is_in_force_was_said_and_stays_so(claims: list[Claim]) -> None:
    found = in_force(claims)
    assert all(c in claims for c in found)
    assert in_force(found) == found
    for task in ("region", "topic"):
        labels = [c.label for c in found if c.task == task]
        assert len(labels) == len(set(labels))


@given(claims=CLAIMS)
def test_nobody_of_lower_rank_speaks_where_a_person_did(claims: list[Claim]) -> None:
    spoken = {(c.task, c.label) for c in claims if c.author == "person"}
    for claim in in_force(claims):
        if (claim.task, claim.label) in spoken:
            assert RANK[claim.author] == RANK["person"]


# --- flags ----------------------------------------------------------------------------------------

RELEVANT = _claim("relevance", "relevant", 0.9)
HERE = _claim("region", "19", 0.9, role="happens")


def _reasons(*claims: Claim, context: FlagContext | None = None) -> list[FlagReason]:
    return [f.reason for f in flags_of(7, claims, context or FlagContext())]


def test_a_relevant_risk_is_flagged_and_progress_is_not() -> None:
    assert _reasons(RELEVANT, HERE, _claim("direction", "risk", 0.8)) == [FlagReason.RISK]
    assert _reasons(RELEVANT, HERE, _claim("direction", "progress", 0.8)) == []
    assert _reasons(RELEVANT, HERE, _claim("direction", "risk", 0.3)) == []


def test_the_flag_shows_its_figures() -> None:
    (flag,) = flags_of(7, [RELEVANT, _claim("direction", "risk", 0.8)], FlagContext())
    assert flag.strength == pytest.approx(0.72)
    assert flag.detail == {"relevant": 0.9, "risk": 0.8, "threshold": 0.4}


def test_a_story_across_publisher_groups_spreads() -> None:
    assert _reasons(RELEVANT, context=FlagContext(publisher_groups=3)) == [FlagReason.SPREADING]
    assert _reasons(RELEVANT, context=FlagContext(publisher_groups=2)) == []


def test_doubt_matters_only_where_a_region_would_change() -> None:
    doubtful = _claim("relevance", "relevant", 0.45, decided=False)
    assert _reasons(doubtful, HERE) == [FlagReason.UNSURE]
    assert _reasons(doubtful) == []
    person = _claim("relevance", "relevant", 0.45, decided=False, author="person")
    assert _reasons(person, HERE) == []


def test_the_first_story_after_quiet_weeks() -> None:
    assert _reasons(RELEVANT, HERE, context=FlagContext(quiet_weeks={"19": 5})) == [FlagReason.FIRST_IN_WEEKS]  # fmt: skip
    assert _reasons(RELEVANT, HERE, context=FlagContext(quiet_weeks={"19": 2, "05": 9})) == []


def test_a_topic_is_rare_only_against_enough_articles() -> None:
    topic = _claim("topic", "ict")
    rare = FlagContext(topic_counts={"ict": 1}, relevant_articles=100)
    few = FlagContext(topic_counts={"ict": 1}, relevant_articles=20)
    assert _reasons(RELEVANT, topic, context=rare) == [FlagReason.RARE_TOPIC]
    assert _reasons(RELEVANT, topic, context=few) == []


@given(claims=CLAIMS, groups=st.integers(1, 9), weeks=st.integers(0, 60), known=st.integers(0, 200))
def test_strengths_are_shares_and_reasons_stand_once(
    claims: list[Claim], groups: int, weeks: int, known: int
) -> None:
    context = FlagContext(groups, {"a": weeks}, {"a": known // 40}, known)
    flags = flags_of(7, claims, context)
    assert all(0 <= f.strength <= 1 for f in flags)
    assert len({f.reason for f in flags}) == len(flags)
    if not any(c.task == "relevance" and c.decided for c in claims):
        assert {f.reason for f in flags} <= {FlagReason.UNSURE}


@given(strengths=st.dictionaries(st.integers(1, 50), st.floats(0, 1)), left=st.integers(-3, 20))
def test_the_budget_is_kept_and_goes_to_the_strongest(
    strengths: dict[int, float], left: int
) -> None:
    flags = {a: (Flag(a, FlagReason.RISK, s),) for a, s in strengths.items()}
    chosen = within_budget(flags | {99: ()}, left)
    assert len(chosen) == min(len(flags), max(0, left))
    passed = [strengths[a] for a in strengths if a not in chosen]
    assert not chosen or not passed or min(strengths[a] for a in chosen) >= max(passed)
