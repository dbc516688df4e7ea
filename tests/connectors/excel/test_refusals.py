"""An erase that must not be done changes nothing; one that is interrupted leaves the old file or the new one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors import _files, _system
from connectors._workbook import erasing, verify
from connectors._workbook.edit import Change, Clear, edit_row
from connectors._workbook.package import Package
from connectors.errors import Conflict, Fault, HubError, Locked, Refused
from tests.connectors.excel.books import (
    MAIN,
    change,
    entries,
    handmade,
    inline,
    of,
    open_source,
    parts_of,
    register,
    remove,
    texts,
)

SHEET = "xl/worksheets/sheet1.xml"
WORKBOOK = "xl/workbook.xml"
RELS = "_rels/.rels"


def locked_by_excel(path: Path) -> None:
    """Excel's owner file beside the workbook."""
    path.with_name(f"~${path.name}").write_bytes(b"\x05Owner")


def locked_by_libreoffice(path: Path) -> None:
    """LibreOffice's lock file beside the workbook."""
    path.with_name(f".~lock.{path.name}#").write_text(",owner,host,;")


def protected_workbook(path: Path) -> None:
    """A workbook whose structure is locked."""
    change(path, WORKBOOK, lambda data: data.replace(b"<bookViews>", b'<workbookProtection lockStructure="1"/><bookViews>'))


def protected_sheet(path: Path) -> None:
    """A sheet with a password on it."""
    change(path, SHEET, lambda data: data.replace(b"</sheetData>", b'</sheetData><sheetProtection sheet="1" objects="1"/>'))


def signed(path: Path) -> None:
    """A package with a signature's origin."""
    link = b'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin" Target="_xmlsignatures/origin.sigs"/>'
    change(path, RELS, lambda data: data.replace(b"</Relationships>", link + b"</Relationships>"))
    change(path, "_xmlsignatures/origin.sigs", lambda _data: b" ")


def dtd_elsewhere(path: Path) -> None:
    """A document type in a part that reading does not need."""
    change(path, "xl/theme/theme1.xml", lambda data: data.replace(b"?>", b"?><!DOCTYPE x>", 1))


GUARDS: dict[str, tuple[type[HubError], Callable[[Path], None]]] = {
    "excel": (Locked, locked_by_excel),
    "libreoffice": (Locked, locked_by_libreoffice),
    "workbook": (Refused, protected_workbook),
    "sheet": (Refused, protected_sheet),
    "signed": (Refused, signed),
    "dtd": (Refused, dtd_elsewhere),
}


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize("mode", ["cells", "row"])
def test_it_is_read_but_not_written(tmp_path: Path, guard: str, mode: str) -> None:
    """What forbids an erase is said with what to do; the file keeps its bytes and its time, the folder its files."""
    error, prepare = GUARDS[guard]
    path = register(tmp_path / "a.xlsx")
    prepare(path)
    source = open_source(path, on_erase=mode)
    found = entries(source)
    assert len(found) == 3
    before = (path.read_bytes(), path.stat().st_mtime_ns, sorted(tmp_path.iterdir()))
    with pytest.raises(error) as caught:
        remove(source, found[0])
    assert caught.value.hint
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(tmp_path.iterdir())) == before
    if guard in ("excel", "libreoffice", "workbook", "signed"):
        assert not source.check().may_erase
        assert source.check().may_read


def test_unlocked_protection_is_none(tmp_path: Path) -> None:
    """A protection element that locks nothing forbids nothing."""
    path = register(tmp_path / "a.xlsx")
    change(path, SHEET, lambda data: data.replace(b"</sheetData>", b'</sheetData><sheetProtection sheet="0"/>'))
    change(path, WORKBOOK, lambda data: data.replace(b"<bookViews>", b'<workbookProtection lockStructure="0"/><bookViews>'))
    source = open_source(path)
    assert remove(source, entries(source)[0]) == "redacted"


class Killed(Exception):
    """The process dies here."""


def dies(*_args: object, **_kwargs: object) -> None:
    """Stand in for a step that is never finished."""
    raise Killed


WRITE_POINTS: dict[str, tuple[object, str]] = {
    "build": (Package, "write"),
    "flush": (_files, "_flush"),
    "verify": (verify, "verify"),
    "carry over": (_files, "_carry_over"),
    "re-hash": (_files, "digest"),
    "replace": (_system, "replace"),
}


@pytest.mark.parametrize("point", WRITE_POINTS)
def test_a_death_at_any_point_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    """Up to the replace the old workbook is whole and nothing else lies beside it."""
    path = register(tmp_path / "a.xlsx")
    source = open_source(path)
    entry = of(source, "Pekka Laine")
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(*WRITE_POINTS[point], dies)
        with pytest.raises(Killed):
            remove(source, entry)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    assert remove(source, entry) == "redacted"


def test_half_a_build_is_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new file that is cut off while it is written never replaces the old one."""
    path = register(tmp_path / "a.xlsx")
    source = open_source(path)
    entry = of(source, "Pekka Laine")
    before = path.read_bytes()
    write = Package.write

    def half(self: Package, target: Path) -> None:
        write(self, target)
        os.truncate(target, target.stat().st_size // 2)

    monkeypatch.setattr(Package, "write", half)
    with pytest.raises(HubError):
        remove(source, entry)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_change_while_writing_is_a_conflict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When Excel saves in between, its version stays."""
    path = register(tmp_path / "a.xlsx")
    source = open_source(path)
    entry = of(source, "Pekka Laine")
    check = verify.verify

    def saved_meanwhile(*args: object) -> None:
        check(*args)  # type: ignore[arg-type]  # the same arguments
        register(path, [["Uusi Oy", "Uusi Ihminen"]])

    monkeypatch.setattr(verify, "verify", saved_meanwhile)
    with pytest.raises(Conflict):
        remove(source, entry)
    assert texts(path)["Asiakkaat"]["B2"] == "Uusi Ihminen"
    assert list(tmp_path.iterdir()) == [path]


def one_too_many(root: bytes, row: bytes, changes: dict[int, Change]) -> bytes:
    """An editor that also empties a cell nobody asked for."""
    return edit_row(root, row, {**changes, 6: Clear()})


def one_too_few(root: bytes, row: bytes, changes: dict[int, Change]) -> bytes:
    """An editor that forgets one cell."""
    return edit_row(root, row, dict(list(changes.items())[1:]))


def other_row(root: bytes, row: bytes, changes: dict[int, Change]) -> bytes:
    """An editor that loses the row's own attributes."""
    return edit_row(root, row, changes).replace(b' spans="1:6"', b"")


@pytest.mark.parametrize(
    ("editor", "blind"),
    [
        (one_too_many, "_verify_sheet"),
        (one_too_few, "_verify_sheet"),
        *((editor, "_second_reader") for editor in (one_too_many, one_too_few, other_row)),
    ],
)
def test_a_wrong_edit_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, editor: object, blind: str) -> None:
    """An editor that does more or less than planned is a fault, seen by either reader alone, and nothing is written."""
    monkeypatch.setattr(verify, blind, lambda *_args: None)
    path = register(tmp_path / "a.xlsx")
    source = open_source(path)
    entry = of(source, "Pekka Laine")
    before = path.read_bytes()
    monkeypatch.setattr(erasing, "edit_row", editor)
    with pytest.raises(Fault):
        remove(source, entry)
    assert path.read_bytes() == before


@pytest.mark.parametrize("part", ["xl/styles.xml", "xl/sharedStrings.xml"])
def test_a_wrong_part_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """A member that differs from what was meant, edited or not, is a fault."""
    path = register(tmp_path / "a.xlsx")
    source = open_source(path)
    write = Package.write

    def spoiled(self: Package, target: Path) -> None:
        write(self, target)
        change(target, part, lambda data: data + b" ")

    monkeypatch.setattr(Package, "write", spoiled)
    before = path.read_bytes()
    with pytest.raises(Fault):
        remove(source, entries(source)[0])
    assert path.read_bytes() == before


def test_zero_changes_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody was found, nothing changed: that is never reported as done."""
    path = register(tmp_path / "a.xlsx")
    source = open_source(path)
    monkeypatch.setattr(erasing, "edit_row", lambda _root, row, _changes: row)
    monkeypatch.setattr(erasing, "scrub", lambda *_args: ())
    monkeypatch.setattr(erasing.Eraser, "_empty_strings", lambda _self: frozenset())
    with pytest.raises(Fault, match="Nothing changed"):
        remove(source, entries(source)[0])


def test_a_lost_formula_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shared formula whose master is not moved changes the other rows for openpyxl: the second reader sees it."""
    rows = inline([["Nimi", "Hinta"], ["Maija Virtanen", 1], ["Pekka Laine", 2]])
    rows = rows.replace("<v>1</v></c></row>", '<v>1</v></c><c r="C2"><f t="shared" ref="C2:C3" si="0">B2*2</f><v>2</v></c></row>')
    rows = rows.replace("<v>2</v></c></row>", '<v>2</v></c><c r="C3"><f t="shared" si="0"/><v>4</v></c></row>', 2).replace(
        '<v>2</v></c><c r="C3"><f t="shared" si="0"/><v>4</v></c></row>', "<v>2</v></c></row>", 1
    )
    path = handmade(tmp_path / "a.xlsx", {"S": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'})
    assert parts_of(path)[SHEET].count(b"shared") == 2
    source = open_source(path, on_erase="row")
    entry = entries(source)[0]
    with monkeypatch.context() as patch:
        patch.setattr(erasing, "move_masters", lambda *_args: [])
        before = path.read_bytes()
        with pytest.raises(Fault):
            remove(source, entry)
        assert path.read_bytes() == before
    assert remove(source, entry) == "erased"
    assert texts(path)["S"]["C3"] == "=B3*2"


@pytest.mark.parametrize(("lock", "mark"), [(locked_by_excel, "~$a.xlsx"), (locked_by_libreoffice, ".~lock.a.xlsx#")])
def test_it_names_the_lock_that_is_there(tmp_path: Path, lock: Callable[[Path], None], mark: str) -> None:
    """After a crash its owner deletes that file: the other program's would not be found."""
    path = register(tmp_path / "a.xlsx")
    source = open_source(path)
    entry = of(source, "Pekka Laine")
    lock(path)

    with pytest.raises(Locked) as caught:
        remove(source, entry)

    assert f"delete the file {mark}." in str(caught.value.hint)
