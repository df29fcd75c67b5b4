"""The keys of the review: which action each stands for, and whether a person's own choice is clear. Pure."""

from collections.abc import Mapping

# In the order they are shown. One character each; digits pick, Enter, Escape and Tab keep their meaning.
STANDARD: dict[str, str] = {
    "confirm": "a",
    "irrelevant": "x",
    "direction": "d",
    "topics": "t",
    "regions": "r",
    "note": "n",
    "undo": "u",
    "skip": "s",
    "next": "j",
    "previous": "k",
    "discuss": "c",
    "mine": "m",
    "original": "o",
    "conflict": "w",
    "search": "/",
    "go": "g",
    "help": "?",
}
BAR = (
    "confirm", "irrelevant", "direction", "topics", "regions", "undo", "skip", "next", "previous",
)  # fmt: skip
# After the go key, by the menu's names: letters that no language changes.
PAGES: dict[str, str] = {
    "overview": "o",
    "queue": "q",
    "regions": "r",
    "alerts": "a",
    "feeds": "f",
    "readiness": "v",
    "models": "m",
    "summary": "s",
    "method": "e",
}


def problems(given: Mapping[str, str]) -> dict[str, str]:
    """Action -> what is wrong with its key: not_one, reserved or twice; {} where all is clear."""
    found: dict[str, str] = {}
    for action in STANDARD:
        key = given.get(action, "")
        if len(key) != 1:
            found[action] = "not_one"
        elif key.isdigit() or key.isspace() or not key.isprintable():
            found[action] = "reserved"
        elif sum(given.get(other, "").lower() == key.lower() for other in STANDARD) > 1:
            found[action] = "twice"
    return found


def in_force(own: Mapping[str, str] | None) -> dict[str, str]:
    """A person's keys; the standard ones where they chose none, or where theirs no longer fit."""
    if own is None:
        return dict(STANDARD)
    keys = {action: own.get(action, standard).lower() for action, standard in STANDARD.items()}
    return dict(STANDARD) if problems(keys) else keys
