"""Declare: what a connector says about itself, before and without reading anything."""

from __future__ import annotations

from typing import ClassVar, get_args, get_type_hints

from connectors import registry
from connectors.contract import Features, Option
from tests.conformance.tools import personal, watching_io
from tests.conformance.world import World


class Declare:
    """Kind, options and features are data, true, and known without any input or output."""

    kind: ClassVar[str] = "memory"
    """The kind that a subclass of the kit is there for: no kind may be without one (`tests/connectors/test_registry.py`)."""

    def test_declare_constructor_does_no_io(self, world: World) -> None:
        """A connector is made without touching the source, even when there is none."""
        connector = world.connector()
        world.break_source()

        with watching_io() as seen:
            type(connector)(connector.name, connector.settings)

        assert seen == []

    def test_declare_repr_holds_no_setting(self, world: World) -> None:
        """A connector in a log line shows its class and its name, nothing of its settings."""
        connector = world.connector()
        canary = type(connector)(
            "lähde", {**connector.settings, "password": "canary-secret", "username": "canary@secret.example"}
        )

        text = f"{canary} {canary!r}"

        assert "canary" not in text
        assert "lähde" in text
        assert [value for value in personal(world.people) if value in text] == []

    def test_declare_kind_is_registered(self, world: World) -> None:
        """The registry leads from the kind that is tested here to this class."""
        connector = world.connector()

        assert connector.kind == self.kind
        assert isinstance(connector, registry.connector_class(connector.kind))

    def test_declare_options_are_documented(self, world: World) -> None:
        """Each option is named once, has a type, a sentence of help, and choices where it is one."""
        options = world.connector().options
        types = get_args(get_type_hints(Option)["type"])

        assert len({option.name for option in options}) == len(options)
        assert [option.name for option in options if option.type not in types] == []
        assert [option.name for option in options if len(option.help.split()) < 3] == []
        assert [option.name for option in options if option.type == "choice" and not option.choices] == []
        assert [option.name for option in options if option.choices and option.type not in {"choice", "path", "table"}] == []
        assert [option.name for option in options if option.required and option.default is not None] == []

    def test_declare_features_fit_together(self, world: World) -> None:
        """A source that cannot erase by program promises no redact and no restore; one that never erases reaches nothing else."""
        features = world.connector().features

        assert isinstance(features, Features)
        assert features.erase == "automatic" or not (features.redact or features.restore)
        assert features.erase != "no" or not features.spreads

    def test_declare_check_tells_the_truth(self, world: World) -> None:
        """A healthy source is reachable and readable, may be erased from where its features say so, and nothing changed."""
        before = world.snapshot()
        connector = world.connector()

        check = connector.check()

        assert (check.reachable, check.may_read, check.state) == (True, True, "ok")
        assert check.may_erase == (connector.features.erase == "automatic")
        assert world.snapshot() == before

    def test_declare_check_of_a_missing_source(self, world: World) -> None:
        """A source that cannot be reached says so, with what to do, and does not raise."""
        world.break_source()

        check = world.connector().check()

        assert (check.reachable, check.may_read, check.may_erase) == (False, False, False)
        assert check.state == "missing"
        assert check.problems
