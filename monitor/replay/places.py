"""The simulated country's places, from the labels and the list of feeds as shipped. Reads two files."""

from pathlib import Path

from classifiers.reference import Reference
from monitor.feeds.config import load_feeds
from monitor.replay.world import Places, Source


def places(reference: Reference, feeds_file: Path) -> Places:
    """Units with their population, topics, and the feeds with a home region."""
    feeds = load_feeds(feeds_file, frozenset(reference.units)).feeds
    return Places(
        units=reference.units,
        population={u: reference.region[u].population or 0 for u in reference.units},
        topics=tuple(t.id for t in reference.topics),
        topics_of_group=reference.topics_of_group,
        sources=tuple(Source(f.home, f.group) for f in feeds if f.home),
    )
