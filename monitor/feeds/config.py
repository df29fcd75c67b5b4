"""Reads feeds.yaml: every usable entry becomes a `FeedSpec`, every mistake a `Mistake` with its line.

A broken entry stops only itself, also when it breaks the YAML syntax. Scalars are taken as they are
written, so that an unquoted 05 is the code 05 and not a number. This module does not ask whether an
address lives (the health page does), decides nothing about polling and knows no list of regions: the
caller says which unit codes exist.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from monitor.feeds.checks import CHECKS, Complaint
from monitor.values import FeedSpec, Mistake

ALAND = "91"  # outside the reform, yet a paper may be at home there

REQUIRED = ("id", "url", "title", "lang", "home", "group", "kind")
OPTIONAL = ("note", "permission")

_NULL = "tag:yaml.org,2002:null"
_ITEM = re.compile(r"( *)- ")
_ID_IN_TEXT = re.compile(r"\bid:\s*[\"']?([a-z0-9-]+)")
# libyaml is some ten times faster; where PyYAML was built without it the pure loader does the same
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class FeedsFile:
    """What a feeds.yaml says: entries in file order, mistakes in line order."""

    feeds: tuple[FeedSpec, ...]
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the file we are; makes mistakes that carry it."""

    file: str
    line: int = 1
    entry: str = ""

    def at(self, node: Node) -> "_Place":
        return replace(self, line=_line(node))

    def mistake(self, problem: str, expected: str, remedy: str) -> Mistake:
        return Mistake(self.file, self.line, self.entry, problem, expected, remedy)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A usable entry and the lines of its id and its address, for messages about repeated ones."""

    spec: FeedSpec
    id_line: int
    url_line: int


def load_feeds(path: str | Path, units: frozenset[str]) -> FeedsFile:
    """Read the feeds file at `path`.

    `units` holds the unit codes a feed may have as home; Åland's code 91 is always allowed. Never
    raises for what a person wrote: an unreadable file, too, is a mistake. Of two entries with one id
    or one address the first stays.
    """
    file = Path(path)
    text = _read(file, _Place(file.name))
    return (
        FeedsFile((), (text,)) if isinstance(text, Mistake) else read_feeds(text, file.name, units)
    )


def read_feeds(text: str, name: str, units: frozenset[str]) -> FeedsFile:
    """`load_feeds` for a text that is said to be the file `name`."""
    place = _Place(name)
    nodes, mistakes = _nodes(text, place)
    entries: list[_Entry] = []
    for node in nodes:
        entry = _entry(node, place.at(node), units | {ALAND}, mistakes)
        entries += [entry] if entry else []
    kept = _without_repeats(entries, place, mistakes)
    return FeedsFile(tuple(kept), tuple(sorted(mistakes, key=lambda m: m.line)))


def _read(file: Path, place: _Place) -> str | Mistake:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        problem = f"the file cannot be read ({error.strerror or type(error).__name__})"
        return place.mistake(problem, "a readable file", "check its name and its rights")
    except UnicodeDecodeError as error:
        here = replace(place, line=error.object[: error.start].count(b"\n") + 1)
        return here.mistake("not UTF-8", "a file in UTF-8", "save the file as UTF-8")


# --- from text to entry nodes --------------------------------------------------------------------


def _nodes(text: str, place: _Place) -> tuple[list[Node], list[Mistake]]:
    """The entries of the file as YAML nodes, and the mistakes met on the way to them."""
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        return _salvage(text, error, place)
    if not isinstance(root, MappingNode):
        remedy = "begin the file with 'feeds:' and put the entries under it"
        expected = "a key 'feeds' with a list of entries"
        return [], [place.mistake("there is no list of feeds", expected, remedy)]
    mistakes: list[Mistake] = []
    feeds = _fields(root, ("feeds",), (), place, mistakes).get("feeds")
    if isinstance(feeds, SequenceNode):
        return list(feeds.value), mistakes
    if feeds is not None:
        here = place.at(feeds)
        mistakes.append(
            here.mistake("'feeds' is not a list", "a list", "begin each entry with '- '")
        )
    return [], mistakes


def _salvage(text: str, error: yaml.YAMLError, place: _Place) -> tuple[list[Node], list[Mistake]]:
    """Read the entries one by one, because the file as a whole is not YAML.

    One lost quotation mark must not silence every other feed.
    """
    nodes: list[Node] = []
    mistakes: list[Mistake] = []
    for start, lines in _chunks(text.split("\n")):
        # leading blank lines keep the line numbers of the nodes right
        chunk = "\n" * start + "\n".join(lines) + "\n"
        try:
            part = yaml.compose(chunk, Loader=_LOADER)
            nodes += part.value if isinstance(part, SequenceNode) else []
        except yaml.YAMLError as broken:
            line = _error_line(broken, chunk, last=start + len(lines))
            named = _ID_IN_TEXT.search("\n".join(lines))
            here = replace(place, line=line, entry=named.group(1) if named else "")
            mistakes.append(here.mistake(*_syntax(broken)))
    if not mistakes:  # what is broken lies outside the entries
        line = _error_line(error, text, last=max(1, text.count("\n")))
        mistakes.append(replace(place, line=line).mistake(*_syntax(error)))
    return nodes, mistakes


def _chunks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Cut at each list item of the outermost list: 0-based first line and lines of each part."""
    matches = [(number, _ITEM.match(line)) for number, line in enumerate(lines)]
    starts = [(number, len(m.group(1))) for number, m in matches if m]
    if not starts:
        return []
    depth = starts[0][1]
    cuts = [number for number, indent in starts if indent == depth]
    ends = [*cuts[1:], len(lines)]
    return [(a, lines[a:b]) for a, b in zip(cuts, ends, strict=True)]


def _error_line(error: yaml.YAMLError, text: str, last: int) -> int:
    """1-based line to show for a syntax error in `text`, never beyond line `last`."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        line = error.problem_mark.line + 1
        if line > last and error.context_mark is not None:
            # found only at the end of the text: where the open part began helps more
            line = error.context_mark.line + 1
        return min(line, last)
    position = getattr(error, "position", 0)
    return min(text.count("\n", 0, position) + 1, last)


def _syntax(error: yaml.YAMLError) -> Complaint:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
    remedy = "check the quotation marks, brackets, commas and indentation here"
    return f"YAML syntax: {problem}", "valid YAML", remedy


# --- from nodes to entries -----------------------------------------------------------------------


def _entry(
    node: Node, place: _Place, units: frozenset[str], mistakes: list[Mistake]
) -> _Entry | None:
    """The entry, or None with its mistakes added to `mistakes`."""
    if not isinstance(node, MappingNode):
        problem, keys = "the entry is not a set of keys and values", "keys " + ", ".join(REQUIRED)
        mistakes.append(place.mistake(problem, keys, "write it as '- {id: ..., url: ..., ...}'"))
        return None
    place = replace(place, entry=_id_of(node))
    before = len(mistakes)
    fields = _fields(node, REQUIRED, OPTIONAL, place, mistakes)
    texts = _texts(fields, place, mistakes)
    home = _home(fields["home"], place, units, mistakes) if "home" in fields else ()
    if len(mistakes) > before:
        return None
    return _Entry(FeedSpec(home=home, **texts), _line(fields["id"]), _line(fields["url"]))


def _fields(
    node: MappingNode,
    required: tuple[str, ...],
    optional: tuple[str, ...],
    place: _Place,
    mistakes: list[Mistake],
) -> dict[str, Node]:
    """The values by key; unknown, repeated and missing keys are mistakes. An empty option is none."""
    fields: dict[str, Node] = {}
    for key_node, value in node.value:
        key, here = _scalar(key_node) or "", place.at(key_node)
        if key not in required + optional:
            mistakes.append(here.mistake(*_unknown_key(key, required + optional)))
        elif key in fields:
            mistakes.append(here.mistake(f"key '{key}' is given twice", "it once", "take one out"))
        elif key in required or not _is_empty(value):
            fields[key] = value
    for key in required:
        if key not in fields:
            mistakes.append(place.mistake(f"key '{key}' is missing", "it in every entry", "add it"))
    return fields


def _unknown_key(key: str, known: tuple[str, ...]) -> Complaint:
    near = get_close_matches(key, known, n=1)
    remedy = f"rename it to '{near[0]}'" if near else "take it out"
    return f"unknown key '{key}'", "one of " + ", ".join(known), remedy


def _texts(fields: Mapping[str, Node], place: _Place, mistakes: list[Mistake]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for key, check in CHECKS.items():
        if key not in fields:
            continue
        text = _scalar(fields[key]) or ""
        nothing = (f"'{key}' is empty or not a text", "a text", "write one")
        complaint = check(key, text) if text else nothing
        if complaint:
            mistakes.append(place.at(fields[key]).mistake(*complaint))
        texts[key] = text
    return texts


def _home(
    node: Node, place: _Place, units: frozenset[str], mistakes: list[Mistake]
) -> tuple[str, ...]:
    if not isinstance(node, SequenceNode):
        expected = 'a list of unit codes such as ["05"]'
        here = place.at(node)
        mistakes.append(here.mistake("'home' is not a list", expected, "write [] if national"))
        return ()
    codes: list[str] = []
    for item in node.value:
        code = _scalar(item) or ""
        complaint = _wrong_code(code, codes, units)
        if complaint:
            mistakes.append(place.at(item).mistake(*complaint))
        codes.append(code)
    return tuple(codes)


def _wrong_code(code: str, before: list[str], units: frozenset[str]) -> Complaint | None:
    if code not in units:
        remedy = "correct the code, or write [] for a national source"
        return f"unknown unit code '{code}' in 'home'", "one of " + ", ".join(sorted(units)), remedy
    if code in before:
        return f"unit code '{code}' twice in 'home'", "each code once", "take one out"
    return None


def _without_repeats(
    entries: list[_Entry], place: _Place, mistakes: list[Mistake]
) -> list[FeedSpec]:
    """Keep the first of the entries that share an id or an address."""
    kept: list[FeedSpec] = []
    ids: dict[str, _Entry] = {}
    addresses: dict[tuple[str, ...], _Entry] = {}
    for entry in entries:
        spec, address = entry.spec, _address(entry.spec.url)
        found = _repeats(entry, ids.get(spec.id), addresses.get(address), place)
        mistakes += found
        if not found:
            kept.append(spec)
            ids[spec.id] = addresses[address] = entry
    return kept


def _repeats(
    entry: _Entry, same_id: _Entry | None, same_address: _Entry | None, place: _Place
) -> list[Mistake]:
    here = replace(place, entry=entry.spec.id)
    found: list[Mistake] = []
    if same_id:
        problem = f"the id is already used on line {same_id.id_line}"
        remedy = "choose another id, or take one of the two entries out"
        found.append(replace(here, line=entry.id_line).mistake(problem, "an id of its own", remedy))
    if same_address:
        other = same_address.spec.id
        problem = f"the url is that of entry '{other}' on line {same_address.url_line}"
        expected = "each feed once (scheme and a last slash make no difference)"
        remedy = "take one of the two out; one entry may name several home units"
        found.append(replace(here, line=entry.url_line).mistake(problem, expected, remedy))
    return found


# --- small helpers -------------------------------------------------------------------------------


def _address(url: str) -> tuple[str, ...]:
    """What makes two addresses the same feed: all but scheme, last slash and fragment."""
    parts = urlsplit(url)
    port = "" if parts.port in (None, 80, 443) else str(parts.port)
    return (parts.hostname or "", port, parts.path.rstrip("/"), parts.query)


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _scalar(node: Node) -> str | None:
    """The scalar as written, or None for a list, a mapping, null and empty text."""
    if not isinstance(node, ScalarNode) or _is_empty(node):
        return None
    return str(node.value).strip()


def _is_empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and (node.tag == _NULL or not node.value.strip())


def _id_of(node: MappingNode) -> str:
    ids = [_scalar(value) for key, value in node.value if _scalar(key) == "id"]
    return (ids[0] or "") if ids else ""
