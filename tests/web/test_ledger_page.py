"""The ledger on the pages: signs with words beside them, notices, regions' hearing."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete

from classifiers.reference import Reference
from monitor.coverage.facts import PolledDay
from monitor.coverage.run import keep_ledger
from monitor.coverage.verdicts import WORKER_DOWN, DayFacts, SourceDay, Verdict
from monitor.db.engine import transaction
from monitor.db.tables import NoticeRow
from monitor.i18n import LANGUAGES, Translator
from monitor.web import health
from tests.web.conftest import client_of
from tests.web.seed import NOW, UNHEARD, UNSOURCED
from tests.web.test_pages import tree, words

TODAY = NOW.date()


def _day(back: int, verdict: Verdict, **other: object) -> SourceDay:
    day = TODAY - timedelta(days=back)
    facts = DayFacts(PolledDay(day, 1, 0, 0, 0, 4, 0, ""), 3, 3, 0, True)
    return SourceDay(facts, verdict, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_strip_says_in_words_what_its_signs_say(language: str) -> None:
    t = Translator(language)
    since = TODAY - timedelta(days=1)
    days = [
        _day(2, Verdict.HEARD),
        _day(1, Verdict.QUIETER, since=since, observed=1, expected=11.4, at_most=0.00002),
        _day(0, Verdict.QUIETER, since=since, observed=2, expected=22.8, at_most=0.00001),
    ]
    strip = health.strip(days, TODAY, t)
    assert len(strip.cells) == health.DAYS_SHOWN
    assert [cell.sign for cell in strip.cells[-3:]] == ["●", "▽", "▽"]
    assert t.word("verdict", "quieter") in strip.label
    assert t.word("verdict", "quieter") in strip.troubles[0]
    assert t.number(22.8, 1) in strip.troubles[0], "what was expected since it began"
    assert len(strip.troubles) == 1


def test_days_of_our_own_outage_stand_once_and_together() -> None:
    t = Translator("en")
    days = [_day(n, Verdict.NOT_POLLED, reason=WORKER_DOWN) for n in (9, 5, 4, 3)]
    said = health.worker_days({"a": days, "b": days}, t)
    assert said == ["7 Nov 2026", "11 Nov 2026–13 Nov 2026"]
    assert health.strip(days, TODAY, t).troubles == ()


def test_every_verdict_has_a_sign_and_a_word_of_its_own() -> None:
    assert set(health.SIGNS) == {*Verdict, None}
    assert len(set(health.SIGNS.values())) == len(health.SIGNS)
    for language in LANGUAGES:
        said = [word for _, _, word in health.key(Translator(language))]
        assert len(set(said)) == len(said)


def test_the_page_shows_feeds_day_by_day_and_regions(visitor: TestClient) -> None:
    page = tree(visitor, "/feeds?lang=sv")
    strips = page.xpath("//table[@class='feeds']//span[@class='strip']")
    assert strips
    assert all(strip.get("role") == "img" and strip.get("aria-label") for strip in strips)
    regions = page.xpath("//table[contains(@class, 'hearing')]/tbody/tr")
    assert len(regions) == 23
    text = " ".join(map(words, regions))
    assert "ingen källa" in text
    assert "svenska" in text
    assert "0 %" in words(
        next(r for r in regions if f"/regions/{UNHEARD}" in r.xpath(".//a/@href")[0])
    )


def test_a_deaf_region_stands_on_the_front_page_and_the_feeds_page(
    seeded: Engine, reference: Reference
) -> None:
    with client_of(seeded, reference) as client:
        assert not tree(client, "/").xpath("//h2[@id='notices']")
    keep_ledger(seeded, reference.units, 0.6, NOW)
    try:
        with client_of(seeded, reference) as client:
            for address in ("/", "/feeds"):
                page = tree(client, address)
                notices = page.xpath("//section[@aria-labelledby='notices']//li/a/@href")
                assert f"/regions/{UNHEARD}#coverage" in notices
                assert f"/regions/{UNSOURCED}#coverage" not in notices
    finally:  # the store is shared by all tests of the pages
        with transaction(seeded) as session:
            session.exec(delete(NoticeRow))
