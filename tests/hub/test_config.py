"""The configuration: read into typed settings, or refused with every problem at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import registry
from connectors.contract import Option
from connectors.errors import ConfigError
from connectors.memory import MemoryConnector
from connectors.phrase import Phrase
from hub import config
from hub.config import Config
from hub.config.sources import _SECRET
from hub.law import Rule
from hub.matching.engine import Engine
from hub.store.secrets import Secret

GOOD = """
state = "state"
undo_days = 3
mirror = false

[controller]
name = "Esimerkki Oy"
business_id = "1234567-1"
contact = "Maija Esimerkki, 050 000 0000, maija@esimerkki.example"
country = "FI"
language = "en"
fiscal_years = ["2020-05-01/2021-04-30", "2019-05-01/2020-04-30"]

[source.probe]
kind = "probe"
path = "registers/one.db"
mode = "row"
limit = 5
columns = { "Nimi" = "name" }
password = { env = "HUB_TEST_PASSWORD" }

[report]
expect = { probe = ["phone"] }
"""


class Probe(MemoryConnector):
    """A connector with one option of each type."""

    kind = "probe"
    options = (
        Option("path", "path", "The file to read.", required=True),
        Option("profile", "path", "A folder, or every one.", default="auto", choices=("auto",)),
        Option("mode", "choice", "What goes.", default="cells", choices=("cells", "row")),
        Option("limit", "integer", "How many."),
        Option("label", "text", "A word."),
        Option("columns", "table", "Which column is what.", choices=("name", "phone")),
        Option("password", "secret", "The password."),
        Option("region", "text", "The country."),
    )


@pytest.fixture(autouse=True)
def probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of source whose table has every type of key."""
    monkeypatch.setitem(registry._CLASSES, "probe", f"{__name__}:Probe")
    monkeypatch.setattr(registry, "import_module", lambda _name: __import__("types").SimpleNamespace(Probe=Probe))


def load(folder: Path, text: str | bytes, name: str = "hub.toml") -> Config:
    """Write a configuration and read it."""
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return config.load(file, {})


def problems(folder: Path, text: str | bytes) -> list[str]:
    """What is said about a configuration that cannot be used."""
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    assert all(isinstance(problem, Phrase) for problem in caught.value.problems)
    return [str(problem) for problem in caught.value.problems]


def test_a_good_file_becomes_typed_settings(tmp_path: Path) -> None:
    """Paths are absolute from the file, years in order, defaults filled in, secrets unread."""
    found = load(tmp_path, GOOD)
    assert (found.path, found.state, found.undo_days, found.mirror) == (tmp_path / "hub.toml", tmp_path / "state", 3, False)
    assert found.controller.fiscal_years[0] == (date(2019, 5, 1), date(2020, 4, 30))
    assert (found.controller.language, found.region) == ("en", "FI")
    assert found.expect == {"probe": ("phone",)}
    (source,) = found.sources
    password = source.options["password"]
    assert isinstance(password, Secret)
    assert dict(source.options) == {
        "path": tmp_path / "registers/one.db",
        "profile": "auto",
        "mode": "row",
        "limit": 5,
        "label": None,
        "columns": {"Nimi": "name"},
        "password": password,
        "region": "FI",
    }
    assert "registers" not in repr(source)


def test_the_engine_is_a_setting(tmp_path: Path) -> None:
    """DuckDB in memory unless Spark is asked for; what spills over stays in the hub's own folder."""
    assert load(tmp_path, GOOD).engine == Engine("columns", "2GB", tmp_path / "state" / "spill")
    chosen = load(tmp_path, GOOD + '\n[engine]\nbackend = "spark"\nmemory = "500 MB"\n').engine
    assert (chosen.backend, chosen.memory) == ("spark", "500 MB")
    said = problems(tmp_path, GOOD + '\n[engine]\nbackend = "sparc"\nmemory = "much"\nspill = "/tmp"\n')
    assert ["Did you mean spark?" in said[0], '"2GB"' in said[1], "no such key" in said[2]] == [True, True, True]


def test_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One source is enough; the region is the controller's country, `~` the home folder, the state the user's own."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    text = '[controller]\ncountry = "SE"\n[source.a]\nkind = "probe"\npath = "~/one.db"\nprofile = "two"\n'
    found = load(tmp_path, "\ufeff" + text)
    assert (found.undo_days, found.mirror, found.controller.language, found.region) == (7, True, "fi", "SE")
    assert found.state == tmp_path / "data" / "register-hub"
    assert found.sources[0].options["path"] == tmp_path / "home" / "one.db"
    assert found.sources[0].options["profile"] == tmp_path / "two"
    assert found.sources[0].options["mode"] == "cells"
    assert found.sources[0].options["region"] == "SE"


def test_where_the_file_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line wins, then the variable, then the user's configuration directory."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config" / "register-hub").mkdir(parents=True)
    for name, days in (("one.toml", 1), ("two.toml", 2), ("config/register-hub/hub.toml", 3)):
        (tmp_path / name).write_text(f'undo_days = {days}\n[source.a]\nkind = "probe"\npath = "x"\n', encoding="utf-8")
    variable = {"HUB_CONFIG": str(tmp_path / "two.toml")}
    assert config.load(tmp_path / "one.toml", variable).undo_days == 1
    assert config.load(None, variable).undo_days == 2
    assert config.load(None, {"HUB_CONFIG": ""}).undo_days == 3
    with pytest.raises(ConfigError, match="There is no configuration"):
        config.load(tmp_path / "none.toml", {})
    with pytest.raises(ConfigError, match="could not be read"):
        config.load(tmp_path, {})


def test_a_file_that_lies_here_is_not_taken_unasked_but_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who stands in the folder of a `hub.toml` hears how it is used; who named another file does not."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hub.toml").write_text("undo_days = 1\n", encoding="utf-8")

    with pytest.raises(ConfigError) as unasked:
        config.load(None, {})
    with pytest.raises(ConfigError) as named:
        config.load(tmp_path / "other" / "hub.toml", {})

    assert "--config hub.toml" in str(unasked.value.hint)
    assert "hub init" in str(named.value.hint)


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    """Each problem has its key, its line and the fix, in the order of the file."""
    text = """undo_dayz = 7
mirror = "yes"
[controller]
business_id = "12345678"
country = "Finland"
language = "fin"
fiscal_years = ["2020-01-01/2020-12-31", "2020-12-01/2021-11-30", "2021"]
[source.a]
kind = "exel"
[source.b]
kind = "probe"
mod = "row"
limit = true
mode = "rows"
columns = { "Nimi" = "nam" }
password = "sala-sana"
state = "state"
"""
    assert problems(tmp_path, text) == [
        "undo_dayz (line 1): There is no such key. Did you mean undo_days?",
        "mirror (line 2): Write true or false here.",
        "controller.business_id (line 4): Write it as seven digits, a hyphen and a check digit: 1234567-1.",
        "controller.country (line 5): Write the country's two capital letters: FI, SE, EE …",
        "controller.language (line 6): Write one of: fi, en. Did you mean fi?",
        'controller.fiscal_years (line 7): Year 3 must be its first and last day: "2025-01-01/2025-12-31".',
        "controller.fiscal_years (line 7): Two of the years overlap; each begins the day after the one before ends.",
        f"source.a.kind (line 9): Write one of: {', '.join(registry.kinds())}. Did you mean excel?",
        "source.b (line 10): The key path is missing: The file to read.",
        "source.b.mod (line 12): There is no such key. Did you mean mode?",
        "source.b.limit (line 13): Write a whole number from 1 on here, without quotes.",
        "source.b.mode (line 14): Write one of: cells, row. Did you mean row?",
        "source.b.columns (line 15): Write one of: name, phone. Did you mean name?",
        f"source.b.password (line 16): {_SECRET}",
        "source.b.state (line 17): This key belongs to the top of the file, above the first [table].",
    ]


ONE = '[source.a]\nkind = "probe"\npath = "x"\n'


@pytest.mark.parametrize(("business_id", "right"), [("1234567-1", True), ("1234567-2", False), ("1234576-1", False)])
def test_a_mistyped_business_id_is_told(tmp_path: Path, business_id: str, right: bool) -> None:
    """It would stand in every letter and every access package."""
    text = f'[controller]\nbusiness_id = "{business_id}"\n[source.a]\nkind = "probe"\npath = "a"\n'
    if right:
        assert load(tmp_path, text).controller.business_id == business_id
    else:
        assert problems(tmp_path, text)[0].startswith("controller.business_id (line 2): Look at it once more")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "source: No source is named."),
        ("[source]\n", "source (line 1): No source is named."),
        ("source = 1\n", "source (line 1): This is a table"),
        ("[source]\na = 1\n", "source.a (line 2): This is a table"),
        ('[source."a/b"]\nkind = "probe"\n', "source: The name of a source may hold"),
        ('[source.a]\npath = "x"\n', "source.a (line 1): The key kind is missing"),
        ("[source.a]\nkind = 1\n", "source.a.kind (line 2): Write one of"),
        ('[source.a]\nkind = "memory"\n', "source.a.kind (line 2): Write one of"),
        (ONE + 'label = ""\n', 'source.a.label (line 4): Write a text in "quotes" here.'),
        (ONE + "path2 = 1\n", "source.a.path2 (line 4): There is no such key. Did you mean path?"),
        (ONE + "xyzzy = 1\n", "source.a.xyzzy (line 4): There is no such key. Remove it"),
        (ONE + "columns = { a = 1 }\n", "source.a.columns (line 4): Write a table of texts"),
        (ONE + 'password = { env = "A", keyring = "b" }\n', "source.a.password (line 4): A password never stands"),
        (ONE + "password = { command = [] }\n", "source.a.password (line 4): A password never stands"),
        (ONE + ONE.replace("source.a", "source.b"), "source.b (line 4): Another source reads the very same register"),
        ("state = 1\n" + ONE, 'state (line 1): Write a text in "quotes" here.'),
        ('state = "x/state"\n' + ONE, "source.a.path (line 4): The hub's own folder and this register"),
        ('state = "."\n' + ONE, "source.a.path (line 4): The hub's own folder and this register"),
        ("undo_days = -1\n" + ONE, "undo_days (line 1): Write a whole number"),
        ("undo_days = true\n" + ONE, "undo_days (line 1): Write a whole number"),
        ("controller = 1\n" + ONE, "controller (line 1): This is a table"),
        ("report = 1\n" + ONE, "report (line 1): This is a table"),
        ("[controller]\nname = 1\n" + ONE, "controller.name (line 2): Write a text"),
        ('[controller]\nname = "a\\u0000b"\n' + ONE, "controller.name (line 2): Write a text"),
        ('[controller]\nfiscal_years = "2020"\n' + ONE, "controller.fiscal_years (line 2): Write a list"),
        ('[controller]\nfiscal_years = ["2020-12-31/2020-01-01"]\n' + ONE, "controller.fiscal_years (line 2): Year 1 must be"),
        ('[controller]\nfiscal_years = ["2020-02-30/2020-12-31"]\n' + ONE, "controller.fiscal_years (line 2): Year 1 must be"),
        ("[controller]\nfiscal_years = [1]\n" + ONE, "controller.fiscal_years (line 2): Year 1 must be"),
        ('[controller]\nfiscal_years = ["2020-01-01/2021-07-01"]\n' + ONE, "controller.fiscal_years (line 2): Year 1 is longer"),
        ('[controller]\nfiscal_year_end = "02-30"\n' + ONE, "controller.fiscal_year_end (line 2): Write month and day"),
        ('[controller]\nfiscal_year_end = "31.12."\n' + ONE, "controller.fiscal_year_end (line 2): Write month and day"),
        (
            '[controller]\nfiscal_year_end = "12-31"\nfiscal_years = ["2020-01-01/2020-12-31"]\n' + ONE,
            "controller.fiscal_year_end (line 2): Keep either",
        ),
        ("retention = 1\n" + ONE, "retention (line 1): This is a table"),
        (ONE + "[retention]\na = 24\n", "retention.a (line 5): Write the rule like this: { months = 24,"),
        (ONE + '[retention]\nb = { months = 24, why = "x" }\n', "retention.b (line 5): There is no source of this name"),
        (ONE + '[retention]\na = { why = "x" }\n', "retention.a.months (line 5): Write a whole number of months from 1 to 1200"),
        (ONE + '[retention]\na = { months = true, why = "x" }\n', "retention.a.months (line 5): Write a whole"),
        (ONE + '[retention]\na = { months = 0, why = "x" }\n', "retention.a.months (line 5): Write a whole"),
        (ONE + '[retention]\na = { months = "24", why = "x" }\n', "retention.a.months (line 5): Write a whole"),
        (ONE + '[retention]\na = { months = 24, from = "dat", why = "x" }\n', "retention.a.from (line 5): Write one of"),
        (
            ONE + '[retention]\na = { months = 24, why = "x", becuase = 1 }\n',
            "retention.a.becuase (line 5): There is no such key.",
        ),
        (ONE + "[retention]\na = { months = 24 }\n", "retention.a.why (line 5): Say why"),
        (ONE + '[retention]\na = { months = 24, why = " " }\n', "retention.a.why (line 5): Say why"),
        ("state = \n", "hub.toml is not valid TOML at line 1, column 9."),
        ('a = 1\na = 2\n[source.a\nkind = "salainen"', "hub.toml is not valid TOML at line"),
        ("[" * 5000, "hub.toml is not valid TOML at line"),
        (b'# \xe4\n[source.a]\nkind = "probe"\n', "hub.toml is not valid TOML at line 1, column 3."),
    ],
)
def test_each_problem_has_its_words(tmp_path: Path, text: str | bytes, expected: str) -> None:
    """A single thing wrong is a single problem that names the key and the fix."""
    (problem,) = problems(tmp_path, text)
    assert problem.startswith(expected)


def test_a_fiscal_year_of_eighteen_months_is_allowed(tmp_path: Path) -> None:
    """The first year of a company may be that long, and not a day longer."""
    found = load(tmp_path, '[controller]\nfiscal_years = ["2020-01-31/2021-07-30"]\n' + ONE)
    assert found.controller.fiscal_years == ((date(2020, 1, 31), date(2021, 7, 30)),)
    assert load(tmp_path, '[controller]\nfiscal_year_end = "12-31"\n' + ONE).controller.fiscal_year_end == "12-31"


def test_a_rule_says_how_long_a_source_keeps_and_why(tmp_path: Path) -> None:
    """Counted from the entry's date when nothing else is said; without the table there is no rule."""
    rules = load(tmp_path, ONE + '[retention]\na = { months = 24, why = "a quote" }\n').retention
    other = load(tmp_path, ONE + '[retention]\na = { months = 6, from = "birthday", why = "x" }\n').retention

    assert rules == {"a": Rule(24, "a quote", "date")}
    assert other == {"a": Rule(6, "x", "birthday")}
    assert load(tmp_path, ONE).retention == {}


def test_the_law_knows_the_controllers_years(tmp_path: Path) -> None:
    """Country and fiscal years come from the controller, the day from whoever asks."""
    law = load(tmp_path, GOOD).law(date(2026, 11, 27))

    assert (law.country, law.years[0][0], law.year_end, law.today) == ("FI", date(2019, 5, 1), "", date(2026, 11, 27))


def test_values_are_never_quoted(tmp_path: Path) -> None:
    """A password or a person's name in the wrong place stands in no message and no repr."""
    text = (
        '[controller]\nname = ["Maija Salainen"]\nlanguage = "Maija Salainen"\n[source.a]\nkind = "Maija Salainen"\n'
        '[source.b]\nkind = "probe"\npath = "x"\nmode = "Maija Salainen"\npassword = "Maija Salainen"\nlimit = "Maija Salainen"\n'
    )
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert len(caught.value.problems) == 6
    assert "Salainen" not in f"{caught.value}{caught.value!r}{caught.value.problems}"
    with pytest.raises(ConfigError) as broken:
        load(tmp_path, 'name = "Maija Salainen\n')
    assert "Salainen" not in f"{broken.value}{broken.value.problems}"
    assert broken.value.__suppress_context__


@given(st.dictionaries(st.text(max_size=8), st.one_of(st.integers(), st.text(max_size=8), st.booleans()), max_size=4))
def test_any_nonsense_is_refused(tmp_path_factory: pytest.TempPathFactory, table: dict[str, object]) -> None:
    """Whatever keys a source has, without a kind it is a list of problems, never a crash."""
    import json

    lines = "".join(f"{json.dumps(key)} = {json.dumps(value)}\n" for key, value in table.items() if "\x7f" not in f"{key}{value}")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path_factory.mktemp("config"), f"[source.a]\n{lines}")
    assert caught.value.problems
