"""What the controller says about the data of a package, register by register; what was never said is named, not made up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.phrase import Phrase
from hub.config.settings import NOTICE, Notice, Words
from hub.fields import KINDS, field_name
from hub.language import Language
from hub.law import Rule
from hub.person import Person

TITLES = {
    "purposes": Phrase("What the data is used for"),
    "basis": Phrase("Legal basis"),
    "categories": Phrase("Which kinds of data"),
    "recipients": Phrase("Who receives the data"),
    "transfers": Phrase("Transfers outside the European Economic Area"),
    "retention": Phrase("How long it is kept"),
    "origin": Phrase("Where the data came from"),
    "automated": Phrase("Automated decisions and profiling"),
}
"""The topics in the order of Article 15(1). The rights (e) and the complaint (f) are the same for everybody and stand below them."""


@dataclass(frozen=True, slots=True)
class Said:
    """What holds of some registers, none named: of all that are in the package."""

    registers: tuple[str, ...]
    texts: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: what is said of it, and the registers of which nothing is said."""

    key: str
    title: str
    said: tuple[Said, ...]
    missing: tuple[str, ...]


def topics(
    person: Person, notice: Notice, rules: Mapping[str, Rule], language: Language, disclosed: Sequence[str] = ()
) -> tuple[Topic, ...]:
    """Every topic for the registers in which the person stands; `rules` are the owner's own on how long each keeps an entry.

    `disclosed` are those to whom data of this very person was given, as recorded.
    """
    teller = _Teller(notice, rules, language)
    kinds: dict[str, list[str]] = {}
    for member in person.links:
        kinds.setdefault(member.held.source, []).extend(item.kind for item in member.held.entry.fields)
    return tuple(teller.topic(key, kinds, disclosed if key == "recipients" else ()) for key in TITLES)


@dataclass(frozen=True)
class _Teller:
    """Says what is known of each topic, in one language."""

    notice: Notice
    rules: Mapping[str, Rule]
    language: Language

    def topic(self, key: str, kinds: Mapping[str, Sequence[str]], besides: Sequence[str]) -> Topic:
        """One topic; registers of which the same is said stand together."""
        by_register = {name: self._texts(key, name, kinds[name]) for name in kinds}
        groups: dict[tuple[str, ...], list[str]] = {}
        for name, texts in by_register.items():
            if texts:
                groups.setdefault(texts, []).append(name)
        said = [Said(tuple(names) if len(names) < len(kinds) else (), texts) for texts, names in groups.items()]
        said += [Said((), tuple(besides))] if besides else []
        missing = tuple(name for name, texts in by_register.items() if not texts)
        return Topic(key, self.language.say(TITLES[key]), tuple(said), missing)

    def _texts(self, key: str, register: str, kinds: Sequence[str]) -> tuple[str, ...]:
        if key not in NOTICE:
            found = [kind for kind in KINDS if kind in kinds]
            return (", ".join(self.language.say(field_name(kind)) for kind in found),)
        for words in (self.notice.get(register, {}).get(key), self.notice.get("", {}).get(key)):
            if words:
                return _in(words, self.language)
        rule = self.rules.get(register)
        if key != "retention" or rule is None:
            return ()
        said = Phrase(
            "{months} months from the latest day in the entry ({kind}): {why}",
            months=rule.months,
            kind=field_name(rule.since),
            why=rule.why,
        )
        return (self.language.say(said),)


def unsaid(told: Iterable[Topic]) -> list[Phrase]:
    """What hub.toml does not say, for the owner: a sentence for each group of registers that lack the same topics."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for topic in told:
        if topic.missing:
            groups.setdefault(topic.missing, []).append(topic.key)
    return [
        Phrase("Under [notice] hub.toml does not say of {registers}: {topics}", registers=list(registers), topics=topics)
        for registers, topics in groups.items()
    ]


def _in(words: Words, language: Language) -> tuple[str, ...]:
    """The words in a language; the controller's other ones are better than none."""
    return words.get(language.code) or words.get("") or next(iter(words.values()))
