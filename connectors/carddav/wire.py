"""Requests to a CardDAV server: redirects by hand, the password to trusted hosts only, tried again when that may help."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urljoin, urlsplit

from connectors import _http
from connectors._http import Patience, Repeatable
from connectors.errors import PLAN_AGAIN, ConfigError, Conflict, Damaged, HubError, Locked, NotFound, Refused, Unreachable
from connectors.phrase import Phrase

TIMEOUT = (15.0, 120.0)
"""Seconds to connect, and to wait for the next byte: a server may count ten thousand cards before it says the first."""

LONGEST = 180.0
"""Seconds after which one answer is cut off, however steadily it drips."""

MAX_BODY = 128 * 1024 * 1024
MAX_HOPS = 5
_REDIRECTS = frozenset({301, 302, 307, 308})
_UNSURE = frozenset({408, 425, 500, 502, 504})
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers (names in any case), body, and the URL that answered in the end."""

    status: int
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Asked:
    method: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    limit: int
    repeat: bool


class Wire:
    """A session with one server: one connection a host, no cookies, nothing from the environment."""

    def __init__(
        self, hosts: tuple[str, ...], username: str, password: Callable[[], str], hint: Phrase, patience: Patience
    ) -> None:
        self.hosts = hosts
        self.patience = patience
        self._username, self._password, self._hint = username, password, hint
        self._auth: Any = None
        self._session: Any = None
        self._sockets: list[socket.socket] = []
        self._late = False

    def request(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        limit: int = MAX_BODY,
        repeat: bool = True,
    ) -> Answer:
        """Send it, following redirects, and give what a successful answer holds.

        Without `repeat` a request that may have been carried out is not sent again. Raises `Unreachable` (see
        `may_be_done`), `Refused`, `NotFound`, `Conflict`, `Locked`, `Damaged`.
        """
        asked = _Asked(method, body, dict(headers or {}), limit, repeat)
        for _ in range(MAX_HOPS):
            answer = _http.repeated(partial(self._attempt, asked, url), self.patience)
            if answer.status not in _REDIRECTS:
                return answer
            url = joined(url, answer.headers.get("Location", ""))
        raise Damaged(Phrase("{host} sends the hub round in a circle.", host=_http.host_of(url)))

    def _attempt(self, asked: _Asked, url: str) -> Answer:
        import requests

        try:
            answer = self._sent(asked, url)
        except (requests.RequestException, OSError, ValueError):
            silent = Unreachable(Phrase("{host} did not answer.", host=_http.host_of(url) or "?"), _NETWORK)
            raise Repeatable(silent, tries=_http.NETWORK_TRIES if asked.repeat else 1) from None
        if 200 <= answer.status < 300 or answer.status in _REDIRECTS:
            return answer
        raise self._trouble(answer, asked.repeat)

    def _sent(self, asked: _Asked, url: str) -> Answer:
        _http.require_trusted(url, self.hosts)
        options = {"headers": asked.headers, "allow_redirects": False, "stream": True, "timeout": TIMEOUT}
        session = self._opened()
        self._late = False
        with (
            _http.cut_after(LONGEST, self._cut),
            session.request(asked.method, url, data=asked.body, auth=self._auth, **options) as response,
        ):
            data = bytearray()
            for block in response.iter_content(_BLOCK):
                data += block
                if len(data) > asked.limit:
                    raise Damaged(Phrase("{host} sent more than the hub takes in one answer.", host=_http.host_of(url)))
            if self._late:
                raise TimeoutError
            return Answer(response.status_code, url, response.headers, bytes(data))

    def _opened(self) -> Any:
        """The session, made at the first request; a password file (netrc) or a proxy of the environment has no say in it."""
        if self._session is None:
            from http.cookiejar import DefaultCookiePolicy

            import requests

            _http.quiet("urllib3", "requests")
            self._auth = self._credentials()
            self._session = requests.Session()
            self._session.trust_env = False
            self._session.get_redirect_target = _nowhere
            self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            for adapter in self._session.adapters.values():
                _remember(adapter.poolmanager, self._sockets)
        return self._session

    def _credentials(self) -> tuple[bytes, bytes] | None:
        """Name and password. Raises `Unreachable` when the password is not where the configuration says."""
        try:
            return (self._username.encode(), self._password().encode()) if self._username else None
        except ConfigError as error:
            raise Unreachable(error.message, error.hint) from None

    def _cut(self) -> None:
        self._late = True
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _trouble(self, answer: Answer, repeat: bool) -> Exception:
        """What to raise for a status that is no success."""
        host, status = _http.host_of(answer.url), answer.status
        if status == 500:
            error = Unreachable(Phrase("{host} failed inside itself (status {status}).", host=host, status=status), _LATER)
            return Repeatable(error, tries=2 if repeat else 1)
        if status in _http.REPEATABLE:
            busy = Phrase("{host} is too busy or asks to wait (status {status}).", host=host, status=status)
            # These two say that nothing was carried out: any request may be sent again.
            sure = status in {429, 503}
            after = _http.retry_after(answer.headers.get("Retry-After"))
            return Repeatable(Unreachable(busy, _LATER), after, None if repeat or sure else 1)
        return self._told(host, status)

    def _told(self, host: str, status: int) -> HubError:
        if status in {401, 407}:
            return Unreachable(Phrase("{host} did not accept the username and password.", host=host), self._hint)
        if status in {404, 410}:
            return NotFound(Phrase("{host} has nothing there.", host=host))
        if status in {409, 412}:
            return Conflict(
                Phrase("The card changed at {host} since the plan was shown; nothing was written.", host=host),
                PLAN_AGAIN,
            )
        if status == 423:
            return Locked(Phrase("Somebody has the card locked at {host}; nothing was written.", host=host), _LATER)
        if status in {403, 405, 501, 507}:
            return Refused(
                Phrase("{host} refuses this (status {status}); nothing was written.", host=host, status=status),
                Phrase("May this account change that address book? If so, do it by hand in the contacts program."),
            )
        return Damaged(
            Phrase("{host} answered with status {status}, which no address book server should.", host=host, status=status),
            Phrase("Check `url` in hub.toml."),
        )


_NETWORK = Phrase("Check the network and the address, and run the command again.")
_LATER = Phrase("Run the command again later.")


def is_broken(error: HubError) -> bool:
    """Whether the server says that it failed itself: perhaps at one card only."""
    return isinstance(error, Unreachable) and error.message.values.get("status") == 500


def may_be_done(error: Unreachable) -> bool:
    """Whether no usable answer came, so that the request may have been carried out or not."""
    return error.hint is _NETWORK or error.message.values.get("status") in _UNSURE


def _nowhere(_response: object) -> None:
    """Keep the library from looking where a redirect leads."""


def joined(base: str, href: str) -> str:
    """The URL that an href means. Raises `Damaged` for one that is none."""
    try:
        url = urljoin(base, href.strip())
        urlsplit(url)
    except ValueError:
        raise Damaged(Phrase("{host} names an address that is none.", host=_http.host_of(base) or "?")) from None
    return url


def _remember(manager: Any, sockets: list[socket.socket]) -> None:
    """Have every new socket kept where it can be cut off from another thread, even when its connection let go of it."""
    pools = {}
    for scheme, pool in manager.pool_classes_by_scheme.items():

        class Connection(pool.ConnectionCls):  # type: ignore[misc, name-defined]  # the library's own class, known only now
            def connect(self) -> None:
                super().connect()
                sockets[:] = [each for each in sockets if each.fileno() >= 0] + [self.sock]

        pools[scheme] = type(pool.__name__, (pool,), {"ConnectionCls": Connection})
    manager.pool_classes_by_scheme = pools
