"""What stands around an article on a page and is no part of it, and its removal from the tree.

Comments, related and most-read lists, newsletter and cookie boxes are told by their headings and by the
names of their elements, in Finnish, Swedish and English: readers' comments are prose in paragraphs, so no
measure of text or link density tells them from the article. Lists of links and what lies outside the
headline's own part of the page go too. (On the 60 captured pages of one Finnish site bare trafilatura
returned mostly comments and the latest headlines; see bench/extract_quality.py.)
Leaves any element alone that holds the page's headline.
"""

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

_COMMENTS = (
    r"(lukijoiden |uusimmat |kaikki )?(kommentit|kommentoi|keskustelu|kommentointi)( juttua| uutista)?|"
    r"keskustele( aiheesta)?|osallistu keskusteluun|"
    r"(alla |läsarnas )?(kommentarer|kommentera|diskussion|diskutera)( artikeln)?|comments?|"
    r"leave a (comment|reply)|\d+ (kommenttia|kommentarer|comments)"
)
_RELATED = (
    r"(lisää )?aiheesee?n liittyv\w*( \w+)?|aiheesta lisää|lisää aiheesta|lue (myös|lisää|seuraavaksi)|"
    r"katso myös|(uutisten |eniten )?luetuimmat|luetuin|uusimmat( uutiset)?|tuoreimmat( uutiset)?|"
    r"suosituimmat|suosittelemme( sinulle)?|poiminnat|muut lukevat( myös)?|nyt luetuimmat|"
    r"läs (också|även|mer|vidare)|se också|mera? om (ämnet|detta)|relater\w*( \w+)?|"
    r"mest läs(ta|t)( nu)?|senaste( nytt| nyheter(na)?)?|rekommenderas( för dig)?|andra läser|"
    r"related( \w+)?|read (also|more)|most read|latest( news)?|recommended( for you)?"
)
_BOXES = (
    r"tilaa (\S+ )?uutiskirje(emme)?|uutiskirjeet?|prenumerera på (vårt |\S+ )?nyhetsbrev(et)?|"
    r"nyhetsbrev|newsletter|(käytämme )?evästeet?(itä|asetukset)?|vi använder (kakor|cookies)|kakor|"
    r"cookies|jaa( artikkeli| juttu)?|dela( artikeln)?|mainos|annons|ilmoitus|advertisement"
)
_COMMENT_HEADING = re.compile(rf"({_COMMENTS})\W*(\(?\d+\)?)?\W*", re.IGNORECASE)
_OTHER_HEADING = re.compile(rf"({_RELATED}|{_BOXES})\W*(\(?\d+\)?)?\W*", re.IGNORECASE)
_RELATED_LINE = re.compile(
    r"(lue (myös|lisää)|katso myös|läs (också|även|mer)|se också)\b", re.IGNORECASE
)
# Names of elements: whole words of class and id, so that "commentary" or "shareholder" is no match.
_NAMED = re.compile(
    r"(^|[\s_-])(comments?|commentsection|kommentit|kommentarer|disqus\w*|related|relatedarticles|"
    r"relatedstories|newsletter|uutiskirje|nyhetsbrev|cookies?|cookiebanner|consent|gdpr|"
    r"mostread|luetuimmat|mestlasta|storytools|sharebuttons?|socialshare|authorandcopyright|"
    r"breadcrumbs?|byline|advertisement|mainos|annons|sideboxe?s?|sidebar)([\s_-]|$)",
    re.IGNORECASE,
)
_DATE_LINE = re.compile(
    r"((julkaistu|päivitetty|muokattu|luotu|publicerad|publicerat|uppdaterad|uppdaterat|published|updated)"
    r"[\s:]*)?(\w{2,11},?\s)?\d{1,2}\.?\s?(\d{1,2}\.|[^\W\d]{3,12}\s)\s?(19|20)\d\d"
    r"([\s,–-]*(klo|kl\.?|kello)?\s*\d{1,2}[.:]\d\d)?\W*",
    re.IGNORECASE,
)
_HEADINGS = ("h2", "h3", "h4", "h5", "h6", "legend")
_LINK_LIST = 3  # so many entries make a list of links furniture; an article's own list is shorter
_MAX_BOXES = 300  # headings looked at: each costs a look at what stands around it
_FRAMES = {"body", "main", "html", "article"}
_NEVER = (
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "iframe",
    "form",
    "button",
    "nav",
    "dialog",
)


def strip_furniture(tree: HtmlElement) -> None:
    """Remove from `tree`, in place, all that is not the article's own."""
    # Elements and not their id(): lxml makes the Python object of an element anew once it is let go.
    headline = {e for h in tree.iter("h1") for e in (h, *h.iterancestors())}
    for element in list(tree.iter(*_NEVER)):
        if element not in headline:
            _drop(element)
    for element in _named(tree):
        if element not in headline:
            _drop(element)
    for heading in list(islice(tree.iter(*_HEADINGS), _MAX_BOXES)):
        _strip_under(heading, headline)
    _strip_lines(tree)


def headline_part(tree: HtmlElement, headline: HtmlElement | None) -> HtmlElement:
    """The smallest part of the page that holds the headline and most of the paragraphs' text.

    Sidebars lie outside it. `tree` itself where there is no headline or hardly a paragraph.
    """
    prose = {p: _prose(p) for p in tree.iter("p")}
    whole = sum(prose.values())
    if headline is None or whole < 200:
        return tree
    for part in headline.iterancestors():
        if part.tag in ("body", "html"):
            break
        if sum(prose.get(p, 0) for p in part.iter("p")) >= 0.5 * whole:
            return part
    return tree


def _strip_lines(tree: HtmlElement) -> None:
    """Remove lines that point elsewhere, lists of links, and dates standing alone."""
    for line in list(tree.iter("p", "li")):
        if _RELATED_LINE.match(text_of(line)) and link_share(line) > 0.5:
            _drop(line)
    for links in list(tree.iter("ul", "ol")):
        if len(links) >= _LINK_LIST and link_share(links) > 0.7:
            _drop(links)
    for line in list(tree.iter("span", "time", "div", "p", "em", "small")):
        if len(line) == 0 and _DATE_LINE.fullmatch(" ".join((line.text or "").split())):
            _drop(line)


def _prose(paragraph: HtmlElement) -> int:
    return round(len(text_of(paragraph)) * (1 - link_share(paragraph)))


def text_of(element: HtmlElement) -> str:
    """All text in `element`, white space collapsed."""
    return " ".join(" ".join(element.itertext()).split())


def link_share(element: HtmlElement) -> float:
    """Share of the characters of `element` that stand in links, [0, 1]."""
    whole = len(text_of(element))
    return sum(len(text_of(a)) for a in element.iter("a")) / whole if whole else 0.0


def _named(tree: HtmlElement) -> Iterator[HtmlElement]:
    for element in list(tree.iter()):
        if isinstance(element.tag, str) and element.tag not in _FRAMES:
            name = f"{element.get('class', '')} {element.get('id', '')}"
            if _NAMED.search(name):
                yield element


def _strip_under(heading: HtmlElement, headline: set[HtmlElement]) -> None:
    text = text_of(heading)
    if len(text) > 60:
        return
    if _COMMENT_HEADING.fullmatch(text):
        _drop_box(heading, headline, everything=True)
    elif _OTHER_HEADING.fullmatch(text):
        _drop_box(heading, headline, everything=False)


def _drop_box(heading: HtmlElement, headline: set[HtmlElement], *, everything: bool) -> None:
    """Drop the box `heading` opens; where it shares its box with the article, what follows it.

    What follows is all of it under comments, and only lists of links under other headings: an article
    goes on after a box of links in its middle.
    """
    top, text = heading, text_of(heading)
    parent = top.getparent()
    while parent is not None and parent.tag not in _FRAMES and text_of(parent) == text:
        top, parent = parent, parent.getparent()
    if parent is None:
        return
    own_box = parent.tag not in _FRAMES and parent not in headline
    if own_box and text_of(parent).startswith(text):
        _drop(parent)
        return
    while (sibling := top.getnext()) is not None:
        if sibling in headline or not (everything or link_share(sibling) > 0.6):
            break
        _drop(sibling)
    _drop(top)


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()
