"""Canonical addresses: one page, one key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.urls import canonical, host, names_article, variants

_PARTS = st.text(alphabet="abåäö01/.%2F&=?#:@;+~ -_\u200b", max_size=40)


@given(
    st.sampled_from(["http://", "https://", "HTTPS://Hämeen.FI:443/", "http://[::1]:80/"]), _PARTS
)
def test_canonical_is_idempotent(start: str, rest: str) -> None:
    once = canonical(start + rest)
    assert canonical(once) == once


@given(st.text(max_size=60))
def test_any_text_has_a_canonical_form(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("HTTPS://Sanomat.FI:443/a/", "https://sanomat.fi/a"),
        ("https://sanomat.fi", "https://sanomat.fi/"),
        ("https://sanomat.fi/a#kommentit", "https://sanomat.fi/a"),
        ("https://sanomat.fi/a?utm_source=rss&id=7&fbclid=x", "https://sanomat.fi/a?id=7"),
        ("https://sanomat.fi/a?b=2&a=1", "https://sanomat.fi/a?a=1&b=2"),
        ("https://hämeenposti.fi/ä", "https://xn--hmeenposti-q5a.fi/%C3%A4"),
        ("https://sanomat.fi:8443/./x/../a", "https://sanomat.fi:8443/a"),
        ("https://u:p@sanomat.fi/a", "https://sanomat.fi/a"),
        ("https://sanomat.fi/a%2fb", "https://sanomat.fi/a%2Fb"),
        ("mailto:toimitus@sanomat.fi", "mailto:toimitus@sanomat.fi"),
    ],
)
def test_canonical_form(given_: str, expected: str) -> None:
    assert canonical(given_) == expected


def test_http_and_https_are_one_page_and_the_scheme_is_kept() -> None:
    assert canonical("http://bladet.fi/a").startswith("http:")
    assert set(variants("http://bladet.fi/a")) == set(variants("https://bladet.fi/a/"))


def test_host() -> None:
    assert host("https://WWW.Åbonytt.fi:8080/x") == "www.xn--bonytt-hua.fi"
    assert host("not an address") == ""


@pytest.mark.parametrize(
    ("declared", "url", "trusted"),
    [
        ("https://lehti.fi/a/74-1", "https://lehti.fi/a/74-1?x=1", True),
        ("https://www.lehti.fi/2026/10/05/juttu", "https://m.lehti.fi/?id=7", True),
        ("https://lehti.fi/a/juttu", "https://lehti.fi/a/juttu/amp", True),
        ("https://lehti.fi/selkouutiset", "https://lehti.fi/a/74-1", False),  # the section's page
        ("https://lehti.fi/", "https://lehti.fi/a/74-1", False),
        (
            "https://toinenlehti.fi/a/74-1",
            "https://lehti.fi/a/74-1",
            False,
        ),  # the chain's other paper
    ],
)
def test_a_canonical_address_is_trusted_only_as_the_articles_own(
    declared: str, url: str, trusted: bool
) -> None:
    assert names_article(declared, url) is trusted
