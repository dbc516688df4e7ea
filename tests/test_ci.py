"""The script that decides whether a change lands can run at all."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / ".ci" / "run"


def test_the_script_may_be_run_and_parses() -> None:
    """It is executable, and bash finds no error in it."""
    assert os.access(SCRIPT, os.X_OK)
    assert subprocess.run(["bash", "-n", SCRIPT], capture_output=True, check=False).stderr == b""


def test_the_script_runs_the_set_up_lines_of_readme_and_no_others() -> None:
    """It takes them from README.md, so that they cannot drift apart."""
    text = SCRIPT.read_text(encoding="utf-8")
    assert "grep -E '^python3 -m venv ' \"$here/README.md\"" in text
    assert "pip install" not in text


def test_the_readme_holds_the_two_lines_that_ci_runs() -> None:
    """CI takes the lines that begin so: the demo's first, the tests' second."""
    lines = [
        line
        for line in (SCRIPT.parents[1] / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("python3 -m venv ")
    ]

    assert [line.rsplit(" && ", 1)[1] for line in lines] == [".venv/bin/hub demo", ".venv/bin/pytest"]
