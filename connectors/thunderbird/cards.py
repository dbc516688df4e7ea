"""From the rows of a card to an entry: the vCard is the truth, the flat properties beside it add what it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from connectors import _vcard
from connectors._cardlines import Card, cards
from connectors._files import reading
from connectors.contract import Column
from connectors.entry import Attachment, Entry, Field, Ref, Unreadable
from connectors.errors import Unreachable
from connectors.phrase import Phrase
from connectors.thunderbird.books import Book
from connectors.thunderbird.reading import Row, uid_key, version_of

VCARD = b"_vCard"
PHOTO = "PhotoName"

_FLAT = {
    "DisplayName": ("name", ""),
    "FirstName": ("given", ""),
    "LastName": ("family", ""),
    "PrimaryEmail": ("email", ""),
    "SecondEmail": ("email", "second"),
    "CellularNumber": ("phone", "cell"),
    "HomePhone": ("phone", "home"),
    "WorkPhone": ("phone", "work"),
    "FaxNumber": ("phone", "fax"),
    "PagerNumber": ("phone", "pager"),
    "HomeAddress": ("address", "home"),
    "HomeAddress2": ("address", "home"),
    "HomeZipCode": ("postcode", "home"),
    "HomeCity": ("city", "home"),
    "HomeCountry": ("country", "home"),
    "WorkAddress": ("address", "work"),
    "WorkAddress2": ("address", "work"),
    "WorkZipCode": ("postcode", "work"),
    "WorkCity": ("city", "work"),
    "WorkCountry": ("country", "work"),
    "Company": ("company", ""),
    "JobTitle": ("title", ""),
    "Notes": ("note", ""),
    "WebPage1": ("url", "work"),
    "WebPage2": ("url", "home"),
}
_FLAT_OTHER = frozenset(
    "NickName Department HomeState WorkState Custom1 Custom2 Custom3 Custom4 SpouseName FamilyName PhoneticFirstName "
    "PhoneticLastName _AimScreenName _GoogleTalk _ICQ _IRC _JabberId _MSN _QQ _Skype _Yahoo".split()
)
_DATES = {"Birth": "birthday", "Anniversary": "other"}
_TECHNICAL = frozenset(
    "LastModifiedDate PopularityIndex PreferMailFormat PreferDisplayName AllowRemoteContent LowercasePrimaryEmail "
    "LowercaseSecondEmail DbRowID RecordKey PhotoType PhotoURI PhotoName UID _etag _href _originalUID HomePhoneType "
    "WorkPhoneType FaxNumberType PagerNumberType CellularNumberType HomeDefaultAddress".split()
)


def read_card(book: Book, uid: bytes, rows: Sequence[Row], number: int) -> Entry | Unreadable:
    """The entry of one card; `Unreadable` when its vCard is broken and nothing else tells about it."""
    parsed = _parsed(rows)
    fields = _fields(parsed, rows)
    if not fields and any(name == VCARD for name, _ in rows) and not any(card.properties for card in parsed):
        locator = Phrase("{where}, card {number} in the file's order", where=book.where, number=number)
        return Unreadable(locator, Phrase("its vCard is broken: open the card in Thunderbird and save it again"))
    return Entry(
        ref=ref_of(book, uid),
        version=version_of(rows),
        locator=book.where,
        fields=tuple(fields),
        attachments=tuple(_attachments(book, parsed, rows)),
        copy_of=book.copy_of,
    )


def ref_of(book: Book, uid: bytes) -> Ref:
    """The ref of a card."""
    return Ref(f"{book.key}-{uid_key(uid)}")


def photo_of(rows: Iterable[Row]) -> str:
    """The file in the profile's Photos folder that a card shows, "" for none (or for a name that leads elsewhere)."""
    name = next((_text(value) for key, value in rows if key == PHOTO.encode()), "")
    plain = name and name not in {".", ".."} and not any(char in name for char in "/\\:\0")
    return name if plain else ""


def columns(cards: Iterable[Sequence[Row]]) -> list[Column]:
    """Every property that occurs, and what becomes of it."""
    names: dict[str, Column] = {}
    for rows in cards:
        for name, _ in rows:
            key = _text(name)
            if name != VCARD and key not in names:
                names[key] = _flat_column(key)
        for line in (line for card in _parsed(rows) for line in card.properties if line.name not in names):
            names[line.name] = _vcard.column(line.name)
    return [names[name] for name in sorted(names)]


def _flat_column(name: str) -> Column:
    if name == PHOTO:
        return Column(name, None, _vcard.PICTURE_WHY)
    if name in _TECHNICAL:
        return Column(name, None, _vcard.TECHNICAL_WHY)
    if name in _FLAT:
        return Column(name, _FLAT[name][0])
    date = _date_prefix(name)
    if date or name in _FLAT_OTHER:
        return Column(name, _DATES[date] if date else "other")
    return Column(name, None, _vcard.UNKNOWN_WHY, known=False)


def _parsed(rows: Iterable[Row]) -> list[Card]:
    return [card for name, value in rows if name == VCARD for card in cards(value)]


def _fields(parsed: Iterable[Card], rows: Sequence[Row]) -> list[Field]:
    found = [item for card in parsed for item in _vcard.fields_of(card)]
    seen = {(item.kind, item.value.casefold()) for item in found}
    for item in _flat_fields(rows):
        if item.value and (item.kind, item.value.casefold()) not in seen and not _repeats(item, seen):
            seen.add((item.kind, item.value.casefold()))
            found.append(item)
    if not any(item.kind == "name" for item in found):
        parts = [next((item.value for item in found if item.kind == kind), "") for kind in ("given", "family")]
        if any(parts):
            found.insert(0, Field("name", " ".join(parts).strip()))
    return found


def _repeats(item: Field, seen: set[tuple[str, str]]) -> bool:
    """Whether a flat property without a kind of its own (NickName) only repeats what the vCard says."""
    return item.kind == "other" and any(value == item.value.casefold() for _, value in seen)


def _flat_fields(rows: Sequence[Row]) -> Iterator[Field]:
    dates: dict[str, dict[str, str]] = {}
    for key, value in rows:
        name, text = _text(key), _text(value).strip()
        date = _date_prefix(name)
        if key == VCARD or name in _TECHNICAL or not text:
            continue
        if date:
            dates.setdefault(date, {})[name.removeprefix(date)] = text
        elif name in _FLAT:
            kind, label = _FLAT[name]
            yield Field(kind, text, label)
        else:
            yield Field("other", text, name)
    for prefix, parts in dates.items():
        date = "-".join(part.zfill(2) for part in (parts.get("Year", ""), parts.get("Month", ""), parts.get("Day", "")) if part)
        yield Field(_DATES[prefix], date, "" if prefix == "Birth" else prefix)


def _date_prefix(name: str) -> str:
    """`Birth` or `Anniversary` when the property is year, month or day of one."""
    prefix = next((item for item in _DATES if name.startswith(item)), "")
    return prefix if name.removeprefix(prefix) in {"Year", "Month", "Day"} else ""


def _attachments(book: Book, parsed: Iterable[Card], rows: Sequence[Row]) -> Iterator[Attachment]:
    name = photo_of(rows)
    if name and (path := book.profile.folder / "Photos" / name).is_file():
        with reading(path), path.open("rb") as stream:
            yield _vcard.picture(stream.read(12), partial(_load, path))
    for card in parsed:
        yield from _vcard.attachments_of(card)


def _load(path: Path) -> bytes:
    try:
        with reading(path):
            return path.read_bytes()
    except Unreachable:
        raise Unreachable(Phrase("A picture of the address book is no longer in the folder Photos.")) from None


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
