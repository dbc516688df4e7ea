"""What weighs how much: many entries of one name, a home, what a family shares, and how bold a register may be."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hub.matching import in_memory, model
from hub.matching.engine import Engine
from hub.matching.evidence import name_level
from hub.matching.facts import Facts
from hub.matching.memory import MemoryIndex
from hub.matching.model import Levels
from hub.person import Held, Verdict
from tests.bench.registers import registers
from tests.hub.held import held, refs, verdict

NAME = "Aatos Harvinainenvaara"
CROWD = [made.held for made in registers(3_000, 3)]


def _rarity(entries: Sequence[Held]) -> int:
    """The rarity of the name among as many entries, whoever the others are."""
    index = MemoryIndex([*CROWD[len(entries) :], *entries], "FI")
    (number, *_) = index.with_ref("z0")
    return index.rarity(number)


def _entries(count: int, *, alike: bool) -> list[Held]:
    return [held(f"z{number}", name=NAME, address=f"Kotikatu {1 if alike else number + 1}") for number in range(count)]


def test_many_bills_of_one_customer_make_no_crowd() -> None:
    """Entries that say the same beside the name are counted once: a name is as rare as if there were one of them."""
    assert _rarity(_entries(40, alike=True)) == _rarity(_entries(1, alike=True))


def test_a_name_of_many_different_entries_is_several_peoples() -> None:
    """One person has few entries that differ: each one more makes the name less telling, up to a point."""
    few, some, many, throng = (_rarity(_entries(count, alike=False)) for count in (3, 4, 6, 40))
    assert few == _rarity(_entries(1, alike=False))
    assert few < some < many
    assert many == throng
    assert _rarity(_entries(250, alike=True)) == many, "so many are not looked at"


@pytest.mark.parametrize("expected", [0.001, 1.0, 500.0])
def test_strangers_are_never_more_than_there_are(expected: float) -> None:
    """However many looks a name has, no more strangers bear it than these; a common name stays as common as it was."""
    size = 100_000
    bearers = round(expected * size**0.5) if expected > 1 else 0
    words = [bearers, bearers]
    alone, crowded = (model.rarity_of(words, 0, looks, size) for looks in (1, 6))
    assert alone <= crowded <= max(alone, model.rounded(6.0))


@pytest.mark.parametrize("address", ["same", "mistyped"])
def test_a_home_weighs_no_more_than_father_and_son_may_have_in_common(address: str) -> None:
    """A rare name at one address is a question; with a phone or e-mail that differs, not among thousands."""
    at_home = Levels("same", model.RAREST[0], address=address)
    for size in (1_000, 20_000, 100_000):
        assert model.strength(at_home, size) == model.settings()["home"]
        assert model.verdict(at_home, size) is Verdict.POSSIBLE
        assert model.verdict(at_home._replace(phone="differ"), size) is None
    assert model.verdict(at_home._replace(phone="differ"), 80) is Verdict.POSSIBLE


@pytest.mark.parametrize(
    "shared", [Levels("same", 0, address="same"), Levels("same", 0, company="few"), Levels("same", 0, email="shared")]
)
def test_a_common_name_takes_nothing_from_the_ceiling(shared: Levels) -> None:
    """That many bear a name makes chance more likely. That they are father and son is as likely as with a rare one."""
    rare, common, most_common = (shared._replace(rarity=rarity) for rarity in (-5, 4, model.RAREST[1]))
    size = 100_000
    assert model.strength(rare, size) == model.strength(common, size)
    assert model.verdict(common, size) is Verdict.POSSIBLE
    assert model.strength(most_common, size) < model.strength(common, size), "there is that much to take away"
    assert model.verdict(Levels("same", 4), size) is None


def test_what_a_common_name_may_come_to_is_looked_for() -> None:
    """Only beside what few have: a postcode does not outweigh that hundreds bear it."""
    size = 100_000
    few, postcode = model.bits("company", "few", size), model.bits("address", "postcode", size)
    assert model.may_matter(8, few, size, born=False)
    assert not model.may_matter(8, postcode, size, born=False)


def test_what_a_family_or_company_shares_counts_once() -> None:
    """Who uses the mailbox of a family has its phone, too, and lives there; who works at a company has its switchboard."""
    for shared in (Levels("unclear", 0, email="shared"), Levels("unclear", 0, phone="shared")):
        both, at_work, near = (
            shared._replace(email="shared", phone="shared"),
            shared._replace(company="many"),
            shared._replace(address="postcode"),
        )
        assert {model.strength(levels, 5_000) for levels in (both, at_work, near)} == {model.strength(shared, 5_000)}
        at_home = shared._replace(address="same")
        assert model.strength(at_home, 5_000) == model.strength(at_home._replace(email="", phone=""), 5_000)


def test_the_greater_the_registers_the_bolder_the_questions() -> None:
    """A human is asked from fewer bits on among many entries, and among very few."""
    limits = [model.enough(size) for size in (300, 3_000, 30_000, 300_000)]
    assert limits == sorted(limits, reverse=True)
    assert model.enough(100) < model.enough(300)


def _asked(one: dict[str, str], other: dict[str, str], *more: Held) -> bool:
    entries = [held("one", **one), held("other", **other), *more]
    persons = in_memory([*entries, *CROWD], "FI").everybody()
    (person,) = (person for person in persons if "one" in refs(person))
    return "other" in refs(person, Verdict.POSSIBLE)


def test_a_family_mailbox_with_another_phone_is_somebody_else_of_the_family() -> None:
    """A nameless entry is a question for who shares its mailbox, unless it has a phone and hers is another."""
    mailbox = {"email": "perhe@koti.example"}
    matti = held("matti", name="Matti Virtanen", **mailbox)
    maija = {"name": "Maija Virtanen", "phone": "044 123 4567", **mailbox}
    assert _asked(maija, mailbox, matti)
    assert not _asked(maija, {**mailbox, "phone": "050 123 4567"}, matti)


@pytest.mark.parametrize(
    ("own", "name"),
    [
        ({"email": "helena.ruokoski@posti.example"}, "Helna Rukoski"),
        ({"phone": "044 123 4567"}, "Helna Rukoski"),
        ({"customer_number": "4711"}, "Helena Ruokski"),
        ({"customer_number": "4711"}, "Hellu Ruokoski"),
    ],
)
def test_a_name_full_of_slips_is_hers_beside_what_is_her_own(own: dict[str, str], name: str) -> None:
    """Nobody of another name uses it; without it nothing is put together."""
    assert verdict({"name": "Helena Ruokoski", **own}, {"name": name, **own}, *CROWD) is Verdict.LINK
    assert verdict({"name": "Helena Ruokoski", **own}, {"name": name}, *CROWD) is not Verdict.LINK


COLLEAGUES = [
    held("boss", name="Liisa Pomonen", company="Firma Oy", email="info@firma.example"),
    held("maija", name="Maija Harvinainenvaara", company="Firma Oy", email="info@firma.example"),
    held("info", email="info@firma.example"),
    held("both", email=["info@firma.example", "maija@firma.example"], phone="09 4245 0011"),
    held("line", name="Maija Harvinainenvaara", phone="09 4245 0011"),
]


def test_a_mailbox_of_a_company_without_a_name_is_nobodys() -> None:
    """No question for each who works there; with an e-mail of somebody's own beside it, it is an entry without a name."""
    info, both, maija = (Facts(held, "FI") for held in (COLLEAGUES[2], COLLEAGUES[3], COLLEAGUES[1]))
    assert (name_level(info, maija), name_level(both, maija)) == ("firm", "nameless")
    everybody = in_memory([*COLLEAGUES, *CROWD], "FI").everybody()
    assert [refs(person) for person in everybody if refs(person) & {"info"}] == [{"info"}]
    assert not any("info" in refs(person, Verdict.POSSIBLE) for person in everybody)


def test_all_evaluators_know_the_mailbox_of_a_company() -> None:
    """On columns, and by Splink."""
    entries = [*COLLEAGUES, *CROWD[:200]]
    pure = in_memory(entries, "FI").everybody(Engine(entries=len(entries) + 1))
    for engine in (Engine(entries=0), Engine("duckdb", entries=0)):
        assert in_memory(entries, "FI").everybody(engine) == pure


def test_born_on_another_day_and_living_elsewhere_is_a_namesake() -> None:
    """Even with a rare name; at one address they may be two of a family, or a birthday mistyped."""
    one = {"name": NAME, "birthday": "1.2.1950"}
    other = {"name": NAME, "birthday": "5.6.1980"}
    here, there = {"address": "Kotikatu 5", "city": "Turku"}, {"address": "Rantatie 7", "city": "Oulu"}
    assert not _asked({**one, **here}, {**other, **there})
    assert _asked({**one, **here}, {**other, **here})
