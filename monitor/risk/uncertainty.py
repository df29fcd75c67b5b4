"""The use-case: what makes a region's score uncertain, what to find out next, and how the inputs hang together.

Reads what the scores in force were computed from and hands it to the pure modules; changes nothing. What was
computed for a region is kept, in memory and in the store, because the frozen inputs it depends on never change.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

from pydantic import TypeAdapter
from sqlmodel import Session

from monitor.db import scores as store
from monitor.db.frozen import inputs_text
from monitor.db.region_pictures import region_picture
from monitor.db.remembered import remembered
from monitor.risk.constants import load_constants
from monitor.risk.country import NoPicture
from monitor.risk.frozen import thaw
from monitor.risk.inputs import WeekInputs
from monitor.risk.knowing import Finding, has_score, region_findings, value_of_knowing
from monitor.risk.media import heard
from monitor.risk.multivariate import Multivariate, multivariate
from monitor.risk.sensitivity import Sensitivity, sensitivity
from monitor.values import Score


@dataclass(frozen=True, slots=True)
class Uncertain:
    """One region's uncertainty in a week."""

    sensitivity: tuple[Sensitivity, ...]  # of its groups, then of its total
    findings: tuple[Finding, ...]  # the best first
    heard: bool  # well enough; where not, no answer gives the region a score
    ready: bool  # the region has a score


def region_uncertainty(session: Session, week: str, region: str) -> Uncertain | NoPicture:
    """Where the region's uncertainty comes from, and what would lessen it most."""
    text = _text(session, week)
    return text if isinstance(text, NoPicture) else _region(text, region)


def uncertainty_behind(session: Session, score: Score) -> Uncertain | None:
    """The same of a score that is in force; None where its inputs are not kept or its constants others."""
    if score.methodology != load_constants().name:
        return None
    key = ("uncertain", score.input_hash, score.region)
    return remembered(session, key, lambda: _kept(session, score.input_hash, score.region))


def _kept(session: Session, input_hash: str, region: str) -> Uncertain | None:
    """What was computed when the week was scored; computed now where that is still to come."""
    picture = region_picture(session, input_hash, region)
    if picture is not None and picture.methodology == load_constants().name:
        return _adapter().validate_json(picture.uncertain)
    text = inputs_text(session, input_hash)
    return None if text is None else _region(text, region)


def packed(found: Uncertain) -> bytes:
    """`found` as it is kept in a region's picture."""
    return _adapter().dump_json(found)


@cache
def _adapter() -> TypeAdapter[Uncertain]:
    return TypeAdapter(Uncertain)


def week_findings(session: Session, week: str) -> tuple[Finding, ...] | NoPicture:
    """The findings of all regions, the best first."""
    text = _text(session, week)
    return (
        text if isinstance(text, NoPicture) else value_of_knowing(_inputs(text), load_constants())
    )


def week_multivariate(session: Session, week: str) -> Multivariate | NoPicture:
    """Correlations between the parts of the scores of `week`."""
    text = _text(session, week)
    if isinstance(text, NoPicture):
        return text
    inputs = _inputs(text)
    return multivariate(inputs, store.current_scores(session, week))


def _text(session: Session, week: str) -> str | NoPicture:
    found = store.current_scores(session, week)
    text = inputs_text(session, found[0].input_hash) if found else None
    if text is None or found[0].methodology != load_constants().name:
        return NoPicture(week, bool(found), tuple(store.weeks_scored(session)))
    return text


@lru_cache(maxsize=4)
def _inputs(text: str) -> WeekInputs:
    return thaw(text)


def _region(text: str, region: str) -> Uncertain:
    return uncertain_of(_inputs(text), region)


def uncertain_of(inputs: WeekInputs, region: str) -> Uncertain:
    """One region's uncertainty, computed."""
    constants = load_constants()
    exposure = next(c.exposure for c in inputs.coverage if c.region == region)
    could = heard(exposure, constants.media)
    own = [r for r in inputs.readiness if r.region == region]
    return Uncertain(
        sensitivity(inputs, constants, region),
        region_findings(inputs, constants, region),
        could,
        could and has_score(own, constants),
    )
