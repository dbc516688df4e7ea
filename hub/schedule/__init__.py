"""The nightly run: installed with whatever this system runs things at night with, for this user and no other."""

from __future__ import annotations

import os
import re
from pathlib import Path

from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub.schedule.cron import Cron
from hub.schedule.job import Installed, Job, Scheduler, System
from hub.schedule.launchd import Launchd
from hub.schedule.systemd import Systemd
from hub.schedule.tasks import Tasks

__all__ = ["Installed", "Job", "System", "checked_time", "install", "installed", "remove"]

_PREFERRED: dict[str, tuple[type[Scheduler], ...]] = {"darwin": (Launchd, Cron), "win32": (Tasks,)}
"""By system; what makes up for a night that a laptop slept through comes first."""

_ELSEWHERE: tuple[type[Scheduler], ...] = (Systemd, Cron)


def install(job: Job, system: System) -> Installed:
    """Have the report made every night. Raises `UsageError` when nothing here does such a thing, or as root by surprise."""
    _own(job.config)
    usable = _usable(system)
    if not usable:
        raise UsageError(
            Phrase("This system has nothing that runs a program at night (cron, systemd, launchd, Task Scheduler)."),
            Phrase("Install cron, or run hub report --quiet by hand."),
        )
    for scheduler in usable[1:]:
        scheduler.remove(job)
    usable[0].install(job)
    found = usable[0].find(job)
    if found is None:
        raise UsageError(Phrase("The job was handed over, but {program} does not have it.", program=usable[0].name))
    return found


def remove(job: Job, system: System) -> bool:
    """Have it made no longer; whether there was anything to remove."""
    found = False
    for scheduler in _usable(system):
        found = found or scheduler.find(job) is not None
        scheduler.remove(job)
    return found


def installed(job: Job, system: System) -> Installed | None:
    """The job as it is installed, None when it is not."""
    return next((found for scheduler in _usable(system) if (found := scheduler.find(job)) is not None), None)


def checked_time(text: str) -> str:
    """A time of day as HH:MM. Raises `UsageError` for anything else."""
    found = re.fullmatch(r"(\d{1,2})[:.](\d\d)", text, re.ASCII)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise UsageError(Phrase("Write the time as HH:MM, from 00:00 to 23:59."))
    return f"{int(found[1]):02}:{found[2]}"


def _usable(system: System) -> list[Scheduler]:
    kinds = _PREFERRED.get(system.platform, _ELSEWHERE)
    return [scheduler for kind in kinds if (scheduler := kind(system)).usable()]


def _own(config: Path) -> None:
    """Refuse to install as root what is another user's: it would run as root every night."""
    if hasattr(os, "geteuid") and os.geteuid() == 0 and (config.stat().st_uid != 0 or os.environ.get("SUDO_USER")):
        raise UsageError(
            Phrase("This would make the report as root every night, though hub.toml is another user's."),
            Phrase("Run hub schedule install as that user, without sudo."),
        )
