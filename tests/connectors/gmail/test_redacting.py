"""Taking kinds of fields out of a contact: guarded by Google itself, nothing else touched, settled by reading, undone once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Outcome
from connectors.entry import KINDS, Entry, Ref, Version
from connectors.errors import Conflict, Refused, Unreachable
from connectors.errors import Fault as Broken
from connectors.gmail import bodies, mapping
from connectors.gmail.mapping import MANUAL, NOT_OURS, READ_ONLY
from connectors.gmail.people import WRITABLE
from tests.conformance.tools import listing
from tests.connectors.gmail import writes
from tests.connectors.gmail.standin import TOKEN, Fault, StandIn
from tests.connectors.gmail.store import Json
from tests.connectors.gmail.test_mapping import discovery, reader
from tests.connectors.gmail.world import QuickGmail, connector, person, value

UPDATE = "PATCH /v1/people/"
PROFILE = {"source": {"type": "PROFILE", "id": "9"}}


def rich() -> Json:
    """A contact with something in many properties, and a bit of the person's own profile."""
    return person(
        "Aino Kuvitelma",
        "aino@kuvitelma.example",
        "toinen@kuvitelma.example",
        phone="044 1234567",
        organizations=[{"name": "Kuvitelma Oy", "title": "Johtaja", "department": "Myynti", "current": True}],
        addresses=[
            {
                "streetAddress": "Keksittykatu 1",
                "postalCode": "00100",
                "city": "Helsinki",
                "type": "home",
                "formattedType": "Home",
                "formattedValue": "Keksittykatu 1\n00100 Helsinki",
            }
        ],
        biographies=value("soittaa takaisin"),
        birthdays=[{"date": {"year": 1980, "month": 2, "day": 3}, "text": "3.2.1980"}],
        urls=[{"value": "https://oma.example"}, {"value": "https://profiili.example", "metadata": PROFILE}],
        userDefined=[{"key": "Koira", "value": "Musti"}],
        relations=[{"person": "Eero Keksitty", "type": "spouse", "formattedType": "Spouse"}],
    )


@pytest.fixture
def aino(standin: StandIn) -> Entry:
    """A rich contact, under a label, beside another one."""
    group = standin.store.add_group("Uutiskirje")
    groups = [bodies.membership(mapping.EVERYBODY), bodies.membership(group)]
    standin.store.add(**rich(), memberships=groups)
    standin.store.add(**person("Eero Keksitty", "eero@keksitty.example"))
    return listing(connector(standin)).entries[0]


def redact(standin: StandIn, entry: Entry, *kinds: str) -> Outcome:
    """Redact the entry."""
    return connector(standin).redact(entry.ref, entry.version, kinds)


def updates(standin: StandIn) -> list[str]:
    """Every update that was sent."""
    return standin.paths("PATCH")


def left(standin: StandIn, entry: Entry) -> tuple[Any, ...]:
    """The fields the contact has now."""
    return connector(standin).get(entry.ref).fields


def test_the_mask_is_googles_own() -> None:
    """What may be updated is what Google's description says, no more, and the stand-in knows the same."""
    told = discovery()["resources"]["people"]["methods"]["updateContact"]["parameters"]["updatePersonFields"]["description"]

    assert sorted(told.split("Valid values are:")[1].replace("*", " ").split()) == sorted(WRITABLE) == sorted(writes.UPDATE_MASK)


@pytest.mark.parametrize(
    "kinds", [(kind,) for kind in ("email", "phone", "company", "title", "address", "city", "note", "birthday", "url", "other")]
)
def test_only_the_named_kind_goes(standin: StandIn, aino: Entry, kinds: tuple[str, ...]) -> None:
    """Each kind can go by itself, out of a value that holds others too; all the rest is as it was."""
    outcome = redact(standin, aino, *kinds)

    assert (outcome.result, outcome.notes) == ("redacted", ())
    assert left(standin, aino) == tuple(item for item in aino.fields if item.kind not in kinds or item.stays)


def test_a_name_goes_with_what_it_is_made_of(standin: StandIn, aino: Entry) -> None:
    """Google makes the shown name out of its parts: without it there are none."""
    redact(standin, aino, "name")

    assert {item.kind for item in left(standin, aino)} & {"name", "given", "family"} == set()


def test_a_given_name_alone_leaves_no_shown_name_with_it(standin: StandIn, aino: Entry) -> None:
    """The name that Google shows is made anew out of what is left."""
    redact(standin, aino, "given")

    assert [(item.kind, item.value) for item in left(standin, aino)[:2]] == [("name", "Kuvitelma"), ("family", "Kuvitelma")]


def test_one_read_one_update_one_read(standin: StandIn, aino: Entry) -> None:
    """Nothing is written without being read just before and just after, and only the properties that change are sent."""
    before = len(standin.seen)

    redact(standin, aino, "phone", "company")

    asked = [item for item in standin.seen[before:] if "/me" not in item.path]
    assert [str(item) for item in asked] == [f"GET /v1/{aino.ref}", f"PATCH /v1/{aino.ref}:updateContact", f"GET /v1/{aino.ref}"]
    assert asked[1].query["updatePersonFields"] == "organizations,phoneNumbers"


def test_a_contact_never_loses_its_last_label(standin: StandIn) -> None:
    """Labels are of the kind other; where they all go, the one that everybody has takes their place."""
    group = standin.store.add_group("Uutiskirje")
    standin.store.add(**person("Aino Kuvitelma"), memberships=[bodies.membership(group)])
    (entry,) = listing(connector(standin)).entries

    assert redact(standin, entry, "other").result == "redacted"
    assert "other" not in {item.kind for item in left(standin, entry)}


def test_a_name_that_only_an_address_bears(standin: StandIn, aino: Entry) -> None:
    """Without a name of its own a contact is shown by the name beside its e-mail address: that one goes too."""
    standin.store.change(aino.ref, emailAddresses=[{"value": "aino@kuvitelma.example", "displayName": "Aino K"}])
    entry = listing(connector(standin)).entries[0]

    redact(standin, entry, "name")

    assert [item.value for item in left(standin, entry) if item.kind in {"name", "email"}] == ["aino@kuvitelma.example"]


def test_an_edit_since_the_plan_is_a_conflict(standin: StandIn, aino: Entry) -> None:
    """A contact that was edited is not changed, and nothing is sent."""
    standin.store.change(aino.ref, biographies=value("uusi"))

    with pytest.raises(Conflict):
        redact(standin, aino, "phone")
    assert updates(standin) == []


def test_an_edit_in_the_last_moment_is_a_conflict(standin: StandIn, aino: Entry) -> None:
    """Between our reading and our update the owner edited the contact: Google itself finds the old etag and writes nothing."""
    edit = Fault(UPDATE, "none", then=lambda: standin.store.change(aino.ref, biographies=value("uusi")))
    standin.faults.append(edit)

    with pytest.raises(Conflict):
        redact(standin, aino, "phone")
    assert len(updates(standin)) == 1
    assert standin.seen[-2].status == 400
    assert "phone" in {item.kind for item in left(standin, aino)}


@pytest.mark.parametrize("what", [500, 503, "drop", "html error"])
def test_a_lost_answer_is_settled_by_reading(standin: StandIn, aino: Entry, what: int | str) -> None:
    """The update was done and its answer lost: reading again shows it, and the receipt is as good as any."""
    standin.faults.append(Fault(UPDATE, what, done=True))  # type: ignore[arg-type]  # one of the known ones

    outcome = redact(standin, aino, "phone")

    assert outcome.result == "redacted"
    connector(standin).restore(outcome.receipt)
    assert left(standin, aino) == aino.fields


@pytest.mark.parametrize("what", [429, 503, "drop"])
def test_an_update_that_was_not_done_is_sent_again(standin: StandIn, aino: Entry, what: int | str) -> None:
    """After a trouble without effect the contact is read again and the update sent again."""
    standin.faults.append(Fault(UPDATE, what))  # type: ignore[arg-type]  # one of the known ones

    assert redact(standin, aino, "phone").result == "redacted"
    assert "phone" not in {item.kind for item in left(standin, aino)}


def test_a_server_that_dies_during_the_update(standin: StandIn, aino: Entry) -> None:
    """When nothing answers after the update was sent, the owner is told so; a second run settles it."""
    silence = Fault("", "drop", times=999)
    standin.faults.append(Fault(UPDATE, "drop", done=True, then=lambda: standin.faults.append(silence)))

    with pytest.raises(Unreachable, match="changed or not"):
        redact(standin, aino, "phone")

    standin.faults.clear()
    assert redact(standin, aino, "phone").result == "already_absent"


def test_an_update_that_does_nothing_is_a_fault(standin: StandIn, aino: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Google says it is done and goes on showing the field: that is never called redacted."""
    monkeypatch.setattr(writes, "update", lambda *_: None)

    with pytest.raises(Broken):
        redact(standin, aino, "phone")


def test_what_google_changes_besides_is_said(standin: StandIn, aino: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another value looks otherwise after the update, the owner is told to have a look."""
    act = writes.update

    def meddling(*told: Any) -> None:
        act(*told)
        standin.store.contacts[aino.ref]["biographies"] = value("muuta")

    monkeypatch.setattr(writes, "update", meddling)

    assert len(redact(standin, aino, "phone").notes) == 1


def test_who_may_not_be_changed(standin: StandIn, aino: Entry) -> None:
    """A profile, an Other contact, and an account that may only be read: nothing is sent."""
    with pytest.raises(Refused, match=str(READ_ONLY)[:20]):
        connector(standin, access="read").redact(aino.ref, aino.version, ["phone"])
    standin.store.contacts[aino.ref]["metadata"]["sources"] = [{"type": "PROFILE", "id": "9"}]
    entry = listing(connector(standin)).entries[0]
    with pytest.raises(Refused, match=str(NOT_OURS)[:20]):
        redact(standin, entry, "phone")
    other = standin.store.add_other(**person("Eero Keksitty"))
    with pytest.raises(Refused, match=str(MANUAL)[:20]):
        connector(standin).redact(Ref(other), Version("x"), ["name"])
    assert updates(standin) == []


def test_a_contact_without_an_etag_is_left(standin: StandIn, aino: Entry) -> None:
    """Where Google names no version of the contact, no update could be guarded, and none is sent."""
    for source in standin.store.contacts[aino.ref]["metadata"]["sources"]:
        del source["etag"]
    entry = listing(connector(standin)).entries[0]

    with pytest.raises(Refused, match="no version"):
        redact(standin, entry, "phone")
    assert updates(standin) == []


def test_what_google_lets_nobody_write_is_refused_first(standin: StandIn, aino: Entry) -> None:
    """A named field that cannot be changed stops the whole redact before anything is written."""
    standin.store.change(aino.ref, skills=value("keksiminen"))
    entry = listing(connector(standin)).entries[0]

    with pytest.raises(Refused, match="skills"):
        redact(standin, entry, "other", "phone")
    assert updates(standin) == []


def test_a_redact_is_undone_once(standin: StandIn, aino: Entry) -> None:
    """The old fields come back, in the same contact; a second time is a conflict."""
    receipt = redact(standin, aino, "phone", "note", "other", "name").receipt

    assert connector(standin).restore(receipt) == Outcome("restored")
    assert left(standin, aino) == aino.fields
    before = repr(standin.store.contacts)
    with pytest.raises(Conflict):
        connector(standin).restore(receipt)
    assert repr(standin.store.contacts) == before


def test_what_the_owner_wrote_elsewhere_stays(standin: StandIn, aino: Entry) -> None:
    """A note written since does not stop the phone from coming back; another phone does."""
    receipt = redact(standin, aino, "phone").receipt
    standin.store.change(aino.ref, biographies=value("uusi"))

    connector(standin).restore(receipt)
    assert {("phone", "044 1234567"), ("note", "uusi")} <= {(item.kind, item.value) for item in left(standin, aino)}

    entry = listing(connector(standin)).entries[0]
    receipt = redact(standin, entry, "phone").receipt
    standin.store.change(aino.ref, phoneNumbers=value("050 1234567"))
    with pytest.raises(Conflict):
        connector(standin).restore(receipt)


def test_an_undo_of_a_contact_that_is_gone(standin: StandIn, aino: Entry) -> None:
    """There is nothing to put the fields into."""
    receipt = redact(standin, aino, "phone").receipt
    standin.store.delete(aino.ref)

    with pytest.raises(Conflict, match="no longer there"):
        connector(standin).restore(receipt)


@pytest.mark.parametrize("what", [503, "drop"])
def test_a_lost_answer_of_an_undo(standin: StandIn, aino: Entry, what: int | str) -> None:
    """An undo that was done though its answer was lost is done."""
    receipt = redact(standin, aino, "phone").receipt
    standin.faults.append(Fault(UPDATE, what, done=True))  # type: ignore[arg-type]  # one of the known ones

    assert connector(standin).restore(receipt).result == "restored"
    assert left(standin, aino) == aino.fields


def test_an_undo_by_a_sign_in_that_may_only_read(standin: StandIn, aino: Entry) -> None:
    """Nothing is sent, and the owner is told what to do."""
    receipt = redact(standin, aino, "phone").receipt
    sent = len(updates(standin))

    with pytest.raises(Refused, match="only read"):
        QuickGmail("gmail", {"endpoint": standin.url, "token": lambda: TOKEN, "access": "read"}).restore(receipt)
    assert len(updates(standin)) == sent


@given(st.sets(st.sampled_from(KINDS)))
def test_any_kinds_of_a_rich_contact(kinds: set[str]) -> None:
    """Whatever is named: it is gone, and every field of another kind is there, but for a name made of its parts."""
    sources = {"sources": [{"type": "CONTACT", "id": "1", "etag": "#1"}]}
    before = {"resourceName": "people/c1", "metadata": sources, **rich()}
    changed = bodies.without(before, sorted(kinds))
    after = {**before, **{name: [*values, *_profile(before, name)] for name, values in changed.items()}}
    for name in changed:
        if not after[name]:
            del after[name]

    shown = {(item.kind, item.value) for item in reader().entry(after).fields if not item.stays}
    names = {"name", "given", "family"} if kinds & {"name", "given", "family"} else set()

    assert shown >= {
        (item.kind, item.value) for item in reader().entry(before).fields if item.kind not in kinds | names and not item.stays
    }
    assert {kind for kind, _ in shown} & (kinds - names) == set()
    assert bodies.without(after, sorted(kinds)) == {}


def _profile(before: Json, name: str) -> list[Json]:
    return [one for one in before[name] if not mapping.is_own(one)]
