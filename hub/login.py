"""Signing a source in, once, with the owner's browser; no nightly job ever does this."""

from __future__ import annotations

from collections.abc import Callable

from connectors.contract import Connector, SignsIn
from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub.config import Config
from hub.search.sources import open_sources


def login(which: str, config: Config, tell: Callable[[Phrase], None], *, revoke: bool = False) -> None:
    """Sign in the source of this name, or the only one of this kind; with `revoke` sign it out and forget it.

    `tell` says to the owner what happens. Raises `UsageError` when there is no such source, `Unreachable` and
    `Refused` as the source does.
    """
    source = _meant(which, config)
    if not isinstance(source, SignsIn):
        raise UsageError(
            Phrase("{source} needs no sign-in.", source=source.name),
            Phrase("hub check says how it is."),
        )
    if revoke:
        source.sign_out(tell)
        tell(Phrase("{source} is signed out.", source=source.name))
    else:
        source.sign_in(tell)
        tell(Phrase("{source} is signed in.", source=source.name))


def _meant(which: str, config: Config) -> Connector:
    named = [source.name for source in config.sources if source.name == which]
    names = named or [source.name for source in config.sources if source.kind == which]
    if not names:
        raise UsageError(
            Phrase("There is no source {name} in the configuration.", name=which),
            Phrase("Take one of: {names}.", names=", ".join(source.name for source in config.sources)),
        )
    if len(names) > 1:
        raise UsageError(Phrase("There are several sources of that kind."), Phrase("Say which: {names}.", names=", ".join(names)))
    return open_sources(config, names)[0]
