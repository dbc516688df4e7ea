"""The bulk evaluator says what the pure one says: the same weight of every pair, the same persons of every register."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.entry import Entry, Field, Ref, Version
from connectors.phrase import Phrase
from hub.matching import Matching, bulk, in_memory, model
from hub.matching.engine import Engine
from hub.matching.memory import MemoryIndex
from hub.matching.model import COMPARISONS, Levels
from hub.person import Held
from tests.bench.registers import registers
from tests.hub.test_matching_properties import FIELDS

MORE = st.one_of(
    st.builds(
        Field,
        st.just("address"),
        st.sampled_from(
            ["Kivikatu 5 A 1", "Kivik. 5 as 1", "Kivikatu 5 B 2", "PL 5", "Kotitie 1", "Kivi katu 5", "Kiviaktu 5 A 1"]
        ),
    ),
    st.builds(Field, st.just("postcode"), st.sampled_from(["00100", "20100", "100"])),
    st.builds(Field, st.just("city"), st.sampled_from(["Turku", "Åbo", "Helsinki", "Helsnki"])),
    st.builds(Field, st.just("company"), st.sampled_from(["Firma Oy", "FIRMA OY", "Toinen Oy"])),
    st.builds(Field, st.just("business_id"), st.sampled_from(["1234567-1", "FI12345671"])),
    st.builds(Field, st.just("name"), st.sampled_from(["Matti Virtanne", "Masa Virtanen", "Virtanen Matti", "Carl von Koski"])),
)
REGISTERS = st.lists(st.lists(st.one_of(FIELDS, MORE), min_size=1, max_size=5), min_size=2, max_size=25).map(
    lambda lists: [
        Held("book", Entry(Ref(f"{number:02}"), Version("1"), Phrase("card"), tuple(fields)))
        for number, fields in enumerate(lists)
    ]
)


def agree(held: Sequence[Held], engine: Engine) -> None:
    """Every pair has the same weight and the same verdict in both, and every person the same entries and reasons."""
    index = MemoryIndex(held, "FI")
    pure = {(one, other): index.levels(one, other) for one in index for other in index.candidates(one) if one < other}
    told = bulk.scored(index, engine)
    for pair, levels in pure.items():
        if model.verdict(levels, index.size) is not None:
            assert pair in told, levels
        if pair in told:
            assert told[pair][1] == pytest.approx(model.weight(levels, index.size), abs=1e-6), levels
            assert _plain(told[pair][0]) == _plain(levels)
    index.know({pair: levels for pair, (levels, _) in told.items() if model.verdict(levels, index.size)})
    assert Matching(index, "FI").everybody() == in_memory(held, "FI").everybody()


def _plain(levels: Levels) -> Levels:
    """The rarity is told apart only where it counts."""
    return levels if model.rarity_bits(levels) else levels._replace(rarity=0)


@settings(max_examples=12, phases=(Phase.explicit, Phase.generate), suppress_health_check=[HealthCheck.too_slow])
@given(REGISTERS)
def test_both_evaluators_agree_on_any_register(held: list[Held]) -> None:
    """Whatever stands in the entries."""
    agree(held, Engine("duckdb"))


@pytest.mark.parametrize("seed", [11, 12])
def test_both_evaluators_agree_on_whole_registers(seed: int) -> None:
    """Registers as they are kept in life."""
    agree([made.held for made in registers(1500, seed)], Engine("duckdb"))


def test_no_two_levels_weigh_the_same() -> None:
    """The bulk evaluator tells levels apart by their weight, in a register of any size."""
    for size in (*range(1, 4_000), *range(4_000, 1_000_000, 5_000)):
        for name in COMPARISONS:
            weights = [round(model.bits(name, level, size), 6) for level in model.levels_of(name)]
            assert len({*weights, 0.0}) == len(weights) + 1, name


def test_a_few_entries_need_no_engine() -> None:
    """Nothing heavy is loaded for a register of a small company."""
    code = (
        "import sys; from hub.matching import in_memory; from tests.bench.registers import registers;"
        "in_memory([made.held for made in registers(200)], 'FI').everybody();"
        "print({'splink', 'duckdb', 'pyarrow', 'pandas', 'pyspark'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert done.stdout.strip() == "set()"


def test_everybody_by_the_engine(tmp_path: Path) -> None:
    """The engine gives every person, and what spilled over into the hub's own folder is gone afterwards."""
    spill = tmp_path / "spill"
    held = [made.held for made in registers(300, 5)]
    everybody = in_memory(held, "FI").everybody(Engine("duckdb", memory="200MB", spill=spill, entries=0))
    assert everybody == in_memory(held, "FI").everybody()
    assert not spill.exists()


@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")
def test_spark_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole model on Spark, on this computer, whichever Python stands first in its PATH."""
    other = tmp_path / "bin" / "python3"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\nexit 9\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", f"{other.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("PYSPARK_PYTHON", raising=False)
    # A machine that ends so soon must not spend half of its time on making its code fast.
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    agree([made.held for made in registers(300, 13)], Engine("spark", "1GB", tmp_path / "spill", entries=0))
