"""All pairs of many entries at once, by Splink with the figures of our model: on DuckDB in memory, or on Spark.

What it says of a pair is what the pure evaluator says; only which pairs are looked at is found by joins.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from hub.matching import columns, model
from hub.matching.engine import Engine
from hub.matching.evidence import HOUSEHOLDS
from hub.matching.facts import near_places, nearly_meet
from hub.matching.memory import MemoryIndex
from hub.matching.model import COMPARISONS, RAREST, Levels

Pairs = dict[tuple[int, int], Levels]
"""The levels of pairs of entries about which there is something to say; the smaller number first."""

_DIGITS = 6
_SILENT = {"name": "nameless"}
_NAMELESS = "(names_l = '' OR names_r = '')"
_TOUCH = {"duckdb": "list_has_any({0}_l, {0}_r)", "spark": "arrays_overlap({0}_l, {0}_r)"}
_CROSS = {"duckdb": "list_has_any({0}_l, {1}_r)", "spark": "arrays_overlap({0}_l, {1}_r)"}
_FILLED = {"duckdb": "len({0}_l) > 0 AND len({0}_r) > 0", "spark": "size({0}_l) > 0 AND size({0}_r) > 0"}


def judged(index: MemoryIndex, engine: Engine) -> Pairs:
    """Every pair that is a link, a question, or kept from being one only by what is known of others; with its levels."""
    with _SESSIONS[engine.backend](engine) as session:
        linker = session.linker(columns.rows(index), settings(index.size, engine.backend))
        predicted = linker.inference.predict()
        names = [f"mw_{name}" for name in (*COMPARISONS, "rarity")]
        told = _told(index.size)
        every = session.rows(f"SELECT DISTINCT {', '.join(names)} FROM {predicted.physical_name}")  # noqa: S608  # own names only
        wanted = {values: levels for values in every if _matters(levels := levels_of(values, told), index.size)}
        found = session.rows(f"SELECT unique_id_l, unique_id_r, {', '.join(names)} FROM {predicted.physical_name}")  # noqa: S608  # own names only
        return {(one, other): wanted[key] for one, other, *values in found if (key := tuple(values)) in wanted}


def scored(index: MemoryIndex, engine: Engine) -> dict[tuple[int, int], tuple[Levels, float]]:
    """Every pair that was looked at, with its levels and with what Splink itself makes of it, in bits."""
    with _SESSIONS[engine.backend](engine) as session:
        predicted = session.linker(columns.rows(index), settings(index.size, engine.backend)).inference.predict()
        names = ", ".join(f"mw_{name}" for name in (*COMPARISONS, "rarity"))
        found = session.rows(f"SELECT unique_id_l, unique_id_r, match_weight, {names} FROM {predicted.physical_name}")  # noqa: S608  # own names only
        told = _told(index.size)
        return {(one, other): (levels_of(values, told), weight) for one, other, weight, *values in found}


def _matters(levels: Levels, size: int) -> bool:
    return model.verdict(levels, size) is not None


def _told(size: int) -> dict[str, dict[float, str]]:
    """The levels of each comparison by their weights: Splink tells the weight and not the level."""
    return {
        name: {round(model.bits(name, level, size), _DIGITS): level for level in model.levels_of(name)}
        | {0.0: _SILENT.get(name, "")}
        for name in COMPARISONS
    }


def levels_of(values: Sequence[float], told: Mapping[str, Mapping[float, str]]) -> Levels:
    """The levels behind the weights that Splink gives; the last one is that of the rarity."""
    named = {name: told[name][round(value, _DIGITS)] for name, value in zip(COMPARISONS, values, strict=False)}
    return Levels(rarity=-round(values[-1]), **named)


def settings(size: int, dialect: str) -> dict[str, Any]:
    """The model as Splink takes it, for so many entries."""
    comparisons = [_comparison(name, _conditions(name, dialect), size) for name in COMPARISONS]
    return {
        "link_type": "dedupe_only",
        "probability_two_random_records_match": _probability(model.prior(size)),
        "comparisons": [*comparisons, _rarity()],
        "blocking_rules_to_generate_predictions": [
            _blocking(ours, theirs, dialect)
            for ours, theirs in (("keys", "keys"), ("initials", "wholes"), ("wholes", "initials"))
        ],
        "retain_intermediate_calculation_columns": True,
        "retain_matching_columns": False,
    }


def _probability(bits: float) -> float:
    return float(2**bits / (1 + 2**bits))


def _blocking(ours: str, theirs: str, dialect: str) -> dict[str, Any]:
    exploded = [ours] if ours == theirs else [ours, theirs]
    return {"blocking_rule": f"l.{ours} = r.{theirs}", "sql_dialect": dialect, "arrays_to_explode": exploded}


def _comparison(name: str, conditions: list[tuple[str, str]], size: int) -> dict[str, Any]:
    """`conditions`: first when nothing is said, then each level; the last one is what is left."""
    (_, nothing), *told = conditions
    levels = [{"sql_condition": nothing, "label_for_charts": "nothing", "is_null_level": True}]
    for level, condition in told:
        figures = model.levels_of(name).get(level)
        m, u = (figures["m"], model.chance(figures, size)) if figures else (0.5, 0.5)
        levels.append({"sql_condition": condition, "label_for_charts": level, "m_probability": m, "u_probability": u})
    return {"output_column_name": name, "comparison_levels": levels}


def _rarity() -> dict[str, Any]:
    """A bit for each halving of the number of namesakes, where the names are such as namesakes have."""
    telling = sorted(level for level, figures in model.levels_of("name").items() if "namesakes" in figures)
    listed = ", ".join(f"'{level}'" for level in telling)
    nothing = f"{_NAMELESS} OR name_level(names_l, names_r) NOT IN ({listed})"
    levels: list[dict[str, Any]] = [{"sql_condition": nothing, "label_for_charts": "nothing", "is_null_level": True}]
    low, high = RAREST
    for rarity in range(high, low - 1, -1):
        condition = f"greatest(rarity_l, rarity_r) = {rarity}" if rarity > low else "ELSE"
        both = {"m_probability": 2.0 ** (low - rarity), "u_probability": 2.0**low}
        levels.append({"sql_condition": condition, "label_for_charts": str(rarity), **both})
    return {"output_column_name": "rarity", "comparison_levels": levels}


_NAME_LEVELS = "conflict differ akin unclear subset loose initial typo garbled single surname called former generation".split(" ")


def _conditions(name: str, dialect: str) -> list[tuple[str, str]]:
    touch, cross, filled = _TOUCH[dialect].format, _CROSS[dialect].format, _FILLED[dialect].format
    if name == "name":
        return _name_conditions(cross)
    if name in ("email", "phone", "customer_number"):
        return _identifier_conditions(name, touch)
    if name == "company":
        return [
            ("", f"NOT {touch('firms')} AND NOT (companied_l AND companied_r)"),
            ("few", touch("firms_few")),
            ("many", touch("firms")),
            ("differ", "ELSE"),
        ]
    if name == "birthday":
        day = f"{cross('born_yearless', 'born')} OR {cross('born', 'born_yearless')}"
        near = "born_near(born_full_l, born_full_r)"
        return [("", f"NOT ({filled('born')})"), ("same", touch("born_full")), ("day", day), ("near", near), ("differ", "ELSE")]
    town = "nearly_meet(cities_l, cities_r)"
    here = f"NOT ({filled('postcodes')} AND NOT {touch('postcodes')} AND NOT {touch('cities')} AND NOT {town})"
    near = f"({touch('postcodes')} OR {touch('cities')}) AND nearly_meet(streets_l, streets_r)"
    neighbours = f"({filled('flats')} AND NOT {touch('flats')})"
    told = " AND ".join(
        "(" + " OR ".join(f"{_length(dialect)}({kind}_{side}) > 0" for kind in ("places", "postcodes", "cities")) + ")"
        for side in "lr"
    )
    return [
        ("", f"NOT ({told})"),
        ("same", f"{touch('places_few')} AND {here} AND NOT {neighbours}"),
        ("many", f"{touch('places')} AND {here}"),
        ("mistyped", f"{near} AND near_places(places_l, places_r, flats_l, flats_r)"),
        ("street", near),
        ("postcode", touch("postcodes")),
        ("town", touch("cities_few")),
        ("city", f"{touch('cities')} OR {town}"),
        ("elsewhere", touch("places")),
        ("differ", "ELSE"),
    ]


def _length(dialect: str) -> str:
    return "len" if dialect == "duckdb" else "size"


def _name_conditions(cross: Callable[[str, str], str]) -> list[tuple[str, str]]:
    spelled = f"({cross('emails_named', 'emails_called')} OR {cross('emails_called', 'emails_named')})"
    asked = [(level, f"name_level(names_l, names_r) = '{level}'") for level in _NAME_LEVELS]
    return [
        ("", f"{_NAMELESS} AND NOT (firm_l OR firm_r)"),
        ("firm", _NAMELESS),
        ("same", "plain_l <> '' AND plain_l = plain_r"),
        ("renamed", f"name_level(names_l, names_r) = 'unclear' AND {spelled}"),
        *asked,
        ("same", "ELSE"),
    ]


def _identifier_conditions(name: str, touch: Callable[[str], str]) -> list[tuple[str, str]]:
    stem, flag = {"email": ("emails", "personal"), "phone": ("phones", "phoned")}.get(name, ("numbers", "numbered"))
    own = [("own", touch(f"{stem}_own"))]
    households = [(HOUSEHOLDS[name][0], touch(f"{stem}_household"))] if name in HOUSEHOLDS else []
    told = [*own, *households, ("shared", touch(f"{stem}_shared"))]
    differ = f"({flag}_l AND {flag}_r AND NOT {touch(f'{stem}_crowded')})"
    nothing = " AND ".join([*(f"NOT {condition}" for _, condition in told), f"NOT {differ}"])
    return [("", nothing), *told, ("differ", "ELSE")]


class _DuckDB:
    """A DuckDB in memory, with Splink on it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def linker(self, rows: Iterable[columns.Row], model_settings: dict[str, Any]) -> Any:
        """Splink over these rows."""
        from splink import DuckDBAPI, Linker

        self._connection.register("entries_given", _table(rows))
        self._connection.execute("CREATE TABLE entries AS SELECT * FROM entries_given")
        self._connection.unregister("entries_given")
        api = DuckDBAPI(connection=self._connection)
        return Linker(api.register("entries"), model_settings, log_level=logging.WARNING)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query gives."""
        found: list[tuple[Any, ...]] = self._connection.execute(query).fetchall()
        return found


def _table(rows: Iterable[columns.Row]) -> Any:
    """The rows as an Arrow table, in pieces so that they are never all in memory as Python objects."""
    import pyarrow as pa

    kinds = [("unique_id", pa.int64()), ("rarity", pa.int32())]
    kinds += [(name, pa.string()) for name in columns.TEXTS] + [(name, pa.bool_()) for name in columns.FLAGS]
    schema = pa.schema(kinds + [(name, pa.list_(pa.string())) for name in columns.LISTS])
    return pa.Table.from_batches((pa.RecordBatch.from_pylist(piece, schema) for piece in _pieces(rows)), schema)


def _pieces(rows: Iterable[columns.Row], size: int = 20_000) -> Iterator[list[columns.Row]]:
    piece: list[columns.Row] = []
    for row in rows:
        piece.append(row)
        if len(piece) == size:
            yield piece
            piece = []
    if piece:
        yield piece


@contextmanager
def _duckdb(engine: Engine) -> Iterator[_DuckDB]:
    import duckdb
    import pyarrow as pa

    # Without a folder of the hub's own nothing is ever written: what spills over lies in the open.
    options = {"memory_limit": engine.memory, "temp_directory": str(engine.spill or ""), "autoinstall_known_extensions": "false"}
    connection: Any = duckdb.connect(":memory:", config={**options})

    def levels(ours: Any, theirs: Any) -> Any:
        return pa.array(map(columns.name_level, ours.to_pylist(), theirs.to_pylist()), pa.string())

    connection.create_function("name_level", levels, ["VARCHAR", "VARCHAR"], "VARCHAR", type="arrow")
    connection.create_function("nearly_meet", nearly_meet, ["VARCHAR[]"] * 2, "BOOLEAN")
    connection.create_function("near_places", near_places, ["VARCHAR[]"] * 4, "BOOLEAN")
    connection.create_function("born_near", columns.born_near, ["VARCHAR[]", "VARCHAR[]"], "BOOLEAN")
    try:
        yield _DuckDB(connection)
    finally:
        connection.close()
        if engine.spill:
            shutil.rmtree(engine.spill, ignore_errors=True)


class _Spark:
    """A Spark session with Splink on it."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def linker(self, rows: Iterable[columns.Row], model_settings: dict[str, Any]) -> Any:
        """Splink over these rows."""
        from splink import Linker

        backend: Any = import_module("splink.backends.spark")

        frame = self._session.createDataFrame(_table(rows))
        api = backend.SparkAPI(spark_session=self._session, register_udfs_automatically=False)
        return Linker(api.register(frame), model_settings, log_level=logging.WARNING)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query gives."""
        return [tuple(row) for row in self._session.sql(query).collect()]


@contextmanager
def _spark(engine: Engine) -> Iterator[_Spark]:
    """The session that is there (of a cluster), or one of this computer that nobody else can reach."""
    import tempfile

    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    if running is None:
        # Else Spark takes the first python3 of the PATH, which may be of another version, or know nothing of the hub.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    with tempfile.TemporaryDirectory(dir=_made(engine.spill)) as folder:
        session = running or (
            SparkSession.builder.master("local[2]")
            .appName("hub")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.memory", engine.memory.replace(" ", "").removesuffix("B"))
            .config("spark.ui.enabled", "false")
            .config("spark.local.dir", folder)
            .config("spark.sql.warehouse.dir", folder)
            .config("spark.sql.shuffle.partitions", "4")
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("ERROR")
        session.sparkContext.setCheckpointDir(folder)
        session.udf.register("name_level", columns.name_level, "string")
        session.udf.register("born_near", columns.born_near, "boolean")
        session.udf.register("nearly_meet", nearly_meet, "boolean")
        session.udf.register("near_places", near_places, "boolean")
        try:
            yield _Spark(session)
        finally:
            if running is None:
                session.stop()


def _made(folder: Path | None) -> Path | None:
    if folder is not None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


_SESSIONS: dict[str, Callable[[Engine], Any]] = {"duckdb": _duckdb, "spark": _spark}
