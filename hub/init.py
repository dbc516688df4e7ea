"""Look for registers on this machine and write a commented hub.toml that names them.

Looking reads names, and of a file that may be a register its first bytes; never what stands in it.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from connectors import _resources, _system
from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub import config, normalise

DEEPEST = 4
MOST_FILES = 5000
SECONDS = 10.0
"""How deep, how many and how long is looked at most, under all folders together."""

_ZIP = b"PK\x03\x04"
_BOOKS = {".sqlite": b"SQLite format 3\0", ".mab": b"// <!-- <mdb:mork"}
"""How an address book begins, by its ending."""
_REGISTER_WORDS = re.compile(
    "asiak|rekister|jäsen|osallistuj|yhtey|kund|medlem|kontakt|deltag|customer|client|member|contact|register|participant"
    "|uutiskirje|postituslista|ilmoittautu|tilaaja|nyhetsbrev|newsletter|mailing|subscriber"
)
_INVOICING = re.compile("arkhimedes|isolta", re.IGNORECASE)
_BINDER = re.compile("mappi|kansio|paperi|binder|paper|pärm|papper", re.IGNORECASE)
_INDEXES = frozenset({"index.csv", "index.xlsx", "index.xlsm"})
_INVOICES_ONLY = 'content = "invoices"'
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".pdf"})
_COPY = re.compile(r"(.+?)(?: \d{1,2}| ?\(\d{1,2}\)| - kopio| - copy| kopio| copy)")
_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "Library", "AppData"})


@dataclass(frozen=True, slots=True)
class Found:
    """A place that looks like a register; `note` says why it is not `used` as a source, or what to look at."""

    kind: str
    path: Path = field(repr=False)
    used: bool = True
    note: Phrase | None = None
    setting: str = ""
    """What stands for the path in the configuration, "" for the path itself."""
    also: str = field(default="", repr=False)
    """A line of the kind's template that is to hold too."""


@dataclass(frozen=True, slots=True)
class Initialised:
    """What `hub init` did: the file it wrote, and everything that was found."""

    config: Path
    found: tuple[Found, ...]


def init(directory: Path | None, env: Mapping[str, str], home: Path | None = None) -> Initialised:
    """Look around and write the configuration: into `directory`, else where the hub looks for it.

    Raises `UsageError` when there is one already, or it cannot be written.
    """
    if directory is not None and not directory.is_dir():
        raise UsageError(Phrase("There is no folder of that name."), Phrase("Name a folder that exists, or none."))
    target = directory.absolute() / config.FILE if directory else config.default_path()
    _refuse_existing(target)
    found = discover(home or Path.home(), env, sys.platform, directory)
    write_config(found, target)
    return Initialised(target, tuple(found))


def discover(home: Path, env: Mapping[str, str], platform: str, extra_dir: Path | None) -> list[Found]:
    """Every place that looks like a register: Thunderbird, workbooks in iCloud Drive, and every kind in `extra_dir`."""
    looker = _Looker(platform)
    given = list(looker.files(extra_dir.absolute())) if extra_dir else []
    drives = [root for root in _system.icloud_drive_roots(home, platform) if root.is_dir()]
    others = [file for root in drives for file in looker.files(root) if file not in given]
    exports = _exports(given, extra_dir.absolute() if extra_dir else None)
    binders = _binders(given, extra_dir.absolute() if extra_dir else None)
    own = {item.path for item in (*exports, *binders) if not item.also}
    given = [file for file in given if not own.intersection(file.parents)]
    workbooks = [item for item in map(looker.workbook, given) if item]
    chosen = _chosen(workbooks, all_if_none=True)
    chosen += _chosen([item for item in map(looker.workbook, others) if item], all_if_none=False)
    chosen += [*_chosen([item for item in map(_table_of_text, given) if item], all_if_none=False), *exports, *binders]
    books = [*_thunderbird_at_home(home, env, platform), *_thunderbird_among(given, home, env, platform)]
    return [*chosen, *books, *_cards(given, extra_dir.absolute() if extra_dir else None)]


def write_config(found: Sequence[Found], target: Path) -> Path:
    """Write the commented configuration, for this user only. Raises `UsageError` when `target` exists already."""
    text = _text(found, target.parent)
    _refuse_existing(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        _refuse_existing(target)
        raise UsageError(
            Phrase("{file} could not be written (system error {code}).", file=target.name, code=error.errno or 0),
            Phrase("Name a folder that you may write to: hub init DIR."),
        ) from None
    return target


_UNUSED = Phrase("its name does not say that it holds people: take the # away in hub.toml if it does")
_IN_CLOUD = Phrase("it is in the cloud and not on this computer: download it, then take the # away in hub.toml")
_NO_TABLE = Phrase("it is no table of text: export it again as CSV, then take the # away in hub.toml")
_NO_WORKBOOK = Phrase("it is no workbook of the new form, or it is encrypted: open it in its program and save it as .xlsx")


def _refuse_existing(target: Path) -> None:
    if os.path.lexists(target):
        raise UsageError(
            Phrase("There is a {file} already; it was left as it is.", file=target.name),
            Phrase("Change it by hand, or move it away and run hub init again."),
        )


class _Looker:
    """Walks through folders within limits of depth, number and time that hold for all of them together."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._left = MOST_FILES
        self._until = time.monotonic() + SECONDS

    def files(self, root: Path) -> Iterator[Path]:
        """The files under a folder, those near its top first."""
        level = [root]
        for _ in range(DEEPEST):
            below: list[Path] = []
            for folder in level:
                for entry in self._entries(folder):
                    if self._left <= 0 or time.monotonic() > self._until:
                        return
                    self._left -= 1
                    if entry.is_dir(follow_symlinks=False):
                        if not entry.name.startswith(".") and entry.name not in _SKIPPED_FOLDERS:
                            below.append(Path(entry.path))
                    elif _sayable(entry.path):
                        yield Path(entry.path)
            level = below

    def workbook(self, file: Path) -> Found | None:
        """A file judged as a workbook, None when its name says that it is none."""
        name = file.name
        if name.startswith(".") and name.endswith(".icloud"):
            file = file.with_name(name[1 : -len(".icloud")])
            placeholder = True
        elif name.startswith((".", "~$")):
            return None
        else:
            placeholder = self._is_placeholder(file)
        if file.suffix.lower() not in {".xlsx", ".xlsm"}:
            return None
        if placeholder:
            return Found("excel", file, used=False, note=_IN_CLOUD)
        if _head(file, len(_ZIP)) != _ZIP:
            return Found("excel", file, used=False, note=_NO_WORKBOOK)
        return Found("excel", file)

    def _is_placeholder(self, file: Path) -> bool:
        try:
            return _system.is_placeholder(file, file.stat(), self._platform)
        except OSError:
            return False

    @staticmethod
    def _entries(folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError:
            return []


def _sayable(path: str) -> bool:
    """Whether a path can stand in a TOML file; a name in a broken encoding cannot."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\x7f" not in path


def _head(file: Path, length: int) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(length)
    except OSError:
        return b""


def _chosen(workbooks: Sequence[Found], *, all_if_none: bool) -> list[Found]:
    """The workbooks, those that do not look like a register of people marked as not used; copies left out.

    A connector looks at the copies beside its file by itself. In a folder the owner named, all are used when no
    name tells which.
    """
    there = {item.path for item in workbooks}
    originals = [item for item in workbooks if not _is_copy(item.path, there)]
    telling = [item for item in originals if _REGISTER_WORDS.search(normalise.fold(item.path.name))]
    if all_if_none and not telling:
        telling = originals
    return [
        Found(item.kind, item.path, used=False, note=_UNUSED) if item.used and item not in telling else item for item in originals
    ]


def _is_copy(path: Path, there: set[Path]) -> bool:
    match = _COPY.fullmatch(path.stem)
    return bool(match and path.with_name(match[1] + path.suffix) in there)


def _thunderbird_at_home(home: Path, env: Mapping[str, str], platform: str) -> list[Found]:
    """Thunderbird's own places: one source finds all of them by itself."""
    roots = [root for root in _system.thunderbird_roots(home, env, platform) if (root / "profiles.ini").is_file()]
    return [Found("thunderbird", roots[0], setting="auto")] if roots else []


def _thunderbird_among(files: Sequence[Path], home: Path, env: Mapping[str, str], platform: str) -> list[Found]:
    """Folders of profiles, and profiles that stand alone, in the folder the owner named."""
    own = set(_system.thunderbird_roots(home, env, platform))
    roots = {file.parent for file in files if file.name == "profiles.ini"} - own
    books = [file for file in files if file.stem in {"abook", "history"} and _is_book(file)]
    alone = {book.parent for book in books if not any(root in book.parents for root in roots | own)}
    return [Found("thunderbird", folder) for folder in sorted(roots | alone)]


def _is_book(file: Path) -> bool:
    begins = _BOOKS.get(file.suffix, b"")
    return bool(begins) and _head(file, len(begins)) == begins


def _table_of_text(file: Path) -> Found | None:
    """A file judged as a table exported as CSV, None when its name says that it is none."""
    if file.suffix.lower() not in {".csv", ".tsv"} or file.name.startswith("."):
        return None
    head = _head(file, 512)
    text = bool(head) and (b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff")))
    return Found("csv", file) if text else Found("csv", file, used=False, note=_NO_TABLE)


def _binders(files: Sequence[Path], top: Path | None) -> list[Found]:
    """Folders below the top with an index of pages: called a binder, or with pictures of pages beside the index."""
    indexes = {file.parent for file in files if file.name.lower() in _INDEXES and file.parent != top}
    pictured = {folder for file in files if file.suffix.lower() in _PICTURES for folder in file.parents}
    folders = {folder for folder in indexes if folder in pictured or _BINDER.search(normalise.fold(folder.name))}
    return [Found("paper", folder) for folder in sorted(folders) if not folders.intersection(folder.parents)]


def _exports(files: Sequence[Path], top: Path | None) -> list[Found]:
    """Folders with exports of the invoicing program: by their name, or by an electronic invoice in them.

    Of a top folder that holds other things too only the invoices that lie in it are meant.
    """
    named = {folder for file in files for folder in file.parents if top in folder.parents and _INVOICING.search(folder.name)}
    invoices = {file.parent for file in files if file.suffix.lower() == ".xml" and b"<Finvoice" in _head(file, 4096)}
    if top in invoices and _is_all_invoicing(files, top):
        return [Found("arkhimedes", top)]
    folders = {folder for folder in named | invoices if folder != top}
    found = [Found("arkhimedes", folder) for folder in sorted(folders) if not folders.intersection(folder.parents)]
    return [Found("arkhimedes", top, also=_INVOICES_ONLY), *found] if top in invoices else found


def _is_all_invoicing(files: Sequence[Path], top: Path) -> bool:
    """Whether a folder is the invoicing program's: by its name, or because nothing but invoices is in it."""
    seen = (file for file in files if not file.name.startswith("."))
    return bool(_INVOICING.search(top.name)) or all(file.suffix.lower() in {".xml", ".pdf"} for file in seen)


def _cards(files: Sequence[Path], top: Path | None) -> list[Found]:
    """Files of contact cards; a folder below the top that holds several is one register, with the folders in it."""
    cards = [file for file in files if file.suffix.lower() in {".vcf", ".vcard"} and not file.name.startswith(".")]
    parents = [file.parent for file in cards]
    folders = {folder for folder in parents if folder != top and parents.count(folder) > 1}
    folders = {folder for folder in folders if not folders.intersection(folder.parents)}
    there = set(cards)
    alone = [file for file in cards if not folders.intersection(file.parents) and not _is_copy(file, there)]
    return [Found("vcard", path) for path in [*sorted(folders), *sorted(alone)]]


def _text(found: Sequence[Found], base: Path) -> str:
    """The configuration as text: the general part, then a table for each register, unused ones behind #."""
    parts = [_resources.path("hub.example.toml").read_text("utf-8").rstrip()]
    names: set[str] = set()
    for item in found:
        template = _resources.path("sources", f"{item.kind}.toml")
        if not template.is_file():
            continue
        table = _table(template.read_text("utf-8"), item, base, _name(item, names))
        parts.append(table if item.used else "\n".join(f"# {line}" for line in table.splitlines()))
    return "\n\n".join(parts) + "\n"


def _table(template: str, item: Found, base: Path, name: str) -> str:
    where = json.dumps(item.setting or _relative(item.path, base), ensure_ascii=False)
    lines = []
    for line in template.rstrip().splitlines():
        key = re.match(r"(path|profile) = ", line)
        header = re.match(r"\[source\.", line)
        also = item.also and line.startswith(f"# {item.also}")
        lines.append(f"{key[0]}{where}" if key else f"[source.{name}]" if header else line[2:] if also else line)
    return "\n".join(lines)


def _relative(path: Path, base: Path) -> str:
    with suppress(ValueError):
        return path.relative_to(base).as_posix()
    return path.as_posix()


def _name(item: Found, taken: set[str]) -> str:
    """A name for a source: what it is, or its file's name in plain letters."""
    usual = {
        "excel": "customers",
        "thunderbird": "mail",
        "vcard": "cards",
        "arkhimedes": "invoicing",
        "csv": "list",
        "paper": "binder",
    }.get(item.kind, item.kind)
    plain = "-".join(normalise.loose_tokens(item.path.stem))
    plain = re.sub(r"[^a-z0-9-]", "", plain)[:40].strip("-") or usual
    name = usual if usual not in taken else plain
    number = 2
    while name in taken:
        name, number = f"{plain}-{number}", number + 1
    taken.add(name)
    return name
