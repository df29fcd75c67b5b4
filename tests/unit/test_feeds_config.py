"""feeds.yaml is read entry by entry: each kind of mistake has its line, and stops only its entry."""

from pathlib import Path

import pytest

from monitor.feeds.checks import KINDS, LANGS
from monitor.feeds.config import FeedsFile, load_feeds
from monitor.feeds.reach import gaps, reach
from monitor.values import FeedSpec, Mistake

UNITS = frozenset([*(f"{n:02d}" for n in range(1, 22)), "90", "HUS"])
BILINGUAL = frozenset({"01", "03", "04", "05", "10", "17", "18", "90", "HUS"})
SHIPPED = Path(__file__).parents[2] / "feeds.yaml"

GOOD = (
    '  - {id: lehti, url: "https://lehti.example/feed/", title: "Lehti", lang: fi, home: ["05"],'
    " group: ketju, kind: daily}\n"
)
OTHER = (
    '  - {id: bladet, url: "https://bladet.example/rss", title: "Bladet", lang: sv,'
    ' home: ["17", "18"], group: bladet, kind: weekly}\n'
)


def load(tmp_path: Path, text: str) -> FeedsFile:
    path = tmp_path / "feeds.yaml"
    path.write_text(text, encoding="utf-8")
    return load_feeds(path, UNITS)


def only_mistake(file: FeedsFile) -> Mistake:
    assert len(file.mistakes) == 1, [str(m) for m in file.mistakes]
    return file.mistakes[0]


def ids(file: FeedsFile) -> list[str]:
    return [feed.id for feed in file.feeds]


def entry(**changed: str) -> str:
    """A flow-style entry on one line; a value of "" leaves the key out."""
    keys = {
        "id": "toinen",
        "url": '"https://toinen.example/feed"',
        "title": "Toinen",
        "lang": "fi",
        "home": '["06"]',
        "group": "toinen",
        "kind": "weekly",
    } | changed
    return "  - {" + ", ".join(f"{key}: {value}" for key, value in keys.items() if value) + "}\n"


# --- what is read --------------------------------------------------------------------------------


def test_every_field_is_read_in_file_order(tmp_path: Path) -> None:
    file = load(tmp_path, "feeds:\n" + OTHER + GOOD)
    assert file.mistakes == ()
    assert file.feeds[0] == FeedSpec(
        id="bladet",
        url="https://bladet.example/rss",
        title="Bladet",
        lang="sv",
        home=("17", "18"),
        group="bladet",
        kind="weekly",
    )
    assert ids(file) == ["bladet", "lehti"]


def test_block_style_and_a_note_are_read(tmp_path: Path) -> None:
    text = """feeds:
  - id: lehti
    url: https://lehti.example/feed
    title: Lehti
    lang: fi
    home:
      - "05"
    group: lehti
    kind: weekly
    note: ilmestyy torstaisin
"""
    file = load(tmp_path, text)
    assert file.mistakes == ()
    assert file.feeds[0].note == "ilmestyy torstaisin"
    assert file.feeds[0].home == ("05",)


def test_an_unquoted_code_is_a_code_and_not_a_number(tmp_path: Path) -> None:
    # YAML 1.1 would make 010 of 10 and 8 of 010
    file = load(tmp_path, "feeds:\n" + entry(home="[05, 10]"))
    assert file.mistakes == ()
    assert file.feeds[0].home == ("05", "10")


def test_an_empty_home_is_national(tmp_path: Path) -> None:
    assert load(tmp_path, "feeds:\n" + entry(home="[]")).feeds[0].home == ()


def test_aland_is_a_possible_home_though_it_is_no_unit(tmp_path: Path) -> None:
    assert "91" not in UNITS
    assert load(tmp_path, "feeds:\n" + entry(home='["91"]')).feeds[0].home == ("91",)


def test_a_permission_names_the_agreement(tmp_path: Path) -> None:
    file = load(tmp_path, "feeds:\n" + entry(permission='"agreement 2026-01"'))
    assert file.mistakes == ()
    assert file.feeds[0].permission == "agreement 2026-01"
    for word in ("true", "yes", "allowed"):
        [mistake] = load(tmp_path, "feeds:\n" + entry(permission=word)).mistakes
        assert "gives no reason" in str(mistake)


@pytest.mark.parametrize("note", ["null", "~", '""'])
def test_an_empty_note_is_no_note(tmp_path: Path, note: str) -> None:
    file = load(tmp_path, "feeds:\n" + entry(note=note))
    assert file.mistakes == ()
    assert file.feeds[0].note == ""


def test_an_empty_list_is_a_file_without_feeds(tmp_path: Path) -> None:
    assert load(tmp_path, "feeds: []\n") == FeedsFile((), ())


# --- mistakes in one entry -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        pytest.param({"id": ""}, "'id' is missing", id="no id"),
        pytest.param({"url": ""}, "'url' is missing", id="no url"),
        pytest.param({"title": ""}, "'title' is missing", id="no title"),
        pytest.param({"lang": ""}, "'lang' is missing", id="no lang"),
        pytest.param({"home": ""}, "'home' is missing", id="no home"),
        pytest.param({"group": ""}, "'group' is missing", id="no group"),
        pytest.param({"kind": ""}, "'kind' is missing", id="no kind"),
        pytest.param({"id": "Toinen_lehti"}, "bad id 'Toinen_lehti'", id="id not kebab-case"),
        pytest.param({"id": "länsi"}, "bad id 'länsi'", id="id not ascii"),
        pytest.param({"group": "Iso Ketju"}, "bad group 'Iso Ketju'", id="group not kebab-case"),
        pytest.param({"title": '""'}, "'title' is empty", id="empty title"),
        pytest.param({"title": "[a, b]"}, "'title' is empty or not a text", id="title a list"),
        pytest.param({"lang": "no"}, "unknown lang 'no'", id="unknown lang"),
        pytest.param({"kind": "blog"}, "unknown kind 'blog'", id="unknown kind"),
        pytest.param({"home": '"06"'}, "'home' is not a list", id="home not a list"),
        pytest.param({"home": '["22"]'}, "unknown unit code '22'", id="bad code"),
        pytest.param({"home": "[6]"}, "unknown unit code '6'", id="code without its zero"),
        pytest.param({"home": '["06", "06"]'}, "'06' twice", id="code twice"),
        pytest.param({"home": '[["06"]]'}, "unknown unit code ''", id="nested list of codes"),
        pytest.param({"url": "toinen.example/feed"}, "bad url", id="url without scheme"),
        pytest.param({"url": '"ftp://toinen.example/"'}, "bad url", id="url of another scheme"),
        pytest.param({"url": '"https:///feed"'}, "bad url", id="url without host"),
        pytest.param({"url": '"https://a b.example/"'}, "bad url", id="url with a space"),
        pytest.param({"url": '"https://a.example:99999/"'}, "bad url", id="url with a bad port"),
        pytest.param({"url": '"https://[::1/feed"'}, "bad url", id="url with half an address"),
        pytest.param({"url": '"https://me:pw@a.example/"'}, "bad url", id="url with a password"),
        pytest.param({"note": "[a]"}, "'note' is empty or not a text", id="note a list"),
        pytest.param({"hoem": "[]"}, "unknown key 'hoem'", id="unknown key"),
    ],
)
def test_a_mistake_names_its_line_and_stops_only_its_entry(
    tmp_path: Path, changed: dict[str, str], problem: str
) -> None:
    file = load(tmp_path, "# Feeds\nfeeds:\n" + GOOD + entry(**changed) + OTHER)
    mistake = only_mistake(file)
    assert problem in mistake.problem
    assert (mistake.file, mistake.line) == ("feeds.yaml", 4)
    assert mistake.entry == changed.get("id", "toinen")
    assert mistake.expected
    assert mistake.remedy
    assert ids(file) == ["lehti", "bladet"]


def test_in_block_style_the_line_is_that_of_the_value(tmp_path: Path) -> None:
    text = """feeds:
  - id: lehti
    url: https://lehti.example/feed
    title: Lehti
    lang: fi
    home:
      - "05"
      - "55"
    group: lehti
    kind: weekli
"""
    mistakes = load(tmp_path, text).mistakes
    assert [m.line for m in mistakes] == [8, 10]
    assert "'55'" in mistakes[0].problem
    assert "'weekli'" in mistakes[1].problem
    assert "'weekly'" in mistakes[1].remedy


def test_a_key_given_twice_is_a_mistake(tmp_path: Path) -> None:
    text = "feeds:\n" + GOOD.replace("lang: fi", "lang: fi, lang: sv")
    assert "'lang' is given twice" in only_mistake(load(tmp_path, text)).problem


def test_an_entry_that_is_no_mapping_is_a_mistake(tmp_path: Path) -> None:
    file = load(tmp_path, "feeds:\n" + GOOD + "  - https://irrallinen.example/feed\n" + OTHER)
    assert only_mistake(file).line == 3
    assert ids(file) == ["lehti", "bladet"]


def test_all_mistakes_of_an_entry_are_told_at_once(tmp_path: Path) -> None:
    file = load(tmp_path, "feeds:\n" + entry(lang="xx", kind="yy", home='["zz"]'))
    assert len(file.mistakes) == 3
    assert file.feeds == ()


def test_a_near_miss_gets_the_right_word_as_remedy(tmp_path: Path) -> None:
    mistake = only_mistake(load(tmp_path, "feeds:\n" + entry(gruop="x")))
    assert mistake.remedy == "rename it to 'group'"


def test_a_mistake_reads_as_one_sentence_for_people(tmp_path: Path) -> None:
    mistake = only_mistake(load(tmp_path, "feeds:\n" + GOOD + entry(lang="xx")))
    assert str(mistake).startswith(
        "feeds.yaml:3: entry 'toinen': unknown lang 'xx'; expected one of"
    )


# --- entries that repeat each other --------------------------------------------------------------


def test_the_second_entry_with_an_id_is_the_mistake(tmp_path: Path) -> None:
    file = load(tmp_path, "feeds:\n" + GOOD + entry(id="lehti") + OTHER)
    mistake = only_mistake(file)
    assert (mistake.line, mistake.entry) == (3, "lehti")
    assert "line 2" in mistake.problem
    assert [feed.title for feed in file.feeds] == ["Lehti", "Bladet"]


@pytest.mark.parametrize(
    "url",
    [
        "https://lehti.example/feed/",
        "https://lehti.example/feed",
        "http://lehti.example/feed/",
        "http://lehti.example/feed",
        "https://LEHTI.example/feed/",
        "https://lehti.example:443/feed/",
        "https://lehti.example/feed/#uusin",
    ],
)
def test_one_address_in_two_spellings_is_a_mistake(tmp_path: Path, url: str) -> None:
    file = load(tmp_path, "feeds:\n" + GOOD + entry(url=f'"{url}"'))
    mistake = only_mistake(file)
    assert (mistake.line, mistake.entry) == (3, "toinen")
    assert "'lehti'" in mistake.problem
    assert ids(file) == ["lehti"]


@pytest.mark.parametrize(
    "url",
    [
        "https://lehti.example/Feed/",
        "https://lehti.example/feed/?page=2",
        "https://lehti.example:8443/feed/",
        "https://toinen.example/feed/",
    ],
)
def test_addresses_that_may_differ_are_both_kept(tmp_path: Path, url: str) -> None:
    file = load(tmp_path, "feeds:\n" + GOOD + entry(url=f'"{url}"'))
    assert file.mistakes == ()
    assert ids(file) == ["lehti", "toinen"]


def test_a_broken_entry_does_not_take_the_id_from_a_good_one(tmp_path: Path) -> None:
    file = load(tmp_path, "feeds:\n" + entry(id="lehti", kind="blog") + GOOD)
    assert only_mistake(file).line == 2
    assert ids(file) == ["lehti"]


# --- mistakes in the file ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param('  - {id: rikki, title: "Rikki, lang: fi}\n', id="quotation mark left open"),
        pytest.param("  - {id: rikki, home: [05, lang: fi}\n", id="bracket left open"),
        pytest.param("  - {id: rikki, lang: fi\n", id="brace left open"),
        pytest.param("  - {id: rikki, title: @Rikki}\n", id="reserved sign"),
        pytest.param("  - {id: rikki, title: *tuntematon}\n", id="unknown alias"),
        pytest.param('  - {id: rikki, title: "a\x01b"}\n', id="control character"),
    ],
)
def test_a_syntax_error_stops_only_its_entry(tmp_path: Path, broken: str) -> None:
    file = load(tmp_path, "feeds:\n" + GOOD + broken + OTHER + entry())
    mistake = only_mistake(file)
    assert (mistake.line, mistake.entry) == (3, "rikki")
    assert "YAML syntax" in mistake.problem
    assert ids(file) == ["lehti", "bladet", "toinen"]


def test_other_mistakes_keep_their_lines_beside_a_syntax_error(tmp_path: Path) -> None:
    text = "feeds:\n" + GOOD + '  - {id: rikki, title: "x}\n' + OTHER + entry(kind="blog")
    assert [m.line for m in load(tmp_path, text).mistakes] == [3, 5]


def test_a_syntax_error_in_block_style_has_its_line(tmp_path: Path) -> None:
    text = "feeds:\n  - id: rikki\n    url: https://a.example\n   title: vinossa\n" + GOOD
    file = load(tmp_path, text)
    assert only_mistake(file).line == 4
    assert ids(file) == ["lehti"]


def test_a_syntax_error_above_the_entries_leaves_the_entries(tmp_path: Path) -> None:
    file = load(tmp_path, "otsikko: [\nfeeds:\n" + GOOD + OTHER)
    assert "YAML syntax" in only_mistake(file).problem
    assert ids(file) == ["lehti", "bladet"]


def test_a_file_that_is_no_yaml_at_all_is_one_mistake(tmp_path: Path) -> None:
    file = load(tmp_path, "feeds: {\n")
    assert "YAML syntax" in only_mistake(file).problem
    assert file.mistakes[0].line == 1
    assert file.feeds == ()


@pytest.mark.parametrize("text", ["", "# vain huomautus\n", "- {id: lehti}\n", "feeds\n"])
def test_a_file_without_the_key_feeds_is_a_mistake(tmp_path: Path, text: str) -> None:
    mistake = only_mistake(load(tmp_path, text))
    assert (mistake.line, mistake.entry) == (1, "")
    assert "feeds" in mistake.expected


def test_feeds_that_are_no_list_are_a_mistake(tmp_path: Path) -> None:
    assert "'feeds' is not a list" in only_mistake(load(tmp_path, "\nfeeds: lehti\n")).problem


def test_an_unknown_key_beside_feeds_leaves_the_entries(tmp_path: Path) -> None:
    file = load(tmp_path, "feeds:\n" + GOOD + "syötteet: []\n")
    assert only_mistake(file).line == 3
    assert ids(file) == ["lehti"]


def test_a_missing_file_is_a_mistake_and_no_exception(tmp_path: Path) -> None:
    mistake = only_mistake(load_feeds(tmp_path / "feeds.yaml", UNITS))
    assert "cannot be read" in mistake.problem


def test_a_file_that_is_not_utf8_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_bytes("feeds:\n# pääkaupunki\n".encode("latin-1"))
    mistake = only_mistake(load_feeds(path, UNITS))
    assert "not UTF-8" in mistake.problem
    assert mistake.line == 2


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text("feeds:\n" + GOOD, encoding="utf-8-sig")
    assert ids(load_feeds(path, UNITS)) == ["lehti"]


# --- the file this program ships with ------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> FeedsFile:
    return load_feeds(SHIPPED, UNITS)


def test_the_shipped_file_has_no_mistake(shipped: FeedsFile) -> None:
    assert [str(m) for m in shipped.mistakes] == []
    assert len(shipped.feeds) >= 150


def test_the_shipped_file_hears_every_unit(shipped: FeedsFile) -> None:
    assert gaps(reach(shipped.feeds, UNITS), BILINGUAL) == ()


def test_the_shipped_file_has_the_rescue_releases_and_the_ministry(shipped: FeedsFile) -> None:
    kinds = {feed.kind for feed in shipped.feeds}
    assert {"rescue", "ministry", "agency", "municipality", "broadcaster"} <= kinds <= set(KINDS)
    assert {feed.lang for feed in shipped.feeds} == set(LANGS)


def test_a_shipped_municipality_is_its_own_group(shipped: FeedsFile) -> None:
    others = {feed.group for feed in shipped.feeds if feed.kind != "municipality"}
    municipal = {feed.group for feed in shipped.feeds if feed.kind == "municipality"}
    assert not municipal & others
