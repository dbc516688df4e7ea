"""The registry knows every kind and imports a connector only when it is used."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import registry
from connectors.contract import Connector
from connectors.errors import ConfigError

HEAVY = ("openpyxl", "vobject", "phonenumbers", "keyring", "rich", "jinja2", "sqlcipher3", "sqlite3", "requests", "pytest")


def loaded(code: str) -> list[str]:
    """The top-level modules in a fresh interpreter after this code."""
    script = f"import sys\n{code}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    return subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split()


def test_importing_the_registry_imports_no_connector() -> None:
    """The list of kinds costs nothing: no connector and no heavy library comes with it."""
    script = "import sys, connectors.registry; print(*[name for name in sys.modules if name.startswith('connectors.')])"
    modules = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split()

    assert sorted(modules) == sorted(
        f"connectors.{name}" for name in ("_values", "contract", "entry", "errors", "phrase", "registry")
    )
    assert [name for name in HEAVY if name in loaded("import connectors.registry")] == []


def test_the_command_line_starts_without_heavy_libraries() -> None:
    """`hub` answers a wrong option or --help without loading what only the work needs."""
    modules = loaded("import hub.cli")

    assert [name for name in HEAVY if name in modules] == []


@pytest.mark.parametrize("kind", [*registry.kinds(), "memory"])
def test_every_kind_has_its_class(kind: str) -> None:
    """Each kind leads to a connector that calls itself so."""
    made = registry.connector_class(kind)

    assert issubclass(made, Connector)
    assert made.kind == kind


def test_an_unknown_kind_is_a_configuration_error() -> None:
    """A misspelt kind is told together with the kinds there are; the tests' own is not offered."""
    with pytest.raises(ConfigError) as caught:
        registry.connector_class("exel")

    text = str(caught.value)
    assert "exel" in text
    assert all(kind in text for kind in registry.kinds())
    assert "memory" not in text


def test_no_kind_is_without_the_kit() -> None:
    """Every kind an owner can configure passes the kit somewhere; that the kit's class says its true kind the kit itself sees."""
    assert set(_kinds_in_the_kit()) == set(registry.kinds())


def _kinds_in_the_kit() -> Iterator[str]:
    """What the subclasses of `ConnectorTests` in this folder say they are there for."""
    for path in sorted(Path(__file__).parent.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ClassDef) and any(
                isinstance(base, ast.Name) and base.id == "ConnectorTests" for base in node.bases
            ):
                for item in node.body:
                    match item:
                        case ast.Assign(targets=[ast.Name(id="kind")], value=ast.Constant(value=str(kind))):
                            yield kind
