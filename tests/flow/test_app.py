"""The composition root: what it loads, and when it loads anew."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.app import App, make_app, user_agent
from monitor.clock import ManualClock
from monitor.errors import ModelError, SettingsError, StoreError
from monitor.settings import Settings, load_settings
from monitor.training.registry import activate
from tests.conftest import ROOT


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    shutil.copytree(ROOT / "models", tmp_path / "models")
    return load_settings(
        {}, database_url=f"sqlite:///{tmp_path / 'store.db'}", models_dir=tmp_path / "models"
    )


@pytest.fixture
def app(settings: Settings, clock: ManualClock) -> App:
    return make_app(settings, clock=clock)


def test_the_tagger_is_loaded_once(app: App) -> None:
    assert app.tagger is app.tagger


def test_activating_another_version_takes_effect_without_a_restart(
    app: App, settings: Settings, clock: ManualClock
) -> None:
    before = app.tagger
    shipped = before.versions["direction"]
    folder = settings.models_dir / "direction"
    shutil.copytree(folder / shipped, folder / "v1-other")
    activate(
        app.engine, settings.models_dir, {"direction": "v1-other"}, clock, by="test", reason="test"
    )
    assert app.tagger is not before
    assert app.tagger.versions["direction"] == "v1-other"


def test_a_damaged_version_is_a_sentence(app: App, settings: Settings) -> None:
    shipped = json.loads((settings.models_dir / "active.json").read_text())["topic"]
    for file in (settings.models_dir / "topic" / shipped).glob("*.skops"):
        file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ModelError, match="topic"):
        _ = app.tagger


def test_an_embedder_that_cannot_be_had_is_a_sentence(app: App, tmp_path: Path) -> None:
    wrong = app.settings.model_copy(update={"embedding_dir": tmp_path})
    with pytest.raises(SettingsError, match=r"TILANNEKUVA_EMBEDDING_DIR: .* holds no"):
        _ = replace(app, settings=wrong).tagger


def test_a_database_that_cannot_be_opened_is_a_sentence() -> None:
    with pytest.raises(StoreError, match="expected sqlite"):
        make_app(load_settings({}, database_url="nonsense"))


def test_the_user_agent_says_who_asks() -> None:
    assert user_agent("").startswith("tilannekuva/")
    assert user_agent("ops@example.org").endswith("(+ops@example.org)")
