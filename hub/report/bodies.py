"""The texts of very many findings, some together in a block and compressed: what is not asked for is only carried along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
import pyarrow as pa

from hub.machine.workers import pieces
from hub.matching.night.arrays import Ints

SIZE = 100
"""So many texts share a block: of more, more must be written anew when one of them goes."""

_BETWEEN = "\n"
"""No text has one: they are JSON."""

_WIDTH = 4

Spots = tuple[Ints, Ints]
"""Of each text the block, and the place in it."""


class Bodies:
    """Blocks of texts."""

    def __init__(self, blocks: Sequence[bytes] | pa.LargeBinaryArray = (), sizes: Ints | None = None) -> None:
        """`sizes`: how many texts are in each."""
        self._blocks = pa.array(blocks, pa.large_binary())
        self._sizes = np.empty(0, np.int32) if sizes is None else sizes
        self._known: dict[int, list[str]] = {}

    @classmethod
    def kept(cls, columns: Mapping[str, pa.Array]) -> Bodies:
        """Undo `columns`. Raises LookupError where one is missing."""
        return cls(columns["blocks"], columns["sizes"].to_numpy())

    def columns(self) -> dict[str, pa.Array]:
        """All blocks."""
        return {"blocks": self._blocks, "sizes": pa.array(self._sizes)}

    def text(self, block: int, place: int) -> str:
        """One text."""
        if block not in self._known:
            self._known[block] = _texts(self._blocks[block].as_py())
        return self._known[block][place]

    def and_also(self, texts: Iterable[str]) -> tuple[Bodies, Spots]:
        """These and further ones, and the spots of those."""
        several = list(pieces(texts, SIZE))
        sizes = np.array([len(piece) for piece in several], np.int32)
        blocks = pa.concat_arrays([self._blocks, pa.array(map(_pressed, several), pa.large_binary())])
        places = np.fromiter(chain.from_iterable(map(range, map(len, several))), np.int32)
        numbers = np.repeat(np.arange(len(several), dtype=np.int32) + np.int32(len(self._sizes)), sizes)
        return Bodies(blocks, np.concatenate([self._sizes, sizes])), (numbers, places)

    def only(self, spots: Spots) -> tuple[Bodies, Spots]:
        """Only those in these spots, each there once, and where they are then: a block of which all stay is taken as it is."""
        block, place = spots
        used = np.bincount(block, minlength=len(self._sizes))
        whole = np.flatnonzero(used == self._sizes)
        number = np.empty(len(self._sizes), np.int32)
        number[whole] = np.arange(len(whole))
        stays = np.isin(block, whole)
        left = np.flatnonzero(~stays)
        left = left[np.lexsort((place[left], block[left]))]
        texts = [self.text(*spot) for spot in zip(block[left].tolist(), place[left].tolist(), strict=True)]
        kept = Bodies(self._blocks.take(pa.array(whole)), self._sizes[whole])
        found, (blocks, places) = kept.and_also(texts)
        block, place = np.where(stays, number[block], 0), place.copy()
        block[left], place[left] = blocks, places
        return found, (block, place)


def _pressed(texts: Sequence[str]) -> bytes:
    told = _BETWEEN.join(texts).encode()
    packed: bytes = pa.compress(told, "zstd", asbytes=True)
    return len(told).to_bytes(_WIDTH, "big") + packed


def _texts(block: bytes) -> list[str]:
    size = int.from_bytes(block[:_WIDTH], "big")
    told: bytes = pa.decompress(block[_WIDTH:], size, "zstd", asbytes=True)
    return told.decode().split(_BETWEEN)
