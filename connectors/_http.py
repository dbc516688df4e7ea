"""Talking to servers: when to try again and how long to wait, whom credentials may go to, and silence in the logs.

Nothing here knows a protocol: an attempt is a function, and says by `Repeatable` that it may be made again.
"""

from __future__ import annotations

import ipaddress
import logging
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Timer
from typing import TypeVar
from urllib.parse import urlsplit

from connectors.errors import Damaged, HubError, Refused, Unreachable
from connectors.phrase import Phrase

Result = TypeVar("Result")

REPEATABLE = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP statuses after which the same request may succeed a little later."""

NETWORK_TRIES = 3
"""How often a server that does not answer at all is asked: a machine without a network must not wait long to hear so."""

MAX_PHOTO = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one request may be tried: full jitter under a growing limit, a server's own wish first, an end always.

    All times are seconds. `sleep`, `clock` and `chance` are there for tests.
    """

    tries: int = 6
    base: float = 1.0
    cap: float = 64.0
    deadline: float = 120.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random

    def pause(self, attempt: int, after: float | None) -> float:
        """The wait before the next try: what the server asked for, else anything up to `base` doubled each time."""
        if after is not None:
            return after
        return self.chance() * min(self.cap, self.base * 2.0**attempt)


class Repeatable(Exception):  # says what may be done, like the errors of the tree
    """An attempt failed and may be made again; `error` is what to raise when there is no time or try left."""

    def __init__(self, error: HubError, after: float | None = None, tries: int | None = None) -> None:
        super().__init__("an attempt that may be repeated")
        self.error = error
        self.after = after
        self.tries = tries


def repeated(attempt: Callable[[], Result], patience: Patience) -> Result:
    """Make the attempt until it succeeds. Raises the last `Repeatable`'s error when the patience is at its end."""
    start = patience.clock()
    count = 0
    while True:
        try:
            return attempt()
        except Repeatable as trouble:
            pause = patience.pause(count, trouble.after)
            count += 1
            late = patience.clock() - start + pause > patience.deadline
            if late or count >= min(patience.tries, trouble.tries or patience.tries):
                raise trouble.error from None
        patience.sleep(pause)


@dataclass(slots=True)
class Pace:
    """At most `per_minute` requests in any 60 seconds; 0 for as many as there are."""

    per_minute: int
    patience: Patience
    _sent: deque[float] = field(default_factory=deque)

    def wait(self) -> None:
        """Wait until one more request may be sent, and count it."""
        if self.per_minute <= 0:
            return
        now = self.patience.clock()
        if len(self._sent) >= self.per_minute:
            self.patience.sleep(max(0.0, self._sent.popleft() + 60.0 - now))
        self._sent.append(self.patience.clock())


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """The seconds that a `Retry-After` header asks to wait (a number or a date); None when it says nothing usable."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())


def revealed(secret: object) -> str:
    """The text of an option of type `secret`: an object with `reveal()`, a function, or the text itself."""
    reveal = getattr(secret, "reveal", secret)
    return str(reveal() if callable(reveal) else reveal)


def host_of(url: str) -> str:
    """The host of a URL, the only part of one that may stand in a message; "" when it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_trusted(url: str, hosts: Sequence[str]) -> None:
    """Raise `Refused` unless the URL is https on one of `hosts` (".example.com": and all below it), or this machine."""
    host = host_of(url)
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        scheme = ""
    known = any(host == item or (item.startswith(".") and host.endswith(item)) for item in hosts)
    if (scheme == "https" and known) or (scheme in {"http", "https"} and is_loopback(host) and host in hosts):
        return
    raise Refused(
        Phrase("The address leads to {host}, which the hub does not trust with this request.", host=host or "?"),
        Phrase("If that is right, open the entry in its own program."),
    )


def download(url: str, hosts: Sequence[str], limit: int = MAX_PHOTO, timeout: float = 30.0) -> bytes:
    """Fetch a picture without any credentials, cookie or redirect, from a trusted host, up to `limit` bytes.

    Raises `Refused` for another host, `Unreachable` when nothing came, `Damaged` when it is not a picture or too large.
    """
    import requests

    require_trusted(url, hosts)
    quiet("urllib3")
    with requests.Session() as session:
        session.auth = _nobody
        try:
            with session.get(url, timeout=timeout, stream=True, allow_redirects=False) as response:
                return _picture(
                    response.status_code, response.headers.get("Content-Type", ""), response.iter_content(1 << 16), limit
                )
        except requests.RequestException:
            raise Unreachable(
                Phrase("The picture could not be fetched from {host}.", host=host_of(url)),
                Phrase("Run the export again later."),
            ) from None


def _nobody(request: Result) -> Result:
    """An authentication that adds nothing, so that no password file (netrc) is asked for one."""
    return request


def _picture(status: int, media_type: str, blocks: Iterator[bytes], limit: int) -> bytes:
    if status != 200:
        raise Unreachable(Phrase("The server did not give the picture (status {status}).", status=status))
    if not media_type.startswith("image/"):
        raise Damaged(Phrase("What the server gave is not a picture."))
    data = bytearray()
    for block in blocks:
        data += block
        if len(data) > limit:
            raise Damaged(Phrase("The picture is larger than {limit} bytes.", limit=limit))
    return bytes(data)


@contextmanager
def cut_after(seconds: float, cut: Callable[[], None]) -> Iterator[None]:
    """Call `cut` when what is inside takes longer: a server that sends a byte now and then never times out by itself."""
    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def quiet(*loggers: str) -> None:
    """Let these libraries log errors only: their warnings and details quote whole URLs and headers."""
    below = tuple(f"{name}." for name in loggers)
    for name in (*loggers, *(name for name in logging.root.manager.loggerDict if name.startswith(below))):
        logging.getLogger(name).setLevel(logging.ERROR)
