"""The use-case: simulates, lets every method judge, and measures. Reads no store.

Orders the calls; the rules are in the pure modules beside it. Every run has a seed of its own, made from
the one given, so that more runs add to fewer and do not change them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from monitor.progress import Progress
from monitor.replay import intervals, measure, methods
from monitor.replay.errors import Errors, classifier_errors
from monitor.replay.measure import Figure, Seen
from monitor.replay.report import (
    AT_SENSITIVITY,
    CaseResult,
    HeldResult,
    MethodRow,
    QuietResult,
    Report,
    SilenceResult,
    SizeResult,
)
from monitor.replay.simulator import History, simulate
from monitor.replay.world import Event, EventKind, Places, World, directions, models_own
from monitor.risk.constants import Constants

Rates = Mapping[str, tuple[float, float]]  # task -> precision, recall
PERFECT = {task: (0.99, 0.99) for task in ("relevance", "region", "topic", "direction")}
SIZES = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0)  # stories a week that events add at their height
QUIET_STEP = 1000  # keeps the seeds of the parts apart
INTERVAL_EVERY = 8  # weeks between two in which intervals are checked


@dataclass(frozen=True, slots=True)
class Case:
    """What is injected, and whether classifiers err."""

    kind: EventKind
    perfect: bool = False


CASES = (
    *(Case(EventKind(times, "region")) for times in (1.5, 2.0, 3.0)),
    *(Case(EventKind(times, "cell")) for times in (2.0, 3.0)),
    Case(EventKind(2.0, "region"), perfect=True),
    Case(EventKind(2.0, "cell"), perfect=True),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """What all runs of a replay share."""

    places: Places
    error_rates: Rates
    constants: Constants
    world: World
    weeks: int
    seed: int

    def history(
        self, kind: EventKind | None, run: int, *, world: World | None = None, perfect: bool = False
    ) -> History:
        """The simulated history of one run."""
        world = world or self.world
        rates = PERFECT if perfect else self.error_rates
        return simulate(
            world,
            self.places,
            kind,
            self.weeks,
            rates,
            self.errors(world, rates),
            self.constants,
            int(np.random.SeedSequence([self.seed, run]).generate_state(1)[0]),
        )

    def errors(self, world: World, rates: Rates) -> Errors:
        """The classifiers of a world."""
        return classifier_errors(rates, directions(world))


def replay(
    setting: Setting,
    runs: int,
    progress: Progress,
    *,
    cases: Sequence[Case] = CASES,
    scores: bool = True,
) -> Report:
    """Judge alerts in all `cases`, `runs` times each; with `scores`, intervals and silence too."""
    pooled = {
        case: _judge(setting, case, runs, progress, f"{case.kind.times:g} x {case.kind.of}")
        for case in cases
    }
    return Report(
        seed=setting.seed,
        runs=runs,
        weeks=setting.weeks,
        methodology=setting.constants.name,
        world=asdict(setting.world),
        error_rates={task: (p, r) for task, (p, r) in sorted(setting.error_rates.items())},
        cases=tuple(_case(case, seen) for case, seen in pooled.items()),
        quiet=_quiet(setting, runs, progress),
        sizes=_sizes([seen for case, seen in pooled.items() if not case.perfect]),
        intervals=_intervals(setting, runs, progress) if scores else (),
        silence=_silence(setting, runs, progress) if scores else None,
    )


def _judge(
    setting: Setting, case: Case, runs: int, progress: Progress, what: str
) -> dict[str, Seen]:
    pooled: dict[str, list[tuple[methods.Opinion, Sequence[Event]]]] = {}
    for run in progress.over(range(runs), f"runs with events of {what}", runs):
        history = setting.history(case.kind, run, perfect=case.perfect)
        for opinion in methods.opinions(history):
            pooled.setdefault(opinion.name, []).append((opinion, history.truth.events))
    return {name: measure.seen(of) for name, of in pooled.items()}


def _case(case: Case, seen: Mapping[str, Seen]) -> CaseResult:
    target = measure.native(seen[methods.OURS]).false_alarms().value
    return CaseResult(
        times=case.kind.times,
        of=case.kind.of,
        classifiers="perfect" if case.perfect else "measured",
        events=len(seen[methods.OURS].event_cluster),
        rows=tuple(_row(own, seen[methods.OURS], target) for own in seen.values()),
    )


def _row(own: Seen, ours: Seen, target: float) -> MethodRow:
    native, equal = measure.native(own), measure.at_false_alarms(own, target)
    behind = measure.difference(measure.at_false_alarms(ours, target), equal)
    lead, delay = measure.lead_and_delay(own)
    at = measure.at_sensitivity(own, AT_SENSITIVITY)
    has_limit = own.name != methods.ORACLE
    nothing = Figure(np.nan, np.nan, np.nan, 0)
    return MethodRow(
        own.name,
        native.precision(),
        native.sensitivity() if has_limit else nothing,
        native.false_alarms() if has_limit else nothing,
        lead,
        delay,
        equal.sensitivity(),
        equal.precision(),
        behind,
        at.precision() if at else None,
        at.false_alarms() if at else None,
    )


def _quiet(setting: Setting, runs: int, progress: Progress) -> QuietResult:
    opinions = []
    for run in progress.over(range(runs), "runs without events", runs):
        history = setting.history(None, QUIET_STEP + run)
        opinions.append((methods.judged(history), ()))
    any_alert = np.array([o.raised.any(axis=(1, 2)).sum() for o, _ in opinions], dtype=float)
    weeks = np.full(runs, float(setting.weeks))
    return QuietResult(
        weeks=int(weeks.sum()),
        with_alert=measure.ratio(any_alert, weeks),
        false_alarms=measure.native(measure.seen(opinions)).false_alarms(),
        promised=setting.constants.alerts.false_discovery_rate,
    )


def _sizes(cases: Sequence[Mapping[str, Seen]]) -> tuple[SizeResult, ...]:
    size, ours, oracle, cluster, first = [], [], [], [], 0
    for seen in cases:
        own, best = seen[methods.OURS], seen[methods.ORACLE]
        at = measure.limit_for(best, measure.native(own).false_alarms().value)
        size.append(own.event_size)
        ours.append(measure.found_events(own, own.raised_inside))
        oracle.append(measure.found_events(best, best.inside >= at))
        cluster.append(own.event_cluster + first)
        first += own.clusters
    if not size:
        return ()
    sizes, clusters = np.concatenate(size), np.concatenate(cluster)
    found = np.concatenate(ours), np.concatenate(oracle)
    result = []
    for least, below in zip(SIZES, (*SIZES[1:], np.inf), strict=True):
        mine = (sizes >= least) & (sizes < below)
        shares = [measure.share(f[mine], clusters[mine], first) for f in found]
        result.append(SizeResult(least, None if np.isinf(below) else below, *shares))
    return tuple(result)


def _intervals(setting: Setting, runs: int, progress: Progress) -> tuple[HeldResult, ...]:
    found: list[HeldResult] = []
    for name, world in (("model", models_own()), ("plausible", setting.world)):
        checked = [
            intervals.check(
                setting.history(None, 2 * QUIET_STEP + run, world=world), INTERVAL_EVERY
            )
            for run in progress.over(range(runs), f"runs for intervals, {name} world", runs)
        ]
        found += intervals.held(name, checked)
    return tuple(found)


def _silence(setting: Setting, runs: int, progress: Progress) -> SilenceResult:
    cuts = [
        intervals.cut(setting.history(None, 3 * QUIET_STEP + run))
        for run in progress.over(range(runs), "runs with feeds cut", runs)
    ]
    return intervals.silence(cuts)
