"""Entries as rows of the mirror: what many entries have in common stands once, in a shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from json.encoder import encode_basestring
from typing import Any, Literal, cast

from connectors.entry import Attachment, Disposal, Entry, Field, Ref, Retention, Version
from connectors.phrase import Phrase

BETWEEN = "\x1f"
"""Stands between the values of a row; a row one of whose values holds it is written as JSON behind `AS_JSON`."""

AS_JSON = "\x1e"

BETWEEN_PARTS, BETWEEN_ROWS = "\x1c", "\x1d"
"""Stand between shape, ref, version and content of a row, and between the rows of a block."""

Row = str
"""An entry as one text."""

Load = Callable[[str], bytes]
"""Reads the attachment of that name from the source itself: the mirror keeps no files."""


def row_of(shape: int, entry: Entry) -> Row:
    """An entry with the number of its shape."""
    key = f"{shape}{BETWEEN_PARTS}{entry.ref}{BETWEEN_PARTS}{entry.version}{BETWEEN_PARTS}"
    row = key + content_of(entry)
    if BETWEEN_ROWS in row or key.count(BETWEEN_PARTS) != 3 or not _whole(key):
        return AS_JSON + json.dumps([shape, entry.ref, entry.version, content_of(entry)])
    return row


def parts_of(row: Row) -> tuple[int, str, str, str]:
    """Undo `row_of`: number of the shape, ref, version, content."""
    shape, ref, version, content = json.loads(row[1:]) if row.startswith(AS_JSON) else row.split(BETWEEN_PARTS, 3)
    return int(shape), ref, version, content


def shape_key(entry: Entry) -> object:
    """What two entries of one shape have in common, for looking the shape up."""
    fields = tuple([(item.kind, item.label, item.stays) for item in entry.fields])
    return fields, entry.locator.template, tuple(entry.locator.values), entry.disposal, entry.disposal_reason, entry.copy_of


def shape_of(entry: Entry) -> str:
    """What is the same in most entries of a source: kinds and labels of the fields, the locator's wording, the disposal."""
    fields = [[item.kind, item.label, item.stays] if item.stays else [item.kind, item.label] for item in entry.fields]
    locator = [entry.locator.template, *entry.locator.values]
    return json.dumps([fields, locator, entry.disposal.value, pack(entry.disposal_reason), entry.copy_of])


def content_of(entry: Entry) -> str:
    """The values of an entry: its fields', its locator's, and what few entries have."""
    values = [item.value for item in entry.fields]
    if entry.attachments or entry.missing or entry.retention:
        rest: list[object] = [pack(value) for value in entry.locator.values.values()]
        files = [[item.name, item.media_type, item.shows] for item in entry.attachments]
        rest = [rest, files, [pack(item) for item in entry.missing], _law_of(entry.retention)]
        told = json.dumps(rest, ensure_ascii=False)
    else:
        told = f"[{','.join(map(_written, entry.locator.values.values()))}]"
    values.append(told)
    content = BETWEEN.join(values)
    if content.count(BETWEEN) >= len(values) or AS_JSON in content or not _whole(content):
        return AS_JSON + json.dumps(values)
    return content


def _whole(text: str) -> bool:
    """Whether UTF-8 can hold a text: a name of a file that is none may have half a pair of surrogates, which JSON escapes."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def values_of(content: str) -> list[str]:
    """The values of an entry's fields, and behind them all else that `content_of` wrote."""
    values: list[str] = json.loads(content[1:]) if content.startswith(AS_JSON) else content.split(BETWEEN)
    return values


def _written(value: object) -> str:
    """A value of a locator as JSON; the two kinds that nearly all are, without detours."""
    if type(value) is int:
        return str(value)
    return encode_basestring(value) if type(value) is str else json.dumps(pack(value), ensure_ascii=False)


def entry_of(shape: Sequence[Any], ref: str, version: str, content: str, load: Load) -> Entry:
    """The entry of a row; `shape` is the parsed text of `shape_of`."""
    fields, (template, *names), disposal, reason, copy_of = shape
    *values, told = values_of(content)
    rest = json.loads(told)
    more = bool(rest) and isinstance(rest[0], list)
    places, files, missing, law = rest if more else (rest, (), (), None)
    return Entry(
        ref=Ref(ref),
        version=Version(version),
        locator=Phrase(template, **dict(zip(names, map(unpack, places), strict=True))),
        fields=tuple(Field(kind, value, label, *stays) for (kind, label, *stays), value in zip(fields, values, strict=True)),
        disposal=Disposal(disposal),
        disposal_reason=cast("Phrase | None", unpack(reason)),
        attachments=tuple(_attachment(load, *file) for file in files),
        copy_of=copy_of,
        missing=tuple(cast("Phrase", unpack(item)) for item in missing),
        retention=_retention(*law) if law else None,
    )


def _law_of(kept: Retention | None) -> list[object] | None:
    return [kept.record, kept.after.value, pack(kept.after_reason), pack(kept.hold)] if kept else None


def _retention(record: Literal["voucher", "book"], after: str, reason: object, hold: object) -> Retention:
    return Retention(record, Disposal(after), cast("Phrase | None", unpack(reason)), cast("Phrase | None", unpack(hold)))


def _attachment(load: Load, name: str, media_type: str, shows: Literal["person", "page"]) -> Attachment:
    return Attachment(name, media_type, lambda: load(name), shows)


def pack(value: object) -> object:
    """A phrase, or a value of one, as JSON knows it."""
    if isinstance(value, Phrase):
        return {"say": value.template, "with": {name: pack(item) for name, item in value.values.items()}}
    if isinstance(value, list | tuple):
        return {"list" if isinstance(value, list) else "all": [pack(item) for item in value]}
    return value if value is None or isinstance(value, str | int | float) else str(value)


def unpack(value: object) -> object:
    """Undo `pack`."""
    if not isinstance(value, dict):
        return value
    if "say" not in value:
        ((many, items),) = value.items()
        return (list if many == "list" else tuple)(map(unpack, items))
    return Phrase(value["say"], **{name: unpack(item) for name, item in value["with"].items()})
