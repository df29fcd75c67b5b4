"""The network edge against a real server: what comes back, and what it refuses to do."""

import asyncio
import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from aiohttp import web

from monitor.fetch.client import Fetcher, Limits
from monitor.fetch.results import FailReason, Fetched, FetchFailed, NotModified, Request, Result
from tests.loopback import Loopback

AGENT = "tilannekuva/0.1 (+toimitus@example.org)"


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def fetch(*requests: Request, allow_private: bool = True, **limits: float) -> list[Result]:
    given = Limits(**limits)  # type: ignore[arg-type]
    with Fetcher(given, AGENT, allow_private=allow_private) as fetcher:
        return list(fetcher.fetch_all(requests))


def failure(request: Request, allow_private: bool = True, **limits: float) -> FetchFailed:
    [result] = fetch(request, allow_private=allow_private, **limits)
    assert isinstance(result, FetchFailed), result
    assert result.detail
    return result


def fetched(request: Request, **limits: float) -> Fetched:
    [result] = fetch(request, **limits)
    assert isinstance(result, Fetched), result
    return result


def redirect(to: str, status: int) -> web.Response:
    return web.Response(status=status, headers={"Location": to})


def test_a_document_comes_with_its_headers(site: Loopback) -> None:
    site.pages["/feed"] = lambda _: web.Response(
        body="Hälsovård".encode("latin-1"),
        headers={
            "Content-Type": "Application/RSS+xml; charset=ISO-8859-1",
            "ETag": '"v1"',
            "Last-Modified": "Mon, 16 Nov 2026 04:00:00 GMT",
            "Cache-Control": "max-age=300",
        },
    )
    request = Request(site.url("/feed"), key="bladet")
    got = fetched(request)
    assert got.request == request
    assert (got.url, got.status, got.body) == (request.url, 200, b"H\xe4lsov\xe5rd")
    assert (got.content_type, got.charset) == ("application/rss+xml", "ISO-8859-1")
    assert (got.etag, got.last_modified) == ('"v1"', "Mon, 16 Nov 2026 04:00:00 GMT")
    assert (got.max_age_seconds, got.moved_permanently_to) == (300, None)
    headers = site.requests[0].headers
    assert headers["User-Agent"] == AGENT
    assert headers["Accept-Encoding"] == "gzip, deflate"
    assert "If-None-Match" not in headers


def test_validators_are_sent_and_304_is_its_own_result(site: Loopback) -> None:
    site.pages["/feed"] = lambda r: web.Response(
        status=304 if r.headers.get("If-None-Match") == '"v1"' else 200, headers={"ETag": '"v1"'}
    )
    [result] = fetch(Request(site.url("/feed"), etag='"v1"'))
    assert isinstance(result, NotModified)
    assert result.etag == '"v1"'


def test_304_to_an_unconditional_request_is_no_health(site: Loopback) -> None:
    site.pages["/feed"] = lambda _: web.Response(status=304)
    assert failure(Request(site.url("/feed"))).status == 304


def test_a_packed_body_is_unfolded_and_a_bomb_is_too_large(site: Loopback) -> None:
    packed = {"Content-Encoding": "gzip"}
    site.pages["/feed"] = lambda _: web.Response(body=gzip.compress(b"jono"), headers=packed)
    site.pages["/bomb"] = lambda _: web.Response(body=gzip.compress(bytes(10**6)), headers=packed)
    site.pages["/long"] = lambda _: web.Response(body=bytes(20_001))
    assert fetched(Request(site.url("/feed"))).body == b"jono"
    for path in ("/bomb", "/long"):
        assert failure(Request(site.url(path)), max_bytes=20_000).reason is FailReason.TOO_LARGE


def test_a_permanent_move_is_reported_as_far_as_it_is_permanent(site: Loopback) -> None:
    site.pages["/old"] = lambda _: redirect("/new#top", 301)
    site.pages["/new"] = lambda _: redirect("/today", 302)
    site.pages["/today"] = lambda _: redirect("/now", 308)
    site.pages["/now"] = lambda _: web.Response(body=b"nyt")
    got = fetched(Request(site.url("/old")))
    assert got.url == site.url("/now")
    assert got.moved_permanently_to == site.url("/new")
    assert fetched(Request(site.url("/new"))).moved_permanently_to is None


def test_redirects_end(site: Loopback) -> None:
    for n in range(7):
        site.pages[f"/{n}"] = lambda _, n=n: redirect(f"/{n + 1}", 302)
    site.pages["/7"] = lambda _: web.Response(text="perillä")
    assert failure(Request(site.url("/0"))).reason is FailReason.TOO_MANY_REDIRECTS
    assert fetched(Request(site.url("/2"))).url == site.url("/7")


@pytest.mark.parametrize(
    "target", ["", "ftp://lehti.example/", "javascript:alert(1)", "http://x:99999/"]
)
def test_a_redirect_to_no_web_address_is_refused(site: Loopback, target: str) -> None:
    site.pages["/feed"] = lambda _: redirect(target, 301)
    assert failure(Request(site.url("/feed"))).reason is FailReason.BAD_ADDRESS


def test_validators_stay_with_their_host_and_cookies_nowhere(site: Loopback) -> None:
    away = site.url("/there", host="bladet.localhost")

    def leave(_: web.Request) -> web.Response:
        answer = redirect(away, 302)
        answer.set_cookie("who", "me")
        return answer

    site.pages["/feed"] = leave
    site.pages["/near"] = lambda _: redirect("/there", 302)
    site.pages["/there"] = lambda _: web.Response()
    fetch(Request(site.url("/feed"), etag='"v1"'))
    fetch(Request(site.url("/near"), etag='"v1"'))
    over, within = site.asked("/there")
    assert "If-None-Match" not in over.headers
    assert within.headers["If-None-Match"] == '"v1"'
    assert all("Cookie" not in request.headers for request in site.requests)


def test_no_way_leads_to_a_private_address(site: Loopback) -> None:
    site.pages["/out"] = lambda _: redirect(site.url("/secret"), 301)
    hosts = {"lehti.example": ("127.0.0.1", site.port)}
    ways = [
        site.url("/secret"),
        f"http://[::1]:{site.port}/secret",
        f"http://[::ffff:127.0.0.1]:{site.port}/secret",
        site.url("/secret", host="localhost"),
        site.url("/secret", host="x.localhost"),
        site.url("/secret", host="0x7f.1"),
        "http://lehti.example/out",
    ]
    with Fetcher(Limits(), AGENT, hosts=hosts) as fetcher:
        results = list(fetcher.fetch_all(Request(way) for way in ways))
    assert {r.request.url for r in results} == set(ways)
    for result in results:
        assert isinstance(result, FetchFailed)
        assert result.reason is FailReason.BLOCKED_ADDRESS, result
        assert result.weight == 1.0
    assert site.asked("/secret") == []


def test_a_mapped_host_is_played_on_loopback_under_its_own_name(site: Loopback) -> None:
    site.pages["/a/1"] = lambda r: web.Response(text=r.headers["Host"])
    with Fetcher(Limits(), AGENT, hosts={"lehti.example": ("127.0.0.1", site.port)}) as fetcher:
        [result] = fetcher.fetch_all([Request("http://lehti.example/a/1")])
    assert isinstance(result, Fetched)
    assert result.body == b"lehti.example"


@pytest.mark.parametrize(
    ("status", "reason", "weight"),
    [
        (400, FailReason.HTTP_CLIENT_ERROR, 0.5),
        (403, FailReason.HTTP_CLIENT_ERROR, 0.5),
        (404, FailReason.NOT_FOUND, 1.0),
        (410, FailReason.GONE, 1.0),
        (429, FailReason.RATE_LIMITED, 0.25),
        (500, FailReason.HTTP_SERVER_ERROR, 0.5),
        (503, FailReason.HTTP_SERVER_ERROR, 0.25),
    ],
)
def test_each_status_has_its_reason_and_weight(
    site: Loopback, status: int, reason: FailReason, weight: float
) -> None:
    site.pages["/feed"] = lambda _: web.Response(status=status, headers={"Retry-After": "600"})
    failed = failure(Request(site.url("/feed")))
    assert (failed.status, failed.reason, failed.weight) == (status, reason, weight)
    assert failed.retry_after_seconds == 600


def test_retry_after_as_a_date_is_read_by_the_servers_clock(site: Loopback) -> None:
    site.pages["/feed"] = lambda _: web.Response(
        status=503,
        headers={
            "Date": "Mon, 16 Nov 2026 04:00:00 GMT",
            "Retry-After": "Mon, 16 Nov 2026 05:00:00 GMT",
        },
    )
    assert failure(Request(site.url("/feed"))).retry_after_seconds == 3600


def test_a_server_that_does_not_answer_is_left(site: Loopback) -> None:
    async def sleep(_: web.Request) -> web.Response:
        await asyncio.sleep(1)
        return web.Response()

    site.pages["/feed"] = sleep
    failed = failure(Request(site.url("/feed")), timeout_seconds=0.2)
    assert (failed.reason, failed.weight) == (FailReason.TIMEOUT, 0.25)


def test_a_broken_packing_is_a_broken_answer(site: Loopback) -> None:
    site.pages["/feed"] = lambda _: web.Response(body=b"x", headers={"Content-Encoding": "gzip"})
    assert failure(Request(site.url("/feed"))).reason is FailReason.BROKEN_ANSWER


def test_wrong_addresses_and_closed_ports_have_their_reasons(site: Loopback) -> None:
    wrong = [
        "ftp://lehti.example/",
        "lehti.example/feed",
        "",
        "http://",
        "http://x:99999/",
        "http://a..b/",
    ]
    results = fetch(*(Request(url) for url in wrong))
    assert {r.request.url for r in results} == set(wrong)
    assert all(isinstance(r, FetchFailed) and r.reason is FailReason.BAD_ADDRESS for r in results)
    assert failure(Request("http://127.0.0.1:1/")).reason is FailReason.REFUSED
    assert failure(Request(f"https://127.0.0.1:{site.port}/")).reason is FailReason.TLS


def test_no_host_is_asked_for_more_at_once_than_allowed(site: Loopback) -> None:
    under_way, most = {"a.localhost": 0, "b.localhost": 0}, {"a.localhost": 0, "b.localhost": 0}

    async def count(request: web.Request) -> web.Response:
        host = request.url.host or ""
        under_way[host] += 1
        most[host] = max(most[host], under_way[host])
        await asyncio.sleep(0.005)
        under_way[host] -= 1
        return web.Response()

    site.pages["/x"] = count
    requests = [Request(site.url("/x", host=h), key=str(n)) for n in range(10) for h in most]
    results = fetch(*requests, per_host=2, concurrency=8)
    assert sorted(r.request.key for r in results) == sorted(r.key for r in requests)
    assert most == {"a.localhost": 2, "b.localhost": 2}


def test_requests_are_drawn_in_the_callers_thread_while_results_are_taken(site: Loopback) -> None:
    site.pages["/x"] = lambda _: web.Response()
    threads = set()

    def requests() -> Iterator[Request]:
        for n in range(600):  # more than are handed over at once
            threads.add(threading.current_thread())
            yield Request(site.url("/x"), key=str(n))

    with Fetcher(Limits(per_host=16), AGENT, allow_private=True) as fetcher:
        keys = [result.request.key for result in fetcher.fetch_all(requests())]
    assert threads == {threading.current_thread()}
    assert sorted(map(int, keys)) == list(range(600))


def test_a_caller_may_leave_early_and_ask_again_inside(site: Loopback) -> None:
    site.pages["/x"] = lambda _: web.Response(text="x")
    requests = [Request(site.url("/x"), key=str(n)) for n in range(40)]
    with Fetcher(Limits(concurrency=2), AGENT, allow_private=True) as fetcher:
        for _ in fetcher.fetch_all(requests):
            [inner] = fetcher.fetch_all([Request(site.url("/x"))])
            assert isinstance(inner, Fetched)
            break
        assert len(list(fetcher.fetch_all(requests))) == 40


def test_a_fetcher_is_used_inside_its_block() -> None:
    fetcher = Fetcher(Limits(), AGENT)
    with pytest.raises(RuntimeError, match="with block"), suppress(StopIteration):
        next(fetcher.fetch_all([Request("http://lehti.example/")]))


def test_a_validator_that_is_no_text_is_none() -> None:
    answer = (
        b'HTTP/1.1 200 OK\r\nETag: "m\xe4r"\r\nLast-Modified: ti\xf6\r\nContent-Length: 1\r\n\r\nx'
    )

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with Fetcher(Limits(), "tilannekuva-test", allow_private=True) as fetcher:
            (found,) = fetcher.fetch_all([Request(url)])
        thread.join()
    assert isinstance(found, Fetched)
    assert (found.etag, found.last_modified) == (None, None)
