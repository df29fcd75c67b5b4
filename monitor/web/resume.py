"""A form that was posted after the session had ended: kept in the login page, sent again afterwards.

It is kept in the reader's own page and nowhere else. Only a form of our own site comes this far. Files
cannot be kept.
"""

import json
from dataclasses import dataclass

from starlette.datastructures import FormData

LARGEST = 100_000  # characters


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the form was sent and what it held."""

    path: str
    fields: tuple[tuple[str, str], ...]


def kept_fields(path: str, form: FormData) -> str:
    """The form as text; "" where it is too large. The old session's token is left out."""
    fields = [(n, v) for n, v in form.multi_items() if isinstance(v, str) and n != "token"]
    text = json.dumps([path, fields], ensure_ascii=False)
    return text if len(text) <= LARGEST else ""


def read_kept(text: str) -> Kept | None:
    """What `kept_fields` wrote; None for anything else."""
    try:
        path, fields = json.loads(text)
        found = tuple((str(name), str(value)) for name, value in fields)
    except (ValueError, TypeError, RecursionError):
        return None
    return Kept(path, found) if isinstance(path, str) and safe_path(path) == path else None


def safe_path(path: str) -> str:
    """`path` where it is an address of this site; "/" for anything else.

    A browser takes "//host" and "/\\host" for another site, and drops tabs and line breaks.
    """
    fine = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if fine and path.isprintable() and len(path) <= 2000 else "/"
