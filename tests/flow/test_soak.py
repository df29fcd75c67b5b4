"""A small soak: the ledger names the outages of three simulated weeks and little else."""

import pytest

from bench.soak import named, run, tally


@pytest.mark.slow
def test_the_ledger_names_every_outage_and_little_else() -> None:
    played = run(seed=4, weeks=3, n=7)
    assert len(played.outages) >= 8
    assert {o.kind for o in played.outages} >= {"down", "silent", "teaser", "worker"}
    assert [o for o in played.outages if not named(o, played.days)] == []
    counts = tally(played)
    assert counts.days == 7 * 21
    assert counts.false <= 0.02 * counts.days, counts.kinds
