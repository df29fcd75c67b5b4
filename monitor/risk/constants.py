"""The constants of the score, read from one versioned file. Computes nothing with them."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

METHODOLOGY_FILE = Path(__file__).with_name("methodology_v1.yaml")

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class StoryConstants(_Frozen):
    """How articles become weighted stories."""

    negligible_relevance: Share
    spread: Annotated[float, Field(ge=0)]


class MediaConstants(_Frozen):
    """The Gamma-Poisson model of media pressure. Weeks are fully heard region-weeks."""

    history_weeks: Annotated[int, Field(ge=1)]
    minimum_exposure: Annotated[float, Field(gt=0, le=1)]
    national_rate: Positive
    national_weeks: Positive
    region_weeks: Positive
    week_weeks: Positive
    surge_floor: Positive
    surge_share: Share


class ReadinessConstants(_Frozen):
    """How readiness components make a gap. Keys of `component_weight` are the components' ids."""

    component_weight: dict[str, Positive]
    half_life_days: Positive
    minimum_share: Annotated[float, Field(gt=0, le=1)]
    drift: Share

    @model_validator(mode="after")
    def _whole(self) -> "ReadinessConstants":
        if abs(sum(self.component_weight.values()) - 1) > 1e-12:
            raise ValueError("the component weights do not sum to 1")
        return self


class CombinedConstants(_Frozen):
    """How gap and pressure meet, and groups make a region. Keys are roadmap group ids."""

    readiness_weight: dict[str, Share]
    media_weight: dict[str, Share]
    group_weight: dict[str, Positive]
    power: Annotated[float, Field(gt=1)]
    minimum_group_weight: Share

    @model_validator(mode="after")
    def _same_groups(self) -> "CombinedConstants":
        if not self.readiness_weight.keys() == self.media_weight.keys() == self.group_weight.keys():
            raise ValueError("the three weights name different groups")
        if abs(sum(self.group_weight.values()) - 1) > 1e-12:
            raise ValueError("the group weights do not sum to 1")
        return self


class IntervalConstants(_Frozen):
    """What the Monte Carlo draws vary, and how large a change is more than they do."""

    level: Annotated[float, Field(gt=0, lt=1)]
    noise_share: Positive
    weight_concentration: Positive
    coverage_concentration: Positive
    assumed_precision: Annotated[float, Field(gt=0, le=1)]
    assumed_recall: Annotated[float, Field(gt=0, le=1)]


class AlertConstants(_Frozen):
    """When a cell of region and topic is an alert."""

    minimum_past_weeks: Annotated[int, Field(ge=1)]
    minimum_observed: Positive
    false_discovery_rate: Annotated[float, Field(gt=0, lt=1)]
    prior_rate: Positive
    prior_weeks: Positive
    prior_stories: Positive
    cell_stories: Positive
    predictive_windows: Annotated[int, Field(ge=1, le=6)]
    dispersion: Positive
    week_variance: Positive
    least_dispersion: Positive
    scatter_cells: Positive
    outlier_residual: Positive
    outlier_decay: Positive
    predictive_weight: Positive
    weekly_weight: Positive
    weekday_weight: Positive
    eears_weeks: Annotated[int, Field(ge=3)]
    eears_weekdays: Annotated[int, Field(ge=3)]
    eears_outlier_alpha: Annotated[float, Field(gt=0, lt=0.5)]
    eears_decay: Positive

    @model_validator(mode="after")
    def _weights_are_shares(self) -> "AlertConstants":
        total = self.predictive_weight + self.weekly_weight + self.weekday_weight
        if abs(total - 1) > 1e-12:
            raise ValueError("the weights of the three alert methods do not sum to 1")
        return self


class NationalConstants(_Frozen):
    """When a group's risk is the country's, and when single regions'."""

    elevated_level: Annotated[float, Field(gt=0, lt=0.5)]
    national_level: Annotated[float, Field(gt=0, lt=1)]
    least_regions: Annotated[int, Field(ge=2)]
    regional_false_discovery_rate: Annotated[float, Field(gt=0, lt=1)]


class ForgottenConstants(_Frozen):
    """When a region is forgotten, and the level of the coverage shares' intervals."""

    weeks: Annotated[int, Field(ge=1)]
    poor_share: Annotated[float, Field(gt=0, le=1)]
    quiet_share: Annotated[float, Field(gt=0, le=1)]
    little_heard: Share
    level: Annotated[float, Field(gt=0, lt=1)]


class Constants(_Frozen):
    """All of them, with the version they belong to."""

    version: int
    stories: StoryConstants
    media: MediaConstants
    readiness: ReadinessConstants
    combined: CombinedConstants
    interval: IntervalConstants
    alerts: AlertConstants
    national: NationalConstants
    forgotten: ForgottenConstants

    def digest(self) -> str:
        """SHA-256 over the values: comments and layout of the file do not count."""
        text = json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def name(self) -> str:
        """What a score says it was computed with: version and the digest's first characters."""
        return f"v{self.version}-{self.digest()[:12]}"


@cache
def load_constants(path: Path = METHODOLOGY_FILE) -> Constants:
    """The constants in `path`. Raises OSError or pydantic.ValidationError: the file is part of the code."""
    return Constants.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
