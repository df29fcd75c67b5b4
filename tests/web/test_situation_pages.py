"""Regions side by side, topics, alerts and support: what they say against what the store holds."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from classifiers.reference import Reference
from monitor.db import scores
from monitor.db.coverage import save_notices
from monitor.db.engine import migrate, open_engine, reading, transaction
from monitor.i18n import LANGUAGES, Translator
from monitor.risk import country
from monitor.risk.constants import load_constants
from monitor.values import ALL_GROUPS, NotReady
from monitor.web import support
from monitor.web.figures import figure
from monitor.weeks import previous
from tests.web.conftest import client_of
from tests.web.seed import HOSTILE, NOW, TROUBLED, UNHEARD, UNSOURCED, WEEK, seed
from tests.web.test_pages import tree, words

PAGES = (
    "/regions", "/regions?view=groups&show=media", "/regions?view=topics",
    "/regions?view=topics&show=stories", "/regions?view=topics&show=of_region",
    "/regions?view=topics&show=of_topic&language=sv&area=4", "/regions?language=sv&area=2",
    "/topics", "/topics/personnel", "/topics/rescue?sort=-of_topic", "/alerts",
    f"/alerts?region={TROUBLED}", "/alerts?topic=ict", "/support", "/support?all=1",
)  # fmt: skip
FI = Translator("fi")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", PAGES)
def test_every_page_answers_in_every_language(
    visitor: TestClient, address: str, language: str
) -> None:
    mark = "&" if "?" in address else "?"
    page = tree(visitor, f"{address}{mark}lang={language}")
    assert page.get("lang") == language
    assert len(page.findall(".//h1")) == 1
    assert page.xpath("//@style") == []
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids)), "an id names two things"
    assert set(" ".join(page.xpath("//@aria-labelledby")).split()) <= set(ids)
    for select in page.xpath("//select"):
        assert page.xpath(f"//label[@for='{select.get('id')}']"), select.get("id")


@pytest.mark.parametrize("address", [*PAGES, f"/regions/{TROUBLED}", "/"])
def test_the_week_can_be_chosen_and_the_running_one_is_marked(
    visitor: TestClient, seeded: Engine, reference: Reference, address: str
) -> None:
    mark = "&" if "?" in address else "?"
    week = previous(WEEK)
    page = tree(visitor, f"{address}{mark}week={week}")
    assert page.xpath("//select[@id='week']/option[@selected]/@value") == [week]
    assert page.xpath("//a[@rel='next']")
    running = client_of(seeded, reference, NOW - timedelta(days=2))
    assert FI("week.running") in words(tree(running, address))
    assert visitor.get(f"{address}{mark}week=2031-W02").status_code == 404


def test_the_list_holds_the_three_numbers_of_every_region(
    visitor: TestClient, seeded: Engine, reference: Reference
) -> None:
    page = tree(visitor, "/regions")
    with reading(seeded) as session:
        found = {s.region: s for s in scores.current_scores(session, WEEK) if s.group == ALL_GROUPS}
    rows = {row.get("data-code"): row for row in page.xpath("//tr[@data-code]")}
    assert set(rows) == set(reference.units)
    for code, score in found.items():
        shown = [b.text for b in rows[code].xpath(".//td//b")]
        numbers = [figure(score, m).value for m in ("combined", "readiness", "media")]
        assert shown == [FI.number(n) for n in numbers if n is not None]
    assert "ei riittävää kuuluvuutta" in words(rows[UNHEARD])


def test_the_list_sorts_and_puts_the_unknown_last(visitor: TestClient) -> None:
    for sort, sign in (("readiness", -1), ("-readiness", 1)):
        column = "count(//th[@aria-sort]/preceding-sibling::th)"
        page = tree(visitor, f"/regions?sort={sort}")
        place = int(page.xpath(column))
        assert place > 0
        cells = [
            row.xpath(".//td//b")[1].text
            for row in page.xpath("//tr[@data-code]")
            if len(row.xpath(".//td//b")) == 3
        ]
        numbers = [int(n) * sign for n in cells]
        assert numbers == sorted(numbers)
    assert tree(visitor, "/regions?sort=media").xpath("//tr[@data-code]/@data-code")[-1] in (
        UNHEARD, UNSOURCED,
    )  # fmt: skip


def test_a_filter_that_leaves_nothing_says_how_to_go_on(visitor: TestClient) -> None:
    page = tree(visitor, "/regions?language=sv&area=2")
    assert FI("situation.none_left") in words(page)
    assert page.xpath("//main//a[@href='/regions']")


def test_the_group_matrix_its_table_and_its_csv_agree(visitor: TestClient, seeded: Engine) -> None:
    page = tree(visitor, "/regions?view=groups&show=readiness")
    with reading(seeded) as session:
        found = {(s.region, s.group): s for s in scores.current_scores(session, WEEK)}
    score = found[TROUBLED, "ict_muutos"]
    value = figure(score, "readiness").value
    assert value is not None
    cells = page.xpath(f"//tr[@data-code='{TROUBLED}']/td")
    assert [c.xpath("b")[0].text for c in cells][-1] == FI.number(value)
    assert FI(f"step.{figure(score, 'readiness').step}") in words(cells[-1])
    twin = page.xpath("//details//tbody/tr")
    answer = visitor.get("/regions.csv?view=groups&show=readiness")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == len(twin) == 23 * 5
    (row,) = [r for r in rows if (r["region"], r["column"]) == (TROUBLED, "ict_muutos")]
    assert float(row["value"]) == pytest.approx(value, abs=1e-3)
    assert "attachment" in answer.headers["content-disposition"]


def test_the_topic_matrix_is_what_was_heard(visitor: TestClient, seeded: Engine) -> None:
    signals = country.week_signals(seeded, WEEK)
    assert not isinstance(signals, country.NoPicture)
    rows = visitor.get("/regions.csv?view=topics&show=stories").text.removeprefix("\ufeff")
    for row in csv.DictReader(io.StringIO(rows)):
        assert int(float(row["value"])) == signals[row["region"], row["column"]].stories
    page = tree(visitor, "/regions?view=topics")
    assert {words(c) for c in page.xpath(f"//tr[@data-code='{UNHEARD}']/td")} == {"ei kuulunut"}
    pressure = signals[TROUBLED, "personnel"].pressure
    assert pressure is not None
    assert FI.number(100 * pressure.value) in words(page.xpath(f"//tr[@data-code='{TROUBLED}']")[0])


def test_the_list_as_csv_has_a_row_per_number(visitor: TestClient) -> None:
    text = visitor.get("/regions.csv?sort=name").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 23 * 3
    unheard = next(r for r in rows if r["region"] == UNHEARD and r["measure"] == "media")
    assert unheard["value"] == ""
    assert unheard["reasons"]


# --- topics --------------------------------------------------------------------------------------


def test_a_topic_says_what_it_means_and_which_way_it_points(
    visitor: TestClient, reference: Reference
) -> None:
    page = tree(visitor, "/topics/personnel")
    said = words(page)
    assert reference.topic["personnel"].definition in said
    assert page.xpath("//p[@lang='en']")
    (sentence,) = page.xpath("//section[@aria-labelledby='directions']/p")
    whole, *ways = map(int, re.findall(r"\d+", words(sentence)))
    assert whole == sum(ways)
    line = tree(visitor, "/topics").xpath("//tr[@data-topic='personnel']/td")
    assert int(words(line[0])) == whole
    assert len(page.xpath("//section[@aria-labelledby='places']//tr[@data-code]")) == 23


def test_a_topics_stories_stay_text_and_keep_their_language(visitor: TestClient) -> None:
    page = tree(visitor, "/topics/personnel")
    stories = page.xpath("//section[@aria-labelledby='stories']//h3")
    assert stories
    assert all(h.xpath("./*[@lang]") for h in stories)
    assert HOSTILE not in visitor.get("/topics/personnel").text


def test_a_topics_alerts_stand_on_its_page(visitor: TestClient, seeded: Engine) -> None:
    with reading(seeded) as session:
        alert = scores.alerts(session, WEEK)[0]
    said = words(tree(visitor, f"/topics/{alert.topic}"))
    assert FI("alerts.title") in said
    assert FI("alerts.p") in said


def test_a_week_in_which_nobody_was_heard_is_unknown_in_the_year(visitor: TestClient) -> None:
    page = tree(visitor, "/topics/personnel")
    rows = page.xpath("//section[@aria-labelledby='year-of']//tbody/tr")
    assert len(rows) == 12
    assert FI("situation.week_unknown") in words(rows[-1])
    assert FI("situation.week_unknown") not in words(rows[0])


def test_an_unknown_topic_is_not_found(visitor: TestClient) -> None:
    assert "no-such" in words(tree(visitor, "/topics/no-such", status=404))


# --- alerts --------------------------------------------------------------------------------------


def test_an_alert_shows_every_parameter_in_words(visitor: TestClient, seeded: Engine) -> None:
    with reading(seeded) as session:
        raised = scores.alerts(session, WEEK)
    page = tree(visitor, "/alerts")
    (section,) = page.xpath("//section[@aria-labelledby='raised']")
    assert len(section.xpath("ol/li")) == len(raised)
    for name in raised[0].parameters:
        assert FI(f"alerts.parameter.{name}") in words(section)
    looked = country.week_alerts(seeded, WEEK)
    assert not isinstance(looked, country.NoPicture)
    rate = load_constants().alerts.false_discovery_rate
    assert " ".join(FI.percent(rate).split()) in words(section)
    assert str(looked.tested) in words(section)
    assert page.xpath("//a[starts-with(@href, '/alerts/atom.xml')]")


def test_alerts_can_be_narrowed_to_a_region_and_a_topic(
    visitor: TestClient, seeded: Engine
) -> None:
    with reading(seeded) as session:
        alert = scores.alerts(session, WEEK)[0]
    mine = tree(visitor, f"/alerts?region={alert.region}&topic={alert.topic}")
    assert len(mine.xpath("//section[@aria-labelledby='raised']/ol/li")) == 1
    other = tree(visitor, f"/alerts?region=12&topic={alert.topic}")
    assert FI("situation.alerts.none_here") in words(other)


def test_a_week_without_enough_history_says_how_much_it_has(visitor: TestClient) -> None:
    week = previous(WEEK, 3)  # the second that was heard
    said = words(tree(visitor, f"/alerts?week={week}"))
    assert FI("situation.alerts.untested") in said
    needed = load_constants().alerts.minimum_past_weeks
    assert FI("situation.alerts.too_few", n=needed, has=1) in said


@pytest.fixture
def small(tmp_path: Path, reference: Reference) -> Engine:
    engine = open_engine(f"sqlite:///{tmp_path / 'small.db'}")
    migrate(engine)
    seed(engine, reference, weeks=1)
    return engine


def test_notices_of_deaf_regions_are_raised_and_cleared(
    small: Engine, reference: Reference
) -> None:
    with transaction(small) as session:
        save_notices(session, {"06": 0.2, "07": 0.1}, (), 0.5, NOW - timedelta(days=2))
    with transaction(small) as session:
        save_notices(session, {}, ["06"], 0.5, NOW)
    page = tree(client_of(small, reference), "/alerts")
    rows = page.xpath("//section[@aria-labelledby='deaf']//tbody/tr")
    said = {words(r.find("th")): words(r) for r in rows}
    assert FI("situation.deaf.stands") in said["Kanta-Häme"]
    assert FI("situation.deaf.stands") not in said["Satakunta"]
    only = tree(client_of(small, reference), "/alerts?region=07")
    assert len(only.xpath("//section[@aria-labelledby='deaf']//tbody/tr")) == 1
    small.dispose()


@pytest.mark.parametrize("address", ["/regions", "/topics", "/topics/ict", "/alerts", "/support"])
def test_an_empty_store_says_what_to_do(empty_visitor: TestClient, address: str) -> None:
    assert "tilannekuva run" in words(tree(empty_visitor, address))


# --- support -------------------------------------------------------------------------------------


def test_support_names_the_largest_gaps_first(visitor: TestClient, seeded: Engine) -> None:
    found = country.week_support(seeded, WEEK)
    assert not isinstance(found, country.NoPicture)
    rows = tree(visitor, "/support").xpath("//section[@aria-labelledby='helps']//tbody/tr")
    assert len(rows) == min(support.SHOWN, len(found))
    assert rows[0].xpath("td//b")[0].text == FI.number(found[0].reduction, 1)
    everything = tree(visitor, "/support?all=1")
    assert len(everything.xpath("//section[@aria-labelledby='helps']//tbody/tr")) == len(found)


def test_the_verdict_of_every_group_stands_with_its_chance(
    visitor: TestClient, seeded: Engine
) -> None:
    pictures = country.week_national(seeded, WEEK)
    assert not isinstance(pictures, country.NoPicture)
    page = tree(visitor, "/support")
    for picture in pictures:
        (row,) = page.xpath(f"//tr[@data-group='{picture.group}']")
        assert FI(f"situation.kind.{picture.kind}") in words(row)
        assert f"{picture.elevated} / {picture.tested}" in words(row)


def test_the_measured_false_alarms_are_those_of_the_methodology() -> None:
    table = Path("docs/methodology.md").read_text(encoding="utf-8")
    for rate in support.MEASURED:
        written = f"{rate.value:.3f} ({rate.low:.3f}–{rate.high:.3f}) | {rate.n} |"
        line = next(x for x in table.splitlines() if written in x)
        assert rate.counted in line
        assert ("steady" in line) == (rate.world == "steady")


def test_a_forgotten_region_has_its_share_of_the_news_and_of_the_people(
    seeded: Engine, reference: Reference
) -> None:
    found = country.week_forgotten(seeded, WEEK, reference)
    assert not isinstance(found, country.NoPicture)
    for line in support.forgotten_lines(found, reference):
        assert line.of_news.value is None or 0 <= line.of_news.value <= 1
        if line.of_people is not None:
            assert 0 < line.of_people < 1


# --- the region's page ---------------------------------------------------------------------------


def test_a_regions_year_has_a_row_per_week_and_its_numbers(
    visitor: TestClient, seeded: Engine
) -> None:
    page = tree(visitor, f"/regions/{TROUBLED}")
    (section,) = page.xpath("//section[@aria-labelledby='year-of']")
    rows = section.xpath(".//tbody/tr")
    assert len(rows) == 5
    with reading(seeded) as session:
        now = next(
            s
            for s in scores.current_scores(session, WEEK)
            if (s.region, s.group) == (TROUBLED, ALL_GROUPS)
        )
    assert not isinstance(now.combined, NotReady)
    assert rows[0].xpath("td")[0].text == FI.number(now.combined)
    assert len(section.xpath(".//*[local-name()='polyline']")) == 3


def test_a_region_has_its_undone_tasks_interviews_and_hearing(visitor: TestClient) -> None:
    page = tree(visitor, f"/regions/{TROUBLED}")
    order = page.xpath("//main/section/@aria-labelledby")
    wanted = ["numbers", "why", "stories", "readiness", "interviews", "coverage", "events"]
    assert [name for name in order if name in wanted] == wanted
    tasks = page.xpath("//table[preceding::h3[@id='tasks']]/tbody/tr")
    assert tasks
    assert FI("why.state.started") in words(tasks[0])
    ledger = page.xpath("//div[@aria-labelledby='ledger']//tbody/tr")
    assert words(ledger[0]).startswith(FI("situation.ledger.all"))


def test_the_front_page_answers_at_a_glance(visitor: TestClient) -> None:
    page = tree(visitor, "/")
    said = words(page.xpath("//ul[@class='today']")[0])
    for key in ("movers.title", "alerts.title", "gaps.title"):
        assert FI(key) in said
    for address in ("/regions", "/topics", "/support", "/alerts"):
        assert page.xpath(f"//main//a[starts-with(@href, '{address}?')]"), address
