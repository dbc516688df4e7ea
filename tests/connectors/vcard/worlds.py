"""Small card registers for the kit, written and read without the code under test."""

from __future__ import annotations

import os
import quopri
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from connectors.contract import Connector
from connectors.vcard import VcardConnector, erasing
from tests.conformance import Made, World, faults

CARD = re.compile(rb"BEGIN:VCARD.*?END:VCARD(?:\r\n)?", re.DOTALL)


def escaped(text: str) -> str:
    """A text as 3.0 and 4.0 write it."""
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def modern(person: Made, uid: str, version: str = "3.0") -> str:
    """A person's card, folded at 70 letters."""
    note = escaped(person.note)
    lines = [
        "BEGIN:VCARD",
        f"VERSION:{version}",
        f"FN:{escaped(person.name)}",
        f"N:;{escaped(person.name)};;;",
        f"ORG:{escaped(person.company)}",
        f"item1.EMAIL;type=INTERNET:{person.email}",
        "item1.X-ABLabel:_$!<Work>!$_",
        f"TEL;type=CELL:{person.phone}",
        "NOTE:" + "\r\n ".join(note[at : at + 70] for at in range(0, len(note), 70)),
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/aHVi",
        f"UID:{uid}" if uid else "X-OMA:ei tunnusta",
        "END:VCARD",
    ]
    return "\r\n".join([*lines, ""])


def old(person: Made, uid: str) -> str:
    """A person's card in 2.1: quoted-printable wherever a letter asks for it."""

    def line(name: str, text: str) -> str:
        coded = quopri.encodestring(text.replace("\\", "\\\\").replace(";", "\\;").replace("\n", "\r\n").encode(), quotetabs=True)
        whole = coded.decode().replace("=\n", "=\r\n").replace("\r\n", "\n").replace("=\n", "\0").replace("\n", "=0A")
        return f"{name};CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:" + whole.replace("\r", "=0D").replace("\0", "=\r\n")

    lines = ["BEGIN:VCARD", "VERSION:2.1", line("FN", person.name), line("ORG", person.company), f"EMAIL;INTERNET:{person.email}"]
    lines += [f"TEL;CELL:{person.phone}", line("NOTE", person.note), f"UID:{uid}" if uid else "X-OMA:ei tunnusta", "END:VCARD"]
    return "\r\n".join([*lines, ""])


class CardWorld(World):
    """Card files in a folder of their own."""

    points: tuple[str, ...] = ("before _flush", "full _flush", "before _carry_over", "before replace", "after replace")
    encoding = "utf-8"

    def __init__(self, folder: Path, write: Callable[[Made, str], str], uids: bool = True) -> None:
        super().__init__()
        self.folder = folder / "rekisteri"
        self.folder.mkdir()
        self.texts = {person.key: write(person, f"uid-{number:04}" if uids else "") for number, person in enumerate(self.people)}
        self.uids = {person.key: f"uid-{number:04}" for number, person in enumerate(self.people)}
        self.write()

    def write(self) -> None:
        """Make the files."""
        raise NotImplementedError

    def source(self) -> Path:
        """What the configuration names."""
        return self.folder

    def file_of(self, key: str) -> Path:
        """The file a person's card is in."""
        raise NotImplementedError

    def connector(self) -> Connector:
        return VcardConnector("kortit", {"path": self.source()})

    def snapshot(self) -> object:
        return {str(path): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    def files(self) -> frozenset[str]:
        return frozenset(str(path) for path in self.folder.rglob("*"))

    def columns(self) -> Sequence[str]:
        names = set()
        for data in self._decoded().values():
            names |= {name.decode().upper() for name in re.findall(rb"(?m)^(?:item\d\.)?([A-Za-z][A-Za-z-]*)[;:]", data)}
        return sorted(names - {"BEGIN", "END", "VERSION"})

    def bystanders(self, key: str) -> object:
        """Every other card to the byte; of a list of cards everything but the person's own line."""
        mine = re.compile(rf"(?m)^X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{self.uids[key]}\r\n".encode())
        email = self.person(key).email.encode()
        return sorted(
            mine.sub(b"", card) for data in self._decoded().values() for card in CARD.findall(data) if email not in card
        )

    def touch(self, key: str) -> None:
        self._change(key, lambda card: card.replace("X-OMA:", "X-TOINEN:1\r\nX-OMA:").replace("UID:", "X-TOINEN:1\r\nUID:"))

    def break_record(self, key: str) -> bool:
        self._change(key, lambda _card: "BEGIN:VCARD\r\nrikki vain\r\nEND:VCARD\r\n")
        return True

    def bury(self, text: str) -> bool:
        (self.folder / "kortit.vcf~").write_text(f"BEGIN:VCARD\r\nNOTE:{text}\r\nEND:VCARD\r\n")
        return True

    def break_source(self) -> None:
        shutil.rmtree(self.folder)

    def damage(self) -> None:
        for path in self.folder.rglob("*.vcf"):
            path.write_bytes(b"%PDF-1.7\n" + os.urandom(400).replace(b"\n", b""))

    def lock(self) -> AbstractContextManager[object] | None:
        return None

    def write_points(self) -> tuple[str, ...]:
        return self.points

    def correction_points(self) -> tuple[str, ...]:
        return faults.REPLACING

    def failing_at(self, point: str) -> AbstractContextManager[list[str]]:
        return faults.failing_at(point, {"delete": erasing})

    def _change(self, key: str, change: Callable[[str], str]) -> None:
        path = self.file_of(key)
        text = path.read_bytes().decode(self.encoding)
        assert self.texts[key] in text
        path.write_bytes(text.replace(self.texts[key], change(self.texts[key])).encode(self.encoding))
        self.texts[key] = change(self.texts[key])

    def _decoded(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes().decode(self.encoding).encode() for path in self.folder.rglob("*.vcf")}


class OneFile(CardWorld):
    """Everybody in one file, with a list of them all at its end."""

    def write(self) -> None:
        members = "".join(f"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{uid}\r\n" for uid in self.uids.values())
        group = (
            f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Kaikki\r\nX-ADDRESSBOOKSERVER-KIND:group\r\n{members}UID:lista\r\nEND:VCARD\r\n"
        )
        self.source().write_bytes(("".join(self.texts.values()) + group).encode(self.encoding))

    def source(self) -> Path:
        return self.folder / "kortit.vcf"

    def file_of(self, key: str) -> Path:
        return self.source()


class OldFile(OneFile):
    """2.1 in UTF-16 with a mark, without a UID anywhere and without a list."""

    encoding = "utf-16-le"

    def write(self) -> None:
        self.source().write_bytes(b"\xff\xfe" + "".join(self.texts.values()).encode("utf-16-le"))


class Folder(CardWorld):
    """A file for each person, called after them, and a list of them all in a folder below."""

    points = ("before delete", "after delete", "before sync_folder", "full _flush", "before replace", "after replace")

    def write(self) -> None:
        for key, text in self.texts.items():
            self.file_of(key).write_bytes(text.encode())
        members = "".join(f"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{uid}\r\n" for uid in self.uids.values())
        group = (
            f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Kaikki\r\nX-ADDRESSBOOKSERVER-KIND:group\r\n{members}UID:lista\r\nEND:VCARD\r\n"
        )
        (self.folder / "listat").mkdir()
        (self.folder / "listat" / "kaikki.vcf").write_bytes(group.encode())

    def file_of(self, key: str) -> Path:
        name = re.sub(r'[/\\"<>\x00-\x1f]', "", self.person(key).name)
        return self.folder / f"{name} {self.uids[key]}.vcf"
