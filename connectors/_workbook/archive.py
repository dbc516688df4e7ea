"""The zip file a workbook is: read with suspicion, written again so that unchanged members keep every byte.

Sources: APPNOTE 6.3.10 sections 4.3 to 4.5 (local and central headers, data descriptors, zip64 extra field).
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import BinaryIO

from connectors.errors import Damaged, Refused
from connectors.phrase import Phrase

MAX_TOTAL = 1 << 30
"""No workbook with more than this many bytes unpacked is opened: a million rows of twelve columns are half of it."""
MAX_RATIO = 250
"""No member of more than `BIG` bytes may be packed tighter than this; sheets reach 50, deflate's limit is 1032."""
BIG = 4 << 20

_LEVEL, _LEVEL_BIG = 6, 3
"""How hard edited members are packed; a large sheet takes half the time and becomes a tenth larger."""

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_END = struct.Struct("<4s4H2LH")
_DESCRIPTOR = struct.Struct("<4s3L")
_HAS_DESCRIPTOR = 0x8
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_ZIP64 = 1
_FULL = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the zip: its directory record, and where its header and its packed bytes stand."""

    info: zipfile.ZipInfo = field(repr=False)
    name: str
    header: bytes = field(repr=False)
    start: int
    end: int


class Archive:
    """A zip file's bytes, checked as a whole when it is opened."""

    def __init__(self, data: bytes, file: str) -> None:
        """Read the directory of `data`; `file` is the name said to the owner. Raises `Damaged` or `Refused`."""
        self.data = data
        self.file = file
        self._members = {member.name: member for member in _members(data, file)}

    @property
    def names(self) -> tuple[str, ...]:
        """The members' names in the file's order."""
        return tuple(self._members)

    def size(self, name: str) -> int:
        """How many bytes a member has when unpacked."""
        return self._members[name].info.file_size

    def packed(self, name: str) -> bytes:
        """A member's bytes as they are packed in the file."""
        member = self._members[name]
        return self.data[member.start : member.end]

    def read(self, name: str) -> bytes:
        """A member's unpacked bytes; raises `Damaged` when they are not what the directory says."""
        info = self._members[name].info
        packed = memoryview(self.data)[self._members[name].start : self._members[name].end]
        plain = bytes(packed) if info.compress_type == zipfile.ZIP_STORED else _inflate(packed, info.file_size)
        if plain is None or len(plain) != info.file_size or zlib.crc32(plain) != info.CRC:
            raise Damaged(
                Phrase("{file} is damaged: its part {part} cannot be unpacked.", file=self.file, part=name),
                Phrase("Open it in Excel and save it again, or take an older copy."),
            )
        return plain

    def write(
        self, stream: BinaryIO, changed: Mapping[str, bytes | None], added: Mapping[str, bytes] = MappingProxyType({})
    ) -> None:
        """Write a new zip: members of `changed` with their new bytes (None: left out), all others as they are, then `added`."""
        directory = [
            _put(stream, member, changed.get(name)) if name in changed else _copy(stream, member, self.data)
            for name, member in self._members.items()
            if changed.get(name, b"") is not None
        ]
        directory += [_put(stream, _fresh(name), plain) for name, plain in added.items()]
        start = stream.tell()
        stream.writelines(directory)
        count = len(directory)
        stream.write(_END.pack(b"PK\5\6", 0, 0, count, count, stream.tell() - start, start, 0))


def _members(data: bytes, file: str) -> Iterator[Member]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, UnicodeDecodeError, OverflowError, OSError):
        raise Damaged(
            Phrase("{file} is not a workbook, or it is cut off.", file=file),
            Phrase("Open it in Excel to see; if Excel cannot open it either, take an older copy."),
        ) from None
    _check_names(infos, file)
    _check_sizes(infos, file)
    members = [_locate(data, info, file) for info in infos]
    end = 0
    for member in sorted(members, key=lambda item: item.start):
        if member.start - len(member.header) < end:
            raise Damaged(_broken(file))
        end = member.end
    yield from members


def _check_names(infos: list[zipfile.ZipInfo], file: str) -> None:
    names = [info.orig_filename.replace("\\", "/") for info in infos]
    if len({name.casefold() for name in names}) != len(names):
        raise Refused(
            Phrase("{file} holds the same part twice; no program can know which one counts.", file=file),
            Phrase("Open it in Excel, save it under a new name, and use that file."),
        )
    for name in names:
        if name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0] or "\0" in name:
            raise Refused(
                Phrase("{file} holds a part whose name points outside the file; it was not made by Excel.", file=file),
                Phrase("Do not use this file; find out who made it."),
            )


def _check_sizes(infos: list[zipfile.ZipInfo], file: str) -> None:
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        raise Refused(*locked_by_password(file))
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
        raise Refused(
            Phrase("{file} is packed in a way that is not supported.", file=file),
            Phrase("Open it in Excel and save it again."),
        )
    tight = any(info.file_size > BIG and info.file_size > MAX_RATIO * info.compress_size for info in infos)
    if tight or sum(info.file_size for info in infos) > MAX_TOTAL:
        raise Refused(
            Phrase("{file} would unpack to far more than a register needs (a zip bomb, or a broken file).", file=file),
            Phrase("Do not use this file; if it is yours, open it in Excel and save it again."),
        )


def locked_by_password(file: str) -> tuple[Phrase, Phrase]:
    """What is said when a workbook is encrypted."""
    return (
        Phrase("{file} is protected by a password and cannot be read.", file=file),
        Phrase("Remove the password in Excel (File, Info, Protect Workbook, Encrypt with Password), and run again."),
    )


def _broken(file: str) -> Phrase:
    return Phrase("{file} is damaged: its list of parts does not fit its content.", file=file)


def _locate(data: bytes, info: zipfile.ZipInfo, file: str) -> Member:
    """Find a member's packed bytes; its local header must tell the same name as the directory."""
    at = info.header_offset
    if at < 0 or len(data) < at + _LOCAL.size or data[at : at + 4] != b"PK\3\4":
        raise Damaged(_broken(file))
    name_length, extra_length = struct.unpack_from("<2H", data, at + 26)
    start = at + _LOCAL.size + name_length + extra_length
    end = start + info.compress_size
    if end > len(data) or data[at + _LOCAL.size :][:name_length] != _name(info):
        raise Damaged(_broken(file))
    if struct.unpack_from("<H", data, at + 6)[0] & _ENCRYPTED:
        raise Refused(*locked_by_password(file))
    return Member(info, info.orig_filename, data[at:start], start, end)


def _name(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8_NAME else "cp437")


def _inflate(packed: memoryview, size: int) -> bytes | None:
    """Unpack, but never more than one byte beyond the announced size."""
    machine = zlib.decompressobj(-15)
    try:
        plain = machine.decompress(packed, size + 1)
    except zlib.error:
        return None
    # Where all input fitted exactly, the end mark may still be unread.
    if not machine.eof and len(plain) <= size:
        plain += machine.flush()
    return plain if machine.eof else None


def _copy(stream: BinaryIO, member: Member, data: bytes) -> bytes:
    """Copy a member as it is; returns its directory record for the new place."""
    offset = stream.tell()
    stream.write(member.header)
    stream.write(memoryview(data)[member.start : member.end])
    if member.info.flag_bits & _HAS_DESCRIPTOR:
        stream.write(_descriptor(member, data))
    return _record(member.info, offset, member.info.CRC, member.info.compress_size, member.info.file_size)


def _fresh(name: str) -> Member:
    """A member that is not in the file yet."""
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 0
    info.flag_bits = 0 if name.isascii() else _UTF8_NAME
    year, month, day = info.date_time[:3]
    date = (year - 1980) << 9 | month << 5 | day
    fields = (info.extract_version, info.flag_bits, info.compress_type, 0, date, 0, 0, 0, len(_name(info)), 0)
    return Member(info, name, _LOCAL.pack(b"PK\3\4", *fields) + _name(info), 0, 0)


def _descriptor(member: Member, data: bytes) -> bytes:
    """The data descriptor behind a member: with or without signature, with sizes of four or of eight bytes."""
    info = member.info
    for shape in ("<3L", "<L2Q"):
        bare = struct.pack(shape, info.CRC, info.compress_size, info.file_size)
        for candidate in (b"PK\7\10" + bare, bare):
            if data[member.end : member.end + len(candidate)] == candidate:
                return candidate
    return _DESCRIPTOR.pack(b"PK\7\10", info.CRC, info.compress_size, info.file_size)


def _put(stream: BinaryIO, member: Member, plain: bytes | None) -> bytes:
    """Write a member with new content under its old header's date, method and flags."""
    info, offset, plain = member.info, stream.tell(), plain or b""
    packed = plain
    if info.compress_type == zipfile.ZIP_DEFLATED:
        machine = zlib.compressobj(_LEVEL if len(plain) < BIG else _LEVEL_BIG, zlib.DEFLATED, -15)
        packed = machine.compress(plain) + machine.flush()
    crc = zlib.crc32(plain)
    late = bool(info.flag_bits & _HAS_DESCRIPTOR)
    sizes = (0, 0, 0) if late else (crc, len(packed), len(plain))
    fields = _LOCAL.unpack_from(member.header)
    name = _name(info)
    extra = _without_zip64(member.header[_LOCAL.size + len(name) :])
    stream.write(_LOCAL.pack(*fields[:6], *sizes, len(name), len(extra)) + name + extra)
    stream.write(packed)
    if late:
        stream.write(_DESCRIPTOR.pack(b"PK\7\10", crc, len(packed), len(plain)))
    return _record(info, offset, crc, len(packed), len(plain))


def _record(info: zipfile.ZipInfo, offset: int, crc: int, packed: int, plain: int) -> bytes:
    """A record of the central directory; sizes are below four gigabytes, so no zip64 field is needed."""
    name, extra = _name(info), _without_zip64(info.extra)
    year, month, day, hour, minute, second = info.date_time
    date = (year - 1980) << 9 | month << 5 | day
    time = hour << 11 | minute << 5 | second // 2
    flags = info.flag_bits
    head = _CENTRAL.pack(
        b"PK\1\2", info.create_version, info.create_system, info.extract_version, info.reserved,
        flags, info.compress_type, time, date, crc, packed, plain, len(name), len(extra), len(info.comment),
        0, info.internal_attr, info.external_attr, offset,
    )  # fmt: skip
    return head + name + extra + info.comment


def _without_zip64(extra: bytes) -> bytes:
    kept, at = b"", 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        if tag != _ZIP64:
            kept += extra[at : at + 4 + length]
        at += 4 + length
    return kept + extra[at:]
