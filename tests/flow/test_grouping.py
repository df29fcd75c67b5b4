"""Articles find their stories in the store, and the articles command shows them."""

import itertools
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from monitor.articles.fingerprint import content_hash, signature
from monitor.articles.group import group_new
from monitor.articles.values import Draft
from monitor.cli.main import cli
from monitor.clock import ManualClock
from monitor.db import articles, merges, outcomes, stories
from monitor.db.engine import migrate, open_engine, reading, transaction
from monitor.db.tables import ArticleRow, StoryRow
from monitor.feeds.poll import sync_feeds
from monitor.progress import Silent
from monitor.values import FeedSpec, Stage
from tests.stored import article_row, feed_row

MONDAY = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
LEHTI = FeedSpec("lehti", "https://lehti.example/rss", "Lehti", "fi", ("19",), "ketju", "daily")
BLADET = FeedSpec("bladet", "https://bladet.example/rss", "Bladet", "sv", ("19",), "kust", "daily")
CLOSING = (
    "Raahen päivystys suljetaan yöksi",
    "Pohjois-Pohjanmaan hyvinvointialue sulkee Raahen sairaalan yöpäivystyksen marraskuussa.\n\n"
    "Potilaat ohjataan Ouluun. Perusteena on pula lääkäreistä, ja säästö on 1,4 miljoonaa euroa.",
)
COPY = ("Yöpäivystys loppuu Raahessa", CLOSING[1] + "\n\nUutistoimisto.")
IN_SWEDISH = (
    "Brahestads jour stängs nattetid",
    "Norra Österbottens välfärdsområde stänger nattjouren vid Brahestads sjukhus i november.\n\n"
    "Patienterna hänvisas till Uleåborg. Läkarbrist är orsaken, och inbesparingen är 1,4 miljoner euro.",
)
OPPOSED = (
    "Kaupunginjohtaja arvostelee Raahen päivystyksen sulkemista",
    "Kaupunki vaatii, että Raahen sairaalan yöpäivystys jatkuu. Hyvinvointialue sulkee sen "
    "marraskuussa, ja matka Ouluun on pitkä.",
)
ELSEWHERE = (
    "Iisalmen päivystys suljetaan yöksi",
    "Pohjois-Savon hyvinvointialue sulkee Iisalmen sairaalan yöpäivystyksen marraskuussa. Potilaat "
    "ohjataan Kuopioon. Syynä on pula lääkäreistä.",
)
CONCERT = (
    "Orkestern firar hundra år i Vasa",
    "Stadsorkestern i Vasa spelar Sibelius i stadshuset på lördag. Biljetterna kostar 18 euro, och "
    "dirigenten lovar en överraskning efter pausen.",
)
GIVEN = [
    (CLOSING, LEHTI, 0.0), (IN_SWEDISH, BLADET, 0.2), (COPY, LEHTI, 0.3), (ELSEWHERE, LEHTI, 0.5),
    (CONCERT, BLADET, 1.0), (OPPOSED, LEHTI, 2.0),
]  # fmt: skip


def _add(engine: Engine, number: int) -> int:
    (title, text), feed, days = GIVEN[number]
    draft = Draft(
        f"https://{feed.id}.example/{number}", feed, title, text, feed.lang, 1.0, "full", "", "page",
        MONDAY + timedelta(days=days), "feed", content_hash(title, text), signature(text),
    )  # fmt: skip
    with transaction(engine) as session:
        return articles.add(session, draft, MONDAY)


def _grouped(engine: Engine, batches: Sequence[Sequence[int]]) -> set[frozenset[int]]:
    """Add the articles batch by batch, grouping after each; which numbers stand together."""
    sync_feeds(engine, [LEHTI, BLADET], MONDAY)
    numbers: dict[int, int] = {}
    for batch in batches:
        numbers.update({_add(engine, n): n for n in batch})
        group_new(engine, ManualClock(MONDAY), Silent())
    with reading(engine) as session:
        found = {s.id: s for s in stories.stories_of(session, list(numbers)).values()}
    return {frozenset(numbers[a] for a in story.article_ids) for story in found.values()}


EXPECTED = {frozenset({0, 1, 2, 5}), frozenset({3}), frozenset({4})}


def test_copies_follow_ups_and_the_other_language_are_one_story(engine: Engine) -> None:
    assert _grouped(engine, [range(6)]) == EXPECTED
    with reading(engine) as session:
        assert outcomes.counts(session, Stage.STORY) == {
            "copy": 1,
            "follow-up": 2,
            "new story": 3,
        }
        (story,) = {s for s in stories.stories_of(session, [1]).values()}
    assert story.publisher_groups == ("ketju", "kust")


def test_an_article_that_breaks_the_comparison_stops_no_other(engine: Engine) -> None:
    sync_feeds(engine, [LEHTI, BLADET], MONDAY)
    _add(engine, 0)
    broken = _add(engine, 2)
    with transaction(engine) as session:
        session.get_one(ArticleRow, broken).fingerprint = b"torn!"
    last = _add(engine, 4)
    report = group_new(engine, ManualClock(MONDAY), Silent())
    assert report.outcomes == {"new story": 2, "set aside": 1}
    with reading(engine) as session:
        found = stories.stories_of(session, [broken, last])
    assert found[broken].article_ids == (broken,)
    assert found[last].article_ids == (last,)
    assert group_new(engine, ManualClock(MONDAY), Silent()).items == 0


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the schema and nothing in it, to be copied: migrating takes longer than grouping."""
    path = tmp_path_factory.mktemp("grouping") / "empty.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@contextmanager
def _copied(empty: Path) -> Iterator[Engine]:
    with TemporaryDirectory() as folder:
        copy = shutil.copy(empty, folder)
        engine = open_engine(f"sqlite:///{copy}")
        yield engine
        engine.dispose()


@settings(max_examples=6, deadline=None)
@given(order=st.permutations(range(6)))
def test_the_order_of_arrival_within_a_batch_changes_nothing(empty: Path, order: list[int]) -> None:
    with _copied(empty) as engine:
        assert _grouped(engine, [order]) == EXPECTED


@settings(max_examples=6, deadline=None)
@given(cuts=st.sets(st.integers(1, 5)))
def test_grouping_as_they_come_equals_grouping_them_all_at_once(
    empty: Path, cuts: set[int]
) -> None:
    edges = [0, *sorted(cuts), 6]
    batches = [range(a, b) for a, b in itertools.pairwise(edges)]
    with _copied(empty) as engine:
        assert _grouped(engine, batches) == EXPECTED


@pytest.fixture
def command(tmp_path: Path, empty: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The store of the articles command: two articles, the first one revised."""
    url = f"sqlite:///{shutil.copy(empty, tmp_path)}"
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", url)
    engine = open_engine(url)
    _grouped(engine, [[0, 1]])
    title, text = CLOSING
    corrected = text.replace("1,4 miljoonaa", "1,2 miljoonaa")
    draft = Draft(
        "https://lehti.example/0", LEHTI, title, corrected, "fi", 1.0, "full", "", "page", MONDAY,
        "feed", content_hash(title, corrected), signature(corrected),
    )  # fmt: skip
    with transaction(engine) as session:
        articles.revise(session, 1, draft, MONDAY + timedelta(hours=3))
    return engine


def _story_of(engine: Engine, article: int) -> int:
    with reading(engine) as session:
        return stories.stories_of(session, [article])[article].id


def test_an_article_that_belongs_to_two_stories_makes_them_one(engine: Engine) -> None:
    # the copy comes last: the two texts it stands between were told apart before
    sync_feeds(engine, [LEHTI, BLADET], MONDAY)
    first, second = _text(engine, 0, HALVES[0]), _text(engine, 1, HALVES[1])
    group_new(engine, ManualClock(MONDAY), Silent())
    apart = _story_of(engine, first), _story_of(engine, second)
    assert apart[0] != apart[1]
    bridge = _text(engine, 2, BRIDGE)
    assert group_new(engine, ManualClock(MONDAY), Silent()).merged == 1
    with reading(engine) as session:
        kept = stories.story(session, apart[0])
        assert kept is not None
        assert kept.article_ids == (first, second, bridge)
        assert stories.story(session, apart[1]) == kept  # an old id is read as what it became
        (made,) = merges.history(session, kept.id)
        assert made.who == merges.PROGRAM
        assert made.reason == f"article {bridge} is a copy of {first} and of {second}"


def test_a_merge_that_a_person_took_back_is_not_made_again(engine: Engine) -> None:
    sync_feeds(engine, [LEHTI, BLADET], MONDAY)
    first, second = _text(engine, 0, HALVES[0]), _text(engine, 1, HALVES[1])
    group_new(engine, ManualClock(MONDAY), Silent())
    story = _story_of(engine, second)
    _text(engine, 2, BRIDGE)
    group_new(engine, ManualClock(MONDAY), Silent())
    with transaction(engine) as session:
        assert merges.undo(session, story, "kaksi eri asiaa", "toimittaja", MONDAY) is not None
        assert merges.undo(session, story, "uudelleen", "toimittaja", MONDAY) is None
    _text(engine, 3, BRIDGE)
    assert group_new(engine, ManualClock(MONDAY), Silent()).merged == 0
    assert _story_of(engine, second) == story != _story_of(engine, first)


def _words(seed: str, n: int) -> str:
    return " ".join(f"{seed}sana{number}" for number in range(n))


# two texts that share a third, and one that holds both whole
HALVES = [("Ensimmäinen", _words("a", 60)), ("Toinen", _words("b", 60))]
HALVES = [(title, f"{_words('x', 60)} {text}") for title, text in HALVES]
BRIDGE = ("Molemmat", f"{_words('x', 60)} {_words('a', 60)} {_words('b', 60)}")


def _text(engine: Engine, number: int, item: tuple[str, str]) -> int:
    title, text = item
    draft = Draft(
        f"https://lehti.example/t{number}", LEHTI, title, text, "fi", 1.0, "full", "", "page",
        MONDAY + timedelta(hours=number), "feed", content_hash(title, text), signature(text),
    )  # fmt: skip
    with transaction(engine) as session:
        return articles.add(session, draft, MONDAY)


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5), st.booleans()), max_size=9))
def test_every_article_is_in_the_story_its_first_one_stands_for(
    empty: Path, steps: list[tuple[int, int, bool]]
) -> None:
    """Whatever is merged and taken back, in whatever order: nothing is lost, no id becomes unreadable."""
    with _copied(empty) as engine, transaction(engine) as session:
        session.add(feed_row())
        session.flush()
        for number in range(1, 6):
            session.add(StoryRow(id=number, first_published=MONDAY, last_published=MONDAY))
            session.flush()
            session.add(article_row(number, id=number, story_id=number))
        session.flush()
        for one, other, undo in steps:
            if undo:
                merges.undo(session, one, "", "p", MONDAY)
            else:
                merges.merge(session, one, other, "", "p", MONDAY)
        roots = merges.resolve_all(session, range(1, 6))
        for number in range(1, 6):
            story = stories.story(session, number)
            assert story is not None
            assert story.id == roots[number] == roots[story.id]
            assert set(story.article_ids) == {n for n, root in roots.items() if root == story.id}


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["articles", *arguments])
    return result.exit_code, result.output


def test_show_tells_the_story_and_what_changed(command: Engine) -> None:
    code, told = _run("show", "1")
    assert code == 0
    assert "2 articles of 2 independent publisher groups" in told
    assert "Brahestads jour stängs nattetid" in told
    assert "[-4-]{+2+} miljoonaa" in told


def test_stories_are_merged_and_parted_by_hand(command: Engine) -> None:
    _grouped(command, [[4]])
    assert _run("merge", "2", "1", "--why", "sama asia", "--by", "päätoimittaja")[1] == (
        "story 2 merged into 1: 1 articles moved\n"
    )
    assert "nothing changed" in _run("merge", "1", "2", "--why", "x", "--by", "y")[1]
    told = _run("show", "3")[1]
    assert "story 1: 3 articles" in told
    assert "story 2 merged into 1" in told
    assert "päätoimittaja: sama asia" in told
    assert _run("unmerge", "2", "--why", "eri", "--by", "y")[1] == "story 2 taken out of 1\n"
    assert "nothing changed" in _run("unmerge", "2", "--why", "eri", "--by", "y")[1]
    assert "story 2: 1 articles" in _run("show", "3")[1]
    assert _run("merge", "2", "99", "--why", "x", "--by", "y") == (
        2,
        "tilannekuva: there is no story 99\n",
    )


def test_diff_says_what_changed_and_by_its_exit_code_whether(command: Engine) -> None:
    code, told = _run("diff", "1")
    assert (code, "[-4-]{+2+}" in told) == (0, True)
    code, told = _run("diff", "1", "--html")
    assert "<del>4</del><ins>2</ins>" in told
    assert _run("diff", "2")[0] == 1
    assert _run("diff", "1", "--to", "7")[0] == 2
    assert _run("diff", "99") == (2, "tilannekuva: there is no article 99\n")


def test_a_removed_article_says_when_and_why(command: Engine) -> None:
    assert _run("remove", "1", "--why", "pyydetty", "--by", "toimittaja")[1] == "text removed\n"
    assert "nothing changed" in _run("remove", "1", "--why", "x", "--by", "y")[1]
    _, told = _run("show", "1")
    assert "pyydetty" in told
    assert "miljoonaa" not in told
    assert _run("show", "99")[0] == 2
