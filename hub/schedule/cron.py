"""cron: one line in the user's own crontab; every other line of it stays as it is."""

from __future__ import annotations

import re
import shlex

from hub.schedule.job import Installed, Job, Scheduler, refused

_LINE = re.compile(r"(?P<minute>\d+) (?P<hour>\d+) \* \* \* (?P<command>.*) # (?P<name>\S+)")


class Cron(Scheduler):
    """The user's crontab."""

    name = "cron"

    def usable(self) -> bool:
        """Whether there is a crontab program."""
        return self.system.has("crontab")

    def install(self, job: Job) -> None:
        """Put the line in, in the place of an earlier one."""
        # cron turns a bare % into the end of the line.
        command = shlex.join(job.command).replace("%", r"\%")
        kept = self._without(job)
        self._write([*kept, f"{job.minute} {job.hour} * * * {command} # {job.name}"])

    def remove(self, job: Job) -> None:
        """Take the line out; a crontab that then holds nothing goes."""
        lines = self._read()
        kept = [line for line in lines if not line.endswith(f" # {job.name}")]
        if kept == lines:
            return
        if any(line.strip() for line in kept):
            self._write(kept)
        else:
            self.system.must("crontab", "-r")

    def find(self, job: Job) -> Installed | None:
        """The line, read back."""
        for line in self._read():
            found = _LINE.fullmatch(line)
            if found and found["name"] == job.name:
                at = f"{int(found['hour']):02}:{int(found['minute']):02}"
                return Installed(self.name, at, found["command"].replace(r"\%", "%"))
        return None

    def _without(self, job: Job) -> list[str]:
        return [line for line in self._read() if not line.endswith(f" # {job.name}")]

    def _read(self) -> list[str]:
        """The lines of the crontab. A failure must never read as "empty": what is written then would take its place."""
        done = self.system.run("crontab", "-l")
        if done.returncode == 0:
            return done.stdout.split("\n")[:-1] if done.stdout.endswith("\n") else done.stdout.split("\n")
        if "no crontab for" in done.stderr:
            return []
        raise refused("crontab", done.returncode)

    def _write(self, lines: list[str]) -> None:
        self.system.must("crontab", "-", text="".join(f"{line}\n" for line in lines))
