"""Access packages that still lie where they were written although their time is over."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.phrase import Phrase
from hub.report.finding import Family, Finding, Place
from hub.store.packages import NAME


class PackagesOver(Family):
    """One finding for each package; it names its place to the owner, and nobody."""

    def rest(self) -> Iterator[Finding]:
        """The packages; they are of no source."""
        for kept in self.night.packages:
            yield Finding(
                kind="retention_over",
                severity="warning",
                id=self.night.id("retention_over", NAME, kept.ref),
                entries=(Place(NAME, kept.ref, kept.locator),),
                what=Phrase(
                    "The {package} was to be kept until {day}; it still lies at {path}.",
                    package=kept.locator,
                    day=kept.expires(self.night.package_days).isoformat(),
                    path=str(kept.path),
                ),
                proposal=Phrase("Delete it there, once the person has it; package_days in hub.toml says how long it may stay."),
            )
