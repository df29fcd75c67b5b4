"""The constants of the score are pinned: a change needs a new version and a new file."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from classifiers.reference import Reference
from monitor.risk.constants import METHODOLOGY_FILE, Constants, load_constants

# version -> digest of its values. A published version's digest never changes.
PINNED = {1: "f2beec5a735b9ad9697499c85afc5a7b4e19fd491e7bb431109a990de4a05fea"}


def test_a_version_has_the_constants_it_was_published_with() -> None:
    constants = load_constants()
    assert constants.digest() == PINNED[constants.version], (
        "a constant changed: give the methodology a new version in a new file, and pin it here"
    )


def test_the_file_is_named_after_its_version() -> None:
    assert METHODOLOGY_FILE.name == f"methodology_v{load_constants().version}.yaml"


def test_every_roadmap_group_has_its_weights(reference: Reference) -> None:
    constants = load_constants().combined
    assert set(constants.group_weight) == set(reference.group)


def test_any_changed_value_changes_the_digest() -> None:
    constants = load_constants()
    changed = constants.model_dump()
    changed["media"]["surge_floor"] *= 1.000001
    assert Constants.model_validate(changed).digest() != constants.digest()


def test_a_comment_does_not_change_the_digest(tmp_path: Path) -> None:
    copy = tmp_path / "copy.yaml"
    copy.write_text("# kommentti\n" + METHODOLOGY_FILE.read_text(encoding="utf-8"), "utf-8")
    assert load_constants(copy).digest() == load_constants().digest()


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("media", "unknown", 1),
        ("media", "minimum_exposure", 0),
        ("combined", "power", 1),
        ("combined", "group_weight", {"ict_muutos": 1.0}),
        ("interval", "level", 1),
    ],
)
def test_constants_without_meaning_are_refused(section: str, name: str, value: object) -> None:
    raw = yaml.safe_load(METHODOLOGY_FILE.read_text(encoding="utf-8"))
    raw[section][name] = value
    with pytest.raises(ValidationError):
        Constants.model_validate(raw)
