"""Who is the same person, beside Splink and recordlinkage: quality and cost on the same made-up registers.

`python -m tests.bench resolution`; one way in a process of its own: `python -m tests.bench.resolution WAY FOLDER`. The
registers lie in a file. All ways read it and get the same cleaned values, made by the same code, so that only the
deciding differs; what they found is scored afterwards, by a process that is not measured.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.machine.collecting import no_collecting
from hub.matching import NONE, night
from hub.matching.columns import decoded
from hub.matching.memory import MemoryIndex
from hub.matching.names import NameForm
from hub.matching.night.arrays import Ints, joined
from hub.matching.night.names import BETWEEN, ODD
from hub.mirror import codec
from hub.mirror.night import keep_memory
from hub.mirror.shelf import Shelf, ordered
from tests.bench.measure import Cost, python
from tests.bench.quality import quality
from tests.bench.registers import registers

SEED = 101
"""None of the seeds that the figures of the model were chosen on."""

Row = tuple[str, Cost, str]
_TITLES = {
    "ours": "hub",
    "splink-em": "Splink with EM",
    "splink-fixed": "Splink with fixed weights",
    "recordlinkage": "recordlinkage",
}

Tiers = Iterator[tuple[str, Ints]]
"""The name of each tier, and for each entry a label that it shares with the others of its person."""


def rows(folder: Path, count: int) -> Iterator[Row]:
    """What each way costs and finds among that many entries."""
    python("-m", "tests.bench.resolution", "made", str(folder), str(count))
    first: Cost | None = None
    for way in ("splink-em", "splink-fixed", "ours", *(["recordlinkage"] if count <= 20_000 else [])):
        cost = python("-m", "tests.bench.resolution", way, str(folder))
        score = python("-m", "tests.bench.resolution", "score", str(folder)).printed.strip()
        first = first or cost
        against = f"{cost.seconds / first.seconds:.2f} × the time of Splink with EM, {cost.megabytes / first.megabytes:.2f} × its memory"
        yield f"who is who among {count:,} entries, {_TITLES[way]}: {score}", cost, against


def made(folder: Path, count: int) -> None:
    """Write the registers as the mirror would have them, in the order of their keys, with the truth."""
    shapes: dict[object, tuple[int, str]] = {}
    written = []
    for item in registers(count, SEED):
        entry = item.held.entry
        shape = shapes.setdefault(codec.shape_key(entry), (len(shapes), codec.shape_of(entry)))
        written.append((item.held.source, shape[0], entry.ref, entry.version, codec.content_of(entry), item.person))
    written.sort(key=lambda row: (row[0], row[2]))
    names = ("source", "shape", "ref", "version", "content", "person")
    kinds = (pa.string(), pa.int32(), pa.string(), pa.string(), pa.string(), pa.int64())
    columns = [pa.array(column, kind) for column, kind in zip(zip(*written, strict=True), kinds, strict=True)]
    with (
        pa.OSFile(str(folder / "registers.arrow"), "wb") as file,
        pa.ipc.new_file(file, pa.schema(zip(names, kinds, strict=True))) as out,
    ):
        for batch in pa.table(columns, names=names).to_batches(max_chunksize=50_000):
            out.write_batch(batch)
    (folder / "shapes.json").write_text(json.dumps(dict(shapes.values())))


def _shelf(folder: Path) -> Shelf:
    shapes = {int(number): json.loads(shape) for number, shape in json.loads((folder / "shapes.json").read_text()).items()}
    return ordered(_table_of(folder), shapes, lambda _source, _ref: lambda _name: b"")


def _table_of(folder: Path) -> pa.Table:
    table = pa.ipc.open_file(str(folder / "registers.arrow")).read_all()
    return table.append_column("number", pa.array(np.arange(table.num_rows)))


def score(folder: Path) -> None:
    """How good what was found last is."""
    truth = _table_of(folder)["person"].to_pylist()
    for tier in json.loads((folder / "tiers.json").read_text()):
        print(f"{tier} {quality(np.load(folder / f'{tier}.npy').tolist(), truth)}", end="; ")


def ours(folder: Path) -> Tiers:
    """Both tiers of our own verdicts."""
    found = night.settled(MemoryIndex(_shelf(folder), "FI"), NONE)
    yield "link", found.person
    ones, others = np.arange(len(found.person)), found.person
    ones, others = (np.concatenate(sides) for sides in ((ones, found.asked.persons), (others, found.asked.entries)))
    yield "link+possible", joined(len(found.person), ones, others)


def splink_em(folder: Path) -> Tiers:
    """Splink that learns its weights, at its best threshold and at a strict one."""
    yield from _splink(folder, learn=True)


def splink_fixed(folder: Path) -> Tiers:
    """Splink with common weights given."""
    yield from _splink(folder, learn=False)


def _splink(folder: Path, *, learn: bool) -> Tiers:
    import duckdb
    from splink import DuckDBAPI, Linker, block_on

    connection: Any = duckdb.connect(":memory:")
    table = _table(_shelf(folder))
    connection.register("given_rows", table)
    connection.execute("CREATE TABLE people AS SELECT * FROM given_rows")
    linker = Linker(DuckDBAPI(connection=connection).register("people"), _settings(), log_level=40)
    if learn:
        linker.training.estimate_probability_two_random_records_match([block_on("email"), block_on("phone")], recall=0.6)
        linker.training.estimate_u_using_random_sampling(max_pairs=2e6)
        for rule in ("email", "phone", "name"):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(rule))
    predicted = linker.inference.predict(threshold_match_probability=0.5).physical_name
    for threshold in (0.5, 0.99, 0.9999):
        query = f"SELECT unique_id_l, unique_id_r FROM {predicted} WHERE match_probability >= {threshold}"
        ones, others = connection.execute(query).fetchnumpy().values()
        yield f"at {threshold}", joined(table.num_rows, ones, others)


def _settings() -> dict[str, Any]:
    import splink.comparison_library as cl
    from splink import block_on

    return {
        "link_type": "dedupe_only",
        "probability_two_random_records_match": 1e-5,
        "comparisons": [
            cl.JaroWinklerAtThresholds("given", [0.92]).configure(
                m_probabilities=[0.8, 0.1, 0.1], u_probabilities=[0.012, 0.01, 0.978]
            ),
            cl.JaroWinklerAtThresholds("family", [0.92]).configure(
                m_probabilities=[0.82, 0.1, 0.08], u_probabilities=[0.002, 0.003, 0.995], term_frequency_adjustments=True
            ),
            cl.ExactMatch("email").configure(m_probabilities=[0.7, 0.3], u_probabilities=[1e-5, 0.99999]),
            cl.ExactMatch("phone").configure(m_probabilities=[0.7, 0.3], u_probabilities=[1e-5, 0.99999]),
            cl.ExactMatch("postcode").configure(m_probabilities=[0.8, 0.2], u_probabilities=[0.005, 0.995]),
            cl.ExactMatch("company").configure(m_probabilities=[0.7, 0.3], u_probabilities=[0.001, 0.999]),
        ],
        "blocking_rules_to_generate_predictions": [block_on("email"), block_on("phone"), block_on("name")],
    }


def _table(shelf: Shelf) -> pa.Table:
    """The cleaned values, first ones only: Splink compares single ones."""
    made = night.prepared_of(shelf.sheet(), "FI")
    columns = {"unique_id": pa.array(np.arange(made.size))}
    for column, texts in zip(("name", "given", "family"), _parts(made.spoken.texts), strict=True):
        columns[column] = texts.take(pa.array(made.name))
    for column, kind in (("email", "email"), ("phone", "phone"), ("postcode", "postcode"), ("company", "firm")):
        told = made.columns[kind]
        first = np.full(made.size, -1)
        first[told.entries[::-1]] = told.items[::-1]
        columns[column] = told.keys.take(pa.array(first, mask=first < 0))
    return pa.table(columns)


def _parts(texts: pa.StringArray) -> tuple[pa.StringArray, ...]:
    """Of each name all its words in alphabetical order, its given names and its family names; none where nothing is said."""
    odd = pc.starts_with(texts, ODD)
    forms = [next(iter(decoded(text[1:])), None) for text in texts.filter(odd).to_pylist()]
    split = pc.split_pattern(texts.filter(pc.invert(odd)), BETWEEN).flatten()
    found = []
    parts: tuple[Callable[[NameForm], str], ...] = (
        lambda form: " ".join(form.strict),
        lambda form: " ".join(form.given),
        lambda form: " ".join(form.family),
    )
    for place, part in zip((2, 0, 1), parts, strict=True):
        plain = split.take(pa.array(np.arange(place, len(split), 3)))
        told = pa.array([form and part(form) for form in forms], pa.string())
        found.append(pc.replace_with_mask(pc.replace_with_mask(texts, pc.invert(odd), plain), odd, told))
    return tuple(found)


def ecm(folder: Path) -> Tiers:
    """recordlinkage, its weights learnt by ECM."""
    import recordlinkage

    frame = _table(_shelf(folder)).to_pandas().set_index("unique_id")
    indexer = recordlinkage.Index()
    for column in ("email", "phone", "name"):
        indexer.block(column)
    pairs = indexer.index(frame)
    compare = recordlinkage.Compare()
    for column in ("given", "family"):
        compare.string(column, column, method="jarowinkler", threshold=0.9)
    for column in ("email", "phone", "postcode", "company"):
        compare.exact(column, column)
    features = compare.compute(pairs, frame)
    found = recordlinkage.ECMClassifier(binarize=0.5).fit_predict(features)
    yield "ECM", joined(len(frame), *(found.get_level_values(side).to_numpy() for side in (0, 1)))


_WAYS: dict[str, Callable[[Path], Tiers]] = {
    "ours": ours,
    "splink-em": splink_em,
    "splink-fixed": splink_fixed,
    "recordlinkage": ecm,
}


def main() -> None:
    """Make the registers, let one way find who is who in them, or score what it found."""
    way, folder = sys.argv[1], Path(sys.argv[2])
    if way == "made":
        made(folder, int(sys.argv[3]))
    elif way == "score":
        score(folder)
    else:
        tiers = []
        keep_memory()
        with no_collecting():  # both as a night of the hub does it, and for all of them
            for tier, labels in _WAYS[way](folder):
                np.save(folder / f"{tier}.npy", labels)
                tiers.append(tier)
        (folder / "tiers.json").write_text(json.dumps(tiers))


if __name__ == "__main__":
    main()
