"""What the properties of a contact card mean: the same for every register that keeps vCards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from connectors._cardlines import Card, Line, bare_uid
from connectors.contract import Column
from connectors.entry import Attachment, Field
from connectors.phrase import Phrase

TECHNICAL = frozenset(
    {"BEGIN", "END", "VERSION", "UID", "REV", "PRODID", "KIND", "CLIENTPIDMAP", "XML", "X-ABUID", "X-ABLABEL", "CLASS"}
    | {"X-ADDRESSBOOKSERVER-KIND", "X-ADDRESSBOOKSERVER-MEMBER", "X-ABSHOWAS", "X-ABADR", "X-IMAGETYPE", "X-IMAGEHASH"}
    | {"X-RADICALE-NAME", "X-EVOLUTION-FILE-AS", "X-MOZILLA-HTML", "X-ACCOUNT", "X-CREATED"}
)
"""Properties that say nothing about the person."""

MEMBER = frozenset({"MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"})
"""Properties of a group that name one member each, by the UID of its card."""

_KIND = frozenset({"KIND", "X-ADDRESSBOOKSERVER-KIND"})
_SIMPLE = {
    "FN": "name",
    "EMAIL": "email",
    "TITLE": "title",
    "ROLE": "title",
    "NOTE": "note",
    "URL": "url",
    "BDAY": "birthday",
    "X-MAIDENNAME": "former_name",
}
_KNOWN_OTHER = frozenset(
    {"NICKNAME", "IMPP", "RELATED", "ANNIVERSARY", "CATEGORIES", "GENDER", "LANG", "TZ", "GEO", "MEMBER", "KEY", "LOGO", "SOUND"}
    | {"LABEL", "MAILER", "AGENT", "SOURCE", "NAME", "SORT-STRING", "CALURI", "CALADRURI", "FBURL"}
    | {"X-ABDATE", "X-ABRELATEDNAMES", "X-SOCIALPROFILE", "X-PHONETIC-FIRST-NAME", "X-PHONETIC-MIDDLE-NAME"}
    | {"X-PHONETIC-LAST-NAME", "X-PHONETIC-ORG", "X-ANDROID-CUSTOM", "X-ANNIVERSARY", "X-SPOUSE", "X-MANAGER", "X-ASSISTANT"}
    | {"X-AIM", "X-GADUGADU", "X-GOOGLE-TALK", "X-GTALK", "X-ICQ", "X-JABBER", "X-MSN", "X-QQ", "X-SKYPE", "X-SKYPE-USERNAME"}
    | {"X-TWITTER", "X-YAHOO", "X-NICKNAME", "X-GENDER", "X-FILE-AS"}
)
_BYTES = {"PHOTO": "photo", "LOGO": "logo", "SOUND": "sound", "KEY": "key"}
_PICTURES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}
_HEAD = 64
_ADDRESS = (("address", "post box"), ("address", "extra"), ("address", ""), ("city", ""), ("other", "region"))
_ADDRESS_PARTS = (*_ADDRESS, ("postcode", ""), ("country", ""))
_NAME_PARTS = (("family", ""), ("given", ""), ("other", "additional names"), ("other", "prefix"), ("other", "suffix"))
_STRUCTURED = {"N": "family", "ADR": "address", "ORG": "company", "TEL": "phone", "PHOTO": "attachment"}
STRUCTURED = frozenset({"N", "ADR", "ORG"})
"""Properties whose value has several parts."""

_STANDARD = frozenset(_STRUCTURED) | TECHNICAL | _SIMPLE.keys() | _KNOWN_OTHER
_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:T.*)?")

TECHNICAL_WHY = Phrase("technical: nothing about the person")
UNKNOWN_WHY = Phrase("not known: its text is shown as other, and goes with the card")
PICTURE_WHY = Phrase("the picture, kept as an attachment")


def kind_of(name: str) -> str | None:
    """The kind of field a property becomes, None for a technical one; `attachment` for a photo."""
    if name in TECHNICAL:
        return None
    return _STRUCTURED.get(name) or _SIMPLE.get(name, "other")


def is_known(name: str) -> bool:
    """Whether a property is one of the standard's, or one whose meaning is known."""
    return name in _STANDARD or re.fullmatch(r"X-CUSTOM\d+", name) is not None


def column(name: str) -> Column:
    """A property as coverage tells it."""
    kind = kind_of(name)
    if kind == "attachment":
        return Column(name, None, PICTURE_WHY)
    if not is_known(name):
        return Column(name, None, UNKNOWN_WHY, known=False)
    return Column(name, kind, None if kind else TECHNICAL_WHY)


def is_group(card: Card) -> bool:
    """Whether the card is a list of other cards, and its name that of the list."""
    said = [line for line in card.lines if line.name in _KIND]
    return any(line.text.strip().lower() == "group" for line in said)


def members(card: Card) -> Iterator[tuple[int, str]]:
    """The members of a group: the place of each line in `card.lines`, and the UID it names."""
    for number, line in enumerate(card.lines):
        if line.name in MEMBER:
            yield number, bare_uid(line.text)


def groups(cards: Iterable[Card], refs: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The members of each group by its name, as the refs of these UIDs (in one spelling, `casefold`)."""
    found: dict[str, frozenset[str]] = {}
    for card in filter(is_group, cards):
        name = next((line.text.strip() for line in card.properties if line.name == "FN"), "")
        own = {refs[uid.casefold()] for _, uid in members(card) if uid.casefold() in refs}
        found[name] = found.get(name, frozenset()) | own
    return found


def fields_of(card: Card) -> list[Field]:
    """Every value of a card that is about the person, in reading order of the card; pictures are not among them.

    The name of a group is nobody's name, and a card inside this one is about somebody else: both are `other`.
    """
    found: list[Field] = []
    for line in card.properties:
        if line.name not in TECHNICAL and not line.embeds:
            found += fields_of_line(card, line)
    if is_group(card):
        found = [Field("other", item.value, "group") if item.kind in {"name", "given", "family"} else item for item in found]
    elif not any(item.kind == "name" and item.value for item in found):
        found = _named(found) + found
    for line in card.inner:
        if line.name not in TECHNICAL and not line.embeds:
            found.append(Field("other", _words(line), "AGENT"))
    found += [Field("other", line.text, "vCard") for line in card.lines if not line.name and line.value.strip()]
    return list(dict.fromkeys(Field(item.kind, value, item.label) for item in found if (value := item.value.strip())))


def attachments_of(card: Card) -> list[Attachment]:
    """The pictures, sounds and keys that a card holds as bytes; one whose base64 is wrong is handed over as it stands."""
    return [_attachment(line) for line in (*card.properties, *card.inner) if line.embeds and line.value.strip()]


def picture(head: bytes, load: Callable[[], bytes]) -> Attachment:
    """A picture under a name of the hub's own: its file name and its said type come from anywhere."""
    return _named_file("photo", head, load)


def _attachment(line: Line) -> Attachment:
    stem = _BYTES.get(line.name, "file")
    head = Line(b"", "", line.name, line.params, line.value[: _HEAD * 4], line.version).data()
    if head is None:
        return Attachment(f"{stem}.txt", "text/plain", partial(bytes, line.value))
    return _named_file(stem, head, partial(_load, line))


def _load(line: Line) -> bytes:
    data = line.data()
    return line.value if data is None else data


def _named_file(stem: str, head: bytes, load: Callable[[], bytes]) -> Attachment:
    media = next((media for magic, media in _PICTURES.items() if head.startswith(magic)), "")
    name = f"{stem}.{media.removeprefix('image/')}" if media else stem
    return Attachment(name, media or "application/octet-stream", load)


def _words(line: Line) -> str:
    """Every word of a value, structured or not."""
    return " ".join(word.strip() for part in line.components() for word in part if word.strip())


def fields_of_line(card: Card, line: Line) -> list[Field]:
    """The values of one line."""
    label = card.label(line)
    if line.name == "N":
        return _parts(line, _NAME_PARTS, label, " ")
    if line.name == "ADR":
        return _parts(line, _ADDRESS_PARTS, label, ", ")
    if line.name == "ORG":
        names = [" ".join(part).strip() for part in line.components()]
        return [
            Field("other" if index else "company", name, "department" if index else label) for index, name in enumerate(names)
        ]
    if line.name == "TEL":
        return [Field("phone", _phone(line.text), label)]
    if line.name in {"BDAY", "ANNIVERSARY", "X-ABDATE"}:
        kind = _SIMPLE.get(line.name, "other")
        return [Field(kind, _date(line), label if kind == "birthday" else label or line.name)]
    if line.name == "EMAIL":
        return [Field("email", re.sub(r"\Amailto:", "", line.text.strip(), flags=re.IGNORECASE), label)]
    if line.name == "MEMBER" and not re.match(r"(?:mailto|tel|https?):", line.text.strip(), re.IGNORECASE):
        return []
    kind = _SIMPLE.get(line.name, "other")
    return [Field(kind, line.text, (label or line.name) if kind in {"other", "title"} else label)]


def _parts(line: Line, kinds: Sequence[tuple[str, str]], label: str, joint: str) -> list[Field]:
    found = []
    for index, values in enumerate(line.components()):
        kind, extra = kinds[index] if index < len(kinds) else ("other", "extra")
        text = joint.join(value.strip() for value in values if value.strip())
        if text:
            found.append(Field(kind, text, f"{label} {extra}".strip()))
    return found


def _named(fields: Sequence[Field]) -> list[Field]:
    """A name in reading order for a card that has only its parts."""
    given = next((item.value for item in fields if item.kind == "given" and item.value), "")
    family = next((item.value for item in fields if item.kind == "family" and item.value), "")
    return [Field("name", f"{given} {family}".strip())]


def _phone(text: str) -> str:
    text = text.strip()
    if text[:4].lower() == "tel:":
        number, _, rest = text[4:].partition(";")
        extension = re.search(r"ext=([^;]+)", rest)
        return f"{number} ext. {extension[1]}" if extension else number
    return text


def _date(line: Line) -> str:
    """A date as people write it: the basic form `19800102` gets its dashes; Apple's stand-in for "no year" goes."""
    text = line.text.strip()
    match = _DATE.fullmatch(text)
    if not match:
        return text
    year, month, day = match.groups()
    return f"--{month}-{day}" if year in line.param("X-APPLE-OMIT-YEAR") else f"{year}-{month}-{day}"
