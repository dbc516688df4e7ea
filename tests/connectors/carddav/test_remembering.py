"""What a listing remembers for the next one spares requests, and is only ever a guess."""

from __future__ import annotations

import json

import pytest

from connectors.errors import Unreachable
from tests.conformance.tools import listing
from tests.connectors.carddav.front import HOME, Fault, Front, Trouble
from tests.connectors.carddav.spy import watching
from tests.connectors.carddav.world import QuickIcloud, card, settings


@pytest.fixture
def aino(front: Front) -> Front:
    """An account with one card."""
    front.put("aino.vcf", card("AINO", "Aino Kuvitelma", "EMAIL:aino@kuvitelma.example"))
    return front


def connector(front: Front) -> QuickIcloud:
    """The hub's source on the front."""
    return QuickIcloud("puhelin", settings(front.url))


def test_a_delta_asks_twice(aino: Front) -> None:
    """One request says which books there are, one what changed in it; where they are was found out the first time."""
    token = listing(connector(aino)).token

    with watching() as sent:
        told = listing(connector(aino), token)

    assert [one.method for one in sent] == ["PROPFIND", "REPORT"]
    assert (told.entries, told.cursors[0].restarted, told.token != "") == ([], False, True)
    with watching() as sent:
        listing(connector(aino), told.token)
    assert len(sent) == 2, "the next mark remembers it too"


@pytest.mark.parametrize("what", [404, 410, 403, "html", "empty", "drop", 401])
def test_books_that_moved_are_looked_for_anew(aino: Front, what: Trouble) -> None:
    """Where the remembered address answers nothing useful, the books are found from the beginning, and a delta it stays."""
    token = listing(connector(aino)).token
    aino.put("eero.vcf", card("EERO", "Eero Keksitty"))
    aino.faults.append(Fault(f"PROPFIND {HOME}", what, times=3 if what == "drop" else 1))

    told = listing(connector(aino), token)

    assert [entry.values("name") for entry in told.entries] == [("Eero Keksitty",)]
    assert not told.cursors[0].restarted


def test_a_home_without_a_book_is_no_empty_account(aino: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """A remembered address below which no book is any more is neither an empty account nor nothing changed."""
    token = listing(connector(aino)).token
    original = Front.propfind
    monkeypatch.setattr(Front, "propfind", lambda front, path, depth: original(front, path, "0" if path == HOME else depth))

    with pytest.raises(Unreachable, match="no address book"):
        listing(connector(aino), token)


def test_a_remembered_address_gets_no_password_elsewhere(aino: Front) -> None:
    """A mark that names a foreign host leads nobody there."""
    token = json.loads(listing(connector(aino)).token)
    token["homes"] = ["https://contacts.foreign.example/123/carddavhome/", "http://foreign.example/"]

    with watching() as sent:
        told = listing(connector(aino), json.dumps(token))

    assert {one.url.split("/")[2].split(":")[0] for one in sent} <= {"127.0.0.1", "localhost"}
    assert not told.cursors[0].restarted
