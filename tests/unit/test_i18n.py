"""Words, numbers and dates in three languages: nothing missing, and written as people write them."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fetch.results import FailReason
from monitor.i18n import LANGUAGES, Message, Translator, catalogues
from monitor.readiness.state import nominal_weights
from monitor.readiness.templates import EVENTS
from monitor.risk.constants import load_constants
from monitor.values import Permission, ReadinessState

FI, SV, EN = (Translator(language) for language in LANGUAGES)
EVERY = sorted(catalogues()["fi"])


def places(message: Message) -> set[str]:
    texts = [message] if isinstance(message, str) else list(message.values())
    return {place for text in texts for place in re.findall(r"{(\w+)}", text)}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_key_is_in_every_language(language: str) -> None:
    assert catalogues()[language].keys() == catalogues()["fi"].keys()


@pytest.mark.parametrize("language", ["sv", "en"])
def test_messages_take_the_same_values_in_every_language(language: str) -> None:
    # A plural form may write "one" out, so the places of all forms together are compared.
    differing = {
        key
        for key in EVERY
        if places(catalogues()["fi"][key]) != places(catalogues()[language][key])
    }
    assert differing == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_empty_and_plurals_have_both_forms(language: str) -> None:
    for key, message in catalogues()[language].items():
        if isinstance(message, str):
            assert message.strip(), key
        else:
            assert set(message) == {"one", "other"}, key
            assert all(form.strip() for form in message.values()), key


@pytest.mark.parametrize("t", [FI, SV, EN], ids=LANGUAGES)
def test_ids_of_other_parts_have_words(t: Translator) -> None:
    ids = [("failure", str(reason)) for reason in FailReason]
    ids += [("permission", str(permission)) for permission in Permission]
    ids += [("readiness", str(state)) for state in ReadinessState]
    ids += [("component", name) for name in nominal_weights()]
    ids += [("event", kind) for kind in EVENTS]
    for section, values in load_constants().model_dump().items():
        if isinstance(values, dict):
            ids += [(f"method.{section}", name) for name in values]
    keys = [f"{area}.{name.replace(' ', '_')}" for area, name in ids]
    assert [key for key in keys if not t.has(key)] == []


def test_an_unknown_id_is_shown_and_an_unknown_key_is_a_bug() -> None:
    assert FI.word("failure", "moon phase") == "moon phase"
    with pytest.raises(KeyError):
        FI("no.such.key")
    with pytest.raises(KeyError):
        Translator("de")


def test_plural_forms() -> None:
    assert FI("readiness.days", n=1) == "yksi päivä"
    assert FI("readiness.days", n=12_000) == "12\xa0000 päivää"
    assert SV("readiness.days", n=2) == "2 dagar"
    assert EN("readiness.days", n=0) == "0 days"


def test_numbers() -> None:
    assert FI.number(12345.678, 1) == "12\xa0345,7"
    assert EN.number(12345.678, 1) == "12,345.7"
    assert (FI.percent(0.356), SV.percent(0.356, 1), EN.percent(0.356)) == (
        "36\xa0%",
        "35,6\xa0%",
        "36%",
    )
    assert (FI.signed(2.6), FI.signed(-2.4), SV.signed(-0.2)) == ("+3", "−2", "±0")
    assert (FI.span(12.2, 39.8), FI.span(12.1, 12.4)) == ("12–40", "12")


@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_nothing_is_ever_minus_zero(value: float, digits: int) -> None:
    assert not re.fullmatch(r"[-−]0([.,]0+)?", FI.number(value, digits))
    assert not re.fullmatch(r"[-−]0([.,]0+)?", EN.signed(value, digits))


def test_dates_and_weeks_as_people_write_them() -> None:
    day = date(2026, 11, 21)
    assert [t.date(day) for t in (FI, SV, EN)] == [
        "la 21.11.2026",
        "lö 21.11.2026",
        "Sat 21 Nov 2026",
    ]
    assert [t.week("2026-W07") for t in (FI, SV, EN)] == ["viikko 7", "vecka 7", "week 7"]
    assert SV.week_year("2026-W47") == "vecka 47/2026"
    assert FI.week_days("2026-W53") == "28.12.–3.1.2027"


def test_a_day_is_a_day_in_helsinki() -> None:
    late = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
    assert FI.date(late) == "la 21.11.2026"
    assert FI.moment(late) == "la 21.11.2026 klo 0.30"
    assert SV.moment(late) == "lö 21.11.2026 kl. 0.30"
    assert EN.moment(late) == "Sat 21 Nov 2026 at 00:30"


def test_ago_never_speaks_of_the_future() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert FI.ago(now - timedelta(hours=3), now) == "3 tuntia sitten"
    assert SV.ago(now - timedelta(days=2), now) == "för 2 dagar sedan"
    assert "sitten" in FI.ago(now + timedelta(hours=3), now)


def test_reasons_in_words_with_their_numbers() -> None:
    assert FI.reason("coverage:0.12:0.30") == (
        "ei riittävää kuuluvuutta: 12\xa0% kuultiin, tarvitaan 30\xa0%"
    )
    assert "behövs" in SV.reason("readiness:0.05:0.30")
    assert "5%" in EN.reason("readiness:0.05:0.30")


def test_a_reason_without_words_is_not_hidden() -> None:
    assert "moon:3" in FI.reason("moon:3")


def test_silence_and_failures() -> None:
    assert FI.silence("not polled") == "ei haettu"
    assert SV.silence("failing: dns: no such host") == "svarade inte: serverns namn hittas inte"
    assert EN.failure("too large: 12 MB") == "the answer is too large"
