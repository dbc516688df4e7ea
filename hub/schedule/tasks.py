"""The Windows Task Scheduler: a task of the user; a night that was slept through is made up for. Never run on Windows."""

from __future__ import annotations

import re
import subprocess
import tempfile
from html import escape, unescape
from pathlib import Path

from hub.schedule.job import Installed, Job, Scheduler

_TASK = """<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>2026-01-01T{at}:00</StartBoundary>
      <ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>
    </CalendarTrigger>
  </Triggers>
  <Settings>
    <StartWhenAvailable>true</StartWhenAvailable>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
  </Settings>
  <Actions>
    <Exec><Command>{program}</Command><Arguments>{arguments}</Arguments></Exec>
  </Actions>
</Task>
"""


class Tasks(Scheduler):
    """The user's tasks."""

    name = "Task Scheduler"

    def usable(self) -> bool:
        """Whether there is a schtasks."""
        return self.system.has("schtasks")

    def install(self, job: Job) -> None:
        """Make the task, in the place of an earlier one."""
        program, *arguments = job.command
        told = _TASK.format(at=job.at, program=escape(program), arguments=escape(subprocess.list2cmdline(arguments)))
        with tempfile.TemporaryDirectory(prefix="hub-task-") as folder:
            file = Path(folder, "task.xml")
            file.write_text(told, encoding="utf-16")
            self.system.must("schtasks", "/Create", "/F", "/TN", job.name, "/XML", str(file))

    def remove(self, job: Job) -> None:
        """Delete the task."""
        if self.find(job) is not None:
            self.system.must("schtasks", "/Delete", "/F", "/TN", job.name)

    def find(self, job: Job) -> Installed | None:
        """The task, as the scheduler tells it."""
        done = self.system.run("schtasks", "/Query", "/TN", job.name, "/XML")
        if done.returncode:
            return None
        at = re.search(r"<StartBoundary>[^<]*T(\d\d:\d\d)", done.stdout)
        words = [re.search(rf"<{tag}>([^<]*)</{tag}>", done.stdout) for tag in ("Command", "Arguments")]
        command = " ".join(unescape(found[1]) for found in words if found)
        return Installed(self.name, at[1] if at else "", command)
