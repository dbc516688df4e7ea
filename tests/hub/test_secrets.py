"""Secrets are fetched when needed and never shown; the hub's key is made once and never silently replaced."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import stat
import sys
import time
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from connectors.errors import ConfigError, StateError
from hub.store import secrets
from hub.store.secrets import key_for_state, reference


class Ring(KeyringBackend):
    """A keyring in memory that stands for a system's own."""

    priority = 1

    def __init__(self, delay: float = 0) -> None:
        self.delay = delay
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Answer after the delay."""
        time.sleep(self.delay)
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it after the delay."""
        time.sleep(self.delay)
        self.kept[service, username] = password


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    """A keyring that answers."""
    return use(monkeypatch, Ring(), real=True)


def use(monkeypatch: pytest.MonkeyPatch, backend: Ring, *, real: bool) -> Ring:
    """Let this keyring be the system's."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", backend)
    monkeypatch.delenv(secrets.PLACE_VARIABLE, raising=False)
    if real:
        monkeypatch.setattr(Ring, "__module__", "keyring.backends.SecretService")
    return backend


def mode(path: Path) -> int:
    """The permission bits of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_references_are_fetched_late_and_never_shown(monkeypatch: pytest.MonkeyPatch, ring: Ring) -> None:
    """An environment variable, a keyring and a command each give the secret; none of them shows it."""
    ring.kept["hub-test", "maija"] = "from the ring"
    monkeypatch.delenv("HUB_TEST_SECRET", raising=False)
    found = {
        "env": reference({"env": "HUB_TEST_SECRET"}),
        "keyring": reference({"keyring": "hub-test", "user": "maija"}),
        "command": reference({"command": [sys.executable, "-c", "print('from the command'); print('no more')"]}),
    }
    monkeypatch.setenv("HUB_TEST_SECRET", "from outside")
    assert {kind: secret.reveal() for kind, secret in found.items() if secret} == {
        "env": "from outside",
        "keyring": "from the ring",
        "command": "from the command",
    }
    assert {repr(secret) for secret in found.values()} == {"<Secret>"}
    with pytest.raises(TypeError):
        pickle.dumps(found["env"])


@pytest.mark.parametrize(
    "value",
    [
        "plain",
        1,
        {},
        {"env": ""},
        {"env": 1},
        {"env": "A", "user": "b"},
        {"user": "b"},
        {"command": "pass"},
        {"command": [1]},
        ["a"],
    ],
)
def test_what_is_no_reference(value: object) -> None:
    """A password in the file itself, or half a reference, is none."""
    assert reference(value) is None


@pytest.mark.parametrize(
    "command",
    [[sys.executable, "-c", "raise SystemExit(1)"], ["/nonexistent/program"], [sys.executable, "-c", ""], ["\0"]],
)
def test_a_secret_that_is_not_there_is_a_configuration_error(command: list[str]) -> None:
    """A command that fails or says nothing names its program and nothing else."""
    secret = reference({"command": command})
    assert secret is not None
    with pytest.raises(ConfigError) as caught:
        secret.reveal()
    assert "not where the configuration says" in str(caught.value)


def test_a_slow_command_or_keyring_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for ever for a password prompt that nobody sees."""
    monkeypatch.setattr(secrets, "COMMAND_SECONDS", 0.2)
    monkeypatch.setattr(secrets, "KEYRING_SECONDS", 0.2)
    use(monkeypatch, Ring(delay=5), real=True)
    for value in ({"command": [sys.executable, "-c", "import time; time.sleep(60)"]}, {"keyring": "hub-test", "user": "maija"}):
        secret = reference(value)
        assert secret is not None
        with pytest.raises(ConfigError):
            secret.reveal()


def test_a_key_file_where_there_is_no_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain text or failing keyring does not count: the key is a file for this user only, the same at each call."""
    ring = use(monkeypatch, Ring(), real=False)
    state = tmp_path / "deep" / "state"
    key = key_for_state(state)
    assert len(key) == 32
    assert key_for_state(state, must_exist=True) == key
    assert ring.kept == {}
    assert (mode(state), mode(state / "key"), mode(state / "key-place")) == (0o700, 0o600, 0o600)
    assert (state / "key-place").read_text() == "file"
    assert sorted(path.name for path in state.iterdir()) == ["key", "key-place"]
    assert key_for_state(tmp_path / "other") != key


def test_the_keyring_keeps_the_key_where_there_is_one(tmp_path: Path, ring: Ring) -> None:
    """The system's keyring keeps it; the folder only remembers that, without the key."""
    key = key_for_state(tmp_path)
    assert key_for_state(tmp_path, must_exist=True) == key
    assert [path.name for path in tmp_path.iterdir()] == ["key-place"]
    assert len(ring.kept) == 1
    ring.kept.clear()
    with pytest.raises(StateError, match="lost or does not answer"):
        key_for_state(tmp_path)
    assert ring.kept == {}


def test_a_slow_keyring_is_not_used_for_a_new_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyring that waits for its owner is passed by; once it holds the key, its silence is an error."""
    monkeypatch.setattr(secrets, "KEYRING_SECONDS", 0.2)
    use(monkeypatch, Ring(delay=2), real=True)
    key_for_state(tmp_path)
    assert (tmp_path / "key-place").read_text() == "file"


def test_a_keyring_that_forgets_is_not_used(tmp_path: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that cannot be read back from the keyring is kept in a file."""
    monkeypatch.setattr(Ring, "set_password", lambda *_words: None)
    key = key_for_state(tmp_path)
    assert (ring.kept, (tmp_path / "key-place").read_text()) == ({}, "file")
    assert key_for_state(tmp_path) == key


def test_unattended_use_asks_for_a_file(tmp_path: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    """HUB_KEY_PLACE=file keeps the key in a file though there is a keyring."""
    monkeypatch.setenv("HUB_KEY_PLACE", "file")
    key = key_for_state(tmp_path)
    assert ring.kept == {}
    monkeypatch.delenv("HUB_KEY_PLACE")
    assert key_for_state(tmp_path) == key


@pytest.mark.parametrize("harm", ["gone", "both gone", "short", "not base64", "not text", "foreign place"])
def test_a_lost_key_is_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str) -> None:
    """While encrypted files exist, a missing or damaged key is an error that says what to do, and makes no new key."""
    monkeypatch.setenv("HUB_KEY_PLACE", "file")
    key_for_state(tmp_path)
    if harm == "foreign place":
        (tmp_path / "key-place").write_text("elsewhere")
    elif "gone" in harm:
        (tmp_path / "key").unlink()
    else:
        (tmp_path / "key").write_bytes({"short": b"c2hvcnQ=", "not base64": b"\xc3\xa4", "not text": b"\xff\xfe"}[harm])
    if harm == "both gone":
        (tmp_path / "key-place").unlink()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(StateError) as caught:
        key_for_state(tmp_path, must_exist=True)
    assert caught.value.hint is not None
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_run_that_died_between_key_and_place_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key file without its note is taken, not replaced."""
    monkeypatch.setenv("HUB_KEY_PLACE", "file")
    key = key_for_state(tmp_path)
    (tmp_path / "key-place").unlink()
    assert key_for_state(tmp_path, must_exist=True) == key


def test_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On FAT the key is created in place, still for this user only and never over another one."""
    monkeypatch.setenv("HUB_KEY_PLACE", "file")

    def refuse(*_paths: object) -> None:
        raise PermissionError(1, "not permitted")

    monkeypatch.setattr(os, "link", refuse)
    key = key_for_state(tmp_path)
    assert key_for_state(tmp_path) == key
    assert mode(tmp_path / "key") == 0o600
    assert not secrets._create(tmp_path / "key", "other")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file in the place of the folder is said, without a trace of the path."""
    (tmp_path / "state").write_text("")
    with pytest.raises(StateError, match="own folder cannot be used") as caught:
        key_for_state(tmp_path / "state" / "deep")
    assert str(tmp_path) not in str(caught.value)


def _key_in(state: Path, results: multiprocessing.Queue[bytes]) -> None:
    results.put(key_for_state(state))


def test_hubs_that_start_together_have_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several processes that make the key at once end with the same one."""
    monkeypatch.setenv("HUB_KEY_PLACE", "file")
    context = multiprocessing.get_context("fork")
    results: multiprocessing.Queue[bytes] = context.Queue()
    workers = [context.Process(target=_key_in, args=(tmp_path, results)) for _ in range(6)]
    for worker in workers:
        worker.start()
    keys = {results.get(timeout=30) for _ in workers}
    for worker in workers:
        worker.join()
    assert len(keys) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key", "key-place"]
