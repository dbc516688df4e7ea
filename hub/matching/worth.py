"""Which traits two entries must have in common, at the least, to be worth a look when they share no identifier. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection

from connectors._values import dataclass
from hub.matching import model
from hub.matching.facts import Facts


@dataclass(frozen=True, slots=True)
class Worth:
    """What an entry's name and traits can come to; `is_few` says whether only a few entries have a trait."""

    facts: Facts
    rarity: int
    size: int
    is_few: Callable[[str], bool]

    def matters(self, traits: Collection[str], name: str = "", rarity: int = model.RAREST[0]) -> bool:
        """Whether an entry with no more than these traits in common may get any verdict.

        If its name, which is no rarer than this, comes to this level, or else to the best.
        """
        if len(traits) > 1 and not self.facts.born.isdisjoint(traits):
            return True
        born, rarest = bool(self.facts.birthdays), max(self.rarity, rarity)
        return model.may_matter(rarest, self._support(traits), self.size, born=born, name=name)

    def telling(self, traits: Collection[str]) -> list[str]:
        """The fewest of these traits such that an entry with only the others in common is not worth a look."""
        ordered = sorted(traits, key=lambda trait: (-self._support([trait]), trait))
        if self.facts.birthdays:
            return ordered
        fewest = next((count for count in range(len(ordered)) if not self.matters(ordered[count:])), len(ordered))
        return ordered[:fewest]

    def helpful(self, traits: Collection[str]) -> list[str]:
        """Those of these traits that, in common, speak for one person at all."""
        return sorted(trait for trait in traits if self._support([trait]) > 0)

    def _support(self, traits: Collection[str]) -> float:
        """The most bits that these traits speak for one person, if an entry has them all."""
        best = {"company": 0.0, "address": 0.0, "birthday": self._bits("birthday", "near") if self.facts.birthdays else 0.0}
        for trait in traits:
            comparison, *levels = self._levels(trait)
            best[comparison] = max(best[comparison], *(self._bits(comparison, level) for level in levels))
        return sum(best.values())

    def _levels(self, trait: str) -> tuple[str, ...]:
        """A comparison, and the levels it may come to by this trait."""
        kind = trait.partition(":")[0]
        street = ("street", "mistyped") if self.facts.streets else ()
        if kind == "born":
            return "birthday", "same"
        if kind == "postcode":
            return "address", "postcode", *street
        few = self.is_few(trait)
        if kind == "city":
            return "address", "town" if few else "city", *street
        if kind == "address":
            return "address", "same" if few else "many", "elsewhere"
        return "company", "few" if few else "many"

    def _bits(self, comparison: str, level: str) -> float:
        return model.bits(comparison, level, self.size)
