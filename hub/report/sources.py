"""What is to be said about the sources themselves: silent, old, not fully readable, or with columns nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from connectors.phrase import Phrase
from hub.person import Answer
from hub.report.finding import Family, Finding, Place, Register, Severity


class Sources(Family):
    """Findings about sources; each names its source and no entry."""

    def rest(self) -> Iterator[Finding]:
        """What each answer and each register's columns tell."""
        for answer in self.night.answers:
            if answer.state == "silent":
                yield self._silent(answer)
            elif not answer.listed:
                yield self._broken_off(answer)
            yield from self._unreadable(answer)
            register = self.night.registers.get(answer.source)
            if register:
                yield from self._stale(answer, register)
        for register in self.night.registers.values():
            yield from self._unknown(register)

    def _silent(self, answer: Answer) -> Finding:
        what = Phrase("{source} did not answer: {reason}", source=answer.source, reason=answer.reason or _NO_REASON)
        todo = Phrase("Put right what is said, and run hub check; until then nothing is known about this register.")
        return self._about(answer.source, "silent_source", "error", what, todo)

    def _broken_off(self, answer: Answer) -> Finding:
        reason = answer.reason or _NO_REASON
        what = Phrase("{source} told only a part of what it holds: {reason}", source=answer.source, reason=reason)
        todo = Phrase("Put right what is said, and run hub check; what is missing from this register is not known.")
        return self._about(answer.source, "unreadable", "error", what, todo)

    def _unreadable(self, answer: Answer) -> Iterator[Finding]:
        todo = Phrase("Open it in its own program and save it again, or correct what is said.")
        for item in answer.unreadable:
            what = Phrase("{source}, {where}: {reason}", source=answer.source, where=item.locator, reason=item.reason)
            yield self._about(answer.source, "unreadable", "warning", what, todo, item.locator)

    def _stale(self, answer: Answer, register: Register) -> Iterator[Finding]:
        newest, days = _time(answer.as_of), register.stale_after_days
        if days is None or newest is None or answer.state == "silent" or self.night.now - newest <= timedelta(days=days):
            return
        day = newest.astimezone(self.night.now.tzinfo).date().isoformat()
        what = Phrase(
            "The newest data of {source} is of {day}; more than {days} days old.", source=answer.source, day=day, days=days
        )
        yield self._about(answer.source, "stale_source", "warning", what, Phrase("Export it anew from its program."))

    def _unknown(self, register: Register) -> Iterator[Finding]:
        todo = Phrase("Remove it if nobody needs it; else say in hub.toml what it holds, under columns.")
        for column in register.columns:
            if not column.known and not column.kind:
                what = Phrase("{source} has a column the hub does not know: {column}", source=register.name, column=column.column)
                yield self._about(register.name, "unknown_column", "info", what, todo, column.column)

    def _about(self, source: str, kind: str, severity: Severity, what: Phrase, todo: Phrase, *parts: str) -> Finding:
        return Finding(kind, severity, self.night.id(kind, source, *parts), (Place(source),), what, todo)


_NO_REASON = Phrase("no reason was given")


def _time(iso: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(iso)
    except ValueError:
        return None
    return found if found.tzinfo else found.astimezone()
