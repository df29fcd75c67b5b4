"""Every page in three languages over a real store: what it says, what it links to, what it refuses."""

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from lxml import html as lxml_html
from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from classifiers.reference import Reference
from monitor.db import scores
from monitor.db.engine import reading, transaction
from monitor.db.tables import ArticleRow, FeedRow
from monitor.i18n import LANGUAGES, Translator
from monitor.values import ALL_GROUPS, NotReady
from tests.web.conftest import client_of
from tests.web.seed import HOSTILE, NOW, TROUBLED, UNHEARD, UNREPORTED, UNSOURCED, WEEK

PAGES = (
    "/", "/?show=readiness", "/?show=change&sort=name", f"/regions/{TROUBLED}",
    f"/regions/{UNHEARD}", f"/regions/{UNREPORTED}?group=ict_muutos", "/regions/HUS", "/feeds",
    "/feeds?state=silent", "/readiness", "/readiness?view=target&sort=-all", f"/readiness/{TROUBLED}",
    f"/readiness/{UNREPORTED}", "/summary", f"/summary/{WEEK}", "/method",
)  # fmt: skip
BANNERS = {"fi": "Esimerkkiaineisto, keksitty", "sv": "Påhittat exempelmaterial", "en": "Invented"}


def tree(client: TestClient, address: str, status: int = 200) -> lxml_html.HtmlElement:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    return lxml_html.document_fromstring(answer.content.decode())


def words(element: lxml_html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", PAGES)
def test_every_page_answers_in_every_language(
    visitor: TestClient, address: str, language: str
) -> None:
    mark = "&" if "?" in address else "?"
    page = tree(visitor, f"{address}{mark}lang={language}")
    assert page.get("lang") == language
    assert len(page.findall(".//h1")) == 1
    assert len(page.findall(".//main")) == 1
    assert page.xpath("//script[not(starts-with(@src, '/static/')) or text()]") == []
    assert page.xpath("//@style") == []
    assert page.xpath("//*[starts-with(name(), 'on')]") == []
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids)), "an id names two things"
    assert set(" ".join(page.xpath("//@aria-labelledby")).split()) <= set(ids)


@pytest.mark.parametrize("address", PAGES)
def test_the_content_policy_allows_only_our_own(visitor: TestClient, address: str) -> None:
    headers = visitor.get(address).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    scripts = ["script-src 'self'"] if not address.startswith("/summary/") else []
    assert [part.strip() for part in policy.split(";") if "script" in part] == scripts
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_a_summarys_own_style_is_allowed_by_its_hash(visitor: TestClient) -> None:
    answer = visitor.get(f"/summary/{WEEK}")
    assert "<style" in answer.text
    assert "'sha256-" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("address", ["/", "/feeds", "/method", f"/regions/{TROUBLED}", "/nope"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_invented_data_is_called_invented_on_every_page(
    visitor: TestClient, address: str, language: str
) -> None:
    assert BANNERS[language] in visitor.get(f"{address}?lang={language}").text


def test_a_store_without_the_sample_has_no_banner(sqlite: Engine, reference: Reference) -> None:
    with transaction(sqlite) as session:
        session.add(
            FeedRow(id="a", url="http://lehti.localhost/rss", title="A", lang="fi", home=[],
                    publisher_group="a", kind="daily")
        )  # fmt: skip
    with client_of(sqlite, reference) as client:
        assert BANNERS["fi"] not in client.get("/feeds").text


# --- front page ----------------------------------------------------------------------------------


def grid_numbers(page: lxml_html.HtmlElement) -> dict[str, str]:
    found = {}
    for link in page.xpath("//*[contains(@class, 'tile-grid')]//a"):
        code = re.findall(r"/regions/(\w+)", link.get("href"))[0]
        text = link.xpath(".//*[@class='number' or @class='missing']")[0]
        found[code] = text.text_content()
    return found


@pytest.mark.parametrize("show", ["combined", "readiness", "media", "change"])
def test_grid_and_table_show_the_same_numbers(visitor: TestClient, show: str) -> None:
    page = tree(visitor, f"/?show={show}")
    grid = grid_numbers(page)
    assert len(grid) == 23
    for row in page.xpath("//tr[@data-code]"):
        shown = grid.pop(row.get("data-code"))
        if row.xpath("./td[@colspan]"):
            assert shown == "ei arviota"
        elif show == "change":
            assert shown == row.xpath(".//td[contains(@class,'change')]")[0].text_content().strip()
        else:
            assert shown == row.xpath(".//b")[0].text_content()
    assert grid == {}


def test_the_table_shows_what_the_store_holds(visitor: TestClient, seeded: Engine) -> None:
    with reading(seeded) as session:
        stored = {
            s.region: s.combined
            for s in scores.current_scores(session, WEEK)
            if s.group == ALL_GROUPS
        }
    for row in tree(visitor, "/").xpath("//tr[@data-code]"):
        value = stored[row.get("data-code")]
        if isinstance(value, NotReady):
            assert row.xpath(".//b") == []
        else:
            assert row.xpath(".//b")[0].text_content() == str(round(value))


def test_what_is_unknown_is_said_where_the_number_would_stand(visitor: TestClient) -> None:
    for language, heard, known in (
        ("fi", "ei riittävää kuuluvuutta", "liian vähän valmiustietoja"),
        ("sv", "otillräcklig hörbarhet", "för lite beredskapsuppgifter"),
    ):
        page = tree(visitor, f"/?lang={language}")
        for code, reason in ((UNHEARD, heard), (UNSOURCED, heard), (UNREPORTED, known)):
            assert reason in words(page.xpath(f"//tr[@data-code='{code}']")[0])


@pytest.mark.parametrize(
    ("sort", "column"), [("value", 1), ("-value", 1), ("coverage", 5), ("-coverage", 5)]
)
def test_sorting_by_a_number(visitor: TestClient, sort: str, column: int) -> None:
    page = tree(visitor, f"/?sort={sort}")
    cells = [words(row[column]) for row in page.xpath("//tr[@data-code][not(.//td[@colspan])]")]
    numbers = [int(re.findall(r"\d+", cell)[0]) for cell in cells]
    assert numbers == sorted(numbers, reverse=not sort.startswith("-"))
    sorted_by = page.xpath("//th[@aria-sort]/@aria-sort")
    assert sorted_by == ["ascending" if sort.startswith("-") else "descending"]


def test_sorting_by_name_follows_the_alphabet_of_the_language(visitor: TestClient) -> None:
    names = [
        words(th) for th in tree(visitor, "/?sort=name&lang=sv").xpath("//tr/th[@scope='row']")
    ]
    assert names.index("Vanda och Kervo") < names.index("Österbotten")
    last = [name for name in names if name.startswith("Ö")]
    assert names[-len(last) :] == last == sorted(last)


def test_unknown_numbers_stand_last_whichever_way(visitor: TestClient) -> None:
    for sort in ("value", "-value", "rank", "-change"):
        rows = tree(visitor, f"/?sort={sort}").xpath("//tr[@data-code]")
        known = [not row.xpath("./td[@colspan]") for row in rows]
        assert known == sorted(known, reverse=True), sort


def test_a_nonsense_choice_counts_as_the_default(visitor: TestClient) -> None:
    assert grid_numbers(tree(visitor, "/?show=moon&sort=;drop")) == grid_numbers(tree(visitor, "/"))


def test_gaps_name_the_regions_that_were_not_heard(visitor: TestClient) -> None:
    gaps = words(tree(visitor, "/").xpath("//section[@aria-labelledby='gaps']")[0])
    assert "Pohjanmaa" in gaps
    assert "Etelä-Pohjanmaa" in gaps
    assert "ei yhtään seurattua lähdettä" in gaps


def test_an_alert_shows_its_parameters(visitor: TestClient, seeded: Engine) -> None:
    with reading(seeded) as session:
        raised = scores.alerts(session, WEEK)
    assert raised, "the seed is meant to raise one"
    section = tree(visitor, "/").xpath("//section[@aria-labelledby='alerts']")[0]
    t = Translator("fi")
    said = {t(f"alerts.parameter.{name}") for name in raised[0].parameters}
    assert said <= {dt.text for dt in section.iter("dt")}
    assert "Terveyspalvelut" in words(section)


def test_movers_give_a_reason_in_the_language_of_the_headline(visitor: TestClient) -> None:
    section = tree(visitor, "/?lang=sv").xpath("//section[@aria-labelledby='movers']")[0]
    items = section.xpath(".//li")
    assert items
    assert all(re.search(r"[+−]\d", words(item)) for item in items)
    headlines = section.xpath(".//span[@class='note']/span")
    assert {h.get("lang") for h in headlines} <= {"fi", "sv"}


# --- weeks and languages -------------------------------------------------------------------------


def test_weeks_can_be_walked_and_sent_to_a_colleague(visitor: TestClient) -> None:
    page = tree(visitor, "/?show=media")
    (earlier,) = page.xpath("//a[@rel='prev']/@href")
    assert "show=media" in earlier
    assert "viikko 45" in words(tree(visitor, earlier).find(".//h1"))
    assert page.xpath("//a[@rel='next']") == []


@pytest.mark.parametrize("week", ["2020-W01", "2026-W99", "next", "2026-W46'"])
def test_a_week_without_figures_is_a_designed_404(visitor: TestClient, week: str) -> None:
    page = tree(visitor, f"/?week={week}", 404)
    assert "Viikolta" in words(page.find(".//main"))
    assert page.xpath("//main//a[@href='/']")


@pytest.mark.parametrize("address", ["/nope", "/regions/99", "/regions/91", "/summary/2020-W01"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_unknown_addresses_are_a_designed_404(
    visitor: TestClient, address: str, language: str
) -> None:
    page = tree(visitor, f"{address}?lang={language}", 404)
    assert words(page.find(".//h1")) == Translator(language)("missing.title")


def test_the_language_is_remembered(visitor: TestClient) -> None:
    assert tree(visitor, "/").get("lang") == "fi"
    assert tree(visitor, "/?lang=sv").get("lang") == "sv"
    assert tree(visitor, "/feeds").get("lang") == "sv"
    assert tree(visitor, "/feeds?lang=xx").get("lang") == "sv"


def test_the_language_switch_keeps_the_place(visitor: TestClient) -> None:
    page = tree(visitor, f"/regions/{TROUBLED}?group=ict_muutos")
    (href,) = page.xpath("//nav[@class='languages']//a[@lang='sv']/@href")
    assert href == f"/regions/{TROUBLED}?group=ict_muutos&lang=sv"


# --- region page ---------------------------------------------------------------------------------


def test_contributions_add_up_to_the_number(visitor: TestClient, seeded: Engine) -> None:
    with reading(seeded) as session:
        (stored,) = (
            s.combined
            for s in scores.current_scores(session, WEEK)
            if s.region == TROUBLED and s.group == ALL_GROUPS
        )
    page = tree(visitor, f"/regions/{TROUBLED}?lang=en")
    rows = page.xpath("//table[@class='parts']/tbody/tr[not(@class)]/td[last()]")
    shown = [float(words(cell).replace("−", "-").replace("±", "")) for cell in rows]
    assert isinstance(stored, float)
    assert sum(shown) == pytest.approx(stored, abs=0.05 * len(shown))
    total = words(page.xpath("//table[@class='parts']/tfoot//b")[0])
    assert float(total) == pytest.approx(stored, abs=0.05)


def test_three_numbers_with_interval_history_and_coverage(visitor: TestClient) -> None:
    cards = tree(visitor, f"/regions/{TROUBLED}").xpath("//div[contains(@class, 'card')]/h3/..")
    assert [words(card.find("h3")) for card in cards] == [
        "Kokonaisriski", "Valmiusvaje", "Mediapaine", "Kuuluvuus",
    ]  # fmt: skip
    for card in cards[:3]:
        assert "80 prosentin väli" in words(card)
        assert len(card.xpath(".//tbody/tr")) == 5, "one row for each scored week"


def test_a_region_that_was_not_heard_has_no_number_and_says_which_sources_were_silent(
    visitor: TestClient,
) -> None:
    page = tree(visitor, f"/regions/{UNHEARD}?lang=sv")
    main = words(page.find(".//main"))
    assert "ingen bedömning" in main
    assert "otillräcklig hörbarhet" in main
    silent = page.xpath("//div[@aria-label='Tysta källor']//tr")
    assert len(silent) == 4, "a header and the three outlets of a bilingual region"
    assert "svaret dröjde för länge" in words(silent[1])


def test_stories_have_outlet_link_and_a_short_extract_with_its_evidence(
    visitor: TestClient, seeded: Engine
) -> None:
    page = tree(visitor, f"/regions/{TROUBLED}")
    stories = page.xpath("//ol[@class='stories']/li")
    assert stories
    with reading(seeded) as session:
        addresses = set(session.exec(select(ArticleRow.address)))
    for story in stories:
        (link,) = story.xpath("./h3/a")
        assert link.get("href") in addresses
        assert link.get("rel") == "noopener noreferrer"
        assert link.get("lang") in ("fi", "sv")
        (extract,) = story.xpath("./p[@class='extract']")
        assert 0 < len(extract.text_content()) <= 204
        assert extract.xpath(".//mark[contains(@class, 'ev-')]")


def test_hostile_article_text_stays_text(seeded: Engine, reference: Reference) -> None:
    with client_of(seeded, reference) as client:
        for address in (f"/regions/{TROUBLED}", f"/summary/{WEEK}", "/"):
            assert HOSTILE not in client.get(address).text


def test_only_web_addresses_become_links(sqlite: Engine, reference: Reference) -> None:
    with transaction(sqlite) as session:
        session.add(
            FeedRow(id="a", url="javascript:alert(1)", title="A", lang="fi", home=[],
                    publisher_group="a", kind="daily", moved_to="data:text/html,x")
        )  # fmt: skip
    with client_of(sqlite, reference) as client:
        page = tree(client, "/feeds")
    assert "javascript:alert(1)" in words(page)
    assert [h for h in page.xpath("//main//a/@href") if not h.startswith("/")] == []


def test_readiness_and_events_in_words(visitor: TestClient) -> None:
    page = words(tree(visitor, f"/regions/{TROUBLED}?lang=sv").find(".//main"))
    assert "förfallna kritiska uppgifter klara" in page
    assert "Utvärderingsförfarande inleddes" in page
    assert "due critical" not in page


# --- feeds, summary, method, the rest ------------------------------------------------------------


def test_feeds_say_their_state_and_what_to_do(visitor: TestClient) -> None:
    page = tree(visitor, "/feeds")
    rows = page.xpath("//table[@class='feeds']/tbody/tr")
    states = [row.get("class") for row in rows]
    assert states[0] == "feed-gone", "what needs a person stands on top"
    assert states[-1] == "feed-ok"
    silent = next(row for row in rows if row.get("class") == "feed-silent")
    assert "vastaus kesti liian kauan" in words(silent)
    moved = next(row for row in rows if row.get("class") == "feed-moved")
    assert "https://uusi.localhost:8766/feed.xml" in words(moved)


def test_feeds_can_be_narrowed(visitor: TestClient) -> None:
    rows = tree(visitor, "/feeds?state=waiting").xpath("//table[@class='feeds']/tbody/tr")
    assert [row.get("class") for row in rows] == ["feed-waiting"]


def test_every_week_with_a_summary_is_listed(visitor: TestClient) -> None:
    assert tree(visitor, "/summary").xpath("//main//h2/a/@href") == [f"/summary/{WEEK}"]
    assert tree(visitor, "/").xpath(f"//main//nav//a[@href='/summary/{WEEK}']")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_method_page_explains_every_constant(visitor: TestClient, language: str) -> None:
    page = tree(visitor, f"/method?lang={language}")
    rows = page.xpath("//table[@class='constants']/tbody/tr")
    assert len(rows) > 20
    assert [words(r) for r in rows if words(r[0]) == words(r[2])] == []
    assert "v1-3f2a9c1d77e0" in words(page), "the version of a classifier"


@pytest.mark.parametrize("address", ["/", f"/regions/{TROUBLED}", "/feeds", "/summary", "/method"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_store_says_what_to_do(
    empty_visitor: TestClient, address: str, language: str
) -> None:
    page = tree(empty_visitor, f"{address}?lang={language}")
    if address != "/method":
        assert "tilannekuva" in " ".join(words(code) for code in page.xpath("//code"))


def test_healthz_and_static_files(empty_visitor: TestClient) -> None:
    assert empty_visitor.get("/healthz").text == "ok\n"
    for name in ("site.css", "charts.css"):
        answer = empty_visitor.get(f"/static/{name}")
        assert answer.headers["content-type"].startswith("text/css")
    ET.fromstring(empty_visitor.get("/favicon.ico").text)


def test_a_bug_shows_a_sentence_and_leaves_the_traceback_to_the_log(
    sqlite: Engine, reference: Reference
) -> None:
    with transaction(sqlite) as session:
        session.connection().exec_driver_sql("DROP TABLE polls")
    with client_of(sqlite, reference) as client, capture_logs() as logged:
        answer = client.get("/feeds")
    assert answer.status_code == 500
    assert "Jokin meni vikaan" in answer.text
    assert "OperationalError" not in answer.text
    assert [(line["event"], line["path"]) for line in logged] == [("page_failed", "/feeds")]


def test_only_the_running_week_is_called_unfinished(seeded: Engine, reference: Reference) -> None:
    sentence = Translator("fi")("week.running")
    for now, running in ((NOW, False), (NOW - timedelta(days=2), True)):
        with client_of(seeded, reference, now) as client:
            assert (sentence in words(tree(client, "/").find(".//main"))) is running


def test_a_part_opens_to_its_rows_and_to_sentences_with_their_article(visitor: TestClient) -> None:
    page = tree(visitor, f"/regions/{TROUBLED}?lang=sv")
    opened = page.xpath("//table[@class='parts']//tr[@class='behind']//details")
    assert opened
    links = page.xpath("//tr[@class='behind']//a/@href")
    assert f"/readiness/{TROUBLED}" in links
    assert any(str(link).startswith("http") for link in links)
    quotes = page.xpath("//tr[@class='behind']//q")
    assert quotes
    assert {q.get("lang") for q in quotes} <= {"fi", "sv"}
    assert any("sannolikhet" in words(part) for part in opened)
