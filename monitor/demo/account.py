"""Words for what a demo did: counts of each stage that add up, this run beside the whole store."""

from collections.abc import Iterable, Mapping

from monitor.db.tally import Tally, discrepancies
from monitor.demo.play import Played
from monitor.values import Stage


def account(played: Played) -> str:
    """Lines for people: one stage each, `this run` and `in the store`."""
    before, after = played.before, played.after
    rows = [
        ("feeds", after.feeds - before.feeds, after.feeds, "in the list"),
        *_polls(before, after),
        *_stage("entries", Stage.INGEST, before, after),
        ("articles", after.articles - before.articles, after.articles, "one per address"),
        *_stage("articles", Stage.STORY, before, after),
        ("stories", after.stories - before.stories, after.stories, "articles on one event"),
        *_stage("tagged", Stage.TAG, before, after),
        ("claims", after.claims - before.claims, after.claims, "with the characters they rest on"),
        *_stage("flag check", Stage.FLAG, before, after),
        ("readiness", after.readiness_rows - before.readiness_rows, after.readiness_rows, "rows"),
        ("scores", after.scores - before.scores, after.scores, "weeks x units x (5 groups + all)"),
        ("alerts", after.alerts - before.alerts, after.alerts, ""),
        ("summaries", after.summaries - before.summaries, after.summaries, ""),
    ]
    lines = [f"{'':12} {'this run':>9} {'in store':>9}"]
    lines += [f"{name:12} {new:>9} {total:>9}  {note}".rstrip() for name, new, total, note in rows]
    return "\n".join(lines)


def _polls(before: Tally, after: Tally) -> list[tuple[str, int, int, str]]:
    return [
        (
            "polls",
            sum(after.polls.values()) - sum(before.polls.values()),
            sum(after.polls.values()),
            _parts(after.polls),
        ),
        (
            "items read",
            after.items_total - before.items_total,
            after.items_total,
            _parts(after.items),
        ),
    ]


def _stage(name: str, stage: Stage, before: Tally, after: Tally) -> list[tuple[str, int, int, str]]:
    old, new = before.stages[stage], after.stages[stage]
    return [(name, sum(new.values()) - sum(old.values()), sum(new.values()), _parts(new))]


def _parts(counts: Mapping[str, int]) -> str:
    return (
        "= " + " + ".join(f"{n} {outcome}" for outcome, n in sorted(counts.items()))
        if counts
        else ""
    )


def complaints(after: Tally) -> tuple[str, ...]:
    """Why this play is not a success: a stage produced nothing, or counts do not add up."""
    return (*_empty_stages(after), *discrepancies(after))


def _empty_stages(after: Tally) -> Iterable[str]:
    produced = {
        "polling": sum(after.polls.values()),
        "reading feeds": after.entries,
        "extracting": after.articles,
        "grouping stories": after.stories,
        "tagging": after.stages[Stage.TAG].get("relevant", 0),
        "flagging": after.flags,
        "readiness data": after.readiness_rows,
        "scoring": after.scores,
        "the weekly summary": after.summaries,
    }
    return (f"{stage} produced nothing" for stage, n in produced.items() if n == 0)
