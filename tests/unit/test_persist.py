"""Versions on disk: whole or not at all, the same bytes for the same values, and no code when loaded."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from classifiers import persist
from classifiers.persist import VersionError


def _state() -> dict[str, Any]:
    x = np.arange(20, dtype=float)[:, None]
    return {
        "labels": ["talous", "räddning"],
        "coef": np.linspace(0, 1, 50, dtype=np.float32),
        "estimator": LogisticRegression().fit(x, x[:, 0] > 9),
        "threshold": 0.25,
        "nested": {"exclusive": True, "none": None},
    }


def _write(models: Path, name: str = "v1-a") -> Path:
    return persist.write(
        models,
        "topic",
        name,
        state=_state(),
        manifest={"seed": 1},
        evaluation={"n": 2},
        card="# x\n",
    )


def test_what_was_written_is_read(tmp_path: Path) -> None:
    _write(tmp_path)
    found = persist.load(tmp_path, "topic", "v1-a")
    assert found.state["labels"] == ["talous", "räddning"]
    assert found.state["nested"] == {"exclusive": True, "none": None}
    assert np.array_equal(found.state["coef"], _state()["coef"])
    assert found.state["estimator"].predict([[0.0], [19.0]]).tolist() == [False, True]
    assert found.manifest["seed"] == 1


def test_the_same_values_give_the_same_bytes() -> None:
    kept = [object() for _ in range(100)]  # other addresses the second time
    first = persist.pack(_state())
    kept += [object() for _ in range(100)]
    assert persist.pack(_state()) == first


def test_a_version_never_changes(tmp_path: Path) -> None:
    folder = _write(tmp_path)
    before = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    assert _write(tmp_path) == folder
    assert {p.name: p.stat().st_mtime_ns for p in folder.iterdir()} == before
    assert [p.name for p in folder.parent.iterdir()] == ["v1-a"]


@pytest.mark.parametrize("name", [persist.MODEL, persist.EVALUATION, persist.CARD])
def test_a_damaged_file_is_named(tmp_path: Path, name: str) -> None:
    file = _write(tmp_path) / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(VersionError, match=name):
        persist.load(tmp_path, "topic", "v1-a")


def test_a_missing_or_foreign_version_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(VersionError, match="missing"):
        persist.load(tmp_path, "topic", "v1-none")
    folder = _write(tmp_path)
    manifest = json.loads((folder / persist.MANIFEST).read_text())
    (folder / persist.MANIFEST).write_text(json.dumps(manifest | {"layout": 99}))
    with pytest.raises(VersionError, match="layout"):
        persist.load(tmp_path, "topic", "v1-a")


def test_an_artefact_that_would_run_code_is_not_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(persist.pack({"x": [1]}))) as packed:
        schema = json.loads(packed.read("schema.json"))
    schema |= {"__class__": "system", "__module__": "os", "__loader__": "ObjectNode"}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        out.writestr("schema.json", json.dumps(schema))
    with pytest.raises(VersionError):
        persist.unpack(buffer.getvalue(), "evil")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x04K\x01."])
def test_bytes_of_another_kind_are_a_clear_error(content: bytes) -> None:
    with pytest.raises(VersionError, match="not a trained version"):
        persist.unpack(content, "x")


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        persist.write(
            tmp_path,
            "topic",
            "v1-b",
            state={},
            manifest={},
            evaluation={"f": float("nan")},
            card="",
        )
    assert not (tmp_path / "topic" / "v1-b").exists()
