"""A summary's life on a real store: draft, commentary, freeze, publish, correct, rebuild, send, follow."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from classifiers.reference import Reference
from monitor import pipeline
from monitor.app import App
from monitor.cli.main import cli
from monitor.cli.summary_say import FORMATS, LANGUAGES, LEVELS
from monitor.clock import ManualClock
from monitor.db import comments, editions, scores
from monitor.db.engine import migrate, open_engine, reading, transaction
from monitor.db.tables import AuditRow, ScoreRow, SummaryFileRow
from monitor.i18n import LANGUAGES as ALL_LANGUAGES
from monitor.progress import Silent
from monitor.settings import Settings, load_settings
from monitor.summary import commentary, forms, publish, send
from monitor.summary.edition import Edition
from monitor.summary.recipients import Recipient
from monitor.summary.report import LEVELS as ALL_LEVELS
from monitor.summary.run import NoScores, Refused, SummaryReport, write_summary
from monitor.values import Alert
from tests.smtp_server import MailServer, mail_server
from tests.web.conftest import client_of
from tests.web.seed import NOW, WEEK, seed

MAIJA = Recipient("maija@example.fi", "fi", "brief")
SVEN = Recipient("sven@example.fi", "sv", "full")
HOSTILE = 'Huomio <script>alert("x")</script>'


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> dict[str, Path]:
    """A scored store, and one whose week is published too; every test has a copy of its own."""
    folder = tmp_path_factory.mktemp("life")
    engine = open_engine(f"sqlite:///{folder / 'scored.db'}")
    migrate(engine)
    seed(engine, reference, weeks=3)
    engine.dispose()
    made = {"scored": folder / "scored.db", "published": folder / "published.db"}
    _copy(made["scored"], made["published"])
    life = Life(made["published"], folder / "out", reference)
    life.write()
    life.comment("national", "fi", f"{HOSTILE}\n\nToinen kappale.")
    life.comment("national", "sv", "Observera kostnaderna.")
    life.freeze()
    life.out()
    life.engine.dispose()
    shutil.copytree(folder / "out", folder / "published-files")
    made["files"] = folder / "published-files"
    return made


def _pdf(level: str, language: str) -> SummaryFileRow:
    content = f"%PDF-1.7 {level} {language}".encode()
    name = forms.page_name(level, language, "pdf")
    return SummaryFileRow(
        summary_id=1, name=name, sha256=hashlib.sha256(content).hexdigest(),
        packed=zlib.compress(content),
    )  # fmt: skip


class Life:
    """The use-cases over one store, with a clock of its own."""

    def __init__(self, path: Path, out: Path, reference: Reference) -> None:
        self.engine = open_engine(f"sqlite:///{path}")
        self.reference = reference
        self.clock = ManualClock(NOW)
        self.settings = load_settings({}, database_url=f"sqlite:///{path}", output_dir=out)

    def write(self) -> SummaryReport | NoScores | Refused:
        return write_summary(self.engine, WEEK, self.reference, self.settings, self.clock)

    def comment(self, section: str, language: str, text: str) -> object:
        return commentary.add_comment(
            self.engine, WEEK, section, language, text, "Aino", self.clock
        )

    def freeze(self) -> Edition | Refused:
        return publish.freeze(self.engine, WEEK, "Aino", self.clock)

    def out(self, formats: tuple[str, ...] = ("html", "json")) -> publish.Published | Refused:
        return publish.publish(
            self.engine, WEEK, "Aino", self.reference, self.settings, self.clock, Silent(), formats
        )

    def correct(self) -> Edition | Refused:
        reason = {"fi": "Väärä luku", "sv": "Fel siffra"}
        return publish.correct(
            self.engine, WEEK, reason, "Aino", self.reference, self.settings, self.clock
        )

    def rebuild(self, folder: Path | None = None) -> publish.Rebuilt | Refused:
        return publish.rebuild(
            self.engine, WEEK, self.reference, self.settings, Silent(), folder=folder
        )

    def latest(self) -> Edition:
        with reading(self.engine) as session:
            found = editions.latest(session, WEEK)
        assert found is not None
        return found

    def page(self, language: str, level: str = "full") -> str:
        edition = self.latest()
        name = forms.page_name(level, language, "html")
        with reading(self.engine) as session:
            kept = editions.file(session, WEEK, edition.version, name)
        if kept is None:
            known = next(k for k in ALL_LEVELS if k == level)
            kept = forms.page(edition, known, language, self.reference, "html")
        return kept.decode()

    def add_pdfs(self) -> None:
        """Files of the published version; real ones take seconds, and what is in them is not the point."""
        with transaction(self.engine) as session:
            session.add_all(_pdf(level, language) for level in LEVELS for language in LANGUAGES)

    def raise_alerts(self, *alerts: Alert, at: datetime) -> None:
        """Score the week again with these alerts."""
        with transaction(self.engine) as session:
            scores.save(session, scores.current_scores(session, WEEK), alerts, at)

    def raise_combined(self, region: str, points: float) -> None:
        """Change a number behind the summary."""
        with transaction(self.engine) as session:
            query = select(ScoreRow).where(
                ScoreRow.week == WEEK, ScoreRow.region == region, ScoreRow.group == "all"
            )
            row = session.exec(query).one()
            row.value = {**row.value, "combined": row.value["combined"] + points}
            session.add(row)


@pytest.fixture
def life(stores: dict[str, Path], tmp_path: Path, reference: Reference) -> Iterator[Life]:
    yield from _life(stores["scored"], tmp_path, reference)


@pytest.fixture
def published(stores: dict[str, Path], tmp_path: Path, reference: Reference) -> Iterator[Life]:
    shutil.copytree(stores["files"], tmp_path / "out")
    yield from _life(stores["published"], tmp_path, reference)


def _life(store: Path, folder: Path, reference: Reference) -> Iterator[Life]:
    _copy(store, folder / "store.db")
    made = Life(folder / "store.db", folder / "out", reference)
    yield made
    made.engine.dispose()


def _copy(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    old.close()
    new.close()


# --- states --------------------------------------------------------------------------------------


def test_a_draft_says_so_in_its_state_its_file_names_and_its_text(life: Life) -> None:
    report = life.write()
    assert isinstance(report, SummaryReport)
    assert report.version == 1
    assert all("draft" in path.parts and path.name.startswith("draft-") for path in report.files)
    assert "LUONNOS, ei julkaistu" in life.page("fi")
    assert "UTKAST, inte publicerat" in life.page("sv")
    assert "DRAFT, not published" in life.page("en")


def test_writing_again_changes_nothing_and_new_numbers_renew_the_draft(life: Life) -> None:
    life.write()
    again = life.write()
    assert isinstance(again, SummaryReport)
    assert not again.created
    life.raise_combined("19", 1.0)
    renewed = life.write()
    assert isinstance(renewed, SummaryReport)
    assert renewed.created
    assert life.latest().version == 1


def test_a_week_goes_from_draft_to_frozen_to_published_and_no_other_way(life: Life) -> None:
    assert life.freeze() == Refused(WEEK, "no summary")
    life.write()
    assert life.out() == Refused(WEEK, "draft", 1)
    life.freeze()
    assert life.freeze() == Refused(WEEK, "frozen", 1)
    assert life.write() == Refused(WEEK, "frozen", 1)
    assert life.comment("national", "fi", "myöhässä") == Refused(WEEK, "frozen", 1)
    publish.thaw(life.engine, WEEK, "Aino", life.clock)
    assert life.latest().state == "draft"


def test_a_published_week_never_changes(published: Life) -> None:
    with reading(published.engine) as session:
        before = editions.files(session, WEEK, 1)
    published.raise_combined("19", 5.0)
    published.clock.set(NOW + timedelta(days=3))
    assert published.write() == Refused(WEEK, "published", 1)
    assert published.freeze() == Refused(WEEK, "published", 1)
    assert published.comment("national", "fi", "x") == Refused(WEEK, "published", 1)
    assert isinstance(published.out(), publish.Published)  # writes missing files, no more
    with reading(published.engine) as session:
        assert editions.files(session, WEEK, 1) == before
    assert published.latest().published_at == NOW


@pytest.mark.slow
def test_every_level_language_and_format_is_published_and_rebuilt(life: Life) -> None:
    life.write()
    life.freeze()
    life.out(forms.FORMATS)
    with reading(life.engine) as session:
        names = set(editions.files(session, WEEK, 1))
    pages = {forms.page_name(v, t, f) for v in LEVELS for t in LANGUAGES for f in forms.PAGES}
    assert names == pages | {f"summary.{form}" for form in forms.DATA}
    folder = life.settings.output_dir / WEEK / "v1"
    assert {p.name for p in folder.iterdir()} == names
    done = life.rebuild()
    assert isinstance(done, publish.Rebuilt)
    assert (done.compared, done.differences) == (len(names), ())


def test_a_published_page_says_when_and_not_that_it_is_a_draft(published: Life) -> None:
    assert "Julkaistu ma 16.11.2026 klo 10.00, versio 1" in published.page("fi")
    assert "LUONNOS" not in published.page("fi")


def test_every_step_is_in_the_audit_trail(published: Life) -> None:
    with reading(published.engine) as session:
        rows = session.exec(select(AuditRow).order_by(AuditRow.id)).all()  # type: ignore[arg-type]
    told = [(r.action, r.who) for r in rows if r.subject == f"summary:{WEEK}:1"]
    assert told == [
        ("comment", "Aino"),
        ("comment", "Aino"),
        ("freeze", "Aino"),
        ("publish", "Aino"),
    ]
    said = next(r for r in rows if r.action == "comment")
    assert (said.before, said.after) == (
        {"section": "national", "language": "fi", "text": ""},
        {"section": "national", "language": "fi", "text": f"{HOSTILE}\n\nToinen kappale."},
    )


def test_the_command_line_offers_what_there_is() -> None:
    assert (LANGUAGES, LEVELS, FORMATS) == (ALL_LANGUAGES, ALL_LEVELS, forms.FORMATS)


# --- commentary ----------------------------------------------------------------------------------


def test_commentary_stands_in_its_own_language_and_is_never_markup(published: Life) -> None:
    finnish, swedish = published.page("fi"), published.page("sv")
    assert "Huomio &lt;script&gt;" in finnish
    assert "Toinen kappale." in finnish
    assert "<script" not in finnish
    assert "Observera kostnaderna." in swedish
    assert "Huomio" not in swedish


def test_the_newest_commentary_is_in_force_and_the_older_ones_stay(life: Life) -> None:
    life.write()
    for text in ("ensin", "sitten", ""):
        life.comment("alerts", "fi", text)
        shown = [c.text for c in life.latest().comments]
        assert shown == ([text] if text else [])
    with reading(life.engine) as session:
        assert [c.text for c in comments.comments(session, WEEK)] == ["ensin", "sitten", ""]
    assert life.comment("nosuch", "fi", "x") == Refused(WEEK, "section")


# --- corrections ---------------------------------------------------------------------------------


def test_a_correction_is_a_new_version_that_says_what_changed_and_why(published: Life) -> None:
    first = published.page("fi")
    published.raise_combined("19", 5.0)
    draft = published.correct()
    assert isinstance(draft, Edition)
    assert (draft.version, draft.state) == (2, "draft")
    moved = {(c.region, c.field): c for c in draft.changes}
    told = moved["19", "combined"]
    assert told.before is not None
    assert told.after == pytest.approx(told.before + 5.0)
    assert published.correct() == Refused(WEEK, "draft", 2)
    published.freeze()
    published.out()
    page = published.page("sv")
    assert "Fel siffra" in page
    assert "ersätter version 1" in page
    assert "sammanvägd risk" in page
    with reading(published.engine) as session:
        kept = editions.file(session, WEEK, 1, "summary-full.fi.html")
    assert kept == first.encode()


# --- rebuild -------------------------------------------------------------------------------------


def test_rebuilding_gives_the_same_bytes_on_another_day_folder_and_locale(
    published: Life, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    time.tzset()
    try:
        published.clock.set(NOW + timedelta(days=400))
        published.settings = published.settings.model_copy(update={"output_dir": tmp_path / "new"})
        done = published.rebuild(tmp_path / "elsewhere")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert isinstance(done, publish.Rebuilt)
    assert done.differences == ()
    with reading(published.engine) as session:
        kept = editions.files(session, WEEK, 1)
    assert {p.name: p.read_bytes() for p in done.files} == kept
    assert done.compared == len(kept) == 10


def test_what_was_changed_after_publishing_is_named(published: Life) -> None:
    page = published.settings.output_dir / WEEK / "v1" / "summary-brief.sv.html"
    page.write_bytes(page.read_bytes() + b" ")
    with sqlite3.connect(published.engine.url.database or "") as store:
        store.execute("UPDATE summaries SET inputs = replace(inputs, 'Kaiku', 'Kajku')")
        store.execute(
            "UPDATE summaries SET published_by = 'B', inputs = json_set(inputs, '$.methodology', 'x')"
        )
    store.close()
    done = published.rebuild()
    assert isinstance(done, publish.Rebuilt)
    named = {d.name: d.what for d in done.differences}
    assert "hash" in named["inputs"]
    assert named[str(page)] == "was changed after it was published"
    assert "line" in named["summary.json"]


# --- the week is not ready -----------------------------------------------------------------------


def test_what_a_week_lacks_is_stored_and_shown(life: Life, reference: Reference) -> None:
    report = life.write()
    assert isinstance(report, SummaryReport)
    kinds = {lack.split(":")[0] for lack in report.lacking}
    assert {"coverage", "readiness"} <= kinds
    with reading(life.engine) as session:
        notice = editions.notice(session, WEEK)
    assert notice is not None
    assert notice.reasons == report.lacking
    with client_of(life.engine, reference) as visitor:
        page = visitor.get("/summary?lang=sv").text
    assert "Beredskapssiffra saknas" in page
    assert "Utkast" in page


def test_a_week_without_scores_leaves_a_notice(life: Life) -> None:
    made = write_summary(life.engine, "2025-W01", life.reference, life.settings, life.clock)
    assert made == NoScores("2025-W01")
    with reading(life.engine) as session:
        notice = editions.notice(session, "2025-W01")
    assert notice is not None
    assert notice.reasons == ("scores",)


# --- mail ----------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


def _mailing(life: Life, server: MailServer) -> Settings:
    return life.settings.model_copy(
        update={
            "smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none",
            "smtp_sender": "tilannekuva@example.fi", "public_address": "https://kuva.example.fi/",
        }
    )  # fmt: skip


def _send(life: Life, server: MailServer, *to: Recipient, again: tuple[str, ...] = ()) -> send.Sent:
    planned = send.plan(life.engine, WEEK, to, again)
    assert isinstance(planned, send.Plan)
    return send.send(life.engine, planned, life.reference, _mailing(life, server), life.clock)


def test_each_gets_their_language_and_level_with_the_published_files(
    published: Life, server: MailServer
) -> None:
    published.add_pdfs()
    _send(published, server, MAIJA, SVEN)
    messages = server.messages()
    assert set(messages) == {MAIJA.address, SVEN.address}
    swedish = messages[SVEN.address]
    assert "Lägesbild" in swedish["Subject"]
    assert swedish["To"] == SVEN.address
    attached = {p.get_filename(): p.get_content() for p in swedish.iter_attachments()}
    assert attached == {f"{WEEK}-summary-full.sv.pdf": b"%PDF-1.7 full sv"}
    text, html = swedish.get_body(("plain",)), swedish.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "https://kuva.example.fi/summary/2026-W46?lang=sv" in text.get_content()
    assert "<script" not in html.get_content()


def test_a_repeat_sends_none_twice_and_a_refused_one_is_tried_again(
    published: Life, server: MailServer
) -> None:
    server.refuse = {SVEN.address}
    done = _send(published, server, MAIJA, SVEN)
    assert [(s.address, s.state) for s in done.tried] == [
        (MAIJA.address, "sent"), (SVEN.address, "refused"),
    ]  # fmt: skip
    assert "550" in done.tried[1].detail
    server.refuse = set()
    again = _send(published, server, MAIJA, SVEN)
    assert [s.address for s in again.tried] == [SVEN.address]
    assert [to for to, _ in server.taken] == [MAIJA.address, SVEN.address]


def test_an_unanswered_message_is_not_sent_again_unless_a_person_says_so(
    published: Life, server: MailServer
) -> None:
    server.hang_up = {MAIJA.address}
    done = _send(published, server, MAIJA, SVEN)
    assert ([s.state for s in done.tried], done.left) == (["unknown"], 1)
    server.hang_up = set()
    rest = _send(published, server, MAIJA, SVEN)
    assert ([s.address for s in rest.tried], rest.already) == ([SVEN.address], 1)
    once_more = _send(published, server, MAIJA, SVEN, again=(MAIJA.address,))
    assert [s.address for s in once_more.tried] == [MAIJA.address]
    ids = {m["Message-ID"] for to, m in server.messages().items() if to == MAIJA.address}
    assert len(ids) == 1


def test_a_crash_after_the_note_and_before_the_answer_sends_none_twice(
    published: Life, server: MailServer
) -> None:
    edition = published.latest()
    noted = editions.Sending(MAIJA.address, "fi", "brief", "sending", "", NOW)
    with transaction(published.engine) as session:
        editions.begin_sending(session, WEEK, edition.version, noted, "<x@example.fi>")
    done = _send(published, server, MAIJA, SVEN)
    assert [to for to, _ in server.taken] == [SVEN.address]
    assert done.already == 1


@pytest.mark.slow
def test_a_kill_in_mid_send_sends_none_twice(
    published: Life, server: MailServer, tmp_path: Path
) -> None:
    people = [Recipient(f"r{i:03}@example.fi", "fi", "brief") for i in range(200)]
    listed = tmp_path / "list.txt"
    listed.write_text("".join(f"{r.address} {r.language} {r.level}\n" for r in people))
    published.add_pdfs()
    given = {
        "DATABASE_URL": published.settings.database_url, "MAIL_LIST_FILE": str(listed),
        "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(server.port), "SMTP_SECURITY": "none",
        "SMTP_SENDER": "tilannekuva@example.fi", "LABELS_DIR": str(published.settings.labels_dir),
    }  # fmt: skip
    command = "from monitor.cli.main import cli; cli()"
    child = subprocess.Popen(
        [sys.executable, "-c", command, "summary", "send", "--week", WEEK],
        env={**os.environ, **{f"TILANNEKUVA_{name}": value for name, value in given.items()}},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while len(server.taken) < 20 and child.poll() is None:
        time.sleep(0.01)
    child.kill()
    child.wait()
    before = len(server.taken)
    assert 20 <= before < 200
    done = _send(published, server, *people)
    got = [to for to, _ in server.taken]
    assert len(got) == len(set(got))  # nobody twice
    # who was being sent to when it was killed may have it or not, and is left to a person
    assert len({r.address for r in people} - set(got)) <= 1
    assert done.already in (before, before + 1)


def test_a_draft_is_never_sent(life: Life) -> None:
    life.write()
    assert send.plan(life.engine, WEEK, [MAIJA]) == Refused(WEEK, "never published")


def test_a_line_break_cannot_enter_a_header(published: Life) -> None:
    edition = published.latest().model_copy(update={"week": "2026-W46"})
    evil = replace(MAIJA, address="a@example.fi\r\nBcc: b@example.fi")
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        send.mail.message(
            edition, evil, {}, published.reference, sender="s@example.fi", web="", at=NOW
        )


# --- feeds ---------------------------------------------------------------------------------------


def test_the_feed_holds_published_summaries_only_with_an_id_that_outlives_a_correction(
    published: Life, reference: Reference
) -> None:
    before = feed_of(published, reference, "/summary/atom.xml?lang=sv")
    published.clock.set(NOW + timedelta(days=1))
    published.raise_combined("19", 5.0)
    published.correct()
    draft = feed_of(published, reference, "/summary/atom.xml?lang=sv")
    assert draft.entries == before.entries
    published.freeze()
    published.out()
    after = feed_of(published, reference, "/summary/atom.xml?lang=sv")
    (old,), (new,) = before.entries, after.entries
    assert old.id == new.id
    assert old.published == new.published == "2026-11-16T08:00:00Z"
    assert new.updated == "2026-11-17T08:00:00Z"
    assert "Fel siffra" in new.summary
    assert feed_of(published, reference, "/summary/atom.xml?lang=fi").entries[0].id != new.id


def test_the_alerts_feed_names_region_and_topic_and_tells_each_once(
    published: Life, reference: Reference
) -> None:
    alert = Alert(WEEK, "19", "personnel", 9.1, 2.0, 6.5, "predictive", 0.001, {"alpha": 0.05})
    path = "/alerts/atom.xml?lang=sv"
    published.raise_alerts(alert, at=NOW)
    (first,) = feed_of(published, reference, path).entries
    assert first.title.startswith("Norra Österbotten: ")
    assert first.link == f"http://testserver/regions/19?week={WEEK}&lang=sv"
    assert "9,1" in first.summary
    other = replace(alert, region="05")
    published.raise_alerts(alert, other, at=NOW + timedelta(hours=1))
    found = {e.id: e.updated for e in feed_of(published, reference, path).entries}
    assert len(found) == 2
    assert found[first.id] == first.updated == "2026-11-16T08:00:00Z"


def feed_of(life: Life, reference: Reference, path: str) -> feedparser.FeedParserDict:
    with client_of(life.engine, reference) as visitor:
        answer = visitor.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/atom+xml")
    parsed = feedparser.parse(answer.content)
    assert not parsed.bozo
    assert (parsed.version, bool(parsed.feed.id), bool(parsed.feed.updated)) == (
        "atom10",
        True,
        True,
    )
    return parsed


# --- web and command line ------------------------------------------------------------------------


def test_the_page_of_a_week_is_the_published_file_also_while_it_is_corrected(
    published: Life, reference: Reference
) -> None:
    kept = published.page("fi")
    published.add_pdfs()
    published.raise_combined("19", 5.0)
    published.correct()
    with client_of(published.engine, reference) as visitor:
        assert visitor.get(f"/summary/{WEEK}?lang=fi").text == kept
        assert "LUONNOS" in visitor.get(f"/summary/{WEEK}?version=2").text
        listed = visitor.get("/summary").text
        assert "Luonnos" in listed
        assert "Julkaistu" in listed
        pdf = visitor.get(f"/summary/{WEEK}/v1/summary-brief.fi.pdf")
        assert pdf.content.startswith(b"%PDF")
        assert visitor.get(f"/summary/{WEEK}/v1/../../x").status_code == 404
        assert visitor.get(f"/summary/{WEEK}/v2/summary.json").status_code == 404
        assert visitor.get(f"/summary/{WEEK}?version=9").status_code == 404


def _run(life: Life, *arguments: str, **environment: str) -> Result:
    given = {
        "TILANNEKUVA_DATABASE_URL": life.settings.database_url,
        "TILANNEKUVA_OUTPUT_DIR": str(life.settings.output_dir),
        "TILANNEKUVA_LOG_LEVEL": "ERROR",
        **environment,
    }
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TILANNEKUVA_")}
    return CliRunner(env={**kept, **given}).invoke(cli, ["summary", *arguments])


def test_commands_from_list_to_dry_run(published: Life, tmp_path: Path) -> None:
    assert f"{WEEK}  version 1  published" in _run(published, "list").output
    shown = _run(published, "show", "--week", WEEK, "--lang", "sv", "--level", "brief")
    assert shown.stdout == published.page("sv", "brief")
    assert "published" in shown.stderr
    refused = _run(published, "write", "--week", WEEK)
    assert refused.exit_code == 2
    assert "summary correct" in refused.output
    names = tmp_path / "list.txt"
    names.write_text("maija@example.fi fi brief\n", encoding="utf-8")
    dry = _run(published, "send", "--week", WEEK, "--dry-run", "--list", str(names))
    assert dry.exit_code == 0, dry.output
    assert "maija@example.fi  fi  brief" in dry.output


def test_the_rebuild_command_ends_with_one_where_bytes_differ(published: Life) -> None:
    path = published.settings.output_dir / WEEK / "v1" / "summary.json"
    path.write_text("{}", encoding="utf-8")
    done = _run(published, "rebuild", WEEK)
    assert done.exit_code == 1
    assert "summary.json: was changed after it was published" in done.output


# --- schedule ------------------------------------------------------------------------------------


def test_missed_weeks_are_caught_up_with_the_oldest_first() -> None:
    assert pipeline.weeks_missing({"2026-W43"}, "2026-W46") == ("2026-W44", "2026-W45", "2026-W46")
    assert pipeline.weeks_missing({"2026-W46"}, "2026-W46") == ()
    assert pipeline.weeks_missing(set(), "2026-W46") == ("2026-W46",)
    assert len(pipeline.weeks_missing({"2025-W01"}, "2026-W46")) == pipeline.MOST_MISSED


def test_before_monday_six_nothing_is_due(life: Life) -> None:
    clock = ManualClock(NOW - timedelta(hours=5))  # Monday five in Helsinki
    app = App(life.settings, clock, life.engine, life.reference)
    assert pipeline.summarise_due(app) == ()
