"""Promise 21: misuse is noticed, and customers and authority are told within 72 hours: a running clock and two drafts."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from hub import ledger, store
from hub.cli import main
from hub.store.secrets import key_for_state
from tests.cli.running import Hub

HEAD = "Nimi;Sähköposti;Puhelin\n"
VALUES = ("Aino", "Keksitty", "aino@keksitty.example", "0441234567", "Masa", "Muu")
CONFIG = """state = "state"
[controller]
name = "Esimerkki Oy"
contact = "Maija Esimerkki, maija@esimerkki.example"
language = "en"
[source.list]
kind = "csv"
path = "lista.csv"
[source.other]
kind = "csv"
path = "toinen.csv"
"""


class _Clock:
    """A clock that the test sets; it stands where the command, the report and the draft look for the time."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self.set("2026-11-28T10:00:00+02:00")

    def set(self, told: str) -> None:
        """What time it is from now on."""
        now = datetime.fromisoformat(told)

        class Now(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return now.astimezone(tz) if tz else now

        for module in ("hub.commands.breaching", "hub.commands.reporting"):
            self._patch.setattr(f"{module}.datetime", Now)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    """Saturday, 28 November 2026, ten o'clock in Helsinki."""
    return _Clock(monkeypatch)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Two registers: she is in both of them, he in one."""
    (tmp_path / "lista.csv").write_text(
        HEAD + "Aino Keksitty;aino@keksitty.example;044 123 4567\nMasa Muu;masa@muu.example;\n", encoding="utf-8"
    )
    (tmp_path / "toinen.csv").write_text(HEAD + "Keksitty Aino;aino@keksitty.example;\n", encoding="utf-8")
    path = tmp_path / "hub.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def _told(config: Path, capsys: pytest.CaptureFixture[str]) -> list[Any]:
    """What the report says of a breach."""
    main(["report", "--json", "--config", str(config)])
    return [item for item in json.loads(capsys.readouterr().out)["findings"] if "Breach" in item["what"]]


def test_promise_21_the_clock_runs_until_both_are_told(
    hub: Hub, clock: _Clock, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Written down at nine thirty; the report counts the hours down, then says that it is too late, until both are told."""
    code, made = hub("breach", "new", "--aware", "2026-11-28T09:30", "--noticed-by", "other", "--risk", "high")
    assert (code, made["state"], made["noticed_by"], made["risk"]) == (0, "open", "other", "high")
    assert (made["aware"], made["deadline"]) == ("2026-11-28T09:30:00+02:00", "2026-12-01T09:30:00+02:00")
    assert (made["hours_left"], made["late"]) == (71, False)

    (told,) = _told(config, capsys)
    assert (told["kind"], told["severity"]) == ("due_soon", "error")
    assert "71 hours" in told["what"]
    clock.set("2026-11-30T09:45:00+02:00")
    assert "23 hours" in _told(config, capsys)[0]["what"]
    clock.set("2026-12-01T09:30:01+02:00")
    (late,) = _told(config, capsys)
    assert (late["kind"], late["id"]) == ("overdue", told["id"])

    code, changed = hub("breach", "set", made["breach"], "--authority", "2026-12-01T09:30")
    assert (changed["late"], changed["missing"]) == (False, ["customers"])
    assert "authority" not in _told(config, capsys)[0]["what"]
    code, ended = hub("breach", "close", made["breach"], "--customers", "2026-12-01T09:00")
    assert (code, ended["state"], ended["missing"]) == (0, "closed", [])
    assert _told(config, capsys) == []


def printed(path: Path) -> str:
    """What a PDF says, in one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


def test_promise_21_the_counts_come_from_the_registers_and_name_nobody(hub: Hub, config: Path, tmp_path: Path) -> None:
    """Persons and entries by register, each person once in all; the drafts and what is kept hold no value of anybody."""
    _, made = hub("breach", "new", "--out", str(tmp_path / "out"))

    counts = {item["source"]: (item["persons"], item["entries"]) for item in made["sources"]}
    assert counts == {"list": (2, 2), "other": (1, 1)}
    assert made["persons"] == 2
    assert made["sources"][0]["data"] == ["name", "email", "phone"]
    assert [Path(file).suffix for file in made["files"]] == [".html", ".pdf"] * 2
    pages = [Path(file).read_text("utf-8") if file.endswith("html") else printed(Path(file)) for file in made["files"]]
    with closing(store.open_database(config.parent / "state" / ledger.FILE, key_for_state(config.parent / "state"))) as database:
        kept = str(database.execute("SELECT * FROM breaches").fetchall())
    for text in (*pages, kept, json.dumps(made)):
        assert not [value for value in VALUES if value in text]

    _, narrowed = hub("breach", "set", made["breach"], "--source", "other")
    assert ([item["source"] for item in narrowed["sources"]], narrowed["persons"]) == (["other"], 1)


@pytest.mark.parametrize(
    ("language", "said"), [("fi", ("Luonnos", "täydennettävä", "UTC+02:00")), ("en", ("Draft", "to be written"))]
)
def test_promise_21_two_drafts_in_two_languages(
    config: Path, capsys: pytest.CaptureFixture[str], language: str, said: tuple[str, ...]
) -> None:
    """To the authority all that article 33 wants, to the customers plain words; what she knows is in, the rest is to be written."""
    out = config.parent / language
    what = "A laptop was stolen <b>on a train</b>"
    words = ["breach", "new", "--what", what, "--measures", "remote lock", "--lang", language, "--out", str(out)]
    assert main([*words, "--config", str(config)]) == 0
    capsys.readouterr()

    authority, customers = (next(out.glob(f"*-{name}.html")).read_text("utf-8") for name in ("authority", "customers"))
    for page in (authority, customers):
        assert all(word in page for word in said[:2])
        assert "A laptop was stolen &lt;b&gt;" in page
        assert "remote lock" in page
        assert "Esimerkki Oy" in page
        assert "<script" not in page
    for paper in map(printed, out.glob("*.pdf")):
        assert all(word in paper for word in (*said[:2], "laptop was stolen <b>", "remote lock", "Esimerkki Oy"))
    assert all(word in authority for word in said)
    assert "33" in authority
    assert "<table>" in authority
    assert "<table>" not in customers
    assert all((path.stat().st_mode & 0o077) == 0 for path in out.iterdir())


def test_promise_21_a_late_draft_has_a_place_for_the_reasons(hub: Hub, clock: _Clock, tmp_path: Path) -> None:
    """Within the time there is none; once it is over, or when the authority was told late, the reasons are asked for."""

    def page(name: str, *words: str) -> str:
        document = hub("breach", *words, "--out", str(tmp_path / name))[1]
        (file,) = (file for file in document["files"] if file.endswith("authority.html"))
        return Path(file).read_text("utf-8")

    assert "is late" not in page("a", "new", "--aware", "2026-11-25T10:00")
    clock.set("2026-11-28T10:00:01+02:00")
    assert "the notification is late" in page("b", "show", "B2026-0001")
    assert "is late" not in page("c", "set", "B2026-0001", "--authority", "2026-11-28T10:00")
    told = page("d", "set", "B2026-0001", "--authority", "2026-11-28T10:00:01", "--delay", "nobody was there")
    assert "the notification is late" in told
    assert "nobody was there" in told


def test_promise_21_it_is_written_down_though_a_register_is_silent(hub: Hub, config: Path) -> None:
    """The clock does not wait for a register: exit 3, the count of that one is not known, the breach is kept."""
    config.with_name("toinen.csv").unlink()

    code, made = hub("breach", "new")

    assert (code, made["sources"][1]["state"]) == (3, "silent")
    assert [item["breach"] for item in hub("breach", "show")[1]["breaches"]] == [made["breach"]]


def test_promise_21_it_cannot_be_closed_in_silence(hub: Hub) -> None:
    """Not before both were told, unless a reason says why not; and not twice."""
    made = hub("breach", "new", "--risk", "none")[1]["breach"]

    assert hub("breach", "close", made)[0] == 2
    assert hub("breach", "close", made, "--authority", "2026-11-28T10:00")[0] == 2
    assert hub("breach", "show", made)[1]["state"] == "open"
    assert hub("breach", "close", made, "--reason", "the disk is encrypted")[0] == 0
    assert hub("breach", "close", made, "--reason", "again")[0] == 2
    assert hub("breach", "new")[1]["breach"] != made


@pytest.mark.parametrize(
    "words",
    [
        ["new", "B2026-0001"],
        ["new", "--aware", "tomorrow"],
        ["new", "--aware", "2026-11-29T10:00"],
        ["new", "--source", "nowhere"],
        ["set"],
        ["close"],
        ["show", "B2026-0009"],
        ["show", "--out", "here"],
    ],
)
def test_what_makes_no_breach_is_refused(hub: Hub, words: list[str]) -> None:
    """Exit 2, and nothing is written down."""
    assert hub("breach", *words)[0] == 2
    assert hub("breach", "show")[1]["breaches"] == []


def test_a_changed_breach_shows_in_the_chain(hub: Hub, config: Path) -> None:
    """`hub ledger verify` names a breach that is not as it was written."""
    made = hub("breach", "new", "--aware", "2026-11-25T08:00")[1]["breach"]
    assert hub("ledger", "verify")[1]["broken"] == []
    state = config.parent / "state"

    with closing(store.open_database(state / ledger.FILE, key_for_state(state))) as database, database:
        database.execute("UPDATE breaches SET content = replace(content, '-25T', '-27T')")

    code, document = hub("ledger", "verify")
    assert (code, document["broken"]) == (2, [made])


def test_the_list_tells_how_each_stands(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For a person to read: none, then one with its hours and what to type next."""
    assert main(["breach", "show", "--config", str(config)]) == 0
    assert "No breach" in capsys.readouterr().out
    main(["breach", "new", "--aware", "2026-11-28T09:00", "--config", str(config)])
    assert "hub breach show B2026-0001 --out" in capsys.readouterr().out
    main(["breach", "show", "--config", str(config)])
    assert "71 hours left" in capsys.readouterr().out

    for told, still in (("authority", ["customers"]), ("customers", [])):
        main(["breach", "set", "B2026-0001", f"--{told}", "2026-11-28T09:30", "--config", str(config)])
        said = capsys.readouterr().out
        assert [whom for whom in ("authority", "customers") if f"hub breach set B2026-0001 --{whom} TIME" in said] == still
    assert said.rstrip().endswith("hub breach close B2026-0001")


def test_the_report_tells_the_hours_in_finnish(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Until when, as people write it."""
    main(["breach", "new", "--aware", "2026-11-28T09:00", "--config", str(config)])
    main(["report", "--config", str(config), "--lang", "fi"])
    assert "tuntia, 1.12.2026 09:00 (UTC+02:00) asti" in capsys.readouterr().out
