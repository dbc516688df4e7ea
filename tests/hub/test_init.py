"""Looking for registers: what is found, what is left alone, and a configuration that can be used."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import openpyxl
import pytest

from connectors import _resources, registry
from connectors.errors import ConfigError, UsageError
from hub import config, init
from hub.init import Found, discover, write_config


def workbook(path: Path) -> Path:
    """A small real workbook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    openpyxl.Workbook().save(path)
    return path


def profile(folder: Path, *, listed: bool = True) -> Path:
    """A Thunderbird profile with an address book; in a folder with profiles.ini, or alone."""
    own = folder / "Profiles" / "one.default" if listed else folder
    own.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(own / "abook.sqlite") as book:
        book.execute("CREATE TABLE properties (card TEXT, name TEXT, value TEXT)")
    if listed:
        (folder / "profiles.ini").write_text("[Profile0]\nName=default\nIsRelative=1\nPath=Profiles/one.default\n")
    return folder


def seen(found: list[Found], base: Path) -> set[tuple[str, str, bool]]:
    """Kind, place and use of what was found."""
    places = [(item.kind, item.setting or item.path.relative_to(base).as_posix(), item.used) for item in found]
    assert len(set(places)) == len(places)
    return set(places)


def look(home: Path, folder: Path | None = None, platform: str = "linux") -> list[Found]:
    """Look around from a home folder."""
    return discover(home, {}, platform, folder)


def test_a_folder_of_registers(tmp_path: Path) -> None:
    """Workbooks that sound like registers, Thunderbird's folders and cards are found; lock files, copies and others are not used."""
    home, folder = tmp_path / "home", tmp_path / "firma"
    workbook(folder / "Asiakkaat.xlsx")
    workbook(folder / "Asiakkaat 2.xlsx")
    workbook(folder / "deep" / "er" / "Jäsenet.xlsm")
    workbook(folder / "budjetti.xlsx")
    workbook(folder / "1" / "2" / "3" / "4" / "asiakkaat.xlsx")
    workbook(folder / ".hidden" / "asiakkaat.xlsx")
    (folder / "~$Asiakkaat.xlsx").write_bytes(b"PK\x03\x04")
    (folder / "asiakkaat-vanha.xlsx").write_bytes(b"\xd0\xcf\x11\xe0 not a zip")
    (folder / ".asiakkaat-pilvi.xlsx.icloud").write_bytes(b"bplist00")
    (folder / "kortit.vcf").write_text("BEGIN:VCARD\n")
    (folder / "kortit 2.vcf").write_text("BEGIN:VCARD\n")
    (folder / "puhelin" / "vanhat").mkdir(parents=True)
    for name in ("a.vcf", "b.VCF", "vanhat/c.vcf", "vanhat/d.vcf"):
        (folder / "puhelin" / name).write_text("BEGIN:VCARD\n")
    (folder / "asiakkaat.txt").write_text("")
    profile(folder / "Thunderbird")
    profile(folder / "vanha", listed=False)
    (folder / "empty").mkdir()
    (folder / "empty" / "abook.sqlite").write_bytes(b"")
    found = look(home, folder)
    assert seen(found, folder) == {
        ("excel", "Asiakkaat.xlsx", True),
        ("excel", "deep/er/Jäsenet.xlsm", True),
        ("excel", "budjetti.xlsx", False),
        ("excel", "asiakkaat-vanha.xlsx", False),
        ("excel", "asiakkaat-pilvi.xlsx", False),
        ("thunderbird", "Thunderbird", True),
        ("thunderbird", "vanha", True),
        ("vcard", "kortit.vcf", True),
        ("vcard", "puhelin", True),
    }
    assert all(item.used or item.note for item in found)
    assert "firma" not in repr(found)


def test_tables_and_exports_of_the_invoicing_program(tmp_path: Path) -> None:
    """A CSV whose name tells is used; a folder named after the program, or with an electronic invoice, is one source."""
    for folder in ("Isolta viennit/2026", "laskut", "kuvat"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("osallistujat.csv", "hinnasto.csv", "Isolta viennit/2026/asiakkaat.csv", "laskut/asiakkaat.csv"):
        (tmp_path / name).write_text("Nimi;Puhelin\n", encoding="utf-8")
    (tmp_path / "laskut" / "l.xml").write_text('<?xml version="1.0"?><Finvoice Version="3.0">', encoding="utf-8")
    (tmp_path / "kuvat" / "muu.xml").write_text("<svg/>", encoding="utf-8")

    found = init.discover(tmp_path / "koti", {}, "linux", tmp_path)

    assert sorted((item.kind, item.path.relative_to(tmp_path).as_posix(), item.used) for item in found) == [
        ("arkhimedes", "Isolta viennit", True),
        ("arkhimedes", "laskut", True),
        ("csv", "hinnasto.csv", False),
        ("csv", "osallistujat.csv", True),
    ]


FINVOICE = (
    '<?xml version="1.0"?><Finvoice Version="3.0"><InvoiceDetails><InvoiceNumber>1</InvoiceNumber></InvoiceDetails></Finvoice>'
)


def test_invoices_that_lie_loose_in_the_folder(tmp_path: Path) -> None:
    """Among other registers only the invoices are the source's; a folder of nothing but invoices is one export."""
    mixed, only, named = (tmp_path / name for name in ("firma", "laskut", "arkhimedes"))
    for folder in (mixed, only, named):
        folder.mkdir()
        (folder / "lasku-1.xml").write_text(FINVOICE, encoding="utf-8")
        (folder / "lasku-2.pdf").write_bytes(b"%PDF-")
    workbook(mixed / "asiakkaat.xlsx")
    (mixed / "laskut 2025").mkdir()
    (mixed / "laskut 2025" / "l.xml").write_text(FINVOICE, encoding="utf-8")
    (named / "asiakkaat.csv").write_text("Nimi;Puhelin\n", encoding="utf-8")

    assert [look(tmp_path / "home", folder) for folder in (only, named)] == [
        [init.Found("arkhimedes", only)],
        [init.Found("arkhimedes", named)],
    ]
    assert seen(look(tmp_path / "home", mixed), mixed) == {
        ("excel", "asiakkaat.xlsx", True),
        ("arkhimedes", ".", True),
        ("arkhimedes", "laskut 2025", True),
    }
    told = config.load(init.init(mixed, {}, tmp_path / "home").config, {}).sources
    assert {source.options["path"]: source.options["content"] for source in told if source.kind == "arkhimedes"} == {
        mixed: "invoices",
        mixed / "laskut 2025": "everything",
    }


def test_paper_binders(tmp_path: Path) -> None:
    """A folder with an index is a binder by its name, or by pictures beside the index; what is in it is no other register."""
    for folder in ("Mappi 2", "sivut/kuvat", "data", "mappi ilman", "mappi 3"):
        (tmp_path / folder).mkdir(parents=True)
    for name in (
        "index.csv",
        "Mappi 2/index.csv",
        "Mappi 2/asiakkaat.csv",
        "sivut/index.csv",
        "data/index.csv",
        "mappi ilman/a.csv",
    ):
        (tmp_path / name).write_text("Nimi;Paikka\n", encoding="utf-8")
    (tmp_path / "sivut/kuvat/sivu1.PNG").write_bytes(b"\x89PNG")
    workbook(tmp_path / "mappi 3" / "index.xlsx")

    assert seen(look(tmp_path / "home", tmp_path), tmp_path) == {
        ("paper", "Mappi 2", True),
        ("paper", "sivut", True),
        ("paper", "mappi 3", True),
        ("csv", "index.csv", False),
        ("csv", "data/index.csv", False),
        ("csv", "mappi ilman/a.csv", False),
    }
    done = init.init(tmp_path, {}, tmp_path / "home")
    used = {source.name: source.options["path"] for source in config.load(done.config, {}).sources}
    assert used == {"binder": tmp_path / "Mappi 2", "mappi-3": tmp_path / "mappi 3", "sivut": tmp_path / "sivut"}


def test_old_address_books_and_false_tables(tmp_path: Path) -> None:
    """A profile that has only a book in the old format is found by its first bytes; a CSV that is no text is not used."""
    for folder, begins in (("vanha", b'// <!-- <mdb:mork:z v="1.4"/> -->\n'), ("muu", b"something else")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "abook.mab").write_bytes(begins)
    (tmp_path / "uutiskirje.tsv").write_bytes("Nimi\tPuhelin".encode("utf-16"))
    (tmp_path / "asiakkaat.csv").write_bytes(b"PK\x03\x04\0\0")
    (tmp_path / "jäsenet.csv").write_bytes(b"")

    assert seen(look(tmp_path / "home", tmp_path), tmp_path) == {
        ("thunderbird", "vanha", True),
        ("csv", "uutiskirje.tsv", True),
        ("csv", "asiakkaat.csv", False),
        ("csv", "jäsenet.csv", False),
    }


def test_the_registers_of_a_home_folder(tmp_path: Path) -> None:
    """The folders of iCloud Drive and Thunderbird's own places are searched on each system; only workbooks that sound right are used."""
    for platform, drive, mail in (
        ("linux", "iCloudDrive", ".thunderbird"),
        ("darwin", "Library/Mobile Documents/com~apple~CloudDocs", "Library/Thunderbird"),
        ("win32", "iCloudDrive", "AppData/Roaming/Thunderbird"),
    ):
        home = tmp_path / platform
        workbook(home / drive / "Yritys" / "asiakasrekisteri.xlsx")
        workbook(home / drive / "reseptit.xlsx")
        profile(home / mail)
        assert seen(look(home, platform=platform), home / drive) == {
            ("excel", "Yritys/asiakasrekisteri.xlsx", True),
            ("excel", "reseptit.xlsx", False),
            ("thunderbird", "auto", True),
        }


def test_the_home_folder_itself_may_be_named(tmp_path: Path) -> None:
    """What lies in both places is found once."""
    workbook(tmp_path / "Documents" / "asiakkaat.xlsx")
    profile(tmp_path / ".thunderbird")
    assert seen(look(tmp_path, tmp_path), tmp_path) == {
        ("excel", "Documents/asiakkaat.xlsx", True),
        ("thunderbird", "auto", True),
    }
    assert seen(look(tmp_path, tmp_path / ".thunderbird"), tmp_path) == {
        ("excel", "Documents/asiakkaat.xlsx", True),
        ("thunderbird", "auto", True),
    }


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking stops after so many files, or so much time, and follows no link out of the folder."""
    outside = workbook(tmp_path / "outside" / "asiakkaat.xlsx")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "link").symlink_to(outside.parent, target_is_directory=True)
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    assert look(tmp_path / "home", folder) == []
    for number in range(6):
        workbook(folder / f"asiakkaat{number}.xlsx")
    monkeypatch.setattr(init, "MOST_FILES", 4)
    assert len(look(tmp_path / "home", folder)) == 4
    monkeypatch.setattr(init, "MOST_FILES", 100)
    assert len(look(tmp_path / "home", folder)) == 6
    monkeypatch.setattr(init, "SECONDS", -1)
    assert look(tmp_path / "home", folder) == []


def test_looking_reads_only_first_bytes(tmp_path: Path) -> None:
    """A file that cannot be read is noted and nothing fails; no file is changed."""
    book = workbook(tmp_path / "asiakkaat.xlsx")
    before = book.stat()
    (tmp_path / "pipe-asiakkaat.xlsx").symlink_to(tmp_path / "nowhere")
    found = look(tmp_path / "home", tmp_path)
    assert {item.path.name: item.used for item in found} == {"asiakkaat.xlsx": True, "pipe-asiakkaat.xlsx": False}
    assert (book.stat().st_mtime_ns, book.stat().st_size) == (before.st_mtime_ns, before.st_size)


def test_what_is_written_can_be_used(tmp_path: Path) -> None:
    """The configuration names each register, relative where it lies inside, unused ones behind #, for this user only."""
    folder, home = tmp_path / 'fir"ma', tmp_path / "home"
    workbook(folder / "asiakkaat.xlsx")
    workbook(folder / "Jäsenet ääö 'x'.xlsx")
    workbook(folder / "budjetti.xlsx")
    profile(folder / "Thunderbird")
    profile(home / ".thunderbird")
    workbook(home / "iCloudDrive" / "kunder.xlsx")
    done = init.init(folder, {}, home)
    assert done.config == folder / "hub.toml"
    assert stat.S_IMODE(done.config.stat().st_mode) == 0o600
    found = config.load(done.config, {})
    paths = {source.name: (source.kind, source.options.get("path") or source.options["profile"]) for source in found.sources}
    assert paths == {
        "customers": ("excel", folder / "Jäsenet ääö 'x'.xlsx"),
        "asiakkaat": ("excel", folder / "asiakkaat.xlsx"),
        "kunder": ("excel", home / "iCloudDrive" / "kunder.xlsx"),
        "mail": ("thunderbird", "auto"),
        "thunderbird": ("thunderbird", folder / "Thunderbird"),
    }
    text = done.config.read_text("utf-8")
    assert '# path = "budjetti.xlsx"' in text
    assert '\npath = "asiakkaat.xlsx"' in text
    assert str(folder) not in text


def test_nothing_is_ever_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub.toml that is there stays byte for byte, even a dangling link; so does the rest of the folder."""
    workbook(tmp_path / "asiakkaat.xlsx")
    target = tmp_path / "hub.toml"
    target.write_text("mine")
    with pytest.raises(UsageError, match="already"):
        init.init(tmp_path, {}, tmp_path / "home")
    with pytest.raises(UsageError, match="already"):
        write_config([], target)
    assert target.read_text() == "mine"
    target.unlink()
    target.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="already"):
        write_config([], target)
    assert not (tmp_path / "elsewhere").exists()
    target.unlink()
    target.write_text("mine")
    with monkeypatch.context() as patch:
        # As if it had come there a moment after the look.
        patch.setattr(init, "_refuse_existing", lambda _target: None)
        with pytest.raises(UsageError):
            write_config([], target)
    assert target.read_text() == "mine"
    with pytest.raises(UsageError, match="no folder"):
        init.init(tmp_path / "missing", {}, tmp_path / "home")
    with pytest.raises(UsageError, match="could not be written"):
        write_config([], tmp_path / "asiakkaat.xlsx" / "hub.toml")


def test_without_a_folder_it_is_written_where_the_hub_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`hub init` alone writes into the user's configuration directory, and the hub finds it there."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    profile(tmp_path / ".thunderbird")
    done = init.init(None, {}, tmp_path)
    assert [source.name for source in config.load(None, {}).sources] == ["mail"]
    assert done.config == config.default_path()


def test_nothing_found_is_a_file_to_fill_in(tmp_path: Path) -> None:
    """Without any register the configuration says how to name one, and the hub says that none is named."""
    done = init.init(tmp_path, {}, tmp_path / "home")
    assert done.found == ()
    with pytest.raises(ConfigError, match="1 to correct"):
        config.load(done.config, {})


def test_names_in_a_broken_encoding_are_left_alone(tmp_path: Path) -> None:
    """A file name that is no UTF-8 cannot stand in a TOML file."""
    source = workbook(tmp_path / "asiakkaat.xlsx")
    try:
        os.link(os.fsencode(source), os.fsencode(tmp_path) + b"/asiakkaat-\xff.xlsx")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert [item.path.name for item in look(tmp_path / "home", tmp_path)] == ["asiakkaat.xlsx"]


def test_the_examples_are_true(tmp_path: Path) -> None:
    """Taking the # away from every key of an example gives a configuration without problems; every kind has an example."""
    general = uncommented(_resources.path("hub.example.toml").read_text("utf-8")).replace("fiscal_year_end", "# fiscal_year_end")
    tables = [uncommented(_resources.path("sources", f"{kind}.toml").read_text("utf-8")) for kind in registry.kinds()]
    file = tmp_path / "hub.toml"
    file.write_text("\n".join([general, *tables]), encoding="utf-8")
    assert len(config.load(file, {}).sources) == len(tables)
    for kind, table in zip(registry.kinds(), tables, strict=True):
        # The region comes from the controller; an endpoint and a ready token are for tests and services.
        unsaid = {option.name for option in registry.connector_class(kind).options if option.name not in table}
        assert unsaid <= {"region", "endpoint", "token"}


def uncommented(text: str) -> str:
    """A TOML text with its commented keys in force."""
    lines = text.splitlines()
    return "\n".join(line[2:] if line.startswith("# ") and line[2:].split(" = ")[0].isidentifier() else line for line in lines)
