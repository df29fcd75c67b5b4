"""The review on both databases: decisions, their undoing, ten people at once, the queue and its slice."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, col, func, select

from classifiers.reference import Reference
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db import cards, draws, review
from monitor.db.claims import add_claims, current_claims, words_of_people
from monitor.db.decisions import mark_stale, scored, stale_weeks
from monitor.db.draws import Passed, Rates
from monitor.db.engine import reading, transaction
from monitor.db.flags import open_flags, replace_flags
from monitor.db.labelling import undecided
from monitor.db.tables import (
    ArticleRow,
    AuditRow,
    ClaimRow,
    DecisionRow,
    EntryRow,
    OutcomeRow,
    RevisionRow,
    ScoreRow,
    StoryRow,
)
from monitor.people.values import User
from monitor.review import filters, hold
from monitor.review.card import card
from monitor.review.decide import decide, last_decision, undo
from monitor.review.estimate import estimates, keep, kept
from monitor.review.queue import queue
from monitor.review.refresh import refresh
from monitor.review.values import (
    Conflict,
    Decided,
    Given,
    Gone,
    Invalid,
    NotYours,
    QueueFilter,
    Share,
)
from monitor.review.why import why
from monitor.settings import Settings
from monitor.values import Claim, Flag, FlagReason
from tests.stored import AT, article_row, feed_row

ANNA = User(1, "anna", "Anna Aalto", "reviewer", "fi")
BERTIL = User(2, "bertil", "Bertil Berg", "reviewer", "sv")
CECILIA = User(3, "cecilia", "Cecilia", "analyst", "sv")
RISK = Given(True, ("07",), topics=("finance",), direction="risk")
NO = Given(False)
WEEK = "2026-W47"  # of AT


@pytest.fixture
def app(engine: Engine, clock: ManualClock, reference: Reference) -> App:
    clock.set(clock() + timedelta(hours=6))
    return App(Settings(), clock, engine, reference)


def _signature(*, changed: int = 0) -> bytes:
    numbers = np.arange(128, dtype="<u4")
    numbers[:changed] += 1000
    return numbers.tobytes()


def _machine(article: int, chance: float = 0.6) -> list[Claim]:
    def said(task: str, label: str, decided: bool = True, role: str | None = None) -> Claim:
        return Claim(article, f"v1:{article}", task, label, chance, decided, "model", "m1", role)  # type: ignore[arg-type]

    return [
        said("relevance", "relevant"),
        said("region", "07", role="happens"),
        said("topic", "finance"),
        said("direction", "risk"),
    ]


def _filled(app: App, stories: int = 3) -> list[int]:
    """Articles 1, 2, 3 ... each the flagged card of a story of its own; returns their ids."""
    with transaction(app.engine) as session:
        session.add(feed_row())
        session.flush()
        ids = []
        for n in range(stories):
            ids.append(_article(session, n, _story(session)))
        for week in (WEEK, "2026-W46"):
            session.add(_score_row(week))
    refresh(app)
    return ids


def _story(session: Session) -> int:
    story = StoryRow(first_published=AT, last_published=AT)
    session.add(story)
    session.flush()
    return story.id or 0


def _article(
    session: Session, n: int, story: int, *, flagged: bool = True, **changed: object
) -> int:
    row = article_row(n, title=f"Otsikko {n}", story_id=story, fingerprint=_signature(), **changed)
    session.add(row)
    session.flush()
    id_ = row.id or 0
    row.content_hash = f"v1:{id_}"
    session.add(
        RevisionRow(
            article_id=id_, number=1, at=AT, title=row.title, text="", content_hash=f"v1:{id_}"
        )
    )
    add_claims(session, _machine(id_), AT)
    if flagged:
        flags = [Flag(id_, FlagReason.RISK, 0.9 - n / 100), Flag(id_, FlagReason.UNSURE, 0.1)]
        replace_flags(session, {id_: flags}, AT)
    return id_


def _score_row(week: str) -> ScoreRow:
    return ScoreRow(
        week=week, region="07", group="all", combined=None, value={}, methodology="m",
        input_hash="h", computed_at=AT,
    )  # fmt: skip


def _state(app: App, ids: list[int]) -> object:
    """Everything a decision changes and an undoing brings back."""
    with reading(app.engine) as session:
        items = session.connection().execute(
            text(
                "SELECT article_id, lane, points, reasons, drawn, closed_by FROM review_items ORDER BY 1"
            )
        )
        return (
            current_claims(session, ids),
            open_flags(session, ids),
            [tuple(row) for row in items],
            words_of_people(session),
            [a.id for a in undecided(session, ("fi",), 100)],
            queue(app, ANNA),
        )


def _relevance(claims: tuple[Claim, ...]) -> Claim:
    (found,) = (c for c in claims if c.task == "relevance")
    return found


def _decide(
    app: App, user: User, article: int, given: Given, seen: int = 0, key: str = ""
) -> object:
    return decide(app, user, article, f"v1:{article}", seen, given, key)


# --- deciding and undoing ------------------------------------------------------------------------


def test_a_decision_counts_at_once_everywhere(app: App) -> None:
    ids = _filled(app)
    made = _decide(app, ANNA, ids[0], RISK)
    assert isinstance(made, Decided)
    assert (made.articles, made.flags, made.weeks, made.decision.number) == (
        (ids[0],),
        2,
        (WEEK,),
        1,
    )
    assert [c.author for c in made.before] == ["model"] * 4
    with reading(app.engine) as session:
        claims = current_claims(session, [ids[0]])[ids[0]]
        assert {c.author for c in claims if c.task != "topic" or c.decided} == {"person"}
        assert [c.label for c in claims if c.task == "region" and c.decided] == ["07"]
        assert open_flags(session, ids).keys() == set(ids[1:])
        assert stale_weeks(session) == {WEEK: 1}
        assert review.waiting_count(session) == 2
        audit = session.exec(select(AuditRow).where(AuditRow.who == "anna")).one()
    assert (audit.action, audit.subject) == ("decide", f"article {ids[0]}")
    assert ids[0] not in [item.article_id for item in queue(app, BERTIL).items]
    found = card(app, BERTIL, ids[0])
    assert found is not None
    assert (found.seen, [d.who for d in found.history]) == (1, ["anna"])


def test_undo_brings_back_exactly_what_stood(app: App) -> None:
    ids = _filled(app)
    before = _state(app, ids)
    made = _decide(app, ANNA, ids[1], NO)
    assert isinstance(made, Decided)
    assert _state(app, ids) != before
    last = last_decision(app, ANNA)
    assert last == made.decision
    undone = undo(app, ANNA, made.decision.id)
    assert isinstance(undone, Decided)
    assert (undone.decision.action, undone.decision.undoes, undone.flags) == ("undo", 1, 2)
    after = _state(app, ids)
    assert after[:5] == before[:5]  # type: ignore[index]  # a tuple
    assert queue(app, ANNA).items == before[5].items  # type: ignore[index]
    assert last_decision(app, ANNA) is None


def test_undo_brings_back_the_decision_before(app: App) -> None:
    ids = _filled(app)
    _decide(app, ANNA, ids[0], RISK)
    before = _state(app, ids)
    second = _decide(app, BERTIL, ids[0], NO, seen=1)
    assert isinstance(second, Decided)
    assert isinstance(undo(app, BERTIL, second.decision.id), Decided)
    assert _state(app, ids)[:5] == before[:5]  # type: ignore[index]


def test_what_was_known_before_stays_as_it_was(app: App, clock: ManualClock) -> None:
    ids = _filled(app)
    moments = [clock()]
    clock.set(clock() + timedelta(hours=1))
    made = _decide(app, ANNA, ids[0], NO)
    assert isinstance(made, Decided)
    moments.append(clock())
    clock.set(clock() + timedelta(hours=1))
    undo(app, ANNA, made.decision.id)
    moments.append(clock())
    with reading(app.engine) as session:
        said = [_relevance(current_claims(session, [ids[0]], at)[ids[0]]) for at in moments]
    assert [(c.author, c.decided) for c in said] == [
        ("model", True), ("person", False), ("model", True),
    ]  # fmt: skip


def test_copies_are_decided_together_and_follow_ups_are_not(app: App) -> None:
    _filled(app, 1)
    with transaction(app.engine) as session:
        story = _story(session)
        ids = [_article(session, n, story) for n in (10, 11, 12)]
        session.get_one(ArticleRow, ids[2]).fingerprint = _signature(changed=90)
    refresh(app)
    shown = card(app, ANNA, ids[0])
    assert shown is not None
    assert [o.article_id for o in shown.copies] == [ids[1]]
    assert [o.article_id for o in shown.followups] == [ids[2]]
    assert [i.others for i in queue(app, ANNA).items if i.article_id == ids[0]] == [2]
    made = _decide(app, ANNA, ids[0], NO)
    assert isinstance(made, Decided)
    assert made.articles == (ids[0], ids[1])
    with reading(app.engine) as session:
        authors = {i: _relevance(cs).author for i, cs in current_claims(session, ids).items()}
        assert authors == {ids[0]: "person", ids[1]: "person", ids[2]: "model"}
        assert open_flags(session, ids) == {}  # the story's card is done
    # whoever had the copy's card open sees the decision
    assert isinstance(_decide(app, BERTIL, ids[1], RISK), Conflict)
    later = _decide(app, BERTIL, ids[1], RISK, seen=1)
    assert isinstance(later, Decided)
    assert isinstance(undo(app, BERTIL, later.decision.id), Decided)
    assert isinstance(undo(app, ANNA, made.decision.id), Conflict)  # an undoing came after


def test_two_people_never_overwrite_each_other(app: App) -> None:
    ids = _filled(app)
    first = _decide(app, ANNA, ids[0], RISK)
    assert isinstance(first, Decided)
    second = _decide(app, BERTIL, ids[0], NO)
    assert second == Conflict(first.decision, 1)
    assert isinstance(_decide(app, BERTIL, ids[0], NO, seen=1), Decided)
    blocked = undo(app, ANNA, first.decision.id)
    assert isinstance(blocked, Conflict)
    assert blocked.decision.who == "bertil"


def test_a_request_that_comes_twice_decides_once(app: App) -> None:
    ids = _filled(app)
    first = _decide(app, ANNA, ids[0], RISK, key="page-1")
    again = _decide(app, ANNA, ids[0], RISK, key="page-1")
    assert isinstance(first, Decided)
    assert isinstance(again, Decided)
    assert (again.again, again.decision) == (True, first.decision)
    assert isinstance(_decide(app, BERTIL, ids[0], RISK, key="page-1"), Conflict)
    undone = undo(app, ANNA, first.decision.id, "undo-1")
    once_more = undo(app, ANNA, first.decision.id, "undo-1")
    assert isinstance(undone, Decided)
    assert isinstance(once_more, Decided)
    assert once_more.decision == undone.decision


def test_what_cannot_be_decided_is_a_value(app: App) -> None:
    ids = _filled(app)
    assert _decide(app, ANNA, 999, NO) == Gone("no article")
    assert decide(app, ANNA, ids[0], "v1:other", 0, NO) == Gone("no such text")
    assert _decide(app, ANNA, ids[0], Given(True)) == Invalid({"direction": "needed"})
    assert undo(app, ANNA, 999) == Gone("no decision")
    made = _decide(app, ANNA, ids[0], NO)
    assert isinstance(made, Decided)
    assert undo(app, BERTIL, made.decision.id) == NotYours("anna")
    assert isinstance(undo(app, CECILIA, made.decision.id), Decided)
    with transaction(app.engine) as session:
        session.get_one(ArticleRow, ids[1]).removed = AT
    assert _decide(app, ANNA, ids[1], NO) == Gone("removed")


def test_of_ten_people_at_once_one_decides_and_nine_see_it(app: App) -> None:
    ids = _filled(app, 4)
    found = _hammered(app, [ids[0]] * 10)
    assert Counter(type(r).__name__ for r in found) == {"Decided": 1, "Conflict": 9}
    winner = next(r for r in found if isinstance(r, Decided))
    shown = {r.decision for r in found if isinstance(r, Conflict)}
    assert shown == {winner.decision}


def test_nothing_is_lost_or_doubled_when_ten_people_decide_what_they_like(app: App) -> None:
    _filled(app, 1)
    with transaction(app.engine) as session:
        story = _story(session)  # copies of one another: they are decided together
        ids = [_article(session, n, story) for n in range(20, 24)]
    found = _hammered(app, [ids[n % 4] for n in range(10)])
    made = [r for r in found if isinstance(r, Decided)]
    assert len(made) == 1
    assert len(found) == 10
    with reading(app.engine) as session:
        rows = session.exec(select(DecisionRow.article_id, DecisionRow.number)).all()
        claims = session.exec(
            select(func.count()).where(ClaimRow.author == "person", ClaimRow.task == "relevance")
        ).one()
        assert stale_weeks(session) == {WEEK: 1}
    assert sorted(rows) == [(id_, 1) for id_ in ids]
    assert claims == 4


def _hammered(app: App, articles: list[int]) -> list[object]:
    """Everybody decides at the same moment from a page that showed no decision."""
    barrier, found, lock = threading.Barrier(len(articles)), list[object](), threading.Lock()

    def person(n: int) -> None:
        user = User(n, f"u{n}", f"U{n}", "reviewer", "fi")
        barrier.wait()
        result = _decide(app, user, articles[n], RISK, key=f"k{n}")
        with lock:
            found.append(result)

    threads = [threading.Thread(target=person, args=(n,)) for n in range(len(articles))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_week_stays_stale_while_decisions_come_during_its_scoring(app: App) -> None:
    _filled(app)
    with transaction(app.engine) as session:
        assert mark_stale(session, [WEEK, "2020-W01"], AT) == (WEEK,)  # the other has no scores
    with reading(app.engine) as session:
        marks = stale_weeks(session)[WEEK]
    with transaction(app.engine) as session:
        mark_stale(session, [WEEK], AT)
        assert not scored(session, WEEK, marks)
        assert scored(session, WEEK, marks + 1)
        assert stale_weeks(session) == {}


# --- the queue -----------------------------------------------------------------------------------


def test_the_queue_has_one_card_a_story_in_order_and_can_be_filtered(app: App) -> None:
    ids = _filled(app)
    with transaction(app.engine) as session:
        story = session.get_one(ArticleRow, ids[0]).story_id or 0
        behind = _article(session, 30, story, completeness="teaser")
        swedish = _article(session, 31, _story(session), language="sv")
    refresh(app)
    found = queue(app, ANNA)
    assert [i.article_id for i in found.items] == [*ids, swedish]  # by the strength of their flags
    assert (found.waiting, found.more) == (4, False)
    assert found.items[0].reasons == (FlagReason.RISK, FlagReason.UNSURE)
    assert behind not in [i.article_id for i in found.items]
    assert len(queue(app, ANNA, limit=2).items) == 2

    def shown(**wanted: object) -> list[int]:
        return [i.article_id for i in queue(app, ANNA, QueueFilter(**wanted)).items]  # type: ignore[arg-type]

    assert shown(language="sv") == [swedish]
    assert shown(text="OTSIKKO 1") == [ids[1]]
    assert shown(text="%") == []
    assert shown(region="07") == [*ids, swedish]
    assert shown(region="0") == []
    assert shown(topic="ict") == []
    assert shown(reason="unsure") == [*ids, swedish]
    assert shown(reason="rare topic") == []


def test_people_put_off_assign_hand_over_and_discuss(app: App, clock: ManualClock) -> None:
    ids = _filled(app)
    until = hold.skip(app, ANNA, ids[0])
    assert until == datetime(2026, 11, 16, 22, tzinfo=UTC)  # midnight in Helsinki
    assert [i.article_id for i in queue(app, ANNA).items] == ids[1:]
    assert queue(app, ANNA).skipped == 1
    assert [i.article_id for i in queue(app, BERTIL).items] == ids  # hers alone
    hold.assign(app, ANNA, ids[1], "bertil")
    hold.hand_over(app, ANNA, ids[2], "bertil", "Katso tämä.")
    mine = queue(app, BERTIL, QueueFilter(mine=True)).items
    assert [(i.article_id, i.assigned, i.notes) for i in mine] == [
        (ids[1], "bertil", 0), (ids[2], "bertil", 1),
    ]  # fmt: skip
    hold.discuss(app, BERTIL, ids[1], "Onko tämä alueellinen?")
    assert ids[1] not in [i.article_id for i in queue(app, BERTIL).items]
    assert [i.article_id for i in queue(app, ANNA, QueueFilter(discuss=True)).items] == [ids[1]]
    hold.discussed(app, ANNA, ids[1], "On.")
    shown = card(app, ANNA, ids[1])
    assert shown is not None
    assert [(n.kind, n.who) for n in shown.notes] == [("discuss", "bertil"), ("discussed", "anna")]
    clock.set(clock() + timedelta(days=1))
    assert [i.article_id for i in queue(app, ANNA).items] == ids


def test_a_look_is_seen_by_others_and_expires(app: App, clock: ManualClock) -> None:
    ids = _filled(app)
    assert hold.look(app, ANNA, ids[0]) == ()
    assert [x.shown for x in hold.look(app, BERTIL, ids[0])] == ["Anna Aalto"]
    assert [x.who for x in queue(app, CECILIA).items[0].looking] == ["anna", "bertil"]
    hold.leave(app, BERTIL, ids[0])
    assert [x.who for x in queue(app, CECILIA).items[0].looking] == ["anna"]
    clock.set(clock() + hold.LOOKS)
    assert queue(app, CECILIA).items[0].looking == ()
    assert isinstance(_decide(app, BERTIL, ids[0], NO), Decided)  # a look blocks nobody


def test_filters_are_kept_under_a_name_of_ones_own(app: App) -> None:
    wanted = QueueFilter(region="07", mine=True)
    one = filters.keep(app, ANNA, "  Oma   alue ", wanted)
    assert one is not None
    assert (one.name, one.filter) == ("Oma alue", wanted)
    again = filters.keep(app, ANNA, "Oma alue", QueueFilter())
    assert again is not None
    assert again.id == one.id
    assert filters.saved(app, ANNA) == (again,)
    assert filters.saved(app, BERTIL) == ()
    assert not filters.drop(app, BERTIL, one.id)
    assert filters.drop(app, ANNA, one.id)
    assert filters.keep(app, ANNA, "  ", wanted) is None


def test_opening_the_queue_reads_an_index_of_what_waits(
    sqlite: Engine, reference: Reference, clock: ManualClock
) -> None:
    app = App(Settings(), clock, sqlite, reference)
    _filled(app)
    plans = []
    with reading(sqlite) as session:
        for index, where in (
            ("lane", "lane = 1 ORDER BY recent DESC, points DESC, strength DESC, article_id DESC"),
            ("drawn", "drawn IS 1 ORDER BY week, place"),
        ):
            query = text(f"EXPLAIN QUERY PLAN SELECT article_id FROM review_items WHERE {where}")
            steps = [str(row[3]) for row in session.connection().execute(query)]
            plans.append((index, steps))
    for index, steps in plans:
        assert all("TEMP B-TREE" not in step for step in steps), steps
        assert any(f"ix_review_items_{index}" in step for step in steps), steps


# --- the slice -----------------------------------------------------------------------------------


def test_the_slice_stands_in_the_queue_and_is_measured(app: App) -> None:
    ids = _filled(app, 6)
    rates = Rates(1.0, 1.0, "k")
    with transaction(app.engine) as session:
        plain = [_article(session, n, _story(session), flagged=False) for n in (40, 41)]
        passed = [Passed(i, WEEK, i in ids, i in ids) for i in [*ids, *plain]]
        draws.draw(session, passed[-2:], rates, "m1")
        draws.draw(session, passed[:-2], replace(rates, flagged=0.0), "m1")
        draws.draw(session, passed, replace(rates, flagged=0.0), "m1")  # again: the same
    refresh(app)
    found = queue(app, ANNA).items
    assert [i.random for i in found] == [False] * 4 + [True, False, False, True]
    assert {i.article_id for i in found if i.random} == set(plain)
    assert queue(app, ANNA, QueueFilter(reason="random")).waiting == 2
    _decide(app, ANNA, plain[0], RISK)
    _decide(app, ANNA, plain[1], NO)
    assert [i.random for i in queue(app, ANNA).items] == [False] * 6
    relevance, flags = estimates(app, [WEEK, "2026-W01"])
    assert (relevance.articles, relevance.drawn, relevance.decided) == (8, 2, 2)
    assert relevance.precision is None  # nobody decided any of the flagged ones of the slice
    assert (flags.what, relevance.models, relevance.final) == ("flags", ("m1",), False)
    _decide(app, ANNA, ids[0], RISK)
    keep(app)
    assert [e.what for e in kept(app, [WEEK])] == ["flags", "relevance"]


def test_an_article_flagged_later_counts_as_flagged_and_keeps_its_lot(app: App) -> None:
    ids = _filled(app, 1)
    with transaction(app.engine) as session:
        draws.draw(session, [Passed(ids[0], WEEK, False, False)], Rates(1.0, 0.0, "k"), "m1")
        assert draws.sample(session, WEEK).drawn == 0
        draws.draw(session, [Passed(ids[0], WEEK, True, True)], Rates(1.0, 0.0, "k"), "m2")
        sample = draws.sample(session, WEEK)
    assert (sample.sizes, sample.drawn, sample.models) == ({(True, False): 1}, 1, ("m1",))


def test_an_estimate_comes_back_as_it_was_kept(app: App) -> None:
    ids = _filled(app, 2)
    with transaction(app.engine) as session:
        draws.draw(session, [Passed(i, WEEK, True, True) for i in ids], Rates(1.0, 1.0, "k"), "m1")
    _decide(app, ANNA, ids[0], RISK)
    _decide(app, ANNA, ids[1], NO)
    keep(app)
    made = {e.what: e for e in estimates(app, [WEEK])}
    assert {e.what: e for e in kept(app, [WEEK])} == made
    assert made["relevance"].precision == Share(0.5, 0.5, 0.5)  # both were decided


# --- why is this not in my list ------------------------------------------------------------------


def test_the_reason_why_an_article_is_not_listed(app: App) -> None:
    ids = _filled(app, 2)
    with transaction(app.engine) as session:
        story = session.get_one(ArticleRow, ids[0]).story_id or 0
        behind = _article(session, 50, story)
        dull = _article(session, 51, _story(session), flagged=False)
        full = _article(session, 52, _story(session), flagged=False)
        for id_, reason in ((dull, ""), (full, "over the week's budget")):
            session.get_one(ArticleRow, id_).tagged_with = f"v1:{id_}|m1"
            session.add(OutcomeRow(stage="tag", item=f"{id_}|1|m1", outcome="relevant", at=AT))
            session.add(
                OutcomeRow(
                    stage="flag", item=f"{id_}|1|m1", outcome="not flagged", reason=reason, at=AT
                )
            )
        new = _article(session, 53, _story(session), flagged=False)
        session.add(_entry(1, "https://a.example/uusi", "pending", None))
        session.add(_entry(2, "https://a.example/kielletty", "done", "refused by robots"))
    refresh(app)

    def codes(subject: str, **wanted: object) -> list[str]:
        return [r.code for r in why(app, ANNA, subject, QueueFilter(**wanted)).reasons]  # type: ignore[arg-type]

    assert why(app, ANNA, str(ids[0])).place == 1
    assert codes("https://a.example/0/") == ["in_list"]
    assert codes(str(ids[0]), region="08", mine=True) == ["not_mine", "filter_region"]
    assert why(app, ANNA, str(behind)).reasons[0].article_id == ids[0]
    assert codes(str(behind)) == ["behind_card"]
    assert codes(str(dull)) == ["no_reason", "not_drawn"]
    assert codes(str(full)) == ["over_budget", "not_drawn"]
    assert codes(str(new)) == ["not_tagged"]
    assert codes("https://a.example/uusi") == ["not_fetched"]
    assert codes("https://a.example/kielletty") == ["refused"]
    assert codes("https://b.example/") == ["unknown"]
    assert codes("999999999999999") == ["unknown"]
    hold.skip(app, ANNA, ids[1])
    assert codes(str(ids[1])) == ["skipped"]
    hold.discuss(app, ANNA, ids[1], "")
    assert "in_discuss" in codes(str(ids[1]))
    _decide(app, BERTIL, ids[0], NO)
    assert codes(str(ids[0]))[0] == "decided"
    assert codes(str(behind))[0] == "decided"  # it is a copy
    with transaction(app.engine) as session:
        session.get_one(ArticleRow, ids[1]).removed = AT
    assert codes(str(ids[1])) == ["removed"]


def _entry(n: int, link: str, state: str, permission: str | None) -> EntryRow:
    return EntryRow(
        feed_id="a", key=f"k{n}", link=link, own_page=True, title="", summary="", first_seen=AT,
        last_seen=AT, entry_hash="", state=state, permission=permission,
    )  # fmt: skip


def test_a_card_is_found_by_number_and_shows_who_decided_its_story(app: App) -> None:
    ids = _filled(app, 1)
    assert card(app, ANNA, 999) is None
    shown = card(app, ANNA, ids[0])
    assert shown is not None
    assert shown.proposed == RISK
    assert [r.number for r in shown.revisions] == [1]
    assert (shown.outlet, shown.seen, shown.random) == ("a", 0, False)
    with reading(app.engine) as session:
        assert cards.hold(session, ids[0]) == (None, False)
        assert session.exec(select(func.count(col(AuditRow.id)))).one() == 0
