"""The mirror at any size: what building it, changing it and asking it costs, and how well it finds.

`python -m tests.bench.mirror COUNT FOLDER build|change|ask` does one of these in a process of its own.
"""

from __future__ import annotations

import base64
import gc
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.contract import Watched
from connectors.entry import Entry, Field
from hub import mirror
from hub.__main__ import SELDOM
from hub.matching import Matching
from hub.matching.facts import Facts
from hub.mirror import Known, Mirror, MirrorIndex
from hub.normalise import loose, name_tokens, parse_name
from hub.search.freshness import look
from hub.search.glance import Glance
from tests.bench.measure import Row, median, python
from tests.bench.registers import SOURCES, Made, registers

KEY = bytes(range(32))
CHANGED = 1_000
ASKED = 600
TOLD = 10
REPEATS = 9


def rows(folder: Path, count: int) -> Iterator[Row]:
    """Build, change and ask a mirror of so many entries in five registers."""
    place = str(folder / str(count))
    for act, what in (
        ("build", "hub: build the mirror of {count:,} entries ({said})"),
        ("change", "hub: 1,000 changed of {count:,} ({said})"),
        ("ask", "hub: ask {count:,} entries, warm ({said})"),
    ):
        cost = python("-m", "tests.bench.mirror", str(count), place, act)
        told = json.loads(cost.printed)
        yield what.format(count=count, said=told["said"]), replace(cost, seconds=told["seconds"]), ""
    bare = median([python("-c", "pass") for _ in range(REPEATS)])
    yield "a bare interpreter", bare, ""
    asked = ("-m", "hub", "find", settle(folder / str(count)), "--json", "--config", str(folder / str(count) / "hub.toml"))
    found = median([python(*asked) for _ in range(REPEATS)])
    more = (found.processor - bare.processor) * 1000
    yield f"hub: cold find over {count:,} mirrored entries", found, f"{more:.0f} ms of the processor's over a bare interpreter"


def settle(folder: Path, more: str = "") -> str:
    """Lay a configuration into the folder of a mirror, and registers beside it, as if they had just been read; an e-mail to look for."""
    beside = folder.with_name(f"{folder.name}-registers")
    beside.mkdir(exist_ok=True)
    text = f'state = "."\n[controller]\nlanguage = "en"\n{more}'
    for source in SOURCES:
        (beside / f"{source}.csv").write_text("Nimi;Puhelin\n", encoding="utf-8")
        text += f'[source.{source}]\nkind = "csv"\npath = "../{beside.name}/{source}.csv"\n'
    (folder / "hub.toml").write_text(text, encoding="utf-8")
    (folder / "key").write_text(base64.b64encode(KEY).decode(), encoding="ascii")
    (folder / "key-place").write_text("file", encoding="ascii")
    with mirror.opened(folder, KEY, "FI") as mine:
        mine.remark("config", Glance(folder / "hub.toml", {}).digest)
        for place, (name, (_, known)) in enumerate(mine.sources().items()):
            path = beside / f"{name}.csv"
            known.watched, known.signature = [(str(path), None, False)], look([Watched(path)]).signature
            known.as_of, known.place = "2026-01-01T03:00:00+02:00", place
            known.answer = {"state": "complete", "unreadable": [], "as_of": known.as_of, "reason": None, "warnings": []}
            mine.keep(known)
        return next(item.entry.values("email")[0] for item in mine.everything() if item.entry.values("email"))


def build(count: int, folder: Path) -> dict[str, object]:
    """Only the mirror's own work is timed: the made-up registers are written before."""
    made = list(registers(count))
    size = sum(len(";".join(field.value for field in item.held.entry.fields).encode()) + 1 for item in made)
    folder.mkdir(parents=True)
    began = time.perf_counter()
    with mirror.opened(folder, KEY, "FI") as mine:
        for source in SOURCES:
            entries = [item.held.entry for item in made if item.held.source == source]
            number = mine.keep(Known(source, "csv", "", entries=len(entries)))
            mine.add(source, number, entries, "FI")
    seconds = time.perf_counter() - began
    share = (folder / mirror.FILE).stat().st_size / size
    return {"seconds": seconds, "said": f"{size / 1e6:.0f} MB of values, the file {share:.1f} times that"}


def change(_count: int, folder: Path) -> dict[str, object]:
    """A thousand entries get a phone of their own, as a source that tells only what changed tells it."""
    with mirror.opened(folder, KEY, "FI") as mine:
        number, known = next(iter(mine.sources().values()))
        some = [item.entry for _, item in zip(range(CHANGED), mine.everything(), strict=False)]
        began = time.perf_counter()
        places = [mine.places(number, known.name, entry.ref)[0][0] for entry in some]
        mine.change(zip(places, map(mine.row_of, map(_changed, some, range(len(some)))), strict=True))
        mine.database.commit()
        return {"seconds": time.perf_counter() - began, "said": f"{len(places):,} written anew"}


def _changed(entry: Entry, number: int) -> Entry:
    return replace(entry, fields=(*entry.fields, Field("phone", f"050 000{number:04}")))


def ask(count: int, folder: Path) -> dict[str, object]:
    """Queries as people type them, about persons drawn by chance, after others that are not counted: the process is warm.

    The time is the processor's until the first ten persons stand there, each with all entries, possible ones too, and the
    evidence; who else fits is worked out when it is asked for. Found: an entry sought is a sure one of the first ten persons.
    Where more than ten entries fit a query equally well (hundreds have the surname and the initial of "M. Virtanen"),
    it cannot tell the one from the others. So the figures are given twice: for the queries that at most ten fit, and for all.
    """
    gc.set_threshold(SELDOM)  # as a process of the hub itself
    chance = random.Random(7)
    with mirror.opened(folder, KEY, "FI") as mine:
        asked = [_Asked(*question) for question in _questions(mine, list(_sample(count, chance)), chance)]
        chance.shuffle(asked)
        for one in asked:
            matching = Matching(MirrorIndex(mine, "FI"), "FI")
            began = time.process_time()
            persons = matching.find(one.query)[:TOLD]
            one.seconds = time.process_time() - began
            one.found = any(member.held.key == one.wanted for person in persons for member in person.links)
    counted = asked[len(asked) // 3 :]
    told = f"{_figures([one for one in counted if one.equals <= TOLD])}; with those that more fit: {_figures(counted)}"
    return {"seconds": sum(one.seconds for one in counted), "said": told}


@dataclass(slots=True)
class _Asked:
    """A query, the entry it is about, and how many entries fit it as well."""

    query: str
    wanted: tuple[str, str]
    equals: int
    seconds: float = 0.0
    found: bool = False


def _figures(asked: list[_Asked]) -> str:
    times = statistics.quantiles([one.seconds * 1000 for one in asked], n=20)
    share = sum(one.found for one in asked) / len(asked)
    return f"{len(asked)} queries, p50 {times[9]:.1f} ms, p95 {times[18]:.1f} ms of the processor's, found {share:.3f}"


def _sample(count: int, chance: random.Random) -> Iterator[Made]:
    wanted = {chance.randrange(count) for _ in range(ASKED)}
    yield from (item for number, item in enumerate(registers(count)) if number in wanted)


def _questions(mine: Mirror, made: list[Made], chance: random.Random) -> Iterator[tuple[str, tuple[str, str], int]]:
    index = MirrorIndex(mine, "FI")
    for item in made:
        facts = Facts(item.held, "FI")
        name = next((value for value in facts.values("name") if len(value.split()) == 2), "")
        parsed = parse_name(name)
        if parsed:
            spelled = chance.choice(_SPELLINGS)
            words = [loose(word) for word in name_tokens(parsed.display)]
            meant = [words[0][0], *words[1:]] if spelled is _abbreviated else words
            yield spelled(parsed.display), item.held.key, len(index.beginning(meant))
        for email in facts.values("email")[:1]:
            yield email.upper(), item.held.key, max(len(index.holders(("email", key))) for key in facts.emails)
        for phone in facts.values("phone")[:1]:
            spelling = phone.replace(" ", "").replace("(0)", "").replace("+358", "0")
            yield spelling, item.held.key, max(len(index.holders(("phone", key))) for key in facts.phones)


def _abbreviated(name: str) -> str:
    return f"{name[0]}. {name.rsplit(maxsplit=1)[-1]}"


_SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    lambda name: " ".join(reversed(name.split())),
    lambda name: name.translate(str.maketrans("äöåÄÖÅ", "aoaAOA")),
    lambda name: name.replace("ä", "ae").replace("ö", "oe"),
    lambda name: name[:-3] + name[-2:],
    lambda name: name[:2] + name[1:],
    _abbreviated,
)


if __name__ == "__main__":
    acts = {"build": build, "change": change, "ask": ask}
    print(json.dumps(acts[sys.argv[3]](int(sys.argv[1]), Path(sys.argv[2]))))
