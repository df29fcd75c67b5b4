"""Is a version on disk still what it was: its files by their SHA-256, its words by golden predictions."""

from dataclasses import dataclass
from pathlib import Path

from classifiers import persist
from monitor.errors import ModelError
from monitor.training.golden import GOLDEN, deviations
from monitor.training.predict import load_version, predict


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of one version."""

    task: str
    version: str
    golden: int | None  # texts it was asked about; None of a version that stored none
    deviations: tuple[str, ...] = ()  # from its golden predictions
    damage: str = ""  # why it cannot be used at all

    @property
    def sound(self) -> bool:
        """Whether it is whole and says what it said."""
        return not self.damage and not self.deviations


def checked(models: Path, labels: Path, task: str, name: str) -> Checked:
    """Ask the version again. Damage is a finding, not an error."""
    path = models / task / name / GOLDEN
    try:
        version = load_version(models, task, name)
        if GOLDEN not in version.manifest["files"]:
            predict(version, (), labels)  # whether this program can use it at all
            return Checked(task, name, None)
        stored = persist.read_json(path)
        found = deviations(version, stored, labels)
    except ModelError as error:
        return Checked(task, name, None, damage=error.message)
    return Checked(task, name, len(stored["texts"]), tuple(found))
