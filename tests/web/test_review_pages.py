"""The review's routes: who may, what a form does, what stands in the way, what an empty queue says."""

import re

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import TestClient

from classifiers.reference import Reference
from monitor.db.engine import reading, transaction
from monitor.db.tables import ArticleRow, AuditRow, DecisionRow, RevisionRow
from monitor.i18n import LANGUAGES
from monitor.people.tokens import form_token
from tests.web.conftest import signed_in_as, web_of
from tests.web.review_store import HOSTILE, fill, person, signed_in
from tests.web.seed import NOW

FIELD = re.compile(r'name="(key|hash|seen|as_\w+|next)" value="([^"]*)"')


class Reviewer:
    """A signed-in client that fills the forms it is shown."""

    def __init__(self, engine: Engine, web: FastAPI, name: str) -> None:
        secret = signed_in(engine, person(engine, name))
        self.client = TestClient(web, raise_server_exceptions=False, follow_redirects=False)
        self.client.cookies.set("session", secret)
        self.token = form_token(secret)

    def form(self, article: int, **more: str) -> dict[str, str]:
        page = self.client.get(f"/queue/{article}/card").text
        return {**dict(FIELD.findall(page)), "token": self.token, **more}

    def post(self, path: str, data: dict[str, str], script: bool = False) -> tuple[int, str]:
        headers = {"X-Part": "card", "Accept": "application/json"} if script else {}
        answer = self.client.post(path, data=data, headers=headers)
        return answer.status_code, answer.headers.get("location", answer.text)


@pytest.fixture
def queued(sqlite: Engine, reference: Reference) -> tuple[Engine, FastAPI, list[int]]:
    ids = fill(sqlite, reference, 4)
    return sqlite, web_of(sqlite, reference), ids


@pytest.fixture
def maija(queued: tuple[Engine, FastAPI, list[int]]) -> Reviewer:
    return Reviewer(*queued[:2], "maija")


@pytest.fixture
def kalle(queued: tuple[Engine, FastAPI, list[int]]) -> Reviewer:
    return Reviewer(*queued[:2], "kalle")


Queued = tuple[Engine, FastAPI, list[int]]


def made(engine: Engine) -> list[tuple[int, str, str]]:
    with reading(engine) as session:
        rows = session.exec(select(DecisionRow).order_by(DecisionRow.id)).all()  # type: ignore[arg-type]
    return [(r.article_id, r.action, r.who) for r in rows]


def test_viewers_and_strangers_review_nothing(queued: Queued) -> None:
    engine, web, ids = queued
    viewer, stranger = signed_in_as("viewer", web), TestClient(web, follow_redirects=False)
    for path in ("/queue", f"/queue/{ids[0]}", f"/queue/{ids[0]}/card", "/me/keys", "/queue/news"):
        assert viewer.get(path).status_code == 403, path
        answer = stranger.get(path)
        assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login"), path
    token = form_token(viewer.cookies["session"])
    answer = viewer.post(f"/queue/{ids[0]}/decide", data={"token": token, "act": "irrelevant"})
    assert (answer.status_code, made(engine)) == (403, [])


def test_a_form_without_this_sessions_token_decides_nothing(
    queued: Queued, maija: Reviewer
) -> None:
    article = queued[2][0]
    form = maija.form(article, act="confirm", token="x")
    assert maija.post(f"/queue/{article}/decide", form)[0] == 403
    assert made(queued[0]) == []


def test_a_decision_goes_on_to_the_next_card_of_the_same_filter(
    queued: Queued, maija: Reviewer
) -> None:
    article, following = queued[2][:2]
    form = maija.form(article, act="confirm", next=str(following), q="region=20&evil=1")
    status, where = maija.post(f"/queue/{article}/decide", form)
    assert status == 303
    assert where == f"/queue/{following}?region=20&done=1"
    page = maija.client.get(where).text
    assert 'action="/queue/decisions/1/undo"' in page
    status, where = maija.post("/queue/decisions/1/undo", {"token": maija.token})
    assert (status, where) == (303, f"/queue/{article}")
    assert [what for _, what, _ in made(queued[0])] == ["decide", "undo"]
    with reading(queued[0]) as session:
        audit = session.exec(select(AuditRow.action).where(AuditRow.who == "maija")).all()
    assert {"decide", "undo decision"} <= set(audit)


@pytest.mark.parametrize("script", [True, False])
def test_the_second_reviewer_is_shown_both_decisions_and_loses_nothing(
    queued: Queued, maija: Reviewer, kalle: Reviewer, script: bool
) -> None:
    article = queued[2][0]
    mine = maija.form(article, act="confirm", note="soita <b>Kajaaniin</b>")
    assert kalle.post(f"/queue/{article}/decide", kalle.form(article, act="irrelevant"))[0] == 303
    status, page = maija.post(f"/queue/{article}/decide", mine, script)
    assert (status, made(queued[0])) == (409, [(article, "decide", "kalle")])
    assert "Kalle" in page
    assert "soita &lt;b&gt;Kajaaniin&lt;/b&gt;</textarea>" in page
    assert ('id="queue-list"' in page) is not script
    again = dict(re.findall(r'name="(key|hash|seen|mine_\w+)" value="([^"]*)"', page))
    again |= {"token": maija.token, "act": "mine", "note": mine["note"]}
    assert maija.post(f"/queue/{article}/decide", again, script)[0] == (200 if script else 303)
    assert made(queued[0])[-1] == (article, "decide", "maija")


def test_the_same_request_twice_decides_once(queued: Queued, maija: Reviewer) -> None:
    article = queued[2][0]
    form = maija.form(article, act="confirm")
    first = maija.post(f"/queue/{article}/decide", form, script=True)
    assert first == maija.post(f"/queue/{article}/decide", form, script=True)
    assert len(made(queued[0])) == 1


def test_a_text_that_has_changed_is_not_decided_unseen(queued: Queued, maija: Reviewer) -> None:
    engine, _, ids = queued
    form = maija.form(ids[0], act="confirm", hash="v1:another")
    status, page = maija.post(f"/queue/{ids[0]}/decide", form)
    assert (status, made(engine)) == (410, [])
    assert "Katso se uudelleen" in page


def test_what_is_no_decision_is_said_and_stays_in_the_form(queued: Queued, maija: Reviewer) -> None:
    article = queued[2][0]
    form = maija.form(article, act="edit", region="20", note="muistiin")
    status, page = maija.post(f"/queue/{article}/decide", form)
    assert status == 422
    assert "Valitse: suunta." in page
    assert "muistiin</textarea>" in page
    assert maija.post(f"/queue/{article}/decide", {"token": maija.token})[0] in (410, 422)
    assert made(queued[0]) == []


def test_anothers_decision_is_not_undone_by_a_reviewer(
    queued: Queued, maija: Reviewer, kalle: Reviewer
) -> None:
    article = queued[2][0]
    kalle.post(f"/queue/{article}/decide", kalle.form(article, act="irrelevant"))
    data = {"token": maija.token, "article": str(article)}
    status, page = maija.post("/queue/decisions/1/undo", data)
    assert (status, len(made(queued[0]))) == (422, 1)
    assert "analyytikko" in page
    assert maija.post("/queue/decisions/99/undo", data)[0] == 404


def test_handing_over_leaves_a_note_and_the_other_finds_it(
    queued: Queued, maija: Reviewer, kalle: Reviewer
) -> None:
    article = queued[2][1]
    data = {"token": maija.token, "to": "kalle", "text": f"katso tämä {HOSTILE}"}
    assert maija.post(f"/queue/{article}/hand-over", data)[0] == 303
    page = kalle.client.get("/queue?mine=1").text
    assert f'data-article="{article}"' in page
    assert "katso tämä &lt;img" in page
    assert HOSTILE not in page
    data["to"] = "nobody"
    assert maija.post(f"/queue/{article}/hand-over", data)[0] == 422


def test_the_discuss_bin_takes_a_card_out_of_the_list_and_gives_it_back(
    queued: Queued, maija: Reviewer
) -> None:
    article = queued[2][0]
    maija.post(f"/queue/{article}/discuss", {"token": maija.token, "yes": "1", "text": "miten?"})
    assert article not in maija.client.get("/queue/news").json()["articles"]
    assert maija.client.get("/queue/news?discuss=1").json()["articles"] == [article]
    maija.post(f"/queue/{article}/discuss", {"token": maija.token, "yes": "", "text": ""})
    assert article in maija.client.get("/queue/news").json()["articles"]


def test_what_was_put_off_comes_back_when_asked_for(queued: Queued, maija: Reviewer) -> None:
    article = queued[2][0]
    maija.post(f"/queue/{article}/skip", {"token": maija.token})
    page = maija.client.get("/queue").text
    assert f'<li data-article="{article}"' not in page
    assert 'action="/queue/unskip"' in page
    maija.post("/queue/unskip", {"token": maija.token})
    assert article in maija.client.get("/queue/news").json()["articles"]


def test_a_filter_is_kept_under_a_name_and_forgotten(queued: Queued, maija: Reviewer) -> None:
    data = {"token": maija.token, "q": "language=sv", "name": "Ruotsi <i>"}
    assert maija.post("/queue/filters", data) == (303, "/queue?language=sv")
    page = maija.client.get("/queue?language=sv").text
    assert '<a href="/queue?language=sv">Ruotsi &lt;i&gt;</a>' in page
    assert page.count("<li data-article=") == 1
    maija.post("/queue/filters/1/delete", {"token": maija.token})
    assert "Ruotsi &lt;i&gt;" not in maija.client.get("/queue").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_queue_says_what_was_done_and_where_to_go(
    queued: Queued, maija: Reviewer, language: str
) -> None:
    for article in queued[2]:
        maija.post(f"/queue/{article}/decide", maija.form(article, act="irrelevant"), script=True)
    page = maija.client.get(f"/queue?lang={language}").text
    assert 'id="empty-title"' in page
    assert 'href="/queue?reason=random"' in page
    assert re.search(r"<p>[^<]*\b4\b[^<]*</p>", page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_shows_no_more_than_an_extract_and_marks_every_language(
    queued: Queued, maija: Reviewer, language: str
) -> None:
    engine, _, ids = queued
    with transaction(engine) as session:
        row = session.get_one(ArticleRow, ids[2])
        row.text += " Loppu." * 300
        session.add(RevisionRow(article_id=ids[2], number=2, at=NOW, title=row.title,
                                text=row.text, content_hash="v1:new"))  # fmt: skip
    page = maija.client.get(f"/queue/{ids[2]}/card?lang={language}").text
    assert page.count("Loppu.") < 120
    assert '<h2 id="headline" lang="sv">' in page
    assert 'rel="noopener noreferrer"' in page
    assert "<ins>" in page


def test_addresses_that_name_nothing_say_so(maija: Reviewer) -> None:
    assert maija.client.get("/queue/999").status_code == 404
    assert maija.client.get("/queue/999/card").status_code == 404
    assert maija.client.get("/queue/why?article=999").status_code == 200
    assert maija.client.get("/queue?region=xx&topic=yy&text=%25").status_code == 200
    assert maija.client.get("/queue?done=99999999999999999999").status_code == 200
