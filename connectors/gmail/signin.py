"""The owner's sign-in to Google: made once in the browser, kept in the system's key store or in a private file.

Only the refresh token is secret and only it is kept in the key store; the file beside it remembers where it is, which
boxes were ticked, and (as a hash) whose account it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any, Literal, TypeVar

from connectors import _files, _http, _system
from connectors.errors import ConfigError, HubError, Refused, Unreachable
from connectors.gmail.people import SIGN_IN_AGAIN
from connectors.phrase import Phrase

Result = TypeVar("Result")
Tell = Callable[[Phrase], None]
"""Says something to the owner while she signs in."""

WRITE = "https://www.googleapis.com/auth/contacts"
READ = "https://www.googleapis.com/auth/contacts.readonly"
OTHERS = "https://www.googleapis.com/auth/contacts.other.readonly"

KEYRING_SERVICE = "register-hub gmail"
KEYRING_TIMEOUT = 10.0
"""Seconds: a locked key store on a machine where nobody sits waits for its password for ever."""

REAL_STORES = frozenset(f"keyring.backends.{name}" for name in ("macOS", "Windows", "SecretService", "libsecret", "kwallet"))
"""The key stores of the systems themselves; every other backend is a stand-in or writes a plain file."""

BROWSER_TIMEOUT = 300
"""Seconds the owner has for Google's pages."""


@dataclass(frozen=True, slots=True)
class Client:
    """The owner's own "Desktop app" of the Google Cloud console."""

    id: str
    secret: str = field(repr=False)
    token_uri: str
    config: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignIn:
    """What is remembered of a sign-in; `refresh_token` is "" in the file when the key store has it."""

    client: str
    account: str
    scopes: tuple[str, ...]
    kept: Literal["keyring", "file"]
    refresh_token: str = field(repr=False)


def read_client(path: Path | None) -> Client:
    """Read the client's file. Raises `ConfigError` when it is missing or of the wrong sort."""
    hint = Phrase("Make a client of the type Desktop app at console.cloud.google.com, download its JSON, name it in hub.toml.")
    if path is None:
        raise ConfigError(Phrase("`client_secrets` is missing from the gmail source."), hint=hint)
    try:
        told = json.loads(path.read_text("utf-8"))
        part = told["installed"]
        return Client(str(part["client_id"]), str(part.get("client_secret", "")), str(part["token_uri"]), told)
    except OSError:
        raise ConfigError(Phrase("{file} cannot be read.", file=path.name), hint=hint) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError(Phrase("{file} is not the file of a Desktop app client.", file=path.name), hint=hint) from None


def default_place(client_secrets: Path, source: str) -> Path:
    """Where a source's sign-in is remembered when the configuration does not say."""
    return client_secrets.with_name(f"{re.sub(r'[^A-Za-z0-9_-]', '_', source)}-sign-in.json")


def load(place: Path) -> SignIn:
    """The sign-in with its refresh token. Raises `Unreachable` when there is none or the key store does not answer."""
    try:
        told = json.loads(place.read_text("utf-8"))
        kept: Literal["keyring", "file"] = "keyring" if told["kept"] == "keyring" else "file"
        found = SignIn(str(told["client"]), str(told["account"]), tuple(told["scopes"]), kept, str(told["refresh_token"]))
    except FileNotFoundError:
        raise Unreachable(Phrase("The hub is not signed in to Google yet."), Phrase("Sign in: hub login gmail")) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise Unreachable(Phrase("The remembered sign-in to Google cannot be read."), SIGN_IN_AGAIN) from None
    if found.kept == "file":
        return found
    secret = _key_store_says(lambda store: store.get_password(KEYRING_SERVICE, _user(found.client, place)))
    if not secret:
        raise Unreachable(Phrase("The sign-in to Google is not in the system's key store any more."), SIGN_IN_AGAIN)
    return SignIn(found.client, found.account, found.scopes, "keyring", str(secret))


def save(found: SignIn, place: Path) -> None:
    """Keep a sign-in: the token in the key store when `kept` says so, the rest in a file only this user may read."""
    if found.kept == "keyring":
        _key_store_says(lambda store: store.set_password(KEYRING_SERVICE, _user(found.client, place), found.refresh_token))
    shown = asdict(found) | ({"refresh_token": ""} if found.kept == "keyring" else {})
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _files.beside(place) as temporary:
            with temporary.open("w", encoding="utf-8") as stream:
                json.dump(shown, stream, indent=1)
                stream.flush()
                os.fsync(stream.fileno())
            _system.replace(temporary, place)
        _system.sync_folder(place.parent)
    except OSError as error:
        raise Refused(
            Phrase("The sign-in could not be kept (system error {code}).", code=error.errno or 0),
            Phrase("Check the folder of client_secrets and sign in again."),
        ) from None


def forget(place: Path) -> None:
    """Remove every trace of the sign-in on this machine."""
    try:
        found = load(place)
        if found.kept == "keyring":
            _key_store_says(lambda store: store.delete_password(KEYRING_SERVICE, _user(found.client, place)))
    except HubError:
        pass  # what cannot be read cannot be used either
    place.unlink(missing_ok=True)


def credentials(found: SignIn, client: Client) -> Any:
    """Google's credentials object; it fetches an access token when the first request needs one."""
    # Without scopes: asking for one that was not granted would fail the whole refresh.
    return _credentials(
        None,
        refresh_token=found.refresh_token,
        token_uri=client.token_uri,
        client_id=client.id,
        client_secret=client.secret,
    )


def ready(token: str) -> Any:
    """Google's credentials object for an access token that is at hand and cannot be renewed."""
    return _credentials(token)


def _credentials(token: str | None, **known: str) -> Any:
    from google.oauth2 import credentials as oauth

    made: Any = oauth.Credentials  # the library's own types are incomplete
    return made(token, **known)


def key_store_answers() -> bool:
    """Whether the system has a real key store that keeps what it is given; asked before the browser opens."""
    probe = os.urandom(8).hex()

    def there_and_back(store: Any) -> bool:
        store.set_password(KEYRING_SERVICE, "probe", probe)
        found = store.get_password(KEYRING_SERVICE, "probe")
        store.delete_password(KEYRING_SERVICE, "probe")
        return bool(found == probe)

    try:
        return _key_store_says(there_and_back)
    except Unreachable:
        return False


def account_of(owner: Mapping[str, Any]) -> str:
    """A hash of whose account it is, "" when the server does not say; no id of the owner is kept as it is."""
    metadata = owner.get("metadata")
    sources = metadata.get("sources") if isinstance(metadata, dict) else None
    ids = sorted(
        str(item["id"])
        for item in sources or ()
        if isinstance(item, dict) and item.get("type") in {"PROFILE", "ACCOUNT"} and item.get("id")
    )
    name = str(owner.get("resourceName") or "")
    told = ids[0] if ids else "" if name == "people/me" else name
    return hashlib.sha256(told.encode()).hexdigest()[:16] if told else ""


def ask_in_browser(client: Client, scopes: tuple[str, ...], tell: Tell) -> Any:
    """Have the owner sign in on Google's own pages; Google's credentials, with `granted_scopes` as she ticked them.

    Raises `Unreachable` when nothing came back in five minutes, `Refused` when she said no.
    """
    import contextlib
    import sys
    import webbrowser

    from google_auth_oauthlib.flow import InstalledAppFlow

    _http.quiet("google_auth_oauthlib", "oauthlib", "requests_oauthlib", "urllib3")
    flow = InstalledAppFlow.from_client_config(client.config, scopes=list(scopes))
    tell(Phrase("Google's pages open in your browser; sign in there and tick every box. The hub waits for five minutes."))
    try:
        # The library prints the address to open; results go to stdout, talk to stderr.
        with _any_scope_will_do(), contextlib.redirect_stdout(sys.stderr):
            return flow.run_local_server(
                host="127.0.0.1",
                port=0,
                timeout_seconds=BROWSER_TIMEOUT,
                prompt="consent",
                open_browser=_has_browser(webbrowser),
            )
    except Exception as error:  # noqa: BLE001  # the libraries raise a dozen unrelated classes, with tokens in their texts
        raise _not_granted(error) from None


def revoke(found: SignIn, client: Client) -> bool:
    """Tell Google to forget the sign-in; whether it answered that it did."""
    import requests

    try:
        answer = requests.post(
            client.token_uri.removesuffix("/token") + "/revoke", data={"token": found.refresh_token}, timeout=30
        )
    except requests.RequestException:
        return False
    return answer.status_code == 200


def _not_granted(error: Exception) -> HubError:
    if type(error).__name__ == "AccessDeniedError":
        return Refused(Phrase("Google's page was answered with no."), SIGN_IN_AGAIN)
    return Unreachable(
        Phrase("Nothing usable came back from Google's pages ({error}).", error=type(error).__name__), SIGN_IN_AGAIN
    )


def _has_browser(webbrowser: Any) -> bool:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


class _any_scope_will_do:  # noqa: N801  # a context, not a thing
    """Let the owner untick boxes: without this variable the library takes fewer scopes than asked for as an error."""

    name = "OAUTHLIB_RELAX_TOKEN_SCOPE"

    def __enter__(self) -> None:
        self.before = os.environ.get(self.name)
        os.environ[self.name] = "1"

    def __exit__(self, *_: object) -> None:
        os.environ.pop(self.name)
        if self.before is not None:
            os.environ[self.name] = self.before


def _user(client: str, place: Path) -> str:
    """Under which user the key store keeps the token: one for each client and place, without a personal value."""
    return hashlib.sha256(f"{client}\0{place}".encode()).hexdigest()[:16]


def _key_store_says(ask: Callable[[Any], Result]) -> Result:
    """Ask the key store, for a few seconds at most. Raises `Unreachable`."""
    answers: list[Result] = []

    def asking() -> None:
        import contextlib

        with contextlib.suppress(Exception):
            store = _key_store()
            if store is not None:
                answers.append(ask(store))

    thread = Thread(target=asking, daemon=True)
    thread.start()
    thread.join(KEYRING_TIMEOUT)
    if not answers:
        raise Unreachable(
            Phrase("The system's key store does not answer."),
            Phrase("Unlock it (sign in to the desktop) and run the command again."),
        )
    return answers[0]


def _key_store() -> Any:
    """The system's own key store; None where there is none."""
    import keyring

    chosen: Any = keyring.get_keyring()
    backends = getattr(chosen, "backends", None) or [chosen]
    return next((backend for backend in backends if type(backend).__module__ in REAL_STORES), None)
