"""The random numbers behind the draws: made once per run, turned into any week's variates. Pure.

What depends on a week is a function of noise that does not, so that a change from week to week is a
change of the inputs and never noise of the draws, and 52 weeks cost one week's random numbers. Every
variate rises with its parameter, draw by draw. Arrays are float32 with the draws last: an interval
needs three digits, and half the memory is twice the speed.

A Gamma variate of shape a is G(a + 2) * U1^(1/a) * U2^(1/(a + 1)), exact (Stuart 1962; Marsaglia and Tsang
2000, ACM TOMS 26(3), section 6), with G(a + 2) from a normal z by Wilson and Hilferty (1931, PNAS 17):
d (1 + z / (3 sqrt d))^3, d = a + 5/3. Its distribution function is within 0.004 of the true one at every
shape (a test says so), less than 2,000 draws can tell; where a float32 ends it is 0.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

STREAMS = ("stories", "classifiers", "coverage", "rates", "components", "weights")
LEAST_SHAPE = np.float32(1e-6)  # a Gamma of shape 0 is 0, but 1 / 0 is nothing


def stream(seed: int, name: str) -> np.random.Generator:
    """The random numbers of one source of variation; each source has its own."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, STREAMS.index(name)])))


@dataclass(frozen=True, slots=True)
class GammaNoise:
    """What a Gamma variate is made from."""

    normal: Floats  # a third of standard normals
    first: Floats  # log uniforms: minus standard exponentials
    second: Floats

    def variate(self, shape: Any, at: Any = ...) -> Floats:
        """Gamma variates of `shape`, which broadcasts with the noise at index `at`."""
        a = np.maximum(np.asarray(shape, np.float32), LEAST_SHAPE)
        d = a + np.float32(5 / 3)
        g: Floats = self.normal[at] / np.sqrt(d)
        g += np.float32(1)
        np.maximum(g, np.float32(0), out=g)
        d = d * g
        g *= g
        g *= d
        power = self.first[at] / a
        power += np.divide(self.second[at], a + np.float32(1), out=d)
        g *= np.exp(power, out=power)
        return g


@dataclass(frozen=True, slots=True, eq=False)  # one object per run, told apart by identity
class Noise:
    """All noise of a run but that of stories and weights. Draws are last, (..., draws)."""

    national: GammaNoise  # (groups, draws)
    expected: GammaNoise  # (groups, regions, draws)
    week: GammaNoise  # likewise
    alive: GammaNoise  # (regions, draws), of the exposure
    silent: GammaNoise  # likewise
    classifiers: Floats  # (tasks, regions, draws), uniform
    components: Floats  # (components, groups, regions, draws), uniform
    nothing: Floats  # (groups, regions, draws), uniform: for cells without any component


@lru_cache(maxsize=1)  # a run has one seed and one shape; 2,000 draws of 23 x 5 cells take 15 MB
def noise(seed: int, draws: int, regions: int, groups: int, components: int, tasks: int) -> Noise:
    """The noise of a run; the same arguments give the same numbers. Nobody writes into it."""
    rates, coverage = stream(seed, "rates"), stream(seed, "coverage")
    uniform = stream(seed, "components")
    cells = (groups, regions, draws)
    return Noise(
        national=_gamma(rates, (groups, draws)),
        expected=_gamma(rates, cells),
        week=_gamma(rates, cells),
        alive=_gamma(coverage, (regions, draws)),
        silent=_gamma(coverage, (regions, draws)),
        classifiers=stream(seed, "classifiers").random((tasks, regions, draws), np.float32),
        components=uniform.random((components, *cells), np.float32),
        nothing=uniform.random(cells, np.float32),
    )


def _gamma(rng: np.random.Generator, size: tuple[int, ...]) -> GammaNoise:
    return GammaNoise(
        rng.standard_normal(size, np.float32) / np.float32(3),
        -rng.standard_exponential(size, np.float32),
        -rng.standard_exponential(size, np.float32),
    )


def sixteen_bits(seed: int, draws: int, rows: int, which: int) -> NDArray[np.uint16]:
    """(rows, draws) uniform whole numbers for the stories of a week; `which` names their purpose.

    More rows begin with those of fewer, so that all weeks of a run share one block.
    """
    return _block(seed, draws, 1 << max(rows - 1, 15).bit_length(), which)[:rows]


@lru_cache(maxsize=16)
def _block(seed: int, draws: int, rows: int, which: int) -> NDArray[np.uint16]:
    generator = np.random.PCG64(np.random.SeedSequence([seed, STREAMS.index("stories"), which]))
    words = generator.random_raw(-(-rows * draws // 4))  # each word is four numbers
    drawn: NDArray[np.uint16] = words.astype("<u8", copy=False).view("<u2")[: rows * draws]
    return drawn.reshape(rows, draws)


@lru_cache(maxsize=2)
def weighted_components(
    fixed: Noise, scale_of: tuple[int, int, int, tuple[float, ...], float]
) -> Floats:
    """(components, groups, regions, draws) uniform numbers times the weights' factors, once per run."""
    return fixed.components * dirichlet_scale(*scale_of)[:, None, None, :]


@lru_cache(maxsize=64)
def dirichlet_scale(
    seed: int, draws: int, which: int, nominal: tuple[float, ...], concentration: float
) -> Floats:
    """(weights, draws): what each nominal weight is multiplied by; mean 1, and 1 where it is 0.

    `which` tells choices of weights apart: each has a stream of its own.
    """
    weights = np.array(nominal)
    used = weights > 0
    scale = np.ones((len(weights), draws), np.float32)
    if used.sum() > 1:  # a single weight has nothing to be weighed against
        mean = weights[used] / weights[used].sum()
        rng = np.random.Generator(
            np.random.PCG64(np.random.SeedSequence([seed, STREAMS.index("weights"), which]))
        )
        scale[used] = (rng.dirichlet(mean * concentration, size=draws) / mean).T
    return scale
