"""A region's own alerts stand on its page with every parameter, in the reader's words."""

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from monitor.db import scores
from monitor.db.engine import reading
from monitor.i18n import Translator
from tests.web.seed import TROUBLED, WEEK
from tests.web.test_pages import tree


def test_a_regions_alert_shows_its_parameters(visitor: TestClient, seeded: Engine) -> None:
    with reading(seeded) as session:
        raised = [a for a in scores.alerts(session, WEEK) if a.region == TROUBLED]
    assert raised
    (section,) = tree(visitor, f"/regions/{TROUBLED}").xpath("//section[@aria-labelledby='alerts']")
    t = Translator("fi")
    text = section.text_content()
    assert t("alerts.title") == "Hälytykset"
    assert t("alerts.title") in text
    for name in raised[0].parameters:
        assert t.has(f"alerts.parameter.{name}"), name
        assert t(f"alerts.parameter.{name}") in text
    assert t.word("alerts.method", raised[0].method) in text
    assert raised[0].method not in text


def test_a_region_without_an_alert_has_no_such_section(visitor: TestClient, seeded: Engine) -> None:
    with reading(seeded) as session:
        with_alert = {a.region for a in scores.alerts(session, WEEK)}
    quiet = next(code for code in ("16", "11", "12") if code not in with_alert)
    assert not tree(visitor, f"/regions/{quiet}").xpath("//section[@aria-labelledby='alerts']")
