"""Who is who among all entries of the mirror: gone on from the night before where that is kept, else all compared."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from connectors import _system
from hub.matching.memory import InOrder, MemoryIndex
from hub.matching.night import Settled, prepared_of, put_together
from hub.matching.night.keeping import columns_of, kept_of
from hub.matching.night.makeup import Mark, Numbered
from hub.matching.night.renewing import Changes, Kept, Worked, all_compared, renewed
from hub.matching.night.sheet import Sheet, sheet_of
from hub.mirror import codec, touched
from hub.mirror import kept as keeping
from hub.mirror.index import number_in
from hub.mirror.opening import NIGHT
from hub.mirror.shelf import shelf
from hub.person import Held

if TYPE_CHECKING:
    from hub.matching.decisions import Decisions
    from hub.matching.night.arrays import Ints
    from hub.mirror.file import Loader, Mirror

Key = tuple[str, str]


def settled(mirror: Mirror, region: str, load: Loader, decisions: Decisions) -> Settled:
    """Who is who; what was worked out is kept for the next night."""
    keep_memory()
    index, worked = _gone_on(mirror, region, load) or _all_anew(mirror, region, load)
    mark = _about(mirror, region) | {"seq": str(touched.last(mirror.database)), "next": str(mirror.blocks.next_number())}
    with ThreadPoolExecutor(1) as beside:
        if mirror.folder:
            columns = columns_of(worked.kept()) | {"numbers": pa.array(index.numbers)}
            written = beside.submit(keeping.write, mirror.folder, NIGHT, mark, columns)
            index.numbered = Numbered(index.numbers, mark, partial(_changed, mirror))
        found = put_together(index, decisions, worked)
        if mirror.folder:
            written.result()
    return found


def keep_memory() -> None:
    """Use memory that was given back again at once, in Arrow too: its own pool has the pages of every large column handed out anew."""
    if _system.keep_freed_memory():
        pa.set_memory_pool(pa.system_memory_pool())


class Rows(InOrder):
    """Entries of the mirror by their numbers there, each read when it is asked for."""

    def __init__(self, mirror: Mirror, numbers: Ints, load: Loader) -> None:
        self.numbers = numbers
        self._mirror = mirror
        self._load = load
        self._names = {number: known.name for number, known in mirror.sources().values()}

    def __len__(self) -> int:
        return len(self.numbers)

    def one(self, number: int) -> Held:
        """From the mirror."""
        return self._mirror.held(int(self.numbers[number]), self._names, self._load)

    def many(self, numbers: Sequence[int]) -> Sequence[Held]:
        """In the order in which they lie there: a block is taken apart once for all its rows."""
        wanted = self.numbers[np.asarray(numbers, np.int64)].tolist()
        found = dict(self._mirror.several(sorted(set(wanted)), self._names, self._load))
        return [found[number] for number in wanted]

    def sheet(self) -> Sheet:
        """One by one."""
        return sheet_of(iter(self))


class RowIndex(MemoryIndex):
    """The entries of the mirror in the order of their keys; `numbers` are those they have in the mirror."""

    def __init__(self, mirror: Mirror, held: InOrder, numbers: Ints, region: str) -> None:
        super().__init__(held, region)
        self.numbers = numbers
        self._mirror = mirror
        self._sources = {known.name: number for number, known in mirror.sources().values()}
        self._order = np.argsort(numbers)

    def number_of(self, key: Key) -> int | None:
        """By the hash of its key."""
        number = number_in(self._mirror, self._sources, key)
        return None if number is None else int(self._order[np.searchsorted(self.numbers, number, sorter=self._order)])


def _all_anew(mirror: Mirror, region: str, load: Loader) -> tuple[RowIndex, Worked]:
    held = shelf(mirror.rows(), mirror.shapes(), load)
    return RowIndex(mirror, held, held.numbers, region), all_compared(prepared_of(held.sheet(), region))


def _gone_on(mirror: Mirror, region: str, load: Loader) -> tuple[RowIndex, Worked] | None:
    """From what was kept, and what came since; None where that cannot be."""
    found = keeping.read(mirror.folder, NIGHT, _about(mirror, region)) if mirror.folder else None
    if found is None:
        return None
    mark, columns = found
    changed = _changed(mirror, mark)
    if changed is None:
        return None
    try:
        before = kept_of(columns), columns["numbers"].to_numpy()
    except LookupError:
        return None
    return _renewed(mirror, region, load, before, changed)


def _renewed(
    mirror: Mirror, region: str, load: Loader, before: tuple[Kept, Ints], changed: Ints
) -> tuple[RowIndex, Worked] | None:
    kept, numbers = before
    gone = np.flatnonzero(np.isin(numbers, changed))
    stay = np.delete(numbers, gone)
    there = np.array([number for number in changed.tolist() if mirror.blocks.has(number)], np.int64)
    came = Rows(mirror, there, load)
    keys = [held.key for held in came]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    among, guesses = _Keys(mirror, stay), _stood(numbers, gone, there)
    places = [among.place(keys[at], guesses[at]) for at in order]
    if any(at < len(stay) and among[at] == keys[one] for at, one in zip(places, order, strict=True)) or len({*keys}) < len(keys):
        return None  # what two entries of one ref hold decides which comes first
    came.numbers = there[order]
    changes = Changes(gone, prepared_of(came.sheet(), region), np.array(places, np.int64) + np.arange(len(places)))
    worked = renewed(kept, changes)
    now = np.insert(stay, places, came.numbers)
    return (RowIndex(mirror, Rows(mirror, now, load), now, region), worked) if worked else None


def _stood(numbers: Ints, gone: Ints, there: Ints) -> list[int]:
    """Behind how many of those that stay each of these entries stood before; 0 where there was none."""
    order = np.argsort(numbers[gone])
    known = np.append(numbers[gone][order], -1)
    at = np.searchsorted(known[:-1], there)
    found: list[int] = np.where(known[at] == there, np.append(gone[order] - order, 0)[at], 0).tolist()
    return found


class _Keys(Sequence[Key]):
    """The keys of entries by their numbers in the mirror, each read once, and nothing else of them."""

    def __init__(self, mirror: Mirror, numbers: Ints) -> None:
        self._numbers = numbers
        self._mirror = mirror
        self._names = {number: known.name for number, known in mirror.sources().values()}
        self._known: dict[int, Key] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, place: int) -> Key:  # type: ignore[override]  # nobody asks for several
        if place not in self._known:
            source, row = self._mirror.blocks.row(int(self._numbers[place]))
            self._known[place] = self._names[source], codec.parts_of(row)[1]
        return self._known[place]

    def place(self, key: Key, guess: int) -> int:
        """Before which of these the key stands: mostly where an entry of that number stood before."""
        after = guess == len(self) or key <= self[guess]
        return guess if after and (guess == 0 or self[guess - 1] < key) else bisect_left(self, key)


def _changed(mirror: Mirror, mark: Mark) -> Ints | None:
    """The numbers of all entries that were changed, went or came since that night; None when it may be any."""
    noted = touched.since(mirror.database, int(mark["seq"]))
    return None if noted is None else np.array(sorted({*noted, *mirror.blocks.numbers_from(int(mark["next"]))}), np.int64)


def _about(mirror: Mirror, region: str) -> dict[str, str]:
    return {"engine": keeping.engine("matching.toml", "names.toml"), "region": region, "mirror": mirror.about("identity")}
