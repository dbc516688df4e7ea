"""Where the configuration is looked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

APP = "register-hub"
FILE = "hub.toml"
VARIABLE = "HUB_CONFIG"


def located(path: Path | None, env: Mapping[str, str]) -> Path:
    """The configuration: the one named, else that of `$HUB_CONFIG`, else `hub.toml` in the user's configuration folder."""
    named = path or (Path(env[VARIABLE]) if env.get(VARIABLE) else None)
    return (Path(named).expanduser() if named else default_path()).absolute()


def default_path() -> Path:
    """Where the configuration is when nobody says where."""
    from platformdirs import user_config_path  # not needed where the configuration is named

    return user_config_path(APP, appauthor=False) / FILE
