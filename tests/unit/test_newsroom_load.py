"""The sample newsroom's files: what the shipped ones hold, and what a broken one does."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.reference import Reference
from monitor.errors import InputFileError
from monitor.newsroom.load import DEMO_END, DEMO_START, FIRST_WEEK, LAST_WEEK, load_newsroom, slug
from monitor.newsroom.values import Newsroom
from monitor.weeks import week_bounds, week_of

OUTLETS = """\
outlets:
  - {id: sanomat, title: Sanomat, lang: fi, group: yksi, home: ["10"], kind: daily, format: rss2, page: grid, behaviour: plain}
  - {id: sisar, title: Sisar, lang: fi, group: yksi, home: ["09"], kind: daily, format: rss2, page: grid, behaviour: plain}
  - {id: bladet, title: Bladet, lang: sv, group: annan, home: ["17"], kind: weekly, format: atom, page: classic, behaviour: plain}
  - {id: pelastus, title: Pelastus, lang: fi, group: p, home: [], kind: rescue, format: rss2, page: none, behaviour: rescue}
"""
EVENT = """\
event: e1
truth: {relevant: true, regions: ["10"], mentioned: [], national: false, topics: [finance], direction: risk}
articles:
  - outlet: sanomat
    published: "2026-10-12T06:30"
    lang: fi
    title: "Kotkan päivystys supistuu öisin"
    lead: "Johdanto."
    paragraphs: ["Yksi.", "Kaksi.", "Kolme."]
    author: "Oma toimitus"
    paywall: true
    headline_edit: {at: "2026-10-12T10:00", title: "Kotkan yöpäivystys loppuu"}
    copies:
      - {outlet: sisar, published: "2026-10-12T07:00"}
      - {outlet: bladet, published: "2026-10-12T08:00", title: "Nattjouren i Kotka krymper"}
"""
Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Makes a newsroom folder of OUTLETS and the event files given by name."""

    def make(**events: str) -> Path:
        (tmp_path / "events").mkdir()
        (tmp_path / "outlets.yaml").write_text(OUTLETS, encoding="utf-8")
        for name, text in events.items():
            (tmp_path / "events" / f"{name}.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return make


@pytest.fixture(scope="module")
def shipped() -> Newsroom:
    return load_newsroom()


# --- the shipped files ---------------------------------------------------------------------------


def test_every_shipped_file_is_usable(shipped: Newsroom) -> None:
    assert [str(m) for m in shipped.mistakes] == []
    assert len(shipped.outlets) == 27
    assert len(shipped.articles) > 400


def test_shipped_articles_lie_within_the_six_weeks(shipped: Newsroom) -> None:
    start, end = week_bounds(FIRST_WEEK)[0], week_bounds(LAST_WEEK)[1]
    assert start < DEMO_START < week_bounds(FIRST_WEEK)[1]
    assert end < DEMO_END < end + timedelta(days=1)
    assert all(start <= a.published < end for a in shipped.articles)
    assert len({week_of(a.published) for a in shipped.articles}) == 6


def test_shipped_truth_speaks_of_known_regions_and_topics(
    shipped: Newsroom, reference: Reference
) -> None:
    units, topics = {*reference.units, "91"}, {t.id for t in reference.topics}
    for article in shipped.articles:
        truth = article.truth
        assert {*truth.regions, *truth.mentioned} <= units, article.id
        assert set(truth.topics) <= topics, article.id
    assert topics == {t for a in shipped.articles for t in a.truth.topics}


def test_shipped_headlines_are_edited_after_publication_and_copies_come_later(
    shipped: Newsroom,
) -> None:
    by_id = {a.id: a for a in shipped.articles}
    assert all(a.edit.at > a.published for a in shipped.articles if a.edit)
    copies = [a for a in shipped.articles if a.copy_of]
    assert copies
    assert all(by_id[a.copy_of or ""].published <= a.published for a in copies)
    assert all(by_id[a.copy_of or ""].outlet != a.outlet for a in copies)


def test_shipped_articles_have_addresses_of_their_own(shipped: Newsroom) -> None:
    pages = [a.address(8766) for a in shipped.articles if a.path]
    assert len(pages) == len(set(pages))
    form = r"http://[a-z0-9-]+\.localhost:8766/2026/1[01]/[0-3]\d/[a-z0-9-]+-\w+-\d+(c\d+)?\.html"
    assert [p for p in pages if not re.fullmatch(form, p)] == []


def test_both_languages_are_there(shipped: Newsroom) -> None:
    swedish = sum(a.lang == "sv" for a in shipped.articles)
    assert 0.2 < swedish / len(shipped.articles) < 0.8
    assert {a.direction for a in (x.truth for x in shipped.articles if x.lang == "sv")} == {
        "risk",
        "neutral",
        "progress",
        None,
    }


# --- articles and copies -------------------------------------------------------------------------


def test_helsinki_time_becomes_utc_and_the_address_keeps_the_local_day(folder: Folder) -> None:
    late = EVENT.replace("2026-10-12T06:30", "2026-10-12T00:30")
    article = load_newsroom(folder(e1=late)).articles[0]
    assert article.published == datetime(2026, 10, 11, 21, 30, tzinfo=UTC)
    assert article.address(80) == (
        "http://sanomat.localhost:80/2026/10/12/kotkan-paivystys-supistuu-oisin-e1-1.html"
    )


def test_a_headline_changes_when_it_is_edited_and_the_address_does_not(folder: Folder) -> None:
    article = load_newsroom(folder(e1=EVENT)).articles[0]
    edit = datetime(2026, 10, 12, 7, 0, tzinfo=UTC)
    assert article.title_at(edit - timedelta(seconds=1)) == "Kotkan päivystys supistuu öisin"
    assert article.title_at(edit) == "Kotkan yöpäivystys loppuu"
    assert article.changed_at(edit) == edit
    assert "supistuu" in article.path


def test_a_copy_within_the_group_is_the_same_text(folder: Folder) -> None:
    original, copy, _ = load_newsroom(folder(e1=EVENT)).articles
    assert (copy.outlet, copy.copy_of) == ("sisar", original.id)
    assert copy.path
    assert copy.path != original.path
    assert (copy.title, copy.lead, copy.paragraphs, copy.author, copy.paywall) == (
        original.title,
        original.lead,
        original.paragraphs,
        original.author,
        original.paywall,
    )
    assert copy.edit is None


def test_a_bought_copy_is_credited(folder: Folder) -> None:
    original, _, copy = load_newsroom(folder(e1=EVENT)).articles
    assert copy.title == "Nattjouren i Kotka krymper"
    assert copy.paragraphs[-1] == copy.author == "Sanomat"
    assert original.paragraphs[: len(copy.paragraphs) - 1] == copy.paragraphs[:-1]
    assert not copy.paywall
    assert copy.truth == original.truth


def test_an_outlet_without_pages_gives_no_article_addresses(folder: Folder) -> None:
    event = EVENT.replace("outlet: sanomat", "outlet: pelastus")
    assert load_newsroom(folder(e1=event)).articles[0].address(80) == "http://pelastus.localhost:80"


@given(st.text(max_size=120))
def test_slugs_are_short_plain_path_parts(title: str) -> None:
    made = slug(title)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made)
    assert len(made) <= 60


def test_slug_folds_finnish_and_swedish_letters() -> None:
    assert slug("Åbo får ny jour – ”äntligen”!") == "abo-far-ny-jour-antligen"


# --- broken files --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("outlet: sanomat", "outlet: samonat", 4, "no outlet 'samonat'"),
        ("    lead:", "    leed:", 8, "articles.0.leed"),
        ('"2026-10-12T06:30"', '"12.10.2026 6.30"', 5, "articles.0.published"),
        ('regions: ["10"]', "regions: [10]", 2, "truth.regions.0"),
        ("direction: risk", "direction: null", 2, "topics and a direction"),
        ("event: e1", "event: e2", 1, "not named like its file"),
        ('title: "Kotkan', 'title: "Kot"kan', 7, "YAML syntax"),
        ("outlet: bladet", "outlet: brevet", 15, "no outlet 'brevet'"),
        ("paywall: true", "paywall: kyllä", 11, "articles.0.paywall"),
    ],
)
def test_a_broken_file_is_told_with_its_line_and_stops_only_itself(
    folder: Folder, old: str, new: str, line: int, problem: str
) -> None:
    assert old in EVENT
    good = EVENT.replace("event: e1", "event: e9")
    newsroom = load_newsroom(folder(e1=EVENT.replace(old, new), e9=good))
    assert {a.event for a in newsroom.articles} == {"e9"}
    mistake = min(newsroom.mistakes, key=lambda m: abs(m.line - line))
    assert (mistake.file, mistake.line) == ("e1.yaml", line)
    assert any(problem in m.problem for m in newsroom.mistakes)


def test_a_missing_key_is_named(folder: Folder) -> None:
    text = EVENT.replace('    lead: "Johdanto."\n', "")
    (mistake,) = load_newsroom(folder(e1=text)).mistakes
    assert mistake.problem.startswith("articles.0.lead")
    assert mistake.line == 4  # of the article


def test_files_that_are_empty_or_not_utf8_are_mistakes(folder: Folder) -> None:
    where = folder(e1="")
    (where / "events" / "e2.yaml").write_bytes("event: e2 # päivystys".encode("latin-1"))
    first, second = load_newsroom(where).mistakes
    assert (first.file, second.file) == ("e1.yaml", "e2.yaml")
    assert "UTF-8" in second.problem


@pytest.mark.parametrize("broken", ["behaviour: fast}", "behaviour: [", "behaviour: plain, x: 1}"])
def test_outlets_that_cannot_be_used_are_an_error(folder: Folder, broken: str) -> None:
    where = folder(e1=EVENT)
    text = OUTLETS.replace("behaviour: plain}", broken, 1)
    (where / "outlets.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputFileError, match=r"outlets\.yaml:[23]"):
        load_newsroom(where)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"outlets\.yaml"):
        load_newsroom(tmp_path / "nowhere")
