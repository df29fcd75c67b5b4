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
from monitor.db import articles, outcomes, stories
from monitor.db.engine import migrate, open_engine, reading, transaction
from monitor.db.tables import ArticleRow
from monitor.feeds.poll import sync_feeds
from monitor.progress import Silent
from monitor.values import FeedSpec, Stage

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


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["articles", *arguments])
    return result.exit_code, result.output


def test_show_tells_the_story_and_what_changed(command: Engine) -> None:
    code, told = _run("show", "1")
    assert code == 0
    assert "2 articles of 2 independent publisher groups" in told
    assert "Brahestads jour stängs nattetid" in told
    assert "[-4-]{+2+} miljoonaa" in told


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
