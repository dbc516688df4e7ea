"""Whose contacts a source holds and what the sign-in allows; signed in at the first request, not before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors import _http
from connectors._http import Patience
from connectors.errors import Damaged, NotFound, Refused, Unreachable
from connectors.gmail import signin
from connectors.gmail.people import SIGN_IN_AGAIN, People, Person
from connectors.gmail.signin import Tell
from connectors.phrase import Phrase


class Account:
    """The Google account of one source."""

    def __init__(self, source: str, settings: Mapping[str, Any], patience: Patience) -> None:
        self._source, self._settings, self._patience = source, settings, patience
        self._people: People | None = None
        self._scopes: frozenset[str] | None = None
        self._owner: str | None = None

    @property
    def endpoint(self) -> str:
        """Where the People API is, "" for Google itself."""
        return str(self._settings.get("endpoint") or "").rstrip("/")

    @property
    def with_others(self) -> bool:
        """Whether Other contacts are read."""
        return self._settings.get("other_contacts") != "skip"

    @property
    def people(self) -> People:
        """The account's contacts. Raises `Unreachable` without a sign-in, `ConfigError` without the client's file.

        An endpoint of the owner's choice must be https, or this machine: a token never travels in the clear.
        """
        if self._people is None:
            if self.endpoint:
                _http.require_trusted(self.endpoint, (_http.host_of(self.endpoint),))
            per_minute = 0 if self.endpoint else int(self._settings.get("requests_per_minute") or 0)
            self._people = People(self._credentials(), self.endpoint, self._patience, per_minute)
        return self._people

    @property
    def owner(self) -> str:
        """A hash of whose account it is; "" when the server does not say."""
        people = self.people
        if self._owner is None:
            self._owner = signin.account_of(_owner_record(people))
        return self._owner

    @property
    def may_write(self) -> bool:
        """A ready token tells no scopes: what it may not do is refused when it is tried."""
        return self._settings.get("access") != "read" and (self._scopes is None or signin.WRITE in self._scopes)

    def missing_boxes(self) -> tuple[Phrase, ...]:
        """What the owner did not allow on Google's page."""
        if self._scopes is None:
            return ()
        found = []
        if not self._scopes & {signin.WRITE, signin.READ}:
            found.append(Phrase("The sign-in does not allow reading contacts: run hub login gmail again and tick every box."))
        elif not self.may_write and self._settings.get("access") != "read":
            found.append(Phrase("The sign-in does not allow deleting contacts: run hub login gmail again and tick every box."))
        if self.with_others and signin.OTHERS not in self._scopes:
            found.append(
                Phrase("The sign-in does not allow reading Other contacts: run hub login gmail again and tick every box.")
            )
        return tuple(found)

    def require(self, owner: str) -> None:
        """Raise `Unreachable` when the plan was made on another account ("" for a plan that does not say)."""
        if owner and owner != self.owner:
            raise Unreachable(
                Phrase("The hub is signed in with another Google account than when the plan was made."),
                Phrase("Sign in with that account, or make a new plan."),
            )

    def sign_in(self, tell: Tell) -> None:
        """Let the owner sign in with her browser and keep the sign-in; see the connector."""
        client, place = self._client(), self._place()
        keyring = signin.key_store_answers()
        given = signin.ask_in_browser(client, self._wanted(), tell)
        if not given.refresh_token:
            raise Unreachable(
                Phrase("Google gave no lasting sign-in."),
                Phrase("Remove the hub at myaccount.google.com/connections and sign in again."),
            )
        owner = signin.account_of(_owner_record(People(given, self.endpoint, self._patience)))
        _require_same(place, owner)
        scopes = tuple(sorted(given.granted_scopes or ()))
        signin.save(signin.SignIn(client.id, owner, scopes, "keyring" if keyring else "file", given.refresh_token), place)
        self._people, self._scopes, self._owner = None, frozenset(scopes), owner
        for missing in self.missing_boxes():
            tell(missing)
        if not keyring:
            tell(Phrase("This system has no key store: the sign-in is kept in {file}, which only you may read.", file=place.name))

    def sign_out(self, tell: Tell) -> None:
        """Tell Google to forget the sign-in and remove it here, even when Google does not answer."""
        client, place = self._client(), self._place()
        try:
            revoked = signin.revoke(signin.load(place), client)
        except Unreachable:
            revoked = False
        signin.forget(place)
        self._people = None
        if not revoked:
            tell(Phrase("Google did not confirm; remove the hub by hand at myaccount.google.com/connections."))

    def _credentials(self) -> Any:
        token = self._settings.get("token")
        if token is not None:
            return signin.ready(_http.revealed(token))
        client, found = self._client(), signin.load(self._place())
        if found.client != client.id:
            raise Unreachable(Phrase("The sign-in to Google was made with another client file."), SIGN_IN_AGAIN)
        self._scopes, self._owner = frozenset(found.scopes), found.account
        return signin.credentials(found, client)

    def _client(self) -> signin.Client:
        given = self._settings.get("client_secrets")
        return signin.read_client(Path(given) if given else None)

    def _place(self) -> Path:
        given = self._settings.get("sign_in")
        return Path(given) if given else signin.default_place(Path(self._settings.get("client_secrets") or "."), self._source)

    def _wanted(self) -> tuple[str, ...]:
        contacts = signin.READ if self._settings.get("access") == "read" else signin.WRITE
        return (contacts, signin.OTHERS) if self.with_others else (contacts,)


def _owner_record(people: People) -> Person:
    """Whose account it is; nothing where the server does not tell, and then no delta is ever built on another one."""
    try:
        return people.owner()
    except (NotFound, Refused, Damaged):
        return {}


def _require_same(place: Path, owner: str) -> None:
    """A second account must not inherit what was planned and remembered for the first."""
    try:
        before = signin.load(place).account
    except Unreachable:
        return
    if before and before != owner:
        raise Refused(
            Phrase("That is another Google account than this source was signed in with; nothing was changed."),
            Phrase("Give it a source of its own, or first run hub login gmail --revoke."),
        )
