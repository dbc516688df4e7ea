"""A report that says again what it said the night before is the report of a night that looks at everybody."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.entry import Disposal, Field, Retention, Version
from hub.law import Law, Rule
from hub.matching import Decisions, Engine, Matching, in_memory
from hub.mirror import SAID, MirrorIndex, forget_night, kept
from hub.permissions import Act
from hub.permissions import Known as KnownActs
from hub.person import Answer, Held, Person
from hub.report import Family, Left, Night, NightlyReport, families, make_report, nightly_report
from hub.report.bodies import Bodies
from hub.report.said import _FADING, facts_of
from hub.report.telling import Telling
from hub.store.breach import Waiting
from hub.store.packages import Kept
from hub.store.suppression import Known as Gone
from tests.bench.registers import SOURCES, registers
from tests.hub.mirror.holding import opening, put, shared
from tests.hub.report.nights import NOON, night
from tests.hub.report.nights import held as entry

ALWAYS, NEVER = Engine(entries=0), Engine(entries=10**9)
EVERYBODY = [made.held for made in registers(300, 5)]
NAMESAKES = [entry("customers", f"twin-{at}", name="Aku Ankka", note="diabetes", phone=f"050 000000{at}") for at in (1, 2)]
"""What is found about them cannot be told apart."""

HALF = entry("customers", "half-\ud83d", name="Puoli \ud83d Merkki", note="diabetes \ud83d")
"""As some programs leave it: half of a pair of surrogates, which no UTF-8 can hold."""

RULES = {"phone": Rule(12, "a year"), "mail": Rule(24, "two years")}


def a_night(day: int = 0, **more: Any) -> Night:
    """A night so many days after the first one, on which every family has something to say."""
    now = NOON + timedelta(days=day)
    of = night(*SOURCES, now=now, expect={"customers": ["phone"], "phone": ["email"]})
    found = replace(of, ask=True, rules=RULES, law=Law("FI", (), "12-31", now.date()))
    return replace(found, **more)


def touched_up(item: Held, chance: random.Random) -> Held:
    """An entry with something special, shared, over its time or of a copy in it, or none of it."""
    entry = item.entry
    more = {
        0: (Field("note", "diabetes"),),
        1: (Field("note", "syntynyt 1.2.1980", stays=True),),
        2: (Field("date", f"{chance.randint(2023, 2026)}-{chance.randint(1, 12):02}-{chance.randint(25, 28)}"),),
        3: (Field("birthday", "1.2.1980"), Field("other", "x", "Uutiskirje")),
    }.get(chance.randrange(12), ())
    found = replace(entry, fields=(*entry.fields, *more), copy_of="old.xlsx" if chance.random() < 0.03 else "")
    if chance.random() < 0.1:
        day = Field("date", f"201{chance.randint(8, 9)}-12-0{chance.randint(1, 9)}")
        found = replace(
            found, fields=(*found.fields, day), retention=Retention("voucher", Disposal.MANUAL), disposal=Disposal.RETAIN
        )
    return Held(item.source, replace(found, version=Version(f"{entry.version}+")))


def reported(state: Path, of: Night, decisions: Decisions | None = None) -> NightlyReport:
    """The report from the mirror."""
    with opening(state) as mirror:
        everyone = Matching(MirrorIndex(mirror, "FI"), "FI", decisions or Decisions()).persons(ALWAYS)
        return nightly_report(of, everyone, state)


def is_whole(report: NightlyReport, held: Sequence[Held], decisions: Decisions | None = None) -> None:
    """It is the report of everybody, looked at one by one."""
    whole = make_report(report.night, in_memory(held, "FI", decisions or Decisions()).persons(NEVER))
    assert list(report.findings) == list(whole.findings)
    assert (report.findings[0], report.findings[-1], report.findings[1:9:3]) == (
        whole.findings[0], whole.findings[-1], whole.findings[1:9:3],
    )  # fmt: skip
    assert list(report.findings.groups()) == list(whole.findings.groups())
    assert report.overview == whole.overview
    assert 0 not in report.overview.combinations.values()


def decided(held: Sequence[Held], chance: random.Random) -> Decisions:
    """A human said of some entries that they are of one person, and of others that they are not."""
    keys = sorted(item.key for item in held)
    same = [(chance.choice(keys), chance.choice(keys)) for _ in range(6)]
    persons = [person for person in in_memory(held, "FI").persons(NEVER) if len(person.members) > 1]
    apart = [(one.members[0].held.key, one.members[1].held.key) for one in chance.sample(persons, 6)]
    return Decisions([pair for pair in same if pair[0] != pair[1]], [pair for pair in apart if pair not in same])


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who was looked at, by handle."""
    seen: list[str] = []
    about = Telling.about

    def noted(telling: Telling, person: Person) -> Any:
        seen.append(person.handle)
        return about(telling, person)

    monkeypatch.setattr(Telling, "about", noted)
    return seen


@pytest.fixture(scope="module")
def held() -> list[Held]:
    """Everybody who is there on the first night."""
    chance = random.Random(1)
    return [*(touched_up(item, chance) for item in EVERYBODY[:-30]), *NAMESAKES, HALF]


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory, held: list[Held]) -> Path:
    """A state directory after the first night; nobody writes into it."""
    with shared(tmp_path_factory, held) as state:
        is_whole(reported(state, a_night()), held)
    return state


@pytest.fixture
def state(tmp_path: Path, first_night: Path) -> Path:
    """A state directory after the first night, to go on from."""
    return Path(shutil.copytree(first_night, tmp_path / "state"))


@pytest.mark.parametrize("seed", range(4))
def test_night_after_night_the_same_is_said(state: Path, held: list[Held], looked_at: list[str], seed: int) -> None:
    """Entries come, go and are changed, days pass, somebody decides who is who and takes it back."""
    chance = random.Random(seed)
    now, looks = held, []
    for turn in range(3):
        before = now
        now = [touched_up(item, chance) if chance.random() < 0.03 else item for item in before if chance.random() > 0.03]
        now += EVERYBODY[len(EVERYBODY) - 30 + turn * 10 :][:10]
        with opening(state) as mirror:
            put(mirror, before, now)
        decisions = decided(now, chance) if turn < 2 else Decisions()
        del looked_at[:]
        report = reported(state, a_night(1 + turn * 20), decisions)
        looks.append(len(looked_at))
        is_whole(report, now, decisions)
    assert max(looks) < report.overview.persons / 2


def test_who_is_as_before_is_not_looked_at(state: Path, held: list[Held], looked_at: list[str]) -> None:
    """But for those of whom every night decides anew what is said: of copies, and of what several persons share."""
    report = reported(state, a_night(1))
    again = {person.handle for person in in_memory(held, "FI").persons(NEVER) if _is_of_others(person)}

    assert set(looked_at) == again
    is_whole(report, held)


def _is_of_others(person: Person) -> bool:
    entries = [member.held.entry for member in person.links]
    return any(entry.copy_of for entry in entries) or any(item.stays for entry in entries for item in entry.fields)


def test_an_id_that_was_made_anew_is_not_made_again(state: Path, held: list[Held], monkeypatch: pytest.MonkeyPatch) -> None:
    """Of findings that cannot be told apart: there are very many of them among very many persons."""
    asked: list[str] = []
    made = Night.id

    def noted(of: Night, kind: str, *parts: str) -> str:
        asked.extend(part for part in parts if len(part) == ID)
        return made(of, kind, *parts)

    monkeypatch.setattr(Night, "id", noted)
    whole = make_report(a_night(), in_memory(held, "FI").persons(NEVER))
    first = {*asked}
    del asked[:]
    assert list(reported(state, a_night()).findings) == list(whole.findings)
    assert {*asked} < first, "but for those of whom every night decides anew what is said"


ID = len(a_night().id(""))


def test_a_night_of_a_later_day_is_not_said_again(tmp_path: Path, held: list[Held], looked_at: list[str]) -> None:
    """The clock was set back: what is over its time then is not over it now."""
    with opening(tmp_path) as mirror:
        put(mirror, [], held)
    reported(tmp_path, a_night(4000))
    del looked_at[:]
    report = reported(tmp_path, a_night())

    assert len(looked_at) == report.overview.persons
    is_whole(report, held)


HARM: dict[str, Callable[[dict[str, str], dict[str, Any]], object]] = {
    "a column is missing": lambda _mark, columns: columns.pop("stands"),
    "a column holds something else": lambda _mark, columns: columns.update(name=columns["counts"]),
    "of more persons": lambda _mark, columns: columns.update(counts=pa.array(columns["counts"].to_numpy() + 1)),
    "the day is missing": lambda mark, _columns: mark.pop("day"),
    "the facts are others": lambda mark, _columns: mark.update(facts="0"),
}


@pytest.mark.parametrize("harm", HARM)
def test_what_another_hub_wrote_is_not_said_again(state: Path, held: list[Held], looked_at: list[str], harm: str) -> None:
    """Everybody is looked at, and it is written anew."""
    found = kept.read(state, SAID, {})
    assert found is not None
    HARM[harm](*found)
    kept.write(state, SAID, *found)
    report = reported(state, a_night())

    assert len(looked_at) == report.overview.persons
    is_whole(report, held)
    del looked_at[:]
    reported(state, a_night())
    assert len(looked_at) < report.overview.persons / 2


def test_a_changed_entry_is_looked_at(state: Path, held: list[Held], looked_at: list[str]) -> None:
    """And whoever was made of it, and nobody else anew."""
    at = next(at for at, item in enumerate(held) if not _is_of_others(_alone(item)))
    other = replace(held[at].entry, fields=(*held[at].entry.fields, Field("note", "astma")), version=Version("9"))
    now = [*held[:at], Held(held[at].source, other), *held[at + 1 :]]
    reported(state, a_night(1))
    usual = set(looked_at)
    with opening(state) as mirror:
        put(mirror, held, now)
    del looked_at[:]
    report = reported(state, a_night(1))

    persons = in_memory(now, "FI").persons(NEVER)
    hers = {person.handle for person in persons if held[at].key in {member.held.key for member in person.members}}
    assert set(looked_at) - usual == hers - usual
    assert hers - usual
    is_whole(report, now)


def _alone(item: Held) -> Person:
    return next(iter(in_memory([item], "FI").persons(NEVER)))


ACT = Act("1", "ask", "2026-11-01", "2026-11-01", frozenset({("email", "00")}))
FACTS: dict[str, Any] = {
    "answers": [Answer(source, "", "silent", listed=False) for source in SOURCES],
    "registers": {name: replace(register, holds="other") for name, register in a_night().registers.items()},
    "expect": {"customers": ["mail"]},
    "region": "SE",
    "key": b"another key",
    "gone": Gone(b"k", "FI", {"2026-1": "erased"}, {"email": {b"1": frozenset({"2026-1"})}}),
    "acts": KnownActs([ACT], b"k"),
    "ask": False,
    "rules": {"phone": Rule(13, "a year")},
    "law": Law("FI", (), "06-30"),
}
FADING: dict[str, Any] = {
    "now": NOON + timedelta(hours=1),
    "answers": [Answer(source, "", "complete", as_of="2026-11-27T03:00:00+00:00") for source in SOURCES],
    "due": {"2026-1": date(2026, 12, 1)},
    "left": [Left("2026-1")],
    "breaches": [Waiting("1", NOON, ("authority",))],
    "lost": [(("phone", "1"), ("mail", "2"))],
    "packages": [Kept],
    "package_days": 3,
    "law": Law("FI", (), "12-31", date(2030, 1, 1)),
}


@pytest.mark.parametrize("name", FACTS)
def test_with_another_fact_everybody_is_looked_at(state: Path, held: list[Held], looked_at: list[str], name: str) -> None:
    """Whatever it decides; what comes out is right either way."""
    report = reported(state, a_night(**{name: FACTS[name]}))

    assert len(looked_at) == report.overview.persons
    is_whole(report, held)


@pytest.mark.parametrize("name", FADING)
def test_what_only_the_night_itself_tells_is_no_such_fact(name: str) -> None:
    """Days pass, requests come and go: nobody is looked at for that."""
    assert facts_of(a_night(**{name: FADING[name]})) == facts_of(a_night())


def test_every_fact_of_a_night_is_the_one_or_the_other() -> None:
    """A new one must be thought of here."""
    assert {item.name for item in fields(Night)} == FACTS.keys() | FADING.keys()
    assert FADING.keys() - FACTS.keys() == _FADING - {"answers"}


def test_a_member_of_a_group_is_a_fact() -> None:
    """Who joined a mailing list may be named tonight."""
    registers = a_night().registers
    other = {**registers, "mail": replace(registers["mail"], groups={"Uutiskirje": frozenset({"1"})})}
    assert facts_of(a_night(registers=other)) != facts_of(a_night())


class Blind(Night):
    """A night that shows no fact that fades, once its families are made."""

    blind = False

    def __getattribute__(self, name: str) -> Any:
        if name in _FADING and type(self).blind:
            raise AssertionError(f"what is said about a person looks at {name}")
        return super().__getattribute__(name)


def test_what_is_said_about_a_person_looks_at_no_fact_that_fades(monkeypatch: pytest.MonkeyPatch, held: list[Held]) -> None:
    """But for the day, where a family tells through which day it stands."""
    of = a_night()
    blind = Blind(**{item.name: getattr(of, item.name) for item in fields(Night)})
    assert blind.listed
    telling = [family(blind) for family in families() if family.stands is Family.stands or family.__name__ != "RetentionOver"]
    everybody = list(in_memory(held, "FI").persons(NEVER))
    monkeypatch.setattr(Blind, "blind", True)

    assert {finding.kind for family in telling for person in everybody for finding in family.about(person)} > {"conflict"}


@pytest.mark.parametrize("days", [1, 40, 400, 4000])
def test_what_stands_is_said_on_its_last_day(held: list[Held], days: int) -> None:
    """About each person and by each family."""
    first, later = a_night(), a_night(days)
    telling = [(family(first), family(later)) for family in families() if family.__name__ != "SpecialData"]
    stood = 0
    for person in in_memory(held, "FI").persons(NEVER):
        for one, other in telling:
            if one.stands(person) >= later.now.date():
                stood += 1
                assert list(one.about(person)) == list(other.about(person))
    assert stood


def test_it_ends_with_the_night_before(state: Path, looked_at: list[str]) -> None:
    """Whoever erases takes it away."""
    assert (state / SAID).exists()
    forget_night(state)
    assert not list(state.glob("said.db*"))
    report = reported(state, a_night())
    assert len(looked_at) == report.overview.persons


def test_it_is_encrypted_and_private_and_forgets_who_is_gone(state: Path, held: list[Held]) -> None:
    """As the mirror is."""
    words = _words(state)
    raw = (state / SAID).read_bytes()
    assert "customers" in words
    assert b"SQLite" not in raw
    assert b"customers" not in raw
    assert (state / SAID).stat().st_mode & 0o077 == 0

    emails = (value.split("@")[0] for item in held for value in item.entry.values("email"))
    email = next(email for email in emails if len(email) > 9 and email in words)
    rest = [item for item in held if not any(email in one.value.casefold() for one in item.entry.fields)]
    with opening(state) as mirror:
        put(mirror, held, rest)
    reported(state, a_night(1))
    assert email not in _words(state)


def _words(state: Path) -> str:
    found = kept.read(state, SAID, {})
    assert found is not None
    columns = found[1]
    bodies = Bodies.kept(columns)
    texts = [bodies.text(block, at) for block, size in enumerate(columns["sizes"].to_pylist()) for at in range(size)]
    return " ".join((*texts, *(str(column.to_pylist()) for column in columns.values()))).casefold()
