"""The access package: everything about one person in one folder, for her to read and for a machine to take over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from connectors.contract import Spread
from connectors.entry import Attachment, Entry, Field, Ref, Version
from connectors.errors import HubError
from connectors.phrase import Phrase
from hub.config import Controller
from hub.config.settings import Notice
from hub.export.sealing import sealed
from hub.exported import Export, Look
from hub.language import Language
from hub.law import Rule
from hub.machine import outbox
from hub.person import Answer, Held, Member, Person, Verdict
from hub.render import json as documents
from hub.render.card import contact_card
from hub.render.html import Attached, Package, package_page
from hub.render.notice import topics, unsaid

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

Track = Callable[[Path, Mapping[str, int]], object]
"""Told the path of a package, and the size of each file in it."""

_NO_CARD = Phrase("The details hold something a contact card cannot say: they are in data.json, and there is no contact.vcf.")


def with_cells(person: Person, spread: Iterable[tuple[str, Spread]]) -> tuple[Person, tuple[Phrase, ...]]:
    """The person with each cell outside all entries that holds a value of theirs; and what could not be looked through.

    `spread` is what an erase would change besides, in the order in which it would: of one cell the first is as it is now.
    """
    cells: dict[tuple[str, str], Member] = {}
    unseen: list[Phrase] = []
    for source, one in spread:
        key = source, str(one.where)
        if not one.before:
            unseen.append(
                Phrase("{source}: nobody could look for cells outside the entries. {why}", source=source, why=one.where)
            )
        elif key not in cells and not one.before.startswith("="):
            cells[key] = Member(Held(source, _cell(one)), Verdict.LINK)
    return replace(person, members=(*person.links, *cells.values(), *person.possible)), tuple(unseen)


def _cell(one: Spread) -> Entry:
    place, text = (sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:12] for said in (str(one.where), one.before))
    return Entry(Ref(f"cell-{place}"), Version(text), one.where, (Field("other", one.before),))


def write_package(  # noqa: PLR0917  # the six things a package is made of
    person: Person,
    answers: Sequence[Answer],
    directory: Path,
    request: str,
    controller: Controller,
    language: Language,
    *,
    notice: Notice | None = None,
    rules: Mapping[str, Rule] | None = None,
    disclosed: Sequence[str] = (),
    unseen: Sequence[Phrase] = (),
    looks: Sequence[Look] = (),
    looked: bool = True,
    password: str = "",
    day: date | None = None,
    track: Track | None = None,
) -> Export:
    """Write the package of one person into the new folder `directory/request`, which only this user can read.

    With a `password` it becomes the encrypted archive `directory/request.zip` instead, and nothing is ever written in the clear.

    Only entries that are surely the person's go in. `notice` holds the controller's own words, `rules` how long each register
    keeps an entry, `disclosed` who was given data of this person, `unseen` what could not be looked through, `looks` where others
    were covered and `looked` whether the owner saw these places. `day` is the date on the page, today when left out. `track` is
    told where the package will be before it is. Raises `UsageError` when it is there already or cannot be written; nothing is left then.
    """
    attached, failed = _load(person.links, unseen)
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
        notice=topics(person, notice or {}, rules or {}, language, disclosed),
        covered=any(not look.shown for look in looks),
    )
    contents = {"index.html": package_page(package, language).encode(), "data.json": _data(package)}
    contents |= {"contact.vcf": card} if card else {}
    contents |= {item.path: item.content for item in files}
    archive = directory / f"{request}.zip" if password else None
    if track:
        track(archive or directory / request, {} if archive else {name: len(content) for name, content in contents.items()})
    _put(directory, request, contents, sealed(contents, request, password, package.day) if password else None)
    lacking = (*failed, *_lacking(person), *_undecided(person))
    missing = (*_silent(answers, with_reason=True), *lacking, *(() if card else (_NO_CARD,)))
    return Export(
        directory if archive else directory / request,
        tuple(contents),
        missing,
        tuple(unsaid(package.notice)),
        tuple(looks),
        looked or not package.covered,
        archive,
    )


def _put(directory: Path, request: str, contents: Mapping[str, bytes], archive: bytes | None) -> None:
    if archive is None:
        outbox.write_folder(directory, request, contents)
    else:
        outbox.write_files(directory, {f"{request}.zip": archive})


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
        "notice": [
            {
                "topic": topic.key,
                "said": [{"registers": list(item.registers), "texts": list(item.texts)} for item in topic.said],
                "missing": list(topic.missing),
            }
            for topic in package.notice
        ],
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


def _load(members: Sequence[Member], unseen: Sequence[Phrase]) -> tuple[dict[tuple[str, str], list[Attached]], list[Phrase]]:
    """The attachments of the entries, and a sentence for each that cannot be read besides what is unseen. No name of a file says anything personal."""
    attached: dict[tuple[str, str], list[Attached]] = {}
    failed = list(unseen)
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
