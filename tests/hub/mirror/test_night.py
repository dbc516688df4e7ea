"""The night that the mirror keeps: gone on from where it can be trusted, and never a trace of who is gone."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.entry import KINDS, Field, Ref, Version
from connectors.phrase import Phrase
from hub.matching import Matching, in_memory
from hub.matching.decisions import Decisions
from hub.matching.engine import Engine
from hub.matching.night import renewing
from hub.mirror import NIGHT, MirrorIndex, forget_night, kept, opened, remove, touched
from hub.mirror import night as nights
from hub.person import Held, Person
from hub.store import secrets
from tests.bench.registers import registers
from tests.hub.mirror.holding import opening, put, shared

ALWAYS = Engine(entries=0)


def tonight(state: Path, held: Sequence[Held], decisions: Decisions | None = None) -> None:
    """The persons of a night are those of the entries compared one by one."""
    decided = decisions or Decisions()
    with opening(state) as mirror:
        found = Matching(MirrorIndex(mirror, "FI"), "FI", decided).everybody(ALWAYS)
    expected = in_memory(held, "FI", decided).everybody(Engine(entries=10**9))
    assert [(person.handle, _told(person)) for person in found] == [(person.handle, _told(person)) for person in expected]


def without_evidence(state: Path, decisions: Decisions | None = None) -> None:
    """Told one by one and without the evidence, the persons of a night are the same."""
    with opening(state) as mirror:
        matching = Matching(MirrorIndex(mirror, "FI"), "FI", decisions or Decisions())
        found, bare = matching.everybody(ALWAYS), list(matching.persons(ALWAYS))
    assert [(one.handle, one.name, [told[:3] for told in _told(one)]) for one in bare] == [
        (person.handle, person.name, [told[:3] for told in _told(person)]) for person in found
    ]


def _told(person: Person) -> list[tuple[object, ...]]:
    members = person.members
    return [(member.held.key, member.held.entry.fields, member.verdict, member.evidence, member.why) for member in members]


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often everything was compared."""
    every: list[str] = []
    whole: Callable[..., object] = nights._all_anew  # what must not be called

    def noted(*given: object) -> object:
        every.append("all")
        return whole(*given)

    monkeypatch.setattr(nights, "_all_anew", noted)
    monkeypatch.setattr(renewing, "_MOST", 0)
    return every


EVERYBODY = [made.held for made in registers(400, 3)]


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory whose mirror holds most of them, one night after it was made; nobody writes into it."""
    with shared(tmp_path_factory, EVERYBODY[:-40]) as state:
        tonight(state, EVERYBODY[:-40])
    return state


@pytest.fixture
def state(tmp_path: Path, first_night: Path) -> Path:
    """A state directory after the first night, to go on from."""
    return Path(shutil.copytree(first_night, tmp_path / "state"))


TORN = "kortti-\udce4.vcf"
"""As Python tells the name of a file that is no UTF-8."""


def test_a_name_of_a_file_that_is_no_text_goes_through_the_night(tmp_path: Path, compared: list[str]) -> None:
    """As a ref, as a version and in a place, in a night that begins and in one that goes on; beside others in their order."""
    first = EVERYBODY[0].entry
    torn = [
        replace(first, ref=Ref(TORN), version=Version("\udce4"), locator=Phrase("file {file}", file=TORN)),
        replace(first, ref=Ref("kortti-\U0001f600")),
        replace(first, ref=Ref("kortti-\uffee")),
    ]
    held = [*EVERYBODY[:40], *(Held(EVERYBODY[0].source, entry) for entry in torn)]
    with opening(tmp_path) as mirror:
        put(mirror, [], held)
    tonight(tmp_path, held)
    with opening(tmp_path) as mirror:
        put(mirror, held, held[1:])
    tonight(tmp_path, held[1:])

    assert compared == ["all"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_that_is_torn_is_held_as_it_is(tmp_path: Path, kind: str) -> None:
    """Half a pair of letters in it says nothing: the rest is what it is found and compared by, now and in the night."""
    first, second, other = EVERYBODY[:3]
    torn = replace(first.entry, fields=(*first.entry.fields, Field(kind, "Ai\ud83dno Mal\ud83dli")))
    whole = replace(second.entry, fields=(*second.entry.fields, Field(kind, "Aino Malli")))
    held = [Held(first.source, torn), Held(second.source, whole), other]
    with opening(tmp_path) as mirror:
        put(mirror, [], held[1:])
        put(mirror, held[1:], held)
    tonight(tmp_path, held)
    with opening(tmp_path) as mirror:
        put(mirror, held, [other])
        assert [item.key for item in mirror.everything()] == [other.key]


@pytest.mark.parametrize("seed", range(4))
def test_night_after_night_the_same_persons(state: Path, compared: list[str], seed: int) -> None:
    """Entries come, go and are changed; each night goes on from the one before, whether they are more, fewer or as many then."""
    chance = random.Random(seed)
    now = list(EVERYBODY[:-40])
    for night, coming in enumerate((10, 9, 11)):
        before = now
        now = chance.sample(before, len(before) - 10)
        now = [_other(item, chance) if chance.random() < 0.03 else item for item in now]
        now += EVERYBODY[len(EVERYBODY) - 40 + night * 12 :][:coming]
        with opening(state) as mirror:
            put(mirror, before, now)
        keys = sorted(item.key for item in now)
        decisions = Decisions([(keys[3], keys[90])], [(keys[10], keys[11])])
        tonight(state, now, decisions)
        assert not compared
    without_evidence(state, decisions)
    assert not compared


def test_where_the_number_of_entries_decides_otherwise_all_is_compared(state: Path, compared: list[str]) -> None:
    """A name that was rare enough among more entries is not among fewer."""
    assert renewing._limits(320) != renewing._limits(360)
    with opening(state) as mirror:
        put(mirror, EVERYBODY[320:-40], [])
    tonight(state, EVERYBODY[:320])
    assert compared == ["all"]


def _other(item: Held, chance: random.Random) -> Held:
    fields = chance.choice(EVERYBODY).entry.fields
    return Held(item.source, replace(item.entry, fields=fields, version=Version(f"{item.entry.version}+")))


def test_nothing_changed(state: Path, compared: list[str]) -> None:
    """Nothing is compared, and the same is said."""
    tonight(state, EVERYBODY[:-40])
    without_evidence(state)
    assert not compared


HARM: dict[str, Callable[[Path], object]] = {
    "it is gone": lambda path: path.unlink(),
    "it is cut off": lambda path: path.write_bytes(path.read_bytes()[:5000]),
    "a byte is another one": lambda path: path.write_bytes(path.read_bytes()[:-900] + b"x" + path.read_bytes()[-899:]),
    "it is something else": lambda path: path.write_bytes(b"hello" * 4000),
}


@pytest.mark.parametrize("harm", HARM)
def test_what_cannot_be_trusted_is_worked_out_anew(state: Path, compared: list[str], harm: str) -> None:
    """And kept again."""
    HARM[harm](state / NIGHT)
    tonight(state, EVERYBODY[:-40])
    assert compared == ["all"]
    tonight(state, EVERYBODY[:-40])
    assert compared == ["all"]


def test_a_night_of_another_hub_is_not_gone_on_from(state: Path, compared: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its figures may be others."""
    monkeypatch.setattr(kept, "__version__", "0.0.0")
    tonight(state, EVERYBODY[:-40])
    assert compared == ["all"]


def test_a_night_of_another_mirror_is_not_gone_on_from(state: Path, compared: list[str]) -> None:
    """A mirror that was made anew numbers its entries otherwise, so the night before goes with it."""
    taken = (state / NIGHT).read_bytes()
    with opened(state, secrets.key_for_state(state), "FI", anew=True) as mirror:
        assert not (state / NIGHT).exists()
        put(mirror, [], EVERYBODY[40:])
    (state / NIGHT).write_bytes(taken)
    tonight(state, EVERYBODY[40:])
    assert compared == ["all"]


def test_after_very_many_changes_all_is_compared(state: Path, compared: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not noted one by one any more."""
    monkeypatch.setattr(touched, "MOST", 5)
    now = [_other(item, random.Random(1)) if at < 20 else item for at, item in enumerate(EVERYBODY[:-40])]
    with opening(state) as mirror:
        put(mirror, EVERYBODY[:-40], now)
    tonight(state, now)
    assert compared == ["all"]


def test_two_entries_of_one_ref_come_in_the_order_of_what_they_hold(state: Path, compared: list[str]) -> None:
    """Where a source gives a ref twice, all is compared."""
    first = EVERYBODY[0]
    twin = Held(first.source, replace(first.entry, fields=(Field("name", "Aku Ankka"),)))
    with opening(state) as mirror:
        number = mirror.keep(replace(mirror.sources()[first.source][1], entries=mirror.sources()[first.source][1].entries + 1))
        mirror.add(first.source, number, [twin.entry], "FI")
    tonight(state, [*EVERYBODY[:-40], twin])
    assert compared == ["all"]


def test_nothing_is_left_of_who_is_gone(state: Path) -> None:
    """The words of an entry that went are not in what is kept the night after."""
    gone = Held("book", replace(EVERYBODY[0].entry, ref=Ref("zz"), fields=(Field("name", "Zacharias Zetterqvist"),)))
    with opening(state) as mirror:
        put(mirror, [], [gone])
    tonight(state, [*EVERYBODY[:-40], gone])
    assert "zetterqvist" in _words(state)
    with opening(state) as mirror:
        put(mirror, [gone], [])
    tonight(state, EVERYBODY[:-40])
    assert "zetterqvist" not in _words(state)


def _words(state: Path) -> str:
    found = kept.read(state, NIGHT, {})
    assert found is not None
    return " ".join(str(column.to_pylist()) for column in found[1].values()).casefold()


def test_it_is_encrypted_and_private(state: Path) -> None:
    """As the mirror is."""
    raw = (state / NIGHT).read_bytes()
    assert b"SQLite" not in raw
    assert b"virtanen" not in raw.lower()
    assert (state / NIGHT).stat().st_mode & 0o077 == 0


def test_it_goes_with_the_mirror_and_by_itself(state: Path) -> None:
    """Whoever erases takes it away; who wants no mirror keeps no night."""
    forget_night(state)
    assert not (state / NIGHT).exists()
    tonight(state, EVERYBODY[:-40])
    assert (state / NIGHT).exists()
    remove(state)
    assert not (state / NIGHT).exists()


def test_without_room_nothing_is_kept(state: Path, compared: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The night itself is as good as any."""
    from connectors import _system

    def full(*_given: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(_system, "replace", full)
    tonight(state, EVERYBODY[:-40])
    assert not compared
    assert not list(state.glob("night.db*"))
