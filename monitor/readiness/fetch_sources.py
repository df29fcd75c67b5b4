"""Reads readiness_sources.yaml: what `tilannekuva readiness fetch --all` asks of open interfaces.

Every usable entry becomes a source, every mistake a `Mistake` with its line; a broken entry stops only
itself, unless the file is no YAML at all. Asks nothing.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from monitor.feeds.checks import is_web_address
from monitor.readiness.fetch_values import (
    CC_BY,
    SOTKANET,
    PxwebSource,
    SotkanetSource,
    Source,
    Years,
    read_years,
)
from monitor.readiness.pxweb import licence_of
from monitor.values import Mistake

KEYS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {  # required, optional
    "sotkanet": (
        frozenset({"id", "from", "as", "indicator", "years"}),
        frozenset({"base", "licence", "note"}),
    ),
    "pxweb": (
        frozenset({"id", "from", "as", "table"}),
        frozenset({"contents", "years", "select", "licence", "note"}),
    ),
}
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_YEARS = "years such as 2024, 2022-2025, or 2022- for up to the present"


@dataclass(frozen=True, slots=True)
class SourcesFile:
    """What a readiness_sources.yaml says: sources in file order, mistakes in line order."""

    sources: tuple[Source, ...]
    mistakes: tuple[Mistake, ...]


@dataclass(slots=True)
class _Entry:
    """An entry being read: its scalars and pairs by key, and the mistakes met so far."""

    file: str
    line: int
    known: Collection[str]
    texts: dict[str, str]
    lines: dict[str, int]
    select: tuple[tuple[str, str], ...]
    mistakes: list[Mistake]

    def wrong(self, key: str, problem: str, expected: str, remedy: str) -> None:
        line = self.lines.get(key, self.line)
        name = self.texts.get("id", "")
        self.mistakes.append(Mistake(self.file, line, name, problem, expected, remedy))


def load_sources(path: Path, indicators: Collection[str]) -> SourcesFile:
    """Read the file at `path`; `indicators` are the ids of ours. Never raises for what it holds."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        problem = f"the file cannot be read ({error.strerror or type(error).__name__})"
        remedy = "check its name and its rights"
        return SourcesFile((), (Mistake(path.name, 1, "", problem, "a readable file", remedy),))
    except UnicodeDecodeError:
        mistake = Mistake(path.name, 1, "", "not UTF-8", "a file in UTF-8", "save it as UTF-8")
        return SourcesFile((), (mistake,))
    return read_sources(text, path.name, indicators)


def read_sources(text: str, name: str, indicators: Collection[str]) -> SourcesFile:
    """`load_sources` for a text that is said to be the file `name`."""
    nodes = _nodes(text, name)
    if isinstance(nodes, Mistake):
        return SourcesFile((), (nodes,))
    found: dict[str, Source] = {}
    mistakes: list[Mistake] = []
    for node in nodes:
        entry = _read(node, name, indicators)
        source = None if entry.mistakes else _source(entry)
        if source is not None and source.id in found:
            entry.wrong("id", f"the id '{source.id}' stands twice", "each id once", "rename one")
        elif source is not None and not entry.mistakes:
            found[source.id] = source
        mistakes += entry.mistakes
    return SourcesFile(tuple(found.values()), tuple(sorted(mistakes, key=lambda m: m.line)))


# --- from text to entries ------------------------------------------------------------------------


def _nodes(text: str, name: str) -> list[Node] | Mistake:
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        problem = "this is no YAML"
        return Mistake(name, line, "", problem, "YAML", "check indentation and quotation marks")
    if root is None:
        return []
    pairs = root.value if isinstance(root, MappingNode) else []
    lists = [value for key, value in pairs if key.value == "sources"]
    if len(pairs) != 1 or not lists:
        remedy = "begin the file with 'sources:' and put the entries under it"
        return Mistake(name, 1, "", "there is no list of sources", "the key 'sources'", remedy)
    if isinstance(lists[0], SequenceNode):
        return list(lists[0].value)
    if isinstance(lists[0], ScalarNode) and not lists[0].value:
        return []
    line = lists[0].start_mark.line + 1
    return Mistake(name, line, "", "'sources' is no list", "a list", "begin each entry with '- '")


def _read(node: Node, name: str, known: Collection[str]) -> _Entry:
    entry = _Entry(name, node.start_mark.line + 1, known, {}, {}, (), [])
    if not isinstance(node, MappingNode):
        entry.wrong("", "this is no entry", "keys and values", "write 'id: ...' and so on")
        return entry
    for key, value in node.value:
        word = str(key.value)
        entry.lines[word] = key.start_mark.line + 1
        if word in entry.texts or (word == "select" and entry.select):
            entry.wrong(word, f"'{word}' stands twice", "each key once", "take one out")
        elif word == "select" and isinstance(value, MappingNode):
            entry.select = tuple((str(k.value), str(v.value)) for k, v in value.value)
        elif word == "select" or not isinstance(value, ScalarNode):
            expected = "pairs of a variable and a value" if word == "select" else "one value"
            entry.wrong(word, f"'{word}' cannot be read", expected, "see docs/readiness.md")
        else:
            entry.texts[word] = value.value.strip()
    _check_keys(entry)
    return entry


def _check_keys(entry: _Entry) -> None:
    kind = entry.texts.get("from", "")
    if kind not in KEYS:
        problem = f"'from' is '{kind}'" if kind else "'from' is missing"
        entry.wrong("from", problem, " or ".join(KEYS), "say which interface")
        return
    required, optional = KEYS[kind]
    for key in entry.lines.keys() - required - optional:
        near = get_close_matches(key, required | optional, n=1)
        remedy = f"did you mean '{near[0]}'?" if near else "take it out"
        entry.wrong(key, f"unknown key '{key}'", ", ".join(sorted(required | optional)), remedy)
    for key in sorted(required):
        if not entry.texts.get(key):
            entry.wrong(key, f"'{key}' is missing", f"a value for '{key}'", "fill it in")


# --- from entries to sources ---------------------------------------------------------------------


def _source(entry: _Entry) -> Source | None:
    target = entry.texts["as"]
    if target not in entry.known:
        near = get_close_matches(target, entry.known, n=1)
        remedy = f"did you mean '{near[0]}'?" if near else "add it to indicators.csv"
        entry.wrong("as", f"'{target}' is no indicator of ours", "an id of indicators.csv", remedy)
    years = _years(entry)
    make: Callable[[_Entry, Years | None], Source | None] = (
        _sotkanet if entry.texts["from"] == "sotkanet" else _pxweb
    )
    return make(entry, years)


def _years(entry: _Entry) -> Years | None:
    said = entry.texts.get("years", "")
    years = read_years(said)
    if said and years is None:
        entry.wrong("years", f"'years' is '{said}'", _YEARS, "write them like that")
    return years


def _sotkanet(entry: _Entry, years: Years | None) -> SotkanetSource | None:
    number, base = entry.texts["indicator"], entry.texts.get("base", SOTKANET)
    if not (number.isascii() and number.isdigit() and len(number) < 8):
        entry.wrong("indicator", f"'{number}' is no number", "Sotkanet's number", "write digits")
        return None
    _check_address(entry, "base", base)
    if years is None:
        return None
    licence = entry.texts.get("licence", CC_BY)
    return SotkanetSource(entry.texts["id"], entry.texts["as"], int(number), years, base, licence)


def _pxweb(entry: _Entry, years: Years | None) -> PxwebSource | None:
    texts = entry.texts
    _check_address(entry, "table", texts["table"])
    source = PxwebSource(
        id=texts["id"], target=texts["as"], table=texts["table"],
        contents=texts.get("contents", ""), years=years, select=entry.select,
        licence=texts.get("licence", ""),
    )  # fmt: skip
    if not licence_of(source):
        entry.wrong("licence", "the licence is not known", "the key 'licence'", "fill it in")
    return source


def _check_address(entry: _Entry, key: str, address: str) -> None:
    if not is_web_address(address):
        expected = "an address that begins with http or https"
        entry.wrong(key, f"'{key}' is no web address", expected, "copy it from the browser")
