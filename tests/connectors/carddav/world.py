"""The kit's people as cards on a real Radicale and on the front that behaves as Apple does."""

from __future__ import annotations

import itertools
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar

import pytest

from connectors._cardlines import escape, fold
from connectors._http import Patience
from connectors.carddav import CarddavConnector, IcloudConnector
from connectors.carddav.server import Server
from connectors.contract import Connector
from tests.conformance import Killed, World
from tests.conformance.people import Made
from tests.connectors.carddav.front import BOOK, Front
from tests.connectors.carddav.servers import PASSWORD, USER, Running, radicale_book

NOWHERE = "http://127.0.0.1:9/"
WAITS: list[float] = []
"""What the waits between tries would have been."""

_NUMBERS = itertools.count(1)


class QuickCarddav(CarddavConnector):
    """The real connector, which tries once: Radicale itself waits a second before it says that it failed."""

    patience: ClassVar[Patience] = Patience(tries=1, sleep=WAITS.append)


class QuickIcloud(IcloudConnector):
    """The real connector, without the waits between its tries."""

    patience: ClassVar[Patience] = Patience(sleep=WAITS.append)


def settings(url: str, **more: Any) -> dict[str, Any]:
    """What an owner configures."""
    return {"url": url, "username": USER, "password": lambda: PASSWORD, **more}


def card(uid: str, name: str, *lines: str) -> bytes:
    """A card of 3.0 with these further lines, each already escaped."""
    family = name.rpartition(" ")[2]
    given = name.rpartition(" ")[0]
    told = (f"UID:{uid}", f"N:{escape(family)};{escape(given)};;;", f"FN:{escape(name)}", *lines)
    return b"".join(fold(line.encode()) for line in ("BEGIN:VCARD", "VERSION:3.0", *told, "END:VCARD"))


def group(uid: str, name: str, *members: str) -> bytes:
    """A list of other cards, as Apple writes one."""
    lines = [f"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{member}" for member in members]
    return card(uid, name, "X-ADDRESSBOOKSERVER-KIND:group", *lines)


def made(who: Made, note: str = "") -> bytes:
    """The card of one of the kit's people."""
    told = [f"EMAIL;TYPE=INTERNET:{who.email}", f"TEL;TYPE=CELL:{who.phone}", f"ORG:{escape(who.company)}"]
    return card(f"uid-{who.key}", who.name, *told, f"NOTE:{escape(note or who.note)}")


class CardWorld(World):
    """Everybody as a card of one book."""

    cannot_hold = "".join(map(chr, [*range(9), *range(11, 32)]))

    def __init__(self) -> None:
        super().__init__()
        self.url = ""

    @abstractmethod
    def write(self, name: str, data: bytes) -> None:
        """The owner's phone writes a card."""

    @abstractmethod
    def cards(self) -> Mapping[str, bytes]:
        """Every card as the server keeps it."""

    def snapshot(self) -> object:
        return dict(self.cards())

    def files(self) -> frozenset[str]:
        return frozenset()

    def columns(self) -> Sequence[str]:
        lines = {found for data in self.cards().values() for found in re.findall(r"(?m)^([A-Z-]+)[;:]", data.decode())}
        return sorted(lines - {"BEGIN", "END", "VERSION"})

    def bystanders(self, key: str) -> object:
        return {name: data for name, data in self.cards().items() if name != f"{key}.vcf"}

    def touch(self, key: str) -> None:
        who = self.person(key)
        self.write(f"{key}.vcf", made(who, f"{who.note} muutettu"))

    def bury(self, text: str) -> bool:
        self.write("joukko.vcf", group("uid-joukko", text))
        return True

    def break_source(self) -> None:
        self.url = NOWHERE

    def lock(self) -> AbstractContextManager[object] | None:
        return None

    def write_points(self) -> tuple[str, ...]:
        return ("before the delete", "after the delete", "before the get", "after the get")

    def correction_points(self) -> tuple[str, ...]:
        return ("before the put", "after the put", "before the get", "after the get")

    @contextmanager
    def failing_at(self, point: str) -> Iterator[list[str]]:
        reached: list[str] = []
        when, _, what = point.split()
        act = getattr(Server, what)

        def dying(*arguments: Any) -> object:
            if when == "after":
                act(*arguments)
            reached.append(point)
            raise Killed(point)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Server, what, dying)
            yield reached


class RadicaleWorld(CardWorld):
    """On a real Radicale."""

    def __init__(self, server: Running) -> None:
        super().__init__()
        server.empty()
        self.url = server.url
        people = {f"{who.key}.vcf": made(who) for who in self.people}
        self.book = radicale_book(server, f"book{next(_NUMBERS)}", people)

    def connector(self) -> Connector:
        return QuickCarddav("palvelin", settings(self.url))

    def write(self, name: str, data: bytes) -> None:
        (self.book / name).write_bytes(data)

    def cards(self) -> Mapping[str, bytes]:
        return {path.name: path.read_bytes() for path in self.book.glob("*.vcf")}

    def break_record(self, key: str) -> bool:
        return False  # Radicale itself leaves out of every answer what it cannot read

    def damage(self) -> None:
        (self.book / ".Radicale.props").write_bytes(b"\0 no properties at all")


class FrontWorld(CardWorld):
    """On the front that behaves as Apple does."""

    def __init__(self, front: Front) -> None:
        super().__init__()
        self.front, self.url = front, front.url
        for who in self.people:
            front.put(f"{who.key}.vcf", made(who))

    def connector(self) -> Connector:
        return QuickIcloud("puhelin", settings(self.url))

    def write(self, name: str, data: bytes) -> None:
        self.front.put(name, data)

    def cards(self) -> Mapping[str, bytes]:
        return {path.removeprefix(BOOK): data for path, (_, data) in self.front.cards.items()}

    def break_record(self, key: str) -> bool:
        self.write(f"{key}.vcf", b"\x7f junk, and no card")
        return True

    def damage(self) -> None:
        from tests.connectors.carddav.front import Fault

        self.front.faults.append(Fault(BOOK, "html", times=10_000))
