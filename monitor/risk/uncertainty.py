"""The use-case: what makes a region's score uncertain, what to find out next, and how the inputs hang together.

Reads what the scores in force were computed from and hands it to the pure modules; changes nothing. What was
computed for a region is kept in memory, because the frozen inputs it depends on never change.
"""

from dataclasses import dataclass
from functools import lru_cache

from sqlmodel import Session

from monitor.db import scores as store
from monitor.db.frozen import inputs_text
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
    text = inputs_text(session, score.input_hash)
    if text is None or score.methodology != load_constants().name:
        return None
    return _region(text, score.region)


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


@lru_cache(maxsize=32)  # each keeps its text, a quarter of a megabyte
def _region(text: str, region: str) -> Uncertain:
    inputs, constants = _inputs(text), load_constants()
    exposure = next(c.exposure for c in inputs.coverage if c.region == region)
    could = heard(exposure, constants.media)
    own = [r for r in inputs.readiness if r.region == region]
    return Uncertain(
        sensitivity(inputs, constants, region),
        region_findings(inputs, constants, region),
        could,
        could and has_score(own, constants),
    )
