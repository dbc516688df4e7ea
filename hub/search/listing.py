"""One source's listing, followed to its end: what came, what could not be read, and whether it can be believed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from connectors.entry import Cursor, Entry, Gone, Unreadable
from connectors.errors import HubError, not_given
from connectors.phrase import Phrase
from hub.person import Answer
from hub.search import Tick, silently

if TYPE_CHECKING:
    from connectors.contract import Connector


class Listing:
    """The entries of a source as they come; when they have come, what is to be thought of them. Iterate it once.

    No trouble of the source is raised: it stands in the answer.
    """

    def __init__(self, source: Connector, since: str = "", tick: Tick = silently) -> None:
        self._source = source
        self.since = since
        self._tick = tick
        self._reason: Phrase | None = None
        self._fault = False
        self.unreadable: list[Unreadable] = []
        self.cursor: Cursor | None = None
        self.entries = 0

    def __iter__(self) -> Iterator[Entry | Gone]:
        try:
            for item in self._source.entries(self.since or None):
                if isinstance(item, Entry):
                    self.entries += 1
                    self._tick(self._source.name)
                    yield item
                elif isinstance(item, Unreadable):
                    self.unreadable.append(item)
                elif isinstance(item, Cursor):
                    self.cursor = item
                else:
                    yield item
        except HubError as error:
            self._reason = error.told
        except OSError as error:
            self._reason = not_given(error)
        except Exception as error:  # noqa: BLE001  # one broken connector must not silence the other registers
            self._reason = _broken(self._source.name, error)
            self._fault = True
        self._reason = self._reason or self._shortfall()

    @property
    def listed(self) -> bool:
        """Whether it reached its end: every record was told, if only as unreadable."""
        return self._reason is None

    @property
    def restarted(self) -> bool:
        """Whether a delta was asked for and everything was listed all the same."""
        return bool(self.since and self.cursor and self.cursor.restarted)

    @property
    def whole(self) -> bool:
        """Whether everything was listed, so that what did not come is gone."""
        return self.listed and (not self.since or self.restarted)

    def answer(self) -> Answer:
        """`silent` when nothing came, `partial` when it broke off or a record was unreadable."""
        return Answer(
            source=self._source.name,
            kind=self._source.kind,
            state=self._state(),
            entries=self.entries,
            unreadable=tuple(self.unreadable),
            as_of=self.cursor.as_of if self.cursor else "",
            reason=self._reason or self._count(),
            warnings=self.cursor.warnings if self.cursor else (),
            fault=self._fault,
            listed=self.listed,
        )

    def _state(self) -> Literal["complete", "partial", "silent"]:
        if not self.listed:
            return "partial" if self.entries or self.unreadable else "silent"
        return "partial" if self.unreadable else "complete"

    def _shortfall(self) -> Phrase | None:
        """Why a listing that raised nothing is not to be believed all the same."""
        if self.cursor is None:
            return Phrase("the listing broke off before its end; run the command again")
        told, got = self.cursor.entries + self.cursor.unreadable, self.entries + len(self.unreadable)
        if (self.cursor.entries, self.cursor.unreadable) != (self.entries, len(self.unreadable)):
            return Phrase("it counts {told} records but gave {got}", told=told, got=got)
        return None

    def _count(self) -> Phrase | None:
        if not self.unreadable:
            return None
        return Phrase("{count} records could not be read: open them in their own program", count=len(self.unreadable))


def _broken(source: str, error: Exception) -> Phrase:
    return Phrase(
        "the hub's own code for {source} failed ({error}); please report it, without any names",
        source=source,
        error=type(error).__name__,
    )
