"""init, login: before the first question."""

from __future__ import annotations

import argparse
import os
import sys

from hub.commands.base import Run
from hub.language import Language
from hub.render import json as documents
from hub.render import text
from hub.render.screen import console


def init(options: argparse.Namespace) -> int:
    """Look for registers on this machine and write the configuration."""
    from hub.init import init as look_around

    done = look_around(options.directory, os.environ)
    if options.json:
        print(documents.dumps(documents.init_document(done)))
    else:
        text.init(console(sys.stdout, Language(options.lang or "en")), done)
    return 0


def login(run: Run) -> int:
    """Sign in to a source in the browser, or out of it."""
    from hub import login as signing_in

    signing_in.login(run.options.which, run.config, run.talk.line, revoke=run.options.revoke)
    return 0
