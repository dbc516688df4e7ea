"""The card files of a source: found, read as text whatever their encoding, written back to the byte.

A file of contact cards is often called after the person ("Etunimi Sukunimi.vcf"): no such name leaves this module.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from connectors import _files, _system
from connectors._cardlines import Card, cards
from connectors.entry import IDENTIFYING, Field
from connectors.errors import PLAN_AGAIN, Conflict, Damaged, Fault, HubError, Locked, Refused, Unreachable
from connectors.phrase import Phrase

SUFFIXES = frozenset({".vcf", ".vcard"})
DEEPEST = 16
"""How many folders deep cards are looked for; deeper ones are told as not looked at."""

BOM = b"\xef\xbb\xbf"
_SAID_BY_MARK = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_SAID_BY_WORD = (("utf-16-le", "BEGIN:VCARD".encode("utf-16-le")), ("utf-16-be", "BEGIN:VCARD".encode("utf-16-be")))
_BEGIN = re.compile(rb"(?:\A|[\r\n])(?:\xef\xbb\xbf)?(?:[A-Za-z0-9-]+\.)?BEGIN:[ \t]*VCARD", re.IGNORECASE)
_FILE_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{16,}", re.IGNORECASE)
_MOST_DIGITS = 8
"""A date beside a neutral word; more digits may be a phone number."""

_NEUTRAL = frozenset(
    "addressbook address all asiakas asiakkaat backup book card cards contact contacts copy customers default export gmail "
    "google icloud jäsenet kaikki kontakti kontaktit kopio kortisto kortit kortti osallistujat osoitekirja osoitteet phone "
    "puhelin puhelimen varmuuskopio vcard vcards vcf yhteystiedot yhteystieto of the ja n".split()
)


@dataclass(frozen=True)
class CardFile:
    """One file as it was read: `text` are its bytes as UTF-8, in which the cards have their places."""

    path: Path = field(repr=False)
    relative: str = field(repr=False)
    data: bytes = field(repr=False)
    text: bytes = field(repr=False)
    encoding: str = field(default="", repr=False)
    changed: str = field(default="", repr=False)
    """The day on which it was last written (ISO)."""

    @property
    def key(self) -> str:
        """What stands for the file in a ref."""
        return file_key(self.relative)

    @property
    def sha256(self) -> str:
        """The hash of the file's bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def cards(self) -> list[Card]:
        """Every card in the file's order."""
        return cards(self.text)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is in it: as the hub leaves a file whose last card it took out."""
        return bool(self.data) and not self.text.replace(BOM, b"").strip(b" \t\r\n\0")

    @property
    def has_cards(self) -> bool:
        """Whether it is a file of cards at all; a quick look."""
        return _BEGIN.search(self.text) is not None

    def outside(self) -> bytes:
        """What stands between the cards and belongs to none."""
        pieces, at = [], 0
        for card in self.cards:
            pieces.append(self.text[at : card.start])
            at = card.end
        return b"\n".join([*pieces, self.text[at:]]).replace(BOM, b"").strip()

    def encode(self, text: bytes) -> bytes:
        """A changed text as the bytes of this file."""
        return encode(text, self.encoding)


def decode(data: bytes) -> tuple[bytes, str]:
    """The bytes as UTF-8 and the encoding they had, "" when they are as they were; always to be undone exactly."""
    head = data[:4096]
    encoding = next((name for mark, name in _SAID_BY_MARK if head.startswith(mark)), "")
    encoding = encoding or next((name for name, word in _SAID_BY_WORD if head.lower().find(word.lower()) % 2 == 0), "")
    if encoding:
        try:
            text = data.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
        except UnicodeError:
            return data, ""
        if encode(text, encoding) == data:
            return text, encoding
    return data, ""


def encode(text: bytes, encoding: str) -> bytes:
    """Undo `decode`."""
    return text.decode("utf-8", "surrogatepass").encode(encoding, "surrogatepass") if encoding else text


def file_key(relative: str) -> str:
    """What stands for a file in a ref: eight digits that say nothing."""
    return hashlib.sha256(unicodedata.normalize("NFC", relative).encode("utf-8", "surrogateescape")).hexdigest()[:8]


def find_files(root: Path) -> tuple[list[tuple[Path, str]], list[HubError]]:
    """Every card file of a source with its name inside it ("" for the source's own file), and the folders not looked into.

    Raises `Unreachable` when the source itself is not there.
    """
    with named(root), _files.reading(root):
        is_folder = root.is_dir()
        if not is_folder:
            root.stat()
            return [(root, "")], []
    problems: list[HubError] = []
    paths = [path for path in walk(root, problems) if is_card_file(path)]
    own = {path for path in paths if not path.is_symlink()}
    paths = [path for path in paths if path in own or path.resolve() not in own]  # a link to a neighbour is no second file
    return [(path, path.relative_to(root).as_posix()) for path in paths], problems


def walk(root: Path, problems: list[HubError], depth: int = 0) -> Iterator[Path]:
    """Every file under a folder but those in hidden folders, in the order of their names."""
    try:
        with named(root), _files.reading(root):
            beside = sorted(root.iterdir())
    except HubError as error:
        problems.append(error)
        return
    for path in beside:
        if not path.is_dir():
            yield path
        elif not path.name.startswith(".") and not path.is_symlink():
            if depth < DEEPEST:
                yield from walk(path, problems, depth + 1)
            else:
                problems.append(Unreachable(Phrase("Folders more than {count} deep are not looked into.", count=DEEPEST)))


def is_card_file(path: Path) -> bool:
    """Whether a name is that of a card file, or of one whose content is in the cloud only."""
    name = path.name.removesuffix(".icloud") if path.name.startswith(".") else path.name
    return Path(name).suffix.lower() in SUFFIXES and (not path.name.startswith(".") or name != path.name)


def read_file(path: Path, relative: str) -> CardFile:
    """Read one file. Raises `Unreachable` when it cannot be read."""
    with named(path), _files.reading(path):
        _files.require_downloaded(path)
        data = path.read_bytes()
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).astimezone().date().isoformat()
    return CardFile(path, relative, data, *decode(data), changed)


def neutral(path: Path) -> str | Phrase:
    """The file's name, when it is made of words that say nothing about anybody; else only that it is a card file."""
    words = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", path.stem).casefold())
    plain = words and all(word in _NEUTRAL for word in words) and sum(map(str.isdigit, path.stem)) <= _MOST_DIGITS
    if plain or _FILE_ID.fullmatch(path.stem):
        return path.name
    return Phrase("a card file")


def told_apart(file: CardFile) -> str | Phrase:
    """The name of a file in which something cannot be read; of one that may bear somebody's name, what it is found by instead."""
    name = neutral(file.path)
    if not isinstance(name, Phrase):
        return name
    return Phrase("a card file of {size} bytes, last changed on {day}", size=len(file.data), day=file.changed)


def place(file: CardFile, cards_fields: Iterable[Sequence[Field]]) -> Phrase:
    """Where the cards of a file are: its name, unless it holds a value of any of them."""
    name = neutral(file.path)
    if not isinstance(name, Phrase) or not any(_spelled(file, fields) for fields in cards_fields):
        return Phrase("{file}", file=file.relative or file.path.name)
    return Phrase("a file of the card folder") if file.relative else Phrase("the card file")


def _spelled(file: CardFile, fields: Sequence[Field]) -> bool:
    name = _plain(file.relative or file.path.name)
    digits = re.sub(r"\D", "", name)
    for item in fields:
        if item.kind == "phone" and (number := re.sub(r"\D", "", item.value)[-7:]) and number in digits:
            return True
        if item.kind in IDENTIFYING or (item.kind in {"company", "other"} and len(item.value) < 60):
            text = item.value.partition("@")[0] if item.kind == "email" else item.value
            if any(word in name for word in re.findall(r"\w{3,}", _plain(text))):
                return True
    return False


def _plain(text: str) -> str:
    """Letters without case and marks, so that "mäkelä" and "Makela" are one."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter))


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Say an error about a file without a name that may be somebody's."""
    try:
        yield
    except HubError as error:
        raise type(error)(_renamed(error.message, path), _renamed(error.hint, path) if error.hint else None) from None


def _renamed(said: Phrase, path: Path) -> Phrase:
    values = {key: neutral(path) if value == path.name else value for key, value in said.values.items()}
    return Phrase(said.template, **values)  # rebuilt from a phrase, whose template is a literal elsewhere


def replace(file: CardFile, text: bytes) -> None:
    """Write a changed text in the place of the file. Raises `Conflict`, `Locked`, `Refused`; nothing was written then."""
    _require_writable(file.path)
    new = file.encode(text)

    def build(temporary: Path) -> None:
        temporary.write_bytes(new)

    def verify(temporary: Path) -> None:
        if temporary.read_bytes() != new:
            raise Fault(Phrase("A card file could not be written as it was meant; it is unchanged."))

    target = file.path.resolve()
    with named(target):
        _files.replace_file(target, build, file.sha256, verify)


def delete(file: CardFile) -> None:
    """Remove the file, if it is still as it was read. Raises `Conflict`, `Locked`, `Refused`."""
    _require_writable(file.path)
    target = file.path.resolve()
    with named(file.path):
        if _files.digest(file.path) != file.sha256:
            raise Conflict(
                Phrase("{file} was changed by another program a moment ago; nothing was written.", file=file.path.name),
                PLAN_AGAIN,
            )
        with _changing():
            target.unlink()
            file.path.unlink(missing_ok=True)  # when it was a link to the target
            _system.sync_folder(target.parent)


def create(path: Path, data: bytes) -> None:
    """Write a file that was deleted anew. Raises `Conflict` when there is one again, `Locked`, `Refused`."""
    with named(path), _changing():
        path.parent.mkdir(parents=True, exist_ok=True)
        with _files.beside(path) as temporary:
            with temporary.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            if os.path.lexists(path):
                raise Conflict(Phrase("A file of that name is there again; nothing was written."))
            _system.replace(temporary, path)
            _system.sync_folder(path.parent)


def require_cards(file: CardFile) -> None:
    """Raise `Damaged` for a file that is no file of cards: never "nothing found"."""
    if file.has_cards or file.is_blank:
        return
    raise Damaged(
        Phrase("{file} holds no contact card (no BEGIN:VCARD).", file=neutral(file.path)),
        Phrase("Was it cut off, or is it another kind of file? Put the right one in its place."),
    )


def _require_writable(path: Path) -> None:
    if not os.access(path, os.W_OK):
        raise Refused(
            Phrase("{file} is write-protected; nothing was written.", file=neutral(path)),
            Phrase("Take the write protection away and run the command again."),
        )


@contextmanager
def _changing() -> Iterator[None]:
    try:
        yield
    except PermissionError:
        raise Locked(
            Phrase("A card file cannot be changed: a program has it open, or its folder is write-protected."),
            Phrase("Close the program, check the folder's permissions, and run the command again."),
        ) from None
    except OSError as error:
        raise Refused(
            Phrase("A card file could not be written (system error {code}).", code=error.errno or 0),
            Phrase("Is the disk full? Make room and run the command again."),
        ) from None
