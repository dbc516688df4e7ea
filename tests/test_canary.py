"""No personal value and no secret in any error, log line, traceback or repr: a canary is put through everything."""

from __future__ import annotations

import argparse
import ast
import builtins
import dataclasses
import enum
import importlib
import inspect
import logging
import pkgutil
import sys
import traceback
import types
import typing
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import connectors
import hub
from connectors import errors
from connectors.contract import Connector
from connectors.entry import Disposal, Field, Item, Ref, Version
from connectors.errors import HubError
from connectors.memory import MemoryConnector, MemoryStore
from connectors.phrase import Phrase

CANARY = "Kanarian Lintunen"
ROOT = Path(__file__).parents[1]

SHOWN = {
    "ref version source token as_of since fingerprint handle request": "opaque ids and times",
    "kind kinds type format state stage rule strength action result": "words of our own",
    "label column heading help choices prefixes default": "column headers and option names",
    "copy_of file files path folder directory config workbook profiles profile title media_type part": "file and book names",
    "basis until day created": "law and dates",
    "Step.fields Going.fields Request.number Part.style _View.mark Name.generation Lister._tokens Mark.tokens": "words and marks of our own",
    "SourceConfig.name Config.expect Controller.name Controller.business_id Controller.country Controller.language "
    "Controller.fiscal_year_end Config.notice Package.notice _Teller.notice _Teller.rules Topic.key Topic.missing Said.registers": "what the owner's company wrote into hub.toml for everybody to see",
    "Customer.company Customer.city Customer.service Customer.date Card.uid Card.organisation Card.photo": "the demo's made-up company",
    "Found.setting Formula.master Plan.included Plan.excluded": "words of the configuration, cell ranges and refs",
    "Lister.account Mark.account Reader.account SignIn.account SignIn.client": "a hash of an account, the public id of a program",
    "Answer.source Option.name Attachment.name Check.name Known.name Known.kind Profile.name Profile.key Server.name": "names of technical things",
    "Member.name Sheet.name Sheet.sheet_id Relationship.id Relationship.target Attribute.qname": "names inside a workbook",
    "Line.name Line.group Line.version Line.params": "the grammar of a card",
    "Part.name Part.before Part.after": "parts of a workbook and hashes of them",
    "Area.sheet Job.sheet_part Job.cells Use.label Value.label": "places inside a workbook",
    "Finding.id Finding.severity Finding.person Accepted.id _Told.id _Group.severity Night.listed": "keyed hashes, handles and words of our own",
    "Register.name Night.expect Night.registers Overview.entries Overview.combinations Night.region PastNight.silent Shown.sources": "what hub.toml calls the sources",
    "Installed.by Installed.at Installed.command Job.at Job.html System.platform": "the system's scheduler and the hub's own command",
    "PastNight.at PastNight.counts Remembered.new _Group.weight": "times, counts and words of our own",
    "_Entry.where _Source.name": "places on the page of the person themselves",
    "Line.number Line.undo_until Night.due": "numbers of requests and days",
    "received extended delivered_on Request.letters Request.history": "days of a request, and the kinds of its letters and stages",
    "Request.channel Request.identity Request.delivered Request.held": "words of our own for the ways a request and its answer go",
    "Act.number Act.written Act.status Act.data Act.of Disclosed.to_tell ToTell.disclosure ToTell.kinds": "numbers, times and words of our own",
    "Known.region Known.why Request.until Report.undo_until Window.until Window.over Clock.latest Clock.last": "days",
    "Breach.number Breach.aware Breach.authority Breach.customers Breach.closed Concerned.data Waiting.number Waiting.missing": "numbers, times "
    "and kinds of data of a breach",
    "Batch.number Batch.reason Batch.requests Batch.sources Batch.staying Summary.actions Summary.kept Summary._prints": "numbers, refs, "
    "words of our own, and hashes of plans",
    "Night.breaches Night.lost _Row.data _Row.action _Row.where _Row.why": "numbers, refs, places and kinds",
    "Engine.memory Config.retention Rule.why KeptUntil.why Law.country Law.year_end Statutes.records Statutes.zone Term.section": "what the law "
    "and the owner's own rules say of everybody",
    "_Row.register _Row.where _Row.result _Row.basis _Row.until": "places and law in a letter to the person",
    "Look.place Look.what _Cover.show _Cover.said Kept.files Kept.marks Request.letters": "hashes, names of files and words of our own",
    "Known.options Known.signature Known.token Known.as_of Look.signature": "hashes, positions and times",
    "Profile.hosts Mark.mask Client.id Client.token_uri SignIn.scopes": "what the owner's own program is called at a service",
}
"""The fields a repr may show, by name or by Class.name, and what they hold: never a value of a person, never a secret."""

ALLOWED = {name for names in SHOWN for name in names.split()}


@cache
def modules() -> tuple[types.ModuleType, ...]:
    """Every module of the project."""
    named = [
        info.name for package in (connectors, hub) for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    return tuple(importlib.import_module(name) for name in named if not name.endswith("__main__"))


def classes() -> Iterator[type]:
    """Every class that is defined in the project."""
    for module in modules():
        for _, found in inspect.getmembers(module, inspect.isclass):
            if found.__module__ == module.__name__:
                yield found


def dataclasses_of_the_tree() -> list[type]:
    """Every dataclass of the project, private ones too."""
    return [found for found in classes() if dataclasses.is_dataclass(found)]


class Names(dict[str, Any]):
    """What an annotation may name; what was imported for the type checker only and is not ours is a bare object."""

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, object())


def filled(made: type) -> Any:
    """An instance with the canary in every text that is not allowed in a repr."""
    names = Names({found.__name__: found for found in classes()} | vars(sys.modules[made.__module__]))
    instance: Any = object.__new__(made)
    for item in dataclasses.fields(made):
        allowed = item.name in ALLOWED or f"{made.__name__}.{item.name}" in ALLOWED
        hint = eval(item.type, {}, names) if isinstance(item.type, str) else item.type
        object.__setattr__(instance, item.name, sample(hint, "a place" if allowed else CANARY))
    return instance


def sample(hint: Any, text: str) -> Any:
    """A value of this type in which every free text is `text`."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return sample(next(one for one in arguments if one is not type(None)), text)
    if origin is typing.Literal:
        return arguments[0]
    if origin is not None and arguments:
        return _collection(origin, arguments, text)
    if isinstance(hint, typing.NewType):
        return sample(hint.__supertype__, text)
    return _plain(hint, text)


def _collection(origin: Any, arguments: tuple[Any, ...], text: str) -> Any:
    if not isinstance(origin, type) or origin is type or issubclass(origin, Callable):  # type: ignore[arg-type]  # an ABC serves as well
        return len
    if issubclass(origin, typing.Mapping):
        return {sample(arguments[0], text): sample(arguments[-1], text) if arguments[1:] else 1}
    if origin is tuple:
        return tuple(sample(one, text) for one in arguments if one is not Ellipsis)
    items = [sample(arguments[0], text)]
    return frozenset(items) if issubclass(origin, typing.AbstractSet) else items


def _plain(hint: Any, text: str) -> Any:
    if hint is Phrase:
        return Phrase("a place")
    if hint in (str, object, Any):
        return text
    if hint in (bytes, bytearray):
        return text.encode()
    if hint in (int, float, bool):
        return hint(1)
    if hint is argparse.Namespace:
        return argparse.Namespace(who=[text])
    if isinstance(hint, type) and issubclass(hint, Path):
        return Path("folder")
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return next(iter(hint))
    return filled(hint) if dataclasses.is_dataclass(hint) and isinstance(hint, type) else NotImplemented


@pytest.mark.parametrize("made", dataclasses_of_the_tree(), ids=lambda made: f"{made.__module__}.{made.__name__}")
def test_no_value_in_a_repr(made: type) -> None:
    """A value object in a log line or a traceback shows places and kinds, never what a field holds."""
    assert CANARY not in repr(filled(made))


def test_the_canary_would_be_seen() -> None:
    """The rule has power: a value object that shows a text is caught, also inside another one."""
    inner = dataclasses.make_dataclass("inner", [("secret", str)])
    outer = dataclasses.make_dataclass("outer", [("number", int), ("inside", types.GenericAlias(tuple, (inner, ...)))])
    kept = dataclasses.make_dataclass("kept", [("secret", str, dataclasses.field(repr=False))])

    assert CANARY in repr(filled(inner))
    assert CANARY in repr(filled(outer))
    assert CANARY not in repr(filled(kept))
    assert {filled(made) is not None for made in dataclasses_of_the_tree()} == {True}


def error_classes() -> list[type[HubError]]:
    """The whole tree of errors."""
    return [found for found in classes() if issubclass(found, HubError)]


def test_errors_are_in_one_tree() -> None:
    """Every error the hub raises on purpose is defined in one file, about ten of them."""
    assert {found.__module__ for found in error_classes()} == {errors.__name__}
    assert 10 <= len(error_classes()) <= 14


@pytest.mark.parametrize("made", error_classes(), ids=lambda made: made.__name__)
def test_an_error_tells_its_phrases_only(made: type[HubError], caplog: pytest.LogCaptureFixture) -> None:
    """Message and hint are all an error says: in str, repr, a log line and a traceback, whatever it was raised from."""

    def library() -> None:
        raise ValueError(CANARY)

    def wrap() -> None:
        try:
            library()
        except ValueError:
            raise made(Phrase("{file} could not be read.", file="register.xlsx"), hint=Phrase("Close the program.")) from None

    with pytest.raises(made) as caught:
        wrap()
    logging.getLogger("canary").error("failed: %s %r", caught.value, caught.value, exc_info=caught.value)
    printed = "".join(traceback.format_exception(caught.value)).replace(Path(__file__).read_text("utf-8"), "")

    assert str(caught.value) == "register.xlsx could not be read. Close the program."
    assert CANARY not in f"{caught.value} {caught.value!r} {caught.value.told} {printed} {caplog.text}"
    assert (made.actor, made.spread) in {
        (actor, spread) for actor in ("owner", "developer", "nobody") for spread in ("entry", "source", "run")
    }


OWN = {found.__name__ for found in vars(errors).values() if isinstance(found, type)}


def handlers() -> Iterator[tuple[str, ast.ExceptHandler]]:
    """Every `except` of somebody else's errors in the code, with its place."""
    for folder in ("connectors", "hub"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ExceptHandler) and not _catches_own(node):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def _catches_own(node: ast.ExceptHandler) -> bool:
    """Whether only errors of our own are caught, which hold no value."""
    if node.type is None:
        return False
    named = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return all(isinstance(one, ast.Name) and one.id in OWN for one in named)


def test_a_wrapped_error_does_not_shine_through() -> None:
    """Somebody else's error may quote content: what is raised in its place is raised `from None`."""
    leaks = [
        f"{place} raise at {inner.lineno}"
        for place, node in handlers()
        for inner in ast.walk(node)
        if isinstance(inner, ast.Raise) and inner.exc is not None and not _from_none(inner)
    ]

    assert leaks == []


def _from_none(node: ast.Raise) -> bool:
    return isinstance(node.cause, ast.Constant) and node.cause.value is None


def test_a_wrapped_error_is_not_quoted() -> None:
    """A sentence made where somebody else's error was caught takes its type or number, never its text."""
    quotes = [
        f"{place} Phrase at {call.lineno}"
        for place, node in handlers()
        if node.name
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Phrase"
        for word in call.keywords
        if _quotes(word.value, node.name)
    ]

    assert quotes == []


HARMLESS = {"errno", "code", "pos", "lineno", "offset", "status", "told", "sqlite_errorname", "sqlite_errorcode"}


def _quotes(node: ast.expr, name: str) -> bool:
    """Whether an expression uses the caught error otherwise than for its type or a number of it."""
    harmless = {
        id(part.value)
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute) and part.attr in HARMLESS and isinstance(part.value, ast.Name)
    }
    harmless |= {
        id(part.args[0])
        for part in ast.walk(node)
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in {"type", "isinstance"} and part.args
    }
    return any(isinstance(part, ast.Name) and part.id == name and id(part) not in harmless for part in ast.walk(node))


@pytest.mark.parametrize(
    ("code", "quoted"),
    [
        ("str(error)", True),
        ("error", True),
        ("error.args[0]", True),
        ("type(error).__name__", False),
        ("error.errno or 0", False),
    ],
)
def test_a_quoted_error_would_be_seen(code: str, quoted: bool) -> None:
    """The rule about quoting has power, and lets type and number pass."""
    assert _quotes(ast.parse(code, mode="eval").body, "error") == quoted


class Talkative(MemoryConnector):
    """A connector with a bug that quotes somebody's data."""

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """Fail with a value in the error."""
        del since
        raise RuntimeError(CANARY)


def test_a_bug_in_a_connector_is_told_without_its_text() -> None:
    """A connector that fails by a bug is named as silent, and what its error quoted is not repeated."""
    from hub.search.listing import Listing

    listing = Listing(Talkative("talkative", {}))
    entries = list(listing)
    answer = listing.answer()

    assert (answer.state, entries) == ("silent", [])
    assert answer.reason
    assert CANARY not in f"{answer!r} {answer.reason}"


def test_the_last_door_prints_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A bug ends with exit 1 and a place in the code, never with the values that were at hand."""
    from hub import cli

    def buggy(_options: object) -> int:
        raise ValueError(CANARY)

    monkeypatch.setattr(cli, "_run", buggy)

    assert cli.main(["check"]) == 1

    printed = capsys.readouterr()
    assert "ValueError" in printed.err
    assert CANARY not in printed.out + printed.err
    assert "Traceback" not in printed.err


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Reading, searching and erasing leave no log line with a value, at any level."""
    caplog.set_level(logging.DEBUG)
    store = MemoryStore()
    ref = store.put([Field("name", CANARY), Field("email", "kanaria@lintu.example")], Disposal.ERASE)
    source: Connector = MemoryConnector("muisti", {"store": store})

    list(source.entries())
    source.erase(ref, Version("wrong")) if ref == Ref("nothing") else source.erase(ref, source.get(ref).version)

    assert CANARY not in caplog.text
    assert "kanaria" not in caplog.text
