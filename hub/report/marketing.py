"""Marketing: a customer stands in a group, a list, a sheet or a column that is for marketing."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.entry import Entry
from connectors.phrase import Phrase
from hub.normalise import fold
from hub.person import Person
from hub.report import wordlist
from hub.report.finding import Family, Finding, Night, Place, brief, mark, own_links, where
from hub.report.wordlist import WordList

_COLUMNS = frozenset({"other", "note"})
"""Kinds of what stands in a column that only says yes or since when."""


class Marketing(Family):
    """By the words of `config/report.toml`."""

    def __init__(self, night: Night) -> None:
        super().__init__(night)
        table = wordlist.table()["marketing"]
        self._words = WordList(table["words"])
        self._unless = WordList(table["unless"])
        self._labels = frozenset(table["labels"])
        self._no = frozenset(table["no"])

    def about(self, person: Person) -> Iterator[Finding]:
        """One finding for each group or list that holds a customer."""
        if not self.night.is_customer(person):
            return
        told: set[tuple[str, str]] = set()
        for member in own_links(person):
            held = member.held
            for group in self._groups(held.source, held.entry):
                if (held.source, group) in told:
                    continue
                told.add((held.source, group))
                yield Finding(
                    kind="marketing",
                    severity="warning",
                    person=person.handle,
                    entries=(Place.of(held),),
                    id=self.night.id("marketing", mark(held), fold(group)),
                    what=Phrase(
                        "{person} is a customer and stands in “{group}”: {places}",
                        person=brief(person.name),
                        group=brief(group),
                        places=where([Place.of(held)]),
                    ),
                    proposal=Phrase("Take the person out of it, unless they asked for marketing and you can show when."),
                )

    def _groups(self, source: str, entry: Entry) -> Iterator[str]:
        """The names of what is for marketing and holds this entry."""
        names = [source, *_texts(entry.locator), *self._joined(source, entry)]
        for item in entry.fields:
            if fold(item.label).strip(" :") in self._labels:
                # A vCard names all its categories in one value.
                names += [part.strip() for part in item.value.split(",")]
            elif item.label and item.kind in _COLUMNS and fold(item.value) not in self._no and not self._unless.met(item.value):
                names.append(item.label)
        yield from dict.fromkeys(name for name in names if self._words.met(name) and not self._unless.met(name))

    def _joined(self, source: str, entry: Entry) -> Iterator[str]:
        """The groups and lists of the source that name the entry: it does not say so itself."""
        if source in self.night.registers:
            groups = self.night.registers[source].groups
            yield from (name for name, refs in groups.items() if entry.ref in refs)


def _texts(locator: Phrase) -> Iterator[str]:
    """The names in a locator: of a sheet, a book, a list."""
    for value in locator.values.values():
        if isinstance(value, Phrase):
            yield from _texts(value)
        elif isinstance(value, str):
            yield value
