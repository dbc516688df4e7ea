"""The README is true: its table is fresh, and every command, exit code, option and connector is in it."""

from __future__ import annotations

import argparse
import re
import tomllib

import pytest

from connectors.registry import kinds
from hub.cli.arguments import COMMANDS, EXIT_CODES, parser
from tests.bench import readme as speed
from tests.readme import README, renewed

TEXT = README.read_text(encoding="utf-8")


def test_the_table_of_sources_is_fresh() -> None:
    """What the connectors say of themselves is what the README says."""
    assert renewed(TEXT) == TEXT


def test_every_connector_has_its_row() -> None:
    """A kind that can be configured is named."""
    assert [kind for kind in kinds() if f"| `{kind}` |" not in TEXT] == []


def test_every_command_is_there_and_no_other() -> None:
    """The table of commands and the command line know the same ones."""
    rows = set(re.findall(r"^\| `hub (\w+)", TEXT, re.MULTILINE))

    assert rows == set(COMMANDS)


@pytest.mark.parametrize("code", sorted(EXIT_CODES))
def test_every_exit_code_has_its_meaning(code: int) -> None:
    """Word for word what the help says."""
    assert f"| {code} | {EXIT_CODES[code]} |" in TEXT


def test_every_option_is_named() -> None:
    """No option of any command is missing."""
    (commands,) = [action for action in parser()._actions if isinstance(action, argparse._SubParsersAction)]
    options = {word for command in commands.choices.values() for action in command._actions for word in action.option_strings}

    missing = {option for option in options if option.startswith("--") and option not in TEXT}
    assert missing - {"--help", "--reason", "--note", "--revoke"} == set()


def test_the_example_configuration_is_valid_toml_with_known_kinds() -> None:
    """What a reader copies works."""
    (example,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    sources = tomllib.loads(example)["source"]

    assert {source["kind"] for source in sources.values()} <= set(kinds())


def test_the_table_of_speed_is_as_the_bench_prints_it() -> None:
    """Nothing but rows of the bench, in their order, each with its day; a row measured anew takes the place of the older one."""
    block = TEXT.partition("<!-- printed by: python -m tests.bench --readme -->\n")[2].partition("<!-- end -->")[0]
    assert block.startswith(speed.HEAD)
    assert speed.renewed(TEXT, [], "2026-01-01") == TEXT

    first, last = (f"| {begin} | 1.00 | 0.50 | 9 | 2.0 times |" for begin in (speed.SHOWN[0], speed.SHOWN[-1]))
    anew = speed.renewed(TEXT, [last, "| a bare interpreter | 1 | 1 | 1 | |", first], "2026-01-01")
    rows = anew.partition(speed.HEAD)[2].partition("<!-- end -->")[0].splitlines()
    assert (rows[0], rows[-1]) == (f"{first} 2026-01-01 |", f"{last} 2026-01-01 |")
    others = [row for row in block.splitlines()[2:] if not row.startswith((f"| {speed.SHOWN[0]}", f"| {speed.SHOWN[-1]}"))]
    assert rows[1:-1] == others


def test_it_is_short_enough_to_be_read() -> None:
    """At most 150 lines."""
    assert len(TEXT.splitlines()) <= 150
