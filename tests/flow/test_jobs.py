"""Jobs as people meet them: done by the service's processes, stopped, resumed, killed."""

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from sqlmodel import select

from classifiers.reference import Reference
from classifiers.values import Text
from monitor.app import App
from monitor.cli.main import cli
from monitor.clock import ManualClock
from monitor.db.activations import activated
from monitor.db.claims import untagged
from monitor.db.drift import kept_weeks
from monitor.db.engine import reading, transaction
from monitor.db.jobs import Job, ask_resume, ask_stop, claim_job, enqueue, find_job
from monitor.db.tables import ArticleRow
from monitor.db.verdicts import verdicts
from monitor.i18n import Translator
from monitor.jobs.compare import differing
from monitor.jobs.run import Crew, crew, do_job, run_waiting
from monitor.jobs.words import error_words, result_lines
from monitor.pipeline import tag
from monitor.settings import load_settings
from monitor.training.drift import bins_of
from monitor.training.predict import Predicted
from tests.conftest import NOW, ROOT
from tests.flow.test_models_cli import COPIES, _row
from tests.stored import article_row, feed_row
from tests.unit.tiny import tiny_examples

EN = Translator("en")
WEEK = "2026-W47"
SECONDS = 240  # a busy machine is slow; how fast it goes is not what is tested


def corpus(folder: Path, copies: int) -> Path:
    """Definitions, and a tiny corpus."""
    shutil.copytree(ROOT / "labels", folder, ignore=shutil.ignore_patterns("corpus", "decisions"))
    (folder / "corpus").mkdir()
    rows = [_row(e, copy) for e in tiny_examples() for copy in range(copies)]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "corpus" / "tiny.jsonl").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus(tmp_path_factory.mktemp("jobs") / "labels", 2)


@pytest.fixture
def app(engine: Engine, labels: Path, tmp_path: Path, reference: Reference) -> App:
    settings = load_settings(
        {},
        labels_dir=labels,
        models_dir=tmp_path / "models",
        cache_dir=tmp_path / "cache",
        database_url=engine.url.render_as_string(hide_password=False),
    )
    return App(settings, ManualClock(NOW), engine, reference)


def asked(app: App, kind: str, **parameters: object) -> int:
    with transaction(app.engine) as session:
        return enqueue(session, NOW, "anna", kind, parameters)


def seen(app: App, job_id: int) -> Job:
    with reading(app.engine) as session:
        job = find_job(session, job_id)
    assert job is not None
    return job


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.05)


@pytest.fixture
def hands(app: App) -> Iterator[Crew]:
    with crew(app) as made:
        yield made


@pytest.mark.slow
def test_training_outlives_a_killed_process_and_makes_nothing_twice(app: App) -> None:
    job = asked(app, "train", tasks=["relevance", "direction"])
    hands = Crew(app)
    hands.tick()
    wait_until(lambda: len(seen(app, job).kept) >= 1)
    [child] = hands._running.values()
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    first = dict(seen(app, job).kept)
    assert set(first) == {"relevance"}
    try:
        hands.tick()  # takes it back and begins it anew
        assert seen(app, job).attempts == 2
        wait_until(lambda: seen(app, job).state == "done")
    finally:
        hands.stop()
    ended = seen(app, job)
    trained = [line["values"]["task"] for line in ended.log if line["say"] == "jobs.log.trained"]
    assert sorted(trained) == ["direction", "relevance"]
    assert {task: ended.kept[task] for task in first} == first
    assert len(result_lines(ended, EN)) == 2
    with reading(app.engine) as session:
        kept = verdicts(session, list((ended.result or {})["versions"].values()))
        assert activated(session) == {}  # training puts nothing in use
    assert {task for task, _ in kept} == {"relevance", "direction"}


@pytest.mark.slow
def test_training_stops_after_its_step_and_goes_on_when_asked(app: App, hands: Crew) -> None:
    job = asked(app, "train", tasks=["relevance", "direction"], decisions=False)
    wait_until(lambda: seen(app, job).state == "running")
    with transaction(app.engine) as session:
        ask_stop(session, NOW, "anna", job)
    wait_until(lambda: seen(app, job).state == "stopped")
    stopped = seen(app, job)
    assert len(stopped.kept) < 2
    with transaction(app.engine) as session:
        ask_resume(session, NOW, "anna", job)
    wait_until(lambda: seen(app, job).state == "done")
    ended = seen(app, job)
    assert {task: ended.kept[task] for task in stopped.kept} == dict(stopped.kept)
    assert set((ended.result or {})["versions"]) == {"relevance", "direction"}


@pytest.mark.slow
def test_the_end_of_the_service_gives_a_job_back(app: App) -> None:
    job = asked(app, "train", decisions=False)
    with crew(app):
        wait_until(lambda: seen(app, job).state == "running")
    assert seen(app, job).state == "waiting"


def test_a_job_that_fails_says_why(app: App) -> None:
    wrong = asked(app, "judge", task="topic", version="v2-none")
    unknown = asked(app, "brew")
    bug = asked(app, "train", tasks=5)
    run_waiting(app, lambda _job, _how: None)
    t = Translator("fi")
    assert seen(app, wrong).state == "failed"
    assert "v2-none" in error_words(seen(app, wrong), t)
    assert "brew" in error_words(seen(app, unknown), t)
    assert "TypeError" in error_words(seen(app, bug), t)


def test_a_loop_ends_between_two_steps_when_the_program_does(app: App) -> None:
    asked(app, "train")
    job = claim_job(app.engine, "a", NOW, NOW)
    assert job is not None
    ending = threading.Event()
    ending.set()
    assert do_job(app, job, ending) == "given back"
    assert seen(app, job.id).state == "waiting"


@pytest.mark.slow
def test_a_version_is_put_in_use_past_the_gate_and_the_archive_is_tagged_again(
    app: App, tmp_path: Path
) -> None:
    enough = corpus(tmp_path / "labels", COPIES)  # texts of each language for the gate
    app = replace(app, settings=app.settings.model_copy(update={"labels_dir": enough}))
    train = asked(app, "train", tasks=["relevance"], decisions=False)
    run_waiting(app, lambda _job, _how: None)
    version = seen(app, train).kept["relevance"]["version"]
    first = asked(app, "activate", task="relevance", version=version, reason="kokeilu")
    run_waiting(app, lambda _job, _how: None, only=first)
    ended = seen(app, first)
    assert ended.state == "done"
    assert ended.result is not None
    with reading(app.engine) as session:
        used = activated(session)
    assert used == {"relevance": version}
    assert seen(app, ended.result["next"]).kind == "retag"
    again = asked(app, "activate", task="relevance", version=version, reason="toinen")
    run_waiting(app, lambda _job, _how: None, only=again)
    assert "next" not in (seen(app, again).result or {})


def run_cli(app: App, *arguments: str) -> Result:
    env = {
        "TILANNEKUVA_LABELS_DIR": str(app.settings.labels_dir),
        "TILANNEKUVA_MODELS_DIR": str(app.settings.models_dir),
        "TILANNEKUVA_CACHE_DIR": str(app.settings.cache_dir),
        "TILANNEKUVA_DATABASE_URL": app.settings.database_url,
        "TILANNEKUVA_LOG_LEVEL": "ERROR",
    }
    return CliRunner().invoke(cli, ["jobs", *arguments], env=env)


def test_jobs_are_seen_and_moved_from_the_command_line(app: App) -> None:
    assert "no jobs" in run_cli(app, "list").output
    job = asked(app, "judge", task="topic", version="v2-none")
    assert f"{job}  waiting" in run_cli(app, "list").output
    assert "stopped" in run_cli(app, "stop", str(job)).output
    assert "waiting" in run_cli(app, "resume", str(job)).output
    worked = run_cli(app, "run")
    assert (worked.exit_code, worked.output.splitlines()[-1]) == (1, f"job {job} judge: failed")
    assert "v2-none" in run_cli(app, "show", str(job)).output
    assert run_cli(app, "run").output == "nothing waits\n"
    assert run_cli(app, "show", str(job + 1)).exit_code == 2


# --- comparing, suspects, tagging again ----------------------------------------------------------


@pytest.fixture
def shipped(engine: Engine, tmp_path: Path, reference: Reference) -> App:
    """The shipped versions over the real corpus, and a copy of relevance that says otherwise."""
    models = tmp_path / "models"
    shutil.copytree(ROOT / "models", models)
    settings = load_settings(
        {}, models_dir=models, database_url=engine.url.render_as_string(hide_password=False)
    )
    return App(settings, ManualClock(NOW), engine, reference)


def with_articles(app: App) -> None:
    texts = [
        ("Hyvinvointialueen alijäämä kasvoi Oulussa", "Aluehallitus päätti säästöistä."),
        ("Joukkue voitti ottelun", "Maalivahti torjui kaiken."),
    ]
    with transaction(app.engine) as session:
        session.add(feed_row())
        session.flush()
        session.add_all(
            article_row(n, title=title, text=text) for n, (title, text) in enumerate(texts)
        )


@pytest.mark.slow
def test_two_versions_are_compared_on_figures_and_on_articles(shipped: App) -> None:
    with_articles(shipped)
    [version] = [p.name for p in (shipped.settings.models_dir / "topic").iterdir()]
    other = shipped.settings.models_dir / "topic" / "v2-copy"
    shutil.copytree(shipped.settings.models_dir / "topic" / version, other)
    tag(shipped)
    job = asked(shipped, "compare", task="topic", a=version, b="v2-copy")
    run_waiting(shipped, lambda _job, _how: None)
    ended = seen(shipped, job)
    assert ended.state == "done", ended.error
    result = ended.result or {}
    assert result["asked"] == 1  # topics are asked of relevant articles
    assert (result["differing"], result["articles"]) == (0, [])
    whole = result["figures"][0]
    assert (whole["kind"], whole["a"], whole["verdict"]) == ("all", whole["b"], "noise")
    assert whole["n"] > 1000


def test_what_versions_differ_on_is_named_the_widest_apart_first() -> None:
    labels = ("ict", "rescue")
    texts = [Text(str(n), "t", "", "fi") for n in range(3)]
    a = Predicted(
        labels,
        np.array([[0.9, 0.1], [0.6, 0.1], [0.2, 0.1]]),
        np.array([[1, 0], [1, 0], [0, 0]], bool),
    )
    b = Predicted(
        labels,
        np.array([[0.9, 0.1], [0.4, 0.1], [0.2, 0.8]]),
        np.array([[1, 0], [0, 0], [0, 1]], bool),
    )
    found = differing(texts, a, b)
    assert [(row["id"], row["a"], row["b"]) for row in found] == [
        (1, ["ict"], []),
        (2, [], ["rescue"]),
    ]
    assert [row["apart"] for row in found] == [0.2, 0.7]


@pytest.mark.slow
def test_suspects_are_found_as_a_job(shipped: App) -> None:
    job = asked(shipped, "suspects", tasks=["direction"])
    run_waiting(shipped, lambda _job, _how: None)
    result = seen(shipped, job).result or {}
    assert result["found"] >= len(result["suspects"]) > 10
    assert {row["task"] for row in result["suspects"]} == {"direction"}
    assert all(row["file"].startswith("corpus/") for row in result["suspects"])


@pytest.mark.slow
def test_what_other_versions_tagged_is_tagged_again_and_scored(shipped: App) -> None:
    clock = shipped.clock
    assert isinstance(clock, ManualClock)
    with_articles(shipped)
    tag(shipped)
    with transaction(shipped.engine) as session:
        for row in session.exec(select(ArticleRow)):
            row.tagged_with = f"{row.content_hash}|others"
    job = asked(shipped, "retag")
    assert tag(shipped)[0].articles == 0  # the job's, not the worker's
    with transaction(shipped.engine) as session:
        session.add(article_row(7, title="Uusi juttu"))
    clock.set(NOW + timedelta(minutes=1))
    assert tag(shipped)[0].articles == 1  # what is new does not wait for the job
    run_waiting(shipped, lambda _job, _how: None)
    ended = seen(shipped, job)
    assert (ended.state, ended.error) == ("done", "")
    assert "2 articles were tagged again." in result_lines(ended, EN)
    with reading(shipped.engine) as session:
        assert untagged(session, shipped.tagger.id, 9) == []
        week = kept_weeks(session, "relevance", shipped.tagger.versions["relevance"], WEEK, WEEK)
    assert sum(bins_of(week[0]).values()) == 3
