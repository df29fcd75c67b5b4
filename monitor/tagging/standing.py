"""Which of the claims on an article are in force. Pure: values in, values out."""

from collections.abc import Mapping, Sequence

from monitor.values import Author, Claim, Task

RANK: dict[Author, int] = {"model": 0, "rule": 1, "person": 2}
EXCLUSIVE: tuple[Task, ...] = ("relevance", "direction")  # one answer holds, not one per label


def in_force(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """The claims that count, of one article's in the order they were made.

    A person outranks a rule, a rule outranks a model; of equals the later counts. Of the machine's
    claims only its last tagging counts, and every tagging begins with its relevance claim: so a topic
    that the newer models no longer see is not left over. A person's claim stays in force when the
    article is revised or tagged anew. Relevance and direction are outranked whole, because one answer
    excludes the others; regions and topics label by label.
    """
    best: dict[tuple[Task, str], Claim] = {}
    for claim in _last_words(claims):
        key = (claim.task, "" if claim.task in EXCLUSIVE else claim.label)
        if key not in best or RANK[claim.author] >= RANK[best[key].author]:
            best[key] = claim
    return tuple(c for c in _last_words(claims) if _stands(c, best))


def _last_words(claims: Sequence[Claim]) -> list[Claim]:
    starts = [i for i, c in enumerate(claims) if c.author == "model" and c.task == "relevance"]
    last = starts[-1] if starts else 0
    return [c for i, c in enumerate(claims) if i >= last or c.author == "person"]


def _stands(claim: Claim, best: Mapping[tuple[Task, str], Claim]) -> bool:
    if claim.task not in EXCLUSIVE:
        return best[claim.task, claim.label] is claim
    winner = best[claim.task, ""]
    if winner.author == "person":
        return winner is claim  # a later answer of a person replaces the earlier
    return claim.author == winner.author
