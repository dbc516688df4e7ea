"""A path that is an address in iCloud Drive passes the configuration as it is; every other one becomes absolute."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub import config


@pytest.mark.parametrize(
    ("written", "account"),
    [
        ("icloud:/Rekisteri/asiakkaat.xlsx", "maija@posti.example"),
        ("rekisterit/asiakkaat.xlsx", None),
        ("my-icloud:/a.xlsx", None),
    ],
)
def test_an_address_in_icloud_drive_is_no_path(tmp_path: Path, written: str, account: str | None) -> None:
    """The beginning alone tells the two apart; the folder of the sign-in lies beside the file."""
    file = tmp_path / "hub.toml"
    line = f'account = "{account}"\n' if account else ""
    file.write_text(f'[controller]\nname = "Esimerkki Oy"\n[source.customers]\nkind = "excel"\npath = "{written}"\n{line}')
    (source,) = config.load(file, {}).sources

    assert source.options["path"] == (written if account else tmp_path / written)
    assert source.options["session"] == tmp_path / "icloud-session"
