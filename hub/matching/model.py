"""The evidence model: how much each level of each comparison weighs, and what the weight decides. Pure; data in `config/`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from math import inf, log2
from typing import Any

from connectors import _resources
from connectors._values import NamedTuple
from hub.person import Verdict


class Levels(NamedTuple):
    """How two entries compare: a level for each comparison, "" where one of them says nothing.

    `rarity` is the power of two nearest to the expected number of namesakes of the more common of their two names.
    """

    name: str
    rarity: int
    email: str = ""
    phone: str = ""
    customer_number: str = ""
    company: str = ""
    address: str = ""
    birthday: str = ""

    def filled(self, known: Mapping[str, str]) -> Levels:
        """The same with these levels where nothing was said."""
        if not known:
            return self
        told = self._asdict()
        return Levels(**told | {name: level for name, level in known.items() if not told[name]})


RAREST = (-12, 12)
"""The span of `rarity`: rarer or more common makes no difference."""

HOME = ("same", "mistyped")
"""Levels of addresses at which father and son may live."""


def are_at_one_desk(levels: Levels) -> bool:
    """Whether one name at one address of one small company is all that speaks for one person."""
    told = {levels.email, levels.phone, levels.customer_number, levels.birthday}
    return (levels.name, levels.company, levels.address) == ("same", "few", "same") and told <= {"", "shared"}


COMPARISONS = tuple(name for name in Levels._fields if name != "rarity")


def settings() -> Mapping[str, Any]:
    """The figures of the model."""
    model: dict[str, Any] = _resources.table("matching.toml")["model"]
    return model


@lru_cache(maxsize=100_000)
def weight(levels: Levels, size: int) -> float:
    """How strongly the comparisons together speak for one person, in bits: the logarithm of the odds."""
    return prior(size) + sum(_bits_of(levels, size))


def _bits_of(levels: Levels, size: int) -> list[float]:
    return [*(bits(name, getattr(levels, name), size) for name in COMPARISONS), rarity_bits(levels)]


@lru_cache(maxsize=100_000)
def strength(levels: Levels, size: int) -> float:
    """The weight, but without an identifier no more than the ceiling and what speaks against it.

    That many bear a name counts below the ceiling: it makes chance more likely, and not father and son.
    """
    if _identified(levels):
        return weight(levels, size)
    born = min(0.0, bits("birthday", levels.birthday, size))
    speaking, against = _sides(levels, size)
    return min(prior(size) + born + speaking + rarity_bits(levels), _ceiling(levels)) + against - born


def _sides(levels: Levels, size: int) -> tuple[float, float]:
    """All that speaks for one person but for the rarity of the name, and all that speaks against it.

    What one household or company shares counts once: who has its mailbox has its phone, too, and lives or works there.
    """
    told = {name: bits(name, getattr(levels, name), size) for name in COMPARISONS}
    shared = max((told.pop(kind) for kind in ("email", "phone") if getattr(levels, kind) in ("shared", "family")), default=0.0)
    place = sum(told.pop(kind) for kind in ("company", "address") if told[kind] > 0)
    speaking = sum(item for item in told.values() if item > 0)
    return speaking + max(shared, place), sum(item for item in told.values() if item < 0)


def _ceiling(levels: Levels) -> float:
    """How much all that speaks for one person may weigh at most, without an identifier."""
    return float(settings()["home" if levels.address in HOME else "ceiling"])


def _identified(levels: Levels) -> bool:
    """Whether anything speaks for one person that father and son would not have in common by living together."""
    return "own" in (levels.email, levels.phone, levels.customer_number) or levels.phone == "line" or levels.birthday == "same"


@cache
def prior(size: int) -> float:
    """The logarithm of the odds that two entries drawn at random are of one person."""
    return log2(settings()["others"] / counted(size))


@cache
def bits(comparison: str, level: str, size: int) -> float:
    """How much one level weighs among so many entries; 0 where it says nothing."""
    figures = levels_of(comparison).get(level)
    return log2(figures["m"] / chance(figures, size)) if figures else 0.0


def rarity_bits(levels: Levels) -> float:
    """What the rarity of a name adds to a level that namesakes share: each halving of their number one bit."""
    return float(-levels.rarity) if "namesakes" in levels_of("name").get(levels.name, ()) else 0.0


def levels_of(comparison: str) -> Mapping[str, Mapping[str, float]]:
    """The levels of a comparison with their figures."""
    found: dict[str, dict[str, float]] = _resources.table("matching.toml")["levels"][comparison]
    return found


def chance(figures: Mapping[str, float], size: int) -> float:
    """The share of all pairs of strangers that are so; of namesakes, if one entry had such a name."""
    return figures["u"] if "u" in figures else figures.get("strangers", figures.get("namesakes", 0.0)) / counted(size)


def counted(size: int) -> int:
    """The number of entries the model reckons with: a handful says too little of how common anything is."""
    return max(size, int(settings()["fewest"]))


@cache
def enough(size: int) -> float:
    """From how many bits on a human is asked."""
    figures = settings()
    doublings = log2(counted(size) / figures["small"])
    return float(figures["possible"] + figures["eager"] * min(0.0, doublings) - figures["bold"] * max(0.0, doublings))


@lru_cache(maxsize=100_000)
def verdict(levels: Levels, size: int) -> Verdict | None:
    """What is made of it: one person, a question, or nothing."""
    if _holds("never", levels):
        return None
    total = strength(levels, size)
    if total >= settings()["link"] and _holds("link", levels) and not _holds("doubt", levels):
        return Verdict.LINK
    if total >= enough(size) or _holds("ask", levels):
        return Verdict.POSSIBLE
    return None


@cache
def bare_limit(size: int) -> int:
    """The rarity up to which a name alone, or with a town in common, may be worth a question."""
    best = max(bits("name", level, size) for level in levels_of("name"))
    support = max(0.0, bits("address", "town", size), bits("address", "city", size))
    # A power of two more namesakes takes a bit away.
    return min(RAREST[1], int(prior(size) + best + support - enough(size)))


@lru_cache(maxsize=10_000)
def may_matter(rarity: int, support: float, size: int, *, born: bool, name: str = "") -> bool:
    """Whether two entries without an identifier in common can come to any verdict, if their names say this, or else the best.

    `rarity` is that of either, `support` the bits of all else that speaks for it, `born` whether a birthday may be among that.
    """
    limit = inf if born else float(settings()["ceiling"])
    named, other = _best_of_names(size, name)
    best = prior(size) + max(named - rarity, other) + support
    return min(best, limit) >= min(float(settings()["link"]), enough(size))


@cache
def alone_limit(size: int, *, born: bool) -> int:
    """The rarity up to which a name alone may come to any verdict; `born`: where both have birthdays, which may be nearly the same."""
    near = max(0.0, bits("birthday", "near", size)) if born else 0.0
    return max(
        (rarity for rarity in range(RAREST[0], RAREST[1] + 1) if may_matter(rarity, near, size, born=born)), default=RAREST[0] - 1
    )


@cache
def _best_of_names(size: int, only: str = "") -> tuple[float, float]:
    """The most that a level of the name weighs, or `only` this one: of those that namesakes share, and of the others."""
    levels = levels_of("name").items()
    telling, other = (
        [bits("name", level, size) for level, figures in levels if only in {"", level} and ("namesakes" in figures) is shared]
        for shared in (True, False)
    )
    return max(telling, default=0.0), max(other, default=0.0)


@cache
def _lines(kind: str) -> tuple[tuple[tuple[str, frozenset[str]], ...], ...]:
    lines: list[dict[str, list[str]]] = _resources.table("matching.toml")[kind]
    return tuple(tuple((name, frozenset(levels)) for name, levels in line.items()) for line in lines)


@cache
def is_hopeless(name: str) -> bool:
    """Whether names that relate so are of two people, whatever else they share."""
    return any(len(line) == 1 and line[0][0] == "name" and name in line[0][1] for line in _lines("never"))


def _holds(kind: str, levels: Levels) -> bool:
    return any(all(getattr(levels, name) in allowed for name, allowed in line) for line in _lines(kind))


def rarity_of(words: Iterable[int | None], namesakes: int, looks: int, size: int) -> int:
    """The power of two nearest to the expected number of entries of strangers that bear a name.

    `words` are the numbers of entries that bear each of its words, None for an initial; `namesakes` how many bear all
    of them, who say nothing about how common each word is. `looks` is how many of these differ from one another in more
    than the name, up to the most that `crowding` knows: one person has few, however many entries.
    """
    figures, entries = settings(), counted(size)
    expected = float(entries)
    for bearers in words:
        if bearers is None:
            expected *= figures["initial"]
        else:
            others = max(0, bearers - namesakes)
            expected *= (others + figures["trust"] * figures["common"]) / (entries + figures["trust"])
    return rounded(max(expected, min(expected * crowding()[looks], float(looks))))


@cache
def crowding() -> tuple[float, ...]:
    """How many times as many strangers of a name are expected where its entries have so many looks, but never more than these."""
    figures = settings()
    usual, more, most = int(figures["usual"]), float(figures["more"]), int(figures["most"])
    return tuple(more ** max(0, looks - usual) for looks in range(most + 1))


def rounded(expected: float) -> int:
    """The power of two nearest to a number of namesakes, within `RAREST`."""
    return min(RAREST[1], round(log2(max(expected, 2.0 ** RAREST[0]))))
