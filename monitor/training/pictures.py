"""Two pictures of a version, from what it said of texts it had not seen: whether its probabilities can be
believed (reliability diagram), and what it takes for what (confusion). Values in, SVG text out; the same text
for the same values.
"""

from collections import Counter
from collections.abc import Sequence
from html import escape

import numpy as np

from classifiers.metrics import Bools, Floats

RELIABILITY, CONFUSION = "reliability.svg", "confusion.svg"
BINS = 10
NONE = "(none)"
_SIDE, _PAD = 320, 48  # of the diagram, pixels
_CELL, _NAMES = 30, 170  # of the confusion
_INK, _PALE = "#1b3a57", "#b9c4ce"


def reliability(task: str, truth: Bools, probabilities: Floats, weights: Floats) -> str:
    """Share that holds against the probability given, over `BINS` bins of equal count.

    Arrays are (texts, labels). Labels that were no candidate at all (probability 0) are left out.
    """
    asked = probabilities > 0
    p, hit, weight = probabilities[asked], truth[asked], weights[asked]
    order = np.argsort(p, kind="stable")
    points = []
    for part in np.array_split(order, BINS):
        if len(part) and weight[part].sum():
            mean = float(np.average(p[part], weights=weight[part]))
            points.append((mean, float(np.average(hit[part], weights=weight[part])), len(part)))
    body = [
        _line(0, 0, 1, 1, _PALE),
        _line(0, 0, 1, 0, _INK),
        _line(0, 0, 0, 1, _INK),
        *(_text(_x(v), _y(0) + 16, f"{v:.1f}", "middle") for v in (0.0, 0.5, 1.0)),
        *(_text(_x(0) - 6, _y(v) + 4, f"{v:.1f}", "end") for v in (0.0, 0.5, 1.0)),
        *(_point(mean, share, n) for mean, share, n in points),
        _text(_x(0.5), _y(0) + 34, "probability given", "middle"),
        _text(_x(0), _y(1) - 10, "share that holds", "start"),
    ]
    size = _SIDE + 2 * _PAD
    return _svg(size, size, f"{task}: reliability on {int(asked.sum())} judgements", body)


def confusion(task: str, labels: Sequence[str], truth: Bools, decided: Bools) -> str:
    """Labels that hold (rows) against labels decided (columns), in texts.

    The diagonal is hits. Elsewhere: the row's label was missed where the column's was wrongly said. "none"
    is a label missed where nothing was wrongly said, or wrongly said where nothing was missed.
    """
    counts = _confused(truth, decided)
    names = [*labels, NONE]
    most = max(counts.values(), default=1)
    body = []
    for i, name in enumerate(names):
        at = _NAMES + i * _CELL
        body.append(_text(_NAMES - 6, at + 20, name, "end"))
        body.append(
            f'<text transform="translate({at + 20} {_NAMES - 6}) rotate(-90)">{escape(name)}</text>'
        )
    for (row, column), n in sorted(counts.items()):
        x, y = _NAMES + column * _CELL, _NAMES + row * _CELL
        colour = "#2c7a4b" if row == column else "#b3402a"
        shade = 0.12 + 0.5 * (n / most) ** 0.5  # the number stays readable
        body.append(
            f'<rect x="{x}" y="{y}" width="{_CELL - 1}" height="{_CELL - 1}" fill="{colour}" '
            f'fill-opacity="{shade:.2f}"/>'
        )
        body.append(_text(x + 15, y + 20, str(n), "middle"))
    size = _NAMES + len(names) * _CELL + 10
    return _svg(size, size, f"{task}: labels that hold (rows), labels said (columns)", body)


def _confused(truth: Bools, decided: Bools) -> Counter[tuple[int, int]]:
    none = truth.shape[1]
    counts: Counter[tuple[int, int]] = Counter()
    for holds, said in zip(truth, decided, strict=True):
        counts.update((int(j), int(j)) for j in np.flatnonzero(holds & said))
        missed = np.flatnonzero(holds & ~said).tolist()
        wrong = np.flatnonzero(said & ~holds).tolist()
        if missed or wrong:
            counts.update((i, j) for i in missed or [none] for j in wrong or [none])
    return counts


def _svg(width: int, height: int, title: str, body: Sequence[str]) -> str:
    inner = "\n".join(body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family="sans-serif" font-size="11" fill="{_INK}">\n'
        f'<title>{escape(title)}</title>\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
        f"{_text(8, 16, title, 'start')}\n{inner}\n</svg>\n"
    )


def _x(value: float) -> float:
    return round(_PAD + value * _SIDE, 1)


def _y(value: float) -> float:
    return round(_PAD + (1 - value) * _SIDE, 1)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<path d="M{_x(x1)} {_y(y1)}L{_x(x2)} {_y(y2)}" stroke="{colour}"/>'


def _point(mean: float, share: float, n: int) -> str:
    words = f"given {mean:.2f}, holds {share:.2f}, n {n}"
    return f'<circle cx="{_x(mean)}" cy="{_y(share)}" r="4"><title>{words}</title></circle>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
