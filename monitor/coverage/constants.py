"""The constants of the coverage ledger, read from one versioned file. Computes nothing with them."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

LEDGER_FILE = Path(__file__).with_name("ledger_v1.yaml")

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Whole = Annotated[int, Field(ge=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class RhythmConstants(_Frozen):
    """How a source's usual rhythm is learnt. A period is a day; a week for a region's stories."""

    half_life: Positive
    weekday_shrink: Positive
    spread: Positive
    spread_weight: Positive
    most_spread: Positive
    prior_entries: Positive
    prior_days: Positive
    least_exposure: Annotated[float, Field(gt=0, le=1)]
    least_periods: Positive
    least_entries: Positive
    adopt: Whole


class FallConstants(_Frozen):
    """When a source says less than its rhythm allows."""

    shares: dict[str, Annotated[float, Field(gt=0, lt=1)]]
    alarm: Positive
    slack: Positive
    trim: Annotated[float, Field(ge=0)]


class DayConstants(_Frozen):
    """What makes the verdict on a day, and how long it may still change."""

    whole: Annotated[float, Field(gt=0, le=1)]
    teaser_chance: Annotated[float, Field(gt=0, lt=1)]
    least_gap_hours: Positive
    gap_factor: Positive
    fresh_days: Whole
    look_back_days: Whole
    learn_back_days: Whole


class RegionConstants(_Frozen):
    """How sources make a region's exposure, and when a notice is raised."""

    equal_weight: Positive
    report_weeks: Whole
    fresh_report_weeks: Whole
    least_weeks: Positive
    notice_days: Whole
    notice_margin: Share


class LedgerConstants(_Frozen):
    """All of them, with the version they belong to."""

    version: int
    ledger_rhythm: RhythmConstants
    ledger_fall: FallConstants
    ledger_day: DayConstants
    ledger_region: RegionConstants

    def digest(self) -> str:
        """SHA-256 over the values: comments and layout of the file do not count."""
        text = json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@cache
def load_ledger_constants(path: Path = LEDGER_FILE) -> LedgerConstants:
    """The constants in `path`. Raises OSError or pydantic.ValidationError: the file is part of the code."""
    return LedgerConstants.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
