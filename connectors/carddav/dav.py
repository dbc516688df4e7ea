"""WebDAV's XML: the few bodies the hub sends, and what a multistatus says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from connectors.errors import Damaged
from connectors.phrase import Phrase

DAV = "{DAV:}"
CARD = "{urn:ietf:params:xml:ns:carddav}"
_HEAD = '<?xml version="1.0" encoding="utf-8"?>'
_SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"'
_STATUS = re.compile(r"HTTP/\S+\s+(\d{3})")


@dataclass(frozen=True, slots=True)
class Part:
    """What a multistatus says of one resource: its href as written, its status (200 when none), what was found of it."""

    href: str = field(repr=False)
    status: int
    found: dict[str, Any] = field(repr=False)

    def text(self, name: str) -> str:
        """The text of a property, "" when it is not there."""
        element = self.found.get(name)
        return (element.text or "").strip() if element is not None else ""

    def is_a(self, name: str) -> bool:
        """Whether its resource type says so."""
        element = self.found.get(f"{DAV}resourcetype")
        return element is not None and element.find(name) is not None

    def hrefs(self, name: str) -> list[str]:
        """The hrefs inside a property."""
        element = self.found.get(name)
        return [text for item in element.iter(f"{DAV}href") if (text := (item.text or "").strip())] if element is not None else []


@dataclass(frozen=True, slots=True)
class Multistatus:
    """Every part, and the sync token of a sync-collection."""

    parts: tuple[Part, ...] = field(repr=False)
    token: str = field(repr=False)


def propfind(*names: str) -> bytes:
    """The body that asks for these properties (`D:getetag`)."""
    props = "".join(f"<{name}/>" for name in names)
    return f"{_HEAD}<D:propfind {_SPACES}><D:prop>{props}</D:prop></D:propfind>".encode()


def multiget(paths: Sequence[str]) -> bytes:
    """The body that asks for whole cards by their paths; absolute URLs are refused by some servers."""
    hrefs = "".join(f"<D:href>{escape(path)}</D:href>" for path in paths)
    props = "<D:prop><D:getetag/><C:address-data/></D:prop>"
    return f"{_HEAD}<C:addressbook-multiget {_SPACES}>{props}{hrefs}</C:addressbook-multiget>".encode()


def sync(token: str) -> bytes:
    """The body that asks what changed since the token."""
    told = f"<D:sync-token>{escape(token)}</D:sync-token><D:sync-level>1</D:sync-level>"
    return f"{_HEAD}<D:sync-collection {_SPACES}>{told}<D:prop><D:getetag/></D:prop></D:sync-collection>".encode()


def read(data: bytes) -> Multistatus:
    """A multistatus. Raises `Damaged` for anything else: a web page, half an answer, an entity bomb."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException, ElementTree

    try:
        root = ElementTree.fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise _not_dav() from None
    if root.tag != f"{DAV}multistatus":
        raise _not_dav()
    return Multistatus(tuple(map(_part, root.findall(f"{DAV}response"))), (root.findtext(f"{DAV}sync-token") or "").strip())


def _part(response: Any) -> Part:
    status = _status(response.findtext(f"{DAV}status"))
    return Part((response.findtext(f"{DAV}href") or "").strip(), status, {item.tag: item for item in _properties(response)})


def _properties(response: Any) -> Iterator[Any]:
    for stat in response.findall(f"{DAV}propstat"):
        if _status(stat.findtext(f"{DAV}status")) == 200:
            for prop in stat.findall(f"{DAV}prop"):
                yield from prop


def _status(text: str | None) -> int:
    match = _STATUS.match((text or "").strip())
    return int(match[1]) if match else 200


def _not_dav() -> Damaged:
    return Damaged(
        Phrase("The server answered with something that is no address book: a web page, or half an answer."),
        Phrase("Check `url` in hub.toml, and whether the network wants a sign-in of its own; then run the command again."),
    )
