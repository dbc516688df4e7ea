"""launchd: an agent of the user; a night that was slept through is made up for. Never run on macOS."""

from __future__ import annotations

import os
import plistlib
import shlex
from pathlib import Path

from hub.schedule.job import Installed, Job, Scheduler


class Launchd(Scheduler):
    """The user's agents."""

    name = "launchd"

    def usable(self) -> bool:
        """Whether there is a launchctl."""
        return self.system.has("launchctl")

    def install(self, job: Job) -> None:
        """Write the agent and hand it over; an earlier one is taken out first."""
        self.remove(job)
        path = self._path(job)
        path.parent.mkdir(parents=True, exist_ok=True)
        agent = {
            "Label": job.name,
            "ProgramArguments": list(job.command),
            "StartCalendarInterval": {"Hour": job.hour, "Minute": job.minute},
            "Umask": 0o077,
            "ProcessType": "Background",
        }
        path.write_bytes(plistlib.dumps(agent))
        self.system.must("launchctl", "bootstrap", self._domain(), str(path))

    def remove(self, job: Job) -> None:
        """Take the agent out, and its file away."""
        path = self._path(job)
        if path.exists():
            self.system.run("launchctl", "bootout", f"{self._domain()}/{job.name}")
            path.unlink()

    def find(self, job: Job) -> Installed | None:
        """The agent's file, read back."""
        try:
            told = plistlib.loads(self._path(job).read_bytes())
        except (OSError, plistlib.InvalidFileException):
            return None
        when = told["StartCalendarInterval"]
        return Installed(self.name, f"{when['Hour']:02}:{when['Minute']:02}", shlex.join(told["ProgramArguments"]))

    def _path(self, job: Job) -> Path:
        return self.system.home / "Library" / "LaunchAgents" / f"{job.name}.plist"

    def _domain(self) -> str:
        return f"gui/{os.getuid() if hasattr(os, 'getuid') else 0}"
