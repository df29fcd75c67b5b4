"""A rotation that makes fitting fast where there are far more columns than texts."""

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp

from classifiers.metrics import Floats


def in_few_dimensions(
    matrix: sp.csr_matrix, block: Floats
) -> tuple[Floats, Callable[[Floats], tuple[Floats, Floats]]]:
    """The texts in as many dimensions as there are texts, and the way back for coefficients, which are
    those of `matrix` and those of `block`, side by side.

    A rotation: inner products stay, and an L2-penalised model's coefficients lie in the texts' span, so
    what is learned is the same, some twenty times faster than among half a million columns.
    """
    gram = np.asarray((matrix @ matrix.T).todense(), float) + block @ block.T
    values, vectors = np.linalg.eigh(gram)
    kept = values > values[-1] * 1e-9
    values, vectors = np.sqrt(values[kept]), vectors[:, kept]
    basis = vectors / values

    def back(coef: Floats) -> tuple[Floats, Floats]:
        return np.asarray((matrix.T @ basis) @ coef.T).T, ((block.T @ basis) @ coef.T).T

    return vectors * values, back
