"""Addresses in one canonical form, so that one page has one key.

Decides on the text of the address alone: nothing is fetched, no redirect is followed. The scheme is
kept, because links shown to readers must work; two addresses that differ only in http and https are
one page all the same, so a store looks an address up under all its `variants`.
"""

import ipaddress
import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

# Parameters that say how a reader came, never which page it is. The lists of courlan and of the
# ClearURLs rules agree on these; `origin`, `ref` and `share` are what Finnish feeds add.
_TRACKING = re.compile(
    r"(utm|pk|mtm|matomo|piwik|hsa|vero|oly|hmb|at|fb|ga|mc|stm|wt)_.*"
    r"|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mkt_tok|_ga|_gl"
    r"|_hs(enc|mi)|ns_(mchannel|source|campaign|linkname|fee)|cmpid|icid|ito|ocid|wtmc|xtor|smid"
    r"|origin|ref|referer|referrer|ref_src|ref_url|share|shared|from_rss|rss|feed",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PATH_SAFE = ":@!$&'()*+,;=~-._"
_EDITIONS = {"amp", "amp.html"}  # path segments that name another edition of the same article


def canonical(url: str) -> str:
    """`url` in canonical form; `canonical(canonical(u)) == canonical(u)`.

    Lower-case scheme and host, host in IDNA, default port, user part and fragment dropped, tracking
    parameters dropped and the rest sorted, dot segments resolved, percent-encoding normalised,
    trailing slash dropped. An address that is no http(s) address comes back stripped and otherwise
    untouched.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        name, port = _host_of(parts.hostname or ""), parts.port
    except ValueError:
        return url
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not name:
        return url
    place = name if port in (None, _DEFAULT_PORTS[scheme]) else f"{name}:{port}"
    return urlunsplit((scheme, place, _path(parts.path), _query(parts.query), ""))


def variants(url: str) -> tuple[str, ...]:
    """The canonical addresses the page at `url` may be known under: as given, then http or https."""
    clean = canonical(url)
    if clean.startswith("https://"):
        return clean, "http" + clean[5:]
    if clean.startswith("http://"):
        return clean, "https" + clean[4:]
    return (clean,)


def host(url: str) -> str:
    """The host of `url`, lower-case and in IDNA, without port; "" where there is none."""
    try:
        return _host_of(urlsplit(url.strip()).hostname or "")
    except ValueError:
        return ""


def names_article(declared: str, url: str) -> bool:
    """Whether the canonical address `declared` by the page at `url` can be that article's own.

    Sites err: a bulletin page may name its section's front page, a whole site its start page, and a
    chain the paper it took the text from, which would make many articles one. So: same site, not the
    start page, and either as deep as `url` or ending in the same segment.
    """
    if not declared or _site(host(declared)) != _site(host(url)):
        return False
    theirs, ours = _segments(declared), _segments(url)
    if not theirs:
        return False
    return len(theirs) >= len(ours) or theirs[-1] == ours[-1]


def _host_of(name: str) -> str:
    name = name.rstrip(".").lower()
    if ":" in name:
        return f"[{ipaddress.IPv6Address(name)}]"
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(name) from error


def _path(path: str) -> str:
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            kept = kept[:-1]
        elif segment not in ("", "."):
            kept.append(_requote(segment))
    return "/" + "/".join(kept)


def _requote(segment: str) -> str:
    # Only what decodes as text is decoded: other bytes keep their escapes, upper-cased.
    decoded = unquote(segment, errors="surrogateescape")
    return quote(decoded, safe=_PATH_SAFE, errors="surrogateescape")


def _query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    kept = sorted((k, v) for k, v in pairs if not _TRACKING.fullmatch(k))
    return urlencode(kept, errors="surrogateescape")


def _segments(url: str) -> list[str]:
    path = urlsplit(canonical(url)).path
    return [s for s in path.split("/") if s and s not in _EDITIONS]


def _site(name: str) -> str:
    return ".".join(name.split(".")[-2:])
