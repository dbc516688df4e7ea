"""A find that the mirror answers carries only what it needs: nearly all of its time is what it imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.cli import main

HEAVY = (
    *("dataclasses", "inspect", "tomllib", "shutil", "threading", "subprocess", "multiprocessing", "concurrent", "tempfile"),
    *("hashlib", "email", "logging", "asyncio", "ssl", "socket", "xml", "zipfile", "csv", "decimal", "random", "unittest"),
    *("openpyxl", "phonenumbers", "rich", "jinja2", "vobject", "requests", "keyring", "platformdirs", "defusedxml", "stdnum"),
    *("duckdb", "splink", "pyarrow", "pandas", "numpy", "google", "googleapiclient", "httplib2", "pypdf", "pyicloud", "lxml"),
)
"""Libraries, and parts of Python's own, that cost more than they give here."""

ONLY_FOR_OTHERS = (
    *("hub.config", "hub.plan", "hub.erase", "hub.ledger", "hub.law", "hub.export", "hub.report", "hub.demo", "hub.schedule"),
    *("hub.search.sources", "hub.search.asking", "hub.store.suppression", "hub.store.snapshot", "hub.init", "hub.login"),
    *("hub.matching.needles", "hub.matching.memory", "hub.matching.bulk", "hub.mirror.preparing"),
    *("hub.mirror.tokens", "hub.matching.common", "hub.machine.workers"),
    *("connectors.registry", "connectors.excel", "connectors.csv_table", "connectors._files", "connectors._table"),
)
"""What reads, erases, exports or reports; a question that the mirror answers needs none of it."""

MOST = 67
"""So many modules of the hub's own may a find import; each costs a quarter of a millisecond."""

WHO = "maija malli"
TELL = "import sys; from hub.__main__ import program; code = program(); print(*sys.modules, file=sys.stderr); sys.exit(code)"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A configuration whose mirror is fresh."""
    row = "Maija Malli;maija.malli@esimerkki.example;044 1234567;Mallitie 5 B 12, 00100 Helsinki;12.3.1970\n"
    (tmp_path / "lista.csv").write_text(f"Nimi;Sähköposti;Puhelin;Osoite;Syntymäaika\n{row}{row.replace('044', '050')}", "utf-8")
    config = tmp_path / "hub.toml"
    config.write_text(
        'state = "tila"\n[controller]\nlanguage = "fi"\n[source.lista]\nkind = "csv"\npath = "lista.csv"\n', "utf-8"
    )
    monkeypatch.setattr("hub.search.freshness.RACY", -1)
    assert main(["refresh", "--config", str(config)]) == 0
    capsys.readouterr()
    return config


@pytest.mark.parametrize("asked", [[WHO, "--json"], [WHO], ["maija.malli@esimerkki.example"], ["mali"], ["Helsinki", "--json"]])
def test_a_find_imports_only_what_it_needs(config: Path, asked: list[str]) -> None:
    """As a document and as lines, by name, e-mail and piece: no connector, no configuration, no plan, no heavy library."""
    command = [sys.executable, "-c", TELL, "find", *asked, "--config", str(config)]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONIOENCODING": "utf-8"}, capture_output=True, encoding="utf-8", check=True
    )
    modules = done.stderr.split()
    own = [name for name in modules if name.partition(".")[0] in {"hub", "connectors"}]

    assert "Maija Malli" in done.stdout or WHO not in asked
    assert "hub.mirror.index" in own
    assert [name for name in (*HEAVY, *ONLY_FOR_OTHERS) if name in modules] == []
    assert len(own) <= MOST, own


ENDING = """
import os
end = os._exit
os._exit = lambda code: (os.write(1, b"at once\\n"), end(code))
{before}
from hub.__main__ import process
process()
"""
LATER = "threading.Thread(target=lambda: (threading.main_thread().join(), print('and a thread'))).start()"


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("", "at once\n"),
        ("import atexit; atexit.register(print, 'tidied up')", "tidied up\n"),
        (f"import threading; {LATER}", "and a thread\n"),
    ],
    ids=["nothing", "something to do at the end", "a thread"],
)
@pytest.mark.parametrize(("asked", "code"), [([WHO], 0), ([], 2)])
def test_a_find_ends_at_once_unless_something_waits_for_its_end(
    config: Path, before: str, said: str, asked: list[str], code: int
) -> None:
    """Nothing that was said is lost, and the exit code is the command's."""
    command = [sys.executable, "-c", ENDING.format(before=before), "find", *asked, "--json", "--config", str(config)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)

    assert done.returncode == code
    assert done.stdout.endswith(f"}}\n{said}")
    assert done.stdout.count("hub.find/1") == done.stdout.count("Maija Malli") // 4 == len(asked)
