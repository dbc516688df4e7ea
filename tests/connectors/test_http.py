"""Waiting, trust and silence: what every connector that talks to a server shares."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import _http
from connectors._http import Pace, Patience, Repeatable, download, repeated, require_trusted, retry_after, revealed
from connectors.errors import Damaged, Refused, Unreachable
from connectors.phrase import Phrase


class Clock:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def patience(self, **changes: float) -> Patience:
        return Patience(sleep=self.sleep, clock=lambda: self.now, chance=lambda: 1.0, **changes)  # type: ignore[arg-type]  # numbers


def failing(times: int, after: float | None = None, tries: int | None = None) -> tuple[list[int], Repeatable]:
    """A countdown, and the trouble that lasts as long."""
    return [times], Repeatable(Unreachable(Phrase("no answer")), after, tries)


def attempt(countdown: list[int], trouble: Repeatable) -> str:
    """One try."""
    if countdown[0]:
        countdown[0] -= 1
        raise trouble
    return "done"


def test_the_waits_double_and_end() -> None:
    """Without a word from the server the longest wait doubles, and the last trouble is raised as the hub's own."""
    clock = Clock()
    countdown, trouble = failing(99)

    with pytest.raises(Unreachable):
        repeated(lambda: attempt(countdown, trouble), clock.patience(tries=5))

    assert clock.waits == [1, 2, 4, 8]
    assert countdown == [94]


def test_the_server_is_obeyed() -> None:
    """A Retry-After is waited out to the second."""
    clock = Clock()
    countdown, trouble = failing(2, after=7.0)

    assert repeated(lambda: attempt(countdown, trouble), clock.patience()) == "done"
    assert clock.waits == [7.0, 7.0]


def test_no_wait_beyond_the_deadline() -> None:
    """A server that asks for more time than there is gets none of it."""
    clock = Clock()
    countdown, trouble = failing(1, after=3600.0)

    with pytest.raises(Unreachable):
        repeated(lambda: attempt(countdown, trouble), clock.patience(deadline=60))

    assert clock.waits == []


def test_a_trouble_may_ask_for_fewer_tries() -> None:
    """A dead network is not asked as often as a busy server."""
    clock = Clock()
    countdown, trouble = failing(99, tries=2)

    with pytest.raises(Unreachable):
        repeated(lambda: attempt(countdown, trouble), clock.patience())

    assert countdown == [97]


@given(chance=st.floats(0, 1, exclude_max=True), count=st.integers(0, 60))
def test_a_pause_is_never_negative_nor_over_the_cap(chance: float, count: int) -> None:
    """Full jitter stays between nothing and the cap."""
    assert 0 <= Patience(chance=lambda: chance).pause(count, None) <= Patience().cap


def test_the_pace_holds_in_any_minute() -> None:
    """Of many requests never more than the limit fall into 60 seconds; below it nobody waits."""
    clock = Clock()
    pace, sent = Pace(3, clock.patience()), []

    for _ in range(10):
        pace.wait()
        sent.append(clock.now)

    assert sent[:3] == [0, 0, 0]
    assert all(later - earlier >= 60 for earlier, later in zip(sent, sent[3:], strict=False))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("12", 12.0),
        (" 0 ", 0.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
        ("٣", None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    """A number of seconds or a date; anything else says nothing."""
    assert retry_after(header, datetime(2026, 11, 22, 12, tzinfo=UTC)) == seconds


@pytest.mark.parametrize("url", ["https://a.example/x", "https://deep.b.example/", "http://127.0.0.1:80/x"])
def test_trusted(url: str) -> None:
    """A URL of https on a named host or below a named domain, and plain http on this machine when it is named."""
    require_trusted(url, ("a.example", ".b.example", "127.0.0.1"))


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/x",
        "https://evil-a.example/",
        "https://a.example.evil.example/",
        "https://evilb.example/",
        "https://a.example@evil.example/",
        "http://localhost/x",
        "file:///etc/passwd",
        "https://[broken/",
        "",
    ],
)
def test_not_trusted(url: str) -> None:
    """Another host, plain http, another scheme or no URL at all is refused."""
    with pytest.raises(Refused):
        require_trusted(url, ("a.example", ".b.example", "127.0.0.1"))


def test_revealed() -> None:
    """A secret is an object that reveals itself, a function, or the text."""

    class Held:
        def reveal(self) -> str:
            return "canary"

    assert [revealed(Held()), revealed(lambda: "canary"), revealed("canary")] == ["canary"] * 3


class Pictures(BaseHTTPRequestHandler):
    """A server of pictures, and of things that are not."""

    seen: list[dict[str, str]]

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        type(self).seen.append(dict(self.headers))
        status, sort, body = {
            "/good": (200, "image/png", b"\x89PNG" * 10),
            "/large": (200, "image/png", b"x" * 5000),
            "/page": (200, "text/html", b"<html>"),
            "/gone": (404, "image/png", b""),
            "/away": (302, "image/png", b""),
        }[self.path]
        self.send_response(status)
        self.send_header("Content-Type", sort)
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", "/good")
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of the server of pictures."""
    monkeypatch.setattr(Pictures, "seen", [], raising=False)
    server = HTTPServer(("127.0.0.1", 0), Pictures)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_picture_comes_without_credentials(
    pictures: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No password file is asked for a name and password for the picture's host."""
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password canary\n")
    monkeypatch.setenv("NETRC", str(netrc))

    assert download(f"{pictures}/good", ["127.0.0.1"]).startswith(b"\x89PNG")
    assert [name for headers in Pictures.seen for name in headers if name.casefold() in {"authorization", "cookie"}] == []


@pytest.mark.parametrize(("path", "error"), [("large", Damaged), ("page", Damaged), ("gone", Unreachable), ("away", Unreachable)])
def test_what_is_not_the_picture_is_said(pictures: str, path: str, error: type[Exception]) -> None:
    """Too much, a web page, nothing, or a way to somewhere else: none of them is a picture."""
    with pytest.raises(error):
        download(f"{pictures}/{path}", ["127.0.0.1"], limit=1000)


def test_a_server_that_is_not_there() -> None:
    """A host that does not answer is unreachable."""
    with pytest.raises(Unreachable):
        download("http://127.0.0.1:9/x", ["127.0.0.1"])


def test_quiet() -> None:
    """A library that was made quiet logs no warning."""
    _http.quiet("hub-test-library")

    assert not logging.getLogger("hub-test-library.deeper").isEnabledFor(logging.WARNING)
