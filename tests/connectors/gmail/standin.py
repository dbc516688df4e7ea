"""A local stand-in for Google: the People API, the token endpoint and the consent page, with faults on request.

It answers on the loopback only, in its own thread, and holds one account (`Store`). Each request is logged without its
query's values being needed elsewhere; each fault is used up by the requests it hits.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from tests.connectors.gmail import writes
from tests.connectors.gmail.store import CONTACT_MASK, OTHER_MASK, ApiError, Json, Store

WRITE = "https://www.googleapis.com/auth/contacts"
READ = "https://www.googleapis.com/auth/contacts.readonly"
OTHERS = "https://www.googleapis.com/auth/contacts.other.readonly"

TOKEN = "ready-access-token"
NOBODY = frozenset({"nobody"})
"""What an unknown token may do."""

LONGEST = 100.0
"""Seconds after which the stand-in ends anything it does slowly."""

HTML = b"<!DOCTYPE html><html><body><h1>502. That's an error.</h1></body></html>"
PHOTO = b"\xff\xd8\xff\xe0" + bytes(60)


@dataclass
class Fault:
    """What goes wrong with the next `times` requests whose "METHOD path" contains `at`.

    `what`: an HTTP status, "drop" (the connection closes without an answer), "html" (a page of somebody else's with
    status 200), "html error", "drip" (a byte now and then), "circle" (the same page token for ever), "foreign" (a redirect).
    `done`: the work is done all the same. `then`: called before anything else, for races.
    """

    at: str
    what: int | Literal["drop", "html", "html error", "drip", "circle", "foreign", "none"]
    times: int = 1
    done: bool = False
    retry_after: str = ""
    reason: str = ""
    then: Callable[[], object] | None = None


@dataclass(frozen=True)
class Seen:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str] = field(repr=False)
    status: int

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class StandIn:
    """A running stand-in; use it as a context."""

    def __init__(self) -> None:
        self.store = Store()
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.tokens: dict[str, frozenset[str]] = {TOKEN: frozenset({WRITE, OTHERS})}
        self.refresh: dict[str, frozenset[str]] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.unticked: frozenset[str] = frozenset()
        self.denied = False
        self.revoked: list[str] = []
        self.photo_authorized: list[bool] = []
        self.lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._server = Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """Be gone, open connections included."""
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def client(self) -> Json:
        """The file of a Desktop app client that leads here."""
        part = {"client_id": "client-1", "client_secret": "canary-client-secret", "redirect_uris": ["http://localhost"]}
        return {"installed": {**part, "auth_uri": f"{self.url}/auth", "token_uri": f"{self.url}/token"}}

    def paths(self, method: str = "") -> list[str]:
        """What was asked for so far."""
        return [str(item) for item in self.seen if method in {"", item.method}]

    def fault_at(self, request: str) -> Fault | None:
        """The fault that hits this request, used up by it."""
        for fault in self.faults:
            if fault.at in request and fault.times:
                fault.times -= 1
                return fault
        return None

    # The account

    def answer(self, method: str, path: str, query: dict[str, str], scopes: frozenset[str], body: Json) -> Json:
        """Answer one call of the API. Raises `ApiError`."""
        route = (method, path)
        if route == ("GET", "/v1/people/me/connections"):
            _need(scopes, WRITE, READ)
            return self.store.page("contacts", query, _mask(query.get("personFields", ""), CONTACT_MASK))
        if route == ("GET", "/v1/otherContacts"):
            _need(scopes, OTHERS)
            return self.store.page("others", query, _mask(query.get("readMask", ""), OTHER_MASK))
        if route == ("GET", "/v1/contactGroups"):
            _need(scopes, WRITE, READ)
            return {"contactGroups": [_group(name, group) for name, group in self.store.groups.items()]}
        if path.startswith(("/v1/people/", "/v1/people:", "/v1/contactGroups/")) and method in {"POST", "PATCH"}:
            _need(scopes, WRITE)
            return self._written(method, path.removeprefix("/v1/"), query, body)
        if path.startswith("/v1/people/"):
            return self._person(method, path.removeprefix("/v1/"), query, scopes)
        raise ApiError(404, "NOT_FOUND", "No such method.")

    def _person(self, method: str, path: str, query: dict[str, str], scopes: frozenset[str]) -> Json:
        name, _, verb = path.partition(":")
        _need(scopes, WRITE, *((READ,) if method == "GET" else ()))
        if (method, verb) == ("GET", ""):
            return self.store.get(name, _mask(query.get("personFields", ""), CONTACT_MASK))
        if (method, verb) == ("DELETE", "deleteContact"):
            self.store.delete(name)
            return {}
        raise ApiError(404, "NOT_FOUND", "No such method.")

    def _written(self, method: str, path: str, query: dict[str, str], body: Json) -> Json:
        name, _, verb = path.partition(":")
        shown = _mask(query.get("personFields") or ",".join(CONTACT_MASK), CONTACT_MASK)
        if (method, verb) == ("PATCH", "updateContact"):
            writes.update(self.store, name, body, _mask(query.get("updatePersonFields", ""), writes.UPDATE_MASK))
            return self.store.get(name, shown)
        if (method, path) == ("POST", "people:createContact"):
            return self.store.get(writes.create(self.store, body), shown)
        if (method, verb) == ("PATCH", "updateContactPhoto"):
            writes.picture(self.store, name, body, f"{self.url}/photo/{name.removeprefix('people/')}")
            return {}
        if (method, verb) == ("POST", "modify"):
            return writes.join(self.store, name.removesuffix("/members"), body)
        raise ApiError(404, "NOT_FOUND", "No such method.")

    # Signing in

    def consent(self, query: dict[str, str]) -> str:
        """The consent page, answered at once by the owner: where the browser is sent next."""
        back, state = query["redirect_uri"], {"state": query["state"]}
        if self.denied:
            return f"{back}?{urlencode({'error': 'access_denied', **state})}"
        granted = " ".join(scope for scope in query["scope"].split() if scope not in self.unticked)
        code = f"code-{len(self.codes)}"
        self.codes[code] = {**query, "scope": granted}
        return f"{back}?{urlencode({'code': code, 'scope': granted, **state})}"

    def grant(self, form: dict[str, str]) -> tuple[int, Json]:
        """The token endpoint."""
        if form.get("grant_type") == "refresh_token":
            scopes = self.refresh.get(form.get("refresh_token", ""))
            if scopes is None:
                return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
            return 200, self._issue(scopes)
        asked = self.codes.pop(form.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if asked is None or asked.get("code_challenge") != proof or asked.get("code_challenge_method") != "S256":
            return 400, {"error": "invalid_grant", "error_description": "Bad code or verifier."}
        scopes = frozenset(asked["scope"].split())
        if asked.get("access_type") == "offline" and asked.get("prompt") == "consent":
            token = f"canary-refresh-{len(self.refresh)}"
            self.refresh[token] = scopes
            return 200, {**self._issue(scopes), "refresh_token": token}
        return 200, self._issue(scopes)

    def _issue(self, scopes: frozenset[str]) -> Json:
        token = f"access-{len(self.tokens)}"
        self.tokens[token] = scopes
        return {"access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": " ".join(sorted(scopes))}

    def revoke(self, form: dict[str, str]) -> tuple[int, Json]:
        """The revoke endpoint."""
        self.revoked.append(form.get("token", ""))
        known = self.refresh.pop(form.get("token", ""), None)
        return (400, {"error": "invalid_token"}) if known is None else (200, {})


def _need(scopes: frozenset[str], *one_of: str) -> None:
    if not scopes & set(one_of):
        raise ApiError(
            403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        )


def _mask(text: str, known: frozenset[str]) -> frozenset[str]:
    asked = frozenset(text.split(",")) - {""}
    if not asked or asked - known:
        raise ApiError(400, "INVALID_ARGUMENT", "Invalid mask path.")
    return asked


def _group(name: str, group: Json) -> Json:
    return {"resourceName": name, "etag": "x", "formattedName": group["name"], **group}


def _need_signed_in(scopes: frozenset[str]) -> None:
    if scopes is NOBODY:
        raise ApiError(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")


class Server(ThreadingHTTPServer):
    """The socket that listens."""

    daemon_threads = True

    def __init__(self, standin: StandIn) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.standin = standin


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = LONGEST

    @property
    def standin(self) -> StandIn:
        assert isinstance(self.server, Server)
        return self.server.standin

    def setup(self) -> None:
        super().setup()
        self.standin._open.add(self.connection)

    def finish(self) -> None:
        self.standin._open.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.standin.lock:
            fault = self.standin.fault_at(f"{self.command} {self.path}")
            if fault and fault.then:
                fault.then()
            hit = fault is not None and fault.what != "none"
            status, body, headers = (0, b"", {}) if hit and fault and not fault.done else self.work(parts.path, query, raw)
            shown = fault.what if hit and fault and isinstance(fault.what, int) else status
            self.standin.seen.append(Seen(self.command, parts.path, query, shown))
        if hit and fault:
            self.fail(fault)
        else:
            self.send(status, body, headers)

    do_GET = do_POST = do_PATCH = do_DELETE = do  # noqa: N815  # the names http.server calls

    def work(self, path: str, query: dict[str, str], raw: bytes) -> tuple[int, bytes, dict[str, str]]:
        form = {key: values[0] for key, values in parse_qs(raw.decode("utf-8", "replace")).items()}
        if path == "/auth":
            return 302, b"", {"Location": self.standin.consent(query)}
        if path.startswith("/photo/"):
            self.standin.photo_authorized.append("Authorization" in self.headers)
            return 200, PHOTO, {"Content-Type": "image/jpeg"}
        if path == "/token":
            return _json(*self.standin.grant(form))
        if path == "/revoke":
            return _json(*self.standin.revoke(form))
        scopes = self.standin.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "), NOBODY)
        try:
            _need_signed_in(scopes)
            sent = json.loads(raw) if raw else {}
            return _json(200, self.standin.answer(self.command, path, query, scopes, sent))
        except ApiError as error:
            return _json(error.code, error.body())

    def fail(self, fault: Fault) -> None:
        if isinstance(fault.what, int):
            headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            error = ApiError(fault.what, "TROUBLE", f"Trouble with {self.path}", fault.reason)
            self.send(*_json(fault.what, error.body())[:2], headers)
        elif fault.what == "drop":
            self.close_connection = True
        elif fault.what == "html":
            self.send(200, HTML, {"Content-Type": "text/html"})
        elif fault.what == "html error":
            self.send(502, HTML, {"Content-Type": "text/html"})
        elif fault.what == "circle":
            self.send(*_json(200, {"connections": [], "nextPageToken": "again"}))
        elif fault.what == "foreign":
            self.send(302, b"", {"Location": "https://foreign.example/v1/people"})
        elif fault.what == "drip":
            self.drip()

    def drip(self) -> None:
        """Promise much and send a byte now and then."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        end = time.monotonic() + LONGEST
        while time.monotonic() < end:
            self.wfile.write(b" ")
            time.sleep(0.05)

    def send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _json(status: int, body: Json) -> tuple[int, bytes, dict[str, str]]:
    return status, json.dumps(body).encode(), {}
