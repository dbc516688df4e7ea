"""Deleting: only what was shown, settled by reading again whatever happens in between, and honest about the bin."""

from __future__ import annotations

from datetime import date

import pytest

from connectors.contract import Needle
from connectors.entry import Disposal, Entry, Ref, Version
from connectors.errors import Conflict, NotFound, Refused, Unreachable
from connectors.errors import Fault as Broken
from connectors.gmail.mapping import MANUAL, NOT_OURS, READ_ONLY
from tests.conformance.tools import listing
from tests.connectors.gmail.standin import OTHERS, READ, TOKEN, Fault, StandIn
from tests.connectors.gmail.world import QuickGmail, connector, person, value

DELETE = "DELETE /v1/people/"


@pytest.fixture
def aino(standin: StandIn) -> Entry:
    """A contact beside another one, as it was shown."""
    standin.store.add(**person("Aino Kuvitelma", "aino@kuvitelma.example"))
    standin.store.add(**person("Eero Keksitty", "eero@keksitty.example"))
    return listing(connector(standin)).entries[0]


def deletes(standin: StandIn) -> list[str]:
    """Every delete that was sent."""
    return standin.paths("DELETE")


def erase(standin: StandIn, entry: Entry) -> str:
    """Erase the entry; the result."""
    return connector(standin).erase(entry.ref, entry.version).result


def test_the_bin_is_said_with_its_date(standin: StandIn, aino: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    """An erased contact can be had back for thirty days, and the owner is told until when and where."""
    source = connector(standin)
    monkeypatch.setattr(source, "_now", lambda: 1_800_000_000.0)

    outcome = source.erase(aino.ref, aino.version)

    assert outcome.result == "erased"
    (note,) = outcome.notes
    assert date(2027, 2, 14).isoformat() in note
    assert "Bin" in note
    assert list(standin.store.bin) == [aino.ref]


def test_one_read_one_delete_one_read(standin: StandIn, aino: Entry) -> None:
    """Nothing is written without being read just before and just after."""
    before = len(standin.seen)

    erase(standin, aino)

    asked = [str(item) for item in standin.seen[before:] if "/me" not in item.path]
    assert asked == [f"GET /v1/{aino.ref}", f"DELETE /v1/{aino.ref}:deleteContact", f"GET /v1/{aino.ref}"]


def test_an_edit_since_the_plan_is_a_conflict(standin: StandIn, aino: Entry) -> None:
    """A contact that was edited is not deleted, and no delete is sent."""
    standin.store.change(aino.ref, biographies=value("uusi"))

    with pytest.raises(Conflict):
        erase(standin, aino)
    assert deletes(standin) == []


def test_a_renamed_contact_is_a_conflict(standin: StandIn, aino: Entry) -> None:
    """A contact that goes by a new id now is not taken for gone."""
    standin.store.rename(aino.ref)

    with pytest.raises(Conflict):
        erase(standin, aino)
    assert deletes(standin) == []


@pytest.mark.parametrize("what", [500, 503, "drop", "html error"])
def test_a_lost_answer_is_settled_by_reading(standin: StandIn, aino: Entry, what: int | str) -> None:
    """The delete was done and its answer lost: reading again shows it, and it counts as erased."""
    standin.faults.append(Fault(DELETE, what, done=True))  # type: ignore[arg-type]  # one of the known ones

    assert erase(standin, aino) == "erased"
    assert list(standin.store.bin) == [aino.ref]


@pytest.mark.parametrize("what", [429, 500, 502, 503, "drop", "html error"])
def test_a_delete_that_was_not_done_is_sent_again(standin: StandIn, aino: Entry, what: int | str) -> None:
    """After a trouble without effect the contact is read again and the delete sent again."""
    standin.faults.append(Fault(DELETE, what))  # type: ignore[arg-type]  # one of the known ones

    assert erase(standin, aino) == "erased"
    assert list(standin.store.bin) == [aino.ref]


def test_an_edit_between_two_tries_is_a_conflict(standin: StandIn, aino: Entry) -> None:
    """While the first delete failed, the owner edited the contact: the second is never sent."""
    standin.faults.append(Fault(DELETE, 503, then=lambda: standin.store.change(aino.ref, biographies=value("uusi"))))

    with pytest.raises(Conflict):
        erase(standin, aino)
    assert len(deletes(standin)) == 1
    assert aino.ref in standin.store.contacts


def test_somebody_else_was_faster(standin: StandIn, aino: Entry) -> None:
    """Deleted by hand between our reading and our delete: gone is gone."""
    standin.faults.append(Fault(DELETE, "none", then=lambda: standin.store.delete(aino.ref)))

    assert erase(standin, aino) == "erased"


def test_retry_after_is_waited_out(standin: StandIn, aino: Entry) -> None:
    """Google says how long to wait, and is obeyed to the second, for reads and for deletes."""
    standin.faults += [Fault(f"GET /v1/{aino.ref}", 429, retry_after="17"), Fault(DELETE, 429, retry_after="23")]

    assert erase(standin, aino) == "erased"
    assert [wait for wait in QuickGmail.waits if wait >= 10] == [17.0, 23.0]


def test_a_server_that_dies_during_the_delete(standin: StandIn, aino: Entry) -> None:
    """When nothing answers after the delete was sent, the owner is told that it may be done; a second run settles it."""
    silence = Fault("", "drop", times=999)
    standin.faults.append(Fault(DELETE, "drop", done=True, then=lambda: standin.faults.append(silence)))

    with pytest.raises(Unreachable, match="gone or not"):
        erase(standin, aino)

    standin.faults.clear()
    assert erase(standin, aino) == "already_absent"


def test_a_server_that_never_recovers(standin: StandIn, aino: Entry) -> None:
    """Trouble without end is unreachable after a bounded number of tries."""
    standin.faults.append(Fault(DELETE, 503, times=999))

    with pytest.raises(Unreachable):
        erase(standin, aino)
    assert len(deletes(standin)) == QuickGmail.patience.tries
    assert aino.ref in standin.store.contacts


def test_a_delete_that_does_nothing_is_a_fault(standin: StandIn, aino: Entry) -> None:
    """Google says it is done and goes on showing the contact: that is never called erased."""
    standin.store.lag = 10_000

    with pytest.raises(Broken):
        erase(standin, aino)


def test_reads_that_are_a_little_behind(standin: StandIn, aino: Entry) -> None:
    """A read that still shows the contact is repeated for some seconds."""
    standin.store.lag = 3

    assert erase(standin, aino) == "erased"
    assert sum(QuickGmail.waits) < 20


def test_a_listing_that_is_behind(standin: StandIn, aino: Entry) -> None:
    """A listing that goes on showing a deleted contact fools neither the next listing nor the search by value."""
    source = connector(standin)
    source.erase(aino.ref, aino.version)
    standin.store.list_lag = 1

    assert aino.ref not in [entry.ref for entry in listing(source).entries]
    assert list(source.residue([Needle("email", "aino@kuvitelma.example")])) == []
    assert list(connector(standin).residue([Needle("email", "aino@kuvitelma.example")])) == []


def test_a_second_run_after_a_crash_with_a_late_listing(standin: StandIn, aino: Entry) -> None:
    """What a killed run deleted and a late listing still shows is finished, not reported as changed."""
    standin.store.delete(aino.ref)
    standin.store.list_lag = 1

    assert erase(standin, aino) in {"erased", "already_absent"}


def test_the_persons_own_profile_survives(standin: StandIn) -> None:
    """A merged person whose contact is gone may still be shown by Google: that is not our contact."""
    name = standin.store.add(**person("Aino Kuvitelma"))
    standin.store.contacts[name]["metadata"]["sources"].append({"type": "PROFILE", "id": "9"})
    (entry,) = listing(connector(standin)).entries
    keep = {**standin.store.contacts[name], "metadata": {"sources": [{"type": "PROFILE", "id": "9"}]}}
    standin.store.profiles[name] = keep

    assert erase(standin, entry) == "erased"
    assert erase(standin, entry) == "already_absent"
    with pytest.raises(NotFound):
        connector(standin).get(entry.ref)


def test_a_profile_alone_is_refused(standin: StandIn) -> None:
    """What was never the owner's contact is not deleted."""
    name = standin.store.add(**person("Aino Kuvitelma"))
    standin.store.contacts[name]["metadata"]["sources"] = [{"type": "PROFILE", "id": "9"}]
    (entry,) = listing(connector(standin)).entries

    with pytest.raises(Refused, match=str(NOT_OURS)[:20]):
        erase(standin, entry)
    assert deletes(standin) == []


def test_an_other_contact_waits_for_a_hand(standin: StandIn) -> None:
    """The hub never sends anything for an Other contact; it is gone only when a fresh listing lacks it."""
    name = standin.store.add_other(**person("Eero Keksitty"))
    (entry,) = listing(connector(standin)).entries

    with pytest.raises(Refused) as told:
        erase(standin, entry)
    assert told.value.message == MANUAL
    assert {item.method for item in standin.seen} == {"GET"}

    standin.store.remove_other(name)
    assert erase(standin, entry) == "already_absent"


def test_an_other_contact_is_not_absent_while_google_is_silent(standin: StandIn) -> None:
    """Without a listing nothing is said to be gone."""
    standin.store.add_other(**person("Eero Keksitty"))
    (entry,) = listing(connector(standin)).entries
    standin.faults.append(Fault("GET /v1/otherContacts", 503, times=999))

    with pytest.raises(Unreachable):
        erase(standin, entry)


def test_another_account_deletes_nothing(standin: StandIn, aino: Entry) -> None:
    """A plan made on one account is neither carried out nor called done on another."""
    standin.store.owner = "998877"
    standin.store.contacts.clear()

    with pytest.raises(Unreachable, match="another Google account"):
        erase(standin, aino)
    assert deletes(standin) == []


def test_a_sign_in_that_may_only_read(standin: StandIn, aino: Entry) -> None:
    """Google's refusal for a missing scope is told as such, and nothing is gone."""
    standin.tokens[TOKEN] = frozenset({READ, OTHERS})

    with pytest.raises(Refused, match="tick every box"):
        erase(standin, aino)
    assert aino.ref in standin.store.contacts


def test_read_only_by_configuration(standin: StandIn, aino: Entry) -> None:
    """With `access = "read"` no delete is ever sent, the check says so, and each contact is a step for a hand."""
    source = connector(standin, access="read")

    assert {(entry.disposal, entry.disposal_reason) for entry in listing(source).entries} == {(Disposal.MANUAL, READ_ONLY)}
    with pytest.raises(Refused):
        source.erase(aino.ref, aino.version)
    assert not source.check().may_erase
    assert deletes(standin) == []


def test_residue_sees_every_value(standin: StandIn) -> None:
    """A value is found in any property of any contact and in a label's name, told by place only."""
    secret = "haudattu@salaa.example"
    hidden = standin.store.add(**person("Muu Henkilö"), userDefined=[{"key": f"ks. {secret}", "value": "x"}])
    standin.store.add_group(f"Ryhmä {secret}")

    places = [str(place.where) for place in connector(standin).residue([Needle("email", secret)])]

    assert places == [f"contacts.google.com/person/{hidden.removeprefix('people/')}", "contacts.google.com, a label"]


def test_what_waits_for_a_hand_is_not_residue(standin: StandIn) -> None:
    """An Other contact has a step of its own; a record nobody can read has none."""
    standin.store.add_other(**person("Eero Keksitty", "eero@keksitty.example"))
    needles = [Needle("email", "eero@keksitty.example")]
    assert list(connector(standin).residue(needles)) == []

    standin.store.add_other(names="text", emailAddresses=[{"value": "eero@keksitty.example"}])
    assert len(connector(standin).residue(needles)) == 1


def test_strange_versions(standin: StandIn, aino: Entry) -> None:
    """A version that is empty, or an etag of another contact, deletes nothing."""
    eero = listing(connector(standin)).entries[1]

    for version in ("", " ", eero.version, aino.version.upper()):
        with pytest.raises((Conflict, Unreachable)):
            connector(standin).erase(Ref(aino.ref), Version(version))
    assert deletes(standin) == []
