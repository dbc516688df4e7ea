"""Putting a deleted contact back: once, with its labels and picture, whatever Google does meanwhile."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.contract import Outcome
from connectors.entry import Entry
from connectors.errors import Conflict, Refused, Unreachable
from connectors.errors import Fault as Broken
from connectors.gmail import bodies, mapping
from connectors.gmail.people import People
from tests.conformance.tools import listing
from tests.connectors.gmail import writes
from tests.connectors.gmail.standin import PHOTO, READ, TOKEN, Fault, StandIn
from tests.connectors.gmail.test_redacting import rich
from tests.connectors.gmail.world import QuickGmail, connector, person, value

CREATE = "POST /v1/people:createContact"
NEW, PICTURE = "back as a new one", "Its picture is back"


@pytest.fixture
def erased(standin: StandIn) -> tuple[Entry, Outcome]:
    """A rich contact, as it was before it was erased, and what came of the erase."""
    group = standin.store.add_group("Uutiskirje")
    name = standin.store.add(**rich(), memberships=[bodies.membership(mapping.EVERYBODY), bodies.membership(group)])
    own = {"source": {"type": "CONTACT"}}
    standin.store.change(
        name,
        urls=[{"value": "https://oma.example"}],
        photos=[{"url": f"{standin.url}/photo/1", "metadata": own}],
        clientData=[{"key": "muu", "value": "ohjelma"}],
        nicknames=value("Anna", type="MAIDEN_NAME"),
    )
    (entry,) = listing(connector(standin)).entries
    return entry, connector(standin).erase(entry.ref, entry.version)


def restore(standin: StandIn, outcome: Outcome) -> tuple[str, ...]:
    """Restore; the notes."""
    return connector(standin).restore(outcome.receipt).notes


def the_only(standin: StandIn) -> Entry:
    """The one contact there is."""
    (entry,) = listing(connector(standin)).entries
    return entry


def creates(standin: StandIn) -> int:
    """How many contacts Google was asked to make."""
    return standin.paths("POST").count("POST /v1/people:createContact")


def test_everything_is_back(standin: StandIn, erased: tuple[Entry, Outcome]) -> None:
    """Every value, the label, and the picture, in a contact with a new id, of which the owner is told."""
    notes = restore(standin, erased[1])

    back = the_only(standin)
    assert back.fields == erased[0].fields
    assert back.ref != erased[0].ref
    assert [item.load() for item in back.attachments] == [PHOTO]
    assert standin.store.pictures == {back.ref: PHOTO}
    assert [any(part in note for part in (NEW, PICTURE)) for note in notes] == [True, True]


def test_twice_is_a_conflict(standin: StandIn, erased: tuple[Entry, Outcome]) -> None:
    """A receipt makes one contact, also after the owner wrote it anew; when that one is deleted, it may be used again."""
    restore(standin, erased[1])
    back = the_only(standin)
    standin.store.change(back.ref, names=person("Toinen Nimi")["names"], emailAddresses=[])

    with pytest.raises(Conflict):
        restore(standin, erased[1])
    assert creates(standin) == 1

    connector(standin).erase(back.ref, the_only(standin).version)
    assert restore(standin, erased[1])
    assert the_only(standin).fields == erased[0].fields


def test_what_came_back_can_be_erased_and_restored_again(standin: StandIn, erased: tuple[Entry, Outcome]) -> None:
    """The mark by which a restored contact is known is neither shown nor put into the next receipt."""
    restore(standin, erased[1])
    back = the_only(standin)

    second = connector(standin).erase(back.ref, back.version)
    assert mapping.MARK.encode() not in second.receipt
    restore(standin, second)

    assert the_only(standin).fields == erased[0].fields
    marks = [one for one in standin.store.contacts[the_only(standin).ref]["clientData"] if one["key"] == mapping.MARK]
    assert len(marks) == 1


def test_the_owner_took_it_out_of_the_bin(standin: StandIn, erased: tuple[Entry, Outcome]) -> None:
    """A contact that is there again, under its old id or as the very same under a new one, is not made a second time."""
    standin.store.contacts[erased[0].ref] = standin.store.bin.pop(erased[0].ref)
    with pytest.raises(Conflict):
        restore(standin, erased[1])

    standin.store.change(erased[0].ref, biographies=value("uusi"))
    with pytest.raises(Conflict):
        restore(standin, erased[1])

    standin.store.change(erased[0].ref, biographies=value("soittaa takaisin"))
    standin.store.rename(erased[0].ref)
    with pytest.raises(Conflict):
        restore(standin, erased[1])
    assert creates(standin) == 0


def test_twins_both_come_back(standin: StandIn) -> None:
    """Two contacts that said the same were two before the erase, and are two after the restore."""
    for _ in range(2):
        standin.store.add(**person("Aino Kuvitelma", "aino@kuvitelma.example"))
    source = connector(standin)
    receipts = [source.erase(entry.ref, entry.version).receipt for entry in listing(source).entries]

    for receipt in receipts:
        connector(standin).restore(receipt)

    assert len(listing(connector(standin)).entries) == 2


def test_a_listing_that_is_behind_is_no_contact(standin: StandIn, erased: tuple[Entry, Outcome]) -> None:
    """What a late listing still shows is looked up before it counts as there again."""
    standin.store.list_lag = 1

    assert restore(standin, erased[1])
    assert len(standin.store.contacts) == 1


@pytest.mark.parametrize("what", [500, 503, "drop", "html error"])
@pytest.mark.parametrize("done", [True, False])
def test_a_lost_answer_makes_one_contact(standin: StandIn, erased: tuple[Entry, Outcome], what: Any, done: bool) -> None:
    """Whether the contact was made or not, afterwards it is there once."""
    standin.faults.append(Fault(CREATE, what, done=done))

    restore(standin, erased[1])

    assert the_only(standin).fields == erased[0].fields
    assert creates(standin) == (1 if done and what != "drop" else 2)


def test_a_request_that_the_transport_sent_twice(standin: StandIn, erased: tuple[Entry, Outcome]) -> None:
    """The connection closes after the work is done, and the transport sends it again by itself: one of the two goes."""
    standin.faults.append(Fault(CREATE, "drop", done=True))

    restore(standin, erased[1])

    assert creates(standin) == 2
    assert len(standin.store.contacts) == 1


def test_a_server_that_dies_during_the_restore(standin: StandIn, erased: tuple[Entry, Outcome]) -> None:
    """The owner is told that it may be there; a second run looks first."""
    silence = Fault("", 503, times=999)
    standin.faults.append(Fault(CREATE, 503, done=True, then=lambda: standin.faults.append(silence)))

    with pytest.raises(Unreachable, match="there or not"):
        restore(standin, erased[1])

    standin.faults.clear()
    with pytest.raises(Conflict):
        restore(standin, erased[1])
    assert the_only(standin).fields == erased[0].fields


def test_a_label_that_is_gone(standin: StandIn, erased: tuple[Entry, Outcome]) -> None:
    """The contact comes back without it, and the owner is told."""
    del standin.store.groups[next(name for name in standin.store.groups if name != mapping.EVERYBODY)]

    notes = restore(standin, erased[1])

    assert any("label" in note for note in notes)
    assert [item for item in the_only(standin).fields if item.label == "group"] == []


@pytest.mark.parametrize("joins", [True, False])
def test_labels_that_a_new_contact_did_not_get(
    standin: StandIn, erased: tuple[Entry, Outcome], monkeypatch: pytest.MonkeyPatch, joins: bool
) -> None:
    """Where Google passes the labels of a new contact over, it is put under them; where that fails, it is said."""
    act = writes.create
    monkeypatch.setattr(writes, "create", lambda store, body: act(store, {**body, "memberships": []}))
    if not joins:
        monkeypatch.setattr(writes, "join", lambda *_: {"notFoundResourceNames": ["people/c1"]})

    notes = restore(standin, erased[1])

    assert (the_only(standin).fields == erased[0].fields) is joins
    assert any("label" in note for note in notes) is not joins


def test_a_picture_that_could_not_be_kept(standin: StandIn) -> None:
    """An erase is not stopped by a picture that does not come; that it will be missing is said before it is missed."""
    name = standin.store.add(**person("Aino Kuvitelma"))
    standin.store.change(name, photos=[{"url": f"{standin.url}/photo/1", "metadata": {"source": {"type": "CONTACT"}}}])
    standin.faults.append(Fault("GET /photo", 404, times=9))

    entry = the_only(standin)
    outcome = connector(standin).erase(entry.ref, entry.version)

    assert outcome.result == "erased"
    assert any("picture" in note for note in outcome.notes)
    assert not any(PICTURE in note for note in restore(standin, outcome))


def test_a_picture_that_google_does_not_take(standin: StandIn, erased: tuple[Entry, Outcome]) -> None:
    """The contact is back all the same."""
    standin.faults.append(Fault("updateContactPhoto", 400))

    assert any("did not take its picture" in note for note in restore(standin, erased[1]))
    assert the_only(standin).fields == erased[0].fields


def test_no_picture_of_a_profile_is_taken(standin: StandIn) -> None:
    """A picture that people show of themselves is not the owner's to put back."""
    photos = [{"url": f"{standin.url}/photo/1", "metadata": {"source": {"type": "PROFILE"}}}, {"url": "x", "default": True}]
    standin.store.add(**person("Aino Kuvitelma"), photos=photos)
    (entry,) = listing(connector(standin)).entries

    outcome = connector(standin).erase(entry.ref, entry.version)

    assert json.loads(outcome.receipt)["picture"] == ""
    assert standin.photo_authorized == []


def test_what_looks_otherwise_is_said(standin: StandIn, erased: tuple[Entry, Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Google shows another value than the one that was sent, the owner is told to have a look."""
    act = writes.create
    monkeypatch.setattr(writes, "create", lambda store, body: act(store, {**body, "biographies": value("muuta")}))

    assert any("otherwise" in note for note in restore(standin, erased[1]))


def test_what_nobody_can_put_back_is_said(standin: StandIn) -> None:
    """A property that Google lets nobody write is named."""
    standin.store.add(**person("Aino Kuvitelma"), skills=value("keksiminen"))
    entry = the_only(standin)

    assert any("skills" in note for note in restore(standin, connector(standin).erase(entry.ref, entry.version)))


def test_a_contact_that_is_never_shown_is_a_fault(
    standin: StandIn, erased: tuple[Entry, Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Google says that it was made and shows none: that is never called restored."""
    monkeypatch.setattr(People, "create", lambda *_: "people/c1")

    with pytest.raises(Broken):
        restore(standin, erased[1])


def test_receipts_that_are_not_ours(standin: StandIn, erased: tuple[Entry, Outcome]) -> None:
    """A receipt of another account, and one that somebody changed, are refused, and nothing is sent."""
    told = json.loads(erased[1].receipt)
    bad: list[dict[str, Any]] = [
        {**told, "account": "another"}, {**told, "ref": "otherContacts/c1"}, {**told, "values": {"photos": []}},
        {**told, "values": {"names": ["text"]}}, {**told, "token": ""}, {**told, "picture": "?"}, {"ref": "people/c1"},
    ]  # fmt: skip

    for one in [*map(json.dumps, bad), "[]", "null", "\ud800"]:
        with pytest.raises(Refused):
            connector(standin).restore(one.encode("utf-8", "surrogatepass"))
    assert standin.paths("POST") == []


def test_an_account_that_may_only_be_read(standin: StandIn, erased: tuple[Entry, Outcome]) -> None:
    """By configuration or by the sign-in: refused, with what to do."""
    with pytest.raises(Refused, match="only read"):
        QuickGmail("gmail", {"endpoint": standin.url, "token": lambda: TOKEN, "access": "read"}).restore(erased[1].receipt)
    standin.tokens[TOKEN] = frozenset({READ})
    with pytest.raises(Refused, match="tick every box"):
        restore(standin, erased[1])
    assert standin.store.contacts == {}
