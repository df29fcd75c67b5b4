"""Reads feeds.yaml: every usable entry becomes a `FeedSpec`, every mistake a `Mistake` with its line.

A broken entry stops only itself, also when it breaks the YAML syntax. Scalars are taken as they are
written, so that an unquoted 05 is the code 05 and not a number. This module does not ask whether an
address lives (the health page does), decides nothing about polling and knows no list of regions: the
caller says which unit codes exist.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from monitor.values import FeedSpec, Mistake

LANGS = ("fi", "sv", "en", "se")
MEDIA = ("broadcaster", "daily", "weekly", "wire", "party", "magazine")
OFFICIAL = ("ministry", "agency", "region", "municipality", "rescue")
KINDS = MEDIA + OFFICIAL
ALAND = "91"  # outside the reform, yet a paper may be at home there

REQUIRED = ("id", "url", "title", "lang", "home", "group", "kind")
OPTIONAL = ("note",)

_NULL = "tag:yaml.org,2002:null"
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
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
class _Complaint:
    """What is wrong with one value, without saying where."""

    problem: str
    expected: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the file we are; makes mistakes that carry it."""

    file: str
    line: int = 1
    entry: str = ""

    def at(self, node: Node) -> "_Place":
        return replace(self, line=_line(node))

    def mistake(self, complaint: _Complaint) -> Mistake:
        c = complaint
        return Mistake(self.file, self.line, self.entry, c.problem, c.expected, c.remedy)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A usable entry and the lines of its id and its address, for messages about repeated ones."""

    spec: FeedSpec
    id_line: int
    url_line: int


@dataclass(frozen=True, slots=True)
class _Items:
    """The nodes of the feed list and the mistakes met while finding them."""

    nodes: tuple[Node, ...]
    mistakes: tuple[Mistake, ...] = ()


def load_feeds(path: str | Path, units: frozenset[str]) -> FeedsFile:
    """Read the feeds file at `path`.

    `units` holds the unit codes a feed may have as home; Åland's code 91 is always allowed. Never
    raises for what a person wrote: an unreadable file, too, is a mistake. Of two entries with one id
    or one address the first stays.
    """
    file = Path(path)
    place = _Place(file.name)
    text = _read(file)
    if isinstance(text, _Complaint):
        return FeedsFile((), (place.mistake(text),))
    items = _items(text, place)
    entries, mistakes = _entries(items.nodes, place, units | {ALAND})
    kept, repeated = _without_repeats(entries, place)
    found = sorted([*items.mistakes, *mistakes, *repeated], key=lambda m: m.line)
    return FeedsFile(tuple(e.spec for e in kept), tuple(found))


def _read(file: Path) -> str | _Complaint:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return _Complaint(
            f"the file cannot be read ({reason})",
            "a readable file",
            "check its name and its rights",
        )
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return _Complaint(f"line {line} is not UTF-8", "a file in UTF-8", "save the file as UTF-8")


# --- from text to entry nodes --------------------------------------------------------------------


def _items(text: str, place: _Place) -> _Items:
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        return _salvage(text, error, place)
    return _listed(root, place)


def _listed(root: Node | None, place: _Place) -> _Items:
    if not isinstance(root, MappingNode):
        complaint = _Complaint(
            "there is no list of feeds",
            "a key 'feeds' with a list of entries",
            "begin the file with 'feeds:' and put the entries under it",
        )
        return _Items((), (place.mistake(complaint),))
    fields, mistakes = _fields(root, ("feeds",), place)
    feeds = fields.get("feeds")
    if feeds is not None and not isinstance(feeds, SequenceNode):
        complaint = _Complaint("'feeds' is not a list", "a list of entries", "begin each with '- '")
        mistakes.append(place.at(feeds).mistake(complaint))
    nodes = tuple(feeds.value) if isinstance(feeds, SequenceNode) else ()
    return _Items(nodes, tuple(mistakes))


def _salvage(text: str, error: yaml.YAMLError, place: _Place) -> _Items:
    """Read the entries one by one, because the file as a whole is not YAML.

    One lost quotation mark must not silence every other feed.
    """
    nodes: list[Node] = []
    mistakes: list[Mistake] = []
    for start, lines in _chunks(text.splitlines()):
        # leading blank lines keep the line numbers of the nodes right
        chunk = "\n" * start + "\n".join(lines) + "\n"
        try:
            nodes += _sequence(yaml.compose(chunk, Loader=_LOADER))
        except yaml.YAMLError as broken:
            line = _error_line(broken, chunk, last=start + len(lines))
            named = _ID_IN_TEXT.search("\n".join(lines))
            here = replace(place, line=line, entry=named.group(1) if named else "")
            mistakes.append(here.mistake(_syntax(broken)))
    if not mistakes:  # what is broken lies outside the entries
        line = _error_line(error, text, last=max(1, text.count("\n")))
        mistakes.append(replace(place, line=line).mistake(_syntax(error)))
    return _Items(tuple(nodes), tuple(mistakes))


def _sequence(node: Node | None) -> list[Node]:
    return list(node.value) if isinstance(node, SequenceNode) else []


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


def _syntax(error: yaml.YAMLError) -> _Complaint:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
    return _Complaint(
        f"YAML syntax: {problem}",
        "valid YAML",
        "check the quotation marks, brackets, commas and indentation here",
    )


# --- from nodes to entries -----------------------------------------------------------------------


def _entries(
    nodes: Iterable[Node], place: _Place, units: frozenset[str]
) -> tuple[list[_Entry], list[Mistake]]:
    entries: list[_Entry] = []
    mistakes: list[Mistake] = []
    for node in nodes:
        entry = _entry(node, place.at(node), units)
        if isinstance(entry, _Entry):
            entries.append(entry)
        else:
            mistakes += entry
    return entries, mistakes


def _entry(node: Node, place: _Place, units: frozenset[str]) -> _Entry | list[Mistake]:
    if not isinstance(node, MappingNode):
        complaint = _Complaint(
            "the entry is not a set of keys and values",
            "keys " + ", ".join(REQUIRED),
            "write it as '- {id: ..., url: ..., ...}'",
        )
        return [place.mistake(complaint)]
    place = replace(place, entry=_id_of(node))
    fields, mistakes = _fields(node, REQUIRED, place, OPTIONAL)
    texts = _texts(fields, place, mistakes)
    home = _home(fields["home"], place, units, mistakes) if "home" in fields else ()
    if mistakes:
        return mistakes
    spec = FeedSpec(home=home, **texts)
    return _Entry(spec, _line(fields["id"]), _line(fields["url"]))


def _fields(
    node: MappingNode, required: tuple[str, ...], place: _Place, optional: tuple[str, ...] = ()
) -> tuple[dict[str, Node], list[Mistake]]:
    """The values by key; unknown, repeated and missing keys are mistakes. An empty option is none."""
    fields: dict[str, Node] = {}
    mistakes: list[Mistake] = []
    for key_node, value in node.value:
        key = _scalar(key_node) or ""
        if key not in required + optional:
            mistakes.append(place.at(key_node).mistake(_unknown_key(key, required + optional)))
        elif key in fields:
            complaint = _Complaint(f"key '{key}' is given twice", "each key once", "take one out")
            mistakes.append(place.at(key_node).mistake(complaint))
        elif key in required or _scalar(value) is not None:
            fields[key] = value
    for key in required:
        if key not in fields:
            complaint = _Complaint(f"key '{key}' is missing", f"a value for '{key}'", "add it")
            mistakes.append(place.mistake(complaint))
    return fields, mistakes


def _unknown_key(key: str, known: tuple[str, ...]) -> _Complaint:
    near = get_close_matches(key, known, n=1)
    remedy = f"rename it to '{near[0]}'" if near else "take it out"
    return _Complaint(f"unknown key '{key}'", "one of " + ", ".join(known), remedy)


def _texts(fields: Mapping[str, Node], place: _Place, mistakes: list[Mistake]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for key, check in _CHECKS.items():
        if key not in fields:
            continue
        text = _scalar(fields[key])
        complaint = _Complaint(f"'{key}' is empty or not a text", "a text", "write one")
        found = check(key, text) if text else complaint
        if found:
            mistakes.append(place.at(fields[key]).mistake(found))
        elif text:
            texts[key] = text
    return texts


def _home(
    node: Node, place: _Place, units: frozenset[str], mistakes: list[Mistake]
) -> tuple[str, ...]:
    if not isinstance(node, SequenceNode):
        complaint = _Complaint(
            "'home' is not a list", 'a list of unit codes such as ["05"]', "write [] if national"
        )
        mistakes.append(place.at(node).mistake(complaint))
        return ()
    codes: list[str] = []
    for item in node.value:
        code = _scalar(item) or ""
        complaint_of = _wrong_code(code, codes, units)
        if complaint_of:
            mistakes.append(place.at(item).mistake(complaint_of))
        codes.append(code)
    return tuple(codes)


def _wrong_code(code: str, before: list[str], units: frozenset[str]) -> _Complaint | None:
    if code not in units:
        return _Complaint(
            f"unknown unit code '{code}' in 'home'",
            "one of " + ", ".join(sorted(units)),
            "correct the code, or write [] for a national source",
        )
    if code in before:
        return _Complaint(f"unit code '{code}' twice in 'home'", "each code once", "take one out")
    return None


def _without_repeats(entries: list[_Entry], place: _Place) -> tuple[list[_Entry], list[Mistake]]:
    """Keep the first of the entries that share an id or an address."""
    kept: list[_Entry] = []
    mistakes: list[Mistake] = []
    ids: dict[str, _Entry] = {}
    addresses: dict[tuple[str, ...], _Entry] = {}
    for entry in entries:
        address = _address(entry.spec.url)
        found = _repeats(entry, ids.get(entry.spec.id), addresses.get(address), place)
        mistakes += found
        if not found:
            kept.append(entry)
            ids[entry.spec.id] = addresses[address] = entry
    return kept, mistakes


def _repeats(
    entry: _Entry, same_id: _Entry | None, same_address: _Entry | None, place: _Place
) -> list[Mistake]:
    here = replace(place, entry=entry.spec.id)
    found: list[Mistake] = []
    if same_id:
        complaint = _Complaint(
            f"the id is already used on line {same_id.id_line}",
            "an id of its own",
            "choose another id, or take one of the two entries out",
        )
        found.append(replace(here, line=entry.id_line).mistake(complaint))
    if same_address:
        complaint = _Complaint(
            f"the url is that of entry '{same_address.spec.id}' on line {same_address.url_line}",
            "each feed once (scheme and a last slash make no difference)",
            "take one of the two entries out; one entry may name several home units",
        )
        found.append(replace(here, line=entry.url_line).mistake(complaint))
    return found


# --- checks of single values ---------------------------------------------------------------------


def _check_any(_key: str, _text: str) -> _Complaint | None:
    return None


def _check_slug(key: str, text: str) -> _Complaint | None:
    if _SLUG.fullmatch(text):
        return None
    return _Complaint(
        f"bad {key} '{text}'",
        "small letters a-z, digits and single hyphens",
        "write it like 'yle-pirkanmaa'",
    )


def _check_choice(choices: tuple[str, ...], key: str, text: str) -> _Complaint | None:
    if text in choices:
        return None
    near = get_close_matches(text, choices, n=1)
    remedy = f"write '{near[0]}'" if near else "choose one of them"
    return _Complaint(f"unknown {key} '{text}'", "one of " + ", ".join(choices), remedy)


def _check_url(_key: str, text: str) -> _Complaint | None:
    if _is_web_address(text):
        return None
    return _Complaint(
        f"bad url '{text}'",
        "an http or https address with a host, without spaces or a password",
        "copy the address of the feed itself",
    )


def _is_web_address(text: str) -> bool:
    if any(c.isspace() or not c.isprintable() for c in text):
        return False
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port  # an impossible port raises
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and "@" not in parts.netloc


_CHECKS: Mapping[str, Callable[[str, str], _Complaint | None]] = {
    "id": _check_slug,
    "url": _check_url,
    "title": _check_any,
    "lang": partial(_check_choice, LANGS),
    "group": _check_slug,
    "kind": partial(_check_choice, KINDS),
    "note": _check_any,
}


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
    if not isinstance(node, ScalarNode) or node.tag == _NULL:
        return None
    return str(node.value).strip() or None


def _id_of(node: MappingNode) -> str:
    ids = [_scalar(value) for key, value in node.value if _scalar(key) == "id"]
    return (ids[0] or "") if ids else ""
