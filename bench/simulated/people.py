"""What invented people decided of the flags of an invented year, and their accounts."""

import json
from datetime import timedelta

from bench.simulated.bulk import Filler, instant
from bench.simulated.year import Year
from monitor.db import tables as t

REVIEWERS = ("aino", "börje", "cecilia", "daavid", "eeva")
_CLAIM = "article_id content_hash task label probability decided author author_id role evidence at"


def decide(year: Year, to: Filler) -> None:
    """The claims of people on every flagged article that is decided, a day after it was published."""
    rng = year.rng
    rows = []
    for flagged in year.flagged:
        if not flagged.decided:
            continue
        who, at = rng.choice(REVIEWERS), instant(flagged.published + timedelta(days=1))
        relevant = rng.random() < 0.8
        said: list[tuple[str, str, bool, str | None]] = [("relevance", "relevant", relevant, None)]
        if relevant:
            said.append(("region", flagged.region, True, "happens"))
            said.append(("topic", flagged.topic, True, None))
            said.append(("direction", "risk", rng.random() < 0.7, None))
        rows += [
            (flagged.article, flagged.content_hash, task, label, float(yes), yes, "person", who, role, "[]", at)
            for task, label, yes, role in said
        ]  # fmt: skip
    to.rows(t.ClaimRow, _CLAIM, rows)
    audit = ((r[10], r[7], "decide", f"article:{r[0]}", json.dumps({"task": r[2]})) for r in rows)
    to.rows(t.AuditRow, "at who action subject after", audit)
