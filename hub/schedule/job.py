"""What is to be run every night, and how a scheduler of the system is spoken to."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from connectors.errors import UsageError
from connectors.phrase import Phrase

SECONDS = 60.0
"""A scheduler answers at once; one that does not is given up."""


@dataclass(frozen=True, slots=True)
class Job:
    """The nightly report of one configuration: where that is, when, and the page to write (None: none)."""

    config: Path
    at: str = "03:00"
    html: Path | None = None

    @property
    def name(self) -> str:
        """The job's name at the scheduler: one for each configuration, so that installing it twice is one."""
        return f"register-hub-{hashlib.sha256(os.fsencode(self.config)).hexdigest()[:8]}"

    @property
    def hour(self) -> int:
        """The hour at which it runs."""
        return int(self.at[:2])

    @property
    def minute(self) -> int:
        """The minute at which it runs."""
        return int(self.at[3:])

    @property
    def command(self) -> tuple[str, ...]:
        """What is run: this very hub, by its full path, as a scheduler knows no other."""
        page = ("--html", str(self.html)) if self.html else ()
        return (sys.executable, "-m", "hub", "report", "--quiet", *page, "--config", str(self.config))


@dataclass(frozen=True, slots=True)
class Installed:
    """A job as a scheduler has it."""

    by: str
    at: str
    command: str


@dataclass(frozen=True, slots=True)
class System:
    """The system the job is for: its name in `sys.platform`'s spelling, the home folder and the environment."""

    platform: str
    home: Path = field(repr=False)
    env: Mapping[str, str] = field(repr=False)

    def has(self, program: str) -> bool:
        """Whether there is such a program."""
        return shutil.which(program, path=self.env.get("PATH")) is not None

    def run(self, program: str, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program of the system, in English so that its answer can be read. Raises `UsageError` when it cannot be."""
        found = shutil.which(program, path=self.env.get("PATH"))
        if found is None:
            raise refused(program, 127)
        try:
            return subprocess.run(  # noqa: S603  # the system's own scheduler, by its full path
                [found, *arguments],
                input=text,
                env={**self.env, "LC_ALL": "C"},
                capture_output=True,
                check=False,
                encoding="utf-8",
                errors="surrogateescape",
                timeout=SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired):
            raise refused(program, -1) from None

    def must(self, program: str, *arguments: str, text: str = "") -> str:
        """As `run`, and what it printed. Raises `UsageError` when it ends with anything but 0."""
        done = self.run(program, *arguments, text=text)
        if done.returncode:
            raise refused(program, done.returncode)
        return done.stdout


def refused(program: str, code: int) -> UsageError:
    """The error when the system's own program does not do what it is asked."""
    return UsageError(
        Phrase(
            "The system's {program} refused (it ended with {code}); nothing was changed by the hub.", program=program, code=code
        ),
        Phrase("Try the command by hand; your administrator may have forbidden scheduled jobs."),
    )


class Scheduler(ABC):
    """One way a system runs things at night."""

    name: ClassVar[str]

    def __init__(self, system: System) -> None:
        self.system = system

    @abstractmethod
    def usable(self) -> bool:
        """Whether this system has it, and it answers."""

    @abstractmethod
    def install(self, job: Job) -> None:
        """Have the job run; a job of the same name is replaced."""

    @abstractmethod
    def remove(self, job: Job) -> None:
        """Have it run no longer, and leave nothing behind; nothing installed is no error."""

    @abstractmethod
    def find(self, job: Job) -> Installed | None:
        """The job as it is installed now, None when it is not."""
