"""Reads the sample newsroom: outlets.yaml and one YAML file per event.

A broken event file stops only itself and becomes a `Mistake` with its line; a broken outlets.yaml is
an error, because nothing can be served without it. Copies become articles of their own at the
copying outlet. Whether region codes and topic ids exist is not asked here; a test asks it.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zlib import crc32

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from monitor.clock import HELSINKI
from monitor.errors import InputFileError
from monitor.feeds.checks import KINDS
from monitor.newsroom.behaviour import BEHAVIOURS
from monitor.newsroom.values import (
    Direction,
    FeedFormat,
    HeadlineEdit,
    Layout,
    Newsroom,
    Outlet,
    SampleArticle,
    Truth,
)
from monitor.values import Mistake

SAMPLE = Path(__file__).resolve().parent / "sample"
FIRST_WEEK = "2026-W41"
LAST_WEEK = "2026-W46"
DEMO_START = datetime(2026, 10, 5, 6, 0, tzinfo=HELSINKI).astimezone(UTC)
DEMO_END = datetime(2026, 11, 16, 6, 0, tzinfo=HELSINKI).astimezone(UTC)

SLUG_LENGTH = 60
# libyaml is some ten times faster; where PyYAML was built without it the pure loader does the same
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_newsroom(folder: Path = SAMPLE) -> Newsroom:
    """Everything in `folder`. Raises InputFileError where outlets.yaml cannot be used."""
    outlets_file = _read(folder / "outlets.yaml", _OutletsFile, {})
    if isinstance(outlets_file, list):
        raise InputFileError(str(folder / "outlets.yaml"), outlets_file)
    outlets = {entry.id: entry.value() for entry in outlets_file.outlets}
    articles: list[SampleArticle] = []
    mistakes: list[Mistake] = []
    for path in sorted((folder / "events").glob("*.yaml")):
        context = {"outlets": frozenset(outlets), "event": path.stem}
        event = _read(path, _EventFile, context)
        if isinstance(event, list):
            mistakes += event
        else:
            articles += _articles(event, outlets)
    articles.sort(key=lambda a: (a.published, a.id))
    return Newsroom(tuple(outlets.values()), tuple(articles), tuple(mistakes))


# --- the form of the files -----------------------------------------------------------------------


def _local_time(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError('not a time like "2026-10-12T06:30" in quotation marks')
    local = datetime.strptime(value, "%Y-%m-%dT%H:%M").replace(tzinfo=HELSINKI)
    return local.astimezone(UTC)


def _known_outlet(value: str, info: ValidationInfo) -> str:
    if value not in (info.context or {}).get("outlets", ()):
        raise ValueError(f"no outlet '{value}' in outlets.yaml")
    return value


def _file_name(value: str, info: ValidationInfo) -> str:
    if value != (info.context or {}).get("event"):
        raise ValueError(f"the event '{value}' is not named like its file")
    return value


LocalTime = Annotated[datetime, BeforeValidator(_local_time)]
Text = Annotated[str, Field(min_length=1)]
KnownOutlet = Annotated[str, AfterValidator(_known_outlet)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _OutletEntry(_Entry):
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]  # a host name
    title: Text
    lang: Literal["fi", "sv"]
    group: Text
    home: list[str]
    kind: str
    format: FeedFormat
    page: Layout
    behaviour: str

    @model_validator(mode="after")
    def _known_words(self) -> Self:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind '{self.kind}'")
        if self.behaviour not in BEHAVIOURS:
            raise ValueError(f"unknown behaviour '{self.behaviour}'")
        return self

    def value(self) -> Outlet:
        return Outlet(**{**self.model_dump(), "home": tuple(self.home)})


class _OutletsFile(_Entry):
    outlets: list[_OutletEntry]


class _TruthEntry(_Entry):
    relevant: bool
    regions: list[str]
    mentioned: list[str]
    national: bool
    topics: list[str]
    direction: Direction | None

    @model_validator(mode="after")
    def _tagged_where_relevant(self) -> Self:
        if self.relevant != bool(self.topics) or self.relevant != (self.direction is not None):
            raise ValueError("topics and a direction go with relevant articles, and only with them")
        return self

    def value(self) -> Truth:
        lists = {name: tuple(getattr(self, name)) for name in ("regions", "mentioned", "topics")}
        return Truth(**{**self.model_dump(), **lists})


class _CopyEntry(_Entry):
    outlet: KnownOutlet
    published: LocalTime
    title: Text | None = None


class _EditEntry(_Entry):
    at: LocalTime
    title: Text


class _ArticleEntry(_Entry):
    outlet: KnownOutlet
    published: LocalTime
    lang: Literal["fi", "sv"]
    title: Text
    lead: Text
    paragraphs: list[Text]
    author: str = ""
    copies: list[_CopyEntry] = []
    headline_edit: _EditEntry | None = None
    paywall: bool = False
    truth: _TruthEntry | None = None


class _EventFile(_Entry):
    event: Annotated[str, AfterValidator(_file_name)]
    truth: _TruthEntry
    articles: list[_ArticleEntry]


# --- from entries to articles --------------------------------------------------------------------


def _articles(event: _EventFile, outlets: Mapping[str, Outlet]) -> list[SampleArticle]:
    made: list[SampleArticle] = []
    for number, entry in enumerate(event.articles, start=1):
        original = _original(event, entry, f"{event.event}-{number}", outlets[entry.outlet])
        made.append(original)
        for copy_number, copy in enumerate(entry.copies, start=1):
            copy_id = f"{original.id}c{copy_number}"
            made.append(_copy(original, copy, copy_id, outlets[entry.outlet], outlets[copy.outlet]))
    return made


def _original(event: _EventFile, entry: _ArticleEntry, id_: str, outlet: Outlet) -> SampleArticle:
    edit = entry.headline_edit
    return SampleArticle(
        id=id_,
        event=event.event,
        outlet=entry.outlet,
        path=article_path(outlet, entry.published, entry.title, id_),
        published=entry.published,
        lang=entry.lang,
        title=entry.title,
        lead=entry.lead,
        paragraphs=tuple(entry.paragraphs),
        author=entry.author,
        paywall=entry.paywall,
        truth=(entry.truth or event.truth).value(),
        edit=HeadlineEdit(edit.at, edit.title) if edit else None,
    )


def _copy(
    original: SampleArticle, entry: _CopyEntry, id_: str, source: Outlet, outlet: Outlet
) -> SampleArticle:
    """`original` as another outlet runs it."""
    title = entry.title or original.title
    same_group = source.group == outlet.group
    return SampleArticle(
        id=id_,
        event=original.event,
        outlet=outlet.id,
        path=article_path(outlet, entry.published, title, id_),
        published=entry.published,
        lang=original.lang,
        title=title,
        lead=original.lead,
        paragraphs=original.paragraphs if same_group else _bought(original, id_, source.title),
        author=original.author if same_group else source.title,
        paywall=original.paywall and same_group,
        truth=original.truth,
        copy_of=original.id,
    )


def _bought(original: SampleArticle, id_: str, credit: str) -> tuple[str, ...]:
    """Text bought from another group: credited, and in every third paper cut from the end to fit."""
    cut = len(original.paragraphs) > 2 and crc32(id_.encode()) % 3 == 0
    return (*original.paragraphs[: -1 if cut else None], credit)


def article_path(outlet: Outlet, published: datetime, title: str, id_: str) -> str:
    """Path of an article's page; it follows the first headline and never changes."""
    if outlet.page == "none":
        return ""
    day = published.astimezone(HELSINKI).strftime("%Y/%m/%d")
    return f"/{day}/{slug(title)}-{id_}.html"


def slug(title: str) -> str:
    """`title` in small ASCII letters, digits and hyphens, at most 60 characters, whole words."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    made = ""
    for word in words:
        if len(made) + 1 + len(word) > SLUG_LENGTH:
            break
        made += f"-{word}" if made else word
    return made or "juttu"


# --- reading and mistakes ------------------------------------------------------------------------

_Form = TypeVar("_Form", bound=BaseModel)


def _read(path: Path, form: type[_Form], context: Mapping[str, Any]) -> _Form | list[Mistake]:
    """The file in its form, or its mistakes."""
    try:
        loader = _LOADER(path.read_bytes().decode("utf-8-sig"))
        node = loader.get_single_node()
        data = loader.construct_document(node) if node else None
    except (OSError, UnicodeDecodeError) as error:
        return [_unreadable(path, error)]
    except yaml.YAMLError as error:
        return [_syntax(path, error)]
    try:
        return form.model_validate(data, context=dict(context))
    except ValidationError as error:
        return [_mistake(path, node, e) for e in error.errors()]


def _unreadable(path: Path, error: OSError | UnicodeDecodeError) -> Mistake:
    problem = "the file is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
    return Mistake(path.name, 1, "", problem, "a readable file in UTF-8", "check or restore it")


def _syntax(path: Path, error: yaml.YAMLError) -> Mistake:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    remedy = "check the quotation marks and the indentation here"
    line = mark.line + 1 if mark else 1
    return Mistake(path.name, line, "", f"YAML syntax: {problem}", "valid YAML", remedy)


_ADVICE = {
    "missing": ("it to be there", "add it"),
    "extra_forbidden": ("no other keys than the documented ones", "correct its name or delete it"),
}


def _mistake(path: Path, root: Node | None, error: ErrorDetails) -> Mistake:
    where = ".".join(str(step) for step in error["loc"]) or "the file"
    expected, remedy = _ADVICE.get(error["type"], ("a value of the right form", "correct it"))
    line = _line(root, error["loc"])
    return Mistake(path.name, line, path.stem, f"{where}: {error['msg']}", expected, remedy)


def _line(root: Node | None, loc: Sequence[int | str]) -> int:
    """1-based line of the deepest node that the path `loc` reaches."""
    node = root
    for step in loc:
        below = _below(node, step)
        if below is None:
            break
        node = below
    return node.start_mark.line + 1 if node is not None else 1


def _below(node: Node | None, step: int | str) -> Node | None:
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        item: Node = node.value[step]
        return item
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value == step:
                found: Node = value
                return found
    return None
