"""Signing in with Google's own flow on the loopback: PKCE, ticked and empty boxes, where the token is kept, and leaving."""

from __future__ import annotations

import json
import threading
import urllib.request
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import keyring.errors
import pytest

from connectors.errors import ConfigError, Refused, Unreachable
from connectors.gmail import signin
from connectors.phrase import Phrase
from hub import cli
from tests.conformance.tools import listing
from tests.connectors.gmail.standin import OTHERS, READ, WRITE, Fault, StandIn
from tests.connectors.gmail.world import QuickGmail, person


class Browser:
    """A browser in which the owner agrees at once."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def open(self, url: str, **_: object) -> bool:
        """Follow the redirects from Google's page back to the hub."""
        self.opened.append(url)
        threading.Thread(target=lambda: urllib.request.urlopen(url, timeout=10).read(), daemon=True).start()
        return True


class Store(keyring.backend.KeyringBackend):
    """A key store that keeps what it is given, as a system's own does."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class NoStore(Store):
    """What a machine without a key store has: something that fails."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.NoKeyringError


@pytest.fixture(autouse=True)
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """Nobody's real browser, no key store of this machine, and plain http to the stand-in's token endpoint."""
    fake, before = Browser(), keyring.get_keyring()
    monkeypatch.setattr(webbrowser, "get", lambda *_: fake)
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.delenv("OAUTHLIB_RELAX_TOKEN_SCOPE", raising=False)
    keyring.set_keyring(NoStore())
    yield fake
    keyring.set_keyring(before)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    """A real key store."""
    monkeypatch.setattr(Store, "__module__", "keyring.backends.SecretService")
    kept = Store()
    keyring.set_keyring(kept)
    return kept


@pytest.fixture
def place(tmp_path: Path, standin: StandIn) -> Path:
    """A folder with the client's file in it."""
    (tmp_path / "client.json").write_text(json.dumps(standin.client()))
    standin.store.add(**person("Aino Kuvitelma", "aino@kuvitelma.example"))
    return tmp_path


def source(standin: StandIn, place: Path, **settings: Any) -> QuickGmail:
    """A source that must be signed in."""
    return QuickGmail("gmail", {"endpoint": standin.url, "client_secrets": place / "client.json", **settings})


def sign_in(standin: StandIn, place: Path, **settings: Any) -> list[Phrase]:
    """Sign in; what the owner was told."""
    said: list[Phrase] = []
    source(standin, place, **settings).sign_in(said.append)
    return said


def kept(place: Path) -> dict[str, Any]:
    """The file of the sign-in."""
    found: dict[str, Any] = json.loads((place / "gmail-sign-in.json").read_text())
    return found


def test_without_a_sign_in(standin: StandIn, place: Path) -> None:
    """A source that was never signed in says how to, and opens no browser by itself."""
    with pytest.raises(Unreachable, match="hub login gmail"):
        listing(source(standin, place))
    assert source(standin, place).check().state == "missing"


def test_signing_in_without_a_key_store(standin: StandIn, place: Path, browser: Browser) -> None:
    """The token goes into a file that only the owner may read, she is told so, and the next run needs no browser."""
    said = sign_in(standin, place)

    assert (place / "gmail-sign-in.json").stat().st_mode & 0o777 == 0o600
    assert kept(place)["refresh_token"] == "canary-refresh-0"
    assert any("no key store" in phrase for phrase in said)
    assert [path.name for path in place.iterdir() if path.name.startswith(".hub-")] == []
    assert "code_challenge_method=S256" in browser.opened[0]
    assert "redirect_uri=http%3A%2F%2F127.0.0.1%3A" in browser.opened[0]
    assert len(listing(source(standin, place)).entries) == 1
    assert len(browser.opened) == 1


def test_signing_in_with_a_key_store(standin: StandIn, place: Path, store: Store) -> None:
    """The token goes into the key store and not into the file; the probe leaves nothing behind."""
    said = sign_in(standin, place)

    assert list(store.kept.values()) == ["canary-refresh-0"]
    assert "canary" not in (place / "gmail-sign-in.json").read_text()
    assert not any("no key store" in phrase for phrase in said)
    assert len(listing(source(standin, place)).entries) == 1

    store.kept.clear()
    with pytest.raises(Unreachable, match="key store"):
        listing(source(standin, place))


def test_a_key_store_that_hangs(standin: StandIn, place: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A locked key store that waits for its owner is passed over after a moment, before the browser opens."""
    monkeypatch.setattr(signin, "KEYRING_TIMEOUT", 0.2)
    unlocked, given_up = threading.Event(), []
    monkeypatch.setattr(Store, "set_password", lambda *_: given_up.append(unlocked.wait(10)))

    sign_in(standin, place)

    assert kept(place)["kept"] == "file"
    assert (store.kept, given_up) == ({}, [])
    unlocked.set()


def test_boxes_left_empty(standin: StandIn, place: Path) -> None:
    """Only what was really ticked counts, whatever was asked for: the capability is gone and the owner is told."""
    standin.unticked = frozenset({WRITE, OTHERS})
    standin.store.contacts.clear()

    said = sign_in_partly(standin, place)

    assert kept(place)["scopes"] == [READ]
    assert [phrase for phrase in said if "tick every box" in phrase and "sign-in does not" in phrase]
    check = source(standin, place).check()
    assert (check.may_read, check.may_erase) == (True, False)
    assert len(check.problems) == 2


def sign_in_partly(standin: StandIn, place: Path) -> list[Phrase]:
    """Sign in where Google grants reading only."""
    original = standin.consent
    standin.consent = lambda query: original({**query, "scope": f"{query['scope']} {READ}"})  # type: ignore[method-assign]  # the stand-in asks whatever stands here
    return sign_in(standin, place)


def test_read_only_asks_for_less(standin: StandIn, place: Path) -> None:
    """With `access = "read"` the hub does not even ask for the right to delete."""
    sign_in(standin, place, access="read", other_contacts="skip")

    assert kept(place)["scopes"] == [READ]
    assert source(standin, place, access="read", other_contacts="skip").check().problems == ()


def test_the_owner_says_no(standin: StandIn, place: Path) -> None:
    """A refusal on Google's page is an answer; nothing is kept."""
    standin.denied = True

    with pytest.raises((Refused, Unreachable)):
        sign_in(standin, place)
    assert not (place / "gmail-sign-in.json").exists()


def test_nobody_answers(standin: StandIn, place: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub does not wait for ever for somebody who went away."""
    monkeypatch.setattr(signin, "BROWSER_TIMEOUT", 1)
    monkeypatch.setattr(Browser, "open", lambda *_, **__: True)

    with pytest.raises(Unreachable):
        sign_in(standin, place)
    assert browser.opened == []


def test_a_sign_in_that_died(standin: StandIn, place: Path) -> None:
    """`invalid_grant` is a clean stop with what to do; what is kept stays as it is, and no browser opens."""
    sign_in(standin, place)
    before = kept(place)
    standin.refresh.clear()

    with pytest.raises(Unreachable, match="hub login gmail"):
        listing(source(standin, place))
    assert kept(place) == before
    assert not source(standin, place).check().reachable


def test_a_token_endpoint_in_trouble(standin: StandIn, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trouble at the token endpoint is not a dead sign-in: another run may succeed."""
    monkeypatch.setattr("google.auth._exponential_backoff.time.sleep", lambda _: None)
    sign_in(standin, place)
    standin.faults.append(Fault("POST /token", 503, times=99))

    with pytest.raises(Unreachable) as raised:
        listing(source(standin, place))
    assert "hub login" not in str(raised.value)

    standin.faults.clear()
    assert len(listing(source(standin, place)).entries) == 1


def test_another_account_does_not_slip_in(standin: StandIn, place: Path) -> None:
    """Signing in with another account is refused until the first one is signed out; the first stays as it was."""
    sign_in(standin, place)
    before = kept(place)
    standin.store.owner = "998877"

    with pytest.raises(Refused, match="another Google account"):
        sign_in(standin, place)
    assert kept(place) == before

    source(standin, place).sign_out(lambda _: None)
    sign_in(standin, place)
    assert kept(place)["account"] != before["account"]


def test_a_folder_that_cannot_be_written(standin: StandIn, place: Path) -> None:
    """When the sign-in cannot be kept, that is said; no other error comes out."""
    (place / "file").write_text("")

    with pytest.raises(Refused, match="could not be kept"):
        sign_in(standin, place, sign_in=place / "file" / "sign-in.json")


def test_signing_in_again(standin: StandIn, place: Path) -> None:
    """The same account may sign in again, and gets a new token."""
    sign_in(standin, place)
    sign_in(standin, place)

    assert kept(place)["refresh_token"] == "canary-refresh-1"


def test_leaving(standin: StandIn, place: Path, store: Store) -> None:
    """Signing out revokes the token at Google and leaves nothing here."""
    sign_in(standin, place)
    said: list[Phrase] = []

    source(standin, place).sign_out(said.append)

    assert standin.revoked == ["canary-refresh-0"]
    assert (store.kept, said, (place / "gmail-sign-in.json").exists()) == ({}, [], False)


def test_leaving_while_google_is_silent(standin: StandIn, place: Path) -> None:
    """When Google does not answer, the sign-in goes here all the same, and the owner is told where to finish."""
    sign_in(standin, place)
    standin.stop()
    said: list[Phrase] = []

    source(standin, place).sign_out(said.append)

    assert not (place / "gmail-sign-in.json").exists()
    assert any("by hand" in phrase for phrase in said)


@pytest.mark.parametrize("text", ["", "[]", '{"web": {"client_id": "x", "token_uri": "y"}}', '{"installed": {}}', "\xff"])
def test_a_file_that_is_not_a_desktop_client(standin: StandIn, place: Path, text: str) -> None:
    """A web client, a half file or none: said before any browser opens, with what to download."""
    (place / "client.json").write_bytes(text.encode("latin-1"))

    with pytest.raises(ConfigError, match="Desktop app"):
        sign_in(standin, place)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kept": "file"}'])
def test_a_remembered_sign_in_that_is_broken(standin: StandIn, place: Path, text: str) -> None:
    """A broken file means signing in again, which then works."""
    (place / "gmail-sign-in.json").write_text(text)

    with pytest.raises(Unreachable, match="hub login gmail"):
        listing(source(standin, place))
    sign_in(standin, place)
    assert len(listing(source(standin, place)).entries) == 1


def test_a_sign_in_of_another_client(standin: StandIn, place: Path) -> None:
    """A token of one client is not used with another one's secret."""
    sign_in(standin, place)
    client = standin.client()
    client["installed"]["client_id"] = "client-2"
    (place / "client.json").write_text(json.dumps(client))

    with pytest.raises(Unreachable, match="another client"):
        listing(source(standin, place))


def test_no_secret_is_shown(standin: StandIn, place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither the refresh token nor the client's secret is printed or stands in a repr."""
    sign_in(standin, place)
    client = signin.read_client(place / "client.json")
    found = signin.load(place / "gmail-sign-in.json")

    shown = "".join((*capfd.readouterr(), repr(client), repr(found), repr(source(standin, place))))
    assert "canary" not in shown


def test_hub_login(standin: StandIn, place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`hub login gmail` signs in, `--revoke` signs out; talk goes to stderr and nothing to stdout."""
    config = place / "hub.toml"
    config.write_text(
        f'state = "state"\n[controller]\nname = "Esimerkki Oy"\nlanguage = "en"\n'
        f'[source.posti]\nkind = "gmail"\nclient_secrets = "client.json"\nendpoint = "{standin.url}"\n'
    )

    assert cli.main(["login", "gmail", "--config", str(config)]) == 0
    assert (place / "posti-sign-in.json").exists()
    assert cli.main(["login", "posti", "--revoke", "--config", str(config)]) == 0
    assert not (place / "posti-sign-in.json").exists()
    assert cli.main(["login", "carddav", "--config", str(config)]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "posti is signed in." in err
    assert "posti is signed out." in err
