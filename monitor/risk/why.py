"""The use-case: why is this score so? Reads what lies behind it; the rules are in `monitor.risk.explain`."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlmodel import Session

from classifiers.reference import Reference
from monitor.db import evidence
from monitor.db.evidence import Basis
from monitor.readiness.state import ROADMAP
from monitor.risk.constants import load_constants
from monitor.risk.explain import Behind, Node, Row, tree
from monitor.risk.inputs import WeekInputs
from monitor.values import ALL_GROUPS, Score
from monitor.weeks import last_known_day, week_bounds


def explain(
    session: Session,
    of_region: Sequence[Score],
    reference: Reference,
    group: str = ALL_GROUPS,
    only: Collection[int] | None = None,
) -> Node | None:
    """The stored scores of one region and week taken apart, from what was known when they were
    computed; None where the score is not ready or not in force any more. With `only`, what lies behind
    these stories alone: a region has hundreds, of which a page shows some."""
    region, week = of_region[0].region, of_region[0].week
    known = evidence.computed(session, region, week)
    if known is None:
        return None
    bases = evidence.frozen_bases(session, known[0], region)
    return _explained(session, of_region, bases, reference, group, known[1], only)


def explain_as_of(
    session: Session,
    of_region: Sequence[Score],
    inputs: WeekInputs,
    at: datetime,
    reference: Reference,
    group: str = ALL_GROUPS,
) -> Node | None:
    """Scores that were computed as of `at` taken apart."""
    region = of_region[0].region
    bases = tuple(
        Basis(cell.group, c.component, c.observation_ids)
        for cell in inputs.readiness
        if cell.region == region
        for c in cell.components
    )
    return _explained(session, of_region, bases, reference, group, at)


def _explained(
    session: Session,
    of_region: Sequence[Score],
    bases: Iterable[Basis],
    reference: Reference,
    group: str,
    known_at: datetime,
    only: Collection[int] | None = None,
) -> Node | None:
    region, week = of_region[0].region, of_region[0].week
    wanted = [s for s in of_region if group in (ALL_GROUPS, s.group)]
    stories = {int(c.ref) for s in wanted for c in s.contributions if c.kind == "story"}
    stories = stories if only is None else stories & set(only)
    least = load_constants().stories.negligible_relevance
    bases = [b for b in bases if group in (ALL_GROUPS, b.group)]
    ids = {i for b in bases for i in b.observation_ids}
    observations = evidence.observation_rows(session, ids)
    tasks = evidence.task_rows(session, region, last_known_day(week, known_at), known_at)
    rows: dict[tuple[str, str], Sequence[Row]] = {
        (b.group, b.component): [observations[i] for i in b.observation_ids if i in observations]
        for b in bases
    }
    rows |= {(g, ROADMAP): found for g, found in tasks.items()}
    told = evidence.told(session, stories, *week_bounds(week), least, known_at)
    return tree(of_region, Behind(told, rows, reference.topics_of_group, whole=only is None), group)
