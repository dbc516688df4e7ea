"""The kit: the promise of every connector as one class.

A connector's test subclasses `ConnectorTests`, says its `kind`, and gives one fixture, `world`: a fresh `World` with
one source that holds the kit's people. Every check takes that world and nothing else, and is skipped only where the
features or the format say so as data.
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    *(
        f"tests.conformance.{name}"
        for name in ("declare", "read", "cover", "find", "erase", "redact", "rectify", "fail", "live", "tools")
    )
)

from tests.conformance.cover import Cover  # noqa: E402  # after the rewrite of its asserts is asked for
from tests.conformance.declare import Declare  # noqa: E402  # same
from tests.conformance.erase import Erase  # noqa: E402  # same
from tests.conformance.fail import Fail  # noqa: E402  # same
from tests.conformance.find import Find  # noqa: E402  # same
from tests.conformance.live import Live  # noqa: E402  # same
from tests.conformance.people import HOSTILE, PEOPLE, SHOWN, Made, own_needles, people  # noqa: E402  # same
from tests.conformance.read import Read  # noqa: E402  # same
from tests.conformance.rectify import Rectify  # noqa: E402  # same
from tests.conformance.redact import Redact  # noqa: E402  # same
from tests.conformance.world import Killed, World  # noqa: E402  # same


class ConnectorTests(Declare, Read, Cover, Find, Erase, Redact, Rectify, Fail, Live):
    """Every check of every group; give it a fixture `world`."""


GROUPS = {group.__name__.lower(): group for group in (Declare, Read, Cover, Find, Erase, Redact, Rectify, Fail, Live)}

__all__ = ["GROUPS", "HOSTILE", "PEOPLE", "SHOWN", "ConnectorTests", "Killed", "Made", "World", "own_needles", "people"]
