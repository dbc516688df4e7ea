"""What is read of the configuration at a glance is what TOML says."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors import _resources
from hub.search.glance import Glance, glanced
from tests.hub.test_init import uncommented

PIECES = st.sampled_from(
    [
        *(
            "state",
            "mirror",
            "controller",
            "country",
            "language",
            "source",
            "a",
            "1",
            "-",
            ".",
            " = ",
            "=",
            " ",
            "\t",
            "\n",
            "\r\n",
        ),
        *(
            '"',
            "'",
            '"""',
            "'''",
            '"FI"',
            '"state"',
            '"#"',
            "'fi'",
            "'\"'",
            '"\\""',
            "true",
            "false",
            "12",
            "1.5",
            "#",
            "# text\n",
        ),
        *(
            "[",
            "]",
            "{",
            "}",
            "[[",
            "]]",
            ",",
            "[controller]\n",
            "[source.a]\n",
            "[controller.a]\n",
            "[state]\n",
            "[ controller ]\n",
        ),
        *('country = "FI"\n', 'language = "sv"\n', "mirror = false\n", 'state = "here"\n', 'controller = { country = "SE" }\n'),
        *(
            "x = [\n",
            '["a"],\n',
            "]\n",
            'x = ["a", "b"]  # one\n',
            'x = { env = "A" }\n',
            'country.x = "FI"\n',
            '"country" = "EE"\n',
        ),
    ]
)


def needed(table: Any) -> list[object]:
    """What the hub looks for in it."""
    controller = table.get("controller")
    within = [controller.get(key) for key in ("country", "language")] if isinstance(controller, dict) else controller
    return [dict if isinstance(found, dict) else found for found in (table.get("state"), table.get("mirror"))] + [within]


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60))
@settings(max_examples=1000)
@example('a = """\n[controller]\ncountry = "SE"\n"""\n')
@example("[controller]\na = [\n[1]\n]\ncountry = 'SE'\n")
@example('[controller]\ncountry = "\\u0046I"\n')
def test_a_glance_says_what_toml_says(text: str) -> None:
    """Of whatever is TOML; what is none is found when the whole configuration is read, before anything relies on it."""
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return

    assert needed(glanced(text)) == needed(parsed)


def test_most_configurations_are_simple(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example that `hub init` writes, with every kind of source, is read without parsing TOML."""
    parts = [_resources.path("hub.example.toml"), *sorted(_resources.path("sources").glob("*.toml"))]
    text = "\n".join(uncommented(part.read_text("utf-8")) for part in parts)
    monkeypatch.setattr(tomllib, "loads", lambda _text: pytest.fail("parsed"))

    assert needed(glanced(text)) == ["state", True, ["FI", "fi"]]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_mark_of_the_encoding_is_no_part_of_it(tmp_path: Path, mark: str) -> None:
    """Some editors begin a file with one."""
    (tmp_path / "hub.toml").write_text(f'{mark}state = "here"\n[controller]\nlanguage = "sv"\n', "utf-8")

    glance = Glance(tmp_path / "hub.toml", {})

    assert (glance.state, glance.language) == (tmp_path / "here", "sv")
