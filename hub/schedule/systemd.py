"""systemd: a timer of the user's own manager; a night that was slept through is made up for."""

from __future__ import annotations

import re
from pathlib import Path

from hub.schedule.job import Installed, Job, Scheduler

_SERVICE = """[Unit]
Description=Nightly report of the register hub

[Service]
Type=oneshot
UMask=0077
ExecStart={command}
"""

_TIMER = """[Unit]
Description=Nightly report of the register hub

[Timer]
OnCalendar=*-*-* {at}:00
Persistent=true

[Install]
WantedBy=timers.target
"""


class Systemd(Scheduler):
    """The user's manager."""

    name = "systemd"

    def usable(self) -> bool:
        """Whether the user's manager runs and answers."""
        return self.system.has("systemctl") and self.system.run("systemctl", "--user", "show-environment").returncode == 0

    def install(self, job: Job) -> None:
        """Write the two units and start the timer."""
        service, timer = self._units(job)
        service.parent.mkdir(parents=True, exist_ok=True)
        service.write_text(_SERVICE.format(command=" ".join(map(_quoted, job.command))), encoding="utf-8")
        timer.write_text(_TIMER.format(at=job.at), encoding="utf-8")
        self.system.must("systemctl", "--user", "daemon-reload")
        self.system.must("systemctl", "--user", "enable", timer.name)
        self.system.must("systemctl", "--user", "restart", timer.name)

    def remove(self, job: Job) -> None:
        """Stop the timer and take the units away."""
        service, timer = self._units(job)
        if not timer.exists() and not service.exists():
            return
        self.system.run("systemctl", "--user", "disable", "--now", timer.name)
        service.unlink(missing_ok=True)
        timer.unlink(missing_ok=True)
        self.system.must("systemctl", "--user", "daemon-reload")

    def find(self, job: Job) -> Installed | None:
        """The units, read back."""
        service, timer = self._units(job)
        if not timer.exists() or not service.exists():
            return None
        at = re.search(r"^OnCalendar=\*-\*-\* (\d\d:\d\d):00$", timer.read_text("utf-8"), re.MULTILINE)
        command = re.search(r"^ExecStart=(.*)$", service.read_text("utf-8"), re.MULTILINE)
        return Installed(self.name, at[1] if at else "", command[1] if command else "")

    def _units(self, job: Job) -> tuple[Path, Path]:
        folder = Path(self.system.env.get("XDG_CONFIG_HOME") or self.system.home / ".config") / "systemd" / "user"
        return folder / f"{job.name}.service", folder / f"{job.name}.timer"


def _quoted(word: str) -> str:
    """A word as a unit file takes it: in quotes, with what means something to systemd doubled."""
    inner = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{inner}"'
