"""A server in trouble: the right error with who must act, in bounded time, never "nothing found", and no secret told."""

from __future__ import annotations

import logging
import time
from urllib.parse import urlsplit

import pytest

from connectors import _http
from connectors.carddav import IcloudConnector, wire
from connectors.errors import ConfigError, Damaged, HubError, Refused, Unreachable
from connectors.phrase import Phrase
from tests.conformance.tools import error_of, listing, told
from tests.connectors.carddav.front import BOOK, HOME, PRINCIPAL, Fault, Front
from tests.connectors.carddav.servers import PASSWORD, USER
from tests.connectors.carddav.spy import watching
from tests.connectors.carddav.world import WAITS, QuickCarddav, QuickIcloud, card, group, settings

LISTING = f"PROPFIND {BOOK}"


@pytest.fixture
def aino(front: Front) -> Front:
    """An account with one card."""
    front.put("aino.vcf", card("AINO", "Aino Kuvitelma", "EMAIL:aino@kuvitelma.example"))
    return front


def connector(front: Front, **more: object) -> QuickIcloud:
    """The hub's source on the front."""
    return QuickIcloud("puhelin", settings(front.url, **more))


@pytest.mark.parametrize("where", ["PROPFIND /", PRINCIPAL, HOME, LISTING, "REPORT"])
@pytest.mark.parametrize(
    ("what", "errors"),
    [
        ("html", (Damaged, Unreachable)),
        ("bomb", (Damaged, Unreachable)),
        ("half", (Damaged, Unreachable)),
        ("empty", (Damaged, Unreachable)),
        ("foreign", (Refused,)),
        ("circle", (Damaged,)),
        ("drop", (Unreachable,)),
        (401, (Unreachable,)),
        (403, (Refused,)),
        (404, (Unreachable, HubError)),
        (500, (Unreachable,)),
        (503, (Unreachable,)),
    ],
)
def test_trouble_is_never_nothing_found(aino: Front, where: str, what: int, errors: tuple[type[HubError], ...]) -> None:
    """Whatever comes instead of an answer, the card is listed all the same or an error of the tree says why not."""
    if where == "PROPFIND /":
        aino.faults.append(Fault("PROPFIND /.well-known", what, times=999))
    aino.faults.append(Fault(where, what, times=999))

    listed: list[str] = []
    error = error_of(lambda: listed.extend(entry.ref for entry in listing(connector(aino)).entries))

    if where == "REPORT" and what not in {401, "drop", 503}:
        assert len(listed) == 1, "a card that can be read alone is read alone"
    else:
        assert listed == []
        assert isinstance(error, errors), repr(error)
    if error is not None and where not in {"REPORT", LISTING}:
        check = connector(aino).check()
        assert (check.may_read, check.may_erase) == (False, False)
        assert check.problems


@pytest.mark.parametrize("what", [429, 503, "drop", 500, 502])
def test_a_passing_trouble_is_waited_out(aino: Front, what: int) -> None:
    """One bad answer in the middle of a listing costs a wait and nothing else; the server's own wish is granted."""
    WAITS.clear()
    aino.faults.append(Fault(LISTING, what, retry_after="7" if what in {429, 503} else ""))

    assert len(listing(connector(aino)).entries) == 1
    assert len(WAITS) == 1
    assert what not in {429, 503} or WAITS == [7.0]


def test_nobody_waits_for_hours(aino: Front) -> None:
    """A server that asks to wait for longer than the hub's patience is called unreachable at once."""
    WAITS.clear()
    aino.faults.append(Fault(LISTING, 429, times=99, retry_after="100000"))

    with pytest.raises(Unreachable):
        listing(connector(aino))
    assert WAITS == []


def test_nobody_waits_for_ever_for_a_drip(aino: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that sends a byte now and then is cut off after the longest time an answer may take."""
    monkeypatch.setattr(wire, "LONGEST", 0.3)
    aino.faults.append(Fault(LISTING, "drip", times=99))
    start = time.monotonic()

    with pytest.raises(Unreachable):
        listing(connector(aino))
    assert time.monotonic() - start < 60


def test_a_flood_is_cut_off(aino: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer without end is not read into memory."""
    monkeypatch.setattr(wire, "MAX_BODY", 100)
    monkeypatch.setattr(wire.Wire.request, "__kwdefaults__", {"limit": 100, "repeat": True})

    with pytest.raises(Damaged):
        listing(connector(aino))


def test_a_wrong_password_says_what_to_do(aino: Front) -> None:
    """Apple wants an app-specific password: the owner is told to make one, and the wrong one is not repeated."""
    source = connector(aino, password=lambda: "väärä-salasana")

    with pytest.raises(Unreachable, match="app-specific password") as raised:
        listing(source)
    assert "väärä" not in told(raised.value)
    assert len(aino.seen) <= 4


def test_a_password_that_is_not_where_it_should_be(aino: Front) -> None:
    """A missing password silences this source only, and says where it was looked for."""

    def missing() -> str:
        raise ConfigError(Phrase("The password is not there."))

    with pytest.raises(Unreachable, match="The password is not there"):
        listing(connector(aino, password=missing))
    assert not connector(aino, password=missing).check().reachable


def test_credentials_go_to_nobody_else(aino: Front) -> None:
    """A redirect or an address that leads to a foreign host is refused before anything is sent there."""
    aino.faults.append(Fault("PROPFIND /", "foreign", times=99))

    with watching() as sent, pytest.raises(Refused):
        listing(connector(aino))

    assert {urlsplit(one.url).hostname for one in sent} <= {"127.0.0.1", "localhost"}


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        (QuickIcloud, "https://contacts.foreign.example/"),
        (QuickIcloud, "https://icloud.com.foreign.example/"),
        (QuickIcloud, "https://foreignicloud.com/"),
        (QuickIcloud, "http://contacts.icloud.com/"),
        (QuickCarddav, "http://dav.foreign.example/"),
        (QuickCarddav, "ftp://dav.foreign.example/"),
        (QuickCarddav, "https://[broken/"),
        (QuickCarddav, "nothing"),
        (QuickCarddav, ""),
    ],
)
def test_an_address_the_password_must_not_go_to(kind: type[QuickCarddav], url: str) -> None:
    """Plain http and hosts that are not the service's are refused without a single request."""
    with watching() as sent:
        error = error_of(lambda: listing(kind("lähde", settings(url))))

    assert isinstance(error, Refused)
    assert sent == []


def test_icloud_knows_its_own_hosts() -> None:
    """Apple's partition hosts, those of mainland China, and me.com may have the password."""
    for url in (
        IcloudConnector.options[0].default,
        "https://p42-contacts.icloud.com:443/1/",
        "https://contacts.icloud.com.cn/",
        "https://gateway.icloud.com/contacts/1/ck/card/2",
        "https://me.com/",
    ):
        _http.require_trusted(str(url), IcloudConnector.profile.hosts)


def test_a_password_file_of_the_system_has_no_say(aino: Front, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A netrc entry for the host, or a proxy of the environment, replaces nothing."""
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w", encoding="ascii") as file:  # noqa: PTH123  # the place is told as text
        file.write("machine 127.0.0.1 login x password y\nmachine localhost login x password y\n")
    monkeypatch.setenv("NETRC", netrc)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")

    assert len(listing(connector(aino)).entries) == 1


def test_logs_and_errors_hold_no_secret(aino: Front, caplog: pytest.LogCaptureFixture) -> None:
    """With every log switched on, neither the password nor an address of a card nor a name is in it."""
    caplog.set_level(logging.DEBUG)
    aino.put("Aino-Kuvitelma.vcf", card("AINO2", "Aino Kuvitelma"))
    aino.faults.append(Fault("REPORT", 429))
    aino.faults.append(Fault("REPORT", "drop"))
    entry = listing(connector(aino)).entries[0]
    aino.faults.append(Fault("DELETE", "drop", times=99))
    error = error_of(lambda: connector(aino).erase(entry.ref, entry.version))

    assert error is not None
    text = caplog.text + told(error)
    assert [word for word in (PASSWORD, USER, "Kuvitelma", "aino.vcf", "AINO") if word in text] == []


def test_a_network_that_wants_a_sign_in_is_no_book_of_broken_cards(aino: Front) -> None:
    """When every single card comes as a web page it is the server, and not each card, that is in trouble."""
    aino.faults.append(Fault("REPORT", "html", times=99))
    aino.faults.append(Fault("GET", "html", times=99))

    with pytest.raises(Damaged):
        listing(connector(aino))


def test_a_listing_of_somebody_elses_cards_is_refused(aino: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cards whose addresses lie on a foreign host are not looked for on this one."""
    monkeypatch.setattr(Front, "partition", property(_elsewhere))

    with watching() as sent, pytest.raises(Refused):
        listing(connector(aino))
    assert {urlsplit(one.url).hostname for one in sent} <= {"127.0.0.1", "localhost"}


def _elsewhere(front: Front) -> str:
    """The other half's address, but a foreign host's in a listing of the book."""
    asked = front.seen[-1]
    foreign = (asked.method, asked.path) == ("PROPFIND", BOOK)
    return "https://contacts.foreign.example" if foreign else f"http://localhost:{front._servers[1].server_port}"


def test_a_busy_server_does_not_stop_a_group_from_being_changed(aino: Front) -> None:
    """Status 429 says that nothing was done: then even a write may be sent again."""
    aino.put("joukko.vcf", group("JOUKKO", "Asiakkaat", "AINO"))
    entry = listing(connector(aino)).entries[0]
    aino.faults.append(Fault("PUT", 429))

    assert connector(aino).erase(entry.ref, entry.version).result == "erased"
    assert b"AINO" not in aino.cards[f"{BOOK}joukko.vcf"][1]


def test_an_account_without_a_book_is_told(aino: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """No address book at all is not the same as an empty one."""
    original = Front.propfind

    def bare(front: Front, path: str, depth: str) -> bytes:
        return original(front, path, "0" if path == HOME else depth)

    monkeypatch.setattr(Front, "propfind", bare)

    with pytest.raises(Unreachable, match="no address book"):
        listing(connector(aino))
