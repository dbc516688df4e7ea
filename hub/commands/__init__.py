"""What each command does: ask, decide what may be done, show the result, and name the exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from importlib import import_module
from typing import TYPE_CHECKING

from connectors.errors import ConfigError, HubError
from connectors.phrase import Phrase
from hub.language import Language
from hub.render.screen import Screen, console
from hub.search import freshness
from hub.search.glance import Glance

if TYPE_CHECKING:
    from hub.commands.base import Run

Command = Callable[["Run"], int]

_COMMANDS = {
    "ask": "permitting:ask",
    "breach": "breaching:breach",
    "check": "looking:check",
    "consent": "permitting:consent",
    "different": "deciding:different",
    "disclose": "permitting:disclose",
    "done": "erasing:done",
    "erase": "erasing:erase",
    "export": "exporting:export",
    "find": "finding:find",
    "ledger": "requesting:ledger",
    "letter": "writing:letter",
    "login": "setting_up:login",
    "objection": "permitting:objection",
    "persons": "finding:persons",
    "rectify": "rectifying:rectify",
    "refresh": "finding:refresh",
    "refuse": "refusing:refuse",
    "report": "reporting:report",
    "request": "requesting:request",
    "requests": "requesting:requests",
    "same": "deciding:same",
    "schedule": "reporting:schedule",
    "undo": "undoing:undo",
}
"""Where each command is; a find must not wait for what only an erase needs."""


def run(options: argparse.Namespace) -> int:
    """Run the command the arguments name; its exit code."""
    if options.command == "init":
        from hub.commands import setting_up

        return setting_up.init(options)
    glance = Glance(options.config, os.environ)
    options.lang = options.lang or glance.language
    with ExitStack() as stack:
        if options.command == "find" and glance.mirror:
            glance.begun = freshness.begun(glance.places(options.source))
            if glance.begun:
                stack.callback(glance.begun.end)
        if options.command != "find":
            _tidy()
        from hub.commands.base import Run  # while the files are looked at

        module, name = _COMMANDS[options.command].split(":")
        command: Command = getattr(import_module(f"hub.commands.{module}"), name)
        return command(Run(options, glance, Language(options.lang), stack))


def _tidy() -> None:
    """Remove what a killed run left, whether or not this one needs a private folder itself; a find must not wait for it."""
    from connectors import _files

    with suppress(OSError):
        _files.remove_private_leftovers()


def tell(error: HubError, options: argparse.Namespace) -> None:
    """Say an error: in words on stderr, and as a `hub.error/1` document on stdout when JSON was asked for."""
    from hub.render import json as documents
    from hub.render import text

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
    text.error(_talk(options), error)


def say(phrase: Phrase, options: argparse.Namespace) -> None:
    """Say a sentence on stderr in the owner's language."""
    _talk(options).line(phrase)


def _talk(options: argparse.Namespace) -> Screen:
    return console(sys.stderr, language(options))


def language(options: argparse.Namespace) -> Language:
    """The language of what is said before the configuration is understood."""
    if options.lang or options.command in {"demo", "init"}:
        return Language(options.lang or "en")
    return Language(Glance(options.config, os.environ).tongue)
