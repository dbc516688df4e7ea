"""Whoever was erased is noticed when they come back, in any spelling; a namesake is not taken for them; nobody is written down."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from connectors._needles import Matcher
from connectors.entry import Disposal, Entry, Field, Ref
from connectors.errors import StateError
from connectors.memory import MemoryConnector
from connectors.phrase import Phrase
from hub import ledger, store
from hub.erase.apply import apply
from hub.erase.planning import make_plan
from hub.person import Held
from hub.plan import Plan
from hub.search import silently
from hub.search.sources import gather
from hub.store import suppression
from hub.store.suppression import Known, reappeared
from tests.hub.held import held
from tests.hub.people import NAMESAKE, World
from tests.hub.undoing import plan_of

AGAIN: dict[str, Held] = {
    "the same e-mail": held("x", name="Joku", email="aino@esimerkki.example"),
    "an e-mail in other letters": held("x", email="Aino Esimerkki <AINO@Esimerkki.Example>"),
    "a phone in another spelling": held("x", name="Puhelin", phone="00358 (0)44-123 4567"),
    "a phone as a number": held("x", phone="441234567"),
    "the name turned round, with the company": held("x", name="ESIMERKKI, Aino", company="Keksitty"),
    "the name transliterated, with the company": held("x", given="Aino", family="Esimerkki", company="KEKSITTY OY"),
    "a middle name more, with the company": held("x", name="Aino Maria Esimerkki", company="Keksitty Oy"),
}
NOT_HER: dict[str, Held] = {
    "a namesake who was known": held("x", name="Aino Esimerkki", email="toinen.aino@muualla.example"),
    "somebody of the same company": held("x", name="Pekka Keksitty", company="Keksitty Oy"),
    "a relative": held("x", name="Eino Esimerkki", company="Keksitty Oy"),
    "somebody who is like her in nothing": held("x", name="Liisa Muu", email="liisa@muu.example", phone="050 123 4567"),
    "an entry without anything": held("x"),
}


def erased(state: Path, world: World, plan: Plan | None = None) -> str:
    """Erase Aino as the command does, and remember her."""
    plan = plan or plan_of(world.sources)

    def remember(done: Plan, left: Sequence[tuple[str, str]]) -> None:
        suppression.remember(state, request.number, "erased", suppression.marks_of(done, left, "FI"))

    with ledger.opened(state) as book:
        request = book.new("erasure", plan)
        assert request.plan is not None
        apply(request.plan.approve(plan.fingerprint), request, book, world.sources, silently, remember=remember)
    return request.number


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory."""
    return tmp_path / "state"


@pytest.fixture
def world() -> World:
    """Aino, her namesake, and the others."""
    world = World()
    world.second.put(NAMESAKE, ref=Ref("n1"))
    return world


def _plan(world: World) -> Plan:
    gathered = gather(world.sources, "FI")
    (person,) = gathered.matching.find("aino@esimerkki.example")
    return make_plan(gathered, person, exclude=[("second", "n1")])


@pytest.fixture
def known(state: Path, world: World) -> Known:
    """Who was erased from it."""
    erased(state, world, _plan(world))
    return suppression.known(state, "FI")


@pytest.mark.parametrize("how", AGAIN)
def test_she_is_noticed_in_any_spelling(known: Known, how: str) -> None:
    """By e-mail, by phone, or by her name with something else of hers."""
    (found,) = reappeared([AGAIN[how]], known)

    assert (found.sure, found.why) == (True, "erased")


@pytest.mark.parametrize("who", NOT_HER)
def test_nobody_else_is_taken_for_her(known: Known, who: str) -> None:
    """Not the namesake whom the owner knows, nor a colleague, nor a relative."""
    assert list(reappeared([NOT_HER[who]], known)) == []


def test_her_name_alone_is_only_possible(known: Known) -> None:
    """A new namesake may be her: said, and no more."""
    (found,) = reappeared([held("x", name="Aino Esimerkki", email="kolmas@jossain.example")], known)

    assert not found.sure


def test_right_after_the_erase_nobody_is_back(world: World, known: Known) -> None:
    """Whoever was left in the registers was left on purpose."""
    entries = [Held(source.name, item) for source in world.sources for item in source.entries() if isinstance(item, Entry)]

    assert len(entries) == 3
    assert list(reappeared(entries, known)) == []


def test_what_the_law_keeps_and_what_waits_for_a_hand_is_not_back(state: Path) -> None:
    """An invoice that stays and a page to be shredded were left by the very request."""
    world = World()
    for ref, disposal in (("lasku", Disposal.RETAIN), ("sivu", Disposal.MANUAL)):
        world.first.put((Field("name", "Aino Esimerkki"), Field("email", "aino@esimerkki.example")), disposal, Ref(ref))
    erased(state, world)
    entries = [Held("first", item) for item in world.sources[0].entries() if isinstance(item, Entry)]
    known = suppression.known(state, "FI")

    assert {item.entry.ref for item in entries} >= {"lasku", "sivu"}
    assert list(reappeared(entries, known)) == []
    assert len(list(reappeared([Held("second", item.entry) for item in entries], known))) == 2


def test_an_erase_that_was_taken_back_is_forgotten(state: Path) -> None:
    """Her own entries are no reappearance any more; those of another request still are."""
    first, second = erased(state, World()), erased(state, World())
    suppression.forget(state, first)
    assert list(reappeared(AGAIN.values(), suppression.known(state, "FI"))) != []

    suppression.forget(state, second)

    assert list(reappeared(AGAIN.values(), suppression.known(state, "FI"))) == []


def test_no_value_of_her_is_in_the_state_directory(state: Path, known: Known) -> None:
    """By value, in every encoding, in every file; and the hashes cannot be guessed without the key."""
    plan = plan_of(World().sources)
    matcher = Matcher(plan.needles)
    files = [path for path in state.rglob("*") if path.is_file()]

    assert {path.name for path in files} >= {suppression.FILE, suppression.KEY}
    assert [path.name for path in files if matcher.in_bytes(path.read_bytes())] == []
    assert "Aino" not in repr(known)
    other = Known(bytes(32), "FI", known.why, known.marks)
    assert list(reappeared(AGAIN.values(), other)) == []


def test_a_lost_key_costs_the_hashes_and_not_the_next_erase(state: Path, known: Known) -> None:
    """What nobody can compare with any more makes place for what can."""
    assert known.why
    (state / suppression.KEY).unlink()

    erased(state, World())

    assert len(suppression.known(state, "FI").why) == 1


def test_a_full_disk_costs_nobody_who_must_not_come_back(state: Path, known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written for the moment is no reason to forget those who were erased before."""
    full = StateError(Phrase("The disk is full."))

    def once(*_: object) -> object:
        monkeypatch.undo()
        raise full

    monkeypatch.setattr(store, "open_database", once)
    with pytest.raises(StateError, match="full"):
        suppression.remember(state, "2026-0099", "refused", ())

    assert suppression.known(state, "FI").why == known.why != {}


@pytest.mark.skipif(os.name == "nt", reason="there a file may always be read by its owner")
def test_a_key_that_cannot_be_read_just_now_costs_nobody_either(state: Path, known: Known) -> None:
    """A folder in its place stands for a disk that does not answer: the key may be as good as ever."""
    key = state / suppression.KEY
    kept = key.read_bytes()
    key.unlink()
    key.mkdir()
    with pytest.raises(StateError, match="could not be read"):
        suppression.remember(state, "2026-0099", "refused", ())
    key.rmdir()
    key.write_bytes(kept)

    assert suppression.known(state, "FI").why == known.why != {}


def test_who_refused_is_known_by_what_was_said(state: Path) -> None:
    """An e-mail, a phone or a name is remembered without any entry."""
    for number, words in (("1", "aino@esimerkki.example"), ("2", "+358 44 123 4567"), ("3", "Esimerkki Aino")):
        suppression.remember(state, number, "refused", suppression.marks_of_words(words, "FI"))
    known = suppression.known(state, "FI")

    for item, sure in (
        (AGAIN["the same e-mail"], True),
        (AGAIN["a phone as a number"], True),
        (held("x", name="Aino Esimerkki"), False),
    ):
        (found,) = reappeared([item], known)
        assert (found.why, found.sure) == ("refused", sure)


def test_a_copy_of_a_register_is_told_as_a_copy_only(known: Known) -> None:
    """A conflict copy that holds her makes no finding of its own here."""
    source = MemoryConnector("first", {})
    entry = AGAIN["the same e-mail"].entry
    copy = Entry(entry.ref, entry.version, entry.locator, entry.fields, copy_of="asiakkaat.xlsx")

    assert list(reappeared([Held(source.name, copy)], known)) == []
