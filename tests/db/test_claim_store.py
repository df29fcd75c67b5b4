"""Claims, flags and activations on both databases."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, select

from monitor.db import activations, claims, flags, outcomes
from monitor.db.engine import reading, transaction
from monitor.db.tables import ArticleRow, AuditRow, FlagRow, StoryRow
from monitor.values import Claim, Evidence, Flag, FlagReason, Outcome, Stage
from tests.stored import article_row, feed_row

AT = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


def _filled(session: Session, articles: int = 2) -> list[int]:
    session.add(feed_row())
    session.flush()
    rows = [article_row(n) for n in range(articles)]
    session.add_all(rows)
    session.flush()
    return [row.id or 0 for row in rows]


def _claim(article: int, label: str = "relevant", **changed: object) -> Claim:
    known = {
        "article_id": article, "content_hash": f"v1:{article}", "task": "relevance", "label": label,
        "probability": 0.75, "decided": True, "author": "model", "author_id": "v1-r",
    }  # fmt: skip
    return Claim(**{**known, **changed})  # type: ignore[arg-type]


def test_a_claim_comes_back_whole(engine: Engine) -> None:
    with transaction(engine) as session:
        first, second = _filled(session)
        evidence = (Evidence("title", 0, 4, "Åbo, ", "gazetteer", 1.25),)
        said = _claim(first, "05", task="region", role="happens", evidence=evidence)
        claims.add_claims(session, [_claim(first), said], AT)
    with reading(engine) as session:
        found = claims.current_claims(session, [first, second])
    assert found == {first: (_claim(first), said)}


def test_a_newer_tagging_is_in_force_even_in_the_same_instant(engine: Engine) -> None:
    with transaction(engine) as session:
        (first,) = _filled(session, 1)
        claims.add_claims(session, [_claim(first), _claim(first, "ict", task="topic")], AT)
        newer = _claim(first, decided=False, author_id="v1-s")
        claims.add_claims(session, [newer], AT)
    with reading(engine) as session:
        assert claims.current_claims(session, [first]) == {first: (newer,)}


def test_many_articles_are_asked_at_once(engine: Engine) -> None:
    with transaction(engine) as session:
        ids = _filled(session, 1100)
        claims.add_claims(session, [_claim(i) for i in ids], AT)
    with reading(engine) as session:
        assert set(claims.current_claims(session, ids)) == set(ids)


def test_what_is_due_is_a_query_on_text_and_models(engine: Engine) -> None:
    def due(model_set: str) -> list[int]:
        with reading(engine) as session:
            return [d.article.id for d in claims.untagged(session, model_set, 10)]

    with transaction(engine) as session:
        first, second = _filled(session)
    assert due("m1") == [first, second]
    with transaction(engine) as session:
        claims.mark_tagged(session, [d.article for d in claims.untagged(session, "m1", 1)], "m1")
    assert due("m1") == [second]
    assert due("m2") == [first, second]
    with transaction(engine) as session:
        session.exec(select(ArticleRow).where(ArticleRow.id == first)).one().content_hash = "v1:new"
    assert due("m1") == [first, second]


def test_a_due_article_brings_its_feeds_kind(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(feed_row("peto", "rescue"))
        session.flush()
        session.add(article_row(1, feed_id="peto"))
    with reading(engine) as session:
        (due,) = claims.untagged(session, "m", 10)
    assert due.feed_kind == "rescue"
    assert due.article.feed_home == ("19",)


def test_flags_are_replaced_and_a_decided_one_stays(engine: Engine) -> None:
    with transaction(engine) as session:
        first, second = _filled(session)
        risk, rare = (
            Flag(first, r, 0.5, {"a": 1}) for r in (FlagReason.RISK, FlagReason.RARE_TOPIC)
        )
        flags.replace_flags(session, {first: (risk, rare)}, AT)
    with transaction(engine) as session:
        query = select(FlagRow).where(FlagRow.reason == FlagReason.RISK.value)
        session.exec(query).one().state = "decided"
    with transaction(engine) as session:
        flags.replace_flags(session, {first: (risk,), second: ()}, LATER)
    with reading(engine) as session:
        assert flags.open_flags(session, [first, second]) == {}
        assert [f.state for f in session.exec(select(FlagRow))] == ["decided"]
        assert (flags.flagged_since(session, AT), flags.flagged_since(session, LATER)) == (1, 0)


def test_an_open_flag_comes_back(engine: Engine) -> None:
    with transaction(engine) as session:
        (first,) = _filled(session, 1)
        given = Flag(first, FlagReason.SPREADING, 0.75, {"publisher_groups": 4, "threshold": 3})
        flags.replace_flags(session, {first: (given,)}, AT)
    with reading(engine) as session:
        assert flags.open_flags(session, [first]) == {first: (given,)}


def test_what_was_tagged_waits_to_be_flagged(engine: Engine) -> None:
    with transaction(engine) as session:
        for item in ("1|1|m", "2|1|m"):
            outcomes.record(session, [Outcome(Stage.TAG, item, "relevant")], AT)
        outcomes.record(session, [Outcome(Stage.FLAG, "1|1|m", "flagged")], AT)
    with reading(engine) as session:
        assert flags.unflagged_items(session, 10) == ["2|1|m"]


def test_figures_behind_the_reasons(engine: Engine) -> None:
    with transaction(engine) as session:
        first, second = _filled(session)
        story = StoryRow(first_published=AT, last_published=AT)
        session.add(story)
        session.flush()
        for row, group in zip(session.exec(select(ArticleRow)).all(), ("g", "h"), strict=True):
            row.story_id, row.publisher_group = story.id, group
            row.content_hash = f"v1:{row.id}"
        here = {"task": "region", "role": "happens"}
        claims.add_claims(
            session,
            [_claim(first), _claim(first, "19", **here), _claim(first, "ict", task="topic")],
            AT,
        )
        claims.add_claims(
            session, [_claim(second, decided=False), _claim(second, "05", **here)], AT
        )
    with reading(engine) as session:
        assert flags.publisher_groups(session, [story.id or 0]) == {story.id: 2}
        assert [(h.region, h.article_id) for h in flags.hearings(session, AT, ["19", "05"])] == [
            ("19", first)
        ]
        assert flags.hearings(session, LATER, ["19", "05"]) == []
        assert flags.topic_counts(session) == {"ict": 1}
        assert flags.relevant_articles(session) == 1


def test_the_newest_activation_wins_and_is_audited(engine: Engine) -> None:
    with transaction(engine) as session:
        for before, version in ((None, "v1-a"), ("v1-a", "v1-b"), ("v1-b", "v1-a")):
            activations.activate(
                session, "topic", version, before=before, at=AT, by="test", reason="trial"
            )
    with reading(engine) as session:
        assert activations.activated(session) == {"topic": "v1-a"}
        audits = session.exec(select(AuditRow).order_by(AuditRow.id)).all()  # type: ignore[arg-type]
    assert [a.before for a in audits] == [None, {"version": "v1-a"}, {"version": "v1-b"}]
    assert {a.subject for a in audits} == {"model:topic"}


# --- people ---------------------------------------------------------------------------------------


def _person(article: int, label: str, **changed: object) -> Claim:
    return _claim(
        article, label, **{"author": "person", "author_id": "Anna", "probability": 1.0, **changed}
    )


def test_an_older_word_that_is_stored_later_does_not_outrank_a_newer(engine: Engine) -> None:
    with transaction(engine) as session:
        (first,) = _filled(session, 1)
        newer = _person(first, "relevant", decided=False)
        claims.add_claims(session, [newer], LATER)
        claims.add_claims(session, [_person(first, "relevant")], AT)
        claims.add_claims(session, [_claim(first)], LATER)
    with reading(engine) as session:
        assert claims.current_claims(session, [first]) == {first: (newer,)}


def test_what_people_said_is_by_article_and_person_in_order(engine: Engine) -> None:
    with transaction(engine) as session:
        first, second = _filled(session)
        story = StoryRow(first_published=AT, last_published=AT)
        session.add(story)
        session.flush()
        for row in session.exec(select(ArticleRow)).all():
            row.story_id = story.id
        claims.add_claims(session, [_claim(first)], AT)
        claims.add_claims(session, [_person(second, "relevant", author_id="Bo")], LATER)
        claims.add_claims(session, [_person(second, "relevant")], LATER)
        claims.add_claims(session, [_person(second, "05", task="region")], AT)
    with reading(engine) as session:
        words = claims.words_of_people(session)
        assert claims.words_of_people(session, [first]) == []
    assert [(w.who, w.address, w.story) for w in words] == [
        ("Anna", "https://a.example/1", "https://a.example/0"),
        ("Bo", "https://a.example/1", "https://a.example/0"),
    ]
    assert [(c.label, at) for c, at in words[0].said] == [("05", AT), ("relevant", LATER)]


def test_decided_articles_are_found_by_text_or_address(engine: Engine) -> None:
    with transaction(engine) as session:
        first, second = _filled(session)
    with reading(engine) as session:
        found = claims.decided_articles(session, {"v1:1", "v1:9"}, {"https://a.example/0"})
        assert [a.id for a in found] == [first, second]
        assert claims.decided_articles(session, (), ()) == []
