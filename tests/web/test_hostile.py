"""A store in which every text is an attack: no page lets it be more than text, no file lets it be a formula.

What feeds, pages, spreadsheets and people wrote is replaced in the rows themselves, so that nothing on the
way in can have made it harmless before.
"""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from lxml import etree
from lxml import html as lxml_html
from sqlalchemy import Engine, update
from sqlmodel import SQLModel, col, func, select
from starlette.testclient import TestClient

from classifiers.reference import Reference
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db import tables
from monitor.db.engine import migrate, open_engine, reading, transaction
from monitor.db.jobs import enqueue
from monitor.db.people import find_account
from monitor.feedback import give, message_of
from monitor.readiness.uploads import bring, said_of
from monitor.review import filters, hold
from monitor.review.values import QueueFilter
from monitor.settings import load_settings
from monitor.summary.run import write_summary
from tests.web.conftest import session_of, signed_in_as, web_of
from tests.web.review_store import fill
from tests.web.route_roles import NEEDS
from tests.web.seed import NOW, TROUBLED, WEEK, seed

PAYLOAD = (
    "=1+1'\"></a><script>alert(1)</script><xss onx=alert(1) style=x>{{ 7*7 }}javascript:alert(2)"
)
LINK = "javascript:alert(3)//"

TEXTS: dict[type[SQLModel], tuple[str, ...]] = {
    tables.FeedRow: ("title", "note", "publisher_group", "permission"),
    tables.ArticleRow: ("title", "text", "publisher_group", "completeness_reason"),
    tables.ImportRow: ("source", "licence", "file", "imported_by"),
    tables.ObservationRow: ("note", "unit"),
    tables.RoadmapTaskRow: ("task_whole", "task", "subtask"),
    tables.EventRow: ("note",),
    tables.UserRow: ("shown",),
    tables.AuditRow: ("who", "action", "subject"),
    tables.SessionRow: ("agent",),
    tables.ReviewNoteRow: ("who", "text", "to"),
    tables.ReviewLookRow: ("shown",),
    tables.ReviewFilterRow: ("name",),
    tables.ReviewHoldRow: ("assigned",),
    tables.FeedbackRow: ("name", "page", "message"),
    tables.CodebookVersionRow: ("note", "who"),
    tables.SummaryCommentRow: ("text", "who"),
    tables.JobRow: ("who", "error"),
    tables.UploadRow: ("name", "source", "licence"),
    tables.ActivationRow: ("by", "reason"),
    tables.ApiKeyRow: ("name", "created_by"),
    tables.DecisionRow: ("who",),
    tables.RevisionRow: ("title", "text"),
}
PLACES = {"code": TROUBLED, "week": WEEK, "article_id": "1", "number": "1", "job_id": "1",
          "topic": "personnel", "label": "topic:personnel", "level": "full", "language": "fi"}  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Iterator[FastAPI]:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('hostile') / 'hostile.db'}")
    migrate(engine)
    seed(engine, reference, weeks=2)
    settings = load_settings({}, output_dir=tmp_path_factory.mktemp("out"))
    write_summary(engine, WEEK, reference, settings, ManualClock(NOW))
    web = web_of(engine, reference)
    session_of(web.state.application, "admin")
    _written_by_people(web.state.application)
    _poison(engine)
    yield web
    engine.dispose()


def _written_by_people(app: App) -> None:
    """A row of everything people write, so that there is something to poison."""
    fill(app.engine, app.reference, 3)
    with transaction(app.engine) as session:
        found = find_account(session, "admin")
        assert found is not None
        user = found.user
        card = session.exec(select(tables.FlagRow.article_id)).first() or 1
        enqueue(session, NOW, PAYLOAD, "train", {"tasks": [PAYLOAD], PAYLOAD: {PAYLOAD: PAYLOAD}})
    hold.hand_over(app, user, card, "admin", PAYLOAD)
    hold.discuss(app, user, card, PAYLOAD)
    filters.keep(app, user, PAYLOAD, QueueFilter(text=PAYLOAD))
    give(app, message_of(PAYLOAD, PAYLOAD, PAYLOAD), "fi")
    sheet = f"{PAYLOAD};b\n{PAYLOAD};{PAYLOAD}\n".encode()
    bring(app, user, f"../{PAYLOAD}.csv", sheet, said_of("", PAYLOAD, PAYLOAD))


def _poison(engine: Engine) -> None:
    with transaction(engine) as session:
        for table, names in TEXTS.items():
            own = table.__table__.columns  # type: ignore[attr-defined]
            session.exec(update(table).values({name: PAYLOAD + own[name] for name in names}))
        for table, name in ((tables.ArticleRow, "address"), (tables.FeedRow, "url")):
            column = table.__table__.columns[name]  # type: ignore[attr-defined]
            session.exec(update(table).values({name: LINK + column}))
    with reading(engine) as session:
        for table in (tables.ReviewNoteRow, tables.ReviewFilterRow, tables.FeedbackRow,
                      tables.JobRow, tables.UploadRow):  # fmt: skip
            assert session.exec(select(func.count()).select_from(table)).one() >= 1, table
        query = select(func.count()).where(
            col(tables.ArticleRow.title).startswith(PAYLOAD, autoescape=True)
        )
        assert session.exec(query).one() > 10


def addresses() -> list[str]:
    """Every page that is there to be read."""
    found = []
    for (method, path), _ in NEEDS.items():
        filled = path.replace(":int", "")
        for name, value in PLACES.items():
            filled = filled.replace(f"{{{name}}}", value)
        if method == "GET" and "{" not in filled:
            found.append(filled)
    return found


@pytest.fixture
def client(hostile: FastAPI) -> TestClient:
    return signed_in_as("admin", hostile)


def test_no_page_lets_a_text_be_more_than_text(client: TestClient) -> None:
    shown = 0
    for address in addresses():
        answer = client.get(f"{address}?lang=sv")
        assert answer.status_code < 500, (address, answer.text[:300])
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        shown += "&lt;xss" in answer.text
        page = lxml_html.document_fromstring(answer.content.decode())
        assert page.xpath("//xss") == [], address
        assert page.xpath("//script[not(starts-with(@src, '/static/')) or text()]") == [], address
        assert page.xpath("//@*[starts-with(name(), 'on')]") == [], address
        for link in page.xpath("//@href | //@src | //@action | //@formaction"):
            # what goes out, goes to the web and nowhere else
            assert link.startswith(("/", "#", "?", "https://", "http://")), (address, link)
            assert not link.startswith("//"), (address, link)
        assert "49" not in answer.text[answer.text.find("xss onx") :][:60], address
    assert shown >= 6, "the attack is to be seen on the pages, or nothing was tried"


def test_a_page_says_what_it_is_and_may_run_only_our_files(client: TestClient) -> None:
    for address in addresses():
        headers = client.get(address).headers
        assert headers["x-content-type-options"] == "nosniff", address
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy, address
        assert "unsafe" not in policy, address
        assert "frame-ancestors 'none'" in policy, address


def test_what_programs_read_says_what_it_is_and_holds_no_markup(client: TestClient) -> None:
    seen = set()
    for address in [*addresses(), "/queue/session", "/queue/news", "/jobs/1.json"]:
        answer = client.get(address, headers={"accept": "application/json"})
        kind = answer.headers.get("content-type", "").split(";")[0]
        if kind in ("text/html", "text/csv") or answer.status_code != 200:
            continue
        seen.add(kind)
        assert answer.headers["x-content-type-options"] == "nosniff", address
        if kind == "application/json":
            assert answer.json() is not None, address
        elif kind.endswith("xml"):
            page = etree.fromstring(answer.content)
            assert page.xpath("//*[local-name()='xss' or local-name()='script']") == [], address
            links = page.xpath("//@href | //*[local-name()='uri']/text()")
            assert not [x for x in links if not x.startswith(("http://", "https://"))], address
    assert {"application/json", "application/atom+xml"} <= seen


def test_no_file_begins_a_cell_with_a_formula(client: TestClient) -> None:
    files = [a for a in addresses() if a.endswith(".csv")]
    assert files
    for address in files:
        answer = client.get(address)
        assert answer.headers["content-type"].startswith("text/csv"), address
        cells = answer.text.replace('"', "").replace("\r\n", ",").split(",")
        assert not [c for c in cells if c[:1] in "=@+" and c], address
