"""The configuration: one TOML file, read into typed settings; everything wrong with it is said at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.errors import ConfigError
from connectors.phrase import Phrase
from hub.config.controller import read_controller
from hub.config.engine import read_engine
from hub.config.notice import read_notice
from hub.config.reader import TOP, Reader
from hub.config.report import read_ask, read_report
from hub.config.retention import read_retention
from hub.config.settings import Config, Controller, SourceConfig
from hub.config.sources import check_state, read_sources
from hub.machine.place import APP, FILE, VARIABLE, default_path, located

__all__ = ["FILE", "VARIABLE", "Config", "Controller", "SourceConfig", "default_path", "load"]


def load(path: Path | None, env: Mapping[str, str]) -> Config:
    """Read the configuration at `path`, else at `$HUB_CONFIG`, else in the user's configuration directory.

    Raises `ConfigError` with every problem at once.
    """
    file = located(path, env)
    text = _text_of(file)
    reader = Reader(file, text)
    config = _read(reader, _parsed(file, text))
    if reader.problems:
        raise ConfigError(
            Phrase("{file} cannot be used: {count} to correct.", file=file.name, count=len(reader.problems)),
            tuple(problem for _, problem in sorted(reader.problems, key=lambda item: item[0])),
            Phrase("Correct what is listed and run the command again; nothing was read or changed."),
        )
    return config


def _text_of(file: Path) -> str:
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        here = file == default_path().absolute() and Path(FILE).is_file()
        raise ConfigError(
            Phrase("There is no configuration {file}.", file=file.name),
            hint=Phrase("Run hub init to have one written, or name yours with --config FILE.")
            if not here
            else Phrase("It is not looked for in this folder: name the one that lies here with --config {file}.", file=file.name),
        ) from None
    except OSError as error:
        raise ConfigError(
            Phrase("{file} could not be read (system error {code}).", file=file.name, code=error.errno or 0),
            hint=Phrase("Is it a file, and may you read it?"),
        ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _not_toml(file, line, error.start - data.rfind(b"\n", 0, error.start), _NOT_UTF8) from None


def _parsed(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line, column = (int(found[1]), int(found[2])) if found else (text.count("\n") + 1, 1)
        raise _not_toml(file, line, column, _BROKEN) from None


_NOT_UTF8 = Phrase("Save the file as UTF-8.")
_BROKEN = Phrase('Look for a missing quote or bracket there or just before; texts stand in "quotes".')


def _not_toml(file: Path, line: int, column: int, hint: Phrase) -> ConfigError:
    problem = Phrase("{file} is not valid TOML at line {line}, column {column}.", file=file.name, line=line, column=column)
    return ConfigError(problem, (problem,), hint)


def _read(reader: Reader, data: Mapping[str, Any]) -> Config:
    reader.unknown("", data, TOP)
    controller = read_controller(reader, reader.table(data, "controller"))
    state = reader.path(data["state"]) if reader.text(data, "", "state") else _default_state()
    undo_days = _days(reader, data, "undo_days", 7, Phrase("Write a whole number of days from 0 (no undo) to 3650 here."))
    never = Phrase("Write a whole number of days from 0 (nobody is remembered) to 3650 here.")
    remember_days = _days(reader, data, "remember_days", Config.remember_days, never)
    package_days = _days(reader, data, "package_days", 30, Phrase("Write a whole number of days from 0 to 3650 here."))
    mirror = data.get("mirror", True)
    if not isinstance(mirror, bool):
        reader.problem("mirror", Phrase("Write true or false here."))
    tables = reader.table(data, "source")
    sources = read_sources(reader, tables, controller.country) if tables is data.get("source", tables) else ()
    check_state(reader, state, sources)
    report = reader.table(data, "report")
    expect, ask = read_report(reader, report, sources), read_ask(reader, report)
    retention = read_retention(reader, reader.table(data, "retention"), tables)
    engine = read_engine(reader, reader.table(data, "engine"), state)
    return Config(
        reader.file,
        state,
        sources,
        controller,
        undo_days,
        bool(mirror),
        expect,
        ask,
        retention,
        engine,
        remember_days=remember_days,
        notice=read_notice(reader, reader.table(data, "notice"), tables),
        package_days=package_days,
    )


def _days(reader: Reader, data: Mapping[str, Any], key: str, default: int, wanted: Phrase) -> int:
    days = data.get(key, default)
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= 3650:
        reader.problem(key, wanted)
        return default
    return days


def _default_state() -> Path:
    from platformdirs import user_data_path

    return user_data_path(APP, appauthor=False)
