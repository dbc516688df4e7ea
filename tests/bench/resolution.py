"""Who is the same person, beside Splink and recordlinkage: quality and cost on the same made-up registers.

`python -m tests.bench --resolution`; one way in a process of its own: `python -m tests.bench.resolution WAY COUNT SEED`.
All ways get the same cleaned values, made by the same code, so that only the deciding differs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hub.collecting import no_collecting
from hub.matching import bulk
from hub.matching.engine import Engine
from hub.matching.groups import Grouping
from hub.matching.memory import MemoryIndex
from tests.bench.measure import Cost, python
from tests.bench.quality import Quality, joined, quality
from tests.bench.registers import Made, registers

SEED = 101
"""None of the seeds that the figures of the model were chosen on."""

Row = tuple[str, Cost, str]


def rows(count: int) -> Iterator[Row]:
    """What each way costs and finds among that many entries."""
    first: Cost | None = None
    for way in ("splink-em", "splink-fixed", "ours", *(["recordlinkage"] if count <= 20_000 else [])):
        cost = python("-m", "tests.bench.resolution", way, str(count), str(SEED))
        first = first or cost
        against = f"{cost.seconds / first.seconds:.2f} × the time of Splink with EM, {cost.megabytes / first.megabytes:.2f} × its memory"
        yield f"{way}, {count:,} entries: {cost.printed.strip()}", cost, against


def ours(made: Sequence[Made]) -> Iterator[tuple[str, Quality]]:
    """Both tiers of our own verdicts."""
    index = _index(made)
    index.know(bulk.judged(index, Engine(memory="6GB")))
    grouping = Grouping(index)
    truth = _truth(index, made)
    groups = {min(group.entries): group for group in map(grouping.group_of, index)}
    links = [(number, min(grouping.group_of(number).entries)) for number in index]
    yield "link", quality(joined(index.size, links), truth)
    asked = [(min(group.entries), other) for group in groups.values() for other in grouping.possible(group)]
    yield "link+possible", quality(joined(index.size, [*links, *asked]), truth)


def splink_em(made: Sequence[Made]) -> Iterator[tuple[str, Quality]]:
    """Splink that learns its weights, at its best threshold and at a strict one."""
    yield from _splink(made, learn=True)


def splink_fixed(made: Sequence[Made]) -> Iterator[tuple[str, Quality]]:
    """Splink with common weights given."""
    yield from _splink(made, learn=False)


def _splink(made: Sequence[Made], *, learn: bool) -> Iterator[tuple[str, Quality]]:
    import duckdb
    from splink import DuckDBAPI, Linker, block_on

    index = _index(made)
    connection: Any = duckdb.connect(":memory:")
    connection.register("given_rows", _table(index))
    connection.execute("CREATE TABLE people AS SELECT * FROM given_rows")
    linker = Linker(DuckDBAPI(connection=connection).register("people"), _settings(), log_level=40)
    if learn:
        linker.training.estimate_probability_two_random_records_match([block_on("email"), block_on("phone")], recall=0.6)
        linker.training.estimate_u_using_random_sampling(max_pairs=2e6)
        for rule in ("email", "phone", "name"):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(rule))
    predicted = linker.inference.predict(threshold_match_probability=0.5).physical_name
    truth = _truth(index, made)
    best: tuple[str, Quality] | None = None
    for threshold in (0.5, 0.9, 0.99, 0.999, 0.9999):
        query = f"SELECT unique_id_l, unique_id_r FROM {predicted} WHERE match_probability >= {threshold}"
        found = quality(joined(index.size, connection.execute(query).fetchall()), truth)
        if best is None or found.f1 > best[1].f1:
            best = f"best ({threshold})", found
    assert best is not None
    yield best
    yield "strict (0.9999)", found


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


def _table(index: MemoryIndex) -> Any:
    """First values only: Splink compares single ones."""
    import pyarrow as pa

    names = ("name", "given", "family", "email", "phone", "postcode", "company")
    told = [(number, *_single(index, number)) for number in index]
    return pa.table({name: list(column) for name, column in zip(("unique_id", *names), zip(*told, strict=True), strict=True)})


def _single(index: MemoryIndex, number: int) -> Iterator[str | None]:
    facts = index[number]
    form = facts.forms[0] if facts.forms else None
    yield form.key if form else None
    yield " ".join(form.given) if form else None
    yield " ".join(form.family) if form else None
    for values in (facts.emails, facts.phones, sorted(facts.postcodes), facts.companies):
        yield next(iter(values), None)


def ecm(made: Sequence[Made]) -> Iterator[tuple[str, Quality]]:
    """recordlinkage, its weights learnt by ECM."""
    import pandas as pd
    import recordlinkage

    index = _index(made)
    frame = pd.DataFrame(_table(index).to_pydict()).set_index("unique_id")
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
    yield "ECM", quality(joined(index.size, list(found)), _truth(index, made))


def _index(made: Sequence[Made]) -> MemoryIndex:
    return MemoryIndex([item.held for item in made], "FI")


def _truth(index: MemoryIndex, made: Sequence[Made]) -> list[int]:
    person = {item.held.key: item.person for item in made}
    return [person[index[number].held.key] for number in index]


_WAYS: dict[str, Callable[[Sequence[Made]], Iterator[tuple[str, Quality]]]] = {
    "ours": ours,
    "splink-em": splink_em,
    "splink-fixed": splink_fixed,
    "recordlinkage": ecm,
}

if __name__ == "__main__":
    way, count, seed = sys.argv[1:]
    with no_collecting():  # as the hub does it, and for all of them
        print("; ".join(f"{tier} {score}" for tier, score in _WAYS[way](list(registers(int(count), int(seed))))))
