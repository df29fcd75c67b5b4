"""What to find out next and where the uncertainty comes from, on the region's page."""

import pytest

from monitor.i18n import Translator
from tests.web.seed import HOSTILE, TROUBLED, UNHEARD


@pytest.mark.parametrize(
    ("language", "title"),
    [("fi", "Mitä kannattaa selvittää"), ("sv", "Vad som bör utredas"), ("en", "What to find out")],
)
def test_the_page_names_three_things_and_the_sources_as_bar_and_table(
    visitor, language: str, title: str
) -> None:  # type: ignore[no-untyped-def]
    text = visitor.get(f"/regions/{TROUBLED}?lang={language}").text
    t = Translator(language)
    section = text.split('aria-labelledby="next"')[1].split("</section>")[0]
    assert title in section
    assert 1 <= section.count("<li>") <= 3
    assert t("know.source.weights") in section
    assert t("know.source.together") in section
    assert '<svg class="chart contributions"' in section
    assert HOSTILE not in section


def test_a_groups_page_keeps_to_the_group(visitor) -> None:  # type: ignore[no-untyped-def]
    text = visitor.get(f"/regions/{TROUBLED}?lang=en&group=ict_muutos").text
    section = text.split('aria-labelledby="next"')[1].split("</section>")[0]
    named = [line for line in section.split("<li>")[1:] if "/readiness/" in line]
    assert named
    assert all("ICT" in line for line in named)


def test_a_region_that_is_not_heard_is_told_that_listening_comes_first(visitor) -> None:  # type: ignore[no-untyped-def]
    text = visitor.get(f"/regions/{UNHEARD}?lang=en").text
    assert Translator("en")("know.unheard") in text
    assert 'id="sources-of"' not in text
