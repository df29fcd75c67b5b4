"""Writes the sample newsroom's pages: articles in three layouts, front pages, the index of outlets.

Pure: values in, HTML text out; every value is escaped by the template engine. The pages carry what
real ones do around an article (navigation, cookie box, related headlines, comments), so that the
extractor has real work. Which articles exist at an instant is the caller's decision.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from monitor.clock import HELSINKI
from monitor.newsroom.behaviour import BEHAVIOURS, Behaviour
from monitor.newsroom.feedwriter import CONTENT_TYPES
from monitor.newsroom.values import Outlet, SampleArticle

TEMPLATES = Path(__file__).resolve().parent / "templates"
SHORT_TIME = {"fi": "d.M.y 'klo' H.mm", "sv": "d.M.y 'kl.' H.mm"}
LONG_TIME = {"fi": "EEEE d. MMMM y 'klo' H.mm", "sv": "EEEE d MMMM y 'kl.' H.mm"}
INVENTED = "Keksitty esimerkkiuutinen / Påhittad exempelnyhet"


@dataclass(frozen=True, slots=True)
class Link:
    """Another article of the outlet, as a list shows it. `path` is "" where it has no page."""

    title: str
    path: str
    lead: str = ""


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One outlet in the index."""

    outlet: Outlet
    address: str
    feed: str
    count: int  # articles published so far


@dataclass(frozen=True, slots=True)
class Comment:
    """An invented reader's comment."""

    name: str
    text: str


def article_page(
    outlet: Outlet,
    article: SampleArticle,
    now: datetime,
    port: int,
    related: Sequence[Link],
    popular: Sequence[Link],
) -> str:
    """The page of `article` as read at `now`, in the outlet's layout."""
    behaviour = BEHAVIOURS[outlet.behaviour]
    words = WORDS[outlet.lang]
    title = article.title_at(now)
    author = article.author or words["author"]
    return _render(
        f"{outlet.page}.html",
        **_common(outlet, port, f"{title} | {outlet.title}"),
        article=article,
        title=title,
        address=article.address(port),
        author=author,
        section=words["sections"][_pick(article.event, len(words["sections"]))],
        dated=behaviour.dated,
        published_iso=_local(article.published).isoformat(),
        published_text=_shown_time(article, now, behaviour),
        json_ld=_json_ld(outlet, article, now, port, behaviour, author),
        related=related,
        popular=popular,
        comments=_comments(article.id, article.lang),
    )


def front_page(outlet: Outlet, port: int, items: Iterable[Link]) -> str:
    """The outlet's front page with its newest articles."""
    return _render("front.html", **_common(outlet, port, outlet.title), items=list(items))


def missing_page(outlet: Outlet, port: int) -> str:
    """What an outlet shows for an unknown address."""
    return _render("missing.html", **_common(outlet, port, outlet.title))


def index_page(rows: Sequence[IndexRow], now: datetime) -> str:
    """All outlets, for the person who runs the newsroom."""
    shown = _local(now).strftime("%Y-%m-%d %H:%M")
    return _render("index.html", rows=rows, now_text=shown, invented=INVENTED)


@lru_cache
def style() -> str:
    """The style sheet of all outlets."""
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


@lru_cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values)


def _common(outlet: Outlet, port: int, page_title: str) -> dict[str, Any]:
    return {
        "outlet": outlet,
        "words": WORDS[outlet.lang],
        "charset": BEHAVIOURS[outlet.behaviour].charset,
        "page_title": page_title,
        "feed_address": outlet.base(port) + outlet.feed_path,
        "feed_type": CONTENT_TYPES[outlet.format],
        "accent": f"hsl({crc32(outlet.group.encode()) % 360} 55% 28%)",
    }


def _json_ld(
    outlet: Outlet,
    article: SampleArticle,
    now: datetime,
    port: int,
    behaviour: Behaviour,
    author: str,
) -> dict[str, Any]:
    """schema.org NewsArticle; without times where the outlet gives none."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title_at(now),
        "description": article.lead,
        "inLanguage": article.lang,
        "mainEntityOfPage": article.address(port),
        "author": {"@type": "Organization", "name": author},
        "publisher": {"@type": "NewsMediaOrganization", "name": outlet.title},
        "isAccessibleForFree": not article.paywall,
    }
    if behaviour.dated:
        data["datePublished"] = _local(article.published).isoformat()
        data["dateModified"] = _local(article.changed_at(now)).isoformat()
    return data


def _shown_time(article: SampleArticle, now: datetime, behaviour: Behaviour) -> str:
    """The time as readers see it; in words where it is the only one on the page."""
    locale = article.lang
    pattern = SHORT_TIME[locale] if behaviour.dated else LONG_TIME[locale]
    shown = format_datetime(_local(article.published), pattern, locale=locale)
    changed = article.changed_at(now)
    if behaviour.dated and changed != article.published:
        updated = format_datetime(_local(changed), "d.M.y H.mm", locale=locale)
        shown += f" ({WORDS[article.lang]['updated']} {updated})"
    return shown


def _local(instant: datetime) -> datetime:
    return instant.astimezone(HELSINKI)


def _pick(key: str, count: int) -> int:
    # crc32 and not hash(): the choice must be the same in every run
    return crc32(key.encode()) % count


def _comments(article_id: str, lang: str) -> list[Comment]:
    """None to three comments, always the same for one article."""
    pool = COMMENTS[lang]
    start = _pick(article_id, len(pool))
    number = _pick(f"{article_id} comments", 4)
    return [Comment(*pool[(start + 3 * step) % len(pool)]) for step in range(number)]


WORDS: dict[str, dict[str, Any]] = {
    "fi": {
        "locale": "fi_FI",
        "author": "Toimitus",
        "breadcrumb": "Murupolku",
        "by_mail": "Lähetä sähköpostilla",
        "comment": "Kirjoita kommentti",
        "comments": "Kommentit",
        "cookies": "Käytämme evästeitä sivuston toiminnan parantamiseen ja mainonnan kohdentamiseen. Voit muuttaa valintaasi milloin tahansa.",
        "cookies_accept": "Hyväksy kaikki evästeet",
        "cookies_refuse": "Vain välttämättömät",
        "cookies_title": "Evästeasetukset",
        "copy_link": "Kopioi linkki",
        "footer": ["Yhteystiedot", "Anna palautetta", "Tietosuojaseloste", "Mediatiedot"],
        "front_page": "Etusivu",
        "invented": INVENTED,
        "mail": "Sähköpostiosoite",
        "menu": "Päävalikko",
        "missing": "Sivua ei löytynyt",
        "most_read": "Luetuimmat",
        "newsletter": "Päivän tärkeimmät jutut joka aamu suoraan sähköpostiisi.",
        "newsletter_title": "Tilaa uutiskirje",
        "nothing_yet": "Ei vielä uutisia.",
        "order": "Tilaa",
        "paywall": "Jatka lukemista tilaamalla lehti. Ensimmäinen kuukausi maksaa euron, ja voit lopettaa milloin tahansa.",
        "paywall_title": "Vain tilaajille",
        "related": "Lue myös",
        "search": "Haku",
        "sections": ["Uutiset", "Kotimaa", "Paikalliset", "Ajankohtaista"],
        "share": "Jaa juttu",
        "subscribe": "Tilaa nyt",
        "updated": "päivitetty",
    },
    "sv": {
        "locale": "sv_FI",
        "author": "Redaktionen",
        "breadcrumb": "Brödsmulor",
        "by_mail": "Skicka per e-post",
        "comment": "Skriv en kommentar",
        "comments": "Kommentarer",
        "cookies": "Vi använder kakor för att förbättra webbplatsen och rikta annonser. Du kan ändra ditt val när som helst.",
        "cookies_accept": "Godkänn alla kakor",
        "cookies_refuse": "Bara nödvändiga",
        "cookies_title": "Kakinställningar",
        "copy_link": "Kopiera länken",
        "footer": ["Kontakta oss", "Ge respons", "Dataskydd", "Mediekort"],
        "front_page": "Startsidan",
        "invented": INVENTED,
        "mail": "E-postadress",
        "menu": "Huvudmeny",
        "missing": "Sidan hittades inte",
        "most_read": "Mest läst",
        "newsletter": "Dagens viktigaste artiklar varje morgon direkt till din e-post.",
        "newsletter_title": "Beställ nyhetsbrevet",
        "nothing_yet": "Inga nyheter än.",
        "order": "Beställ",
        "paywall": "Fortsätt läsa genom att bli prenumerant. Den första månaden kostar en euro, och du kan sluta när du vill.",
        "paywall_title": "För prenumeranter",
        "related": "Läs också",
        "search": "Sök",
        "sections": ["Nyheter", "Inrikes", "Lokalt", "Aktuellt"],
        "share": "Dela artikeln",
        "subscribe": "Bli prenumerant",
        "updated": "uppdaterad",
    },
}

COMMENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "fi": (
        ("Kahvinjuoja", "Kiitos toimitukselle, tästä ei ole muualla kerrottu mitään."),
        ("Mummo mäeltä", "Kyllä nyt on maailma mennyt ihan sekaisin."),
        ("Nimetön", "Missä viipyy jatkojuttu? Tätä odotellaan täällä päin kovasti."),
        ("Talonpoika", "Näin se vaan aina menee, eikä meiltä mitään kysytä."),
        ("Lukija 64", "Hyvä juttu, mutta kuva olisi kaivannut toisenlaisen rajauksen."),
        ("Naapuri", "Saman kuulin jo viikko sitten kioskilla."),
        ("Hiihtäjä", "Otsikossa luvattiin enemmän kuin mitä jutussa oli."),
        ("Rannalta", "Ei ole minun rahoistani kiinni, mutta ihmettelen silti."),
    ),
    "sv": (
        ("Kaffetanten", "Tack till redaktionen, det här har ingen annan berättat om."),
        ("Morfar på holmen", "Nu har väl världen blivit alldeles tokig."),
        ("Anonym", "När kommer fortsättningen? Här hos oss väntar vi på den."),
        ("Bonden", "Så här går det alltid, och oss frågar ingen någonting."),
        ("Läsare 64", "Bra artikel, men bilden kunde ha beskurits på ett annat sätt."),
        ("Grannen", "Samma sak hörde jag vid kiosken redan för en vecka sedan."),
        ("Skidåkaren", "Rubriken lovade mer än vad artikeln hade att ge."),
        ("Från stranden", "Inte är det mina pengar, men nog undrar jag ändå."),
    ),
}
