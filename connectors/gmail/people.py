"""The People API as the connector needs it: pages, single reads, one delete at a time; every error in the hub's words.

Nothing of Google's client is imported before the first request. A message of the client quotes the whole URL, so none
of them is passed on, and its loggers only speak of errors.
"""

from __future__ import annotations

import base64
import http.client
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any, Protocol
from weakref import finalize

from connectors import _http
from connectors._http import Pace, Patience, Repeatable
from connectors.errors import PLAN_AGAIN, Conflict, Damaged, HubError, NotFound, Refused, Unreachable
from connectors.phrase import Phrase

Person = Mapping[str, Any]
"""A person as the API gives it; no shape is taken for granted."""

CONTACT_FIELDS = (
    "addresses", "ageRanges", "biographies", "birthdays", "calendarUrls", "clientData", "coverPhotos", "emailAddresses",
    "events", "externalIds", "genders", "imClients", "interests", "locales", "locations", "memberships", "metadata",
    "miscKeywords", "names", "nicknames", "occupations", "organizations", "phoneNumbers", "photos", "relations",
    "sipAddresses", "skills", "urls", "userDefined",
)  # fmt: skip
"""Every value `personFields` may have in the API's own description (revision 20251117)."""

OTHER_FIELDS = ("emailAddresses", "metadata", "names", "phoneNumbers", "photos")
"""Every value `readMask` may have for Other contacts."""

WRITABLE = (
    "addresses", "biographies", "birthdays", "calendarUrls", "clientData", "emailAddresses", "events", "externalIds", "genders",
    "imClients", "interests", "locales", "locations", "memberships", "miscKeywords", "names", "nicknames", "occupations",
    "organizations", "phoneNumbers", "relations", "sipAddresses", "urls", "userDefined",
)  # fmt: skip
"""Every value `updatePersonFields` may have."""

LIST_CUT = 100
"""A listing cuts e-mail addresses and phone numbers at so many for each person; only a single read has them all."""

SIGN_IN_AGAIN = Phrase("Sign in again: hub login gmail")

TIMEOUT = 30.0
"""Seconds without a byte before a request is given up."""

LONGEST = 120.0
"""Seconds one request may take in all."""

_LOGGERS = (
    "googleapiclient",
    "google.auth",
    "google_auth_httplib2",
    "google_auth_oauthlib",
    "oauthlib",
    "requests_oauthlib",
    "urllib3",
)
_EXPIRED = re.compile(r"sync[ _]?token.{0,40}expired|expired.{0,40}sync[ _]?token", re.IGNORECASE | re.DOTALL)
_SCOPE = {"ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions"}
_SWITCHED_OFF = {"SERVICE_DISABLED", "accessNotConfigured"}
_TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "quotaExceeded", "RESOURCE_EXHAUSTED"}


class ExpiredToken(Exception):
    """Google has forgotten what the sync token stood for: everything must be listed anew."""


class Credentials(Protocol):
    """What Google's own classes of credentials have in common, as far as it matters here."""

    token: str | None


class People:
    """One signed-in account's contacts. Not for several threads: Google wants the requests of a user one by one."""

    def __init__(
        self, credentials: Credentials, endpoint: str = "", patience: Patience | None = None, per_minute: int = 0
    ) -> None:
        self._credentials = credentials
        self._endpoint = endpoint
        self.patience = patience or Patience()
        self._pace = Pace(per_minute, self.patience)
        self._http: Any = None
        self._api: _Api | None = None

    def contacts(self, token: str = "", sync: bool = True) -> Iterator[Person]:
        """Each page of the contacts, `token` for only what changed since. Raises `ExpiredToken` before the first page."""
        options = {"resourceName": "people/me", "personFields": ",".join(CONTACT_FIELDS)}
        yield from self._pages(lambda api: api.connections, "connections", {**options, **_sync(token, sync)})

    def others(self, token: str = "", sync: bool = True) -> Iterator[Person]:
        """Each page of the Other contacts, as `contacts`."""
        options = {"readMask": ",".join(OTHER_FIELDS)}
        yield from self._pages(lambda api: api.others, "otherContacts", {**options, **_sync(token, sync)})

    def groups(self) -> dict[str, str]:
        """The labels (contact groups): resource name to the name the owner sees."""
        return {name: str(group.get("formattedName") or group.get("name") or "") for name, group in self._groups()}

    def open_groups(self) -> frozenset[str]:
        """The labels under which a contact can be put: the owner's own, and two of Google's."""
        own = {name for name, group in self._groups() if group.get("groupType") == "USER_CONTACT_GROUP"}
        return frozenset(own | {"contactGroups/myContacts", "contactGroups/starred"})

    def _groups(self) -> Iterator[tuple[str, Person]]:
        options = {"groupFields": "name,groupType", "pageSize": 1000}
        for page in self._pages(lambda api: api.groups, "contactGroups", options):
            for group in page["contactGroups"]:
                yield str(group.get("resourceName", "")), group

    def get(self, name: str) -> Person:
        """One contact afresh, all of it. Raises `NotFound`."""
        fields = ",".join(CONTACT_FIELDS)
        return self._repeated(lambda api: api.people.get(resourceName=name, personFields=fields))

    def owner(self) -> Person:
        """Whose account it is: ids only. Raises `NotFound` where the server has no such record."""
        return self._repeated(lambda api: api.people.get(resourceName="people/me", personFields="metadata"))

    def probe(self) -> None:
        """The smallest request that says whether the contacts may be read."""
        self._listed(lambda api: api.connections.list(resourceName="people/me", personFields="metadata", pageSize=1))

    def delete(self, name: str) -> None:
        """Send one delete. Raises `NotFound`, or `Repeatable` when it may or may not have been done: re-read first."""
        self._once(lambda api: api.people.deleteContact(resourceName=name))

    def update(self, name: str, body: Person, fields: Sequence[str]) -> None:
        """Send one update of whole properties, guarded by the etag in the body. Raises `Conflict`, `Repeatable`, as `delete`."""
        mask, shown = ",".join(fields), ",".join(CONTACT_FIELDS)
        self._once(
            lambda api: api.people.updateContact(resourceName=name, updatePersonFields=mask, personFields=shown, body=body)
        )

    def create(self, body: Person) -> str:
        """Make a contact; its resource name. Raises `Repeatable` when there may be one now, or even two: look first."""
        made = self._once(lambda api: api.people.createContact(personFields="metadata", body=body))
        return str(made.get("resourceName") or "")

    def join(self, group: str, name: str) -> None:
        """Put a contact under a label; done twice is done once. What Google leaves out only a second look tells."""
        body = {"resourceNamesToAdd": [name]}
        self._repeated(lambda api: api.members.modify(resourceName=group, body=body))

    def picture(self, name: str, data: bytes) -> None:
        """Give a contact its picture; done twice is done once."""
        body = {"photoBytes": base64.b64encode(data).decode()}
        self._repeated(lambda api: api.people.updateContactPhoto(resourceName=name, body=body))

    def _pages(self, resource: Any, key: str, options: Mapping[str, Any]) -> Iterator[Person]:
        """Follow the page tokens; every other parameter stays the same from page to page, as the API demands."""
        options = {"pageSize": 1000, **options}
        seen: set[str] = set()
        page_token = ""
        while True:
            more = {"pageToken": page_token} if page_token else {}
            page = self._listed(lambda api, more=more: resource(api).list(**options, **more))
            records = page.get(key, [])
            if not isinstance(records, list):
                raise _not_people()
            page_token = str(page.get("nextPageToken") or "")
            yield {**page, key: records}
            if not page_token:
                return
            if page_token in seen:
                raise Damaged(Phrase("Google's listing runs in a circle; it has no end."), Phrase("Run the command again."))
            seen.add(page_token)

    def _listed(self, make: Any) -> Person:
        try:
            return self._repeated(make)
        except NotFound:
            # A listing that is not there is never an empty one.
            raise _not_people() from None

    def _repeated(self, make: Any) -> Person:
        return _http.repeated(lambda: self._once(make), self.patience)

    def _once(self, make: Any) -> Person:
        """One request, sent once by us (the transport below may resend it when a connection closes without an answer)."""
        import google.auth.exceptions
        import googleapiclient.errors
        import httplib2

        self._pace.wait()
        try:
            request = make(self._opened())
            with _http.cut_after(LONGEST, self._cut):
                answer = request.execute(num_retries=0)
        except googleapiclient.errors.HttpError as error:
            found = told(error)
            if isinstance(found, ExpiredToken) and "syncToken=" not in error.uri:
                found = _not_people()  # nobody sent a token that could be too old
            raise found from None
        except google.auth.exceptions.GoogleAuthError as error:
            raise not_signed_in(error) from None
        except (httplib2.HttpLib2Error, http.client.HTTPException, OSError):
            self._http.close()
            raise Repeatable(_no_answer(), tries=_http.NETWORK_TRIES) from None
        except ValueError:
            raise _not_people() from None
        if answer is not None and not isinstance(answer, dict):
            # An empty body is what some servers answer to a delete.
            if answer in {"", b""}:
                return {}
            raise _not_people()
        return answer or {}

    def _opened(self) -> _Api:
        """The client, made at the first request: importing it takes a fifth of a second."""
        if self._api is None:
            import google_auth_httplib2
            import httplib2
            from googleapiclient.discovery import build

            _http.quiet(*_LOGGERS)
            local = _http.is_loopback(_http.host_of(self._endpoint))
            # No proxy stands between this machine and itself.
            self._http = httplib2.Http(timeout=TIMEOUT, **({"proxy_info": None} if local else {}))
            self._http.follow_redirects = False
            finalize(self, self._http.close)
            authorized = google_auth_httplib2.AuthorizedHttp(self._credentials, http=self._http)
            options = {"api_endpoint": self._endpoint} if self._endpoint else None
            service = build("people", "v1", http=authorized, client_options=options, static_discovery=True, cache_discovery=False)
            self._api = _Api(service)
        return self._api

    def _cut(self) -> None:
        """End whatever the transport is waiting for; only its socket may be touched from another thread."""
        for connection in list(self._http.connections.values()) if self._http else ():
            with suppress(OSError, AttributeError):
                connection.sock.shutdown(socket.SHUT_RDWR)


class _Api:
    """The parts of Google's client, each made once: it describes all methods of a part anew whenever that is asked for."""

    def __init__(self, service: Any) -> None:
        self._service = service

    @cached_property
    def people(self) -> Any:
        return self._service.people()

    @cached_property
    def connections(self) -> Any:
        return self.people.connections()

    @cached_property
    def others(self) -> Any:
        return self._service.otherContacts()

    @cached_property
    def groups(self) -> Any:
        return self._service.contactGroups()

    @cached_property
    def members(self) -> Any:
        return self.groups.members()


def _sync(token: str, sync: bool) -> dict[str, Any]:
    """Without `requestSyncToken` a delta would bring no token for the next one."""
    options: dict[str, Any] = {"requestSyncToken": True} if sync else {}
    return {**options, "syncToken": token} if token else options


def told(error: Any) -> Exception:
    """What an `HttpError` means, by its reason first, then by its status; nothing of its own text is kept."""
    status = int(getattr(error, "status_code", 0) or 0)
    reasons, message = _reasons(error)
    if "EXPIRED_SYNC_TOKEN" in reasons or _EXPIRED.search(message):
        return ExpiredToken()
    if status in _http.REPEATABLE or (status == 403 and reasons & _TOO_FAST):
        return Repeatable(_busy(status), _http.retry_after(error.resp.get("retry-after")))
    if status == 403:
        return _forbidden(reasons)
    return _by_status(status, reasons)


def _by_status(status: int, reasons: frozenset[str]) -> HubError:
    if status == 404:
        return NotFound(Phrase("Google has no contact with that id."))
    if status == 401:
        return Unreachable(Phrase("Google did not accept the sign-in."), SIGN_IN_AGAIN)
    if status in {409, 412} or (status == 400 and reasons & {"FAILED_PRECONDITION", "failedPrecondition"}):
        return Conflict(Phrase("The contact changed at Google meanwhile; nothing was written."), PLAN_AGAIN)
    if 300 <= status < 400:
        return Damaged(Phrase("The server sends the request elsewhere (status {status}); it was not followed.", status=status))
    if status == 400:
        return Damaged(
            Phrase("Google did not understand the request (status 400)."),
            Phrase("Run hub refresh --full; if it stays so, the hub needs an update."),
        )
    return Unreachable(
        Phrase("Google answered with an error (status {status}).", status=status), Phrase("Run the command again.")
    )


def _forbidden(reasons: frozenset[str]) -> HubError:
    if reasons & _SCOPE:
        return Refused(
            Phrase("The sign-in does not allow this: a box was left empty on Google's page."),
            Phrase("Run hub login gmail again and tick every box."),
        )
    if reasons & _SWITCHED_OFF:
        return Unreachable(
            Phrase("The People API is not switched on in your Google Cloud project."),
            Phrase("Open console.cloud.google.com, APIs and services, Library, People API, Enable; then run the command again."),
        )
    return Refused(Phrase("Google refused the request (status 403)."), SIGN_IN_AGAIN)


def _reasons(error: Any) -> tuple[frozenset[str], str]:
    """Every machine-readable reason of an error, and its message, from whatever of it is JSON."""
    import json

    try:
        body = json.loads(error.content)["error"]
    except (ValueError, TypeError, KeyError):
        return frozenset(), ""
    if not isinstance(body, dict):
        return frozenset(), ""
    told_by = [*_dicts(body.get("details")), *_dicts(body.get("errors")), {"reason": body.get("status")}]
    return frozenset(str(item.get("reason")) for item in told_by), str(body.get("message") or "")


def _dicts(found: object) -> list[dict[str, Any]]:
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def not_signed_in(error: Any) -> Exception:
    """What an error of Google's sign-in library means: dead for good, or only just now."""
    detail = error.args[1] if len(error.args) > 1 else None
    code = str(detail.get("error")) if isinstance(detail, dict) else ""
    if code == "invalid_grant":
        return Unreachable(Phrase("The sign-in to Google is no longer valid."), SIGN_IN_AGAIN)
    if type(error).__name__ == "TransportError":
        return Repeatable(_no_answer(), tries=_http.NETWORK_TRIES)
    if getattr(error, "retryable", False):
        return _no_answer()  # the library has tried it several times already
    return Unreachable(Phrase("Google did not accept the sign-in."), SIGN_IN_AGAIN)


def _no_answer() -> HubError:
    return Unreachable(Phrase("Google did not answer."), Phrase("Check the network and run the command again."))


def _busy(status: int) -> HubError:
    if status in {403, 429}:
        return Unreachable(Phrase("Google asks the hub to wait."), Phrase("Wait some minutes and run the command again."))
    return Unreachable(
        Phrase("Google has trouble just now (status {status}).", status=status), Phrase("Run the command again later.")
    )


def _not_people() -> HubError:
    return Damaged(
        Phrase("What answered is not Google's People API."),
        Phrase("Check the network (a hotel's sign-in page?) and `endpoint` in hub.toml, and run the command again."),
    )
