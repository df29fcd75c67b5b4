"""Real input: the captured newsroom through the demo's own code. Skips where the folder is absent."""

import csv
import re
from pathlib import Path

import pytest
from sqlmodel import col, select

from monitor.db.claims import current_claims
from monitor.db.engine import open_engine, reading
from monitor.db.tables import ArticleRow, FeedRow
from monitor.db.tally import discrepancies, tally
from monitor.values import Stage
from tests.conftest import ROOT
from tests.flow.test_demo import free_port, start

pytestmark = [pytest.mark.captured, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def played(captured_newsroom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store after one play of the captured newsroom."""
    folder = tmp_path_factory.mktemp("captured")
    process = start(folder, free_port(), "--check", "--newsroom", str(captured_newsroom))
    out, err = process.communicate()
    assert process.returncode == 0, out + err
    return folder / "demo.db"


def regions_by_municipality() -> dict[str, str]:
    """Finnish name -> region, of municipalities that exist; the feed's own names are Finnish/Swedish."""
    with (ROOT / "labels" / "places.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {r["fi"]: r["codes"] for r in rows if r["kind"] == "municipality"}


def test_every_item_has_one_outcome_per_stage(played: Path) -> None:
    engine = open_engine(f"sqlite:///{played}")
    with reading(engine) as session:
        done = tally(session)
    engine.dispose()
    assert discrepancies(done) == ()
    assert done.entries == 210
    assert sum(done.stages[Stage.INGEST].values()) == 210
    assert done.stages[Stage.INGEST]["feed text"] == 100  # the rescue feed has no pages


def test_every_rescue_notice_has_its_municipalitys_region_and_no_other(played: Path) -> None:
    engine = open_engine(f"sqlite:///{played}")
    with reading(engine) as session:
        rescue = select(FeedRow.id).where(FeedRow.kind == "rescue")
        articles = session.exec(
            select(ArticleRow)
            .where(col(ArticleRow.feed_id).in_(rescue))
            .order_by(col(ArticleRow.id))
        ).all()
        claims = current_claims(session, [a.id or 0 for a in articles])
        titles = {a.id or 0: a.title for a in articles}
    engine.dispose()
    expected = regions_by_municipality()
    assert len(titles) == 100
    wrong = []
    for number, title in titles.items():
        place = re.split(r"[/,]", title)[0].strip()
        said = {c.label for c in claims[number] if c.task == "region" and c.decided}
        if said != {expected[place]}:
            wrong.append((title, said, expected[place]))
    assert wrong == []
