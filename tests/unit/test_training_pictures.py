"""The pictures of a version show the counts they were drawn from, and are well-formed."""

import re
from xml.etree import ElementTree

import numpy as np

from monitor.training.pictures import NONE, confusion, reliability

SVG = "{http://www.w3.org/2000/svg}"


def _words(picture: str) -> list[str]:
    return [t.text or "" for t in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_reliability_shows_what_was_given_and_what_holds() -> None:
    p = np.repeat([[0.1], [0.9]], 50, axis=0)
    truth = np.arange(100)[:, None] % 10 == 0
    truth[50:] = ~truth[50:]  # a tenth of the first half, nine tenths of the second
    picture = reliability("relevance", truth, p, np.ones(p.shape))
    said = re.findall(r"given ([\d.]+), holds ([\d.]+), n (\d+)", picture)
    assert {tuple(map(float, row)) for row in said} == {(0.1, 0.1, 10), (0.9, 0.9, 10)}
    ElementTree.fromstring(picture)


def test_labels_that_were_no_candidates_are_left_out() -> None:
    p = np.array([[0.5, 0.0], [0.5, 0.0]])
    picture = reliability("region", np.array([[True, False]] * 2), p, np.ones(p.shape))
    assert "2 judgements" in _words(picture)[0]


def test_confusion_counts_hits_misses_and_mistakes() -> None:
    truth = np.array([[1, 0], [1, 0], [1, 0], [0, 1], [0, 0]], bool)
    said = np.array([[1, 0], [0, 1], [0, 0], [0, 1], [1, 0]], bool)
    picture = confusion("topic", ("finance & co", "rescue"), truth, said)
    names, numbers = _words(picture)[1:7], _words(picture)[7:]
    assert names == ["finance & co"] * 2 + ["rescue"] * 2 + [NONE] * 2
    # finance: one hit, one taken for rescue, one missed; rescue: one hit; finance said of nothing
    assert numbers == ["1"] * 5
    assert picture == confusion("topic", ("finance & co", "rescue"), truth, said)


def test_nothing_to_show_is_an_empty_picture() -> None:
    none = np.zeros((0, 2), bool)
    assert "judgements" in reliability("topic", none, none.astype(float), none.astype(float))
    assert confusion("topic", ("a", "b"), none, none).endswith("</svg>\n")
