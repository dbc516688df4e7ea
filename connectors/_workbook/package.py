"""A workbook as a package of parts that name one another by relationships (ECMA-376 part 2)."""

from __future__ import annotations

import codecs
import hashlib
import io
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import unquote
from xml.parsers import expat

from connectors import _files
from connectors._workbook.archive import Archive, locked_by_password
from connectors.errors import Damaged, Fault, Refused
from connectors.phrase import Phrase

ROOT = ""
"""The part name under which `relationships` gives those of the package itself."""

_SMALL = 1 << 20
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._\-]+)["']""")
_DTD = "<!DOCTYPE"
_XML = (".xml", ".rels", ".vml")
_NOT_YET = (".xls", ".xlsb", ".ods", ".fods", ".csv", ".tsv", ".numbers")

State = Literal["visible", "hidden", "veryHidden"]


@dataclass(frozen=True, slots=True)
class Relationship:
    """One relationship of a part: `kind` is the last word of its type, `target` a part's name or, if external, as written."""

    id: str
    kind: str
    target: str
    external: bool
    type: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of the workbook, in tab order; `kind` is worksheet, chartsheet, dialogsheet or xlMacrosheet."""

    name: str
    part: str
    state: State
    sheet_id: int
    kind: str


class Package:
    """One workbook in memory: its parts as they are, and as they will be when it is written."""

    def __init__(self, path: Path) -> None:
        """Read the file once. Raises `Unreachable`, `Damaged` or `Refused`; nothing is ever written to it."""
        _files.require_downloaded(path)
        with _files.reading(path):
            data = path.read_bytes()
        self.path = path
        self.file = path.name
        self._load(data)

    @classmethod
    def of(cls, data: bytes, file: str) -> Package:
        """A package from bytes, such as a workbook embedded in another; `file` is its name for the owner."""
        self = cls.__new__(cls)
        self.path = Path(file)
        self.file = file
        self._load(data)
        return self

    def _load(self, data: bytes) -> None:
        self.sha256 = hashlib.sha256(data).hexdigest()
        _require_zip(data, self.file)
        self._archive = Archive(data, self.file)
        self._changed: dict[str, bytes | None] = {}
        self._added: dict[str, bytes] = {}
        self._small: dict[str, bytes] = {}
        self._last = ("", b"")
        self._encodings: dict[str, str] = {}
        self._places = {_key(name): name for name in self._archive.names}
        if "mimetype" in self._archive.names and b"opendocument" in self._archive.read("mimetype"):
            raise _not_yet(self.file)

    # Parts -------------------------------------------------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        """The members that will be written, in the file's order."""
        return tuple(name for name in self._archive.names if self._changed.get(name, b"") is not None)

    @property
    def edited(self) -> tuple[str, ...]:
        """The members that were replaced or dropped, in the file's order."""
        return tuple(name for name in self._archive.names if name in self._changed)

    def original(self, name: str) -> bytes:
        """A member's bytes as they are in the file; raises `Refused` for XML with a document type in it."""
        if name in self._small:
            return self._small[name]
        if self._last[0] == name:
            return self._last[1]
        data = self._archive.read(name)
        encoding = self._encodings[name] = encoding_of(data)
        if name.lower().endswith(_XML) and _DTD.encode(encoding) in data:
            raise Refused(
                Phrase(
                    "{file} declares entities in its part {part}, which no spreadsheet program does.", file=self.file, part=name
                ),
                Phrase("Do not use this file; if it is yours, open it in Excel and save it again."),
            )
        if len(data) <= _SMALL:
            self._small[name] = data
        else:
            self._last = (name, data)
        return data

    def read(self, name: str) -> bytes:
        """A member's bytes with the edits made so far."""
        changed = self._changed.get(name)
        return self.original(name) if changed is None else changed

    @property
    def data(self) -> bytes:
        """The file's bytes as they were read."""
        return self._archive.data

    def packed(self, name: str) -> bytes:
        """A member's bytes as packed in the file, to compare with."""
        return self._archive.packed(name)

    def replace(self, name: str, data: bytes) -> None:
        """Give a member new bytes; the same bytes as before are no edit."""
        if name not in self._archive.names:
            raise Fault(Phrase("{file} has no part {part} to replace.", file=self.file, part=name))
        if self._changed.get(name, b"") is None:
            return
        if name in self._changed or self._archive.size(name) != len(data) or self.original(name) != data:
            self._changed[name] = data

    def restore(self, name: str, data: bytes) -> None:
        """Give a member new bytes, or put one in that is not there."""
        if name in self._archive.names:
            self.replace(name, data)
        else:
            self._added[name] = data

    def drop(self, name: str) -> None:
        """Leave a member out; its relationships and its content type are the caller's to remove."""
        if name in self._archive.names:
            self._changed[name] = None

    def utf8(self, name: str) -> bytes:
        """An XML part as UTF-8, its declaration left as it is: parse it with `expat.ParserCreate("utf-8")`."""
        try:
            return utf8(self.read(name))
        except UnicodeDecodeError:
            raise self.damaged(name) from None

    def replace_utf8(self, name: str, data: bytes) -> None:
        """Give an XML part new content, written in the encoding that the part has."""
        encoding = self._encodings.get(name) or encoding_of(self.read(name))
        self.replace(name, data if encoding == "utf-8" else data.decode().encode(encoding, "xmlcharrefreplace"))

    def content_type(self, name: str) -> str:
        """A member's content type by [Content_Types].xml, "" when it has none."""
        overrides, defaults = self._content_types
        return overrides.get(_key(name)) or defaults.get(name.rpartition(".")[2].casefold(), "")

    @cached_property
    def _content_types(self) -> tuple[dict[str, str], dict[str, str]]:
        place = self._places.get("[content_types].xml")
        overrides: dict[str, str] = {}
        defaults: dict[str, str] = {}
        for tag, attributes in self.elements(place) if place else ():
            kind = attributes.get("ContentType", "")
            if tag == "Override":
                overrides[_key(attributes.get("PartName", ""))] = kind
            elif tag == "Default":
                defaults[attributes.get("Extension", "").casefold()] = kind
        return overrides, defaults

    # Relationships -----------------------------------------------------------------------------------------------

    def rels_of(self, part: str) -> str | None:
        """The member that holds a part's relationships (`ROOT` for the package's own), None when there is none."""
        folder, name = posixpath.split(_key(part))
        return self._places.get(posixpath.join(folder, "_rels", f"{name}.rels"))

    def relationships(self, part: str) -> list[Relationship]:
        """Where a part points to; targets that are parts are member names even if no such member exists."""
        place = self.rels_of(part)
        found: list[Relationship] = []
        for tag, attributes in self.elements(place) if place is not None and place in self.names else ():
            if tag == "Relationship":
                external = attributes.get("TargetMode", "").casefold() == "external"
                target = attributes.get("Target", "")
                kind = attributes.get("Type", "")
                place_of = target if external else self._resolve(part, target)
                found.append(Relationship(attributes.get("Id", ""), kind.rpartition("/")[2], place_of, external, kind))
        return found

    def related(self, part: str, kind: str) -> list[str]:
        """The existing members a part points to by a relationship whose type ends in `/kind`."""
        names = set(self.names)
        return [item.target for item in self.relationships(part) if item.kind == kind and item.target in names]

    def _resolve(self, part: str, target: str) -> str:
        target = unquote(target.partition("#")[0]).replace("\\", "/")
        whole = posixpath.normpath(posixpath.join("/", posixpath.dirname(part.replace("\\", "/")), target)).lstrip("/")
        return self._places.get(_key(whole), whole)

    # The workbook ------------------------------------------------------------------------------------------------

    @property
    def signed(self) -> bool:
        """Whether somebody signed the file: any change breaks the signature."""
        return bool(self.related(ROOT, "origin")) or any(name.startswith("_xmlsignatures/") for name in self.names)

    @cached_property
    def workbook_part(self) -> str:
        """The part that lists the sheets. Raises `Damaged` when there is none, `Refused` for .xlsb."""
        for name in self.related(ROOT, "officeDocument"):
            kind = self.content_type(name)
            if "sheet.binary" in kind or name.endswith(".bin"):
                raise _not_yet(self.file)
            if "spreadsheetml" in kind or "ms-excel" in kind or next(self.elements(name), ("",))[0] == "workbook":
                return name
        raise Damaged(
            Phrase("{file} is not a workbook.", file=self.file),
            Phrase("Check `path` in hub.toml: it must name an Excel workbook (.xlsx or .xlsm)."),
        )

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """Every sheet of the workbook in tab order, hidden and very hidden ones included."""
        targets = {item.id: item for item in self.relationships(self.workbook_part)}
        found: list[Sheet] = []
        for tag, attributes in self.elements(self.workbook_part):
            if tag != "sheet":
                continue
            link = next((targets[value] for key, value in attributes.items() if key.endswith(" id") and value in targets), None)
            if link is None or link.target not in self.names:
                raise self.damaged(self.workbook_part)
            state: State = "visible"
            if attributes.get("state") in ("hidden", "veryHidden"):
                state = "veryHidden" if attributes["state"] == "veryHidden" else "hidden"
            number = attributes.get("sheetId", "0")
            identity = int(number) if number.isdecimal() else len(found) + 1
            found.append(Sheet(attributes.get("name", ""), link.target, state, identity, link.kind))
        return tuple(found)

    # Bytes -------------------------------------------------------------------------------------------------------

    def forget(self) -> None:
        """Let go of the part that was read last; it is unpacked again when it is asked for."""
        self._last = ("", b"")

    def write(self, path: Path) -> None:
        """Write the package with its edits as a new file: same order, dates and flags, unchanged members byte for byte."""
        with path.open("wb") as stream:
            self._archive.write(stream, self._changed, self._added)

    def written(self) -> Package:
        """The package as it would be read if it were written now."""
        stream = io.BytesIO()
        self._archive.write(stream, self._changed, self._added)
        return Package.of(stream.getvalue(), self.file)

    def elements(self, name: str) -> Iterator[tuple[str, dict[str, str]]]:
        """Local name and attributes of each element of a small part; an attribute in a namespace is `namespace name`."""
        found: list[tuple[str, dict[str, str]]] = []
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.StartElementHandler = lambda tag, attributes: found.append((tag.rpartition(" ")[2], attributes))
        self.parse(parser, name)
        return iter(found)

    def parse(self, parser: expat.XMLParserType, name: str) -> None:
        """Run a prepared parser (made for UTF-8) over a part. Raises `Damaged` when it is not XML."""
        try:
            parser.Parse(self.utf8(name), True)
        except expat.ExpatError:
            raise self.damaged(name) from None

    def damaged(self, name: str) -> Damaged:
        """The error for a part that is not what it should be."""
        return Damaged(
            Phrase("{file} is damaged: its part {part} cannot be read.", file=self.file, part=name),
            Phrase("Open it in Excel and save it again, or take an older copy."),
        )


def utf8(data: bytes) -> bytes:
    """An XML part as UTF-8, its declaration left as it is. Raises `UnicodeDecodeError`."""
    encoding = encoding_of(data)
    return data if encoding == "utf-8" else data.decode(encoding).encode()


def encoding_of(data: bytes) -> str:
    """The Python codec of an XML part, by its byte order mark or declaration."""
    if data.startswith((b"\xff\xfe", b"<\0")):
        return "utf-16-le"
    if data.startswith((b"\xfe\xff", b"\0<")):
        return "utf-16-be"
    declared = _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf"))
    name = declared[1].decode().lower() if declared else "utf-8"
    if name in ("utf-8", "utf8", "us-ascii", "utf-16"):
        return "utf-8"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "utf-8"


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()


def _require_zip(data: bytes, file: str) -> None:
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Refused(*locked_by_password(file))
        raise _not_yet(file)
    if not data.startswith(b"PK") and Path(file).suffix.lower() in _NOT_YET:
        raise _not_yet(file)


def _not_yet(file: str) -> Refused:
    return Refused(
        Phrase("{file} is of a kind that is not supported yet (.xls, .xlsb, .ods, .csv).", file=file),
        Phrase("Open it in Excel and save it as an Excel workbook (.xlsx), and put that into hub.toml."),
    )
