"""A small client for Marionette, the remote control built into Thunderbird: start it headless, run scripts, end it.

The protocol: `LENGTH:JSON` both ways over a loopback socket; a command is `[0, id, name, parameters]`, its answer
`[1, id, error, value]`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

STARTS = 90.0
ANSWERS = 60.0
ENDS = 30.0
"""Seconds after which a start, an answer or an end has failed."""

_PREFS: dict[str, object] = {
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "app.update.enabled": False,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "extensions.getAddons.cache.enabled": False,
    "extensions.update.enabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.spotlight.firstRunDone": True,
    "mail.winsearch.firstRunDone": True,
    "mailnews.start_page.enabled": False,
    "mailnews.start_page_override.mstone": "ignore",
    "marionette.port": 0,
    "mail.inappnotifications.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.socks": "127.0.0.1",
    "network.proxy.socks_port": 9,
    "services.settings.server": "http://127.0.0.1:9/",
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "http://127.0.0.1:9/",
}


class MarionetteError(Exception):
    """Thunderbird answered with an error, or not in time."""


def program() -> str | None:
    """Where Thunderbird is, None when it is not installed."""
    return shutil.which("thunderbird")


def write_prefs(profile: Path) -> None:
    """Keep Thunderbird off the network and off first-run pages, for as long as `user.js` is there."""
    lines = [f"user_pref({json.dumps(key)}, {json.dumps(value)});" for key, value in _PREFS.items()]
    (profile / "user.js").write_text("\n".join(lines) + "\n", encoding="utf-8")


def refusal(profile: Path) -> str:
    """What Thunderbird says when it ends by itself instead of starting; raises TimeoutExpired when it starts."""
    write_prefs(profile)
    process = _start(profile, subprocess.PIPE)
    try:
        return process.communicate(timeout=ENDS)[0].decode()
    finally:
        _end(process)


class Thunderbird:
    """One running Thunderbird on one profile; leave it by `quit`, `kill`, or the end of the `with` block."""

    def __init__(self, profile: Path) -> None:
        write_prefs(profile)
        self._port_file = profile / "MarionetteActivePort"
        self._port_file.unlink(missing_ok=True)
        self._process = _start(profile, subprocess.DEVNULL, "--marionette", "--remote-allow-system-access")
        self._socket: socket.socket | None = None
        self._buffer = b""
        self._number = 0
        try:
            self._connect()
        except BaseException:
            self.kill()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def run(self, script: str, *arguments: object) -> Any:
        """Run the body of an async function with Thunderbird's own rights; `arguments` are its `args`."""
        body = (
            "const [args, done] = [Array.from(arguments).slice(0, -1), arguments[arguments.length - 1]];"
            f"(async () => {{ {script} }})().then(value => done({{value}}), error => done({{error: String(error)}}));"
        )
        answer = self._call("WebDriver:ExecuteAsyncScript", {"script": body, "args": list(arguments), "newSandbox": False})
        result = answer["value"]
        if "error" in result:
            raise MarionetteError(result["error"])
        return result.get("value")

    def quit(self) -> None:
        """End Thunderbird as the owner does."""
        with suppress(MarionetteError, OSError):
            self._call("Marionette:Quit", {"flags": ["eAttemptQuit"]})
        self._process.wait(ENDS)
        self._close()

    def kill(self) -> None:
        """End Thunderbird, and what it started, without giving it a chance to tidy up."""
        _end(self._process)
        self._close()

    def _connect(self) -> None:
        end = time.monotonic() + STARTS
        while not (self._port_file.is_file() and self._port_file.read_text().strip()):
            if self._process.poll() is not None or time.monotonic() > end:
                raise MarionetteError("Thunderbird did not start")
            time.sleep(0.1)
        self._socket = socket.create_connection(("127.0.0.1", int(self._port_file.read_text())), ANSWERS)
        self._receive()  # the greeting
        self._call("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {}}})
        self._call("WebDriver:SetTimeouts", {"script": int(ANSWERS * 1000)})
        self._call("Marionette:SetContext", {"value": "chrome"})

    def _call(self, name: str, parameters: dict[str, Any]) -> Any:
        assert self._socket
        self._number += 1
        text = json.dumps([0, self._number, name, parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(text), text))
        _, number, error, value = self._receive()
        if error or number != self._number:
            raise MarionetteError(f"{name}: {error}")
        return value

    def _receive(self) -> Any:
        assert self._socket
        while True:
            length, colon, rest = self._buffer.partition(b":")
            if colon and len(rest) >= int(length):
                self._buffer = rest[int(length) :]
                return json.loads(rest[: int(length)])
            more = self._socket.recv(65536)
            if not more:
                raise MarionetteError("Thunderbird closed the connection")
            self._buffer += more

    def _close(self) -> None:
        if self._socket:
            self._socket.close()
            self._socket = None


def _start(profile: Path, output: int, *options: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "HOME": str(profile.parent), "MOZ_CRASHREPORTER_DISABLE": "1"}
    environment.pop("DISPLAY", None)
    return subprocess.Popen(
        [program() or "thunderbird", "--headless", *options, "--no-remote", "--profile", str(profile)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program, and what it started, unless it has ended by itself."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(ENDS)
