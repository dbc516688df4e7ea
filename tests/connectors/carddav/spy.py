"""Watches what the hub really sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import requests

WRITES = frozenset({"PUT", "DELETE", "POST", "MKCOL", "PROPPATCH", "MOVE", "COPY"})


@dataclass(frozen=True)
class Sent:
    """One request as it went out."""

    method: str
    url: str
    headers: dict[str, str] = field(repr=False)


@contextmanager
def watching() -> Iterator[list[Sent]]:
    """Collect every request sent inside."""
    sent: list[Sent] = []
    original = requests.Session.send

    def send(session: requests.Session, request: requests.PreparedRequest, **options: object) -> requests.Response:
        sent.append(Sent(str(request.method), str(request.url), dict(request.headers)))
        return original(session, request, **options)  # type: ignore[arg-type]  # handed on as they came

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.Session, "send", send)
        yield sent


def unguarded(sent: list[Sent]) -> list[Sent]:
    """The writes that do not say which version they mean: a real etag, or a new card where there is none."""
    return [
        one
        for one in sent
        if one.method in WRITES
        and not one.headers.get("If-Match", "").startswith('"')
        and not (one.method == "PUT" and one.headers.get("If-None-Match") == "*")
    ]
