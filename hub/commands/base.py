"""What every command needs: its arguments, the configuration, the two screens, and whom it is about."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from connectors._values import dataclass, field
from connectors.errors import StateError, UsageError
from connectors.phrase import Phrase
from hub import mirror
from hub.language import Language
from hub.person import Member, Person
from hub.render import json as documents
from hub.render.screen import Screen, Ticker, console
from hub.search.gathered import Gathered, Key
from hub.search.glance import Glance
from hub.search.refresh import gathering
from hub.store import decisions as recorded

if TYPE_CHECKING:
    from datetime import date

    from connectors.contract import Connector
    from hub.config import Config
    from hub.law import Law
    from hub.ledger import Ledger, Line
    from hub.store.packages import Packages

WORST_FIRST = (1, 2, 5, 3, 4, 0)
"""Which exit code wins when several apply."""


@dataclass(slots=True)
class Run:
    """One command being run: its arguments, the configuration, and where it speaks."""

    options: argparse.Namespace = field(repr=False)
    glance: Glance
    language: Language
    stack: ExitStack = field(default_factory=ExitStack)
    """What is closed when the command ends."""

    @property
    def config(self) -> Config:
        """The whole configuration. Raises `ConfigError`."""
        return self.glance.config

    @property
    def screen(self) -> Screen:
        """Where results go."""
        return console(sys.stdout, self.language)

    @property
    def today(self) -> date:
        """The day it is in the controller's country."""
        from datetime import UTC, datetime

        from hub.law import calendar

        return calendar.today(datetime.now(UTC), self.config.controller.country)

    @property
    def law(self) -> Law:
        """The law that the controller is under today."""
        return self.config.law(self.today)

    def due(self, item: Line) -> date:
        """The last day for the answer to a request."""
        from hub.ledger import life

        return life.due(item, self.glance.region)

    def sources(self, only: Sequence[str] = ()) -> list[Connector]:
        """The configured sources, or those named with --source."""
        from hub.search.sources import open_sources

        return open_sources(self.config, only or self.options.source)

    @property
    def able(self) -> frozenset[str]:
        """The sources that can put back what was erased from them."""
        from connectors.registry import connector_class

        able = {source.name for source in self.config.sources if connector_class(source.kind).features.restore}
        return frozenset({*able, self.packages.name})

    @property
    def packages(self) -> Packages:
        """The access packages that were written and may still lie somewhere."""
        from hub.store.packages import Packages

        return Packages(self.config.state)

    @property
    def correctable(self) -> frozenset[str]:
        """The sources in which a program can put a value right."""
        from connectors.registry import connector_class

        return frozenset(source.name for source in self.config.sources if connector_class(source.kind).features.rectify)

    @property
    def spreading(self) -> frozenset[str]:
        """The sources in which an erase may reach places that no plan shows."""
        from connectors.registry import connector_class

        return frozenset(source.name for source in self.config.sources if connector_class(source.kind).features.spreads)

    @contextmanager
    def book(self) -> Iterator[Ledger]:
        """The ledger; every window in which something could be put back and that is over is closed first."""
        from hub import ledger
        from hub.erase import undo

        with ledger.opened(self.glance.state) as book:
            undo.close_windows(book, self.glance.state, undo.today())
            yield book

    def gather(self, only: Sequence[str] = (), known: Sequence[Member] = (), *, columns: bool = False) -> Gathered:
        """Ask the sources, all or those named, with a progress bar when it takes long; a mirror tells their `columns`, too.

        Where one is silent, what it said before stands in: from the mirror, or from the entries `known` otherwise.
        """
        gathered = self._gather(only, known, columns=columns)
        if (self.glance.state / recorded.FILE).exists():
            from hub.search.tending import followed

            if followed(self.glance, gathered):
                self.stack.close()
                return self._gather(only, known, columns=columns)
        return gathered

    def _gather(self, only: Sequence[str], known: Sequence[Member], *, columns: bool) -> Gathered:
        names = list(only or self.options.source)
        with self.progress() as tick:
            if self.glance.mirror:
                asked = [] if only and {*names} == {source.name for source in self.config.sources} else names
                try:
                    return self.stack.enter_context(gathering(self.glance, asked, tick, columns=columns))
                except StateError as error:
                    self.talk.line(Phrase("{problem} All sources are read without the mirror now.", problem=error.message))
            else:
                mirror.remove(self.config.state)  # of an earlier configuration: nobody reads it, and no erase reaches it
            from hub.search.sources import gather_around

            decided = recorded.load(self.config.state)
            return gather_around(self.sources(names), self.config.region, known, tick, decided)

    @property
    def talk(self) -> Screen:
        """Where hints, questions and progress go."""
        return console(sys.stderr, self.language)

    def progress(self) -> Ticker:
        """A bar on stderr when something takes over a second, for somebody who sits at a terminal."""
        return Ticker(self.talk, quiet=self.options.quiet)

    def show_json(self, document: documents.Document) -> None:
        """Print a document on stdout."""
        print(documents.dumps(document))


def worst(*codes: int) -> int:
    """The exit code that wins."""
    return min(codes, key=WORST_FIRST.index)


def answered(gathered: Gathered) -> int:
    """The exit code of a question: 0 when every source told all, 3 when not, 1 when a connector broke."""
    return 1 if gathered.fault else 0 if gathered.complete else 3


def meant(run: Run, gathered: Gathered, *, of_entry: bool = False) -> tuple[Person, ...]:
    """The persons that WHO or --person means; `of_entry`: the handle may be that of an entry, as a left-over is told by."""
    if run.options.person:
        return (gathered.person(run.options.person, of_entry=of_entry),)
    found = gathered.matching.find(query(run))
    ruled_out = set(gathered.keys(getattr(run.options, "exclude", ())))
    _require_one_word(ruled_out, gathered.keys(getattr(run.options, "include", ())) if ruled_out else ())
    return tuple(person for person in found if not {member.held.key for member in person.links} <= ruled_out)


def past_day(run: Run, option: str, said: str) -> date | None:
    """The day that an option names, None when it is left out. Raises `UsageError` for what is no day, or one to come."""
    from hub.law.days import read_day

    day = read_day(said) if said else None
    if said and (day is None or day > run.today):
        raise UsageError(
            Phrase("{option} must be a day that has been.", option=option), Phrase("Write it as 2026-01-15 or 15.1.2026.")
        )
    return day


def query(run: Run) -> str:
    """WHO, several words being one query."""
    return " ".join(run.options.who)


def show_persons(run: Run, gathered: Gathered, persons: Sequence[Person]) -> None:
    """Show who was found and what did not answer."""
    if run.options.json:
        run.show_json(documents.find_document(query(run), gathered.answers, persons))
    else:
        from hub.render import text

        text.find(run.screen, gathered.answers, persons)


def one_person(run: Run, gathered: Gathered) -> tuple[Person | None, int]:
    """The one person that is meant; else, after showing the list, None and the exit code."""
    persons = meant(run, gathered)
    if len(persons) == 1:
        return persons[0], 0
    show_persons(run, gathered, persons)
    if persons and run.options.json:
        from hub.render import text

        text.choose(run.talk, persons)
    return None, worst(answered(gathered), 4 if persons else 0)


def decisions(run: Run, gathered: Gathered, person: Person) -> tuple[tuple[Key, ...], tuple[Key, ...]]:
    """What --include and --exclude name. Raises `UsageError` when both name the same entry."""
    include, exclude = gathered.keys(run.options.include, person), gathered.keys(run.options.exclude, person)
    _require_one_word(include, exclude)
    return include, exclude


def _require_one_word(these: Iterable[Key], those: Iterable[Key]) -> None:
    if both := {*these} & {*those}:
        raise UsageError(
            Phrase("--include and --exclude name the same entry: {refs}", refs=", ".join(sorted(ref for _, ref in both))),
            Phrase("Say one of them: is the entry of this person, or of somebody else?"),
        )
