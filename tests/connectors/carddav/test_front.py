"""What Apple is reported to do differently, and what other servers were seen to do: none of it loses or hides a card."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors.carddav.server import BATCH
from connectors.contract import Needle
from connectors.entry import Entry
from connectors.errors import Conflict, Damaged, Refused, Unreachable
from connectors.errors import Fault as HubFault
from tests.conformance.tools import listing
from tests.connectors.carddav.front import BOOK, PHOTO, Fault, Front
from tests.connectors.carddav.servers import PASSWORD
from tests.connectors.carddav.spy import unguarded, watching
from tests.connectors.carddav.world import QuickIcloud, card, group, settings


def connector(front: Front) -> QuickIcloud:
    """The hub's source on the front."""
    return QuickIcloud("puhelin", settings(front.url))


def entry_of(front: Front, name: str) -> Entry:
    """The entry of this name."""
    return next(entry for entry in listing(connector(front)).entries if name in entry.values("name"))


@pytest.fixture
def family(front: Front) -> Front:
    """Two people, and a group of both."""
    front.put("aino.vcf", card("AINO:ABPlugin", "Aino Kuvitelma", "EMAIL:aino@kuvitelma.example"))
    front.put("eero.vcf", card("EERO", "Eero Keksitty"))
    front.put("joukko.vcf", group("JOUKKO", "Asiakkaat", "AINO:ABPlugin", "EERO"))
    return front


def test_books_are_found_through_redirects_and_whole_urls(family: Front) -> None:
    """The root sends to another host, whose every address is a whole URL: all is read, and asked for by path."""
    told = listing(connector(family))

    assert len(told.entries) == 2
    assert [one for one in family.sent("REPORT") if b"<D:href>http" in one.body] == []
    assert {one.headers["Content-Type"].partition(";")[0] for one in family.seen if one.method in {"PROPFIND", "REPORT"}} == {
        "application/xml"
    }


def test_an_erase_takes_card_and_membership_and_nothing_else(family: Front) -> None:
    """The delete names the etag of the listing, not that of GET; the group loses one line; the archive is told with its date."""
    etag = family.etag(f"{BOOK}aino.vcf")
    eero, group_before = family.cards[f"{BOOK}eero.vcf"], family.cards[f"{BOOK}joukko.vcf"][1]
    entry = entry_of(family, "Aino Kuvitelma")

    with watching() as sent:
        outcome = connector(family).erase(entry.ref, entry.version)

    (deleted,), (put,) = family.sent("DELETE"), [one for one in family.sent("PUT") if "joukko" in one.path]
    assert deleted.headers["If-Match"] == etag
    assert "Depth" not in deleted.headers
    assert put.body == group_before.replace(b"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:AINO:ABPlugin\r\n", b"")
    assert family.cards[f"{BOOK}eero.vcf"] == eero
    assert unguarded(sent) == []
    until = (datetime.now(UTC).date() + timedelta(days=31)).isoformat()
    assert [until in note for note in outcome.notes] == [True]


def test_a_group_that_may_not_be_written_is_told(family: Front) -> None:
    """Where the server refuses every PUT, the card still goes, and the owner hears what is left."""
    family.refuses_put = True
    entry = entry_of(family, "Aino Kuvitelma")

    outcome = connector(family).erase(entry.ref, entry.version)

    assert outcome.result == "erased"
    assert any("group" in note for note in outcome.notes)
    with pytest.raises(Refused):
        connector(family).restore(outcome.receipt)


def test_a_group_changed_in_the_very_moment_is_changed_on_its_newest_version(family: Front) -> None:
    """A member that the phone adds between read and write stays in the group."""
    entry = entry_of(family, "Aino Kuvitelma")
    new = group("JOUKKO", "Asiakkaat", "AINO:ABPlugin", "EERO", "UUSI")
    family.faults.append(Fault(f"PUT {BOOK}joukko.vcf", "none", then=lambda: family.put("joukko.vcf", new)))

    connector(family).erase(entry.ref, entry.version)

    left = family.cards[f"{BOOK}joukko.vcf"][1]
    assert b"AINO" not in left
    assert b"UUSI" in left


def test_two_cards_of_one_id_keep_the_group(family: Front) -> None:
    """While another card of the book has the same id, the group means that one."""
    family.put("toinen.vcf", card("AINO:ABPlugin", "Aino Toinen"))
    entry = entry_of(family, "Aino Kuvitelma")

    connector(family).erase(entry.ref, entry.version)

    assert b"AINO" in family.cards[f"{BOOK}joukko.vcf"][1]


@pytest.mark.parametrize("what", ["drop", 502, 504])
def test_a_lost_answer_of_a_delete_is_settled_by_reading(family: Front, what: int) -> None:
    """The delete was done but its answer lost: the hub finds the card gone, and calls it erased."""
    entry = entry_of(family, "Aino Kuvitelma")
    family.faults.append(Fault("DELETE", what, done=True))

    assert connector(family).erase(entry.ref, entry.version).result == "erased"
    assert f"{BOOK}aino.vcf" not in family.cards


def test_a_lost_answer_of_a_put_is_settled_by_reading(family: Front) -> None:
    """A group that was written though the answer was lost is not written twice, and is no conflict."""
    entry = entry_of(family, "Aino Kuvitelma")
    family.faults.append(Fault("PUT", "drop", done=True))

    assert connector(family).erase(entry.ref, entry.version).notes[1:] == ()
    assert len(family.sent("PUT")) == 1


def test_silence_during_a_delete_is_not_taken_for_done(family: Front) -> None:
    """When no answer comes at all it is said that the card may be gone or not; the next run tells."""
    entry = entry_of(family, "Aino Kuvitelma")
    family.faults.append(Fault("DELETE", "drop", times=99))

    with pytest.raises(Unreachable, match="may be gone or not"):
        connector(family).erase(entry.ref, entry.version)

    family.faults.clear()
    assert connector(family).erase(entry.ref, entry.version).result == "erased"


def test_a_delete_that_did_nothing_is_a_fault(family: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that confirms and keeps the card does not make an erased one."""
    entry = entry_of(family, "Aino Kuvitelma")
    monkeypatch.setattr(family, "remove", lambda _: None)

    with pytest.raises(HubFault):
        connector(family).erase(entry.ref, entry.version)


def test_a_delete_sent_twice_that_finds_no_version_is_done(family: Front) -> None:
    """Some servers answer 412 and not 404 for a version of a card that is gone: only a card still there is a conflict."""
    entry = entry_of(family, "Aino Kuvitelma")
    family.faults += [Fault("DELETE", "drop", done=True), Fault("DELETE", 412)]

    assert connector(family).erase(entry.ref, entry.version).result == "erased"


def test_a_card_is_absent_only_when_its_book_lacks_it(family: Front) -> None:
    """A single "not there" is no proof: the book is listed anew before a card counts as gone."""
    source = connector(family)
    entry = next(one for one in listing(source).entries if "Aino Kuvitelma" in one.values("name"))
    family.faults.append(Fault(f"PROPFIND {BOOK}aino.vcf", 404))

    assert source.erase(entry.ref, entry.version).result == "erased"
    assert f"{BOOK}aino.vcf" not in family.cards


def test_a_group_that_was_not_changed_is_a_fault(family: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that confirms a write and drops it is found out by reading back."""
    entry = entry_of(family, "Aino Kuvitelma")
    monkeypatch.setattr(family, "put", lambda *_: "")

    with pytest.raises(HubFault):
        connector(family).erase(entry.ref, entry.version)


def test_a_delta_without_a_new_token_lists_all_anew(family: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that cannot be gone on from is not taken for "nothing changed"."""
    token = listing(connector(family)).token
    monkeypatch.setattr(family, "_sync", lambda _: family._status())

    told = listing(connector(family), token)

    assert told.cursors[0].restarted
    assert len(told.entries) == 2


def test_a_wrong_password_while_erasing_is_called_so(family: Front) -> None:
    """A password that ends in the middle is not a silence: the owner hears to make a new one."""
    entry = entry_of(family, "Aino Kuvitelma")
    family.faults.append(Fault("DELETE", 401, times=9))

    with pytest.raises(Unreachable, match="app-specific password"):
        connector(family).erase(entry.ref, entry.version)


def test_a_card_that_vanishes_hides_no_other(family: Front) -> None:
    """A card deleted between the list and the reading is left out, without an error."""
    family.faults.append(Fault("REPORT", "none", then=lambda: family.remove(f"{BOOK}aino.vcf")))

    told = listing(connector(family))

    assert [entry.values("name") for entry in told.entries] == [("Eero Keksitty",)]
    assert told.cursors[0].unreadable == 0


def test_a_card_that_is_listed_and_not_given_is_told(family: Front) -> None:
    """A server that lists a card and has no such card to give hides nobody: it is unreadable, and never "already gone"."""
    entry, path = entry_of(family, "Aino Kuvitelma"), f"{BOOK}aino.vcf"
    family.forgets = {path}
    family.faults.append(Fault(f"GET {path}", 404, times=99))

    told = listing(connector(family))

    assert (len(told.entries), len(told.unreadable)) == (1, 1)
    with pytest.raises(Conflict):
        connector(family).erase(entry.ref, entry.version)


def test_an_undo_that_the_server_writes_otherwise_is_told(family: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card that comes back with other words is back, and the owner is asked to look at it."""
    entry = entry_of(family, "Aino Kuvitelma")
    outcome = connector(family).erase(entry.ref, entry.version)
    put = family.put
    monkeypatch.setattr(family, "put", lambda name, raw: put(name, raw.replace(b"FN:Aino", b"FN:A.")))

    restored = connector(family).restore(outcome.receipt)

    assert [note for note in restored.notes if "otherwise" in note]


def test_an_undo_needs_its_group(family: Front) -> None:
    """Where the group is gone meanwhile, the card comes back and the owner hears of the group."""
    entry = entry_of(family, "Aino Kuvitelma")
    outcome = connector(family).erase(entry.ref, entry.version)
    family.remove(f"{BOOK}joukko.vcf")

    restored = connector(family).restore(outcome.receipt)

    assert any("groups" in note for note in restored.notes)
    assert f"{BOOK}aino.vcf" in family.cards


@pytest.mark.parametrize("path", [f"{BOOK}../../principal/", "/123/carddavhome/cardless/x.vcf", "//contacts.foreign.example/x"])
def test_a_receipt_leads_into_its_own_book_only(family: Front, path: str) -> None:
    """A receipt that was tampered with writes nowhere else."""
    receipt = json.dumps({"book": BOOK, "path": path, "card": "QkVHSU4=", "groups": []}).encode()

    with watching() as sent, pytest.raises(Refused):
        connector(family).restore(receipt)

    assert [one for one in sent if one.method == "PUT"] == []


def test_cards_that_a_multiget_forgets_are_read_alone(family: Front) -> None:
    """Fewer cards than were listed is no answer: each missing one is asked for by itself."""
    family.forgets = set(family.cards)

    assert len(listing(connector(family)).entries) == 2
    assert len([one for one in family.sent("GET") if one.path in family.cards]) == 3


def test_one_card_that_breaks_the_server_is_told(family: Front) -> None:
    """Where one card alone fails, it is unreadable and located; the others are listed."""
    path = f"{BOOK}aino.vcf"
    family.forgets = {path}
    family.faults.append(Fault(f"GET {path}", 500, times=99))

    told = listing(connector(family))

    assert [entry.values("name") for entry in told.entries] == [("Eero Keksitty",)]
    assert len(told.unreadable) == told.cursors[0].unreadable == 1
    assert [place.found for place in connector(family).residue([Needle("name", "Kukaan Muu")])] == [False]


def test_a_multiget_that_is_refused_falls_back_to_single_cards(family: Front) -> None:
    """A server without multiget still gives every card."""
    family.faults.append(Fault("REPORT", 501, times=99))

    assert len(listing(connector(family)).entries) == 2


def test_batches(front: Front) -> None:
    """A large book is read in parts of at most `BATCH` cards, each card once."""
    for number in range(BATCH * 2 + 1):
        front.put(f"{number}.vcf", card(f"U{number}", f"Etu Suku{number}"))

    told = listing(connector(front))

    assert len({entry.ref for entry in told.entries}) == BATCH * 2 + 1
    assert [one.body.count(b"<D:href>") for one in front.sent("REPORT")] == [BATCH, BATCH, 1]


def test_a_server_without_etags_is_read_and_not_deleted_from(family: Front) -> None:
    """Without a version no delete can be safe: it is refused, never sent blind."""
    family.tells_etags = False
    entry = entry_of(family, "Aino Kuvitelma")

    with pytest.raises(Refused):
        connector(family).erase(entry.ref, entry.version)
    assert family.sent("DELETE") == []
    family.put("aino.vcf", card("AINO:ABPlugin", "Aino Kuvitelma", "NOTE:uusi"))
    with pytest.raises(Conflict):
        connector(family).erase(entry.ref, entry.version)


def test_pictures_come_from_the_services_hosts_only(family: Front) -> None:
    """A picture by URL is fetched with the password from the service; a foreign host is asked for nothing."""
    line = f"PHOTO;VALUE=uri;TYPE=JPEG:{family.partition}/ck/card/abc"
    family.put("aino.vcf", card("AINO", "Aino Kuvitelma", line))
    family.put("eero.vcf", card("EERO", "Eero Keksitty", "PHOTO;VALUE=uri:https://pictures.foreign.example/e.jpg"))
    aino, eero = entry_of(family, "Aino Kuvitelma"), entry_of(family, "Eero Keksitty")

    with watching() as sent:
        assert aino.attachments[0].load() == PHOTO
        with pytest.raises(Refused):
            eero.attachments[0].load()

    assert {one.url.split("/")[2] for one in sent} == {family.partition.split("/")[2]}
    assert PASSWORD not in repr((aino, eero, aino.attachments))
    family.faults.append(Fault("GET /ck/", "html"))
    with pytest.raises(Exception, match="not a picture"):
        aino.attachments[0].load()


def test_an_address_that_is_none_is_damage(family: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """An href that cannot be read as an address ends in the error tree."""
    monkeypatch.setattr(Front, "partition", "http://[broken")

    with pytest.raises(Damaged):
        listing(connector(family))


def test_an_empty_name_is_made_of_its_parts(front: Front) -> None:
    """Apple keeps some cards with an empty FN and the name in N only."""
    front.put("a.vcf", card("U", "Aino Kuvitelma").replace(b"FN:Aino Kuvitelma", b"FN:"))

    assert "Aino Kuvitelma" in listing(connector(front)).entries[0].values("name")


def test_refs_hold_nothing_of_a_path(front: Front) -> None:
    """A card whose address is the person's name is told by a hash, and found by value while it is there."""
    front.put("Aino%20Kuvitelma.vcf", card("U", "Joku Muu"))

    told = listing(connector(front))

    assert "Kuvitelma" not in f"{told.entries[0].ref} {told.entries[0].version} {told.entries[0].locator}"
    assert [place.found for place in connector(front).residue([Needle("name", "Aino Kuvitelma")])] == [True]


def test_groups_are_found_without_reading_all_again(family: Front) -> None:
    """After a listing, an erase reads no card anew but the one that goes and the group that names it."""
    source = connector(family)
    entry = next(one for one in listing(source).entries if "Aino Kuvitelma" in one.values("name"))
    family.seen.clear()

    source.erase(entry.ref, entry.version)

    assert family.sent("REPORT") == []
