"""What is looked at and what is not: leaving something out changes no answer, it only comes sooner."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connectors import _resources
from hub.matching import Matching, model, query
from hub.matching.groups import Group
from hub.matching.memory import MemoryIndex
from hub.matching.names import NameForm, is_initial
from hub.person import Held, Verdict
from tests.bench.registers import registers
from tests.hub.held import held, refs

NO_IDENTIFIER = {"", "differ"}


class _OfMany(MemoryIndex):
    """An index that says of a few entries that they are many, so that only rare names and telling traits count."""

    many = 1_000_000

    @property
    def size(self) -> int:
        return self.many


class _Thorough(_OfMany):
    """Looks at everybody with a word of the name or a trait in common, whatever it can come to."""

    def _without_identifier(self, number: int) -> set[int]:
        item, limit = self[number], model.bare_limit(self.size)
        found = self.meeting(item, item.traits)
        if self.rarity(number) <= limit:
            found |= {other for other in self.named(item.forms) if self.rarity(other) <= limit}
        return found


def _made(count: int) -> list[Held]:
    return [made.held for made in registers(count, seed=5)]


@pytest.mark.parametrize("many", [800, 30_000, 1_000_000])
def test_what_is_not_looked_at_is_nothing(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No question is lost because the traits and names that could not make one were not looked for."""
    monkeypatch.setattr(_OfMany, "many", many)
    made = _made(800)
    some, all_of_them = (Matching(kind(made, "FI"), "FI").everybody() for kind in (_OfMany, _Thorough))
    assert some == all_of_them
    assert any(member.verdict is Verdict.POSSIBLE for person in some for member in person.members)


@pytest.mark.parametrize("many", [800, 30_000, 1_000_000])
def test_how_common_a_name_is_is_told_as_if_all_its_bearers_were_looked_at(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though few are, and nobody where it makes no difference."""
    monkeypatch.setattr(_OfMany, "many", many)
    index, figures = _OfMany(_made(800), "FI"), model.settings()

    def thoroughly(form: NameForm) -> int:
        words = [None if is_initial(word) else index.bearers(word) for word in form.words]
        bearers = index.called(form.key)
        looks = len({index[number].look for number in bearers}) if len(bearers) <= figures["throng"] else len(bearers)
        return model.rarity_of(words, len(bearers), min(looks, int(figures["most"])), many)

    full = [form for number in index for form in index[number].forms if len(form.words) > 1]
    assert [index._rarity(form) for form in full] == [thoroughly(form) for form in full]
    assert any(len(index.called(form.key)) > figures["usual"] for form in full)


def test_a_verdict_without_identifier_takes_weight() -> None:
    """`model.may_matter` knows only the weights: no line of the model may ask or link without an identifier or a birthday."""
    table = _resources.table("matching.toml")
    for line in (*table["ask"], *table["link"]):
        told = {name: set(levels) for name, levels in line.items() if name in {"email", "phone", "customer_number"}}
        assert any(not levels & NO_IDENTIFIER for levels in told.values()) or "birthday" in line


def _family(count: int) -> list[Held]:
    return [
        held(f"{number:03}", name=f"Maija Virta{'nen' * (number % 2)}", email=f"m{number}@x.example") for number in range(count)
    ]


def test_of_many_persons_nobody_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few are looked at at once, everybody who is meant comes, each once."""
    entries = _family(25)
    whole = Matching(MemoryIndex(entries, "FI"), "FI").find("Maija V")
    assert len(whole) == 25
    monkeypatch.setattr(query, "WIDE", 4)
    in_pieces = Matching(MemoryIndex(entries, "FI"), "FI").find("Maija V")
    assert sorted(person.handle for person in in_pieces) == sorted(person.handle for person in whole)


def test_of_many_the_whole_name_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who bears just that name is not hidden behind hundreds who bear it among others."""
    monkeypatch.setattr(query, "WIDE", 4)
    entries = [*_family(25), held("z", name="Maija")]
    assert refs(Matching(MemoryIndex(entries, "FI"), "FI").find("maija")[0]) == {"z"}


def test_persons_are_judged_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first persons of many cost no more than themselves; then the answer is as any sequence."""
    judged: list[frozenset[int]] = []
    matching = Matching(MemoryIndex(_family(12), "FI"), "FI")
    possible = matching._grouping.possible

    def counted(group: Group) -> dict[int, list[tuple[int, object]]]:
        judged.append(group.entries)
        return possible(group)  # type: ignore[return-value]  # only passed on

    monkeypatch.setattr(matching._grouping, "possible", counted)
    persons = matching.find("Maija")
    assert persons
    first: Sequence[object] = persons[:3]
    assert (len(first), len(judged)) == (3, 3)
    assert persons[0] is first[0]
    assert persons[-1] == tuple(persons)[11]
    assert persons[2:-8] == tuple(persons)[2:4]
    assert (len(persons), len(judged)) == (12, 12)
    with pytest.raises(IndexError):
        persons[12]


def test_an_initial_begins_another_word_than_the_name() -> None:
    """Asked for "M. Maija", not every Maija is meant because her own name begins with an M."""
    entries = [held("1", name="Maija Koski"), held("2", name="Maija Mäki"), held("3", name="Maija M.")]
    assert [refs(person) for person in Matching(MemoryIndex(entries, "FI"), "FI").find("M. Maija")] == [{"3"}, {"2"}]
