"""Builders of books in the old format (Mork), written as old Thunderbird does, and a plain reader of their main part.

Everything here goes its own way, apart from the connector's reader and writer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

MAGIC = b'// <!-- <mdb:mork:z v="1.4"/> -->\n'
COLUMNS = (
    "ns:addrbk:db:row:scope:card:all",
    "ns:addrbk:db:row:scope:list:all",
    "ns:addrbk:db:row:scope:data:all",
    "ns:addrbk:db:table:kind:pab",
    "ns:addrbk:db:table:kind:deleted",
    *"FirstName LastName PhoneticFirstName PhoneticLastName DisplayName NickName PrimaryEmail LowercasePrimaryEmail".split(),
    *"SecondEmail PreferMailFormat PopularityIndex AllowRemoteContent WorkPhone HomePhone FaxNumber PagerNumber".split(),
    *"CellularNumber HomeAddress HomeAddress2 HomeCity HomeState HomeZipCode HomeCountry WorkAddress WorkCity".split(),
    *"JobTitle Department Company WebPage1 WebPage2 BirthYear BirthMonth BirthDay Custom1 Custom2 Custom3 Custom4".split(),
    *"Notes LastModifiedDate RecordKey LastRecordKey ListName LowercaseListName ListNickName ListDescription".split(),
    *"ListTotalAddresses AddrCharSet PhotoName Omituinen".split(),
    *(f"Address{number}" for number in range(1, 100)),
)
IDS = {name: f"{0x80 + number:X}".encode() for number, name in enumerate(COLUMNS)}


def card(name: str, email: str, **more: str) -> dict[str, str]:
    """The cells of one card."""
    given, _, family = name.partition(" ")
    base = {"FirstName": given, "LastName": family, "DisplayName": name, "PrimaryEmail": email, "PopularityIndex": "0"}
    return {**base, "LowercasePrimaryEmail": email.lower(), **more}


def escaped(text: str | bytes) -> bytes:
    """A value as old Thunderbird writes it: bytes that are no plain letters as `$HH`, long ones wrapped."""
    data = text.encode() if isinstance(text, str) else text
    tokens = re.findall(rb"\$..|\\.|.", b"".join(_escape(byte) for byte in data), re.DOTALL)
    return b"\\\n".join(b"".join(tokens[start : start + 60]) for start in range(0, len(tokens) or 1, 60))


def _escape(byte: int) -> bytes:
    if byte in b"$)\\":
        return b"\\%c" % byte
    return b"%c" % byte if 0x20 <= byte < 0x7F else b"$%02X" % byte


class Mab:
    """One file that grows: cells are told by name, each value gets the next id."""

    def __init__(self) -> None:
        self.next = 0x80
        self.groups = 0
        columns = b"\n".join(b"  (%b=%b)" % (number, name.encode()) for name, number in IDS.items())
        self.data = MAGIC + b"< <(a=c)> // (f=iso-8859-1)\n" + columns + b">\n\n"

    def values(self, *texts: str | bytes) -> list[bytes]:
        """Define values; the ids they got."""
        ids = [b"%X" % (self.next + number) for number in range(len(texts))]
        self.next += len(texts)
        self.data += (
            b"<" + b"".join(b"(%b\n    =%b)" % (key, escaped(text)) for key, text in zip(ids, texts, strict=True)) + b">\n"
        )
        return ids

    def cells(self, row: Mapping[str, str | bytes]) -> bytes:
        """The cells of a row, their values defined before them."""
        ids = self.values(*row.values()) if row else []
        return b"".join(b"(^%b^%b)" % (IDS[name], value) for name, value in zip(row, ids, strict=True))

    def book(self, cards: Sequence[Mapping[str, str | bytes]], lists: Mapping[str, Sequence[int]] | None = None) -> Mab:
        """The main part: a table with cards 1, 2, 3…, and lists by name with the numbers of their members."""
        keyed = [{**one, "RecordKey": f"{number:X}"} for number, one in enumerate(cards, start=1)]
        rows = [b"[%X%b]" % (number, self.cells(one)) for number, one in enumerate(keyed, start=1)]
        for number, (name, members) in enumerate((lists or {}).items(), start=1):
            numbered = {f"Address{place}": f"{member:X}" for place, member in enumerate(members, start=1)}
            row = {"ListName": name, "LowercaseListName": name.lower(), "ListTotalAddresses": f"{len(members):X}", **numbered}
            rows.append(b"[%X:^%b%b]" % (number, IDS["ns:addrbk:db:row:scope:list:all"], self.cells(row)))
        data = b"[1:^%b%b]" % (IDS["ns:addrbk:db:row:scope:data:all"], self.cells({"LastRecordKey": f"{len(cards):X}"}))
        self.data += self.table(b"\n  ".join([data, *rows]))
        return self

    def table(self, content: bytes, number: int = 1, kind: str = "pab") -> bytes:
        """A table of cards."""
        kind_id = IDS[f"ns:addrbk:db:table:kind:{kind}"]
        return b"{%d:^%b {(k^%b:c)(s=9)}\n  %b}\n" % (number, IDS["ns:addrbk:db:row:scope:card:all"], kind_id, content)

    def row(self, number: int, cells: Mapping[str, str | bytes], *, anew: bool = False) -> bytes:
        """A card's row outside of any table."""
        written = self.cells(cells)
        return b"[%b%X:^%b%b]\n" % (b"-" if anew else b"", number, IDS["ns:addrbk:db:row:scope:card:all"], written)

    def group(self, content: bytes, end: bytes | None = None) -> Mab:
        """A group of changes appended to the file, with its end unless another one (or none: b"") is given."""
        self.groups += 1
        close = b"@$$}%X}@\n" % self.groups if end is None else end
        self.data += b"\n@$${%X{@\n%b%b" % (self.groups, content, close)
        return self

    def add(self, content: bytes) -> None:
        """Append something outside of any group."""
        self.data += content

    def write(self, path: Path) -> Path:
        """Write the file."""
        path.write_bytes(self.data)
        return path


_CELL = re.compile(rb"\(\^([0-9A-F]+)\^([0-9A-F]+)\)")
_ENTRY = re.compile(rb"\(([0-9A-F]+)\s*=((?:\\[\s\S]|[^)\\])*)\)")
_ROW = re.compile(rb"\[([0-9A-F]+)(?::\^([0-9A-F]+))?((?:\(\^[0-9A-F]+\^[0-9A-F]+\))*)\]")


def main_part(data: bytes) -> dict[tuple[str, int], dict[str, bytes]]:
    """The rows of a file's main part by kind and number, read by plain patterns; groups after it are not looked at."""
    columns, _, rest = data.partition(b"@$${")[0].partition(b"(f=iso-8859-1)")[2].partition(b">\n")
    names = {number: _plain(value).decode() for number, value in _ENTRY.findall(columns)}
    values, _, table = rest.rpartition(b"{1:^")
    told = {number: _plain(value) for number, value in _ENTRY.findall(values)}
    rows = {}
    for number, scope, cells in _ROW.findall(table):
        kind = names[scope].split(":")[5] if scope else "card"
        rows[kind, int(number, 16)] = {names[column]: told[value] for column, value in _CELL.findall(cells)}
    return rows


def _plain(value: bytes) -> bytes:
    value = re.sub(rb"\\\r?\n", b"", value)
    return re.sub(rb"\\(.)|\$(..)", lambda match: match[1] or bytes.fromhex(match[2].decode()), value, flags=re.DOTALL)
