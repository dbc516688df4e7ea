"""Marketing: a customer, or who objected, stands in a group, a list, a sheet or a column that is for marketing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from connectors.entry import Entry
from connectors.phrase import Phrase
from hub.normalise import fold, wordlist
from hub.normalise.wordlist import WordList
from hub.permissions.act import MARKETING, Act
from hub.person import Held, Person
from hub.report.finding import Family, Finding, Night, Place, brief, mark, own_links, where

_COLUMNS = frozenset({"other", "note"})
"""Kinds of what stands in a column that only says yes or since when."""


class Marketing(Family):
    """By what `Lists` knows; a consent that was written down makes it right, an objection makes it an error."""

    def __init__(self, night: Night) -> None:
        super().__init__(night)
        self._lists = Lists()

    def about(self, person: Person) -> Iterator[Finding]:
        """One finding for each group or list that holds somebody who objected, or a customer who did not agree to it."""
        customer = self.night.is_customer(person)
        if not customer and not self.night.acts.acts:
            return
        standing = self.night.acts.of(person)
        objection = standing.objects(MARKETING)
        if not objection and (not customer or standing.agrees(MARKETING)):
            return
        told: set[tuple[str, str]] = set()
        for member in own_links(person):
            held = member.held
            for group in self._lists.of(held.source, held.entry, self._joined(held.source, held.entry)):
                if (held.source, group) not in told:
                    told.add((held.source, group))
                    yield self._finding(person, held, group, objection)

    def _joined(self, source: str, entry: Entry) -> Iterator[str]:
        if source in self.night.registers:
            yield from naming(self.night.registers[source].groups, entry)

    def _finding(self, person: Person, held: Held, group: str, objection: Act | None) -> Finding:
        place = Place.of(held)
        name, list_, at = brief(person.name), brief(group), where([place])
        if objection:
            what = Phrase("{person} objected to marketing and stands in “{group}”: {places}", person=name, group=list_, places=at)
            proposal = Phrase("Take the person out of it now: whoever objects to marketing gets none.")
        else:
            what = Phrase("{person} is a customer and stands in “{group}”: {places}", person=name, group=list_, places=at)
            proposal = Phrase("Take the person out of it, unless they asked for marketing and you can show when.")
        return Finding(
            kind="marketing",
            severity="error" if objection else "warning",
            person=person.handle,
            entries=(place,),
            id=self.night.id("marketing", mark(held), fold(group), *(("objected",) if objection else ())),
            what=what,
            proposal=proposal,
        )


def naming(groups: Mapping[str, frozenset[str]], entry: Entry) -> Iterator[str]:
    """The groups and lists of a source, as `Connector.groups` tells them, that name an entry: it does not say so itself."""
    return (name for name, refs in groups.items() if entry.ref in refs)


class Lists:
    """What is for marketing, by the words of `config/report.toml`."""

    def __init__(self) -> None:
        table = wordlist.table()["marketing"]
        self._words = WordList(table["words"])
        self._unless = WordList(table["unless"])
        self._labels = frozenset(table["labels"])
        self._no = frozenset(table["no"])

    def of(self, source: str, entry: Entry, joined: Iterable[str] = ()) -> Iterator[str]:
        """The names of what is for marketing and holds this entry; `joined` are groups that name it, though it does not say so."""
        names = [source, *_texts(entry.locator), *joined]
        for item in entry.fields:
            if fold(item.label).strip(" :") in self._labels:
                # A vCard names all its categories in one value.
                names += [part.strip() for part in item.value.split(",")]
            elif item.label and item.kind in _COLUMNS and fold(item.value) not in self._no and not self._unless.met(item.value):
                names.append(item.label)
        yield from dict.fromkeys(name for name in names if self._words.met(name) and not self._unless.met(name))


def _texts(locator: Phrase) -> Iterator[str]:
    """The names in a locator: of a sheet, a book, a list."""
    for value in locator.values.values():
        if isinstance(value, Phrase):
            yield from _texts(value)
        elif isinstance(value, str):
            yield value
