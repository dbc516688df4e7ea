"""The `[notice]` table: what only the controller can say about the data (GDPR, Article 15(1)), for all registers or for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.phrase import Phrase
from hub.config.controller import LANGUAGES
from hub.config.reader import Reader, choose
from hub.config.settings import NOTICE, Notice, Words


def read_notice(reader: Reader, table: Mapping[str, Any], sources: Iterable[str]) -> Notice:
    """What is said of all registers (under "") and of each by its name, topic by topic."""
    names = list(sources)
    general = {key: value for key, value in table.items() if key in NOTICE}
    found = {"": _topics(reader, "notice", general)} if general else {}
    for name, value in table.items():
        key = f"notice.{name}"
        if name in NOTICE:
            continue
        if name not in names:
            reader.problem(key, choose(name, [*NOTICE, *names]))
        elif not isinstance(value, Mapping):
            reader.problem(key, Phrase("This is a table: write [{key}] on a line of its own, and its keys below.", key=key))
        else:
            reader.unknown(f"{key}.", value, NOTICE)
            found[name] = _topics(reader, key, {topic: said for topic, said in value.items() if topic in NOTICE})
    return found


def _topics(reader: Reader, prefix: str, table: Mapping[str, Any]) -> dict[str, Words]:
    said = {topic: _words(reader, f"{prefix}.{topic}", value) for topic, value in table.items()}
    return {topic: words for topic, words in said.items() if words}


def _words(reader: Reader, key: str, value: object) -> Words:
    """The sentences by language, "" for every language; nothing when something is wrong with them."""
    by_language = value if isinstance(value, Mapping) else {"": value}
    found: dict[str, tuple[str, ...]] = {}
    for language, said in by_language.items():
        texts: list[Any] = said if isinstance(said, list) else [said]
        if language not in {"", *LANGUAGES}:
            reader.problem(key, choose(language, LANGUAGES))
        elif not texts or not all(isinstance(text, str) and text.strip() and "\0" not in text for text in texts):
            reader.problem(
                key, Phrase('Write a text in "quotes" here, or a list of texts, or both languages: {example}', example=_EXAMPLE)
            )
        else:
            found[language] = tuple(texts)
    return found


_EXAMPLE = '{ fi = "…", en = "…" }'
