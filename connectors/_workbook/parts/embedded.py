"""Workbooks and documents embedded in the workbook: cleaned by value, member by member, and packed again."""

from __future__ import annotations

from collections.abc import Callable

from connectors._files import private_folder
from connectors._workbook.package import Package
from connectors._workbook.parts.work import Job, Work
from connectors.errors import HubError

DEEPEST = 3
"""How many packages inside one another are looked into."""


def is_package(data: bytes) -> bool:
    """Whether the bytes are a zip, as every modern office document is."""
    return data.startswith(b"PK\3\4")


def clean_embedded(work: Work, part: str, clean_all: Callable[[Work], None]) -> None:
    """Clean a package inside the package; one that cannot be opened stays as it is, for the residue search to tell."""
    try:
        inner = Package.of(work.package.read(part), part)
        job = Job(work.job.matcher, "", 0, frozenset(), frozenset(), whole_row=False)
        inside = Work(inner, job)
        if not inner.signed:
            clean_all(inside)
    except HubError:
        return
    if inner.edited:
        work.package.replace(part, _packed(inner))


def _packed(inner: Package) -> bytes:
    with private_folder() as folder:
        path = folder / "embedded"
        inner.write(path)
        return path.read_bytes()
