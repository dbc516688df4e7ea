"""Rectify: one value is put right, in the version that was shown, and nothing else changes."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import pytest

from connectors.contract import Correction
from connectors.entry import Entry, Version
from connectors.errors import Conflict, HubError, Refused
from tests.conformance.people import own_needles
from tests.conformance.tools import UNKNOWN, entry_of, error_of, listing, need, personal, placeless, told
from tests.conformance.world import Killed, World

PHONE = "+358 50 123 9876"
EMAIL = "uusi.osoite@korjattu.example"


class Rectify:
    """Writing the right value in the place of a wrong one."""

    def test_rectify_feature_is_honest(self, world: World) -> None:
        """A source without rectify refuses and writes nothing; one with it shows the right value and no longer the wrong one."""
        connector = world.connector()
        entry, before = entry_of(connector, world.person("aino")), world.snapshot()

        if not connector.features.rectify:
            with pytest.raises(Refused):
                connector.rectify(entry.ref, entry.version, _phone(entry))
            assert world.snapshot() == before
        else:
            assert connector.rectify(entry.ref, entry.version, _phone(entry)).result == "rectified"
            assert entry_of(world.connector(), world.person("aino")).values("phone") == (PHONE,)

    def test_rectify_changes_only_that_value(self, world: World) -> None:
        """Every other value of the entry, every other entry, and every byte of the others is as before."""
        _needs_rectify(world)
        entry, bystanders = entry_of(world.connector(), world.person("emoji")), world.bystanders("emoji")
        others = _others(world, entry)

        world.connector().rectify(entry.ref, entry.version, _phone(entry))
        now = entry_of(world.connector(), world.person("emoji"))

        assert _values(now) == _values(entry) - Counter(_said(entry, "phone")) + Counter([("phone", PHONE)])
        assert _others(world, now) == others
        assert world.bystanders("emoji") == bystanders

    def test_rectify_tells_the_new_ref(self, world: World) -> None:
        """Whatever a ref is made of: the entry is found again by what the outcome says, else by its old ref."""
        _needs_rectify(world)
        for key in ("aino", "emoji"):
            entry = entry_of(world.connector(), world.person(key))
            new = f"{key}.{EMAIL}"

            done = world.connector().rectify(entry.ref, entry.version, [Correction("email", entry.values("email")[0], new)])

            assert world.connector().get(done.ref or entry.ref).values("email") == (new,)

    def test_rectify_several_values_at_once(self, world: World) -> None:
        """An e-mail and a phone go in one act, and both are right."""
        _needs_rectify(world)
        entry = entry_of(world.connector(), world.person("liisa"))

        both = [*_phone(entry), Correction("email", entry.values("email")[0], EMAIL)]
        done = world.connector().rectify(entry.ref, entry.version, both)
        now = world.connector().get(done.ref or entry.ref)

        assert (now.values("phone"), now.values("email")) == ((PHONE,), (EMAIL,))
        assert len(now.fields) == len(entry.fields)

    def test_rectify_leaves_no_residue_of_the_wrong_value(self, world: World) -> None:
        """The wrong value is found nowhere; the others still are."""
        _needs_rectify(world)
        entry = entry_of(world.connector(), world.person("emoji"))
        name, email, phone, _ = world.person("emoji").needles()

        world.connector().rectify(entry.ref, entry.version, _phone(entry))

        assert list(world.connector().residue([phone])) == []
        assert all(world.connector().residue([needle]) for needle in (name, email))

    def test_rectify_of_a_changed_entry_is_a_conflict(self, world: World) -> None:
        """An entry that changed since it was shown, or that never had this version, is not touched."""
        _needs_rectify(world)
        stale = entry_of(world.connector(), world.person("aino"))
        world.touch("aino")
        before = world.snapshot()

        for version in (stale.version, Version("no-such-version")):
            with pytest.raises(Conflict):
                world.connector().rectify(stale.ref, version, _phone(stale))

        assert world.snapshot() == before

    def test_rectify_again_is_already_absent(self, world: World) -> None:
        """Where the right value stands nothing is written; a cut-off run with the old version, and an absent entry, end so."""
        _needs_rectify(world)
        for kind, new in (("phone", PHONE), ("email", EMAIL)):
            entry = entry_of(world.connector(), world.person("aino"))
            wanted = [Correction(kind, entry.values(kind)[0], new)]
            world.connector().rectify(entry.ref, entry.version, wanted)
            before = world.snapshot()

            again = world.connector().rectify(entry.ref, entry.version, wanted)
            never = world.connector().rectify(UNKNOWN, Version("x"), wanted)

            assert {again.result, never.result} == {"already_absent"}
            assert world.snapshot() == before

    def test_rectify_writes_hostile_values_as_they_are(self, world: World) -> None:
        """Signs that mean something to a format are read back as they were written, or refused, and nothing else breaks."""
        _needs_rectify(world)
        entry = entry_of(world.connector(), world.person("aino"))
        others = _others(world, entry)

        for new in ('a"b\\c,d e', "<b>&amp;</b>", "=1+1", "Ä €uro\u2013", "x" * 300, "\\n \\, \\;", "a:b=c"):
            old = entry.values("note")[0]
            before = world.snapshot()
            error = error_of(lambda: world.connector().rectify(entry.ref, entry.version, [Correction("note", old, new)]))  # noqa: B023  # called here
            assert error is None or (isinstance(error, Refused) and world.snapshot() == before)
            now = entry_of(world.connector(), world.person("aino"))
            assert now.values("note") == ((old,) if error else (new,)), new
            assert _others(world, now) == others
            assert error is None or not any(value in told(error) for value in personal(world.people))
            entry = now

    def test_rectify_a_fault_leaves_old_or_new(self, world: World) -> None:
        """Cut off at any write, the entry is old or new and the others whole; a rerun ends it without a trace."""
        _needs_rectify(world)
        keys = [person.key for person in world.people]
        assert world.correction_points()

        for point, key in zip(world.correction_points(), keys, strict=False):
            _cut_off(world, key, point)

    def test_rectify_is_put_back(self, world: World) -> None:
        """What was sealed before the write puts the wrong value back; a source killed before it has changed nothing."""
        _needs_rectify(world)
        need(world.connector().features.restore, "restore")
        entry, before = entry_of(world.connector(), world.person("emoji")), world.snapshot()
        connector, sealed = world.connector(), list[bytes]()

        def dying(receipt: bytes) -> None:
            sealed.append(receipt)
            raise Killed

        connector.seal = dying
        with pytest.raises(Killed):
            connector.rectify(entry.ref, entry.version, _phone(entry))
        assert world.snapshot() == before
        connector = world.connector()
        connector.seal = sealed.append
        connector.rectify(entry.ref, entry.version, _phone(entry))

        world.connector().restore(sealed[-1])

        assert _values(entry_of(world.connector(), world.person("emoji"))) == _values(entry)


def _needs_rectify(world: World) -> None:
    need(world.connector().features.rectify, "rectify")


def _phone(entry: Entry) -> list[Correction]:
    return [Correction("phone", entry.values("phone")[0], PHONE)]


def _said(entry: Entry, kind: str) -> list[tuple[str, str]]:
    return [(kind, value) for value in entry.values(kind)]


def _values(entry: Entry) -> Counter[tuple[str, str]]:
    return Counter((item.kind, item.value) for item in entry.fields)


def _others(world: World, entry: Entry) -> list[Entry]:
    return [placeless(other) for other in listing(world.connector()).entries if other.ref != entry.ref]


def _cut_off(world: World, key: str, point: str) -> None:
    """Cut one correction off at one place, look, and run it again."""
    person, bystanders, files = world.person(key), world.bystanders(key), world.files()
    entry = entry_of(world.connector(), person)
    phone = next(needle for needle in person.needles() if needle.kind == "phone")

    with world.failing_at(point) as reached, suppress(Killed, HubError):
        world.connector().rectify(entry.ref, entry.version, _phone(entry))

    assert reached, f"the write never came to {point}"
    assert world.bystanders(key) == bystanders, f"cut off at {point}, the others are not whole"
    assert entry_of(world.connector(), person).values("phone") in {entry.values("phone"), (PHONE,)}
    world.connector().rectify(entry.ref, entry.version, _phone(entry))
    assert entry_of(world.connector(), person).values("phone") == (PHONE,)
    assert world.files() <= files, f"cut off at {point}, a rerun left a file"
    own = [needle for needle in own_needles(world.people, key) if needle == phone]
    assert list(world.connector().residue(own)) == [], f"cut off at {point}, a rerun left a trace"
