"""The `[source.NAME]` tables: each kind of connector says which keys its table may have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from connectors import registry
from connectors.contract import Option
from connectors.errors import HubError
from connectors.phrase import Phrase
from hub.config.reader import Reader, choose
from hub.config.settings import SourceConfig
from hub.store import secrets


def read_sources(reader: Reader, tables: Mapping[str, Any], country: str) -> tuple[SourceConfig, ...]:
    """Every source whose table can be used."""
    if not tables:
        reader.problem("source", Phrase("No source is named. Write a [source.NAME] table for each register, or run hub init."))
    found: list[SourceConfig] = []
    for name, table in tables.items():
        source = _source(reader, name, table, country)
        if source is None:
            continue
        if any((other.kind, other.options) == (source.kind, source.options) for other in found):
            reader.problem(f"source.{name}", Phrase("Another source reads the very same register; remove one of the two."))
        found.append(source)
    return tuple(found)


def _source(reader: Reader, name: str, table: object, country: str) -> SourceConfig | None:
    key = f"source.{name}"
    if not re.fullmatch(r"\w[\w .-]{0,59}", name):
        reader.problem("source", Phrase("The name of a source may hold letters, digits, blanks, dots and hyphens, up to 60."))
        return None
    if not isinstance(table, Mapping):
        reader.problem(key, Phrase("This is a table: write [{key}] on a line of its own, and its keys below.", key=key))
        return None
    kind = table.get("kind")
    if kind is None:
        reader.problem(key, Phrase("The key kind is missing; write one of: {kinds}.", kinds=", ".join(registry.kinds())))
        return None
    if not isinstance(kind, str) or kind not in registry.kinds():
        reader.problem(f"{key}.kind", choose(str(kind), registry.kinds()))
        return None
    try:
        options = registry.connector_class(kind).options
    except HubError as error:
        reader.problem(f"{key}.kind", error.message)
        return None
    reader.unknown(f"{key}.", {word: "" for word in table if word != "kind"}, [option.name for option in options])
    values = {option.name: _option(reader, key, option, table, country) for option in options}
    return SourceConfig(name, kind, values)


def _option(reader: Reader, prefix: str, option: Option, table: Mapping[str, Any], country: str) -> object:
    """The value of one option, converted; its default, or None, when it is left out or wrong."""
    key = f"{prefix}.{option.name}"
    if option.name not in table:
        if option.required:
            reader.problem(prefix, Phrase("The key {name} is missing: {help}", name=option.name, help=option.help))
        default = country if option.name == "region" else option.default
        return _converted(reader, option, default) if default is not None else None
    value = table[option.name]
    problem = _wrong(option, value)
    if problem is not None:
        reader.problem(key, problem)
        return option.default
    return _converted(reader, option, value)


def _wrong(option: Option, value: object) -> Phrase | None:
    """What is wrong with the value of an option, or None."""
    checks: dict[str, Callable[[object], Phrase | None]] = {
        "text": _wrong_text,
        "path": _wrong_text,
        "integer": lambda value: None if _is_number(value) else Phrase("Write a whole number from 1 on here, without quotes."),
        "choice": lambda value: None if value in option.choices else choose(str(value), option.choices),
        "table": lambda value: _wrong_table(option, value),
        "secret": lambda value: None if secrets.reference(value) else _SECRET,
    }
    return checks[option.type](value)


_SECRET = Phrase(
    'A password never stands in the file itself. Point at it with env = "NAME", keyring = "service" and user = "name", '
    'or command = ["pass", "show", "x"], in curly brackets.'
)


def _wrong_text(value: object) -> Phrase | None:
    return None if isinstance(value, str) and value and "\0" not in value else Phrase('Write a text in "quotes" here.')


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _wrong_table(option: Option, value: object) -> Phrase | None:
    if not isinstance(value, Mapping) or not all(isinstance(item, str) for item in value.values()):
        return Phrase("Write a table of texts in curly brackets here: the register's word in quotes = \"the hub's word\".")
    wrong = next((item for item in value.values() if option.choices and item not in option.choices), None)
    return choose(wrong, option.choices) if wrong is not None else None


def _converted(reader: Reader, option: Option, value: object) -> object:
    """A value that is right, as the connector takes it. A path option's choices are words, and its prefixes mark no paths."""
    if option.type == "path" and isinstance(value, str | Path) and value not in option.choices:
        return value if str(value).startswith(option.prefixes) else reader.path(str(value))
    if option.type == "secret":
        return secrets.reference(value)
    return dict(value) if isinstance(value, Mapping) else value


def check_state(reader: Reader, state: Path, sources: tuple[SourceConfig, ...]) -> None:
    """Note a register inside the hub's own folder, and the hub's folder inside a register's."""
    for source in sources:
        for option in registry.connector_class(source.kind).options:
            value = source.options.get(option.name)
            if option.type != "path" or not option.required or not isinstance(value, Path):
                continue
            if state == value or value in state.parents or state in value.parents:
                problem = Phrase("The hub's own folder and this register must not lie inside one another; move one of the two.")
                reader.problem(f"source.{source.name}.{option.name}", problem)
