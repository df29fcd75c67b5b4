"""A person's word is at every door at once; what is computed from it follows with the next tick, and says so."""

from dataclasses import dataclass

import pytest
from sqlalchemy import Engine

from classifiers.reference import Reference
from monitor import pipeline
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db.engine import reading
from monitor.db.summaries import week_stories
from monitor.i18n import Translator
from monitor.review.decide import decide, undo
from monitor.review.values import Decided, Given
from monitor.settings import load_settings
from monitor.weeks import week_bounds, week_of
from tests.api.conftest import serve
from tests.web.conftest import client_of
from tests.web.review_store import fill, person
from tests.web.seed import NOW

T = Translator("fi")
WEEK = week_of(NOW)


@dataclass
class Doors:
    """Everything that shows an article, and the store behind it."""

    app: App
    article: int
    title: str
    code: str
    language: str

    def __post_init__(self) -> None:
        self.client = client_of(self.app.engine, self.app.reference)
        self.api = serve(self.app.engine, self.app.reference)
        self.anna = person(self.app.engine, "anna")

    def page(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200
        return str(answer.text)

    def of_api(self) -> list[str]:
        """Headlines of the region's stories of the week."""
        answer = self.api.get(f"/stories?week={WEEK}&region={self.code}")
        return [item["title"] for item in answer.json()["items"]]

    def of_summary(self) -> set[str]:
        """Headlines that a draft written now is made from."""
        with reading(self.app.engine) as session:
            lines, _ = week_stories(session, *week_bounds(WEEK))
        return {source.title for line in lines for source in line.sources}

    def decides(self) -> Decided:
        made = decide(self.app, self.anna, self.article, self.hash, 0, Given(False, (self.code,)))
        assert isinstance(made, Decided)
        return made

    @property
    def hash(self) -> str:
        return f"v1:{self.article - 1}"


@pytest.fixture(params=["fi", "sv"])
def doors(request: pytest.FixtureRequest, sqlite: Engine, reference: Reference) -> Doors:
    ids = fill(sqlite, reference, 3)
    app = App(load_settings({}, draws=100), ManualClock(NOW), sqlite, reference)
    pipeline.score(app, [WEEK])
    if request.param == "fi":
        return Doors(app, ids[0], "Hoitojono venyy jo 0. viikkoa", "20", "fi")
    return Doors(app, ids[2], "Vårdkön växer för 2:e veckan", "17", "sv")


def test_a_decision_is_at_every_door_at_once_and_in_the_scores_with_the_next_tick(
    doors: Doors,
) -> None:
    assert doors.title in doors.page("/queue?view=list")
    assert doors.title in doors.of_summary()
    assert doors.title in doors.of_api()
    made = doors.decides()

    assert f'data-article="{doors.article}"' not in doors.page("/queue")
    why = doors.page(f"/queue/why?article={doors.article}")
    assert f'lang="{doors.language}">{doors.title}</a>' in why
    assert "anna" in doors.page(f"/queue/{doors.article}/card").lower()
    assert T("review.said.irrelevant") in doors.page(f"/articles/{doors.article}")
    assert doors.title not in doors.of_summary()
    for path in ("/", f"/regions/{doors.code}"):
        assert T("review.stale") in doors.page(f"{path}?week={WEEK}")

    assert pipeline.rescore(doors.app) == (WEEK,)
    assert doors.title not in doors.of_api()
    for path in ("/", f"/regions/{doors.code}"):
        assert T("review.stale") not in doors.page(f"{path}?week={WEEK}")
    assert doors.title not in doors.page(f"/regions/{doors.code}?week={WEEK}")

    assert isinstance(undo(doors.app, doors.anna, made.decision.id), Decided)
    assert doors.title in doors.page("/queue?view=list")
    assert doors.title in doors.of_summary()
    assert T("review.stale") in doors.page(f"/?week={WEEK}")
