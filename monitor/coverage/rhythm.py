"""How much a source usually says, and since when it says less. Pure: counts in, judgements out.

The constants are those of ledger_v1.yaml.

Model of the count of entries y_d on a day d of which a share e_d could be heard:

    y_d ~ Poisson(rate * f(d) * e_d * u_d),   rate ~ Gamma,   u_d ~ Gamma(r, r)

f(d) is the factor of the weekday (a holiday is a Sunday), drawn to 1 by SHRINK entries; u_d is what days
differ by besides (news come in bursts). The rate is learnt with exponential forgetting of the days
before d (a Poisson-Gamma model with power discounting: Harvey and Fernandes, Time series models for
count or qualitative observations, J. Business & Economic Statistics 7, 1989; West and Harrison, Bayesian
Forecasting and Dynamic Models, 2nd ed., ch. 14). The predictive is a negative binomial with mean mu and
size k, its first two moments those of the product of the two Gammas: 1/k = 1/a + 1/r + 1/(a r), a the
shape of the rate's posterior. 1/r is the moment estimate sum((y - mu)^2 - mu) / sum(mu^2), weakly drawn
to SPREAD (Johnson, Kemp, Kotz, Univariate Discrete Distributions, ch. 5).

Change points: Page's CUSUM (Biometrika 41, 1954) on the log likelihood ratio of a share q of the usual
against the usual, for negative binomial counts (Höhle and Paul, Count data regression charts for the
monitoring of surveillance time series, Computational Statistics & Data Analysis 52, 2008), one for each q
in FALLS, a dumb source and one that only trickles:

    C_d = max(0, C_(d-1) + log NB(y_d; q * mu_d, k) / NB(y_d; mu_d, k)),   alarm while a C_d >= ALARM

A fall began after the last day with C = 0, the maximum likelihood estimate of the change point; first and
last days that say next to nothing for it (a ratio of e^TRIM together) are left out. With known parameters
the mean time between false alarms of one chart is at least exp(ALARM) days (Lorden, Annals of Mathematical
Statistics 42, 1971); `python -m bench.soak` measures what it is with learnt ones. C is cut at ALARM +
SLACK so that one usual day ends an alarm. Days under suspicion teach nothing until it is lifted; a source
that goes on at a lower rate for ADOPT days is taken at its new rhythm, a dumb one never.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import log

from monitor.coverage.constants import load_ledger_constants

_LEARNT, _FALL = load_ledger_constants().ledger_rhythm, load_ledger_constants().ledger_fall
FALLS = tuple(_FALL.shares.values())
ALARM, SLACK, TRIM = _FALL.alarm, _FALL.slack, _FALL.trim
SHRINK = _LEARNT.weekday_shrink
SPREAD, SPREAD_WEIGHT, MOST_SPREAD = _LEARNT.spread, _LEARNT.spread_weight, _LEARNT.most_spread
PRIOR_ENTRIES, PRIOR_DAYS = _LEARNT.prior_entries, _LEARNT.prior_days
HALF_LIFE, ADOPT = _LEARNT.half_life, _LEARNT.adopt
LEAST_EXPOSURE = _LEARNT.least_exposure
LEAST_PERIODS, LEAST_ENTRIES = _LEARNT.least_periods, _LEARNT.least_entries


@dataclass(frozen=True, slots=True)
class Count:
    """One period of one source."""

    entries: int
    exposure: float  # [0, 1]: the share of the period that was heard; 0 where it cannot be judged
    kind: int = 0  # periods of one kind share a factor: the weekday


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of one period. All None where the rhythm is not known or the period not judged."""

    expected: float | None = (
        None  # mean of the predictive; of the whole fall where `since` is given
    )
    at_most: float | None = None  # P(so few or fewer); of the whole fall where `since` is given
    observed: int | None = None  # entries; since the fall began where `since` is given
    since: int | None = None  # index of the first period of the fall; None: as usual
    loudness: float = 1.0  # [0, 1]: observed over expected of the fall, 1 where there is none


@dataclass(slots=True)
class _Learnt:
    """Discounted sums over the periods that were learnt from."""

    entries: dict[int, float] = field(default_factory=dict)  # kind -> entries
    periods: dict[int, float] = field(default_factory=dict)  # kind -> exposure
    excess: float = 0.0  # sum of (y - mu)^2 - mu
    squares: float = 0.0  # sum of mu^2

    def rate(self) -> float:
        total, heard = sum(self.entries.values()), sum(self.periods.values())
        return (PRIOR_ENTRIES + total) / (PRIOR_DAYS + heard)

    def known(self, least_periods: float) -> bool:
        return (
            sum(self.periods.values()) >= least_periods
            and sum(self.entries.values()) >= LEAST_ENTRIES
        )

    def spread(self) -> float:
        """1/r: how much periods differ besides chance."""
        found = (self.excess + SPREAD * SPREAD_WEIGHT) / (self.squares + SPREAD_WEIGHT)
        return min(max(found, 0.0), MOST_SPREAD)

    def uncertainty(self, kind: int) -> float:
        """1/a: squared coefficient of variation of the rate on days of this kind."""
        return 1 / (PRIOR_ENTRIES + SHRINK + self.entries.get(kind, 0.0))

    def mean(self, count: Count) -> float:
        rate = self.rate()
        usual = rate * self.periods.get(count.kind, 0.0) + SHRINK
        factor = (self.entries.get(count.kind, 0.0) + SHRINK) / usual
        return rate * factor * count.exposure

    def learn(self, count: Count, mean: float, keep: float) -> None:
        self.entries = {k: v * keep for k, v in self.entries.items()}
        self.periods = {k: v * keep for k, v in self.periods.items()}
        self.entries[count.kind] = self.entries.get(count.kind, 0.0) + count.entries
        self.periods[count.kind] = self.periods.get(count.kind, 0.0) + count.exposure
        self.excess = self.excess * keep + (count.entries - mean) ** 2 - mean
        self.squares = self.squares * keep + mean**2


@dataclass(frozen=True, slots=True)
class _Seen:
    """A judged period on its way."""

    index: int
    count: Count
    mean: float
    uncertainty: float
    spread: float


def judge(
    counts: Iterable[Count], *, least_periods: float = LEAST_PERIODS, half_life: float = HALF_LIFE
) -> list[Judgement]:
    """A judgement for every period, oldest first. Each rests on the periods before it alone, except
    that a fall, once it is certain, is told from its beginning.
    """
    counts = list(counts)
    said = [Judgement() for _ in counts]
    learnt, keep = _Learnt(), 0.5 ** (1 / half_life)
    watch, recent = _Watch(), deque[_Seen](maxlen=ADOPT)
    for index, count in enumerate(counts):
        if count.exposure < LEAST_EXPOSURE:
            continue
        seen = _see(index, count, learnt)
        if not learnt.known(least_periods):
            learnt.learn(count, seen.mean, keep)
            continue
        said[index] = _usual(seen)
        lifted = watch.take(seen)
        _tell(watch, said)
        recent.append(seen)
        if _has_a_new_rhythm(recent, said):
            watch.drop()
            learnt, lifted = _Learnt(), list(recent)
        for old in lifted:
            learnt.learn(old.count, old.mean, keep)
    return said


@dataclass(slots=True)
class _Watch:
    """The charts of one source, and the periods under suspicion."""

    charts: list[float] = field(default_factory=lambda: [0.0 for _ in FALLS])
    begun: list[int] = field(default_factory=lambda: [0 for _ in FALLS])  # first of `pending`
    pending: list[_Seen] = field(default_factory=list)
    alarmed: bool = False

    def take(self, seen: _Seen) -> list[_Seen]:
        """Look at one more period; returns those that are no longer under suspicion."""
        self.pending.append(seen)
        lead = self._lead() if self.alarmed else None
        for n, share in enumerate(FALLS):
            if self.charts[n] == 0.0:
                self.begun[n] = len(self.pending) - 1
            step = self.charts[n] + ratio(seen, share)
            self.charts[n] = min(max(0.0, step), ALARM + SLACK)
        # The chart that leads an alarm ends it: a dumb source that speaks again does not go on as one
        # that trickles, it must show that it does.
        self.alarmed = (max(self.charts) if lead is None else self.charts[lead]) >= ALARM
        if lead is not None and not self.alarmed:  # what an alarm spanned is not usual
            self.drop()
            return [seen]
        if max(self.charts) == 0.0 or (not self.alarmed and len(self.pending) > ADOPT):
            return self.drop()
        return []

    def _lead(self) -> int:
        return max(range(len(FALLS)), key=lambda n: self.charts[n])

    def drop(self) -> list[_Seen]:
        """Forget every suspicion; returns the periods that were under it."""
        held, self.pending, self.alarmed = self.pending, [], False
        self.charts, self.begun = [0.0 for _ in FALLS], [0 for _ in FALLS]
        return held

    def fall(self) -> list[_Seen]:
        """The periods of the fall that is certain, without those at its ends that say nothing."""
        if not self.alarmed:
            return []
        chart = self._lead()
        told = self.pending[self.begun[chart] :]
        while len(told) > 1 and ratio(told[-1], FALLS[chart]) < 0:
            told = told[:-1]
        return told[_spare(told, FALLS[chart]) :]


def _has_a_new_rhythm(recent: Sequence[_Seen], said: Sequence[Judgement]) -> bool:
    """Whether the last ADOPT periods are one long fall, with a usual one between at times, in which the
    source still speaks."""
    told = [seen for seen in recent if said[seen.index].since is not None]
    if len(recent) < ADOPT or len(told) < ADOPT / 2:
        return False
    spans = told[0] is recent[0] and told[-1] is recent[-1]
    return spans and sum(seen.count.entries for seen in told) >= LEAST_ENTRIES


def _see(index: int, count: Count, learnt: _Learnt) -> _Seen:
    mean = max(learnt.mean(count), 1e-9)
    return _Seen(index, count, mean, learnt.uncertainty(count.kind), learnt.spread())


def _spare(told: Sequence[_Seen], share: float) -> int:
    """How many of the first periods say next to nothing together."""
    said, spare = 0.0, 0
    for n, seen in enumerate(told[:-1], 1):
        said += ratio(seen, share)
        if said < TRIM:
            spare = n
    return spare


def ratio(seen: _Seen, share: float) -> float:
    """Log likelihood ratio of this share of the usual against the usual."""
    k = _size(seen)
    shift = log((k + seen.mean) / (k + share * seen.mean))
    return seen.count.entries * (log(share) + shift) + k * shift


def _size(seen: _Seen) -> float:
    a, r = seen.uncertainty, seen.spread
    return 1 / (a + r + a * r)


def _usual(seen: _Seen) -> Judgement:
    at_most = few(seen.count.entries, seen.mean, _size(seen))
    return Judgement(seen.mean, at_most, seen.count.entries)


def _tell(watch: _Watch, said: list[Judgement]) -> None:
    """Write a fall from its first period on: each period says what was known at its end."""
    pending = watch.fall()
    if not pending:
        return
    for seen in watch.pending:  # what an earlier look took for the fall's beginning may be usual
        said[seen.index] = _usual(seen)
    observed, expected = 0, 0.0
    own, shared = 0.0, 0.0
    first = pending[0].index
    total = sum(s.count.entries for s in pending) / sum(s.mean for s in pending)
    for seen in pending:
        observed += seen.count.entries
        expected += seen.mean
        own += seen.mean**2 * seen.spread
        shared = max(shared, seen.uncertainty)
        size = expected**2 / (own + shared * expected**2 + 1e-12)
        said[seen.index] = Judgement(
            expected, few(observed, expected, size), observed, first, min(1.0, total)
        )


def few(observed: int, mean: float, size: float) -> float:
    """P(N <= observed), N negative binomial with this mean and size.

    = I_p(size, observed + 1) with p = size / (size + mean), the regularised incomplete beta function
    (Johnson, Kemp, Kotz, ch. 5).
    """
    from scipy.special import betainc  # slow to import

    return float(betainc(size, observed + 1, size / (size + mean)))
