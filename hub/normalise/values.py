"""What two spellings of one value are the same by, whatever its kind. Pure."""

from __future__ import annotations

from hub import normalise

NAMES = frozenset({"name", "given", "family"})


def value_key(kind: str, value: str, region: str) -> str:
    """The key of a value: a phone in E.164, an e-mail in its one form, a name's words in any order, else the folded words."""
    if kind == "phone":
        return "\0".join(sorted(normalise.phone_keys(value, region))) or normalise.fold(value)
    if kind == "email":
        return normalise.email_key(value) or normalise.fold(value)
    words = normalise.name_tokens(value) if kind in NAMES else normalise.tokens(value)
    return " ".join(sorted(words) if kind in NAMES else words)
