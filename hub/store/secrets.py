"""Secrets: passwords the configuration only points at, and the key that encrypts the hub's own files."""

from __future__ import annotations

import binascii
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from connectors import _system
from connectors.errors import ConfigError, StateError, Worthless
from connectors.phrase import Phrase
from hub import store

KEY_BYTES = 32
KEY_FILE = "key"
PLACE_FILE = "key-place"
"""Remembers where the key of a state directory is: "file" or "keyring"."""

PLACE_VARIABLE = "HUB_KEY_PLACE"
"""Set to "file" for unattended use: the keyring is then never asked for a new key."""

KEYRING_SECONDS = 3.0
COMMAND_SECONDS = 30.0
_SERVICE = "register-hub"
_TRIES = 3

T = TypeVar("T")


class Secret:
    """A password or token that is fetched when it is needed; it never shows itself."""

    __slots__ = ("_fetch", "_place")

    def __init__(self, place: Phrase, fetch: Callable[[], str | None]) -> None:
        self._place = place
        self._fetch = fetch

    def __repr__(self) -> str:
        return "<Secret>"

    def reveal(self) -> str:
        """The secret itself. Raises `ConfigError` when its place does not hold it or does not answer in time."""
        value = self._fetch()
        if not value:
            raise ConfigError(
                Phrase("The password is not where the configuration says: {place}.", place=self._place),
                hint=Phrase("Put it there, or change the reference in hub.toml."),
            )
        return value

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is not written anywhere")


def reference(value: object) -> Secret | None:
    """The secret that a configured `{env = …}`, `{keyring = …, user = …}` or `{command = […]}` points at; else None."""
    if not isinstance(value, Mapping):
        return None
    keys, texts = set(value), all(isinstance(item, str) and item for item in value.values())
    if keys == {"env"} and texts:
        name = str(value["env"])
        return Secret(Phrase("environment variable {name}", name=name), lambda: os.environ.get(name))
    if keys in ({"keyring"}, {"keyring", "user"}) and texts:
        service, user = str(value["keyring"]), str(value.get("user", ""))
        return Secret(Phrase("keyring, service {service}", service=service), lambda: _ask_keyring(service, user))
    command = value.get("command")
    if keys == {"command"} and isinstance(command, list) and command and all(isinstance(item, str) for item in command):
        words = [str(item) for item in command]
        return Secret(Phrase("command {program}", program=Path(words[0]).name), lambda: _run(words))
    return None


def key_for_state(state_dir: Path, *, must_exist: bool = False) -> bytes:
    """The 32 random bytes that encrypt the hub's own files in `state_dir` (made, for this user only, when missing).

    The key is kept in the system's keyring when a real one answers, else in a file beside the data (which protects a
    lost backup of other folders, not the disk itself). `must_exist`: an encrypted file is there already, so a new key
    would only hide that the old one is lost. Raises `StateError` when the key is lost or cannot be kept.
    """
    _prepare(state_dir)
    for _ in range(_TRIES):
        place = _remembered(state_dir)
        if place:
            return _kept_key(state_dir, place)
        if (state_dir / KEY_FILE).exists():
            _remember(state_dir, "file")
        elif must_exist:
            raise _lost()
        else:
            _make_key(state_dir)
    raise StateError(Phrase("The hub's key could not be kept."), Phrase("Is another hub running? Try again."))


def forget_key(state_dir: Path) -> None:
    """Forget a key that is lost, so that a new one can be made. Everything encrypted with it must be worthless."""
    for name in (KEY_FILE, PLACE_FILE):
        (state_dir / name).unlink(missing_ok=True)


def second_key(state_dir: Path, path: Path, *, must_exist: bool = False) -> bytes:
    """A key made of the hub's own and of random bytes in a file of their own (made when missing): neither opens anything alone.

    Raises `StateError` as `key_for_state`, `Worthless` when the file is damaged, or missing although it `must_exist`.
    """
    import hmac

    own = key_for_state(state_dir)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not must_exist:
        _create(path, binascii.b2a_base64(os.urandom(KEY_BYTES), newline=False).decode("ascii"))
    with suppress(FileNotFoundError, ValueError):
        part = binascii.a2b_base64(_read(path), strict_mode=True)
        if len(part) == KEY_BYTES:
            return hmac.digest(own, part, "sha256")
    raise Worthless(_LOST, _WITHOUT_KEY)


def destroy(path: Path) -> None:
    """Overwrite a key's file and remove it, on the disk when this returns; one that is gone already is as good."""
    with suppress(FileNotFoundError):
        with path.open("rb+") as stream:
            stream.write(os.urandom(path.stat().st_size))
            stream.flush()
            os.fsync(stream.fileno())
        path.unlink()
        _system.sync_folder(path.parent)


def _prepare(state_dir: Path) -> None:
    with store.usable():
        state_dir.mkdir(parents=True, exist_ok=True)
        _system.own_only(state_dir)


def _remembered(state_dir: Path) -> str:
    """Where the key is, as said when it was made; "" when nothing was said."""
    try:
        text = _read(state_dir / PLACE_FILE).strip()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise _lost() from None
    if text.partition(" ")[0] not in {"file", "keyring"}:
        raise _lost()
    return text


def _kept_key(state_dir: Path, place: str) -> bytes:
    kind, _, account = place.partition(" ")
    text = _ask_keyring(_SERVICE, account) if kind == "keyring" else _read_key_file(state_dir)
    with suppress(ValueError):
        key = binascii.a2b_base64(text or "", strict_mode=True)
        if len(key) == KEY_BYTES:
            return key
    raise _lost()


def _read_key_file(state_dir: Path) -> str | None:
    try:
        return _read(state_dir / KEY_FILE)
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def _read(path: Path) -> str:
    """What a key's file says. Raises `FileNotFoundError`, `UnicodeDecodeError`; `StateError` when the system does not give it."""
    try:
        return path.read_bytes().decode("ascii")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StateError(
            Phrase("The hub's key could not be read (system error {code}).", code=error.errno or 0),
            Phrase("Check the disk and the permissions of the hub's own folder, and run the command again."),
        ) from None


def _make_key(state_dir: Path) -> None:
    """Make the key and remember its place; where another hub was quicker, leave its key alone."""
    text = binascii.b2a_base64(os.urandom(KEY_BYTES), newline=False).decode("ascii")
    account = f"state-{os.urandom(8).hex()}"
    if os.environ.get(PLACE_VARIABLE) != "file" and _keep_in_keyring(account, text):
        _remember(state_dir, f"keyring {account}")
    elif _create(state_dir / KEY_FILE, text):
        _remember(state_dir, "file")


def _remember(state_dir: Path, place: str) -> None:
    _create(state_dir / PLACE_FILE, place)


def _create(path: Path, text: str) -> bool:
    """Write a new file for this user only, on the disk when this returns; False when there is one already.

    It is complete from the moment it has its name, so that a hub that starts meanwhile never reads half of it.
    """
    from connectors import _files  # seldom needed

    try:
        with _files.beside(path) as temporary:
            with temporary.open("w", encoding="ascii") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            try:
                os.link(temporary, path)
            except FileExistsError:
                return False
            except OSError:
                return _create_plainly(path, text)
            _system.sync_folder(path.parent)
    except OSError as error:
        raise StateError(
            Phrase("The hub's key could not be written (system error {code}).", code=error.errno or 0),
            Phrase("Is the disk full, or the folder of the hub write-protected?"),
        ) from None
    else:
        return True


def _create_plainly(path: Path, text: str) -> bool:
    """As `_create`, on a file system that has no links (FAT)."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    _system.sync_folder(path.parent)
    return True


_LOST = Phrase("The key that opens the hub's own files is lost or does not answer.")
_WITHOUT_KEY = Phrase(
    "Unlock the system's keyring, or put the file named key back into the hub's folder from a backup. Without it "
    "what the hub keeps cannot be read: then move the hub's folder away and start anew; your registers are untouched."
)


def _lost() -> StateError:
    return StateError(_LOST, _WITHOUT_KEY)


def _run(command: list[str]) -> str | None:
    """The first line that the command writes, or None when it fails or takes too long."""
    import subprocess

    try:
        done = subprocess.run(  # noqa: S603 - the owner's own command, from her own configuration, without a shell
            command, capture_output=True, check=False, timeout=COMMAND_SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return lines[0] if done.returncode == 0 and lines else None


def _ask_keyring(service: str, account: str) -> str | None:
    def ask() -> str | None:
        import keyring  # 60 ms and a session bus: only when a secret is needed

        if account:
            return keyring.get_password(service, account)
        credential = keyring.get_credential(service, None)
        return credential.password if credential else None

    return _within(KEYRING_SECONDS, ask)


def _keep_in_keyring(account: str, text: str) -> bool:
    """Put the key into the keyring and read it back; False where no real keyring answers."""

    def keep() -> bool:
        import keyring

        if not _is_real(keyring.get_keyring()):
            return False
        keyring.set_password(_SERVICE, account, text)
        return keyring.get_password(_SERVICE, account) == text

    return bool(_within(KEYRING_SECONDS, keep))


def _is_real(backend: object) -> bool:
    """Whether a keyring's backend is the system's own: not the failing, null or chaining one, not a plain text file."""
    module = type(backend).__module__
    if module == "keyring.backends.chainer":
        return any(_is_real(inner) for inner in getattr(backend, "backends", ()))
    return module in {
        "keyring.backends.macOS",
        "keyring.backends.Windows",
        "keyring.backends.SecretService",
        "keyring.backends.libsecret",
        "keyring.backends.kwallet",
    }


def _within(seconds: float, ask: Callable[[], T]) -> T | None:
    """What `ask` returns, or None when it fails or has not answered in time (a locked keyring waits for its owner)."""
    import queue
    import threading

    answers: queue.Queue[T | None] = queue.Queue(1)

    def run() -> None:
        try:
            answers.put(ask())
        except Exception:  # noqa: BLE001 - a keyring's backend raises whatever its system gives it
            answers.put(None)

    threading.Thread(target=run, daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        return None
