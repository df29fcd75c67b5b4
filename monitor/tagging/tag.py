"""Turns what the classifiers say of an article into claims. Pure: values in, values out."""

from collections.abc import Iterable, Mapping

from classifiers.values import LabelTag, RegionTag, Span, Tags, Text
from monitor.values import Article, Author, Claim, Evidence, Role, Task

LANGUAGES = ("fi", "sv", "und")  # a headline too short to tell is read as Finnish
RESCUE_KIND = "rescue"  # feeds of the rescue services' alarm notices
RESCUE_RULE = "rescue notice place"

# Characters. A long read has 20 000; a page of more is a list or an attack, and tagging must stay bounded.
LONGEST_TITLE = 500
LONGEST_TEXT = 30_000


def text_of(article: Article) -> Text:
    """The article as the classifiers see it, cut where it is longer than any article."""
    title, text = article.title[:LONGEST_TITLE], article.text[:LONGEST_TEXT]
    return Text(str(article.id), title, text, article.language, article.feed_home)


def readable(article: Article) -> bool:
    """Whether the classifiers know the article's language."""
    return article.language in LANGUAGES


def claims_of(
    article: Article,
    tags: Tags,
    versions: Mapping[str, str],
    issued_for: tuple[str, ...] = (),
) -> tuple[Claim, ...]:
    """One claim per label said, relevance first (`monitor.tagging.standing` counts on it).

    `versions` is task -> model version. `issued_for` are the regions a rescue notice names as its
    place: the issuer knows where it was, so they outrank what the model read.
    """
    said = [
        _label(article, "relevance", tags.relevance, versions),
        *(_region(article, tag, "model", versions["region"]) for tag in tags.regions),
        *(_label(article, "topic", tag, versions) for tag in tags.topics),
        *(_label(article, "direction", tag, versions) for tag in tags.direction),
    ]
    return (*said, *_issuer_claims(article, tags.regions, issued_for))


def _label(article: Article, task: Task, tag: LabelTag, versions: Mapping[str, str]) -> Claim:
    return Claim(
        article_id=article.id,
        content_hash=article.content_hash,
        task=task,
        label=tag.label,
        probability=tag.probability,
        decided=tag.decided,
        author="model",
        author_id=versions[task],
        evidence=_evidence(article, tag.spans),
    )


def _region(article: Article, tag: RegionTag, author: Author, author_id: str) -> Claim:
    return Claim(
        article_id=article.id,
        content_hash=article.content_hash,
        task="region",
        label=tag.code,
        probability=tag.happens,
        decided=tag.decided,
        author=author,
        author_id=author_id,
        role=tag.role,
        evidence=_evidence(article, tag.spans),
    )


def _issuer_claims(
    article: Article, tags: Iterable[RegionTag], issued_for: tuple[str, ...]
) -> tuple[Claim, ...]:
    """The rule's word on every region in question: those named as the place, and not the others."""
    if not issued_for:
        return ()
    others = [tag.code for tag in tags if tag.code not in issued_for]
    place = Span("title", 0, len(article.title.split(",")[0]), RESCUE_RULE)
    return (
        *(_ruled(article, code, "happens", place) for code in issued_for),
        *(_ruled(article, code, "mentioned", place) for code in others),
    )


def _ruled(article: Article, code: str, role: Role, place: Span) -> Claim:
    here = role == "happens"
    tag = RegionTag(code, 1.0 if here else 0.0, here, role, (place,) if here else ())
    return _region(article, tag, "rule", RESCUE_RULE)


def _evidence(article: Article, spans: Iterable[Span]) -> tuple[Evidence, ...]:
    fields = {"title": article.title, "text": article.text}
    return tuple(
        Evidence(s.field, s.start, s.end, fields[s.field][s.start : s.end], s.why, s.weight)
        for s in spans
    )
