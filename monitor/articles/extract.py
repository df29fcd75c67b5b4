"""From a page as it came over the network to the article in it. Boxes trafilatura and htmldate.

Order: decode, parse, read what the page declares (`facts`), cut away what is not the article
(`furniture`), let trafilatura find the text, put the lead back where a template keeps it outside the
body, judge how complete it is. Fetches nothing, never raises for what a page holds, and never reads text
a page keeps behind a paywall.
"""

import logging
import re
from copy import deepcopy
from datetime import date, datetime

from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura import bare_extraction

from monitor.articles.facts import Facts, find_headline, midnight, paywall_elements, read_facts
from monitor.articles.furniture import headline_part, link_share, strip_furniture, text_of
from monitor.articles.language import detect
from monitor.logs import get_logger
from monitor.text import is_unsafe_charset
from monitor.values import Completeness, Extracted, Page, Unusable

# Characters; trafilatura rescues less than 250 by taking the page as one run of text.
SHORT_TEXT = 300
MAX_BYTES = 10_000_000
# Bounds on what reaches the parsers, so that no page takes long: the largest of the captured pages has
# 150 000 characters of markup without its scripts, and 3 000 elements.
MAX_MARKUP = 2_000_000
MAX_ELEMENTS = 40_000
# Characters of one tag; more is an inline picture or state, and its attributes are cut.
MAX_TAG = 20_000
MAX_ATTRIBUTES = 20_000  # the parser takes time in the square of one tag's attributes
# Below this many words a page without any paywall is still taken for a teaser: of the 110 captured
# pages the shortest whole article has 51 words.
SHORT_WORDS = 20
TITLE_WORDS = 4  # less text than this beside the title is none
# A subscribe box beside this much text is an advertisement and not a wall; teasers run to some 80 words.
TEASER_WORDS = 150
_BOX_CHARACTERS = 600  # a subscribe box holds at most this

_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{2,40})""", re.IGNORECASE
)
_LEAD_NAME = re.compile(r"(^|[\s_-])(lead|ingress\w*|preamble|standfirst|summary)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…:][”\"')»]*$")
_WORD = re.compile(r"\w+")
_MARKUP = re.compile(r"<(html|head|body|article|main|div|p|h1|!doctype)\b", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</script\s*>?", re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b[^<>]{0,500}>", re.IGNORECASE)
_LONG_TAG = re.compile(rf"<(\w{{1,20}})\b[^<>]{{{MAX_TAG},}}>")
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u200b\u00ad\ud800-\udfff]")

_log = get_logger(__name__)
# Without a handler of its own trafilatura's complaints about odd pages would reach standard error.
logging.getLogger("trafilatura").addHandler(logging.NullHandler())
logging.getLogger("htmldate").addHandler(logging.NullHandler())


def extract(page: Page, *, dictionaries: bool = True) -> Extracted | Unusable:
    """The article in `page`, or why there is none. Never raises, whatever the bytes.

    Without `dictionaries` a language that only they can tell stays unknown: they take seconds to load, and
    a process with a time limit leaves them to its caller.
    """
    if len(page.body) > MAX_BYTES:
        return Unusable(f"the page is larger than {MAX_BYTES // 1_000_000} MB")
    if not page.body.strip():
        return Unusable("the page is empty")
    try:
        return _extract(page, dictionaries)
    except Exception as error:
        # Third-party parsers meet hostile input here; one page must not stop the others. Their bugs and
        # ours look alike, so the log has the traceback.
        _log.warning("page_unreadable", url=page.url, exc_info=True)
        return Unusable(f"the page cannot be read ({type(error).__name__})")


def decode(body: bytes, charset: str | None) -> str:
    """`body` as text: its byte order mark, UTF-8 where valid, else what HTTP or the page declares.

    ISO-8859-1 is read as windows-1252, as browsers do (WHATWG Encoding Standard).
    """
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    declared = _META_CHARSET.search(body[:4096])
    candidates = ["utf-8-sig", charset or "", declared[1].decode("ascii") if declared else ""]
    if (charset or "").lower().startswith("utf-16"):
        candidates.reverse()
    for name in candidates:
        name = (
            "windows-1252" if name.lower() in ("iso-8859-1", "latin1", "latin-1", "ascii") else name
        )
        try:
            if name and not is_unsafe_charset(name):
                return body.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("windows-1252", "replace")


def _extract(page: Page, dictionaries: bool) -> Extracted | Unusable:
    tree = _parse(decode(page.body, page.charset))
    if isinstance(tree, Unusable):
        return tree
    facts = read_facts(tree, page.url)
    dated = _published(tree, page.url, facts)
    for element in list(paywall_elements(tree)):
        _drop_paywall(element)
    strip_furniture(tree)
    text = _without_title(_text(tree, page.url, facts), facts.title)
    if not facts.title and len(_WORD.findall(text)) < SHORT_WORDS:
        return Unusable("the page holds no article: no headline and hardly any text")
    completeness, reason = _judge(text, facts)
    language = detect(f"{facts.title}\n{text}", dictionaries=dictionaries)
    return Extracted(
        title=facts.title or text[:120].split("\n")[0],
        text=text,
        published=dated,
        published_source="page" if dated else None,
        language=language.code,
        language_confidence=language.confidence,
        completeness=completeness,
        canonical=facts.canonical,
        reason=reason,
    )


def _parse(text: str) -> HtmlElement | Unusable:
    # Only what says it is markup: lxml would make a document of any bytes.
    if "\x00" in text[:4096] or not _MARKUP.search(text):
        return Unusable("the body is no HTML page")
    markup = _LONG_TAG.sub(r"<\1>", _INVISIBLE.sub("", _without_scripts(text)))
    if len(markup) > MAX_MARKUP or markup.count("=") > MAX_ATTRIBUTES:
        return Unusable("the page is too large to be an article")
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    tree = document_fromstring(markup.encode("utf-8"), parser=parser)
    if tree.xpath("count(//*)") > MAX_ELEMENTS:
        return Unusable("the page has too many elements to be an article")
    return tree


def _without_scripts(text: str) -> str:
    """`text` without its scripts, JSON-LD excepted: they are never read and can be most of a page."""
    kept, at = [], 0
    for start in _SCRIPT.finditer(text):
        if start.start() < at or "ld+json" in start[0]:
            continue
        end = _SCRIPT_END.search(text, start.end())
        kept.append(text[at : start.start()])
        at = end.end() if end else len(text)
    return "".join([*kept, text[at:]])


def _text(tree: HtmlElement, url: str, facts: Facts) -> str:
    headline, _ = find_headline(tree, [facts.title])
    part = headline_part(tree, headline)
    found = bare_extraction(_page_of(part), url=url or None, include_comments=False)
    body = _tidy(getattr(found, "text", None) or "")
    if len(body) < SHORT_TEXT:
        body = _paragraphs(part) or body
    # Some pages draw the text with a script and carry it whole for search engines; where the article is
    # free that is the text.
    if not facts.locked and len(facts.body) > 2 * len(body):
        body = _tidy(facts.body)
    lead = _lead(tree, headline, body)
    return f"{lead}\n\n{body}".strip() if lead else body


def _paragraphs(part: HtmlElement) -> str:
    """The paragraphs of a page with hardly any text, which trafilatura would run into one."""
    outside = ("figure", "aside", "footer", "nav")
    blocks = part.iter("p", "h2", "h3", "li", "blockquote")
    own = (b for b in blocks if not any(e.tag in outside for e in b.iterancestors()))
    return _tidy("\n".join(text_of(b) for b in own if link_share(b) < 0.5))


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n\n".join(line for line in lines if line and line != "-")


def _page_of(part: HtmlElement) -> HtmlElement:
    """`part` as a page of its own: trafilatura expects a document."""
    if part.tag == "html":
        return part
    page = document_fromstring("<html><head></head><body></body></html>")
    page.body.append(deepcopy(part))
    return page


def _lead(tree: HtmlElement, headline: HtmlElement | None, body: str) -> str:
    """The paragraph between headline and body that trafilatura left out with the page's header."""
    if headline is None:
        return ""
    known = _letters(body)
    walk = tree.iter()
    next((e for e in walk if e is headline), None)
    for _, element in zip(range(40), walk, strict=False):
        if element.tag in ("h2", "article") or not isinstance(element.tag, str):
            break
        named = _LEAD_NAME.search(f"{element.get('class', '')} {element.get('id', '')}")
        if element.tag != "p" and not named:
            continue
        text = text_of(element)
        in_figure = any(e.tag in ("figure", "figcaption", "aside") for e in element.iterancestors())
        if in_figure or not text or not _SENTENCE_END.search(text) or len(text) > 1500:
            continue
        return "" if _letters(text)[:60] in known else text
    return ""


def _letters(text: str) -> str:
    return "".join(_WORD.findall(text.casefold()))


def _without_title(text: str, title: str) -> str:
    first, _, rest = text.partition("\n\n")
    return rest if title and _letters(first) == _letters(title) else text


def _drop_paywall(element: HtmlElement) -> None:
    if element.getparent() is None or any(True for _ in element.iter("h1")):
        return
    following = list(element.itersiblings())
    if sum(len(text_of(e)) for e in following) <= _BOX_CHARACTERS:
        for sibling in following:
            sibling.drop_tree()
    if len(text_of(element)) <= _BOX_CHARACTERS:
        element.drop_tree()


def _judge(text: str, facts: Facts) -> tuple[Completeness, str]:
    words = len(_WORD.findall(text))
    reason = facts.locked
    if not reason and facts.paywall_words and words < TEASER_WORDS:
        reason = "a subscribe box stands where the article would go on"
    if words < TITLE_WORDS:
        return "title only", reason or "the page has a headline and no text"
    if reason:
        return "teaser", reason
    if words < SHORT_WORDS:
        return "teaser", f"the text has only {words} words"
    return "full", ""


def _published(tree: HtmlElement, url: str, facts: Facts) -> datetime | None:
    if facts.published:
        return facts.published
    from htmldate import find_date

    # The upper bound is fixed, so that the same page gives the same date on any day; who knows the
    # present rejects a time to come.
    found = find_date(tree, url=url or None, original_date=True, max_date="2100-01-01")
    return midnight(date.fromisoformat(found)) if found else None
