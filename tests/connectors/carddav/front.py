"""A stand-in that behaves as Apple's contacts server is reported to, in two halves on two hosts of the loopback.

The root only redirects to the other half; there every href is absolute, a book has no name, a multiget with whole
URLs is a bad request, `If-Match: *` never matches, a card is re-serialised when it is put and gets no etag with the
answer, and pictures lie behind a URL that wants the password.
"""

from __future__ import annotations

import base64
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from tests.connectors.carddav.servers import PASSWORD, USER

HTML = b"<!DOCTYPE html><html><body><h1>Welcome to the hotel's network</h1></body></html>"
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><multistatus xmlns="DAV:"><response><href>&c;</href></response></multistatus>'
)
PHOTO = b"\xff\xd8\xff\xe0" + bytes(60)
PRINCIPAL, HOME, BOOK = "/123/principal/", "/123/carddavhome/", "/123/carddavhome/card/"
_NAMES = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"'


Trouble = int | Literal["drop", "html", "bomb", "half", "empty", "drip", "foreign", "circle", "none"]
"""A status, or a way of answering that no server should have."""


@dataclass
class Fault:
    """What goes wrong with the next `times` requests whose "METHOD path" contains `at`; `then` is called before."""

    at: str
    what: Trouble
    times: int = 1
    done: bool = False
    retry_after: str = ""
    then: Callable[[], object] | None = None


@dataclass(frozen=True)
class Seen:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Front:
    """Both halves, running."""

    def __init__(self) -> None:
        self.cards: dict[str, tuple[int, bytes]] = {}
        self.changed: dict[str, int] = {}
        self.number = 1
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.refuses_put = False
        self.tells_etags = True
        self.forgets: set[str] = set()
        self.lock = threading.RLock()
        self._servers = [_Server(self, "root"), _Server(self, "partition")]
        self._threads = [threading.Thread(target=one.serve_forever, args=(0.02,), daemon=True) for one in self._servers]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """What an owner configures."""
        return f"http://127.0.0.1:{self._servers[0].server_port}/"

    @property
    def partition(self) -> str:
        """Where the cards really are."""
        return f"http://localhost:{self._servers[1].server_port}"

    def stop(self) -> None:
        """Be gone."""
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def put(self, name: str, card: bytes) -> str:
        """Write a card; its path."""
        with self.lock:
            path = f"{BOOK}{name}"
            self.number += 1
            self.cards[path] = (self.number, card)
            self.changed[path] = self.number
            return path

    def remove(self, path: str) -> None:
        """Delete a card."""
        with self.lock:
            self.number += 1
            del self.cards[path]
            self.changed[path] = self.number

    def sent(self, method: str) -> list[Seen]:
        """The requests of one method."""
        return [one for one in self.seen if one.method == method]

    def fault_at(self, request: str) -> Fault | None:
        """The fault that hits this request, used up by it."""
        for fault in self.faults:
            if fault.at in request and fault.times:
                fault.times -= 1
                return fault
        return None

    def etag(self, path: str) -> str:
        """The etag as a listing tells it."""
        return f'"C={self.cards[path][0]}@U=5f"'

    # Answers

    def propfind(self, path: str, depth: str) -> bytes:
        """The multistatus for a PROPFIND."""
        if path in {"/", "/.well-known/carddav"}:
            return self._status((path, f"<current-user-principal>{self._href(PRINCIPAL)}</current-user-principal>"))
        if path == PRINCIPAL:
            return self._status((path, f"<C:addressbook-home-set>{self._href(HOME)}</C:addressbook-home-set>"))
        book = (BOOK, f"<resourcetype><collection/><C:addressbook/></resourcetype><sync-token>{self.number}</sync-token>")
        if path == HOME:
            return self._status((path, "<resourcetype><collection/></resourcetype>"), *([book] if depth == "1" else []))
        if path == BOOK:
            return self._status(book, *([(card, self._etag_prop(card)) for card in self.cards] if depth == "1" else []))
        return self._status((path, self._etag_prop(path)))

    def report(self, path: str, body: bytes) -> bytes | int:
        """The multistatus for a REPORT, or a status."""
        text = body.decode()
        if "sync-collection" in text:
            return self._sync(text)
        hrefs = re.findall(r"<D:href>(.*?)</D:href>", text)
        if any(href.startswith("http") for href in hrefs):
            return 400
        parts = []
        for href in hrefs:
            if href in self.cards and href not in self.forgets:
                data = escape(self.cards[href][1].decode("utf-8"), {"\r": "&#13;"})
                parts.append((href, f"{self._etag_prop(href)}<C:address-data>{data}</C:address-data>"))
        return self._status(*parts)

    def _sync(self, text: str) -> bytes | int:
        token = re.search(r"<D:sync-token>(\d*)</D:sync-token>", text)
        if not token or not token[1] or int(token[1]) > self.number:
            return 403
        since = int(token[1])
        fresh = [(path, self._etag_prop(path)) for path in self.cards if self.changed[path] > since]
        gone = [path for path, at in self.changed.items() if at > since and path not in self.cards]
        lost = "".join(f"<response>{self._href(path)}<status>HTTP/1.1 404 Not Found</status></response>" for path in gone)
        return self._status(*fresh, more=f"{lost}<sync-token>{self.number}</sync-token>")

    def write(self, seen: Seen) -> int:
        """The status of a PUT or DELETE."""
        if "Depth" in seen.headers:
            return 400
        there = seen.path in self.cards
        match = seen.headers.get("If-Match")
        if match is not None and (not there or match != self.etag(seen.path)):
            return 412 if there or seen.method == "PUT" else 404
        if seen.headers.get("If-None-Match") == "*" and there:
            return 412
        if seen.method == "DELETE":
            if not there:
                return 404
            self.remove(seen.path)
            return 204
        if self.refuses_put:
            return 403
        card = re.sub(rb"\r\nREV:[^\r]*", b"", seen.body).replace(b"END:VCARD", b"REV:2026-11-22T00:00:00Z\r\nEND:VCARD")
        self.put(seen.path.removeprefix(BOOK), card)
        return 201

    def _etag_prop(self, path: str) -> str:
        return f"<getetag>{escape(self.etag(path))}</getetag>" if self.tells_etags else ""

    def _href(self, path: str) -> str:
        return f"<href>{escape(self.partition + path)}</href>"

    def _status(self, *parts: tuple[str, str], more: str = "") -> bytes:
        found = "".join(
            f"<response>{self._href(path)}<propstat><prop>{props}</prop><status>HTTP/1.1 200 OK</status></propstat></response>"
            for path, props in parts
        )
        return f'<?xml version="1.0" encoding="UTF-8"?><multistatus {_NAMES}>{found}{more}</multistatus>'.encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, front: Front, half: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.front, self.half = front, half

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _any(self) -> None:
        front = self.server.front
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = Seen(self.command, urlsplit(self.path).path, dict(self.headers.items()), body)
        with front.lock:
            front.seen.append(seen)
            fault = front.fault_at(str(seen))
        if fault and fault.then:
            fault.then()
        if fault and fault.done:
            with front.lock:
                front.write(seen)
        if fault and fault.what != "none":
            self._fault(fault)
        elif self.server.half == "root":
            self._send(301, headers={"Location": f"{front.partition}{seen.path}"})
        else:
            with front.lock:
                answer = self._answer(front, seen)
            self._send(*answer)

    do_GET = do_PUT = do_DELETE = do_PROPFIND = do_REPORT = _any  # noqa: N815  # the names http.server calls

    def _answer(self, front: Front, seen: Seen) -> tuple[int, bytes, dict[str, str]]:
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if seen.headers.get("Authorization") != f"Basic {expected}":
            return 401, b"", {"WWW-Authenticate": 'Basic realm="contacts"'}
        if seen.method in {"PROPFIND", "REPORT"}:
            if not seen.headers.get("Content-Type", "").startswith("application/xml"):
                return 415, b"", {}
            known = {"/", "/.well-known/carddav", PRINCIPAL, HOME, BOOK, *front.cards}
            if seen.path not in known:
                return 404, b"", {}
            told = (
                front.propfind(seen.path, seen.headers["Depth"])
                if seen.method == "PROPFIND"
                else front.report(seen.path, seen.body)
            )
            return (told, b"", {}) if isinstance(told, int) else (207, told, {"Content-Type": "text/xml"})
        if seen.method == "GET":
            if seen.path.startswith("/ck/card/"):
                return 200, PHOTO, {"Content-Type": "image/jpeg"}
            card = front.cards.get(seen.path)
            return (200, card[1], {"Content-Type": "text/vcard", "ETag": f'W/"{card[0]}-other"'}) if card else (404, b"", {})
        return front.write(seen), b"", {}

    def _send(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")  # else the client may send its next request into a closing socket
        self.end_headers()
        self.wfile.write(body)

    def _fault(self, fault: Fault) -> None:
        self.close_connection = True
        headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
        if isinstance(fault.what, int):
            self._send(fault.what, b"", headers)
        elif fault.what in {"html", "bomb", "empty"}:
            empty = b'<?xml version="1.0"?><multistatus xmlns="DAV:"/>'
            self._send(200 if fault.what == "html" else 207, {"html": HTML, "bomb": BOMB, "empty": empty}[str(fault.what)])
        elif fault.what in {"foreign", "circle"}:
            self._send(301, b"", {"Location": "https://contacts.foreign.example/" if fault.what == "foreign" else self.path})
        elif fault.what == "half":
            self._send(207, self.server.front.propfind(BOOK, "1")[:-40])
        elif fault.what == "drip":
            self._drip()

    def _drip(self) -> None:
        self.send_response(207)
        self.end_headers()
        with suppress(OSError):
            for _ in range(2000):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.05)
