"""Listings of both stores: whole, in pages, by delta, and what happens when Google forgets the token."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.entry import Cursor, Disposal, Entry, Gone, Unreadable
from connectors.errors import Damaged, NotFound, Refused
from connectors.gmail.listing import FULL_EVERY, SKIPPED
from tests.conformance.tools import Listing, listing
from tests.connectors.gmail.standin import Fault, StandIn
from tests.connectors.gmail.world import connector, person, value

CONTACTS, OTHERS = "/v1/people/me/connections", "/v1/otherContacts"


def names(seen: Listing) -> list[str]:
    """The names in a listing."""
    return [entry.values("name")[0] for entry in seen.entries]


def token(seen: Listing, **changes: Any) -> str:
    """The listing's token, after somebody tampered with it."""
    return json.dumps({**json.loads(seen.token), **changes})


@pytest.fixture
def both(standin: StandIn) -> StandIn:
    """An account with a contact and an Other contact."""
    standin.store.add(**person("Aino Kuvitelma", "aino@kuvitelma.example"))
    standin.store.add_other(**person("Eero Keksitty", "eero@keksitty.example"))
    return standin


def test_both_stores_are_listed(both: StandIn) -> None:
    """A contact can be erased; an Other contact waits for a hand, with the exact place."""
    aino, eero = listing(connector(both)).entries

    assert (aino.disposal, aino.locator) == (Disposal.ERASE, f"contacts.google.com/person/{aino.ref.removeprefix('people/')}")
    assert (eero.disposal, eero.values("email")) == (Disposal.MANUAL, ("eero@keksitty.example",))
    assert "Other contacts" in str(eero.locator)
    assert "contacts.google.com" in str(eero.disposal_reason)


def test_an_empty_account(standin: StandIn) -> None:
    """Nobody at all is a whole answer."""
    (cursor,) = listing(connector(standin)).items

    assert isinstance(cursor, Cursor)
    assert (cursor.entries, cursor.unreadable) == (0, 0)


def test_pages_keep_their_parameters(standin: StandIn) -> None:
    """2500 contacts come in three pages, each asked for with the very same parameters."""
    for number in range(2500):
        standin.store.add(**person(f"Nimi {number}"))

    seen = listing(connector(standin))

    assert sorted(names(seen)) == sorted(f"Nimi {number}" for number in range(2500))
    pages = [item.query for item in standin.seen if item.path == CONTACTS]
    assert [bool(page.pop("pageToken", "")) for page in pages] == [False, True, True]
    assert pages[0] == pages[1] == pages[2]


def test_long_lists_are_read_whole(standin: StandIn) -> None:
    """A listing cuts addresses at a hundred; the rest comes by a single read."""
    many = [{"value": f"osoite{number}@paljon.example"} for number in range(130)]
    standin.store.add(**{**person("Paljon Osoitteita"), "emailAddresses": many})

    (entry,) = listing(connector(standin)).entries

    assert len(entry.values("email")) == 130


def test_a_record_that_is_not_a_person_is_counted(both: StandIn) -> None:
    """Two strange records among the others are told as unreadable, with their place."""
    broken = both.store.add(names="text")
    both.store.add_other(**{**person("x"), "metadata": {"sources": [{"type": "OTHER_CONTACT"}]}, "phoneNumbers": [7]})

    seen = listing(connector(both))

    assert sorted(names(seen)) == ["Aino Kuvitelma", "Eero Keksitty"]
    assert seen.unreadable[0].locator == f"contacts.google.com/person/{broken.removeprefix('people/')}"
    assert seen.cursors[0].unreadable == 2


def test_labels_are_named(standin: StandIn) -> None:
    """A contact's labels are shown by the names the owner gave them, asked for once."""
    group = standin.store.add_group("Uutiskirje")
    for name in ("Aino Kuvitelma", "Eero Keksitty"):
        standin.store.add(**person(name), memberships=[{"contactGroupMembership": {"contactGroupResourceName": group}}])

    source = connector(standin)
    entries = listing(source).entries

    assert [[(item.value, item.label) for item in entry.fields if item.kind == "other"] for entry in entries] == [
        [("Uutiskirje", "group")],
        [("Uutiskirje", "group")],
    ]
    assert standin.paths().count("GET /v1/contactGroups") == 1
    standin.store.groups[group]["name"] = "Kuukausikirje"
    assert {value for entry in listing(source).entries for value in entry.values("other")} == {"Kuukausikirje"}


def test_a_delta_asks_for_changes_only(both: StandIn) -> None:
    """A second listing carries both sync tokens and brings both stores' changes, and a token for the third."""
    first = listing(connector(both))
    both.store.change(both.store.add(**person("Uusi Tuttu")), biographies=value("lisätty"))
    both.store.remove_other(next(iter(both.store.others)))
    before = len(both.seen)

    second = listing(connector(both), first.token)
    third = listing(connector(both), second.token)

    assert names(second) == ["Uusi Tuttu"]
    assert [item.ref for item in second.gone] == [first.entries[1].ref]
    assert third.items[:-1] == ()
    asked = [item.query for item in both.seen[before:] if item.path in {CONTACTS, OTHERS}]
    assert all(query.get("syncToken") for query in asked)
    assert not second.cursors[0].restarted


def test_a_renamed_contact_is_gone_under_its_old_name(both: StandIn) -> None:
    """Google gives a contact a new id when an address is linked: the old one is told as gone."""
    first = listing(connector(both))
    old = next(iter(both.store.contacts))
    new = both.store.rename(old)

    second = listing(connector(both), first.token)

    assert [item.ref for item in second.gone] == [old]
    assert [entry.ref for entry in second.entries] == [new]


@pytest.mark.parametrize("form", ["reason", "message", "gone"])
def test_a_forgotten_token_starts_anew(both: StandIn, form: str) -> None:
    """However Google says that the token is too old, everything is listed, and the cursor says so."""
    first = listing(connector(both))
    both.store.expired = form

    second = listing(connector(both), first.token)
    both.store.expired = ""

    assert names(second) == ["Aino Kuvitelma", "Eero Keksitty"]
    assert second.cursors[0].restarted
    assert listing(connector(both), second.token).items[:-1] == ()


def test_another_400_starts_nothing_anew(both: StandIn) -> None:
    """A request that Google does not understand is an error, not a reason to list everything."""
    first = listing(connector(both))
    both.faults.append(Fault(f"GET {CONTACTS}", 400))

    with pytest.raises(Damaged):
        listing(connector(both), first.token)


@pytest.mark.parametrize(
    "changes",
    [
        {"account": "other"},
        {"mask": "other"},
        {"full": 0},
        {"tokens": {"contacts": "x"}},
        {"tokens": []},
        {"full": "text"},
        {"more": 1},
    ],
)
def test_a_mark_of_something_else_is_not_used(both: StandIn, changes: dict[str, Any]) -> None:
    """A token of another account, of other fields, too old or tampered with leads to a whole listing."""
    first = listing(connector(both))
    both.store.add(**person("Uusi Tuttu"))
    before = len(both.seen)

    second = listing(connector(both), token(first, **changes))

    assert len(second.entries) == 3
    assert second.cursors[0].restarted
    assert [item for item in both.seen[before:] if "syncToken" in item.query] == []


def test_a_second_account_gets_nothing_of_the_first(both: StandIn) -> None:
    """After somebody else signed in, the first account's delta is not built upon."""
    first = listing(connector(both))
    both.store.owner = "998877"

    assert listing(connector(both), first.token).cursors[0].restarted


def test_a_full_listing_every_six_days(both: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mark remembers the last whole listing through every delta, and is not used once that is six days old."""
    source = connector(both)
    now = [1_800_000_000.0]
    monkeypatch.setattr(source, "_now", lambda: now[-1])
    mark = listing(source).token

    for hours in (24, 100, 143):
        now.append(now[0] + hours * 3600)
        seen = listing(source, mark)
        assert not seen.cursors[0].restarted
        mark = seen.token
    now.append(now[0] + FULL_EVERY)

    assert listing(source, mark).cursors[0].restarted


def test_a_token_that_nobody_gave(both: StandIn) -> None:
    """Nonsense instead of a token is a whole listing."""
    assert listing(connector(both), "nonsense").cursors[0].restarted


def test_a_listing_that_runs_in_a_circle_ends(both: StandIn) -> None:
    """The same page again and again is damage, not a listing without end."""
    both.faults.append(Fault(f"GET {CONTACTS}", "circle", times=99))

    with pytest.raises(Damaged):
        listing(connector(both))
    assert both.paths().count(f"GET {CONTACTS}") == 2


def test_half_a_listing_is_said(both: StandIn) -> None:
    """When Google counts more than it lists, the answer carries a warning; a whole one carries none."""
    assert listing(connector(both)).cursors[0].warnings == ()
    both.store.uncounted = 7

    (warning,) = listing(connector(both)).cursors[0].warnings

    assert "counts 8 entries but listed 1" in warning


def test_a_broken_off_listing_has_no_cursor(both: StandIn) -> None:
    """When the second store fails, what came before is there, and the end is not."""
    both.faults.append(Fault(f"GET {OTHERS}", 403, times=99))
    items: list[object] = []

    with pytest.raises(Refused):
        items.extend(connector(both).entries())
    assert [type(item) for item in items] == [Entry]


def test_other_contacts_can_be_left_out_and_then_it_is_said(both: StandIn) -> None:
    """With `other_contacts = "skip"` nothing is asked, and the answer carries a warning."""
    seen = listing(connector(both, other_contacts="skip"))

    assert names(seen) == ["Aino Kuvitelma"]
    assert seen.cursors[0].warnings == (SKIPPED,)
    assert f"GET {OTHERS}" not in both.paths()
    assert not listing(connector(both, other_contacts="skip"), seen.token).cursors[0].restarted


def test_get_of_an_other_contact(both: StandIn) -> None:
    """One Other contact is found by listing them all; without it, nothing is."""
    eero = listing(connector(both)).entries[1]

    assert connector(both).get(eero.ref) == eero
    both.store.remove_other(eero.ref)
    with pytest.raises(NotFound):
        connector(both).get(eero.ref)


def test_a_photo_is_fetched_without_the_sign_in(standin: StandIn) -> None:
    """A contact's picture is an attachment, fetched only when it is wanted."""
    standin.store.add(**person("Aino Kuvitelma"), photos=[{"url": f"{standin.url}/photo/1"}])

    (entry,) = listing(connector(standin)).entries

    assert "GET /photo/1" not in standin.paths()
    assert entry.attachments[0].load().startswith(b"\xff\xd8")
    assert standin.photo_authorized == [False]


def test_ten_thousand_contacts(standin: StandIn) -> None:
    """Ten pages of a thousand, and nobody is lost."""
    for number in range(10_000):
        standin.store.add(**person(f"Nimi {number}", f"nimi{number}@paljon.example"))

    seen = listing(connector(standin))

    assert (len(seen.entries), seen.cursors[0].entries) == (10_000, 10_000)
    assert standin.paths().count(f"GET {CONTACTS}") == 10


def test_items_are_of_the_contract(both: StandIn) -> None:
    """A listing holds entries, unreadable records and at the end a cursor; only a delta holds what is gone."""
    seen = listing(connector(both))

    assert {type(item) for item in seen.items} <= {Entry, Unreadable, Cursor}
    assert [item for item in seen.items if isinstance(item, Gone)] == []
