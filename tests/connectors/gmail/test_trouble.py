"""A Google in trouble: the right error with who must act, in bounded time, and nobody's data in an error or a log."""

from __future__ import annotations

import ast
import logging
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connectors._http import Patience
from connectors.errors import Damaged, HubError, Refused, Unreachable
from connectors.gmail import people
from tests.conformance.tools import error_of, listing, told
from tests.connectors.gmail.standin import TOKEN, WRITE, Fault, StandIn
from tests.connectors.gmail.world import QuickGmail, connector, person

CONTACTS = "GET /v1/people/me/connections"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def aino(standin: StandIn) -> StandIn:
    """An account with one contact."""
    standin.store.add(**person("Aino Kuvitelma", "aino@kuvitelma.example"))
    return standin


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(CONTACTS, "html", times=99), Damaged),
        (Fault(CONTACTS, 400, times=99, reason="EXPIRED_SYNC_TOKEN"), Damaged),
        (Fault(CONTACTS, "foreign", times=99), Damaged),
        (Fault(CONTACTS, 400, times=99), Damaged),
        (Fault(CONTACTS, 404, times=99), Damaged),
        (Fault(CONTACTS, 401, times=99), Unreachable),
        (Fault(CONTACTS, 410, times=99), Unreachable),
        (Fault(CONTACTS, "html error", times=99), Unreachable),
        (Fault(CONTACTS, 503, times=99), Unreachable),
        (Fault(CONTACTS, "drop", times=99), Unreachable),
        (Fault(CONTACTS, 429, times=99, retry_after="100000"), Unreachable),
        (Fault(CONTACTS, 403, times=99), Refused),
        (Fault(CONTACTS, 403, times=99, reason="SERVICE_DISABLED"), Unreachable),
        (Fault(CONTACTS, 403, times=99, reason="userRateLimitExceeded"), Unreachable),
    ],
    ids=lambda value: f"{value.what} {value.reason}" if isinstance(value, Fault) else value.__name__,
)
def test_trouble_is_never_nothing_found(aino: StandIn, fault: Fault, error: type[HubError]) -> None:
    """Whatever Google answers instead of a listing is an error of the right class, with what to do."""
    fault.times = 99
    aino.faults.append(fault)

    with pytest.raises(error) as raised:
        listing(connector(aino))
    assert type(raised.value) is error
    check = connector(aino).check()
    assert (check.may_read, check.may_erase) == (False, False)
    assert check.problems


@pytest.mark.parametrize("what", [429, 500, 503, "drop", "html error"])
def test_a_passing_trouble_is_waited_out(aino: StandIn, what: int | str) -> None:
    """One bad answer in the middle of a listing costs a wait and nothing else."""
    aino.faults.append(Fault(CONTACTS, what))  # type: ignore[arg-type]  # one of the known ones

    assert len(listing(connector(aino)).entries) == 1


def test_nobody_waits_for_ever_for_a_drip(aino: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that sends a byte now and then is cut off after the longest time a request may take."""
    monkeypatch.setattr(people, "LONGEST", 0.3)
    aino.faults.append(Fault(CONTACTS, "drip", times=99))
    start = time.monotonic()

    with pytest.raises(Unreachable):
        listing(connector(aino))
    assert time.monotonic() - start < 60


def test_a_slow_page_times_out(aino: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that says nothing is given up after the time-out."""
    monkeypatch.setattr(people, "TIMEOUT", 0.2)
    aino.faults.append(Fault(CONTACTS, "none", times=99, then=lambda: time.sleep(0.6)))

    with pytest.raises(Unreachable):
        listing(connector(aino))


def test_a_server_that_is_gone_is_told_soon(aino: StandIn) -> None:
    """Without a network the owner hears so after three tries and a few seconds."""
    source = connector(aino)
    aino.stop()

    with pytest.raises(Unreachable, match="network"):
        listing(source)
    assert len(QuickGmail.waits) == 2
    assert sum(QuickGmail.waits) <= 3


def test_a_missing_box_for_other_contacts_breaks_the_listing_off(aino: StandIn) -> None:
    """Contacts may be read and Other contacts not: the answer is partial, and says which box to tick."""
    aino.tokens[TOKEN] = frozenset({WRITE})
    items: list[object] = []

    with pytest.raises(Refused, match="tick every box"):
        items.extend(connector(aino).entries())
    assert len(items) == 1


@pytest.mark.parametrize(
    "endpoint", ["http://people.example", "http://people.example@127.0.0.1.example/", "127.0.0.1:80", "file:///x"]
)
def test_a_token_never_travels_in_the_clear(endpoint: str) -> None:
    """An endpoint without https is refused before anything is sent, unless it is this machine."""
    with pytest.raises(Refused):
        listing(QuickGmail("gmail", {"endpoint": endpoint, "token": TOKEN}))


def test_the_real_patience_is_the_default() -> None:
    """Only tests wait for nothing: the connector itself sleeps, and has an end."""
    from connectors.gmail import GmailConnector

    assert GmailConnector.patience == Patience()
    assert GmailConnector.patience.sleep is time.sleep


def test_no_error_and_no_log_quotes_a_request(aino: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    """With every logger wide open, no line and no traceback has a URL, a token or a name in it."""
    caplog.set_level(logging.DEBUG)
    for name in ("googleapiclient.http", "google.auth.transport", "urllib3"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    errors = []
    for what in (400, 401, 403, 404, 429, 500, "drop", "html", "html error", "foreign"):
        aino.faults[:] = [Fault("/v1/", what, times=99)]
        errors.append(error_of(lambda: listing(connector(aino))))
    text = "\n".join([caplog.text, *(told(error) for error in errors if error)])

    assert len([error for error in errors if error]) == len(errors)
    assert [
        word for word in ("http://", "personFields=addr", "personFields%", TOKEN, "Bearer", "Aino", "kuvitelma") if word in text
    ] == []


def test_google_is_imported_only_when_used() -> None:
    """Neither the registry nor the contract nor the connector's class brings Google's client into memory."""
    code = (
        "import sys, connectors.registry, connectors.contract, hub.cli\n"
        "cls = connectors.registry.connector_class('gmail')\n"
        "cls('gmail', {'client_secrets': None})\n"
        "names = ('googleapiclient', 'google', 'httplib2', 'requests', 'keyring', 'google_auth_oauthlib')\n"
        "print([name for name in names if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_forbidden_calls() -> None:
    """No batch, which leaves the configured endpoint for Google's own, no server search, no deleting by label."""
    forbidden = {
        "new_batch_http_request",
        "searchContacts",
        "batchDeleteContacts",
        "deleteContacts",
        "copyOtherContactToMyContactsGroup",
    }
    used = {
        node.attr if isinstance(node, ast.Attribute) else node.arg
        for path in sorted((ROOT / "connectors/gmail").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute | ast.keyword)
    }

    assert "deleteContact" in used
    assert used & forbidden == set()


def test_the_discovery_is_the_shipped_one(aino: StandIn) -> None:
    """Nothing but the API itself is asked: no discovery document is fetched."""
    listing(connector(aino))

    assert {item.path.split("/")[1] for item in aino.seen} == {"v1"}
