"""The made-up company of the demo with the hub's command line beside it."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from hub.cli import main
from hub.demo.company import Demo
from hub.demo.people import HER_EMAIL


class Company:
    """A copy of the company that a test may change; `said` collects all that the hub said on stderr."""

    def __init__(self, original: Demo, folder: Path) -> None:
        shutil.copytree(original.folder, folder)
        self.demo = Demo(
            folder,
            *(folder / path.relative_to(original.folder) for path in (original.config, original.workbook)),
            *(folder / path.relative_to(original.folder) for path in (original.profiles, original.profile)),
        )
        self.said = ""

    def hub(self, *arguments: str) -> tuple[int, Any]:
        """A command's exit code and document."""
        out, talk = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(talk):
            code = main([*arguments, "--json", "--config", str(self.demo.config)])
        self.said += talk.getvalue()
        return code, json.loads(out.getvalue())

    def shown(self, *arguments: str) -> tuple[int, str]:
        """A command's exit code, and what a person reads."""
        out, talk = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(talk):
            code = main([*arguments, "--config", str(self.demo.config)])
        return code, out.getvalue() + talk.getvalue()

    def only(self, *sources: str) -> None:
        """Let the configuration name these registers and no others."""
        head, *tables = self.demo.config.read_text(encoding="utf-8").split("[source.")
        kept = [f"[source.{table}" for table in tables if table.partition("]")[0] in sources]
        self.demo.config.write_text(head + "".join(kept), encoding="utf-8")

    def findings(self, kind: str) -> list[Any]:
        """What tonight's report says of a kind."""
        _, document = self.hub("report")
        return [item for item in document["findings"] if item["kind"] == kind]

    def plan(self) -> Any:
        """The plan to erase her, her namesake's entries left out."""
        return self.hub("erase", HER_EMAIL, *self.without_namesake())[1]

    def export(self, folder: Path) -> Any:
        """Her access package, without her namesake's entries."""
        return self.hub("export", HER_EMAIL, "--out", str(folder), *self.without_namesake())[1]

    def without_namesake(self) -> list[str]:
        """The owner's decision that the entries which may be hers or somebody else's are not hers."""
        entries = [entry for person in self.hub("find", HER_EMAIL)[1]["persons"] for entry in person["entries"]]
        return [word for entry in entries if entry["verdict"] == "possible" for word in ("--exclude", entry["ref"])]

    def registers(self) -> dict[str, tuple[bytes, int]]:
        """Every file but the hub's own, with its bytes and its time."""
        files = (path for path in self.demo.folder.rglob("*") if path.is_file() and self.demo.state not in path.parents)
        return {str(path.relative_to(self.demo.folder)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}
