"""The constants of the coverage ledger are pinned: exposure, and by it the score, is made with them."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from monitor.coverage.constants import LEDGER_FILE, LedgerConstants, load_ledger_constants
from monitor.i18n import LANGUAGES, Translator

# version -> digest of its values. A published version's digest never changes.
PINNED = {1: "4acb7363967d9d84b8d1ece52508fdd5333483c367a283c3f5d99a0d8fe63ca2"}


def test_a_version_has_the_constants_it_was_published_with() -> None:
    constants = load_ledger_constants()
    assert constants.digest() == PINNED[constants.version], (
        "a constant changed: give the ledger a new version in a new file, and pin it here"
    )
    assert LEDGER_FILE.name == f"ledger_v{constants.version}.yaml"


def test_any_changed_value_changes_the_digest_and_a_comment_does_not(tmp_path: Path) -> None:
    constants = load_ledger_constants()
    changed = constants.model_dump()
    changed["ledger_fall"]["alarm"] *= 1.000001
    assert LedgerConstants.model_validate(changed).digest() != constants.digest()
    copy = tmp_path / "copy.yaml"
    copy.write_text("# kommentti\n" + LEDGER_FILE.read_text(encoding="utf-8"), "utf-8")
    assert load_ledger_constants(copy).digest() == constants.digest()


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("ledger_rhythm", "half_life", 0),
        ("ledger_fall", "unknown", 1),
        ("ledger_fall", "shares", {"dumb": 1.0}),
        ("ledger_region", "notice_margin", 1.5),
    ],
)
def test_constants_without_meaning_are_refused(section: str, name: str, value: object) -> None:
    raw = yaml.safe_load(LEDGER_FILE.read_text(encoding="utf-8"))
    raw[section][name] = value
    with pytest.raises(ValidationError):
        LedgerConstants.model_validate(raw)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_constant_has_its_words(language: str) -> None:
    t = Translator(language)
    for section, values in load_ledger_constants().model_dump().items():
        if isinstance(values, dict):
            keys = [f"method.section.{section}", *(f"method.{section}.{name}" for name in values)]
            assert [key for key in keys if not t.has(key)] == []
