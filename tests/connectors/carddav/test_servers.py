"""On real servers: exactly what was planned goes, groups lose one line, a race ends in a conflict, all can be put back."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from connectors._cardlines import cards
from connectors._vcard import fields_of
from connectors.carddav.server import Server
from connectors.contract import Needle
from connectors.entry import Entry
from connectors.errors import Conflict, Unreachable
from tests.conformance.tools import listing
from tests.connectors.carddav.servers import Running
from tests.connectors.carddav.spy import unguarded, watching
from tests.connectors.carddav.world import QuickCarddav, card, group, settings

_NUMBERS = itertools.count(1)

CARDS = {
    "aino.vcf": card("UID-Aino:ABPlugin", "Aino Kuvitelma", "item1.EMAIL:aino@kuvitelma.example", "item1.X-ABLabel:_$!<Home>!$_"),
    "kaima.vcf": card("uid-kaima", "Aino Kuvitelma", "EMAIL:kaima@toinen.example"),
    "eero.vcf": card("uid-eero", "Eero Keksitty", "NOTE:Aino Kuvitelma\\, puhelin 0441234567", "X-OUTO;X-Y=1:säilyy"),
    "ryhmä.vcf": group("uid-ryhma", "Jumppa", "UID-Aino:ABPlugin", "uid-eero"),
    "tyhjä.vcf": group("uid-tyhja", "Muut", "uid-eero"),
}


@dataclass
class Book:
    """A book with `CARDS` on a real server."""

    server: Running
    path: str
    byte_exact: bool

    def connector(self) -> QuickCarddav:
        """A new connector on the account."""
        return QuickCarddav("palvelin", settings(self.server.url))

    def raw(self, name: str) -> bytes:
        """A card as another program gets it."""
        answer = self.server.request("GET", self.path + name)
        return answer.content if answer.status_code == 200 else b""

    def others(self, *but: str) -> Mapping[str, Any]:
        """Every card but these: to the byte, or field by field where the server rewrites cards."""
        raws = {name: self.raw(name) for name in CARDS if name not in but}
        return raws if self.byte_exact else {name: fields_of(cards(raw)[0]) for name, raw in raws.items()}


@pytest.fixture(params=["radicale", "xandikos"])
def book(request: pytest.FixtureRequest) -> Book:
    """The cards in a fresh book."""
    server: Running = request.getfixturevalue(f"{request.param}_server")
    if request.param == "radicale":
        server.empty()
        found = Book(server, f"alice/reals{next(_NUMBERS)}/", byte_exact=False)
        body = (
            b'<mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><set><prop><resourcetype><collection/>'
            b"<C:addressbook/></resourcetype></prop></set></mkcol>"
        )
        assert server.request("MKCOL", found.path, body, Content_Type="application/xml").status_code == 201
    else:
        found = Book(server, "alice/contacts/addressbook/", byte_exact=True)
    for name, raw in CARDS.items():
        server.put(found.path + name, raw)
    return found


def aino(book: Book) -> Entry:
    """The one entry that goes."""
    entries = listing(book.connector()).entries
    return next(entry for entry in entries if "aino@kuvitelma.example" in entry.values("email"))


def test_exactly_what_was_planned_goes(book: Book) -> None:
    """One card and one member line are gone, everything else is as it was, and every write named a real version."""
    before, entry = book.others("aino.vcf", "ryhmä.vcf"), aino(book)
    group_before = book.raw("ryhmä.vcf")

    with watching() as sent:
        outcome = book.connector().erase(entry.ref, entry.version)

    assert outcome.result == "erased"
    assert book.raw("aino.vcf") == b""
    assert book.others("aino.vcf", "ryhmä.vcf") == before
    left = [line for line in group_before.splitlines(keepends=True) if b"UID-Aino" not in line]
    assert len(left) == len(group_before.splitlines()) - 1
    assert sorted(book.raw("ryhmä.vcf").split()) == sorted(b"".join(left).split())
    assert not book.byte_exact or book.raw("ryhmä.vcf") == b"".join(left)
    assert [one.method for one in sent if one.method in {"DELETE", "PUT"}] == ["DELETE", "PUT"]
    assert unguarded(sent) == []


def test_a_group_is_no_person(book: Book) -> None:
    """Groups are not listed, and are counted nowhere."""
    told = listing(book.connector())

    assert len(told.entries) == told.cursors[0].entries == 3
    assert told.unreadable == []


def test_an_etag_race_ends_in_a_conflict(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change between the last look and the delete leaves the card as the phone wrote it."""
    entry = aino(book)
    changed = CARDS["aino.vcf"].replace(b"END:VCARD", b"NOTE:uusi\r\nEND:VCARD")
    delete = Server.delete

    def late(*arguments: Any) -> None:
        book.server.put(book.path + "aino.vcf", changed)
        delete(*arguments)

    monkeypatch.setattr(Server, "delete", late)
    with pytest.raises(Conflict):
        book.connector().erase(entry.ref, entry.version)

    assert b"NOTE:uusi" in book.raw("aino.vcf")
    assert b"UID-Aino" in book.raw("ryhmä.vcf")


def test_a_run_cut_off_before_the_groups_is_ended_by_the_next(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the card went and its groups could not be changed any more, the same erase done again takes the lines."""
    entry = aino(book)

    def silent(*_: object, **__: object) -> None:
        raise Unreachable(entry.locator)

    with monkeypatch.context() as patch:
        patch.setattr(Server, "put", silent)
        with pytest.raises(Unreachable):
            book.connector().erase(entry.ref, entry.version)
    assert b"UID-Aino" in book.raw("ryhmä.vcf")

    assert book.connector().erase(entry.ref, entry.version).result == "already_absent"
    assert b"UID-Aino" not in book.raw("ryhmä.vcf")


def test_restore_puts_the_card_and_its_membership_back(book: Book) -> None:
    """After an undo the card says the same, and its group names it again; a second undo is a conflict."""
    entry = aino(book)
    connector = book.connector()
    outcome = connector.erase(entry.ref, entry.version)

    with watching() as sent:
        restored = connector.restore(outcome.receipt)
    fields = book.connector().get(entry.ref).fields

    assert (restored.result, restored.notes) == ("restored", ())
    assert fields == entry.fields
    assert not book.byte_exact or book.raw("aino.vcf") == CARDS["aino.vcf"]
    assert book.raw("ryhmä.vcf").count(b"UID-Aino") == 1
    assert unguarded(sent) == []
    with pytest.raises(Conflict):
        connector.restore(outcome.receipt)


def test_residue_is_told_by_card_and_property(book: Book) -> None:
    """What somebody else's note says of the person is found, told by its property, and never cut."""
    entry = aino(book)
    book.connector().erase(entry.ref, entry.version)

    found = book.connector().residue([Needle("phone", "+358441234567")])

    assert [place.why for place in found] == ["a value of the person still stands in its NOTE"]
    assert b"0441234567" in book.raw("eero.vcf")


def test_delta_tells_changes_only(book: Book) -> None:
    """A new card, a changed one and a deleted one are told, nothing else; a token the server forgot lists all anew."""
    connector = book.connector()
    token = listing(connector).token
    entry = aino(book)
    book.server.put(book.path + "uusi.vcf", card("uid-uusi", "Uusi Ihminen", "EMAIL:uusi@ihminen.example"))
    book.server.put(book.path + "kaima.vcf", CARDS["kaima.vcf"].replace(b"END:VCARD", b"NOTE:muuttui\r\nEND:VCARD"))
    book.server.request("DELETE", book.path + "aino.vcf")

    delta = listing(connector, token)
    book.server.request("DELETE", book.path + "uusi.vcf")

    assert sorted(entry.values("email")[0] for entry in delta.entries) == ["kaima@toinen.example", "uusi@ihminen.example"]
    assert [item.ref for item in delta.gone] == [entry.ref]
    assert not delta.cursors[0].restarted
    for bad in (token.replace('": "', '": "0'), token.replace("/alice/", "/other/"), "x", "[]", '{"account": 1}'):
        anew = listing(book.connector(), bad)
        assert anew.cursors[0].restarted
        assert len(anew.entries) >= 2
