"""The arithmetic behind the figures we state: counted by hand on a few items."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bench import real_sample
from bench.ablation import GROUPS, subset
from bench.classifiers import between_languages, measured, table
from bench.measures.figures import MEASURES, MORE, calibration, figure, gap, mean_gap
from bench.measures.items import Item, Row
from bench.measures.learn import COLUMNS
from classifiers.values import Text

BY_NAME = {m.name: m for m in (*MEASURES, *MORE)}


def item(n: int, said: bool = True, **gold: Any) -> Item:
    """A relevant item on finance in 19, as the models say if `said`."""
    labels: dict[str, Any] = {
        "rel": True, "reg": ["19"], "reg_maybe": [], "top": ["finance"], "top_maybe": [],
        "main": "finance", "dir": "risk", **gold,
    }  # fmt: skip
    return Item(
        row=Row(Text(f"t{n}", "Otsikko", "", "fi"), f"g{n}", labels),
        relevant=said,
        relevance=0.9 if said else 0.1,
        regions={"19": 0.9, "91": 0.2},
        regions_decided=frozenset(("19", "91")) if said else frozenset(("05",)),
        topics={"finance": 0.8 if said else 0.2, "rescue": 0.5},
        topics_decided=frozenset(("finance",) if said else ("rescue",)),
        direction={"risk": 0.8, "neutral": 0.1, "progress": 0.1},
        direction_decided="risk" if said else "neutral",
    )


def value(name: str, items: list[Item]) -> float:
    found = figure(BY_NAME[name], items)
    assert found is not None
    assert found.low <= found.value <= found.high
    return found.value


def test_figures_are_those_counted_by_hand() -> None:
    items = [item(n, said=n > 0) for n in range(6)]
    assert value("relevance F1", items) == pytest.approx(2 * 5 / (2 * 5 + 1))
    # Of Åland (91) nothing is asked: five hits, one wrong region, one missed.
    assert value("region micro F1", items) == pytest.approx(10 / 12)
    assert value("main topic accuracy", items) == pytest.approx(5 / 6)
    # risk: five hits, one missed; neutral: one wrong; progress is neither said nor true.
    assert value("direction macro F1", items) == pytest.approx((10 / 11 + 0) / 2)
    assert value("topic micro F1", items) == pytest.approx(10 / 12)
    assert value("topic micro F1, end to end", items) == pytest.approx(10 / 11)


def test_what_one_annotator_gave_counts_neither_way() -> None:
    items = [item(n, top=[], top_maybe=["finance"], reg_maybe=["05"]) for n in range(5)]
    assert value("topic micro F1", [*items, item(6)]) == 1.0
    assert calibration("topic", [*items, item(6)]) is not None


def test_few_items_have_no_figure() -> None:
    items = [item(n) for n in range(4)]
    assert all(figure(m, items) is None for m in MEASURES)
    assert gap(MEASURES[0], items, items) is None
    assert [c.text for c in measured(items)][:5] == ["too few"] * 5
    assert {c.met for c in (*measured(items), *between_languages(items))} <= {None, True, False}


def test_a_difference_is_noise_until_it_is_not() -> None:
    right, wrong = [item(n) for n in range(30)], [item(n, said=False) for n in range(30)]
    measure = BY_NAME["region micro F1"]
    same = gap(measure, right, right)
    assert same is not None
    assert (same.value, same.low, same.high, same.verdict) == (0, 0, 0, "noise")
    lost = gap(measure, right, wrong)
    assert lost is not None
    assert (lost.value, lost.verdict) == (-1, "worse")
    one = gap(measure, right, [wrong[0], *right[1:]])
    assert one is not None
    assert one.verdict == "noise"
    mean = mean_gap(measure, [(right, right), (right, wrong)])
    assert mean is not None
    assert mean.value == pytest.approx(-0.5)


def test_bars_are_marked() -> None:
    good = {c.name: c for c in measured([item(n) for n in range(6)])}
    assert good["relevance F1"].met
    assert good["lowest region recall"].met
    assert good["lowest region recall"].text == "1.00 (19, n 6)"
    assert good["topic micro F1, end to end"].met is None
    silent = [replace(item(n), relevant=False, regions_decided=frozenset()) for n in range(6)]
    bad = {c.name: c for c in measured(silent)}
    assert bad["relevance F1"].met is False
    assert bad["lowest region recall"].met is False
    lines = list(table({"good": list(good.values()), "bad": list(bad.values())}))
    assert len({line.count("|") for line in lines}) == 1
    assert "| relevance F1 | 0.88 |" in lines[2]
    assert lines[2].count("missed") == 1


def test_subsets_are_whole_stories_and_grow_into_each_other() -> None:
    stories = [f"s{i // 3}" for i in range(60)]
    small, large = subset(stories, 10, seed=1), subset(stories, 30, seed=1)
    assert 10 <= len(small) <= 12
    assert set(small) <= set(large)
    assert len(subset(stories, 99, seed=1)) == 60
    for chosen in (small, large):
        inside = {stories[i] for i in chosen}
        assert np.all([stories[i] not in inside for i in set(range(60)) - set(chosen.tolist())])


def test_every_group_of_region_features_has_some() -> None:
    for words in GROUPS.values():
        assert any(word in column for word in words for column in COLUMNS)


def test_fifths_are_of_groups_and_do_not_move() -> None:
    assert {real_sample.fifth(f"group {n}") for n in range(100)} == set(range(5))
    assert [real_sample.fifth(f"group {n}") for n in range(6)] == [1, 1, 4, 1, 2, 1]
    assert real_sample.held_out("group 10")
    assert not real_sample.held_out("group 0")
