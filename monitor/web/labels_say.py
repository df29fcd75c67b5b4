"""Labels, probabilities and authors in words, for the pages of articles and labels. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from classifiers.reference import Reference
from monitor.articles.diff import Change
from monitor.i18n import Translator
from monitor.search.find import Hit
from monitor.values import Claim
from monitor.web.review_page import region_name, topic_name
from monitor.web.text import Mark, Piece, extract, pieces

SHOWN_CHANGES = 12  # of one revision
SHOWN_OF_CHANGE = 160  # characters: of a text no more than its extract is shown


def label_name(task: str, label: str, reference: Reference, t: Translator) -> str:
    """A label as people call it; the id itself where nothing is known of it."""
    if task == "region":
        return region_name(label, reference, t)
    if task == "topic":
        return topic_name(label, reference, t)
    if task == "relevance":
        return t("labels.relevant" if label == "relevant" else "labels.irrelevant")
    return t.word("direction", label)


def author(claim: Claim, t: Translator) -> str:
    """Who says it."""
    if claim.author == "person":
        return claim.author_id
    return t(f"labels.by_{claim.author}", name=claim.author_id)


def found_title(hit: Hit) -> list[Piece]:
    """A headline with what was searched for marked."""
    return pieces(hit.article.title, _marks(hit.title_hits))


def found_extract(hit: Hit) -> list[Piece]:
    """The place in the text where most of what was searched for stands."""
    return extract(hit.article.text, _marks(hit.text_hits))


def places(claims: Iterable[Claim]) -> list[str]:
    """Codes of the regions where it happens."""
    return [c.label for c in claims if c.task == "region" and c.decided and c.role != "mentioned"]


def topics(claims: Iterable[Claim]) -> list[str]:
    """Ids of its topics."""
    return [c.label for c in claims if c.task == "topic" and c.decided]


def _marks(spans: Iterable[tuple[int, int]]) -> tuple[Mark, ...]:
    return tuple(Mark(start, end, "hit") for start, end in spans)


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A paragraph that changed, cut to what may be shown: (same | added | removed, text)."""

    parts: tuple[tuple[str, str], ...]


def shown_changes(changes: Sequence[Change]) -> list[ShownChange]:
    """The first changes, each cut short."""
    return [ShownChange(tuple(_cut(_parts(change)))) for change in changes[:SHOWN_CHANGES]]


def _parts(change: Change) -> list[tuple[str, str]]:
    if change.kind != "changed":
        return [(change.kind, change.after or change.before)]
    parts: list[tuple[str, str]] = [(span.kind, span.text) for span in change.spans]
    first = next((n for n, (kind, _) in enumerate(parts) if kind != "same"), 0)
    if not first:
        return parts
    # of what stands before the change its last words
    return [("same", f"… {parts[first - 1][1][-40:]}"), *parts[first:]]


def _cut(parts: list[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    left = SHOWN_OF_CHANGE
    for kind, text in parts:
        if left <= 0:
            yield "same", " …"
            return
        yield kind, text if len(text) <= left else text[:left] + " …"
        left -= len(text)


def by_person(claims: Iterable[Claim]) -> bool:
    """Whether a person has decided it."""
    return any(c.author == "person" for c in claims)
