"""What each command does: ask, decide what may be done, show the result, and name the exit code."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack

from connectors.errors import ConfigError, HubError
from hub import config as configuration
from hub.commands import deciding, erasing, looking, setting_up
from hub.commands.base import Run
from hub.language import Language
from hub.render import json as documents
from hub.render import text
from hub.render.screen import console

_COMMANDS = {
    "check": looking.check,
    "different": deciding.different,
    "done": erasing.done,
    "erase": erasing.erase,
    "export": looking.export,
    "find": looking.find,
    "login": setting_up.login,
    "persons": looking.persons,
    "refresh": looking.refresh,
    "requests": erasing.requests,
    "same": deciding.same,
}


def run(options: argparse.Namespace) -> int:
    """Run the command the arguments name; its exit code."""
    if options.command == "init":
        return setting_up.init(options)
    config = configuration.load(options.config, os.environ)
    options.lang = options.lang or config.controller.language
    with ExitStack() as stack:
        return _COMMANDS[options.command](Run(options, config, Language(options.lang), stack))


def tell(error: HubError, options: argparse.Namespace) -> None:
    """Say an error: in words on stderr, and as a `hub.error/1` document on stdout when JSON was asked for."""
    problems = error.problems if isinstance(error, ConfigError) else ()
    if options.json:
        document = {
            "schema": "hub.error/1",
            "error": str(error.message),
            "hint": str(error.hint) if error.hint else None,
            "problems": [str(problem) for problem in problems],
            "exit": error.exit_code,
        }
        print(documents.dumps(document))
    text.error(console(sys.stderr, Language(options.lang or "en")), error)
