"""The files in which a night is kept: columns with a name each, encrypted as the mirror is, written anew every night."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors import _resources, _system
from connectors._digest import sha256
from connectors.errors import StateError
from hub import __version__, store
from hub.mirror.opening import forget_night
from hub.store.secrets import key_for_state

if TYPE_CHECKING:
    import pyarrow as pa

_FORMAT = "8"
"""Goes up when what is kept is made otherwise than before."""

_HMAC = "HMAC_SHA256"
_TABLES = (
    "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS part (name TEXT PRIMARY KEY, body BLOB NOT NULL)",
)


def engine(*names: str) -> str:
    """A hash of the hub's version and these files of `config/`: a night of a hub that decides otherwise is not gone on from."""
    told = sha256(f"{_FORMAT} {__version__}".encode())
    for name in names:
        told.update(_resources.path(name).read_bytes())
    return told.hexdigest()


def read(folder: Path, name: str, about: Mapping[str, str]) -> tuple[dict[str, str], dict[str, pa.Array]] | None:
    """What is kept, with its remarks; None where there is nothing, or nothing `about` this, or it cannot be opened."""
    path = folder / name
    if not path.exists():
        return None
    try:
        database = store.open_database(path, key_for_state(folder), *_TABLES, hmac=_HMAC)
    except StateError:
        return None
    with closing(database), suppress(store.database_errors()):
        told = dict(database.execute("SELECT name, value FROM about").fetchall())
        if all(told.get(item) == value for item, value in about.items()):
            return told, {part: _column(body) for part, body in database.execute("SELECT name, body FROM part")}
    return None


def write(folder: Path, name: str, about: Mapping[str, str], columns: Mapping[str, pa.Array]) -> None:
    """Keep this in place of what was kept. Where there is no room for it nothing is, and the next night compares everything."""
    fresh = folder / f"{name}.new"
    try:
        with store.alone(folder / "night.lock"):
            fresh.unlink(missing_ok=True)
            with closing(store.open_database(fresh, key_for_state(folder), *_TABLES, hmac=_HMAC)) as database, database:
                database.executemany("INSERT INTO about VALUES (?, ?)", about.items())
                database.executemany(
                    "INSERT INTO part VALUES (?, ?)", ((part, _body(column)) for part, column in columns.items())
                )
            _system.replace(fresh, folder / name)
    except (StateError, store.database_errors(), OSError):
        forget_night(folder)


def _body(column: pa.Array) -> bytes:
    import pyarrow as pa

    batch = pa.record_batch([column], ["column"])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]  # pyarrow tells no types


def _column(body: bytes) -> Any:
    import pyarrow as pa

    with pa.ipc.open_stream(body) as reader:
        return reader.read_next_batch().column(0)
