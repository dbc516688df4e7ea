"""A workbook's package: read with suspicion, written with unchanged members byte for byte."""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from connectors._workbook import archive
from connectors._workbook.package import ROOT, Package
from connectors.errors import Damaged, Fault, HubError, Refused, Unreachable
from tests.connectors.excel.books import ROWS, change, entries, handmade, inline, open_source, pack, parts_of, register

LIST = inline([["Nimi", "Puhelin"], ["Maija Virtanen", "0401234567"]])


class Unseekable(io.FileIO):
    """A stream into which zipfile writes data descriptors, because it cannot go back."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError

    def seek(self, *_args: object) -> int:
        raise OSError


def with_descriptors(path: Path, source: Path, *, zip64: bool = False) -> Path:
    """The same workbook with sizes behind the data, and in eight bytes each."""
    parts = parts_of(source)
    with zipfile.ZipFile(Unseekable(path, "w"), "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in parts.items():
            with book.open(name, "w", force_zip64=zip64) as member:
                member.write(data)
    return path


def variants(folder: Path) -> list[Path]:
    """One register as different programs pack it."""
    plain = register(folder / "plain.xlsx")
    saved = folder / "openpyxl.xlsx"
    openpyxl.load_workbook(plain).save(saved)
    stored = pack(folder / "stored.xlsx", parts_of(plain), zipfile.ZIP_STORED)
    return [
        plain, saved, stored, with_descriptors(folder / "late.xlsx", plain), with_descriptors(folder / "late64.xlsx", plain, zip64=True),
    ]  # fmt: skip


def test_unedited_members_keep_every_byte(tmp_path: Path) -> None:
    """Writing without edits gives the same members, headers and order; with one edit only that member differs."""
    for path in variants(tmp_path):
        with zipfile.ZipFile(path) as old:
            assert all(bool(info.flag_bits & 8) is path.name.startswith("late") for info in old.infolist())
        package = Package(path)
        out = tmp_path / "out.zip"
        package.write(out)
        if "late64" not in path.name:
            assert out.read_bytes() == path.read_bytes(), path.name
        part = package.sheets[0].part
        package.replace(part, package.read(part).replace(b"<sheetData", b"<!-- x --><sheetData"))
        package.write(out)
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(out) as new:
            assert new.testzip() is None
            for was, now in zip(old.infolist(), new.infolist(), strict=True):
                same = ("filename", "date_time", "compress_type", "flag_bits", "external_attr", "create_system", "comment")
                assert [getattr(was, name) for name in same] == [getattr(now, name) for name in same]
                assert (old.read(was) == new.read(now)) is (was.filename != part)
        again = Package(out)
        assert {name for name in again.names if again.packed(name) != package.packed(name)} == {part}


def test_a_dropped_member_is_gone_without_a_trace(tmp_path: Path) -> None:
    """A member that is left out is in no record and in no gap of the new file."""
    path = handmade(tmp_path / "a.xlsx", {"S": LIST}, extra={"secret.bin": bytes(range(256))}, compression=zipfile.ZIP_STORED)
    package = Package(path)
    package.drop("secret.bin")
    package.write(tmp_path / "out.xlsx")
    assert bytes(range(256)) not in (tmp_path / "out.xlsx").read_bytes()
    assert "secret.bin" not in Package(tmp_path / "out.xlsx").names
    assert package.edited == ("secret.bin",)


def test_dead_bytes_between_members_are_not_copied(tmp_path: Path) -> None:
    """What an appending program left between or before the members does not come along."""
    path = handmade(tmp_path / "a.xlsx", {"S": LIST})
    with zipfile.ZipFile(path, "a") as book:
        book.comment = b"maija@posti.example"
    path.write_bytes(b"Maija Virtanen" + path.read_bytes())
    package = Package(path)
    package.write(tmp_path / "out.xlsx")
    data = (tmp_path / "out.xlsx").read_bytes()
    assert b"Maija" not in data
    assert b"maija@" not in data
    assert Package(tmp_path / "out.xlsx").names == package.names


def test_parts_are_found_by_relationships(tmp_path: Path) -> None:
    """A workbook whose parts have other names and cases is read all the same."""
    path = handmade(tmp_path / "a.xlsx", {"Yksi": LIST, "Kaksi": LIST}, states={"Kaksi": "veryHidden"})
    parts = {
        name.replace("xl/workbook", "Data/BOOK").replace("xl/_rels/workbook", "Data/_rels/BOOK"): data
        for name, data in parts_of(path).items()
    }
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"xl/workbook.xml", b"/data/book.xml")
    parts["Data/_rels/BOOK.xml.rels"] = parts["Data/_rels/BOOK.xml.rels"].replace(b"worksheets/", b"../xl/worksheets/")
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"/xl/workbook.xml", b"/data/book.xml")
    package = Package(pack(path, parts))
    assert package.workbook_part == "Data/BOOK.xml"
    assert [(sheet.name, sheet.state, sheet.sheet_id) for sheet in package.sheets] == [
        ("Yksi", "visible", 1),
        ("Kaksi", "veryHidden", 2),
    ]
    assert package.related(ROOT, "officeDocument") == ["Data/BOOK.xml"]
    assert package.content_type("Data/BOOK.xml").endswith("sheet.main+xml")


def test_edits_are_read_back(tmp_path: Path) -> None:
    """`read` gives the edit, `original` what is in the file, and the same bytes are no edit."""
    package = Package(handmade(tmp_path / "a.xlsx", {"S": LIST}))
    part = package.sheets[0].part
    package.replace(part, package.read(part))
    assert not package.edited
    package.replace(part, b"<x/>")
    assert package.read(part) == b"<x/>"
    assert list(package.edited) == [part]
    assert package.original(part) != b"<x/>"
    with pytest.raises(Fault):
        package.replace("xl/none.xml", b"")


def test_utf16_parts_are_written_as_they_were(tmp_path: Path) -> None:
    """A part in UTF-16 is handed out in UTF-8 and written back in UTF-16."""
    package = Package(handmade(tmp_path / "a.xlsx", {"S": LIST}, encoding="utf-16"))
    part = package.sheets[0].part
    before = package.read(part)
    package.replace_utf8(part, package.utf8(part))
    assert package.edited == ()
    package.replace_utf8(part, package.utf8(part).replace(b"Maija", "Äijä".encode()))
    assert package.read(part).decode("utf-16") == before.decode("utf-16").replace("Maija", "Äijä")


def ole(path: Path, stream: str) -> Path:
    """A compound file such as Excel writes for encrypted and for old workbooks."""
    path.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(504) + stream.encode("utf-16-le") + bytes(512))
    return path


def flag_encrypted(path: Path) -> Path:
    """Mark the members of a zip as encrypted."""
    data = bytearray(handmade(path, {"S": LIST}).read_bytes())
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 4)
    path.write_bytes(bytes(data))
    return path


def duplicated(path: Path) -> Path:
    """A workbook with one part twice."""
    handmade(path, {"S": LIST})
    with zipfile.ZipFile(path, "a") as book, pytest.warns(UserWarning, match="Duplicate"):
        book.writestr("xl/workbook.xml", b"<x/>")
    return path


def named(path: Path, name: str) -> Path:
    """A workbook with a member of an evil name."""
    return handmade(path, {"S": LIST}, extra={name: b"x"})


def lying(path: Path) -> Path:
    """A member that unpacks to more than its record says."""
    parts = parts_of(handmade(path, {"S": LIST}))
    pack(path, parts)
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = data.rfind(
            mark, 0, data.find(b"xl/workbook.xml", data.find(mark)) if mark == b"PK\3\4" else data.rfind(b"xl/workbook.xml")
        )
        data[at + offset : at + offset + 4] = struct.pack("<L", 10)
    path.write_bytes(bytes(data))
    return path


def text(path: Path, content: bytes) -> Path:
    """Any file."""
    path.write_bytes(content)
    return path


def without_middle(path: Path) -> Path:
    """A workbook that lost some of its bytes on the way."""
    data = register(path).read_bytes()
    return text(path, data[:300] + data[600:])


BOMB = b"0" * (archive.BIG + 1)

REFUSALS: dict[str, tuple[type[HubError], Callable[[Path], Path]]] = {
    "empty": (Damaged, lambda folder: text(folder / "a.xlsx", b"")),
    "no zip": (Damaged, lambda folder: text(folder / "a.xlsx", b"hello there")),
    "truncated": (Damaged, lambda folder: text(folder / "a.xlsx", register(folder / "b.xlsx").read_bytes()[:-400])),
    "cut in the middle": (Damaged, lambda folder: without_middle(folder / "a.xlsx")),
    "no workbook": (Damaged, lambda folder: pack(folder / "a.xlsx", {"word/document.xml": b"<x/>"})),
    "password": (Refused, lambda folder: ole(folder / "a.xlsx", "EncryptedPackage")),
    "encrypted members": (Refused, lambda folder: flag_encrypted(folder / "a.xlsx")),
    "xls": (Refused, lambda folder: ole(folder / "a.xls", "Workbook")),
    "csv": (Refused, lambda folder: text(folder / "a.csv", b"Nimi;Puhelin")),
    "ods": (Refused, lambda folder: pack(folder / "a.ods", {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"})),
    "xlsb": (Refused, lambda folder: change(handmade(folder / "a.xlsb", {"S": LIST}), "[Content_Types].xml", lambda d: d.replace(b"spreadsheetml.sheet.main", b"sheet.binary.macroEnabled.main"))),
    "twice": (Refused, lambda folder: duplicated(folder / "a.xlsx")),
    "dots": (Refused, lambda folder: named(folder / "a.xlsx", "xl/../../evil.xml")),
    "backslashes": (Refused, lambda folder: named(folder / "a.xlsx", "..\\evil.xml")),
    "absolute": (Refused, lambda folder: named(folder / "a.xlsx", "/etc/evil")),
    "drive": (Refused, lambda folder: named(folder / "a.xlsx", "C:/evil")),
    "bomb": (Refused, lambda folder: handmade(folder / "a.xlsx", {"S": LIST}, extra={"xl/media/a.bin": BOMB})),
    "lying size": (Damaged, lambda folder: lying(folder / "a.xlsx")),
    "lzma": (Refused, lambda folder: handmade(folder / "a.xlsx", {"S": LIST}, compression=zipfile.ZIP_LZMA)),
    "dtd": (Refused, lambda folder: change(handmade(folder / "a.xlsx", {"S": LIST}), "xl/worksheets/sheet1.xml", lambda d: d.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>'))),
    "dtd in utf-16": (Refused, lambda folder: handmade(folder / "a.xlsx", {"S": f'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><worksheet><sheetData>{LIST}</sheetData></worksheet>'}, encoding="utf-16")),
    "broken sheet": (Damaged, lambda folder: change(handmade(folder / "a.xlsx", {"S": LIST}), "xl/worksheets/sheet1.xml", lambda d: d[:-30])),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_no_readable_workbook_says_so(tmp_path: Path, name: str) -> None:
    """Each bad file is refused in words, and stays as it is."""
    error, build = REFUSALS[name]
    path = build(tmp_path)
    before = path.read_bytes()
    with pytest.raises(error) as caught:
        entries(open_source(path))
    assert isinstance(caught.value, HubError)
    assert caught.value.hint or error is Damaged
    assert path.read_bytes() == before
    assert open_source(path).check().state in ("damaged", "refused")


def test_total_size_is_capped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many members of modest ratio are refused when they are too much together."""
    monkeypatch.setattr(archive, "MAX_TOTAL", 10_000)
    path = handmade(tmp_path / "a.xlsx", {"S": LIST}, extra={"a.bin": random.Random(1).randbytes(20_000)})
    with pytest.raises(Refused, match="unpack"):
        Package(path)


def test_missing_file_is_unreachable(tmp_path: Path) -> None:
    """A file that is not there did not answer."""
    with pytest.raises(Unreachable):
        Package(tmp_path / "none.xlsx")


def record(name: bytes, data: bytes, offset: int) -> bytes:
    """A central record of a stored member."""
    head = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(name), 0, 0, 0, 0, 0, offset
    )
    return head + name


def local(name: bytes, data: bytes) -> bytes:
    """A stored member with its header."""
    return (
        struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(name), 0) + name + data
    )


def test_overlapping_members_are_damage(tmp_path: Path) -> None:
    """A member inside another one, as a bomb of few bytes is made, is no honest file."""
    inner = local(b"b.xml", b"y" * 50)
    outer = local(b"a.xml", inner)
    directory = record(b"a.xml", inner, 0) + record(b"b.xml", b"y" * 50, len(outer) - len(inner))
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, len(directory), len(outer), 0)
    path = text(tmp_path / "a.xlsx", outer + directory + end)
    with zipfile.ZipFile(path) as book:
        assert book.namelist() == ["a.xml", "b.xml"]
    with pytest.raises(Damaged, match="list of parts"):
        Package(path)


def test_a_flipped_byte_is_damage(tmp_path: Path) -> None:
    """A part whose checksum is wrong is not read as if it were right."""
    path = handmade(tmp_path / "a.xlsx", {"S": LIST}, compression=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"Maija Virtanen", b"Maija Virtaneh"))
    package = Package(path)
    with pytest.raises(Damaged, match="cannot be unpacked"):
        package.read(package.sheets[0].part)


def test_a_lying_member_is_not_unpacked_whole() -> None:
    """A member that says it is small is given up as soon as it is larger."""
    machine = zlib.compressobj(wbits=-15)
    packed = memoryview(machine.compress(bytes(20_000_000)) + machine.flush())
    tracemalloc.start()
    try:
        assert archive._inflate(packed, 10) is None
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_package_of_bytes(tmp_path: Path) -> None:
    """An embedded workbook is opened from its bytes."""
    path = register(tmp_path / "a.xlsx", ROWS)
    assert Package.of(path.read_bytes(), "xl/embeddings/a.xlsx").sheets[0].name == "Asiakkaat"
