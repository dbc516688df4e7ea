"""A stand-in for iCloud Drive on loopback, as far as pyicloud's own `DriveService` asks it; what it holds can be looked into."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from pyicloud.services.drive import DriveService

from connectors._http import Patience
from tests.conformance import Killed

ROOT, TRASH = "FOLDER::com.apple.CloudDocs::root", "FOLDER::com.apple.CloudDocs::TRASH_ROOT"
FOLDER = "FOLDER::com.apple.CloudDocs::F1"
HURRIED = Patience(tries=3, sleep=lambda _seconds: None)
WRITES = ("upload", "content", "update", "renameItems", "moveItemsToTrash", "deleteItems")


@dataclass
class Document:
    """A file: where it is, which version, what is in it."""

    id: str
    name: str
    data: bytes
    etag: int = 1
    trashed: bool = False


class Cloud:
    """What the stand-in holds: one folder "Rekisteri", and Recently Deleted."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.asked: list[str] = []
        self.addresses: list[str] = []
        self.bodies: list[bytes] = []
        self.trouble: Callable[[str], tuple[int, object] | None] = lambda _act: None
        self.listing: Callable[[], None] = lambda: None
        self.written: Callable[[], None] = lambda: None
        self._count = 0

    def put(self, name: str, data: bytes) -> Document:
        """Another device saves a new file."""
        self._count += 1
        document = Document(f"D{self._count}", name, data)
        self.documents[document.id] = document
        return document

    def names(self) -> list[str]:
        """What stands in the folder."""
        return sorted(one.name for one in self.documents.values() if not one.trashed)

    def bin(self) -> list[str]:
        """What lies in Recently Deleted."""
        return sorted(one.name for one in self.documents.values() if one.trashed)

    def the(self, name: str) -> Document:
        """The one file of that name in the folder."""
        (found,) = [one for one in self.documents.values() if one.name == name and not one.trashed]
        return found

    def item(self, one: Document) -> dict[str, object]:
        """A file as a listing shows it."""
        stem, dot, extension = one.name.rpartition(".")
        shown = {"name": stem, "extension": extension} if dot and stem else {"name": one.name}
        place = {"restorePath": "Rekisteri"} if one.trashed else {}
        fixed = {"drivewsid": f"FILE::com.apple.CloudDocs::{one.id}", "docwsid": one.id, "zone": "com.apple.CloudDocs"}
        return {**fixed, **shown, **place, "type": "FILE", "etag": f"e{one.etag}", "size": len(one.data)}

    def list(self, folder: str) -> dict[str, object]:
        """A folder with what is in it."""
        self.listing()
        top: dict[str, object] = {
            "drivewsid": FOLDER,
            "docwsid": "F1",
            "zone": "com.apple.CloudDocs",
            "name": "Rekisteri",
            "type": "FOLDER",
        }
        items: list[dict[str, object]] = [top] if folder == ROOT else []
        if folder in {FOLDER, TRASH}:
            items = [self.item(one) for one in self.documents.values() if one.trashed == (folder == TRASH)]
        return {**(top if folder == FOLDER else {"drivewsid": folder}), "items": items, "directChildrenCount": len(items)}

    def act(self, act: str, item: dict[str, str]) -> dict[str, object]:
        """Rename, trash or delete; a wrong etag changes nothing and is told in the answer alone."""
        one = self.documents.get(item["drivewsid"].rpartition(":")[2])
        if one is None or item["etag"] != f"e{one.etag}":
            return {"status": "ETAG_CONFLICT"}
        if act == "renameItems":
            taken = {other.name for other in self.documents.values() if not other.trashed}
            one.name = item["name"] if item["name"] not in taken else item["name"].replace(".", " 2.", 1)
        elif act == "moveItemsToTrash":
            one.trashed = True
        else:
            del self.documents[one.id]
        one.etag += 1
        self.written()
        return {"status": "OK"}


class _Handler(BaseHTTPRequestHandler):
    cloud: Cloud
    drafts: dict[str, bytes]

    def do_GET(self) -> None:
        self._respond(b"")

    def do_POST(self) -> None:
        self._respond(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _respond(self, body: bytes) -> None:
        path = urlsplit(self.path).path
        act = {"web": "upload", "documents": "update", "by_id": "download"}.get(path.rpartition("/")[2], path.split("/")[1])
        self.cloud.asked.append(act)
        self.cloud.addresses.append(self.path)
        self.cloud.bodies.append(body)
        status, answer = self.cloud.trouble(act) or (200, self._answer(act, body))
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _answer(self, act: str, body: bytes) -> object:
        base = f"http://{self.headers['Host']}"
        if act == "download":
            return {"data_token": {"url": f"{base}/read/{parse_qs(urlsplit(self.path).query)['document_id'][0]}"}}
        if act == "read":
            return self.cloud.documents[urlsplit(self.path).path.rpartition("/")[2]].data
        if act == "content":
            found = re.search(rb"\r\n\r\n(.*)\r\n--[^\r]+--\r\n$", body, re.DOTALL)
            self.drafts[urlsplit(self.path).path.rpartition("/")[2]] = found[1] if found else b""
            keys = ("fileChecksum", "wrappingKey", "referenceChecksum", "receipt")
            return {"singleFile": {**dict.fromkeys(keys, "x"), "size": 1}}
        return self._told(act, json.loads(body), base)

    def _told(self, act: str, told: Any, base: str) -> object:
        if act == "retrieveItemDetailsInFolders":
            return [self.cloud.list(told[0]["drivewsid"])]
        if act == "upload":
            return [{"document_id": "draft", "url": f"{base}/content/draft"}]
        if act == "update":
            self.cloud.put(told["path"]["path"], self.drafts[told["document_id"]])
            self.cloud.written()
            return {"status": "OK"}
        return {"items": [self.cloud.act(act, item) for item in told["items"]]}

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class Mortal(requests.Session):
    """A session whose process dies before or after the n-th request that writes; -1 for never."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.dies_at, self.before, self.writes = -1, False, 0

    def post(self, url: str | bytes, *arguments: Any, **options: Any) -> requests.Response:
        """Send, count, die."""
        if not any(f"/{act}" in str(url) for act in (*WRITES, "ws")):
            return super().post(url, *arguments, **options)
        self.writes += 1
        if self.before and self.writes == self.dies_at:
            raise Killed
        response = super().post(url, *arguments, **options)
        if self.writes == self.dies_at:
            raise Killed
        return response


@contextmanager
def serving() -> Iterator[tuple[Cloud, Callable[[], DriveService]]]:
    """The stand-in running, and how to reach it: each call is a new sign-in."""
    cloud = Cloud()
    handler = type("Handler", (_Handler,), {"cloud": cloud, "drafts": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"

    def service() -> DriveService:
        session = Mortal()
        session.cookies.set("X-APPLE-WEBAUTH-VALIDATE", "v=1:t=TOK")
        return DriveService(base, base, session, {"clientId": "c"})

    try:
        yield cloud, service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
