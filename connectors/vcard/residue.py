"""Search every byte of the card files, of the copies beside them, and their names for a person's values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from connectors import _files
from connectors._cardlines import Card
from connectors._needles import Matcher
from connectors.contract import Residue
from connectors.entry import Field
from connectors.errors import HubError
from connectors.phrase import Phrase
from connectors.vcard.files import CardFile, named, neutral, place, read_file
from connectors.vcard.records import records_of

TOO_BIG = 256 << 20
_MOST = 20
"""So many cards of a file are named one by one."""

_COPY = re.compile(r"\.(?:vcf|vcard)\b|\.(?:bak|old|orig|save|tmp)$|~\d*$", re.IGNORECASE)
_PACKED = re.compile(r"\.(?:zip|gz|7z|tar|rar)$", re.IGNORECASE)
_WORDS = re.compile(rb"(?:[\x20-\x7e]|[\xc3-\xc5][\x80-\xbf]){5,}")
_WIDE_WORDS = re.compile(rb"(?:[\x20-\x7e]\x00){5,}")

_STILL = Phrase("a value of the person stands here; the hub does not cut it out of somebody else's text")
_COPY_WHY = Phrase("a value of the person stands in this copy: delete the file if nobody needs it")


def of_file(file: CardFile, matcher: Matcher) -> Iterator[Residue]:
    """What is left in one card file: told by the cards it stands in, else by the file."""
    anywhere = _anywhere(file, matcher)
    outside = matcher.in_bytes(file.outside())
    if not (anywhere or outside):
        return
    numbers = [number for number, card in enumerate(file.cards) if anywhere and _in_card(file, card, matcher)]
    refs = {number: record.ref for record in records_of(file) for number in record.numbers}
    name = _locator(file, matcher)
    for number in numbers[:_MOST]:
        yield Residue(Phrase("card {number} of {file}", number=number + 1, file=name), _STILL, ref=refs.get(number))
    if (more := len(numbers) - _MOST) > 0:
        yield Residue(Phrase("{count} more cards of {file}", count=more, file=name), _STILL)
    if outside:
        yield Residue(Phrase("{file}, between the cards", file=name), _STILL)
    elif not numbers:
        yield Residue(Phrase("{file}", file=name), _STILL)


def of_copies(root: Path, sources: set[Path], matcher: Matcher) -> Iterator[Residue]:
    """What is left in copies that programs and people made of the card files."""
    for path in sorted(_beside(root)):
        if path in sources or not path.is_file():
            continue
        name = _name(path, matcher)
        if path.stat().st_size > TOO_BIG:
            yield Residue(Phrase("{file}", file=name), Phrase("too big to be searched"), found=False)
        elif _PACKED.search(path.name):
            yield Residue(
                Phrase("{file}", file=name), Phrase("a packed file: not searched; delete it if nobody needs it"), found=False
            )
        elif _holds(path, matcher):
            yield Residue(Phrase("{file}", file=name), _COPY_WHY)


def of_names(root: Path, matcher: Matcher) -> Iterator[Residue]:
    """Files and folders that are called after the person; their names are not said."""
    below = (path for path in root.rglob("*") if ".git" not in path.parts) if root.is_dir() else _beside(root)
    count = sum(bool(matcher.in_text(unicodedata.normalize("NFC", path.stem))) for path in {root, *below})
    if count:
        yield Residue(
            Phrase("{count} file names", count=count),
            Phrase("the name of a file or folder is a value of the person: rename it, or delete it if it is theirs"),
        )
    if root.is_dir() and (root / ".git").exists():
        yield Residue(
            Phrase("the folder .git"),
            Phrase("old versions of the cards are kept here, and they are not searched: only its own program can remove them"),
            found=False,
        )


def _beside(root: Path) -> Iterator[Path]:
    """Look-alikes of a single file in its folder; in a folder of cards every copy of any of them, hidden ones too."""
    with named(root), _files.reading(root):
        if root.is_dir():
            for path in root.rglob("*"):
                if ".git" not in path.relative_to(root).parts and (_COPY.search(path.name) or _PACKED.search(path.name)):
                    yield path
            return
        own = _plain(root.stem)
        for path in root.parent.iterdir():
            name = _plain(path.name)
            likely = own in name and (_COPY.search(path.name) or _PACKED.search(path.name))
            if path != root and (likely or path.name.startswith(_files.PREFIX)):
                yield path


def _in_card(file: CardFile, card: Card, matcher: Matcher) -> bool:
    """Whether a value stands in a card: in a value put together, or in its raw bytes."""
    raw = file.text[card.start : card.end]
    return bool(matcher.in_text("\n".join(_said(card))) or matcher.in_bytes(raw) or matcher.in_bytes(_embedded(card)))


def _anywhere(file: CardFile, matcher: Matcher) -> bool:
    """Whether a value stands anywhere in a file: one search, in which base64 is read and not searched letter by letter."""
    plain, at = [], 0
    for card in file.cards:
        plain += [file.text[at : card.start], *(line.raw for line in card.lines if not (line.embeds and line.data()))]
        at = card.end
    plain.append(file.text[at:])
    return bool(
        matcher.in_bytes(b"".join(plain))
        or matcher.in_text("\n".join(said for card in file.cards for said in _said(card)))
        or matcher.in_bytes(b"\n".join(map(_embedded, file.cards)))
    )


def _embedded(card: Card) -> bytes:
    """Whatever may be words inside the pictures, sounds and keys of a card, such as the comment of a picture."""
    found = []
    for data in (data for line in card.lines if line.embeds and (data := line.data())):
        found += _WORDS.findall(data)
        found += [wide.replace(b"\0", b"") for wide in _WIDE_WORDS.findall(data)]
    return b"\n".join(found)


def _said(card: Card) -> Iterator[str]:
    for line in card.lines:
        if not line.embeds:
            yield line.text
            if line.name in {"N", "ADR"}:
                yield " ".join(word for part in reversed(line.components()[:2]) for word in part)


def _holds(path: Path, matcher: Matcher) -> bool:
    file = read_file(path, path.name)
    return _anywhere(file, matcher) or bool(matcher.in_bytes(file.data))


def _locator(file: CardFile, matcher: Matcher) -> Phrase:
    """Where a file is, in the words by which a find tells it; never by a name that holds a value of the person."""
    hers = [
        Field("other" if needle.kind == "text" else needle.kind, needle.value)
        for needle in matcher.needles
        if needle.kind != "inflected"
    ]
    return place(file, [hers, *(record.fields for record in records_of(file))])


def _name(path: Path, matcher: Matcher) -> str | Phrase:
    """A name that may be said here; a file that is called after anybody is only counted among the names."""
    name = neutral(path)
    if isinstance(name, str) and matcher.in_text(name):
        return Phrase("a card file")
    return name


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def cannot_be_searched(error: HubError) -> Residue:
    """A card file or folder that could not be read."""
    return Residue(Phrase("the card folder"), error.told, found=False)
