"""What the sources answered: how complete each answer is, and who is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from connectors._values import dataclass, field
from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub.matching import Matching
from hub.person import Answer, Held, Person

if TYPE_CHECKING:
    from connectors.contract import Column

Key = tuple[str, str]
"""(source, ref) of an entry."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What all the asked sources answered: how complete each answer is, and who is in them."""

    answers: tuple[Answer, ...]
    matching: Matching = field(repr=False)
    columns: Mapping[str, Sequence[Column]] = field(default_factory=dict, repr=False)
    """The columns of sources, where they were asked for."""

    @property
    def complete(self) -> bool:
        """Whether every source that was asked told everything it holds."""
        return all(answer.state == "complete" for answer in self.answers)

    @property
    def answered(self) -> bool:
        """Whether every source listed all its records, even if single ones could not be read."""
        return all(answer.listed for answer in self.answers)

    @property
    def fault(self) -> bool:
        """Whether a connector broke."""
        return any(answer.fault for answer in self.answers)

    def person(self, handle: str, *, of_entry: bool = False) -> Person:
        """The person with this handle, or `of_entry` whom an entry belongs to that alone would give it.

        Raises `UsageError` when nobody has it (any more).
        """
        person = self.matching.person(handle) or (self.matching.person(handle, of_entry=True) if of_entry else None)
        if person is None:
            raise UsageError(
                Phrase("Nobody has the handle {handle} now.", handle=handle),
                Phrase("Run hub find again and take the handle it shows."),
            )
        return person

    def named(self, name: str) -> tuple[Held, ...]:
        """The entries that a search for a name finds, those that may be somebody's too."""
        return tuple(member.held for person in (self.matching.find(name) if name else ()) for member in person.members)

    def keys(self, refs: Sequence[str], person: Person | None = None) -> tuple[Key, ...]:
        """The entries that `--include` / `--exclude` name: REF, or SOURCE:REF where two sources use the same one.

        Of two entries with that ref the one meant is the person's. Raises `UsageError` when it is not just one.
        """
        hers = {member.held.key for member in person.members} if person else set()
        keys: list[Key] = []
        for ref in refs:
            source, _, rest = ref.partition(":")
            meant = {item.key for item in self.matching.with_ref(ref)}
            meant |= {item.key for item in self.matching.with_ref(rest) if item.source == source}
            meant = meant & hers or meant
            if not meant:
                raise UsageError(
                    Phrase("No entry has the ref {ref}.", ref=ref),
                    Phrase("Take it from what hub find shows now; an entry that changed may have another."),
                )
            if len(meant) > 1:
                raise UsageError(
                    Phrase("{count} entries have the ref {ref}.", ref=ref, count=len(meant)),
                    Phrase("Write SOURCE:REF, with the source of the one you mean."),
                )
            keys += meant
        return tuple(keys)
