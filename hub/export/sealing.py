"""A package as one encrypted ZIP (WinZip's AES-256), made in memory, and a password for it that can be said on the phone."""

from __future__ import annotations

import io
import secrets
import shlex
from collections.abc import Mapping
from datetime import date

from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub.store.secrets import reference

SHORTEST = 12
"""Letters; a shorter password than this can be guessed by whoever has the file."""

_CONSONANTS, _VOWELS = "hjklmnprstv", "aeiou"
_WORDS, _SYLLABLES = 5, 3


def new_password() -> str:
    """Five words of three syllables, 86 bits: `tavoke-simuna-…`. No letter is taken for another, in Finnish or English."""
    words = ("".join(secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(_SYLLABLES)) for _ in range(_WORDS))
    return "-".join(words)


def password_of(command: str) -> str:
    """The first line that the owner's own command writes. Raises `ConfigError` when there is none, `UsageError` when it is short."""
    secret = reference({"command": _parted(command)})
    password = secret.reveal() if secret else ""
    if len(password) < SHORTEST:
        raise UsageError(
            Phrase("The password of --password-command is shorter than {count} letters; nothing was written.", count=SHORTEST),
            Phrase("Take a longer one, or leave the option out: the hub makes one."),
        )
    return password


def _parted(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        raise UsageError(Phrase("--password-command has a quotation mark that is not closed.")) from None


def sealed(contents: Mapping[str, bytes], folder: str, password: str, day: date) -> bytes:
    """An archive of the files, by their paths in `folder`: each encrypted, only their neutral names in the clear."""
    import pyzipper

    stream = io.BytesIO()
    with pyzipper.AESZipFile(stream, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        for path, content in contents.items():
            item = pyzipper.zipfile_aes.AESZipInfo(f"{folder}/{path}", date_time=(day.year, day.month, day.day, 0, 0, 0))
            item.external_attr = 0o600 << 16
            item.compress_type = pyzipper.ZIP_DEFLATED
            archive.writestr(item, content)
    return stream.getvalue()
