"""Labels for analysts: browser, agreement, adjudication, suspects, what to label next, codebook.

Routes parse, call, render.
"""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse

from monitor.articles.diff import diff
from monitor.db import labels as store
from monitor.db.engine import reading, transaction
from monitor.db.jobs import enqueue, latest_job, pending_job
from monitor.labelling import adjudicate as adjudication
from monitor.labelling import codebook as book
from monitor.labelling.browse import PAGE, TASKS, Wanted, browse, labels_of
from monitor.review.decide import decide
from monitor.review.values import Decided
from monitor.training.choose import STRATEGIES
from monitor.training.decisions import ADJUDICATED
from monitor.web import labels_form, labels_say
from monitor.web.access import AnalystOf, ReviewerOf, user_of
from monitor.web.pages import Missing, Visit, page
from monitor.web.review_page import given_words
from monitor.web.text import extract

router = APIRouter()


@router.get("/labels")
def labels(visit: AnalystOf) -> HTMLResponse:
    """Decisions, or training texts, narrowed; and how often each label was given."""
    wanted = _wanted(visit.request.query_params)
    found = browse(visit.app, wanted)
    wrong = found.wrong and visit.t(f"search.wrong.{found.wrong.why}", **found.wrong.values)
    return _page(
        visit,
        "labels.html",
        "browse",
        wanted=wanted,
        found=found,
        wrong=wrong or "",
        tasks=TASKS,
        step=PAGE,
        window=store.WINDOW,
        labels_of=labels_of,
        status=400 if wrong else 200,
    )


@router.get("/labels/agreement")
def agreement(visit: AnalystOf) -> HTMLResponse:
    """How far people agree, as it was last computed."""
    return _page(visit, "labels_agreement.html", "agreement", **_job(visit, "agreement"))


@router.post("/labels/agreement")
def compute_agreement(visit: AnalystOf) -> Response:
    """Have it computed by the worker."""
    return _ask(visit, "agreement", {})


@router.get("/labels/adjudicate")
def adjudicate(visit: AnalystOf) -> HTMLResponse:
    """Texts of which people say different things, side by side."""
    found = adjudication.splits(visit.app)
    return _page(
        visit,
        "labels_adjudicate.html",
        "adjudicate",
        found=found,
        said=visit.request.query_params.get("said", ""),
        extract=extract,
        choices=labels_form.choices,
    )


@router.post("/labels/adjudicate/{article_id:int}")
def settle(visit: AnalystOf, article_id: int) -> Response:
    """A third word."""
    split = next(
        (s for s in adjudication.splits(visit.app).shown if s.article.id == article_id), None
    )
    if split is None:
        return RedirectResponse("/labels/adjudicate?said=gone", 303)
    given = labels_form.given_of(visit.form, split.words)
    if given is None:
        return RedirectResponse("/labels/adjudicate?said=invalid", 303)
    said = labels_form.text(visit.form, "note")
    note = f"{ADJUDICATED}: {said}" if said else ADJUDICATED
    seen = labels_form.whole(visit.form, "seen")
    done = decide(
        visit.app, user_of(visit), article_id, split.words[0].content_hash, seen,
        replace(given, note=note),
    )  # fmt: skip
    said = "done" if isinstance(done, Decided) else type(done).__name__.lower()
    return RedirectResponse(f"/labels/adjudicate?said={said}", 303)


@router.get("/labels/suspects")
def suspects(visit: AnalystOf) -> HTMLResponse:
    """Labels of training texts that are probably wrong, as they were last looked for."""
    known = _job(visit, "suspects")
    rows = known["result"].get("suspects", [])
    with reading(visit.app.engine) as session:
        said = store.verdicts(session, [row["id"] for row in rows])
    keyed = [(row, said.get((row["id"], row["task"], row["given"]), "open")) for row in rows]
    state = visit.parameter("state", ("open", "right", "wrong"), "open")
    return _page(
        visit,
        "labels_suspects.html",
        "suspects",
        rows=[(row, verdict) for row, verdict in keyed if verdict == state],
        counts={s: sum(v == s for _, v in keyed) for s in ("open", "right", "wrong")},
        state=state,
        **known,
    )


@router.post("/labels/suspects")
def find_suspects(visit: AnalystOf) -> Response:
    """Have them looked for by the worker."""
    return _ask(visit, "suspects", {})


@router.post("/labels/suspects/verdict")
def verdict(visit: AnalystOf) -> Response:
    """Say that a label is right or wrong, or open again."""
    form, app = visit.form, visit.app
    said = labels_form.text(form, "verdict")
    key = (
        labels_form.text(form, "id"),
        labels_form.text(form, "task"),
        labels_form.text(form, "given"),
    )
    if said in store.VERDICTS and all(key):
        with transaction(app.engine) as session:
            store.add_verdict(session, app.clock(), user_of(visit).name, key, said)
    return RedirectResponse("/labels/suspects", 303)


@router.get("/labels/next")
def next_to_label(visit: AnalystOf) -> HTMLResponse:
    """What to label next, as it was last chosen."""
    return _page(
        visit, "labels_next.html", "next", strategies=STRATEGIES, **_job(visit, "label_next")
    )


@router.post("/labels/next")
def choose_next(visit: AnalystOf) -> Response:
    """Have the worker choose."""
    strategy = labels_form.text(visit.form, "strategy")
    count = min(200, max(1, labels_form.whole(visit.form, "count") or 50))
    known = strategy if strategy in STRATEGIES else STRATEGIES[0]
    return _ask(visit, "label_next", {"strategy": known, "count": count})


# --- the codebook --------------------------------------------------------------------------------


@router.get("/labels/codebook")
def codebook(visit: ReviewerOf) -> HTMLResponse:
    """What every label means."""
    return _page(
        visit,
        "labels_codebook.html",
        "codebook",
        entries=book.codebook(visit.app),
        said=visit.parameter("said", ("kept", "overtaken"), ""),
        may=user_of(visit).may("analyst"),
    )


@router.get("/labels/codebook/file")
def codebook_file(visit: AnalystOf) -> Response:
    """labels/topics.yaml with what is in force."""
    headers = {"Content-Disposition": 'attachment; filename="topics.yaml"'}
    return PlainTextResponse(
        book.exported(visit.app), headers=headers, media_type="application/yaml"
    )


@router.get("/labels/codebook/{label}")
def codebook_entry(visit: AnalystOf, label: str) -> HTMLResponse:
    """One label: its form and its history."""
    return _entry_page(visit, label)


@router.post("/labels/codebook/{label}")
def write_codebook(visit: AnalystOf, label: str) -> Response:
    """A new version of a label, or what stood before."""
    seen, note = labels_form.whole(visit.form, "seen"), labels_form.text(visit.form, "note")
    guide = labels_form.guide_of(visit.form)
    if labels_form.text(visit.form, "act") == "undo":
        done = book.undo(visit.app, user_of(visit), label, seen, note)
    else:
        done = book.write(visit.app, user_of(visit), label, seen, guide, note)
    match done:
        case None:
            raise Missing("label", label)
        case book.Written():
            return RedirectResponse(f"/labels/codebook?said=kept#{label.partition(':')[2]}", 303)
        case book.Overtaken():
            return _entry_page(visit, label, typed=guide, status=409)


def _entry_page(
    visit: Visit, label: str, *, typed: book.Guide | None = None, status: int = 200
) -> HTMLResponse:
    entry = next((e for e in book.codebook(visit.app) if e.label == label), None)
    if entry is None:
        raise Missing("label", label)
    texts = [entry.base, *(book.whole(v.value) for v in entry.versions)]
    changed = [
        [c for c in diff(book.lines_of(a), book.lines_of(b)) if c.kind != "same"]
        for a, b in itertools.pairwise(texts)
    ]
    history = list(zip(entry.versions, changed, strict=True))
    return _page(
        visit,
        "labels_codebook_entry.html",
        "codebook",
        entry=entry,
        guide=typed or entry.guide,
        overtaken=typed is not None,
        history=history[::-1],
        status=status,
    )


# --- pieces --------------------------------------------------------------------------------------


def _page(
    visit: Visit, template: str, tab: str, *, status: int = 200, **values: Any
) -> HTMLResponse:
    return page(
        visit,
        template,
        here="labels",
        status=status,
        tab=tab,
        reference=visit.app.reference,
        say=labels_say,
        given_words=given_words,
        **values,
    )


def _job(visit: Visit, kind: str) -> dict[str, Any]:
    """What came of the newest job of a kind, and whether one is under way."""
    with reading(visit.app.engine) as session:
        done, pending = latest_job(session, kind), pending_job(session, kind)
    return {"done": done, "pending": pending, "result": dict(done.result or {}) if done else {}}


def _ask(visit: Visit, kind: str, parameters: Mapping[str, Any]) -> Response:
    app = visit.app
    with transaction(app.engine) as session:
        number = enqueue(session, app.clock(), user_of(visit).name, kind, parameters)
    return RedirectResponse(f"/jobs/{number}", 303)


def _wanted(given: Mapping[str, str]) -> Wanted:
    skip = given.get("skip", "")
    return Wanted(
        source="corpus" if given.get("source") == "corpus" else "decisions",
        text=given.get("q", "").strip()[:300],
        task=given.get("task", "") if given.get("task") in TASKS else "",
        label=given.get("label", "")[:80],
        language=given.get("language", "")[:3],
        who=given.get("who", "")[:100],
        first=_day(given.get("from", "")),
        last=_day(given.get("to", "")),
        skip=int(skip) if skip.isascii() and skip.isdigit() and len(skip) < 8 else 0,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
