"""What the forms of the labels' pages say. Pure: fields in, values out; what is out of bounds is left out."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from classifiers.reference import NATIONAL
from monitor.db.labels import Labelled
from monitor.labelling.codebook import LANGUAGES, Guide
from monitor.review.values import Direction, Given

DIRECTIONS: tuple[Direction, ...] = ("risk", "neutral", "progress")


def text(form: Any, name: str) -> str:
    """A field without the blanks around it; "" where it is missing or a file."""
    value = form.get(name, "")
    return value.strip()[:20_000] if isinstance(value, str) else ""


def whole(form: Any, name: str) -> int:
    """A whole number; 0 where it is none."""
    value = text(form, name)
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def choices(words: Sequence[Labelled]) -> Mapping[str, list[str]]:
    """What any of them said, in order: regions with NAT of a national matter, topics, directions."""
    regions = [c for w in words for c in ((NATIONAL,) if w.given.national else w.given.regions)]
    topics = [topic for w in words for topic in w.given.topics]
    ways: list[str] = [w.given.direction for w in words if w.given.direction]
    found: dict[str, list[str]] = {"regions": regions, "topics": topics, "directions": ways}
    return {name: list(dict.fromkeys(values)) for name, values in found.items()}


def given_of(form: Any, words: Sequence[Labelled]) -> Given | None:
    """Somebody's word as it is, or a choice among what was said; None where it makes no decision."""
    chosen = whole(form, "word")
    if chosen:
        return next((w.given for w in words if w.decision_id == chosen), None)
    said = choices(words)
    regions = [code for code in form.getlist("region") if code in said["regions"]]
    way = text(form, "direction")
    relevant = text(form, "relevant") == "yes"
    if relevant and way not in DIRECTIONS:
        return None
    return Given(
        relevant=relevant,
        regions=() if NATIONAL in regions else tuple(regions),
        national=NATIONAL in regions,
        topics=tuple(x for x in form.getlist("topic") if x in said["topics"]) if relevant else (),
        direction=cast(Direction, way) if relevant else None,
    )


def guide_of(form: Any) -> Guide:
    """A codebook entry as it was typed: examples one a line."""
    return {
        code: {
            "definition": text(form, f"{code}-definition"),
            "include": text(form, f"{code}-include").splitlines(),
            "exclude": text(form, f"{code}-exclude").splitlines(),
        }
        for code in LANGUAGES
    }
