"""One tree of errors: each class says who must act and how far it spreads.

| class         | who acts  | spreads to  | exit |
|---------------|-----------|-------------|------|
| UsageError    | owner     | the run     | 2    |
| ConfigError   | owner     | the run     | 2    |
| StateError    | owner     | the run     | 2    |
| Unreachable   | owner     | the source  | 3    |
| Locked        | owner     | the source  | 3    |
| Damaged       | owner     | the source  | 3    |
| Refused       | owner     | the entry   | 3    |
| OutputLost    | owner     | the run     | 3    |
| Undecided     | owner     | the run     | 4    |
| NotFound      | nobody    | the entry   | 0    |
| Conflict      | owner     | the entry   | 5    |
| Fault         | developer | the run     | 1    |

A message names the place and what to do; it never holds a personal value, a secret or a URL with a query.
Errors of a library are wrapped where they are caught (`raise … from None` when their text may quote content).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from connectors.phrase import Phrase

Actor = Literal["owner", "developer", "nobody"]
Spread = Literal["entry", "source", "run"]

PLAN_AGAIN = Phrase("Make a new plan: the same command with the person's name, without --confirm.")
"""What to do after a `Conflict`: the plan that was shown holds no longer."""


def not_given(error: OSError) -> Phrase:
    """What is said where the system refuses something that nobody foresaw: it is the disk's or the folder's, not a bug."""
    return Phrase(
        "the system refused to read or write something there (system error {code}): check the disk and the permissions",
        code=error.errno or 0,
    )


class HubError(Exception):
    """The root of everything the hub raises on purpose."""

    actor: ClassVar[Actor] = "owner"
    spread: ClassVar[Spread] = "run"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: Phrase, hint: Phrase | None = None) -> None:
        """Say what happened (`message`) and what to do about it (`hint`)."""
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def told(self) -> Phrase:
        """Message and hint as one phrase, which can still be said in another language."""
        return Phrase("{message} {hint}", message=self.message, hint=self.hint) if self.hint else self.message

    def __str__(self) -> str:
        return str(self.told)


class UsageError(HubError):
    """The command line asks for something that does not exist."""

    exit_code = 2


class ConfigError(HubError):
    """The configuration cannot be used; `problems` holds every problem at once, each with its key and its fix."""

    exit_code = 2

    def __init__(self, message: Phrase, problems: Sequence[Phrase] = (), hint: Phrase | None = None) -> None:
        super().__init__(message, hint)
        self.problems = tuple(problems)

    @property
    def told(self) -> Phrase:
        """Message, every problem, and hint as one phrase."""
        told = self.message
        for part in (*self.problems, *((self.hint,) if self.hint else ())):
            told = Phrase("{message} {hint}", message=told, hint=part)
        return told


class StateError(HubError):
    """The hub's own directory cannot be opened: damaged, foreign, or its key is missing."""

    exit_code = 2


class Worthless(StateError):
    """A file of the hub's own that nobody can read any more: it is damaged, foreign, or its key is gone."""


class Unreachable(HubError):
    """The source did not answer: missing file, no network, wrong password. Never the same as "nothing found"."""

    spread = "source"
    exit_code = 3


class Locked(Unreachable):
    """The owner's own program has the source open; nothing was changed."""


class Damaged(HubError):
    """The source answered with something that is not what it should be: not a workbook, a broken database."""

    spread = "source"
    exit_code = 3


class Refused(HubError):
    """The source can be read but this act will not be done to it: encrypted, signed, protected, not supported."""

    spread = "entry"
    exit_code = 3


class OutputLost(HubError):
    """The answer could not be written to where the owner sent it: a full disk, a closed output. What was done is done."""

    exit_code = 3


class Undecided(HubError):
    """A human must decide first: several persons match, or possible matches are open."""

    exit_code = 4


class NotFound(HubError):
    """No entry with that ref. Absent is success for an erase."""

    actor = "nobody"
    spread = "entry"
    exit_code = 0


class Conflict(HubError):
    """The entry changed since the plan was shown; nothing was written."""

    spread = "entry"
    exit_code = 5


class Fault(HubError):
    """A promise of the hub's own code was broken: zero changes where something was found, a failed read-back."""

    actor = "developer"
    exit_code = 1
