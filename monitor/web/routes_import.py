"""Readiness files by hand: templates, the dry run, taking a file in, undoing and redoing an import."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from monitor.db import readiness as store
from monitor.db.engine import reading
from monitor.db.uploads import Upload
from monitor.readiness import outcome, uploads
from monitor.readiness.run import MAX_BYTES, Imported, names_known, undo
from monitor.readiness.template_book import template_book
from monitor.readiness.templates import KINDS, template
from monitor.readiness.uploads import Said, Unfit, said_of
from monitor.web import import_page as shown
from monitor.web.access import AnalystOf, user_of
from monitor.web.pages import Missing, Visit, page, url

router = APIRouter()

HERE = "/readiness/import"
IMPORTS = 100  # listed on the page
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNFIT = 422  # the answer to a form whose file cannot be kept


@router.get(HERE)
def start(visit: AnalystOf) -> HTMLResponse:
    """Templates, the form for a file, files that wait, and every import."""
    return _start(visit, Said("", "", ""))


def _start(visit: Visit, said: Said, why: str = "") -> HTMLResponse:
    with reading(visit.app.engine) as session:
        imports = store.newest_imports(session, IMPORTS)
    values: dict[str, Any] = {
        "kinds": tuple(KINDS),
        "waiting": uploads.waiting(visit.app.engine, user_of(visit), visit.app.clock()),
        "imports": imports,
        "redoable": shown.redoable(imports),
        "said": said,
        "why": why,
        "megabytes": MAX_BYTES // 1_000_000,
        "told": _told(visit),
        "most": IMPORTS,
    }
    return page(visit, "import.html", here="readiness", status=UNFIT if why else 200, **values)


def _told(visit: Visit) -> tuple[str, str]:
    """What was just done, and to which import; from the address, so a reload says the same."""
    asked = visit.request.query_params
    for what in ("taken", "undone", "redone", "kept"):
        if asked.get(what, "").isdigit() and len(asked[what]) < 10:
            return what, asked[what]
    return "", ""


@router.get(HERE + "/template/{name}")
def empty_file(visit: AnalystOf, name: str) -> Response:
    """The empty file of a kind, KIND.xlsx or KIND.csv, in the visitor's language."""
    kind, _, form = name.rpartition(".")
    if kind not in KINDS or form not in ("xlsx", "csv"):
        raise Missing("page")
    saved = {"Content-Disposition": f'attachment; filename="{kind}-{visit.t.language}.{form}"'}
    if form == "csv":
        # the mark makes a spreadsheet program read it as UTF-8
        made = template(kind, visit.t.language).encode("utf-8-sig")
        return Response(made, media_type="text/csv; charset=utf-8", headers=saved)
    known = names_known(visit.app.reference, visit.app.settings.indicators_file)
    made = template_book(kind, visit.t.language, visit.app.reference, known.table)
    return Response(made, media_type=XLSX, headers=saved)


@router.post(HERE)
def bring(visit: AnalystOf) -> Response:
    """Keep the file and show its dry run; nothing is taken in yet."""
    said = _said(visit.form)
    file = visit.form.get("file")
    name, data = _file(file) if isinstance(file, UploadFile) else ("", b"")
    made = uploads.bring(visit.app, user_of(visit), name, data, said)
    if isinstance(made, Unfit):
        return _start(visit, said, made.why)
    instead = _number(str(visit.form.get("instead", "")))
    if instead is not None:
        uploads.give_up(visit.app, user_of(visit), instead)
    return _to(f"{HERE}/{made}")


def _file(file: UploadFile) -> tuple[str, bytes]:
    with file.file as content:
        # one byte more than may be, so that a larger file is seen to be larger
        return file.filename or "", content.read(MAX_BYTES + 1)


@router.get(HERE + "/{number:int}")
def look(visit: AnalystOf, number: int) -> HTMLResponse:
    """The dry run of a file that waits."""
    upload = _upload(visit, number)
    found = outcome.from_json(upload.outcome)
    return page(
        visit, "import_file.html", here="readiness", upload=upload, found=found,
        kinds=tuple(KINDS), lines=shown.lines(found, visit.app.reference, visit.t),
        mistakes=shown.mistakes(found, visit.t), notes=shown.notes(found, visit.t),
        until=upload.at + uploads.KEPT,
    )  # fmt: skip


@router.post(HERE + "/{number:int}")
def look_again(visit: AnalystOf, number: int) -> Response:
    """The dry run once more, with another kind or origin."""
    if uploads.look_again(visit.app, user_of(visit), number, _said(visit.form)) is None:
        raise Missing("upload")
    return _to(f"{HERE}/{number}")


@router.post(HERE + "/{number:int}/take")
def take(visit: AnalystOf, number: int) -> Response:
    """Take the file in, in one transaction; where it no longer fits, its page says why."""
    done = uploads.take(visit.app, user_of(visit), number)
    if done is None:
        raise Missing("upload")
    if isinstance(done, Imported):
        return _to(url(HERE, taken=str(done.id)) + f"#import-{done.id}")
    return _to(f"{HERE}/{number}")


@router.post(HERE + "/{number:int}/drop")
def drop(visit: AnalystOf, number: int) -> Response:
    """Forget a file that waits."""
    uploads.give_up(visit.app, user_of(visit), number)
    return _to(HERE)


@router.post("/readiness/imports/{number:int}/undo")
def undo_import(visit: AnalystOf, number: int) -> Response:
    """Put an import out of force; its rows stay."""
    if undo(visit.app.engine, number, user_of(visit).name, visit.app.clock) is None:
        raise Missing("import", str(number))
    return _to(url(HERE, undone=str(number)) + f"#import-{number}")


@router.post("/readiness/imports/{number:int}/redo")
def redo_import(visit: AnalystOf, number: int) -> Response:
    """Put an undone import's data in force again, as a new import."""
    made = uploads.redo(visit.app, number, user_of(visit).name)
    if made is None:
        return _to(url(HERE, kept=str(number)) + f"#import-{number}")
    return _to(url(HERE, redone=str(made.id)) + f"#import-{made.id}")


def _upload(visit: Visit, number: int) -> Upload:
    found = uploads.find(visit.app, user_of(visit), number)
    if found is None:
        raise Missing("upload")
    return found


def _said(form: FormData) -> Said:
    return said_of(*(str(form.get(name, "")) for name in ("kind", "source", "licence")))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _to(address: str) -> RedirectResponse:
    """See other: a reload of what follows does not send the form again."""
    return RedirectResponse(address, status_code=303)
