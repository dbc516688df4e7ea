"""What ends by itself, in the nightly run: the time for which an erased or refused person is remembered by hashes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from hub import ledger
from hub.store import suppression


def forget_old(state: Path, days: int, day: date) -> tuple[str, ...]:
    """Remove the hashes of everybody whose request is older than `days` on this day, and say so in the ledger: their numbers.

    GDPR article 5(1)(e): what is kept so that nobody comes back has an end of its own.
    """
    old = []
    numbers = suppression.requests(state)
    if numbers:
        with ledger.opened(state) as book:
            created = {line.number: line.created for line in book.lines()}
            for number in numbers:
                if number in created and _written(created[number]) + timedelta(days=days) >= day:
                    continue
                suppression.forget(state, number)
                old.append(number)
                if request := book.sound(number):
                    request.forgotten = day.isoformat()
                    book.save(request)
    return tuple(old)


def _written(created: str) -> date:
    return datetime.fromisoformat(created).astimezone().date()
