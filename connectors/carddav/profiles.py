"""How one service differs from another, as data: where it is, whom the password may go to, what it keeps after a delete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from connectors.phrase import Phrase

ARCHIVE_DAYS = 31
"""How long Apple's archive of the contacts holds an erased card, at the longest."""


def _older_copies(_today: date) -> Phrase:
    return Phrase("The server may keep older copies of the card (backups, a history): ask whoever runs it.")


def _apple_archive(today: date) -> Phrase:
    until = today + timedelta(days=ARCHIVE_DAYS)
    return Phrase(
        "Apple keeps an archive of the contacts for about 30 days, and backups of the phone hold them too: do not restore "
        "one that is older than this erase; look again after {date}.",
        date=until.isoformat(),
    )


@dataclass(frozen=True, slots=True)
class Profile:
    """One service. Without `hosts` the password goes to the configured host alone (".x.example": and all below it)."""

    sign_in: Phrase
    """What to do when the service does not accept the password."""
    after_erase: Callable[[date], Phrase]
    """What the service still keeps of an erased card; told with the outcome."""
    hosts: tuple[str, ...] = ()


PLAIN = Profile(
    sign_in=Phrase("Check username and password of this source; some services want an app password of its own."),
    after_erase=_older_copies,
)

ICLOUD = Profile(
    sign_in=Phrase("Make a new app-specific password at account.apple.com and store it for this source."),
    after_erase=_apple_archive,
    hosts=("icloud.com", ".icloud.com", "icloud.com.cn", ".icloud.com.cn", "me.com", ".me.com"),
)
