"""Search every part of a workbook by value, and say which parts could not be searched."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from connectors import _files
from connectors._copies import copies_of
from connectors._needles import Matcher
from connectors._workbook.package import Package
from connectors._workbook.parts.embedded import DEEPEST, is_package
from connectors._workbook.parts.reading import holds, in_bytes
from connectors._workbook.shown import MOST, Shown, outside_cells, shown_in
from connectors._workbook.xmlspans import is_xml
from connectors.contract import Residue
from connectors.errors import HubError
from connectors.phrase import Phrase

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_OBJECT = Phrase("The object holds a value of the person. Open it in Excel and remove the value, or delete the object.")
_OUTSIDE = Phrase(
    "A value of the person stands there outside the cells. Look at the header and footer of the page, at lists of choices (Data "
    "Validation) and at rules for formats (Conditional Formatting)."
)
_COMMENT = Phrase(
    "A value of the person stands there. Find it in Excel (Ctrl+F, look in notes or comments) and remove it by hand."
)
_BACKUPS = frozenset(".bak .xlk .old .orig .backup .xls .xlsb .xar".split())
_PICTURES = frozenset("png jpg jpeg gif bmp tif tiff emf wmf emz wmz svg webp ico wdp heic".split())

_KINDS: tuple[tuple[str, Phrase], ...] = (
    ("sharedstrings+xml", Phrase("the texts of the cells")),
    ("worksheet+xml", Phrase("a sheet")),
    ("macrosheet+xml", Phrase("a sheet of old macros")),
    ("sheet.main+xml", Phrase("the list of sheets and names")),
    ("main+xml", Phrase("the list of sheets and names")),
    ("threadedcomments+xml", Phrase("the comments")),
    ("comments+xml", Phrase("the notes")),
    ("person+xml", Phrase("the writers of comments")),
    ("vmldrawing", Phrase("the drawing of the notes")),
    ("table+xml", Phrase("a table")),
    ("pivotcachedefinition+xml", Phrase("the memory of a pivot table")),
    ("pivotcacherecords+xml", Phrase("the memory of a pivot table")),
    ("pivottable+xml", Phrase("a pivot table")),
    ("slicercache+xml", Phrase("the memory of a slicer")),
    ("chart", Phrase("a chart")),
    ("drawing", Phrase("a drawing or text box")),
    ("externallink+xml", Phrase("the memory of a linked workbook")),
    ("connections+xml", Phrase("a data connection")),
    ("querytable+xml", Phrase("a query")),
    ("properties+xml", Phrase("the document's properties")),
    ("relationships+xml", Phrase("the addresses of links")),
    ("vbaproject", Phrase("the macros (VBA)")),
    ("printersettings", Phrase("the printer's settings")),
)


def find_residue(package: Package, matcher: Matcher) -> list[Residue]:
    """Each part where a value still stands (`found`), and each that cannot be searched (`found` False)."""
    return list(_search(package, matcher, package.file, 0)) if matcher else []


def look_alikes(path: Path) -> list[Path]:
    """The files beside a workbook that may hold its content too: copies, backups, temporary and owner files."""
    copies = set(copies_of(path))
    with _files.reading(path.parent):
        beside = sorted(path.parent.iterdir())
    return [one for one in beside if one.name != path.name and one.is_file() and (one in copies or _alike(one, path))]


def may_be_alike(path: Path) -> list[Path]:
    """The files beside a workbook that are needed to tell its `look_alikes`, by their names alone."""
    with _files.reading(path.parent):
        beside = sorted(path.parent.iterdir())
    alike = {*copies_of(path), *(one for one in beside if one.suffix.casefold() in ("", ".tmp") or _alike(one, path))}
    return sorted(one for one in alike if one.name != path.name and not one.name.startswith("~$"))


def _alike(other: Path, path: Path) -> bool:
    name, base = _folded(other.name), _folded(path.stem)
    if name.startswith(_files.PREFIX) and name.endswith(".tmp"):
        return True
    if name.startswith("~$"):
        # Excel leaves out the first two letters of a long name.
        return base.endswith(PurePosixPath(name[2:]).stem)
    if other.suffix.casefold() in ("", ".tmp"):
        return is_packed(other)  # Excel saves by way of such a file, and a crash leaves it
    return other.suffix.casefold() in _BACKUPS and base in name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def is_packed(path: Path) -> bool:
    """Whether a file begins as a workbook does."""
    try:
        with path.open("rb") as stream:
            return stream.read(4) == b"PK\3\4"
    except OSError:
        return False


def search_file(path: Path, matcher: Matcher) -> list[Residue]:
    """Search a file beside the workbook: part by part when it is one, else its bytes."""
    try:
        return find_residue(Package(path), matcher)
    except HubError as error:
        where = Phrase("{file}, a file beside the workbook", file=_named(path.name, matcher))
        try:
            with _files.reading(path):
                data = path.read_bytes()
        except HubError as unread:
            return [Residue(where, unread.message, found=False)]
        if in_bytes(data, matcher):
            return [
                Residue(where, Phrase("A value of the person stands in it. Look at the file, and delete it if it is a copy."))
            ]
        if path.name.startswith("~$"):
            return []
        return [Residue(where, error.message, found=False)]


# Parts ---------------------------------------------------------------------------------------------------------------


def _search(package: Package, matcher: Matcher, file: str, depth: int) -> Iterator[Residue]:
    shown: Shown | None = None
    for part in package.names:
        where = _where(package, part, matcher, file)
        if matcher.in_text(part):
            yield Residue(
                where,
                Phrase("The part's own name spells the person. Replace the picture or object in Excel by one with another name."),
            )
        try:
            data = package.read(part)
        except HubError as error:
            yield Residue(where, error.message, found=False)
            continue
        if is_package(data):
            yield from _search_embedded(part, data, matcher, where, depth)
        elif holds(data, matcher):
            if shown is None:
                shown = shown_in(package, matcher)
                yield from _cells(package, shown, matcher, file)
            if part not in shown.whole:
                yield Residue(where, _remedy(package, part, matcher))
        elif (why := _blind(package, part, data)) is not None:
            yield Residue(where, why, found=False)


def _cells(package: Package, shown: Shown, matcher: Matcher, file: str) -> Iterator[Residue]:
    """Each sheet with the cells that show a value."""
    for part, cells in shown.cells.items():
        told = ", ".join(cells[:MOST]) + (" …" if len(cells) > MOST else "")
        yield Residue(
            Phrase("{place}: {cells}", place=_where(package, part, matcher, file), cells=told),
            Phrase(
                "A value of the person stands in these cells. Remove it by hand in Excel; a hidden row or column is shown first."
            ),
        )


def _search_embedded(part: str, data: bytes, matcher: Matcher, where: Phrase, depth: int) -> Iterator[Residue]:
    try:
        if depth >= DEEPEST:
            yield Residue(where, Phrase("Objects inside objects this deep are not searched. Look at it in Excel."), found=False)
            return
        inner = Package.of(data, part)
        yield from _search(inner, matcher, str(where), depth + 1)
    except HubError:
        if in_bytes(data, matcher):
            yield Residue(where, _OBJECT)
        yield Residue(where, Phrase("This embedded file cannot be opened. Open it from the workbook and look."), found=False)


def _where(package: Package, part: str, matcher: Matcher, file: str) -> Phrase:
    file, said = _named(file, matcher), _named(part, matcher)
    for number, sheet in enumerate(_sheets(package), 1):
        if sheet[1] == part:
            if matcher.in_text(sheet[0]):
                return Phrase("{file}, sheet number {number} ({part})", file=file, number=number, part=said)
            return Phrase("{file}, sheet {sheet} ({part})", file=file, sheet=sheet[0], part=said)
    return Phrase("{file}, {what} ({part})", file=file, what=_what(package, part), part=said)


def _sheets(package: Package) -> list[tuple[str, str]]:
    try:
        return [(sheet.name, sheet.part) for sheet in package.sheets]
    except HubError:
        return []  # an embedded document has none


def _named(name: str, matcher: Matcher) -> str:
    return matcher.cut(name, "…")


def _what(package: Package, part: str) -> Phrase:
    kind = package.content_type(part).casefold()
    if part.lower().endswith(".rels"):
        kind = "relationships+xml"
    if _suffix(part) in _PICTURES:
        return Phrase("a picture")
    if part.lower().startswith("customxml/"):
        return Phrase("data of another program")
    if _is_embedded(part):
        return Phrase("an embedded object")
    return next((words for mark, words in _KINDS if mark in kind), Phrase("a part"))


def _is_embedded(part: str) -> bool:
    """Whether a part is an object somebody embedded."""
    return "/embeddings/" in part.lower() or "/activex/" in part.lower()


def _suffix(part: str) -> str:
    return PurePosixPath(part).suffix.lower().removeprefix(".")


def _remedy(package: Package, part: str, matcher: Matcher) -> Phrase:
    kind = package.content_type(part).casefold()
    if "vbaproject" in kind or part.lower().endswith("vbaproject.bin"):
        return Phrase("The macros mention the person. Open the macro editor (Alt+F11) and remove it there.")
    if "main+xml" in kind:
        return Phrase("The name of a sheet or a defined name spells the person. Rename it in Excel.")
    if "worksheet+xml" in kind and outside_cells(package, part, matcher):
        return _OUTSIDE
    if "comments+xml" in kind:
        return _COMMENT
    if _suffix(part) == "bin" or _is_embedded(part):
        return _OBJECT
    if _suffix(part) in _PICTURES:
        return Phrase("The picture's file holds a value of the person. Replace the picture in Excel.")
    return Phrase("A value of the person stands there. Find it in Excel (Ctrl+F, in the whole workbook) and remove it by hand.")


def _blind(package: Package, part: str, data: bytes) -> Phrase | None:
    """Why a part without a hit proves nothing, None when it does."""
    lower, suffix = part.lower(), _suffix(part)
    if not data:
        return None
    if "vbaproject" in lower and suffix == "bin":
        return Phrase("Macros are packed in a way that cannot be searched. Search them in the macro editor (Alt+F11, Ctrl+F).")
    if suffix in _PICTURES and suffix != "svg":
        return Phrase("Pictures are not read. Look whether the person is in it.")
    if "printersettings" in package.content_type(part).casefold() or "printersettings" in lower:
        return Phrase("The printer's settings are in the printer maker's own form. Nothing to do unless they name the person.")
    if data.startswith(_OLE) or (_is_embedded(part) and suffix == "bin"):
        return Phrase("An object of an older program, or one with a password, is not read. Open it in Excel and look.")
    if is_xml(data) or suffix in ("xml", "rels", "vml", "txt", "json", "csv", "htm", "html", "rtf"):
        return None
    return Phrase("This part is in a form that cannot be searched. Ask who made the workbook what it holds.")
