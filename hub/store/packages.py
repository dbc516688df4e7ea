"""The access packages that were written and may still lie somewhere: a register of the hub's own (R11), erased like the others.

One encrypted file in the state directory, a row for each package: where it is, when it was written, what the hub put into it, and
by which entries its person is known. A path may hold a name, so the row goes with the package.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from connectors import _files, _system
from connectors._needles import Matcher
from connectors.contract import Column, Connector, Features, Needle, Outcome, Residue
from connectors.entry import Cursor, Disposal, Entry, Item, Ref, Version
from connectors.errors import PLAN_AGAIN, Conflict, Refused
from connectors.phrase import Phrase
from hub import store
from hub.machine import outbox
from hub.person import Held, Person, handle_of
from hub.plan import Plan, step_for
from hub.store.secrets import key_for_state

FILE = "packages.db"
LOCK = "packages.lock"
NAME = "packages"
_TABLE = """CREATE TABLE IF NOT EXISTS package (number INTEGER PRIMARY KEY AUTOINCREMENT, request TEXT NOT NULL,
    path TEXT NOT NULL, day TEXT NOT NULL, files TEXT NOT NULL, marks TEXT NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Kept:
    """One package that was written: its folder or encrypted ZIP, and the size of each of its files by its path in it."""

    number: int
    request: str
    path: Path = field(repr=False)
    day: date
    files: Mapping[str, int]
    marks: frozenset[str]
    """A handle for each entry of its person: nothing personal can be read off it."""

    @property
    def ref(self) -> str:
        """What the register calls it."""
        return f"{self.request}.{self.number}"

    @property
    def locator(self) -> Phrase:
        """Where it is, without its path."""
        return Phrase("access package {request}, written on {day}", request=self.request, day=self.day.isoformat())

    @property
    def there(self) -> bool:
        """Whether it still lies where it was written."""
        return self.path.exists()

    def inside(self) -> dict[str, Path]:
        """Its files that are still there, and whatever else was put into its folder, by their paths in it ("": the ZIP itself)."""
        if self.path.is_dir() and not self.path.is_symlink():
            found = sorted(item for item in self.path.rglob("*") if item.is_symlink() or not item.is_dir())
            return {item.relative_to(self.path).as_posix(): item for item in found}
        return {"": self.path} if self.there else {}

    def own(self) -> dict[str, Path]:
        """Those that the hub wrote."""
        return {name: file for name, file in self.inside().items() if not name or name in self.files}

    def touched(self) -> list[str]:
        """What of it is not as the hub wrote it."""
        return [name for name, file in self.inside().items() if name and self.files.get(name) != _size(file)]

    def expires(self, days: int) -> date:
        """The last day on which it should still lie there."""
        return self.day + timedelta(days=days)


class Packages(Connector):
    """Every package that is known, as a source that a plan can have steps in."""

    kind = NAME
    features = Features(erase="automatic", restore=True)

    def __init__(self, state: Path) -> None:
        super().__init__(NAME, {})
        self._state = state

    def track(self, request: str, path: Path, day: date, contents: Mapping[str, int], person: Person) -> Kept:
        """Write down a package that is about to be written."""
        marks = frozenset(handle_of([member.held.key]) for member in person.links)
        with self._opened() as database:
            return _added(database, Kept(0, request, path.resolve(), day, contents, marks))

    def supersede(self, request: str, path: Path) -> None:
        """Remove an earlier package of the same request from where a new one is to be written, if nobody touched it since."""
        for kept in self.all():
            if (kept.request, kept.path) == (request, path.resolve()) and kept.there and not kept.touched():
                _removed(kept)
                self.forget([kept])

    def forget(self, kept: Iterable[Kept]) -> None:
        """Take down packages that are gone, or were not written after all."""
        if rows := [(item.number,) for item in kept]:
            with self._opened() as database, store.writing(database):
                database.executemany("DELETE FROM package WHERE number = ?", rows)

    def all(self) -> list[Kept]:
        """Every package that is known, oldest first; asking makes no file."""
        if not (self._state / FILE).exists():
            return []
        with self._opened() as database:
            rows = database.execute("SELECT number, request, path, day, files, marks FROM package ORDER BY number").fetchall()
        known = [
            Kept(number, request, Path(path), date.fromisoformat(day), json.loads(files), frozenset(json.loads(marks)))
            for number, request, path, day, files, marks in rows
        ]
        for kept in known:
            if not kept.there:
                outbox.remove_unfinished(kept.path.parent)  # of a run that was killed when it wrote the package
        return known

    def expire(self, days: int, today: date) -> list[Kept]:
        """The packages whose time is over and that still lie there; one that is gone by then is forgotten."""
        over = [item for item in self.all() if item.expires(days) < today]
        self.forget(item for item in over if not item.there)
        return [item for item in over if item.there]

    def coverage(self) -> Sequence[Column]:
        """It holds what all sources hold, and nothing else."""
        return []

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """An entry for each package."""
        del since
        kept = self.all()
        yield from map(_entry, kept)
        yield Cursor(len(kept), 0)

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        """Remove what the hub wrote; what the owner put beside it stays. A package that is not there was removed by hand."""
        del needles
        kept = next((item for item in self.all() if item.ref == ref), None)
        if kept is None:
            return Outcome("already_absent")
        if not kept.there:
            self.forget([kept])
            return Outcome("erased", seen=False)
        if version != _version(kept):
            raise Conflict(
                Phrase("Something was changed in the {package} since the plan was shown.", package=kept.locator),
                PLAN_AGAIN,
            )
        receipt = _packed(kept, self.sealed)
        self.seal(receipt)
        left = _removed(kept)
        self.forget([kept])
        notes = (Phrase("files in its folder that the hub did not write stay: {count}", count=left),) if left else ()
        return Outcome("erased", notes, receipt)

    def restore(self, receipt: bytes) -> Outcome:
        """Write a package again where it was; what a run that was cut off wrote of it counts."""
        told = json.loads(receipt)
        path = Path(told["path"])
        files = {path / name if name else path: base64.b64decode(content) for name, content in told["files"].items()}
        if any(item.path == path for item in self.all()) or any(map(_is_another, files, files.values())):
            raise Conflict(Phrase("There is something in its place again; nothing was written over it."))
        try:
            for file, content in files.items():
                file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _files.write_beside(file, content)
        except OSError as error:
            raise Refused(Phrase("It cannot be written there (system error {code}).", code=error.errno or 0)) from None
        with self._opened() as database:
            day = date.fromisoformat(told["day"])
            _added(database, Kept(0, told["request"], path, day, told["sizes"], frozenset(told["marks"])))
        return Outcome("restored", (Phrase("the access package lies where it was again"),))

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """Every package in which something of the person still stands, and those that cannot be looked into."""
        matcher = Matcher(needles)
        found: list[Residue] = []
        for kept in self.all():
            if kept.path.is_file():
                found.append(Residue(kept.locator, Phrase("it is encrypted, so it was not searched"), found=False))
            elif matcher and any(_mentions(item, matcher) for item in kept.inside().values()):
                why = Phrase("it holds something of the person: delete it, or what of it is about her")
                found.append(Residue(kept.locator, why))
        return found

    def added(self, plan: Plan) -> Plan:
        """The plan with a step for each package of its person: known by an entry, or by what is in it."""
        taken = [member.held for member in plan.person.links]
        hers = [item for item in self.all() if _is_hers(item, {handle_of([held.key]) for held in taken}, plan.needles)]
        last = max((step.number for step in plan.steps), default=0)
        steps = [step_for(number, Held(NAME, _entry(item))) for number, item in enumerate(hers, last + 1)]
        return replace(plan, steps=(*plan.steps, *steps))

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        with store.alone(self._state / LOCK):
            key = key_for_state(self._state, must_exist=(self._state / FILE).exists())
            database = store.open_database(self._state / FILE, key, _TABLE)
            try:
                yield database
            finally:
                database.close()


def _added(database: Any, kept: Kept) -> Kept:
    """The package under the number it was written down as."""
    row = (kept.request, str(kept.path), kept.day.isoformat(), json.dumps(dict(kept.files)), json.dumps(sorted(kept.marks)))
    with store.writing(database):
        cursor = database.execute("INSERT INTO package (request, path, day, files, marks) VALUES (?, ?, ?, ?, ?)", row)
    return replace(kept, number=int(cursor.lastrowid))


def _entry(kept: Kept) -> Entry:
    """A package as an entry. What it holds are values of the other sources, and told there."""
    if kept.there:
        reason = Phrase("a copy of the person's data that you wrote for them")
        return Entry(Ref(kept.ref), _version(kept), kept.locator, (), Disposal.ERASE, reason)
    reason = Phrase("it is not where it was written: look for the folder or ZIP called {request}, delete it and its copies, then say so with hub done", request=kept.request)  # fmt: skip
    return Entry(Ref(kept.ref), _version(kept), kept.locator, (), Disposal.MANUAL, reason)


def _version(kept: Kept) -> Version:
    """Changes when the owner changes something in the package, and not while the hub is removing it."""
    told = json.dumps([kept.number, kept.there, kept.touched()])
    return Version(hashlib.sha256(told.encode()).hexdigest()[:16])


def _is_hers(kept: Kept, marks: Collection[str], needles: Sequence[Needle]) -> bool:
    if not kept.marks.isdisjoint(marks):
        return True
    data = kept.path / "data.json"
    if not needles or not data.is_file():
        return False
    try:
        entries = json.loads(data.read_bytes())["entries"]
        values = [item["value"] for entry in entries for item in entry["fields"] if item["kind"] in {"email", "phone"}]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(Matcher([item for item in needles if item.kind in {"email", "phone"}]).in_text("\n".join(values)))


def _size(path: Path) -> int:
    return -1 if path.is_symlink() else path.stat().st_size


def _mentions(path: Path, matcher: Matcher) -> bool:
    try:
        return bool(matcher.in_bytes(path.read_bytes()))
    except OSError:
        return True


def _is_another(file: Path, content: bytes) -> bool:
    """Whether there is something else at a place than what is to be written there."""
    return os.path.lexists(file) and (file.is_symlink() or not file.is_file() or file.read_bytes() != content)


def _packed(kept: Kept, before: bytes) -> bytes:
    """A package with all its files, those included that a run which was cut off removed when it had packed them `before`."""
    files = json.loads(before)["files"] if before else {}
    files |= {name: base64.b64encode(file.read_bytes()).decode() for name, file in kept.own().items()}
    told = {"path": str(kept.path), "request": kept.request, "day": kept.day.isoformat(), "sizes": dict(kept.files)}
    return json.dumps({**told, "marks": sorted(kept.marks), "files": files}).encode()


def _removed(kept: Kept) -> int:
    """Remove what the hub wrote, then the folders that are empty; how many other files stay."""
    left = len(kept.inside()) - len(kept.own())
    try:
        for file in kept.own().values():
            file.unlink()
        folders = [kept.path, *kept.path.rglob("*")] if kept.path.is_dir() else []
        for folder in sorted((item for item in folders if item.is_dir() and not item.is_symlink()), reverse=True):
            if not any(folder.iterdir()):
                folder.rmdir()
        _system.sync_folder(kept.path.parent)
    except OSError as error:
        raise Refused(
            Phrase("The {package} could not be removed (system error {code}).", package=kept.locator, code=error.errno or 0),
            Phrase("Is one of its files open in another program? Close it and confirm the request again."),
        ) from None
    return left
