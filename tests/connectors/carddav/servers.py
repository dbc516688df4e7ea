"""Real CardDAV servers on the loopback: started by the tests, stopped by their own process."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from requests.auth import HTTPBasicAuth

USER, PASSWORD = "alice", "canary-pass-wörd"

_RADICALE = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {users}
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {store}
[logging]
level = error
"""


@dataclass
class Running:
    """A server: where it answers, and the folder in which it keeps the books of the one account."""

    url: str
    home: Path
    auth: HTTPBasicAuth | None

    def request(self, method: str, path: str, data: bytes = b"", **headers: str) -> requests.Response:
        """A request of the owner's other program."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(method, self.url + path, data=data, headers=sent, auth=self.auth, timeout=30)

    def put(self, path: str, card: bytes) -> None:
        """Write a card as the owner's phone does."""
        answer = self.request("PUT", path, card, Content_Type="text/vcard; charset=utf-8")
        assert answer.status_code in {200, 201, 204}, answer.text

    def empty(self) -> None:
        """Forget every book."""
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)


@contextmanager
def radicale(folder: Path) -> Iterator[Running]:
    """Radicale, with the password file it reads."""
    port, users, config = _free_port(), folder / "users", folder / "config"
    users.write_text(f"{USER}:{PASSWORD}\n", encoding="utf-8")
    config.write_text(_RADICALE.format(port=port, users=users, store=folder / "store"), encoding="utf-8")
    home = folder / "store/collection-root" / USER
    with _running([sys.executable, "-m", "radicale", "--config", str(config)], port, folder):
        server = Running(f"http://127.0.0.1:{port}/", home, HTTPBasicAuth(USER.encode(), PASSWORD.encode()))
        server.empty()
        yield server


@contextmanager
def xandikos(folder: Path) -> Iterator[Running]:
    """Xandikos, which asks for no password without a certificate."""
    port, store = _free_port(), folder / "store"
    options = ["--defaults", "--current-user-principal", "/alice/", "-l", "127.0.0.1", "-p", str(port)]
    program = str(Path(sys.executable).with_name("xandikos"))
    with _running([program, "serve", "-d", str(store), *options], port, folder):
        yield Running(f"http://127.0.0.1:{port}/", store / "alice/contacts", None)


def radicale_book(server: Running, name: str, cards: dict[str, bytes]) -> Path:
    """A book of Radicale's, written as it keeps it: quicker than by a request a card."""
    book = server.home / name
    book.mkdir(parents=True)
    (book / ".Radicale.props").write_text(json.dumps({"tag": "VADDRESSBOOK"}))
    for file, card in cards.items():
        (book / file).write_bytes(card)
    return book


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as process:
        try:
            _wait_for(port, process)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended at once"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server did not begin to answer")
