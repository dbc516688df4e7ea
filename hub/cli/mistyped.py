"""What is wrong with the arguments of a command, said in a sentence: never with a value, which may be somebody's."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches

from connectors.errors import UsageError
from connectors.phrase import Phrase

_KNOWN = re.compile(
    r"""unrecognized[ ]arguments:[ ](?P<more>.*)
    | the[ ]following[ ]arguments[ ]are[ ]required:[ ](?P<missing>.*)
    | one[ ]of[ ]the[ ]arguments[ ](?P<either>.*)[ ]is[ ]required
    | ambiguous[ ]option:[ ](?P<short>[^\s=]*).*?[ ]could[ ]match[ ](?P<long>.*)
    | argument[ ](?P<argument>[^:]+):[ ](?:
        invalid[ ]choice:[ ](?P<wrong>.*)[ ]\(choose[ ]from[ ](?P<choices>.*)\)
      | (?P<empty>expected[ ].*)
      | (?P<full>ignored[ ]explicit[ ]argument[ ].*)
      | not[ ]allowed[ ]with[ ]argument[ ](?P<other>.*)
      | (?P<value>.*)
    )""",
    re.VERBOSE | re.DOTALL,
)
"""What the parser says, in its own English."""


def mistyped(message: str, program: str) -> UsageError:
    """The error for what the parser of `program` ("hub find") says."""
    known = _KNOWN.fullmatch(message)
    told = {name: value for name, value in (known.groupdict() if known else {}).items() if value is not None}
    hint = Phrase("{program} --help shows what can be written.", program=program)
    if told.get("argument") == "COMMAND" and "choices" in told:
        return UsageError(_no_command(told), hint)
    return UsageError(_said(told), hint)


def _said(told: dict[str, str]) -> Phrase:
    argument = told.get("argument", "")
    sentences: dict[str, Callable[[], Phrase]] = {
        "more": lambda: _too_much(told["more"]),
        "missing": lambda: Phrase("This is missing: {arguments}", arguments=told["missing"]),
        "either": lambda: Phrase("One of these is missing: {arguments}", arguments=told["either"]),
        "long": lambda: Phrase("{short} may mean: {options}", short=told["short"], options=told["long"]),
        "choices": lambda: _one_of(argument, _plain(told["choices"])),
        "empty": lambda: Phrase("{argument} needs a value behind it.", argument=argument),
        "full": lambda: Phrase("{argument} takes no value.", argument=argument),
        "other": lambda: Phrase("{argument} and {other} cannot be used together.", argument=argument, other=told["other"]),
        "value": lambda: Phrase("The value of {argument} cannot be understood.", argument=argument),
    }
    return next((say() for name, say in sentences.items() if name in told), Phrase("What you typed cannot be understood."))


def _one_of(argument: str, choices: str) -> Phrase:
    """An option is named; a word that stands by its place has no name that the owner knows."""
    if argument.startswith("-"):
        return Phrase("{argument} is one of: {choices}", argument=argument, choices=choices)
    return Phrase("Take one of: {names}.", names=choices)


def _too_much(words: str) -> Phrase:
    """Options are the hub's own words and may be named, anything else not."""
    options = [word.partition("=")[0] for word in words.split() if re.fullmatch(r"--?[A-Za-z][\w-]*(=.*)?", word)]
    if options:
        return Phrase("There is no such option here: {options}", options=", ".join(options))
    return Phrase("There are more words than this command takes.")


def _no_command(told: dict[str, str]) -> Phrase:
    choices = _plain(told["choices"])
    near = get_close_matches(told["wrong"].strip("'\""), choices.split(", "), 1, 0.6)
    if near:
        return Phrase("There is no such command. Did you mean {nearest}?", nearest=near[0])
    return Phrase("There is no such command. There are: {commands}.", commands=choices)


def _plain(choices: str) -> str:
    return choices.replace("'", "")
