"""The mirror at any size: what building it, changing it and asking it costs, and how well it finds.

`python -m tests.bench.mirror COUNT FOLDER build|change|ask` does one of these in a process of its own.
"""

from __future__ import annotations

import base64
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from connectors.contract import Watched
from connectors.entry import Entry, Field
from hub import mirror
from hub.glance import Glance
from hub.matching import Matching
from hub.mirror import Known, Mirror, MirrorIndex
from hub.normalise import parse_name
from tests.bench.measure import Row, median, python
from tests.bench.registers import SOURCES, Made, registers

KEY = bytes(range(32))
CHANGED = 1_000
ASKED = 400
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
    asked = ("-m", "hub", "find", _settled(folder / str(count)), "--json", "--config", str(folder / str(count) / "hub.toml"))
    found = median([python(*asked) for _ in range(REPEATS)])
    more = (found.processor - bare.processor) * 1000
    yield f"hub: cold find over {count:,} mirrored entries", found, f"{more:.0f} ms of the processor's over a bare interpreter"


def _settled(folder: Path) -> str:
    """Lay a configuration beside the mirror, as if its registers had just been read; an e-mail to look for."""
    text = 'state = "."\n[controller]\nlanguage = "en"\n'
    for source in SOURCES:
        (folder / f"{source}.csv").write_text("Nimi;Puhelin\n", encoding="utf-8")
        text += f'[source.{source}]\nkind = "csv"\npath = "{source}.csv"\n'
    (folder / "hub.toml").write_text(text, encoding="utf-8")
    (folder / "key").write_text(base64.b64encode(KEY).decode(), encoding="ascii")
    (folder / "key-place").write_text("file", encoding="ascii")
    with mirror.opened(folder, KEY, "FI") as mine:
        mine.remark("config", Glance(folder / "hub.toml", {}).digest)
        for place, (name, (_, known)) in enumerate(mine.sources().items()):
            path = folder / f"{name}.csv"
            known.watched, known.signature = [(str(path), None, False)], mirror.look([Watched(path)]).signature
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
        mine.change(zip(places, map(_changed, some, range(len(some))), strict=True))
        mine.database.commit()
        return {"seconds": time.perf_counter() - began, "said": f"{len(places):,} written anew"}


def _changed(entry: Entry, number: int) -> Entry:
    return replace(entry, fields=(*entry.fields, Field("phone", f"050 000{number:04}")))


def ask(count: int, folder: Path) -> dict[str, object]:
    """Queries as people type them, about persons whose name at most ten entries bear; found: among the first ten persons."""
    chance = random.Random(7)
    with mirror.opened(folder, KEY, "FI") as mine:
        asked = list(_questions(mine, list(_sample(count, chance)), chance))
        times, found = [], 0
        for query, wanted in asked:
            matching = Matching(MirrorIndex(mine, "FI"), "FI")
            began = time.perf_counter()
            persons = matching.find(query)[:10]
            times.append(time.perf_counter() - began)
            found += any(member.held.key == wanted for person in persons for member in person.links)
    halves = statistics.quantiles(times, n=20)
    said = f"{len(times)} queries: p50 {halves[9] * 1000:.1f} ms, p95 {halves[18] * 1000:.1f} ms, found {found / len(times):.3f}"
    return {"seconds": sum(times), "said": said}


def _sample(count: int, chance: random.Random) -> Iterator[Made]:
    wanted = {chance.randrange(count) for _ in range(ASKED)}
    yield from (item for number, item in enumerate(registers(count)) if number in wanted)


def _questions(mine: Mirror, made: list[Made], chance: random.Random) -> Iterator[tuple[str, tuple[str, str]]]:
    index = MirrorIndex(mine, "FI")
    for item in made:
        entry = item.held.entry
        name = next((value for value in entry.values("name") if len(value.split()) == 2), "")
        parsed = parse_name(name)
        if parsed and len(index.named_by(map(str.casefold, name.replace(",", "").split()))) <= 10:
            yield chance.choice(_SPELLINGS)(parsed.display), item.held.key
        for email in entry.values("email")[:1]:
            yield email.upper(), item.held.key
        for phone in entry.values("phone")[:1]:
            yield phone.replace(" ", "").replace("(0)", "").replace("+358", "0"), item.held.key


_SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    lambda name: " ".join(reversed(name.split())),
    lambda name: name.translate(str.maketrans("äöåÄÖÅ", "aoaAOA")),
    lambda name: name.replace("ä", "ae").replace("ö", "oe"),
    lambda name: name[:-3] + name[-2:],
    lambda name: name[:2] + name[1:],
    lambda name: f"{name[0]}. {name.split()[-1]}",
)


if __name__ == "__main__":
    acts = {"build": build, "change": change, "ask": ask}
    print(json.dumps(acts[sys.argv[3]](int(sys.argv[1]), Path(sys.argv[2]))))
