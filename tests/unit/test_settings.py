"""Settings: defaults, unknown names, wrong values, and that the docs list them all."""

import re

import pytest

from monitor.errors import SettingsError
from monitor.settings import PREFIX, Settings, load_settings
from tests.conftest import ROOT


def test_defaults_need_no_environment() -> None:
    settings = load_settings({})
    assert settings.database_url.startswith("sqlite:///")
    assert settings.allow_private_addresses is False


def test_a_setting_is_read_from_the_environment() -> None:
    assert load_settings({f"{PREFIX}WEB_PORT": "9000"}).web_port == 9000


def test_an_override_beats_the_environment() -> None:
    assert load_settings({f"{PREFIX}WEB_PORT": "9000"}, web_port=9001).web_port == 9001


def test_a_misspelt_setting_is_an_error() -> None:
    with pytest.raises(SettingsError, match="unknown setting TILANNEKUVA_DATABSE_URL"):
        load_settings({f"{PREFIX}DATABSE_URL": "sqlite:///x.db"})


@pytest.mark.parametrize(
    ("name", "value"), [("WEB_PORT", "many"), ("POLL_MINUTES", "0"), ("LANGUAGE", "de")]
)
def test_a_wrong_value_names_the_setting_and_the_value(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{PREFIX}{name}='{value}'"):
        load_settings({PREFIX + name: value})


def test_other_programs_variables_are_ignored() -> None:
    assert load_settings({"PATH": "/bin", "LANGUAGE": "xx"}).language == "fi"


def test_the_documentation_lists_every_setting_with_its_description() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(rf"^\| `{PREFIX}([A-Z_]+)` ", text, re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields}
    for field in Settings.model_fields.values():
        assert field.description is not None
        assert field.description in text
