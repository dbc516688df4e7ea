"""Rows made ready to be written, on every core: pressed into blocks, each with the words to find it by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, starmap

from hub.machine.collecting import no_collecting
from hub.machine.workers import Workers, pieces
from hub.mirror import blocks, codec, tokens

BATCH = 1_250 * blocks.SIZE
"""So many rows are worked on at once; fewer are not worth another process."""

Kinds = Mapping[int, tuple[str, ...]]
"""The kinds of the fields of each shape."""


@dataclass(slots=True)
class Prepared:
    """Rows in blocks, for each its words as the index takes them, and the words of all their names."""

    bodies: list[bytes] = field(repr=False)
    words: list[str] = field(repr=False)
    names: set[str] = field(repr=False)


def prepared(source: str, rows: Iterable[codec.Row], kinds: Kinds, region: str, workers: Workers | None) -> Iterator[Prepared]:
    """The rows of a source in batches, in their order; `kinds` must know the shape of each as soon as it is there."""
    batches = pieces(rows, BATCH)
    first = next(batches, [])
    asked = ((source, batch, dict(kinds), region) for batch in chain([first] if first else (), batches))
    if workers is None:
        yield from starmap(work_out, asked)
    else:
        yield from workers.each(work_out, asked, many=len(first) == BATCH)


def work_out(source: str, rows: Sequence[codec.Row], kinds: Kinds, region: str) -> Prepared:
    """One batch; runs in a process of its own when there are many."""
    done = Prepared([], [], set())
    with no_collecting():
        done.bodies.extend(blocks.pressed(rows))
        for row in rows:
            shape, ref, _, content = codec.parts_of(row)
            found, names = tokens.tokens_of(kinds[shape], codec.values_of(content), region)
            done.words.append(tokens.tagged(found, source, ref))
            done.names.update(names)
    return done
