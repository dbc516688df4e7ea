"""The access package: everything about one person in one folder, for her to read and for a machine to take over."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from connectors import _system
from connectors.entry import Attachment
from connectors.errors import HubError, UsageError
from connectors.phrase import Phrase
from hub.config import Controller
from hub.language import Language
from hub.person import Answer, Member, Person
from hub.render import json as documents
from hub.render.card import contact_card
from hub.render.html import Attached, Package, package_page

_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]*")

_FILES = {
    "image/jpeg": ("photo", "jpg"),
    "image/png": ("photo", "png"),
    "image/gif": ("photo", "gif"),
    "image/webp": ("photo", "webp"),
    "image/heic": ("photo", "heic"),
    "image/tiff": ("photo", "tif"),
    "application/pdf": ("document", "pdf"),
    "text/plain": ("document", "txt"),
}
"""What a file is called by what it is; anything else is `file-N.bin`, which no program runs."""

_NO_CARD = Phrase("The details hold something a contact card cannot say: they are in data.json, and there is no contact.vcf.")


@dataclass(frozen=True, slots=True)
class Export:
    """A written package: its folder, its files relative to it, and what is `missing` from it."""

    directory: Path
    files: tuple[str, ...]
    missing: tuple[Phrase, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def write_package(  # noqa: PLR0917  # the six things a package is made of
    person: Person,
    answers: Sequence[Answer],
    directory: Path,
    request: str,
    controller: Controller,
    language: Language,
    *,
    notice: Mapping[str, str] | None = None,
    day: date | None = None,
) -> Export:
    """Write the package of one person into the new folder `directory/request`, which only this user can read.

    Only entries that are surely the person's go in. `notice` holds the controller's own words on the keys of
    `hub.render.html.NOTICE`. `day` is the date on the page, today when left out. Raises `UsageError` when the
    folder is already there or cannot be written; nothing is left behind then.
    """
    attached, failed = _load(person.links)
    files = [item for group in attached.values() for item in group]
    card = contact_card(person, controller.country, [(item.media_type, item.content) for item in files if item.portrait])
    package = Package(
        person=person,
        answers=answers,
        request=request,
        day=day or datetime.now().astimezone().date(),
        controller=controller,
        attached=attached,
        card=card is not None,
        missing=(*_silent(answers, with_reason=False), *failed, *_lacking(person), *_undecided_count(person)),
        notice=notice or {},
    )
    contents = {"index.html": package_page(package, language).encode(), "data.json": _data(package)}
    contents |= {"contact.vcf": card} if card else {}
    contents |= {item.path: item.content for item in files}
    with _new_folder(directory, request) as folder:
        for name, content in contents.items():
            _write(folder / name, content)
    lacking = (*failed, *_lacking(person), *_undecided(person))
    missing = (*_silent(answers, with_reason=True), *lacking, *(() if card else (_NO_CARD,)))
    return Export(directory / request, tuple(contents), missing)


def _data(package: Package) -> bytes:
    kinds = {answer.source: answer.kind for answer in package.answers}
    document = {
        "schema": "hub.package/1",
        "request": package.request,
        "date": package.day.isoformat(),
        "controller": {"name": package.controller.name, "contact": package.controller.contact},
        "name": package.person.name,
        "complete": not package.missing,
        "missing": [str(item) for item in package.missing],
        "entries": [
            {
                **documents.member_document(member),
                "kind": kinds.get(member.held.source, ""),
                "files": [item.path for item in package.attached.get(member.held.key, ())],
            }
            for member in package.person.links
        ],
    }
    return documents.dumps(document).encode()


def _silent(answers: Sequence[Answer], *, with_reason: bool) -> Iterator[Phrase]:
    """A sentence for each source that did not tell everything; the reason is for the owner, not for the person."""
    for answer in answers:
        if answer.state == "silent":
            yield Phrase("{source} did not answer, so what it holds is not in the package.", source=answer.source)
        elif answer.state == "partial":
            yield Phrase("{source} could not be read whole, so something may be missing from it.", source=answer.source)
        if answer.reason and answer.state != "complete" and with_reason:
            yield answer.reason


def _lacking(person: Person) -> Iterator[Phrase]:
    """What the sources themselves say that the package lacks."""
    for member in person.links:
        yield from member.held.entry.missing


def _undecided_count(person: Person) -> Iterator[Phrase]:
    """What the person is told of entries that may be somebody else's: that there are some, nothing more."""
    if person.possible:
        yield Phrase("The controller has not yet decided whether more entries are about you: {count}", count=len(person.possible))


def _undecided(person: Person) -> Iterator[Phrase]:
    for member in person.possible:
        held = member.held
        yield Phrase(
            "A human must decide whether this entry is the person's: {source}, {locator}: {ref}",
            source=held.source,
            locator=held.entry.locator,
            ref=held.entry.ref,
        )


def _load(members: Sequence[Member]) -> tuple[dict[tuple[str, str], list[Attached]], list[Phrase]]:
    """The attachments of the entries, and a sentence for each that cannot be read. No name of a file says anything personal."""
    attached: dict[tuple[str, str], list[Attached]] = {}
    failed: list[Phrase] = []
    counts: dict[str, int] = {}
    for member in members:
        for item in member.held.entry.attachments:
            try:
                content = item.load()
            except (HubError, OSError) as error:
                failed.append(_not_loaded(member, error))
                continue
            attached.setdefault(member.held.key, []).append(_named(item, content, counts))
    return attached, failed


def _named(item: Attachment, content: bytes, counts: dict[str, int]) -> Attached:
    word, suffix = _FILES.get(item.media_type, ("file", "bin"))
    word = word if item.shows == "person" else item.shows
    counts[word] = counts.get(word, 0) + 1
    return Attached(f"files/{word}-{counts[word]}.{suffix}", item.media_type, content, item.shows == "person")


def _not_loaded(member: Member, error: Exception) -> Phrase:
    reason = error.message if isinstance(error, HubError) else ""
    source, locator = member.held.source, member.held.entry.locator
    return Phrase("A file of {source}, {locator} could not be read. {reason}", source=source, locator=locator, reason=reason)


@contextmanager
def _new_folder(directory: Path, name: str) -> Iterator[Path]:
    """A folder that appears as `directory/name` when everything is in it, and not at all after an error."""
    target = directory / name
    if not _NUMBER.fullmatch(name) or os.path.lexists(target):
        raise UsageError(
            Phrase("There is already something called {name} in that folder; nothing was written.", name=name),
            Phrase("Name another folder with --out."),
        )
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        building = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=directory))
    except OSError:
        raise _unwritable() from None
    try:
        yield building
        building.rename(target)
    except OSError:
        raise _unwritable() from None
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _unwritable() -> UsageError:
    return UsageError(
        Phrase("The package cannot be written into that folder; nothing was left there."),
        Phrase("Name a folder with --out that you may write to and that has room."),
    )


def _write(path: Path, content: bytes) -> None:
    """A new file that only this user can read."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with path.open("xb") as stream:
        _system.own_only(path)
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
