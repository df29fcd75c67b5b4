"""Trained versions on disk: one immutable directory per task and version.

    models/<task>/<version>/model.skops     what was learned; loading it runs no code
                            manifest.json   what it was made from, and the files' SHA-256
                            eval.json       how good it is, by grouped cross-validation
                            card.md         the same for people

A version is written under a temporary name and renamed, so it exists whole or not at all. The same
inputs give the same bytes. Which version is in use is not known here.
"""

import hashlib
import io
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LAYOUT = 1  # of the directory; another number is refused
MODEL, MANIFEST, EVALUATION, CARD = "model.skops", "manifest.json", "eval.json", "card.md"
# Every type a version may hold beside those skops itself trusts (numpy arrays and scikit-learn's own
# estimators). A file that names any other is not opened.
TRUSTED: tuple[str, ...] = ()
_LARGEST = 50_000_000  # bytes of an artefact, unpacked: far above ours, far below harm
_PINNED = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold


class VersionError(Exception):
    """A version is missing, damaged or not one of ours. The message is meant for people."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version that was read and found whole."""

    task: str
    name: str
    state: dict[str, Any]  # what the task's model gave to `write`
    manifest: dict[str, Any]


def write(
    models: Path,
    task: str,
    name: str,
    *,
    state: Mapping[str, Any],
    manifest: Mapping[str, Any],
    evaluation: Mapping[str, Any],
    card: str,
) -> Path:
    """Store a version and return its directory. One of this name that is whole is left as it is."""
    target = models / task / name
    if target.is_dir():
        verify(models, task, name)
        return target
    files = {
        MODEL: pack(state),
        EVALUATION: canonical_json(evaluation),
        CARD: card.encode("utf-8"),
    }
    sums = {file: hashlib.sha256(content).hexdigest() for file, content in files.items()}
    whole = {"layout": LAYOUT, "task": task, "version": name, **manifest, "files": sums}
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=target.parent))
    try:
        for file, content in {**files, MANIFEST: canonical_json(whole)}.items():
            _write_through(draft / file, content)
        draft.chmod(0o755)
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return target


def load(models: Path, task: str, name: str) -> Version:
    """Read a version. Raises VersionError where it is missing, damaged or holds other types."""
    manifest = verify(models, task, name)
    content = (models / task / name / MODEL).read_bytes()
    return Version(task, name, unpack(content, f"{task}/{name}"), manifest)


def verify(models: Path, task: str, name: str) -> dict[str, Any]:
    """The manifest of a version whose files have the sums it names. Raises VersionError."""
    folder = models / task / name
    manifest = read_json(folder / MANIFEST)
    if manifest.get("layout") != LAYOUT or manifest.get("task") != task:
        raise VersionError(f"{folder} is not a version of {task} in layout {LAYOUT}; train it anew")
    for file, expected in manifest.get("files", {}).items():
        try:
            found = hashlib.sha256((folder / Path(file).name).read_bytes()).hexdigest()
        except OSError as error:
            raise VersionError(f"{folder / file} cannot be read; train {task} anew") from error
        if found != expected:
            raise VersionError(
                f"{folder / file} is damaged: its SHA-256 is not the one in {MANIFEST}; "
                f"restore it or train {task} anew"
            )
    return manifest


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object. Raises VersionError where it is missing or none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise VersionError(f"{path} cannot be read; the version is missing or damaged") from error
    if not isinstance(value, dict):
        raise VersionError(f"{path} holds no JSON object; the version is damaged")
    return value


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """Readable JSON, the same bytes for the same value."""
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
    return text.encode("utf-8") + b"\n"


def pack(state: Mapping[str, Any]) -> bytes:
    """`state` in skops' format; the same bytes for the same values."""
    from skops.io import dumps

    with zipfile.ZipFile(io.BytesIO(dumps(dict(state)))) as made:
        schema = made.read("schema.json").decode("utf-8")
        arrays = {name: made.read(name) for name in made.namelist() if name != "schema.json"}
    # skops names objects by their address in memory; here they are numbered in order of appearance.
    # An address is the value of "__id__" and the stem of a file's name, and nothing else.
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        return match[1] + numbers.setdefault(match[2], str(len(numbers) + 1))

    schema = re.sub(r'("__id__": |"file": ")(\d+)(?=[,.\n}])', number, schema)
    renamed = {numbers[Path(name).stem] + ".npy": content for name, content in arrays.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for name, content in [*sorted(renamed.items()), ("schema.json", schema.encode())]:
            info = zipfile.ZipInfo(name, _PINNED)
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, content, compresslevel=9)
    return buffer.getvalue()


def unpack(content: bytes, what: str) -> dict[str, Any]:
    """The inverse of `pack`. Raises VersionError for anything that is not plain data and estimators."""
    from skops.io import get_untrusted_types, loads

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(info.file_size for info in packed.infolist())
        if size > _LARGEST:
            raise VersionError(f"{what} unpacks to {size} bytes; it is not a version of ours")
        foreign = sorted(set(get_untrusted_types(data=content)) - set(TRUSTED))
        if foreign:
            raise VersionError(f"{what} holds types that are not trusted: {', '.join(foreign)}")
        state = loads(content, trusted=list(TRUSTED))
    except VersionError:
        raise
    except Exception as error:  # a foreign file can fail anywhere inside the reader
        raise VersionError(f"{what} is not a trained version ({type(error).__name__})") from error
    if not isinstance(state, dict):
        raise VersionError(f"{what} is not a trained version (holds no parts)")
    return state


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
