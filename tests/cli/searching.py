"""Every byte of files searched for every spelling of a value in every encoding, without the hub's own search."""

from __future__ import annotations

import base64
import html
import json
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

from hub import mirror
from hub.store import secrets, snapshot, suppression

_CHANCE = 8
"""So many bytes any bytes may be inflated to."""

_CODECS = ("utf-8", "utf-16-le", "utf-16-be", "latin-1", "cp1252")


def spellings(value: str) -> Iterator[str]:
    """The value in the cases, normal forms and escapes in which programs write it; a number backwards, too."""
    folded = "".join(letter for letter in unicodedata.normalize("NFD", value) if not unicodedata.combining(letter))
    for text in dict.fromkeys((value, value.lower(), value.upper(), value.title(), folded, folded.lower())):
        for form in ("NFC", "NFD"):
            yield unicodedata.normalize(form, text)
        yield quote(text)
        yield quote_plus(text)
        yield html.escape(text)
        yield json.dumps(text)[1:-1]
        yield text.encode("ascii", "xmlcharrefreplace").decode()
        yield text.encode("unicode_escape").decode("ascii")
    digits = "".join(letter for letter in value if letter.isdigit())
    if len(digits) >= 7:
        yield digits
        yield digits[::-1]
        yield digits[-8:]


def needles(value: str) -> set[bytes]:
    """The bytes of every spelling, and their base64 at each of its three alignments."""
    found: set[bytes] = set()
    for text in spellings(value):
        for codec in _CODECS:
            try:
                raw = text.encode(codec)
            except UnicodeEncodeError:
                continue
            found.add(raw)
            found |= {_aligned(raw, place) for place in range(3)}
    return {needle for needle in found if len(needle) >= 5}


def _aligned(raw: bytes, place: int) -> bytes:
    """What stays of the base64 of bytes whatever stands before and behind them, `place` bytes into a group of three."""
    coded = base64.b64encode(b"\0" * place + raw)
    return coded[(place * 8 + 5) // 6 : (place + len(raw)) * 8 // 6]


def traces(files: Iterable[Path], values: Iterable[str]) -> list[tuple[str, str]]:
    """Which values stand in which files, their names and what is packed in them included."""
    wanted = {value: needles(value) for value in values}
    return [
        (path.name, value)
        for path in files
        for blob in [path.name.encode(), *_contents(path.read_bytes())]
        for value, some in wanted.items()
        if any(needle in blob for needle in some)
    ]


def _contents(data: bytes) -> Iterator[bytes]:
    yield data
    if data.startswith(b"PK"):
        import io

        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for name in package.namelist():
                yield from (name.encode(), package.read(name))
    if data[:1] == b"x":
        try:
            yield zlib.decompress(data)
        except zlib.error:
            return


def decrypted(state: Path, folder: Path) -> list[Path]:
    """Every encrypted file of a state directory as it is page by page once its key is known, free pages included."""
    from sqlcipher3 import dbapi2 as sqlcipher

    found = []
    for number, path in enumerate(sorted(state.rglob("*.db"))):
        for key in _keys(state, path):
            database = sqlcipher.connect(str(path))
            try:
                database.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
                database.execute(f"PRAGMA cipher_hmac_algorithm = HMAC_{_vouched_by(path)}")
                database.execute("SELECT count(*) FROM sqlite_master").fetchone()
            except sqlcipher.DatabaseError:
                continue
            finally:
                database.close()
            plain = folder / f"{number}-{path.stem}.plain"
            pages = list(_pages(path, key))
            plain.write_bytes(b"".join([*pages, *_inflated(pages)]))
            found.append(plain)
            break
        else:
            raise AssertionError(f"no key opens {path.name}")
    return found


def _inflated(pages: Iterable[bytes]) -> Iterator[bytes]:
    """Whatever is compressed in the pages (raw deflate, as the mirror does it), wherever it begins: free pages, too.

    A piece that reaches into another page is read as far as its own page goes; what is read of chance is nothing sensible.
    """
    for page in pages:
        for start in range(len(page)):
            try:
                found = zlib.decompressobj(-15).decompress(page[start:], 1 << 16)
            except zlib.error:
                continue
            if len(found) > _CHANCE:
                yield found


def _vouched_by(path: Path) -> str:
    """The hash that vouches for each page of a file."""
    return "SHA256" if path.name in mirror.FILES else "SHA512"


def _keys(state: Path, path: Path) -> Iterator[bytes]:
    import hmac

    own = secrets.key_for_state(state, must_exist=True)
    yield own
    for name in ("mirror", "file", "marks", "permissions"):
        yield hmac.digest(own, name.encode(), "sha256")
    beside = path.with_suffix(".key")
    if path.parent.name == snapshot.FOLDER or path.name == suppression.FILE:
        both = secrets.second_key(state, beside, must_exist=True)
        yield from (both, hmac.digest(both, b"file", "sha256"))


def _pages(path: Path, key: bytes) -> Iterator[bytes]:
    """The pages of a SQLCipher 4 file (AES-256-CBC, raw key, 4096 bytes with 80 or 48 reserved), each decrypted by itself.

    A raw key is used as it is, and each page carries its own initialisation vector: so free pages are read like others.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    data, size, reserve = path.read_bytes(), 4096, {"SHA512": 80, "SHA256": 48}[_vouched_by(path)]
    for start in range(0, len(data) - size + 1, size):
        page = data[start : start + size]
        vector = page[size - reserve : size - reserve + 16]
        body = page[16 : size - reserve] if start == 0 else page[: size - reserve]
        decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
        yield decryptor.update(body) + decryptor.finalize()
