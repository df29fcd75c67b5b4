"""Bands of the roadmap matrix: every share in one, the published limit, and settings that say what is wrong."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import SettingsError
from monitor.i18n import LANGUAGES, Translator
from monitor.readiness.bands import digits, make_bands
from monitor.settings import PREFIX, load_settings

DEFAULT = make_bands(load_settings({}).roadmap_bands)
some_limits = st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True).map(sorted)
shares = st.integers(1, 300).flatmap(lambda n: st.integers(0, n).map(lambda done: done / n))


def test_the_best_of_the_four_bands_is_over_ninety_per_cent() -> None:
    assert DEFAULT.count == 4
    assert [DEFAULT.of(share).number for share in (0, 0.5, 0.51, 0.75, 0.9, 0.901, 1)] == [
        1, 1, 2, 2, 3, 4, 4,
    ]  # fmt: skip


@given(some_limits, shares)
def test_every_share_lies_in_exactly_one_band(limits: list[int], share: float) -> None:
    bands = make_bands(limits)
    inside = [b for b in bands.all if b.above < share <= b.to or (share == 0 and b.number == 1)]
    assert inside == [bands.of(share)]
    assert len({b.word for b in bands.all}) == len(limits) + 1


@given(some_limits, shares, shares)
def test_more_finished_is_never_a_lower_band(limits: list[int], one: float, other: float) -> None:
    bands = make_bands(limits)
    low, high = sorted((one, other))
    assert bands.of(low).number <= bands.of(high).number


@given(some_limits, shares)
def test_a_number_as_it_is_written_lies_in_its_band(limits: list[int], share: float) -> None:
    bands = make_bands(limits)
    written = round(share, digits(share, bands) + 2)
    assert bands.of(written) == bands.of(share)


def test_a_number_that_would_contradict_its_band_gets_a_decimal() -> None:
    assert digits(56 / 62, DEFAULT) == 1
    assert digits(54 / 60, DEFAULT) == 0


def test_bands_are_a_setting() -> None:
    settings = load_settings({f"{PREFIX}ROADMAP_BANDS": "33.5, 90"})
    assert settings.roadmap_bands == (33.5, 90)
    bands = make_bands(settings.roadmap_bands)
    assert all(a.to == b.above for a, b in pairwise(bands.all))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("90,50", "50 does not rise above 90"),
        ("50,50", "50 does not rise above 50"),
        ("0,50", "0 does not lie between 0 and 100"),
        ("50,100", "100 does not lie between 0 and 100"),
        ("nan,50", "nan does not lie between 0 and 100"),
        ("half", "expected percentages with commas between them"),
        ("", "expected percentages with commas between them"),
        ("10,20,30,40,50", "5 limits"),
    ],
)
def test_wrong_limits_are_a_sentence_that_shows_right_ones(given: str, why: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings({f"{PREFIX}ROADMAP_BANDS": given})
    assert f"{PREFIX}ROADMAP_BANDS='{given}'" in raised.value.message
    assert why in raised.value.message
    assert "such as 50,75,90" in raised.value.message


def test_a_target_day_that_is_no_day_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"ROADMAP_TARGET=.31\.12\.2026"):
        load_settings({f"{PREFIX}ROADMAP_TARGET": "31.12.2026"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_band_has_words(language: str) -> None:
    t = Translator(language)
    for limits in ([50], [50, 90], [50, 75, 90], [20, 50, 75, 90]):
        said = [t(f"band.{b.word}") for b in make_bands(limits).all]
        assert len(set(said)) == len(said)
